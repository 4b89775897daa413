"""What the cells of a column look like: labels, which are few and short, or texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seqtool.data.dates import is_stamp
from seqtool.data.numbers import is_number
from seqtool.data.timelike import is_timelike

FEW_ROWS = 10  # so few show little: no refusal is built on them
LONGEST_LABEL, MOST_WORDS = 60, 5  # characters and words of what may be a label
SHORTEST_TEXT = 8  # characters of a text, in the mean
# `Mon Apr 06 22:19:45 PDT 2009`: a date, though its zone cannot be read.
_WRITTEN = re.compile(r"[A-Z][a-z]{2},? (?:[A-Z][a-z]{2} \d\d?|\d\d? [A-Z][a-z]{2})\b.{0,30}\d")
_NAMES_OF_TIMES = 12 + 7 + 1  # months, weekdays, and a word between them, in a language that is not known
SAMPLE = 2000  # cells whose words are counted


@dataclass(frozen=True)
class Facts:
    """What the cells of a column look like; lengths in characters, of cells that are not empty."""

    cells: int
    different: int
    length: float
    longest: int
    words: float
    letters: bool
    numbers: bool
    dates: bool

    @classmethod
    def of(cls, cells: Iterable[str | None]) -> Facts:
        """Look at a column."""
        texts = [*filter(None, map(str.strip, filter(None, cells)))]
        sample, lengths = texts[:SAMPLE], [*map(len, texts)]
        count = max(1, len(sample))
        return cls(
            cells=len(texts),
            different=len(set(texts)),
            length=sum(lengths) / max(1, len(texts)),
            longest=max(lengths, default=0),
            words=sum(len(text.split()) for text in sample) / count,
            letters=2 * sum(re.search(r"[^\W\d_]{2}", text) is not None for text in sample) > count,
            numbers=bool(sample) and all(map(is_number, sample)),
            dates=bool(sample) and all(map(_is_date, sample)) and not _hold_sentences(sample),
        )

    @property
    def may_be_label(self) -> bool:
        """Whether there are few different short values, and no dates."""
        short = self.longest <= LONGEST_LABEL and self.words <= MOST_WORDS
        return self.different > 1 and 2 * self.different <= self.cells and short and not self.dates

    @property
    def may_be_text(self) -> bool:
        """Whether there are several words and no dates, or what may be some in a script without blanks."""
        if self.dates:
            return False
        return self.unbroken or (self.letters and self.length >= SHORTEST_TEXT and self.words >= 1.5)

    @property
    def unbroken(self) -> bool:
        """Whether cells are long and without blanks, as Chinese is."""
        repeats = 2 * self.different <= self.cells
        return self.letters and self.length >= SHORTEST_TEXT and self.words < 1.5 and not repeats


def _is_date(text: str) -> bool:
    if is_number(text):
        return False
    return is_stamp(text) or is_timelike(text) or _WRITTEN.fullmatch(text) is not None


def _hold_sentences(texts: Sequence[str]) -> bool:
    """Tell whether words stand beside times, more different ones than months and weekdays have names."""
    from seqtool.data.month_names import month_of, weekdays_of  # few tables hold times

    words = [word for text in texts for word in re.findall(r"[^\W\d_]{2,}", text.casefold())]
    others = {word for word in set(words) if not (month_of(word) or weekdays_of(word))}
    return len(others) > _NAMES_OF_TIMES and sum(word in others for word in words) >= 2 * len(texts)


def lean(first: Facts, second: Facts) -> int:
    """Return 1 where the first of two columns holds the labels, -1 where the second does, 0 where neither is sure.

    Labels repeat and are short; what the two signs say must not differ, unless the labels are ten times as few.
    """
    if much := _less(first.different, second.different, 10):
        return much
    fewer, shorter = _less(first.different, second.different, 2), _less(first.length, second.length, 2)
    return 0 if fewer == -shorter else fewer or shorter


def _less(first: float, second: float, factor: int) -> int:
    return int(factor * first <= second) - int(factor * second <= first)


def share_known(cells: Iterable[str | None], known: frozenset[str]) -> float:
    """Return the share of the cells that are not empty that are known labels."""
    if not known:
        return 0.0
    texts = [*filter(None, map(str.strip, filter(None, cells)))]
    return sum(map(known.__contains__, texts)) / max(1, len(texts))
