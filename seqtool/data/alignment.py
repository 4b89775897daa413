"""Whether line n of one side belongs to line n of the other: the place from which on the two are shifted."""

from __future__ import annotations

import functools
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqtool.types import Floats, Ids

FARTHEST = 10  # lines that one side may have too many
LEAST = 20  # pairs that tell anything
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
    found = [
        shift for lag in range(-FARTHEST, FARTHEST + 1) if lag and (shift := _run(sides, own, lag)).score >= LIKELY
    ]
    return max(found, key=lambda shift: shift.score, default=None)


def _run(sides: _Sides, own: Floats, lag: int) -> Shift:
    before = max(0, -lag)
    gains = sides.fit(lag) - own[before : len(own) - max(0, lag)]
    total = np.concatenate([[0.0], np.cumsum(gains)])
    lowest = np.minimum.accumulate(total)
    end = int(np.argmax(total - lowest))
    first = int(np.argmin(total[: end + 1]))
    run = gains[first:end]
    error = float(np.sqrt((run**2).sum()))
    return Shift(first + before, end + before, lag, float(run.sum()) / error if error else 0.0)


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

    def fit(self, lag: int) -> Floats:
        """Return how well each source fits the target `lag` lines on [N - |lag|]."""
        count = len(self.lengths[0]) - abs(lag)
        here, there = slice(max(0, -lag), max(0, -lag) + count), slice(max(0, lag), max(0, lag) + count)
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
