"""Pairs that are the wrong way round among others."""

from __future__ import annotations

import random

import pytest

from seqtool.data.encoders.vocabulary import TokenWords
from seqtool.data.pair_check import check_pairs
from seqtool.data.pair_sides import exchanged_pairs
from seqtool.data.pairs import Pair
from seqtool.data.records import Parts

GERMAN = ["der", "die", "ein", "Hund", "Katze", "Haus", "sieht", "liebt", "rote", "kleine", "und", "nicht", "Tom"]
ENGLISH = ["the", "this", "a", "dog", "cat", "house", "sees", "loves", "red", "small", "and", "not", "Tom"]


def pairs(count: int, seed: int = 1, target: list[str] = ENGLISH) -> list[Pair]:
    dice = random.Random(seed)
    rows = [[dice.randrange(len(GERMAN)) for _ in range(dice.randint(3, 8))] for _ in range(count)]
    texts = ((" ".join(GERMAN[n] for n in row), " ".join(target[n] for n in row)) for row in rows)
    return [Pair(source, translation, number) for number, (source, translation) in enumerate(texts, start=1)]


@pytest.mark.parametrize("wrong", [range(7, 8), range(30, 60), range(0, 80, 9)])
@pytest.mark.parametrize("count", [100, 1000])
def test_exchanged_pairs_are_found_where_they_are(count, wrong):
    mixed = [pair.turned if pair.number in wrong else pair for pair in pairs(count)]
    assert [pair.number for pair in exchanged_pairs(mixed)] == [n for n in wrong if n]


@pytest.mark.parametrize("seed", range(5))
def test_right_pairs_and_pairs_of_one_language_are_left_alone(seed):
    assert exchanged_pairs(pairs(200, seed)) == []
    assert exchanged_pairs(pairs(200, seed, target=GERMAN)) == []
    assert exchanged_pairs(pairs(200, seed, target=GERMAN[3:] + GERMAN[:3])) == []
    assert exchanged_pairs([]) == []


def test_the_check_names_the_first_line_of_the_file_whatever_the_parts():
    mixed = [pair.turned if pair.number in (12, 40) else pair for pair in pairs(100)]
    same = [Pair("Tom", "Tom", 101), Pair("Tom", "Tom", 102)]
    words = TokenWords.fit(GERMAN + ENGLISH, 100)
    parts = Parts((*mixed[20:], same[1]), tuple(mixed[:10]), (*mixed[10:20], same[0]))
    texts = {found.code: found.text for found in check_pairs(parts, {"source": words, "target": words}, 0)}
    assert "2 pairs look exchanged, the first is line 12" in texts["exchanged-sides"]
    assert "the first is line 101" in texts["source-is-target"]


@pytest.mark.parametrize("half", [range(51), range(1, 101, 2), range(52, 200)])
def test_a_half_that_is_exchanged_is_found(half):
    mixed = [pair.turned if pair.number in half else pair for pair in pairs(100)]
    found = {pair.number for pair in exchanged_pairs(mixed)}
    assert len(found) > 40
    assert found <= {*half} or not found & {*half}
    words = TokenWords.fit(GERMAN + ENGLISH, 100)
    parts = Parts(tuple(mixed[20:]), tuple(mixed[:10]), tuple(mixed[10:20]))
    texts = {found.code: found.text for found in check_pairs(parts, {"source": words, "target": words}, 0)}
    assert texts["exchanged-sides"].startswith(
        "about half of the pairs look exchanged against the others, the first at"
    )


def test_a_file_and_the_same_pairs_exchanged_are_found():
    given = pairs(100)
    assert len(exchanged_pairs([*given, *(pair.turned for pair in given)])) > 90
