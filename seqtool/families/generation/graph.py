"""The language model as a graph: the ONNX twin of `network.py`, with the sampling loop inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v20 as op
from spox import Tensor, argument, build

from seqtool.families.generation.states import state_shapes
from seqtool.graph.basic import END, Linear, Var, constant, first_rows, integers, pad_single_row, size, weight
from seqtool.graph.loop import run
from seqtool.graph.model import name_axes
from seqtool.graph.recurrent import Recurrent, State
from seqtool.graph.sampling import Sampling
from seqtool.graph.scrn import Scrn
from seqtool.manifest import after_of


def graph(network: Any) -> Any:
    """Build the ModelProto of a `LanguageModel`.

    prompt [B,T], lengths [B] (at least 1), noise [N,B,V] (Gumbel), temperature [] (0: the most likely), top_k []
    (0: off), top_p [] (1: off), state_* [L,B,H] -> ids [N,B], log_probabilities [B,T-1] (of prompt[t+1], 0 in
    padding), state_*_out. No state, in or out, has seen the last symbol, of the prompt or of ids.
    """
    vocabulary, states = network.vocabulary, state_shapes(network)
    inputs = {
        "prompt": argument(Tensor(np.int64, ("B", "T"))),
        "lengths": argument(Tensor(np.int32, ("B",))),
        "noise": argument(Tensor(np.float32, ("N", "B", vocabulary))),
        "temperature": argument(Tensor(np.float32, ())),
        "top_k": argument(Tensor(np.int64, ())),
        "top_p": argument(Tensor(np.float32, ())),
        **{name: argument(Tensor(np.float32, shape)) for name, shape in states.items()},
    }
    outputs, state = _Language(network).answer(inputs, [inputs[name] for name in states])
    after = dict(zip(map(after_of, states), state, strict=True))
    axes: dict[str, tuple[int | str, ...]] = {"ids": ("N", "B"), "log_probabilities": ("B", "T-1")}
    axes |= {after_of(name): shape for name, shape in states.items()}
    return name_axes(build(inputs, {**outputs, **after}), axes)


class _Language:
    """The layers of a language model as operators."""

    def __init__(self, network: Any) -> None:
        self._vocabulary = network.vocabulary
        embedding, tied = network.config.embedding, network.config.tied
        self._vectors = weight(network.embedding.weight.detach().cpu().numpy()) if embedding else None
        recurrent = network.recurrent
        self._recurrent = Scrn(recurrent) if recurrent.cell == "scrn" else Recurrent.of(recurrent)
        self._projection = Linear(network.projection) if network.projection is not None else None
        self._output = Linear(network.output, op.transpose(self._vectors) if tied else None)

    def answer(self, inputs: dict[str, Var], state: Sequence[Var]) -> tuple[dict[str, Var], State]:
        """Return ids and log-probabilities, and the state."""
        like = inputs["lengths"]
        prompt, lengths = pad_single_row(inputs["prompt"]), pad_single_row(like)
        known = op.sub(lengths, op.const(np.array(1, dtype=np.int32)))
        first = tuple(pad_single_row(tensor, axis=1) for tensor in state)
        outputs, after = self._recurrent(self._embed(op.transpose(prompt, perm=[1, 0])), first, known)
        told = self._log_probabilities(prompt, outputs, known)
        ids, after = self._continue(_last(prompt, known), after, inputs)
        made = {"ids": first_rows(ids, like, axis=1), "log_probabilities": first_rows(told, like)}
        return made, tuple(first_rows(tensor, like, axis=1) for tensor in after)

    def _embed(self, ids: Var) -> Var:
        """Map ids [...] to vectors [...,E]."""
        if self._vectors is None:
            return op.one_hot(ids, integers(self._vocabulary), constant([0.0, 1.0]))
        return op.gather(self._vectors, ids)

    def _logits(self, outputs: Var) -> Var:
        """Map [...,H] to [...,V]."""
        return self._output(outputs if self._projection is None else self._projection(outputs))

    def _log_probabilities(self, prompt: Var, outputs: Var, known: Var) -> Var:
        """Return log p(prompt[t+1]) [B,T-1] from outputs [T,B,H]; `known` [B]: how many of them are no padding."""
        before_last = op.slice(outputs, integers([0]), integers([-1]), integers([0]))
        told = op.log_softmax(op.transpose(self._logits(before_last), perm=[1, 0, 2]), axis=-1)
        target = op.slice(prompt, integers([1]), integers([END]), integers([1]))
        told = op.squeeze(op.gather_elements(told, op.unsqueeze(target, integers([2])), axis=2), integers([2]))
        steps = op.range(
            op.const(np.int32(0)), op.cast(op.squeeze(size(target, 1)), to=np.int32), op.const(np.int32(1))
        )
        read = op.less(op.unsqueeze(steps, integers([0])), op.unsqueeze(known, integers([1])))
        return op.where(read, told, constant(0.0))

    def _continue(self, last: Var, state: State, inputs: dict[str, Var]) -> tuple[Var, State]:
        """Sample N symbols after `last` [B]; return them [N,B] and the state before the last of them."""
        noise = pad_single_row(inputs["noise"], axis=1)
        sampling = Sampling(noise, inputs["temperature"], inputs["top_k"], inputs["top_p"])

        def step(number: Var, carried: Sequence[Var]) -> tuple[Sequence[Var], Var]:
            symbol, *before = carried
            outputs, after = self._recurrent(op.unsqueeze(self._embed(symbol), integers([0])), tuple(before))
            drawn = sampling.draw(number, self._logits(op.squeeze(outputs, integers([0]))))
            return [drawn, *after], drawn

        (_, *after), ids = run(size(noise, 0), [last, *state], step)
        return op.reshape(ids, op.shape(noise, end=2)), tuple(after)


def _last(prompt: Var, known: Var) -> Var:
    """Return each row's last symbol [B]."""
    place = op.unsqueeze(op.cast(known, to=np.int64), integers([1]))
    return op.squeeze(op.gather_elements(prompt, place, axis=1), integers([1]))
