"""A beam search over a network so small that every sequence can be counted."""

import numpy as np
import onnxruntime
import spox.opset.ai.onnx.v20 as op
from spox import Tensor, argument, build

from seqtool.graph.basic import integers, weight
from seqtool.graph.beam import Beams, Symbols, beam_search, likeliest
from seqtool.graph.model import plain_bytes
from seqtool.graph.rules import SearchRules

SYMBOLS = Symbols(bos=2, eos=3, pad=0)
HIDDEN = 3


class Toy:
    """A tanh network of one layer: its state, and what it tells, is h [R,H]."""

    def __init__(self, vocabulary, seed=0, scale=0.8):
        rng = np.random.default_rng(seed)
        self.vocabulary = vocabulary
        self.embedding, self.recurrent, self.output = (
            rng.normal(0, scale, shape).astype(np.float32)
            for shape in ((vocabulary, HIDDEN), (HIDDEN, HIDDEN), (HIDDEN, vocabulary))
        )

    def session(self):
        h = argument(Tensor(np.float32, ("B", HIDDEN)))
        scalars = argument(Tensor(np.int64, ())), argument(Tensor(np.float32, ()))
        limits = argument(Tensor(np.int64, ("B",)))
        beams = Beams(*scalars, limits)
        embedding, recurrent, output = map(weight, (self.embedding, self.recurrent, self.output))

        def step(symbols, state):
            after = op.tanh(op.add(op.gather(embedding, symbols), op.matmul(state[0], recurrent)))
            return op.matmul(after, output), [after], [after]

        candidates, width = likeliest(beams, self.vocabulary), integers([HIDDEN])
        asked = SearchRules.inputs(self.vocabulary)
        found = beam_search(step, [h], beams, SYMBOLS, candidates, SearchRules.of(asked), widths=[width])
        inputs = {"h": h, "beam_size": scalars[0], "length_penalty": scalars[1], "max_length": limits, **asked}
        model = build(inputs, {"ids": found.ids, "scores": found.scores, "told": found.told[0]})
        return onnxruntime.InferenceSession(plain_bytes(model))

    def step(self, symbol, h):
        """Return log p [V] of what follows and h after it, in float64."""
        h = np.tanh(self.embedding[symbol] + h @ self.recurrent.astype(np.float64))
        logits = h @ self.output
        return logits - np.logaddexp.reduce(logits), h


def ask(session, h, limits, count, penalty=0.0, **rules):
    (symbols,) = (one.shape[1] for one in session.get_inputs() if one.name == "banned")
    off = {
        "repetition_penalty": np.array(1, np.float32), "no_repeat": np.array(0), "min_length": np.array(0),
        "banned": np.zeros((1, symbols), np.int32), "prefix": np.zeros((len(h), 0), np.int64),
    }  # fmt: skip
    return session.run(
        None,
        {
            "h": h.astype(np.float32), "max_length": np.array(limits), "beam_size": np.array(count),
            "length_penalty": np.array(penalty, np.float32), **off, **rules,
        },
    )  # fmt: skip


def first_states(batch, seed=0):
    return np.random.default_rng(seed).normal(size=(batch, HIDDEN))


def without_padding(ids):
    """Cut a sequence behind its end."""
    ids = list(ids)
    return tuple(ids[: ids.index(SYMBOLS.eos) + 1] if SYMBOLS.eos in ids else ids)
