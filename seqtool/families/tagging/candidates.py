"""What a word's tag may be beside the answer: the likeliest tags, and sets that hold the true one as often as asked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from seqtool.errors import UsageError
from seqtool.families.tagging.conformal import Calibration, needed
from seqtool.families.tagging.encoders import Answer
from seqtool.types import Json

CURE = "export the run again"


class Candidates:
    """Names other tags of words.

    names: the tags of each field. top: how many of the likeliest are named; level: how often sets hold the true tag,
    None for no sets. scores: the report on the test part, which sets are calibrated on. Raises `UsageError` for a level
    that is none, and for a file that cannot tell.
    """

    def __init__(
        self, names: Sequence[Sequence[str]], top: int, level: float | None, scores: Mapping[str, Json] | None
    ) -> None:
        if top < 0:
            raise UsageError(f"the {top} likeliest tags cannot be named", cure="1 or more")
        self._names = [np.array(own, dtype=object) for own in names]
        self._top, self._level = top, level
        self._calibrations = [] if level is None else _calibrations(scores, len(names), level)

    @property
    def short_of(self) -> str:
        """Why sets hold all tags, in words; "" where they do not."""
        if self._level is None or (fewest := min(own.sentences for own in self._calibrations)) >= needed(self._level):
            return ""
        highest = math.floor(1000 * fewest / (fewest + 1)) / 1000
        what = f"every set holds all tags: {self._level:g} takes a test part of {needed(self._level):,} sentences"
        return f"{what}, and that of the file has {fewest:,}; --sets {highest:g} or less tells more"

    def top(self, field: int, answer: Answer) -> list[dict[str, float]] | None:
        """Return the likeliest tags of each word [N] with their probabilities; None where none are asked for."""
        if not self._top:
            return None
        chances = _chances(answer)
        order = np.argsort(-chances, axis=1, kind="stable")[:, : self._top]
        rows = zip(self._names[field][order], np.take_along_axis(chances, order, axis=1).tolist(), strict=True)
        return [dict(zip(names, values, strict=True)) for names, values in rows]

    def sets(self, field: int, answer: Answer) -> list[list[str]] | None:
        """Return the set of tags of each word [N], the likeliest first; None where none are asked for."""
        if self._level is None:
            return None
        chances = _chances(answer)
        flags = self._calibrations[field].sets(answer, self._level)
        order = np.argsort(-chances, axis=1, kind="stable")
        kept = np.take_along_axis(flags, order, axis=1)
        return [row[own].tolist() for row, own in zip(self._names[field][order], kept, strict=True)]


def _chances(answer: Answer) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    if answer.chances is None:
        raise no_chances()
    return answer.chances


def no_chances() -> UsageError:
    """Return the error for an older file."""
    return UsageError("the file has the probability of the answered tag alone", cure=CURE)


def _calibrations(scores: Mapping[str, Json] | None, fields: int, level: float) -> list[Calibration]:
    """Return what the sets of each field are calibrated on."""
    if not 0 < level < 1:
        raise UsageError(f"the level of sets {level!r:.40} is not a probability", cure="above 0, below 1, such as 0.99")
    test = (scores or {}).get("test")
    more = test.get("more") if isinstance(test, dict) else None
    reports = [test, *(more if isinstance(more, list) else [])]
    read = [Calibration.from_json(report.get("calibration")) for report in reports if isinstance(report, dict)]
    known = [calibration for calibration in read if calibration is not None]
    if len(known) < fields:
        what = "the file has no probabilities of a test part, which sets of tags are calibrated on"
        raise UsageError(what, cure=f"{CURE}, with its scores")
    return known
