"""The translator as a graph: the ONNX twin of `network.py`, with the beam search inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import spox.opset.ai.onnx.v20 as op
from spox import Tensor, argument
from spox import build as build_model

from seqtool.data.encoders.sides import TranslationEncoders
from seqtool.data.encoders.vocabulary import BOS, EOS, PAD
from seqtool.errors import UsageError
from seqtool.families.family import ExportOptions
from seqtool.families.translation.graph_parts import STEPS, Decoder, Memory, layers
from seqtool.families.translation.probe import probe as probe
from seqtool.graph.basic import Var, constant, first_rows, integers, pad_single_row, size
from seqtool.graph.beam import Beams, Candidates, Found, Symbols, beam_search, likeliest
from seqtool.graph.model import name_axes
from seqtool.graph.rules import SearchRules
from seqtool.graph.sampling import draw

if TYPE_CHECKING:
    import onnx

    from seqtool.families.translation.network import Translator

SYMBOLS = Symbols(bos=BOS, eos=EOS, pad=PAD)
AXES: dict[str, tuple[int | str, ...]] = {
    "ids": ("B", "K", "U"),
    "scores": ("B", "K"),
    "target_log_probabilities": ("B", "U"),
    "attention": ("B", "K", "U", "T"),
}


def build(network: Translator, encoders: TranslationEncoders, options: ExportOptions) -> onnx.ModelProto:
    """Build the graph; raises `UsageError` for `options.attention` where the network has none."""
    if options.attention and network.attention is None:
        raise UsageError("a network without attention has no weights to give", cure="leave --attention out")
    return graph(network, options)


def graph(network: Translator, options: ExportOptions) -> onnx.ModelProto:
    """Build the graph in float or with int8 weights; the encoder's operators stay in float.

    source [B,T], lengths [B] (at least 1), max_length [B] (0: nothing is written), beam_size [] K, length_penalty [],
    target [B,U] ([B,0]: nothing is scored) -> ids [B,K,U], without BOS, PAD behind EOS, scores [B,K],
    target_log_probabilities [B,U], 0 in padding. `SearchRules` says more of its inputs. With `sampling` also noise
    [N,B,V] (Gumbel), temperature [] (0: the most likely), top_k [] (0: off) and top_p [] (1: off); where N is not 0,
    one translation of N symbols at most is drawn, and K is 1. With `attention` also -> attention [B,K,U,T], the weights
    behind each symbol.
    """
    vocabulary = network.vocabularies[1]
    inputs = _inputs(vocabulary, options.sampling)
    encoder, decoder = layers(network, options.int8)
    like = inputs["lengths"]
    # a single row as two, and whole blocks of steps, so that no bit of an answer depends on the batch
    lengths, source = pad_single_row(like), pad_single_row(inputs["source"])
    more = op.mod(op.neg(size(source, 1)), integers([STEPS]))
    source = op.pad(source, op.concat([integers([0, 0, 0]), more], axis=0), integers(PAD))
    outputs, state = encoder(source, lengths)
    memory = decoder.remember(outputs, state, lengths)
    hypotheses = _translate(decoder, memory, inputs, vocabulary, options.attention)
    answers = {
        "ids": first_rows(hypotheses.ids, like),
        "scores": first_rows(hypotheses.scores, like),
        "target_log_probabilities": _target_log_probabilities(decoder, memory, inputs["target"]),
    }
    if options.attention:
        # cut off the steps that fill the last block
        wide = op.slice(hypotheses.told[0], integers([0]), size(inputs["source"], 1), integers([3]))
        answers["attention"] = first_rows(wide, like)
    return name_axes(build_model(inputs, answers), {name: AXES[name] for name in answers})


def _inputs(vocabulary: int, sampling: bool) -> dict[str, Var]:
    inputs: dict[str, Var] = {
        "source": argument(Tensor(np.int64, ("B", "T"))),
        "lengths": argument(Tensor(np.int32, ("B",))),
        "max_length": argument(Tensor(np.int64, ("B",))),
        "beam_size": argument(Tensor(np.int64, ())),
        "length_penalty": argument(Tensor(np.float32, ())),
        "target": argument(Tensor(np.int64, ("B", "U"))),
        **SearchRules.inputs(vocabulary),
    }
    if sampling:
        inputs["noise"] = argument(Tensor(np.float32, ("N", "B", vocabulary)))
        inputs["temperature"] = argument(Tensor(np.float32, ()))
        inputs["top_k"] = argument(Tensor(np.int64, ()))
        inputs["top_p"] = argument(Tensor(np.float32, ()))
    return inputs


def _translate(decoder: Decoder, memory: Memory, inputs: Mapping[str, Var], vocabulary: int, attention: bool) -> Found:
    count, limit = inputs["beam_size"], inputs["max_length"]
    noise = inputs.get("noise")
    if noise is not None:
        # any noise asks for a drawn translation, of as many steps as it has, in one beam
        drawn = op.greater(size(noise, 0), integers([0]))
        count = op.where(op.squeeze(drawn), integers(1), count)
        limit = op.where(drawn, op.min([limit, size(noise, 0)]), limit)
    # one beam of one row is computed as two: ONNX Runtime multiplies one row by another path, with other last bits
    alone = op.equal(op.mul(size(limit, 0), count), integers([1]))
    rows = op.where(alone, integers([2]), size(limit, 0))
    limit = op.slice(pad_single_row(limit), integers([0]), rows, integers([0]))
    kept, rules = memory.cut(rows), SearchRules.of(inputs)
    rules = replace(rules, prefix=op.slice(pad_single_row(rules.prefix), integers([0]), rows, integers([0])))
    beams = Beams(count, inputs["length_penalty"], limit)
    candidates = likeliest(beams, vocabulary)
    if noise is not None:
        padded = op.slice(pad_single_row(noise, axis=1), integers([0]), rows, integers([1]))
        candidates = _drawn(candidates, padded, inputs)

    def step(symbols: Var, state: Sequence[Var]) -> tuple[Var, list[Var], list[Var]]:
        logits, after, weights = decoder.step(symbols, state, kept)
        return logits, after, weights if attention else []

    widths = [size(kept.seen[0], 1)] if attention else []
    # `fixed`: spox would put what only the loop reads into the loop, to be computed at each step
    return beam_search(step, kept.state, beams, SYMBOLS, candidates, rules, fixed=kept.seen, widths=widths)


def _drawn(searched: Candidates, noise: Var, inputs: Mapping[str, Var]) -> Candidates:
    """Let one symbol follow, drawn by noise [N,B,V] of its step; where N is 0, search."""

    cuts = {name: inputs[name] for name in ("top_k", "top_p")}

    def drawn_symbol(number: Var, likely: Var) -> tuple[Var, Var]:
        symbols = draw(likely, op.gather(noise, number), inputs["temperature"], **cuts, keepdims=True)
        return op.gather_elements(likely, symbols, axis=1), symbols

    def choose(number: Var, likely: Var) -> tuple[Var, Var]:
        # a branch: a file that can do both does not search where it draws
        values, symbols = op.if_(
            drawn, then_branch=lambda: drawn_symbol(number, likely), else_branch=lambda: searched.choose(number, likely)
        )
        return values, symbols

    drawn = op.greater(size(noise, 0), integers([0]))
    return Candidates(op.where(drawn, integers([1]), searched.count), choose)


def _target_log_probabilities(decoder: Decoder, memory: Memory, target: Var) -> Var:
    """Return log p [B,U] of the symbols target [B,U], 0 in padding."""
    rows = pad_single_row(target)
    begin = op.expand(integers([[BOS]]), op.concat([size(rows, 0), integers([1])], axis=0))
    before = op.slice(op.concat([begin, rows], axis=1), integers([0]), size(rows, 1), integers([1]))
    likely = op.where(op.equal(rows, integers(PAD)), constant(0.0), decoder.score(before, rows, memory))
    return op.reshape(first_rows(likely, target), op.shape(target))
