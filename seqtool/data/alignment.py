"""Whether line n of one side belongs to line n of the other: where the two are shifted, or in no order at all."""

from __future__ import annotations

import functools
import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqtool.types import Floats, Ids

FARTHEST = 10  # lines that one side may have too many
LAGS = range(-FARTHEST, FARTHEST + 1)
LEAST = 20  # pairs that tell anything
SHORT = 200  # pairs of a file that is too short to reach LIKELY
FEWEST = 5  # lines at whose fit two lags are compared
LEAST_IN_ORDER = 40  # pairs that tell whether they are in order
SAMPLE, ORDERS = 1000, 100  # pairs, and other orders of them, that tell it
ROUNDING = 1e-9
SPREAD = 0.2  # of log lengths: lines of one length fit in any order
# intact files of 40 to 142,787 pairs reach 4.3; one line of 500 that is missing gives 5 to 12
_CAP = 2.0  # of a difference of log lengths: one odd line, or an empty one, proves nothing
_BITS = 64
# What stays as it is in many translations: numbers, the beginnings of long words, marks.
_ANCHOR = re.compile(r"\d+|[^\W\d_]{4,}|[?!:;,\"(-]")


@dataclass(frozen=True)
class Shift:
    """Pairs first..end-1, from 0, whose sources fit the targets `lag` lines on better than their own.

    score: the gain over its standard error, as in a sign test.
    """

    first: int
    end: int
    lag: int
    score: float

    @property
    def certain(self) -> bool:
        """True where no intact file looks like this."""
        return self.score >= CERTAIN


def find_shift(sources: Sequence[str], targets: Sequence[str]) -> Shift | None:
    """Return where the targets are shifted against the sources, None where they are not; both have N lines.

    Lines fit by their lengths and by what stays as it is in a translation. For each shift the run of lines is taken
    that gains most by it.
    """
    if len(sources) < LEAST:
        return None
    sides = _Sides.of(sources, targets)
    own = sides.fit(0)
    best = max((_run(sides, own, lag) for lag in LAGS if lag), key=lambda shift: shift.score)
    if best.score >= LIKELY:
        return best
    short = len(sources) <= SHORT and best.score >= PERHAPS
    return best if short and _stands_out(sides, best) else None


def unordered(sources: Sequence[str], targets: Sequence[str]) -> bool:
    """Tell whether the targets fit the sources no better than in any other order; both have N lines.

    False where too few lines, lines of nearly one length, or targets that repeat as labels do, tell nothing.
    """
    better, _ = _better_than_shuffled(sources, targets)
    return better < ORDERED


def fits(sources: Sequence[str], targets: Sequence[str], shift: Shift) -> bool:
    """Tell whether the lines of a shift fit the targets that they fit best as lines in order do, or are too few.

    Of 20 lags one fits better by chance, where the lines are in no order or in the reverse one.
    """
    there = targets[shift.first + shift.lag : shift.end + shift.lag]
    better, count = _better_than_shuffled(sources[shift.first : shift.end], there)
    return better >= _least(count)


def in_reverse(sources: Sequence[str], targets: Sequence[str]) -> bool:
    """Tell whether the first source belongs to the last target, and so on; False where nothing tells it."""
    better, count = _better_than_shuffled(sources, targets[::-1])
    return math.inf > better >= max(REVERSED, _least(count))


def _least(count: int) -> float:
    """Return by how many deviations so many lines in order fit better than in other orders, at least."""
    return ORDERED * math.sqrt(count / LEAST_IN_ORDER)


def _better_than_shuffled(sources: Sequence[str], targets: Sequence[str]) -> tuple[float, int]:
    """Return by how many deviations lines fit better than in other orders (infinity: nothing tells), and how many."""
    lines = [pair for pair in zip(sources, targets, strict=True) if all(pair)]
    lines = lines[:: 1 + len(lines) // SAMPLE]
    if len(lines) < LEAST_IN_ORDER or 2 * len({target for _, target in lines}) < len(lines):
        return math.inf, len(lines)
    sides = _Sides.of(*zip(*lines, strict=True))
    if min(float(lengths.std()) for lengths in sides.lengths) < SPREAD:
        return math.inf, len(lines)
    dice = np.random.default_rng(0)
    others = np.array([sides.in_order(dice.permutation(len(lines))).fit(0).mean() for _ in range(ORDERS)])
    return float((sides.fit(0).mean() - others.mean()) / max(others.std(), ROUNDING)), len(lines)


def _stands_out(sides: _Sides, shift: Shift) -> bool:
    """Tell whether the lines of a shift fit clearly better than at every other lag: sorted lines fit at several."""
    for lag in LAGS:
        first, end = max(shift.first, -lag), min(shift.end, len(sides.lengths[0]) - max(0, lag))
        if lag in (0, shift.lag) or end - first < FEWEST:
            continue
        if _score(sides.fit(shift.lag, first, end) - sides.fit(lag, first, end)) < CLEARLY:
            return False
    return True


def _run(sides: _Sides, own: Floats, lag: int) -> Shift:
    before = max(0, -lag)
    gains = sides.fit(lag) - own[before : len(own) - max(0, lag)]
    total = np.concatenate([[0.0], np.cumsum(gains)])
    lowest = np.minimum.accumulate(total)
    end = int(np.argmax(total - lowest))
    first = int(np.argmin(total[: end + 1]))
    return Shift(first + before, end + before, lag, _score(gains[first:end]))


def _score(gains: Floats) -> float:
    error = float(np.sqrt((gains**2).sum()))
    return float(gains.sum()) / error if error else 0.0


@dataclass(frozen=True)
class _Sides:
    """Log lengths [N] and anchors as bits [N,64] of both sides."""

    lengths: tuple[Floats, Floats]
    anchors: tuple[Ids, Ids]
    usual: float

    @classmethod
    def of(cls, sources: Sequence[str], targets: Sequence[str]) -> _Sides:
        lengths = (_log_lengths(sources), _log_lengths(targets))
        return cls(lengths, (_anchors(sources), _anchors(targets)), float(np.median(lengths[0] - lengths[1])))

    def in_order(self, places: Ids) -> _Sides:
        """Return the sides with the targets in another order."""
        (ours, theirs), (here, there) = self.lengths, self.anchors
        return _Sides((ours, theirs[places]), (here, there[places]), self.usual)

    def fit(self, lag: int, first: int = 0, end: int | None = None) -> Floats:
        """Return how well each source from `first` to `end` that has one fits the target `lag` lines on."""
        count = len(self.lengths[0])
        first, end = max(first, -lag, 0), min(count if end is None else end, count - max(0, lag))
        here, there = slice(first, end), slice(first + lag, end + lag)
        off = np.abs(self.lengths[0][here] - self.lengths[1][there] - self.usual)
        ours, theirs = self.anchors[0][here], self.anchors[1][there]
        both, all_ = _count(ours & theirs), _count(ours) + _count(theirs)
        return 2 * both / np.maximum(1, all_) - np.minimum(off, _CAP)


def _log_lengths(lines: Sequence[str]) -> Floats:
    return np.log1p(np.fromiter(map(len, lines), np.float64, len(lines)))


def _anchors(lines: Sequence[str]) -> Ids:
    return np.fromiter(map(_bits, lines), np.uint64, len(lines))


def _bits(line: str) -> int:
    bits = 0
    for anchor in (*_ANCHOR.findall(line.lower()), line.rstrip()[-1:]):
        bits |= _bit(anchor[:5])
    return bits


@functools.lru_cache(1 << 16)
def _bit(anchor: str) -> int:
    return 1 << zlib.crc32(anchor.encode("utf-8", "surrogatepass")) % _BITS


def _count(bits: Ids) -> Floats:
    return np.asarray(np.unpackbits(bits.view(np.uint8)).reshape(len(bits), _BITS).sum(axis=1, dtype=np.float64))


LIKELY, CERTAIN = 5.0, 8.0
# Where 28 of 40 pairs are shifted, no more than 5.3 is possible, and 3 to 4 usual. Windows of 40 to 200 pairs of intact
# files reach 2.7; where their lines are sorted 3.7, but then other lags fit as well.
PERHAPS, CLEARLY = 3.2, 1.5
# Windows of 40 pairs in their order reach 5 or more, in random order 3.3 at most.
ORDERED, REVERSED = 2.5, 4.0
