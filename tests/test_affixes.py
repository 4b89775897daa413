"""Beginnings, endings and shapes of words, in PyTorch and in a graph, against strings cut by Python."""

from __future__ import annotations

import functools
import re

import numpy as np
import spox.opset.ai.onnx.v20 as op
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from spox import Tensor, argument, build

from seqtool.data.affixes import FEATURES, LONGEST, RUNS
from seqtool.data.batches import Padded
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.graph.affixes import Affixes as Graph
from seqtool.graph.model import plain_bytes
from seqtool.nn.affixes import Affixes
from seqtool.runtime.session import session

LETTERS = "aAbBzZ09.-@éÉ中ß"
CHARACTERS = Vocabulary(tuple(LETTERS))
ALPHABET = ("", "", *LETTERS)
BUCKETS = 1 << 20  # so many that different features hardly meet


def features_of(word):
    """Return what the rows of a word stand for, by strings."""
    lower = "".join(character.lower() if character.lower() in LETTERS else character for character in word)
    shape = []
    for character in word:
        kind = character
        if character not in LETTERS:
            kind = "?"
        elif character.isalpha():
            kind = "X" if character.isupper() else "x" if character.islower() else "c"
        elif character.isdigit():
            kind = "d"
        if not shape or shape[-1] != kind:
            shape.append(kind)
    shown = [re.sub(f"[^{re.escape(LETTERS)}]", "?", lower[:LONGEST])]
    beginnings = [f"{count}:{shown[0][:count]}" for count in range(1, LONGEST + 1)]
    ending = re.sub(f"[^{re.escape(LETTERS)}]", "?", lower[-LONGEST:])
    endings = [f"-{count}:{ending[-count:]}" for count in range(1, LONGEST + 1)]
    return [*beginnings, *endings, "shape:" + "".join(shape[:RUNS])]


@functools.cache
def made(buckets):
    """Return affixes with a table of so many rows."""
    torch.manual_seed(0)
    return Affixes(ALPHABET, buckets, 3)


@functools.cache
def opened(buckets):
    """Return their graph, ready to run."""
    characters, lengths = argument(Tensor(np.int64, ("W", "M"))), argument(Tensor(np.int32, ("W",)))
    vectors = op.identity(Graph(made(buckets))(characters, lengths))
    model = build({"characters": characters, "lengths": lengths}, {"vectors": vectors})
    return session(plain_bytes(model), "cpu", 1)


WORD = st.text(st.sampled_from(LETTERS + "qQ"), min_size=1, max_size=12)


@given(st.lists(WORD, min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_words_share_a_row_where_they_share_an_affix_or_a_shape(words):
    spelled = Padded.of([CHARACTERS.encode(list(word)) for word in words])
    rows = made(BUCKETS).features(torch.from_numpy(spelled.values), torch.from_numpy(spelled.lengths)).numpy()
    assert rows.shape == (len(words), FEATURES)
    pairs = dict.fromkeys(
        (feature, int(row)) for word, own in zip(words, rows, strict=True)
        for feature, row in zip(features_of(word), own, strict=True)
    )  # fmt: skip
    # each feature has one row, and each row one feature
    assert len({feature for feature, _ in pairs}) == len(pairs) == len({row for _, row in pairs})


@given(st.lists(WORD, min_size=1, max_size=6))
@settings(max_examples=25, deadline=None)
def test_the_graph_gives_the_sum_of_the_same_rows(words):
    spelled = Padded.of([CHARACTERS.encode(list(word)) for word in words])
    feeds = {"characters": spelled.values, "lengths": spelled.lengths}
    found = opened(64).run(None, feeds)[0]
    with torch.no_grad():
        wanted = made(64)(torch.from_numpy(spelled.values), torch.from_numpy(spelled.lengths)).numpy()
    assert np.allclose(found, wanted, atol=1e-6)
    # padding changes nothing
    wide = np.pad(spelled.values, ((0, 0), (0, 3)))
    again = opened(64).run(None, {**feeds, "characters": wide})[0]
    assert (again == found).all()


def test_a_word_has_the_same_bits_alone_and_among_others():
    torch.manual_seed(0)
    characters, lengths = argument(Tensor(np.int64, ("W", "M"))), argument(Tensor(np.int32, ("W",)))
    dice = np.random.default_rng(0)
    words = Padded.of([dice.integers(1, len(ALPHABET), dice.integers(1, 12)) for _ in range(300)])
    for size in (3, 7, 32):
        vectors = Graph(Affixes(ALPHABET, 4096, size))(characters, lengths)
        model = build({"characters": characters, "lengths": lengths}, {"vectors": vectors})
        running = session(plain_bytes(model), "cpu", 1)

        def told(count, running=running):
            return running.run(None, {"characters": words.values[:count], "lengths": words.lengths[:count]})[0]

        whole = told(300)
        for count in (*range(1, 20), 64, 255, 256):
            found = told(count)
            assert found.shape == (count, size)
            assert (found == whole[:count]).all()
