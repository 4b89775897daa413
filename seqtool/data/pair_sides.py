"""Pairs, or whole files of them, whose two sides are exchanged, beside others that are the right way round."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence, Set

from seqtool.data.pairs import Pair

LEAST = 100  # pairs that tell: the words of fewer are too rare
SAMPLE = 20_000  # pairs that are looked at
ROUNDS = 5
Words = tuple[Set[str], Set[str]]
# In nats a word. Few of the pairs that are the right way round are below 0, and one in some hundred thousand was below
# -0.5; a file of two languages has a median of 0.9 and more, one of a single language one below 0.
SURELY, LANGUAGES = -1.0, 0.8
LEAST_OF_FILE = 20  # pairs of a file beside another, whose sides are known
HALF = 0.5  # added to each count


def exchanged_pairs(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the pairs whose source has the words of the other targets, and whose target those of the sources.

    The words of each side are counted again after the pairs are turned. Pairs of one language on both sides are none.
    Of about half of the pairs, it is chance which half is taken for exchanged.
    """
    if len(pairs) < LEAST:
        return []
    looked_at = pairs[:: 1 + len(pairs) // SAMPLE]
    words = [(set(pair.source.lower().split()), set(pair.target.lower().split())) for pair in looked_at]
    scores = _settled(words, [False] * len(words))
    if statistics.median(scores) < LANGUAGES:
        # Where half are exchanged, both sides have all words: each pair is laid as those before it.
        scores = _settled(words, _laid(words))
        turned = sum(score < SURELY for score in scores)
        if statistics.median(map(abs, scores)) < LANGUAGES or not len(scores) < 3 * turned < 2 * len(scores):
            return []
        if statistics.median(scores) < 0:
            scores = [-score for score in scores]
    return [pair for pair, score in zip(looked_at, scores, strict=True) if score < SURELY]


def _settled(words: Sequence[Words], turned: list[bool]) -> list[float]:
    """Return how much more each pair fits as it stands than turned, once those that do not fit are turned."""
    scores = [0.0] * len(words)
    for _ in range(ROUNDS):
        scores = _scores(words, turned)
        if [score < 0 for score in scores] == turned:
            break
        turned = [score < 0 for score in scores]
    return scores


def _laid(words: Sequence[Words]) -> list[bool]:
    """Return which pairs have to be turned so that their sides have the words of those before them."""
    sides: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    turned = []
    for source, target in words:
        fit = _log_ratio(source - target, *sides) + _log_ratio(target - source, *reversed(sides))
        turned.append(fit < 0)
        for side, of_pair in zip(sides, (target, source) if fit < 0 else (source, target), strict=True):
            side.update(of_pair)
    return turned


def is_turned(pairs: Sequence[Pair], first: Sequence[Pair]) -> bool:
    """Tell whether the sources of a file have the words of the targets of the first one, and its targets the others."""
    if min(len(pairs), len(first)) < LEAST_OF_FILE:
        return False
    sides = (_words_of(pair.source for pair in first), _words_of(pair.target for pair in first))
    scores = []
    for pair in pairs[:: 1 + len(pairs) // SAMPLE]:
        source, target = set(pair.source.lower().split()), set(pair.target.lower().split())
        known = [words & (sides[0].keys() | sides[1].keys()) for words in (source - target, target - source)]
        if any(known):
            fits = sum(_log_ratio(known[n], sides[n], sides[1 - n]) for n in range(2))
            scores.append(fits / sum(map(len, known)))
    return len(scores) >= LEAST_OF_FILE and statistics.median(scores) < -LANGUAGES


def _words_of(texts: Iterable[str]) -> Counter[str]:
    return Counter(word for text in texts for word in set(text.lower().split()))


def _log_ratio(words: Set[str], own: Counter[str], other: Counter[str]) -> float:
    return sum(math.log((own[word] + HALF) / (other[word] + HALF)) for word in words)


def _scores(words: Sequence[Words], turned: Sequence[bool]) -> list[float]:
    """Return how much more each pair fits as it stands than turned, a word; `turned` says how the others are."""
    sides: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for pair, is_turned in zip(words, turned, strict=True):
        for side, of_pair in zip(sides, reversed(pair) if is_turned else pair, strict=True):
            side.update(of_pair)
    scores = []
    for pair, is_turned in zip(words, turned, strict=True):
        ours, theirs = reversed(pair) if is_turned else pair
        score = _fit(ours - theirs, *sides) + _fit(theirs - ours, *reversed(sides))
        score /= max(1, len(ours ^ theirs))
        scores.append(-score if is_turned else score)
    return scores


def _fit(words: Set[str], own: Counter[str], other: Counter[str]) -> float:
    # Without the pair's own count.
    return sum(math.log((own[word] - 1 + HALF) / (other[word] + HALF)) for word in words)
