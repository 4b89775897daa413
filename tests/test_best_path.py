"""The likeliest path whose steps may follow one another, in PyTorch and in a graph, against all paths tried by hand."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest
import spox.opset.ai.onnx.v20 as op
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spox import Tensor, argument, build

from seqtool.data.entities import SCHEMES, impossible, may_follow
from seqtool.graph.best_path import BestPath as Graph
from seqtool.graph.model import plain_bytes
from seqtool.nn.best_path import BestPath
from seqtool.runtime.session import session

TAGS = {
    "iob2": ("B-x", "B-y", "I-x", "I-y", "O"),
    "iob1": ("B-x", "I-x", "I-y", "O"),
    "bilou": ("B-x", "I-x", "L-x", "O", "U-x"),
    "io": ("O", "x", "y"),
}


def flags_of(tags, scheme):
    """Return which tag may follow which, with a row for the start and a column for the end."""
    ends = [*tags, None]
    return np.array([[may_follow(before, after, scheme) for after in ends] for before in ends])


@functools.cache
def opened(tags, scheme):
    """Return the twin for the tags of a scheme, ready to run."""
    logits, lengths = argument(Tensor(np.float32, ("T", "B", "K"))), argument(Tensor(np.int32, ("B",)))
    path = Graph(BestPath(flags_of(tags, scheme)))(logits, lengths)
    model = build({"logits": logits, "lengths": lengths}, {"path": op.transpose(path, perm=[1, 0])})
    return session(plain_bytes(model), "cpu", 1)


def in_graph(tags, scheme, logits, lengths):
    """Return the paths of the twin in ONNX Runtime."""
    return opened(tags, scheme).run(None, {"logits": logits.transpose(1, 0, 2), "lengths": lengths.astype(np.int32)})[0]


@pytest.mark.parametrize("scheme", SCHEMES)
@given(seed=st.integers(0, 1 << 30), longest=st.integers(1, 5), count=st.integers(1, 4))
@settings(max_examples=12, deadline=None)
def test_the_path_is_the_likeliest_of_all_that_are_possible(scheme, seed, longest, count):
    dice, tags = np.random.default_rng(seed), TAGS[scheme]
    logits = dice.normal(size=(count, longest, len(tags))).astype(np.float32)
    lengths = dice.integers(1, longest + 1, count)
    lengths[-1] = longest
    module = BestPath(flags_of(tags, scheme))
    found = module(torch.from_numpy(logits), torch.from_numpy(lengths)).numpy()
    graph = in_graph(tags, scheme, logits, lengths)
    for row, length in enumerate(lengths):
        paths = itertools.product(range(len(tags)), repeat=int(length))
        possible = [path for path in paths if not impossible([tags[label] for label in path], scheme)]
        best = max(possible, key=lambda path: sum(logits[row, step, label] for step, label in enumerate(path)))
        assert tuple(found[row, :length]) == best
        assert tuple(graph[row, :length]) == best
        assert not found[row, length:].any()


def test_a_sentence_of_many_words_keeps_the_last_bits():
    tags, dice = TAGS["iob2"], np.random.default_rng(3)
    # each word prefers O by little: sums of 20,000 large logits in single precision would lose it
    logits = np.full((1, 20_000, len(tags)), 900, np.float32)
    logits[0, np.arange(20_000), dice.integers(0, 5, 20_000)] += np.float32(1e-3)
    logits[..., tags.index("O")] += np.float32(2e-3)
    module = BestPath(flags_of(tags, "iob2"))
    lengths = np.array([20_000])
    found = module(torch.from_numpy(logits), torch.from_numpy(lengths)).numpy()
    assert (found == tags.index("O")).all()
    assert (in_graph(tags, "iob2", logits, lengths) == found).all()


def test_labels_that_nothing_may_follow_still_end_in_an_answer():
    tags = ("B-x", "O")  # in BILOU a B wants an L, which training never had
    module = BestPath(flags_of(tags, "bilou"))
    logits = np.array([[[9.0, 0.0], [0.0, 9.0]]], np.float32)
    assert module(torch.from_numpy(logits), torch.tensor([2])).tolist() == [[1, 1]]
    assert in_graph(tags, "bilou", logits, np.array([2])).tolist() == [[1, 1]]


def test_a_row_has_the_same_path_in_any_batch():
    tags, dice = TAGS["bilou"], np.random.default_rng(5)
    logits = dice.normal(size=(9, 13, len(tags))).astype(np.float32)
    lengths = dice.integers(1, 14, 9)
    lengths[0] = 13
    whole = in_graph(tags, "bilou", logits, lengths)
    for row, length in enumerate(lengths):
        alone = in_graph(tags, "bilou", logits[row : row + 1, :length], lengths[row : row + 1])
        assert (alone[0] == whole[row, :length]).all()
