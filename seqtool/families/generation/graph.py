"""The language model as a graph: the ONNX twin of `network.py`, with the sampling loop inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v20 as op
from spox import Tensor, argument, build

from seqtool.families.generation.graph_cores import Core, Float, Int8
from seqtool.families.generation.states import state_shapes
from seqtool.graph.basic import END, Var, constant, first_rows, integers, size
from seqtool.graph.loop import run
from seqtool.graph.model import name_axes
from seqtool.graph.sampling import Sampling
from seqtool.manifest import after_of


def graph(network: Any, *, int8: bool = False) -> Any:
    """Build the ModelProto of a `LanguageModel`, its weights in float or in int8.

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
    core: Core = Int8(network) if int8 else Float(network)
    outputs, state = _answer(core, inputs, [inputs[name] for name in states])
    after = dict(zip(map(after_of, states), state, strict=True))
    axes: dict[str, tuple[int | str, ...]] = {"ids": ("N", "B"), "log_probabilities": ("B", "T-1")}
    axes |= {after_of(name): shape for name, shape in states.items()}
    return name_axes(build(inputs, {**outputs, **after}), axes)


def _answer(core: Core, inputs: dict[str, Var], state: Sequence[Var]) -> tuple[dict[str, Var], tuple[Var, ...]]:
    """Return ids and log-probabilities, and the state."""
    like = inputs["lengths"]
    prompt, lengths = core.padded(inputs["prompt"]), core.padded(like)
    known = op.sub(lengths, op.const(np.array(1, dtype=np.int32)))
    logits, before = core.read(prompt, known, core.begin([core.padded(tensor, axis=1) for tensor in state]))
    told = _log_probabilities(logits, prompt, known)
    ids, after = _continue(core, _last(prompt, known), before, inputs)
    made = {"ids": first_rows(ids, like, axis=1), "log_probabilities": first_rows(told, like)}
    return made, tuple(first_rows(tensor, like, axis=1) for tensor in core.end(after))


def _log_probabilities(logits: Var, prompt: Var, known: Var) -> Var:
    """Return log p(prompt[t+1]) [B,T-1] from logits [T-1,B,V]; `known` [B]: how many of them are no padding."""
    likely = op.log_softmax(op.transpose(logits, perm=[1, 0, 2]), axis=-1)
    target = op.slice(prompt, integers([1]), integers([END]), integers([1]))
    told = op.squeeze(op.gather_elements(likely, op.unsqueeze(target, integers([2])), axis=2), integers([2]))
    steps = op.range(integers(0), op.squeeze(size(target, 1)), integers(1))
    read = op.less(steps, op.unsqueeze(op.cast(known, to=np.int64), integers([1])))
    return op.where(read, told, constant(0.0))


def _continue(core: Core, last: Var, state: Sequence[Var], inputs: dict[str, Var]) -> tuple[Var, list[Var]]:
    """Sample N symbols after `last` [B]; return them [N,B] and the state before the last of them."""
    noise = core.padded(inputs["noise"], axis=1)
    sampling = Sampling(noise, inputs["temperature"], inputs["top_k"], inputs["top_p"])

    def step(number: Var, carried: Sequence[Var]) -> tuple[Sequence[Var], Var]:
        symbol, *before = carried
        outputs, after = core.step(symbol, before)
        drawn = sampling.draw(number, core.logits(outputs))
        return [drawn, *after], drawn

    (_, *after), ids = run(size(noise, 0), [last, *state], step)
    return op.reshape(ids, op.shape(noise, end=2)), after


def _last(prompt: Var, known: Var) -> Var:
    """Return each row's last symbol [B]."""
    place = op.unsqueeze(op.cast(known, to=np.int64), integers([1]))
    return op.squeeze(op.gather_elements(prompt, place, axis=1), integers([1]))
