"""Where words stand in a text: in characters of Unicode from its begin, as Python counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Cut(NamedTuple):
    """The words [N] of a text, where each begins and ends, and of each sentence its first word, and its last + 1."""

    words: Sequence[str]
    starts: list[int]
    ends: list[int]
    sentences: list[tuple[int, int]]


def places(text: str, words: Sequence[str]) -> tuple[list[int], list[int]]:
    """Return where words [N], in their order in a text, begin [N] and end [N].

    Raises `ValueError` where a word does not stand behind the one before.
    """
    starts, ends, end = [], [], 0
    for word in words:
        start = text.index(word, end)
        end = start + len(word)
        starts.append(start)
        ends.append(end)
    return starts, ends


def one_sentence(text: str, words: Sequence[str]) -> Cut:
    """Return the words of a text that is one sentence, with their places."""
    return Cut(words, *places(text, words), [(0, len(words))] if words else [])
