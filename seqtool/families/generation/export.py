"""The language model as a graph: the ONNX twin of `model.py`, with the sampling loop inside; and what checks it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import spox.opset.ai.onnx.v20 as op
from spox import Tensor, argument
from spox import build as build_model

from seqtool.cells import state_names
from seqtool.families.family import ExportOptions
from seqtool.families.generation.encoders import GenerationEncoders
from seqtool.families.generation.graph_parts import Core, Float, Int8
from seqtool.graph.basic import END, Var, constant, first_rows, integers, size
from seqtool.graph.check import Case
from seqtool.graph.loop import run
from seqtool.graph.model import name_axes
from seqtool.graph.rules import Rules
from seqtool.graph.rules_check import Asked, off, on
from seqtool.graph.sampling import Sampler
from seqtool.modelfile.manifest import after_of
from seqtool.types import Array, Floats, Ids, Singles

if TYPE_CHECKING:
    import onnx

    from seqtool.families.generation.model import LanguageModel

SHAPES = ((1, 7, 3), (4, 9, 0), (3, 1, 5), (5, 20, 12))  # of the probe: batch, length of the prompt, steps
TEMPERATURE = 0.8
CLEAR = 1.0  # how far a drawn symbol lies above the others, whose last bits may differ in a file that is right


def build(network: LanguageModel, encoders: GenerationEncoders, options: ExportOptions) -> onnx.ModelProto:
    """Build the graph with weights in float or in int8."""
    return graph(network, int8=options.int8)


def probe(network: LanguageModel, encoders: GenerationEncoders, options: ExportOptions) -> list[Case]:
    """Return ragged prompts of several shapes, first states other than zero, and the network's own answers."""
    rng = np.random.default_rng(0)
    plain, ruled = off(network.vocabulary), on(rng, network.vocabulary, 0)
    return [_case(network, rng, *shape, rules) for rules in (plain, ruled) for shape in SHAPES]


def graph(network: LanguageModel, *, int8: bool = False) -> onnx.ModelProto:
    """Build the graph.

    prompt [B,T], lengths [B] (at least 1), noise [N,B,V] (Gumbel), temperature [] (0: the most likely), top_k []
    (0: off), top_p [] (1: off), those of `Rules`, written [B,W] (what the rules are of: not the prompt), banned_state
    [B] (after it, 0 in the beginning), state_* [L,B,H] -> ids [N,B] (-1: the rules leave nothing, and the text ends),
    log_probabilities [B,T-1] (of prompt[t+1], 0 in padding), state_*_out. No state has read the last symbol of the
    prompt or of ids.
    """
    states = state_shapes(network)
    inputs = {
        "prompt": argument(Tensor(np.int64, ("B", "T"))),
        "lengths": argument(Tensor(np.int32, ("B",))),
        "noise": argument(Tensor(np.float32, ("N", "B", network.vocabulary))),
        "temperature": argument(Tensor(np.float32, ())),
        "top_k": argument(Tensor(np.int64, ())),
        "top_p": argument(Tensor(np.float32, ())),
        **Rules.inputs(network.vocabulary),
        "written": argument(Tensor(np.int64, ("B", "W"))),
        "banned_state": argument(Tensor(np.int64, ("B",))),
        **{name: argument(Tensor(np.float32, shape)) for name, shape in states.items()},
    }
    core: Core = Int8(network) if int8 else Float(network)
    outputs, state = _answer(core, inputs, [inputs[name] for name in states])
    axes: dict[str, tuple[int | str, ...]] = {"ids": ("N", "B"), "log_probabilities": ("B", "T-1")}
    axes |= {after_of(name): shape for name, shape in states.items()}
    return name_axes(build_model(inputs, {**outputs, **dict(zip(map(after_of, states), state, strict=True))}), axes)


def state_shapes(network: LanguageModel) -> dict[str, tuple[int, str, int]]:
    """Return the names and shapes [L,B,H] of the state in the file; SCRN's s has [L,B,S]."""
    names, layers = state_names(network.config.cell), network.config.layers
    return {name: (layers, "B", width) for name, width in zip(names, network.recurrent.widths, strict=True)}


def _answer(core: Core, inputs: Mapping[str, Var], state: Sequence[Var]) -> tuple[dict[str, Var], tuple[Var, ...]]:
    like = inputs["lengths"]
    # a single row is computed as two: ONNX Runtime would multiply it by another path, with other last bits
    prompt, lengths = core.padded(inputs["prompt"]), core.padded(like)
    # A state never includes the last symbol: the next call's prompt begins with it, and scores and chunks join
    # without a seam. A row of the prompt that has no other symbol keeps its state.
    before_last = op.sub(lengths, op.const(np.array(1, dtype=np.int32)))
    logits, before = core.read(prompt, before_last, core.begin([core.padded(tensor, axis=1) for tensor in state]))
    scores = _log_probabilities(logits, prompt, before_last)
    place = op.unsqueeze(op.cast(before_last, to=np.int64), integers([1]))
    last = op.squeeze(op.gather_elements(prompt, place, axis=1), integers([1]))
    ids, after = _continue(core, last, before, inputs)
    outputs = {"ids": first_rows(ids, like, axis=1), "log_probabilities": first_rows(scores, like)}
    return outputs, tuple(first_rows(tensor, like, axis=1) for tensor in core.end(after))


def _log_probabilities(logits: Var, prompt: Var, lengths: Var) -> Var:
    """Return log p(prompt[t+1]) [B,T-1] from logits [T-1,B,V], 0 behind the first `lengths` [B] of them."""
    likely = op.log_softmax(op.transpose(logits, perm=[1, 0, 2]), axis=-1)
    target = op.slice(prompt, integers([1]), integers([END]), integers([1]))
    scores = op.squeeze(op.gather_elements(likely, op.unsqueeze(target, integers([2])), axis=2), integers([2]))
    steps = op.range(integers(0), op.squeeze(size(target, 1)), integers(1))
    read = op.less(steps, op.unsqueeze(op.cast(lengths, to=np.int64), integers([1])))
    return op.where(read, scores, constant(0.0))


def _continue(core: Core, last: Var, state: Sequence[Var], inputs: Mapping[str, Var]) -> tuple[Var, list[Var]]:
    """Sample N symbols after `last` [B]; return them [N,B] and the state before the last of them."""
    noise, symbols = core.padded(inputs["noise"], axis=1), inputs["noise"].unwrap_tensor().shape[2]
    sampler = Sampler(inputs["temperature"], inputs["top_k"], inputs["top_p"], Rules.of(inputs), symbols)
    past = op.concat([op.unsqueeze(inputs["banned_state"], integers([1])), inputs["written"]], axis=1)
    # of no known width: it grows
    past = op.reshape(core.padded(past), op.concat([size(last, 0), integers([-1])], axis=0))

    def step(number: Var, carried: Sequence[Var]) -> tuple[Sequence[Var], Var]:
        symbol, past, *before = carried
        outputs, after = core.step(symbol, before)
        # Only this step's noise is scaled: spox puts what the loop alone needs into the loop, to be computed at each
        # step. A product over all steps' noise, written before the loop, took half of the time of a small model.
        drawn, past = sampler(core.logits(outputs), op.gather(noise, number), past)
        return [drawn, past, *after], drawn

    (_, _, *after), ids = run(size(noise, 0), [last, past, *state], step, fixed=sampler.fixed)
    return op.reshape(ids, op.shape(noise, end=2)), after


def _case(network: LanguageModel, rng: np.random.Generator, batch: int, length: int, steps: int, asked: Asked) -> Case:
    prompt = rng.integers(0, network.vocabulary, (batch, length))
    lengths = rng.integers(1, length + 1, batch)
    lengths[0] = length  # one row without padding
    noise = rng.gumbel(size=(steps, batch, network.vocabulary)).astype(np.float32)
    first = {
        name: rng.uniform(-0.9, 0.9, (layers, batch, units)).astype(np.float32)
        for name, (layers, _, units) in state_shapes(network).items()
    }
    answers: dict[str, Array] = {
        "ids": np.zeros((steps, batch), np.int64),
        "log_probabilities": np.zeros((batch, length - 1)),
        **{after_of(name): np.zeros(value.shape) for name, value in first.items()},
    }
    for row in range(batch):
        _answer_row(network, row, prompt[row, : lengths[row]], noise, first, answers, asked)
    feeds: dict[str, Array] = {
        "prompt": prompt,
        "lengths": lengths.astype(np.int32),
        "noise": noise,
        "temperature": np.array(TEMPERATURE, np.float32),
        "top_k": np.array(0),
        "top_p": np.array(1.0, np.float32),
        **asked.feeds(),
        "written": np.zeros((batch, 0), np.int64),
        "banned_state": np.zeros(batch, np.int64),
        **first,
    }
    return Case(feeds, answers, dict.fromkeys(answers, np.ones(1)))


def _answer_row(
    network: LanguageModel, row: int, prompt: Ids, noise: Singles, first: Mapping[str, Singles],
    answers: Mapping[str, Array], asked: Asked,
) -> None:  # fmt: skip
    """Let the network read and write one text; raise the noise of each drawn symbol, so that the choice is clear."""
    import torch

    device = next(network.parameters()).device
    state = tuple(torch.as_tensor(value[:, row : row + 1], device=device) for value in first.values())

    def read(symbol: int) -> Floats:
        nonlocal state
        logits, state = network(torch.tensor([[symbol]], device=device), state)
        return np.asarray(logits[0, 0].double().cpu())

    network.eval()
    with torch.no_grad():
        for place, following in enumerate(prompt[1:]):
            logits = read(int(prompt[place]))
            answers["log_probabilities"][row, place] = logits[following] - np.logaddexp.reduce(logits)
        symbol, written = int(prompt[-1]), answers["ids"][:, row]
        for step, drawn in enumerate(noise[:, row]):
            symbol = int(np.argmax(asked.likely(read(symbol), written[:step].tolist()) + TEMPERATURE * drawn))
            # where two symbols are close the last bits decide, which differ between the network and the file
            drawn[symbol] += CLEAR / TEMPERATURE
            answers["ids"][step, row] = symbol
    for name, tensor in zip(first, state, strict=True):
        answers[after_of(name)][:, row] = tensor[:, 0].double().cpu().numpy()
