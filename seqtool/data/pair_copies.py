"""Altered copies of training pairs: they teach a translator to carry over what training has too rarely.

A copy has numbers, codes, placeholders and addresses beside or in place of a word, brackets around a word or the
sentence, and another mark at its end, the same on both sides. The words are those that stand for each other most
clearly (mutually best by the coefficient of Dice 1945, in Melamed 2000).
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from seqtool.data.pairs import Pair
from seqtool.types import Floats, Ids

SHARE = 0.1  # copies for each training pair
SEEN, MOST = 30_000, 1_000_000  # pairs that words are counted in, and copies
CLEAR, OFTEN = 0.6, 3  # coefficient of Dice, and occurrences, of words that stand for each other
WORD = re.compile(r"[^\W\d_]+")
_MARKS = ("()", "[]", '""', "''", "\u00ab\u00bb", "\u201e\u201c", "\u201c\u201d", "\u2018\u2019", "<>", "**")
BRACKETS = [(marks[0], marks[1]) for marks in _MARKS]
ENDS = (".", "!", "?", ":", ";", "...", "\u2026", "", "?!", "!!")
ENDED, WRAPPED, BESIDE = 0.4, 0.15, 0.2  # of the copies, have another end, brackets, and a span beside the sentence
_EMOJI = range(0x1F600, 0x1F640)

Dice = np.random.Generator
Edit = Callable[[str], str]
Place = tuple[int, int]
T = TypeVar("T")


def altered_copies(pairs: Sequence[Pair], seed: int = 0) -> list[Pair]:
    """Return altered copies of some pairs, their number 0."""
    dice = np.random.default_rng(seed)
    count = min(MOST, round(SHARE * len(pairs)))
    words = dictionary(pairs[:: 1 + len(pairs) // SEEN])
    return [_altered(pairs[place], words, dice) for place in dice.permutation(len(pairs))[:count].tolist()]


def dictionary(pairs: Sequence[Pair]) -> dict[str, str]:
    """Return the words of sources that stand for one word of the targets."""
    source, target = _Side.of([pair.source for pair in pairs]), _Side.of([pair.target for pair in pairs])
    width = len(target.words)
    if not width or not source.words:
        return {}
    cells = [(first[:, None] * width + second).ravel() for first, second in zip(source.rows, target.rows, strict=True)]
    cell, together = np.unique(np.concatenate(cells), return_counts=True)
    first, second = np.divmod(cell[together >= OFTEN], width)
    fit = 2 * together[together >= OFTEN] / (source.counts[first] + target.counts[second])
    mutual = (fit >= CLEAR) & (fit == _best(fit, first, source)) & (fit == _best(fit, second, target))
    chosen: dict[int, int] = {}
    taken: set[int] = set()
    for here, there in zip(first[mutual].tolist(), second[mutual].tolist(), strict=True):
        if here not in chosen and there not in taken:  # of ties the first
            chosen[here] = there
            taken.add(there)
    return {source.words[here]: target.words[there] for here, there in chosen.items()}


class _Side(NamedTuple):
    """The words of a side, in how many lines each stands, and the numbers of the words of each line."""

    words: list[str]
    counts: Ids
    rows: list[Ids]

    @classmethod
    def of(cls, lines: Sequence[str]) -> _Side:
        ids: dict[str, int] = {}
        rows = [np.array([ids.setdefault(word, len(ids)) for word in _words(line)], np.int64) for line in lines]
        return cls(list(ids), np.bincount(np.concatenate([*rows, np.zeros(0, np.int64)]), minlength=len(ids)), rows)


def _words(line: str) -> Iterable[str]:
    return dict.fromkeys(WORD.findall(line))


def _best(fit: Floats, words: Ids, side: _Side) -> Floats:
    """Return for each pair of words the best fit that its word of this side has with any."""
    best = np.zeros(len(side.words))
    np.maximum.at(best, words, fit)
    return best[words]


def _altered(pair: Pair, words: Mapping[str, str], dice: Dice) -> Pair:
    """Alter one word or more, where any stand for each other, and perhaps the end or the whole."""
    source, target = pair.source.strip(), pair.target.strip()
    places = [place for word in _words(source) if (place := _place(word, words.get(word), source, target))]
    chosen = [places[number] for number in dice.permutation(len(places))[: dice.integers(1, 4)].tolist()]
    edits = [_edit(dice) for _ in chosen]
    source = _edited(source, {here: edit for (here, _), edit in zip(chosen, edits, strict=True)})
    target = _edited(target, {there: edit for (_, there), edit in zip(chosen, edits, strict=True)})
    if dice.random() < ENDED and source[-1:] == target[-1:] and source.endswith((".", "!", "?")):
        end = _one(ENDS, dice)
        source, target = source[:-1] + end, target[:-1] + end
    if dice.random() < WRAPPED:
        before, after = _one(BRACKETS, dice)
        source, target = before + source + after, before + target + after
    if not edits or dice.random() < BESIDE:
        before, after = _beside(_span(dice), dice)
        source, target = before + source + after, before + target + after
    return Pair(source, target)


def _place(word: str, other: str | None, source: str, target: str) -> tuple[Place, Place] | None:
    """Return where a word and the one that stands for it are, None where one of them is not there just once."""
    here = [match.span() for match in WORD.finditer(source) if match[0] == word]
    there = [match.span() for match in WORD.finditer(target) if match[0] == other]
    return (here[0], there[0]) if len(here) == len(there) == 1 else None


def _edited(text: str, edits: Mapping[Place, Edit]) -> str:
    for (start, end), edit in sorted(edits.items(), reverse=True):  # from the end: earlier places stay
        text = text[:start] + edit(text[start:end]) + text[end:]
    return text


def _beside(span: str, dice: Dice) -> tuple[str, str]:
    """Draw how a span stands before or behind a sentence."""
    ways = [(f"{span}: ", ""), (f"{span} ", ""), (f"({span}) ", "")]
    ways += [("", f" {span}"), ("", f" ({span})"), ("", f"#{span}")]
    return _one(ways, dice)


def _edit(dice: Dice) -> Edit:
    """Draw what becomes of a word on both sides."""
    kind, span = dice.random(), _span(dice)
    if kind < 0.4:
        return lambda word: span
    if kind < 0.75:
        return lambda word: f"{word} {span}"
    before, after = _one(BRACKETS, dice)
    inside = f" {span}" if dice.random() < 0.2 else ""
    return lambda word: f"{before}{word}{inside}{after}"


def _span(dice: Dice) -> str:
    """Draw a span that a translation keeps: most are numbers."""
    kind = dice.random()
    if kind < 0.7:
        number = _letters(dice, string.digits, int(dice.integers(1, 6)))
        return number if dice.random() < 0.8 else number + _one(".,:-/", dice) + _letters(dice, string.digits, 2)
    if kind < 0.8:
        return "".join(chr(_one(_EMOJI, dice)) for _ in range(dice.integers(1, 3)))
    name = _letters(dice, string.ascii_uppercase, int(dice.integers(1, 4))) + _letters(dice, string.digits, 2)
    return _one((name, f"{{{name}}}", "%s", f"www.{name.lower()}.org"), dice)


def _letters(dice: Dice, alphabet: str, count: int) -> str:
    return "".join(_one(alphabet, dice) for _ in range(count))


def _one(choices: Sequence[T], dice: Dice) -> T:
    return choices[int(dice.integers(len(choices)))]
