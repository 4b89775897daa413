"""The smoothed n-gram model against the formulas of Chen and Goodman (1999), counted by dictionaries."""

from __future__ import annotations

import lzma
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.encoders.symbols import Characters
from seqtool.families.generation.baselines import NGram, order_0, xz
from seqtool.families.generation.data import TextPart
from seqtool.families.generation.encoders import spelled
from seqtool.families.texts import SPELLING


class Reference:
    """Interpolated modified Kneser-Ney, slowly: p(w | h) of any history."""

    def __init__(self, text: str, order: int, vocabulary: int) -> None:
        self.vocabulary = vocabulary
        grams = {n: Counter(text[i : i + n] for i in range(len(text) - n + 1)) for n in range(1, order + 1)}
        self.counts = {order: grams[order]}
        for n in range(1, order):
            self.counts[n] = Counter(gram[1:] for gram in grams[n + 1])  # how many different symbols come before
        self.discounts = {n: self.of(counts) for n, counts in self.counts.items()}

    @staticmethod
    def of(counts):
        n1, n2, n3, n4 = (sum(count == k for count in counts.values()) for k in (1, 2, 3, 4))
        if not (n1 and n2 and n3):
            return (0.5, 1.0, 1.5)
        y = n1 / (n1 + 2 * n2)
        wanted = (1 - 2 * y * n2 / n1, 2 - 3 * y * n3 / n2, 3 - 4 * y * n4 / n3)
        return tuple(min(max(d, 0.05), k + 1) for k, d in enumerate(wanted))

    def p(self, history: str, symbol: str, n: int) -> float:
        if n == 0:
            return 1 / self.vocabulary
        context = history[len(history) - n + 1 :] if n > 1 else ""
        shorter = self.p(history, symbol, n - 1)
        if len(context) < n - 1:
            return shorter
        following = {gram[-1]: count for gram, count in self.counts[n].items() if gram[:-1] == context}
        total = sum(following.values())
        if not total:
            return shorter
        taken = {one: self.discounts[n][min(count, 3) - 1] for one, count in following.items()}
        own = following.get(symbol, 0) - taken.get(symbol, 0)
        return own / total + sum(taken.values()) / total * shorter


@settings(max_examples=25, deadline=None)
@given(
    text=st.text("abc", min_size=6, max_size=120),
    read=st.text("abcd", min_size=2, max_size=12),
    order=st.integers(1, 5),
)
def test_probabilities_are_those_of_the_formulas(text, read, order):
    ids, asked = (np.array([ord(one) - 97 for one in some]) for some in (text, read))
    reference = Reference(text, order, vocabulary=4)
    expected = [-np.log(reference.p(read[:t], read[t], order)) for t in range(1, len(read))]
    assert NGram.fit(ids, 4, order).nats(asked) == pytest.approx(expected, rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), history=st.lists(st.integers(0, 6), min_size=1, max_size=6))
def test_probabilities_of_all_symbols_sum_to_one(seed, history):
    rng = np.random.default_rng(seed)
    model = NGram.fit(rng.integers(0, 5, 300) * rng.integers(0, 2, 300), 7, 5)
    total = sum(np.exp(-model.nats(np.array([*history, one]))[-1]) for one in range(7))
    assert total == pytest.approx(1)


def test_a_large_vocabulary_does_not_overflow():
    ids = np.random.default_rng(0).integers(0, 50_000, 2000)
    assert NGram.fit(ids, 50_000, 5).nats(np.tile(ids[:50], 2)).mean() < np.log(50_000)


def test_order_0_counts_each_symbol_once_more_than_seen():
    nats = order_0(np.array([0, 3, 1]), np.array([2, 1, 0]))
    assert nats == pytest.approx([-np.log(4 / 7), -np.log(1 / 7)])


def test_an_unseen_character_costs_its_spelling():
    encoder = Characters.fit("abc")
    ids = encoder.encode("a?b")
    assert spelled(np.array([1.0, 2.0]), ids, encoder) == pytest.approx([1 + np.log(1_114_112), 2])
    assert pytest.approx(13.92, abs=0.01) == SPELLING


def test_xz_is_what_the_part_adds_to_the_text_before():
    known, part = "the mill stood still. " * 40, "the mill stood on. " * 10
    pressed = [8 * len(lzma.compress(some.encode(), preset=9 | lzma.PRESET_EXTREME)) for some in (known + part, known)]
    encoder = Characters.fit(known)
    assert xz(TextPart.of(part, encoder), TextPart.of(known, encoder)) == (pressed[0] - pressed[1]) / len(part)
    assert xz(TextPart.of(part, encoder), None) > 0
