"""The translator as a graph: the ONNX twin of `network.py`, with the beam search inside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v20 as op
from spox import Tensor, argument, build

from seqtool.data.encoders.vocabulary import BOS, EOS, PAD
from seqtool.families.translation.graph_cores import STEPS, Decoder, Memory, layers
from seqtool.graph.basic import Var, constant, first_rows, integers, pad_single_row, size
from seqtool.graph.beam import Beams, Candidates, Found, Symbols, beam_search, likeliest
from seqtool.graph.model import name_axes

SYMBOLS = Symbols(bos=BOS, eos=EOS, pad=PAD)
AXES: dict[str, tuple[int | str, ...]] = {
    "ids": ("B", "K", "U"),
    "scores": ("B", "K"),
    "target_log_probabilities": ("B", "U"),
    "attention": ("B", "K", "U", "T"),
}


def graph(network: Any, *, int8: bool = False, sampling: bool = False, attention: bool = False) -> Any:
    """Build the ModelProto of a `Translator`, in float or, but for the encoder's operators, with int8 weights.

    source [B,T], lengths [B] (at least 1), max_length [B] (0: nothing is written), beam_size [] K, length_penalty [],
    target [B,U] ([B,0]: nothing is scored) -> ids [B,K,U], without BOS, PAD behind EOS, scores [B,K],
    target_log_probabilities [B,U], 0 in padding. sampling: also noise [N,B,V] (Gumbel) and temperature []; where N is
    not 0, one translation of N symbols at most is drawn, and K is 1. attention: also gives the weights [B,K,U,T] with
    which each symbol was chosen. Raises `ValueError` where there is no attention to give.
    """
    if attention and network.attention is None:
        raise ValueError("a network without attention has none to give")
    inputs = _inputs(network.vocabularies[1], sampling)
    encoder, decoder = layers(network, int8)
    like = inputs["lengths"]
    lengths, source = pad_single_row(like), _in_blocks(pad_single_row(inputs["source"]))
    outputs, state = encoder(source, lengths)
    memory = decoder.remember(outputs, state, lengths)
    found = _translate(decoder, memory, inputs, network.vocabularies[1], attention)
    made = {
        "ids": first_rows(found.ids, like),
        "scores": first_rows(found.scores, like),
        "target_log_probabilities": _told(decoder, memory, inputs["target"]),
    }
    if attention:
        wide = op.slice(found.told[0], integers([0]), size(inputs["source"], 1), integers([3]))
        made["attention"] = first_rows(wide, like)
    return name_axes(build(inputs, made), {name: AXES[name] for name in made})


def _in_blocks(source: Var) -> Var:
    """Pad source [B,T] to a multiple of `STEPS`."""
    more = op.mod(op.neg(size(source, 1)), integers([STEPS]))
    return op.pad(source, op.concat([integers([0, 0, 0]), more], axis=0), integers(PAD))


def _inputs(vocabulary: int, sampling: bool) -> dict[str, Var]:
    made = {
        "source": argument(Tensor(np.int64, ("B", "T"))),
        "lengths": argument(Tensor(np.int32, ("B",))),
        "max_length": argument(Tensor(np.int64, ("B",))),
        "beam_size": argument(Tensor(np.int64, ())),
        "length_penalty": argument(Tensor(np.float32, ())),
        "target": argument(Tensor(np.int64, ("B", "U"))),
    }
    if sampling:
        made["noise"] = argument(Tensor(np.float32, ("N", "B", vocabulary)))
        made["temperature"] = argument(Tensor(np.float32, ()))
    return made


def _translate(decoder: Decoder, memory: Memory, inputs: dict[str, Var], vocabulary: int, attention: bool) -> Found:
    """Search, or draw. A single beam of a single row is computed as two: it would be multiplied by another path."""
    count, limit = inputs["beam_size"], inputs["max_length"]
    noise = inputs.get("noise")
    if noise is not None:
        drawn = op.greater(size(noise, 0), integers([0]))
        count = op.where(op.squeeze(drawn), integers(1), count)
        limit = op.where(drawn, op.min([limit, size(noise, 0)]), limit)
    alone = op.equal(op.mul(size(limit, 0), count), integers([1]))
    rows = op.where(alone, integers([2]), size(limit, 0))
    limit = op.slice(pad_single_row(limit), integers([0]), rows, integers([0]))
    kept = memory.cut(rows)
    beams = Beams(count, inputs["length_penalty"], limit)
    candidates = likeliest(beams, vocabulary)
    if noise is not None:
        padded = op.slice(pad_single_row(noise, axis=1), integers([0]), rows, integers([1]))
        candidates = _drawn(candidates, padded, inputs["temperature"])

    def step(symbols: Var, state: Sequence[Var]) -> tuple[Var, list[Var], list[Var]]:
        logits, after, weights = decoder.step(symbols, state, kept)
        return logits, after, weights if attention else []

    widths = [size(kept.seen[0], 1)] if attention else []
    return beam_search(step, kept.state, beams, SYMBOLS, candidates, fixed=kept.seen, widths=widths)


def _drawn(searched: Candidates, noise: Var, temperature: Var) -> Candidates:
    """Let one symbol follow, the largest of logits + temperature * noise [N,B,V] (Gumbel); where N is 0, search."""

    def draw(number: Var, logits: Var) -> tuple[Var, Var]:
        symbols = op.arg_max(op.add(logits, op.mul(op.gather(noise, number), temperature)), axis=-1)
        return op.gather_elements(op.log_softmax(logits, axis=-1), symbols, axis=1), symbols

    def choose(number: Var, logits: Var) -> tuple[Var, Var]:
        values, symbols = op.if_(
            drawn, then_branch=lambda: draw(number, logits), else_branch=lambda: searched.choose(number, logits)
        )
        return values, symbols

    drawn = op.greater(size(noise, 0), integers([0]))
    return Candidates(op.where(drawn, integers([1]), searched.count), choose)


def _told(decoder: Decoder, memory: Memory, target: Var) -> Var:
    """Return log p [B,U] of the symbols target [B,U], 0 in padding."""
    rows = pad_single_row(target)
    begin = op.expand(integers([[BOS]]), op.concat([size(rows, 0), integers([1])], axis=0))
    before = op.slice(op.concat([begin, rows], axis=1), integers([0]), size(rows, 1), integers([1]))
    told = op.where(op.equal(rows, integers(PAD)), constant(0.0), decoder.told(before, rows, memory))
    return op.reshape(first_rows(told, target), op.shape(target))
