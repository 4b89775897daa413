"""What is to be said of the series that a pooled model continues: those that it cannot, and those it never saw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import counted, listing
from seqtool.types import Flags, Floats, Ids

if TYPE_CHECKING:
    from seqtool.families.forecasting.runner import Runner

POSITIVE_CURE = "give values above zero, or train with --scaling window"
FEW_NAMES = 5  # of the training, that show how its names are written


def without_logarithm(runner: Runner, history: Floats) -> Flags:
    """Tell which windows [B,T,1] hold a value of zero or less, where the model takes logarithms."""
    return np.asarray((history <= 0).any(axis=(1, 2)) & runner.needs_positive)


def nothing_continued(runner: Runner, history: Floats) -> DataError:
    """Return the error for windows [B,T,1] of which none can be continued."""
    if without_logarithm(runner, history).all():
        what = f"every series has a value of zero or less in its last {runner.window} steps, which has no logarithm"
        return DataError(what, cure=POSITIVE_CURE)
    what = f"no series has two known values in its last {runner.window} steps, all that the scaling takes"
    return DataError(what, cure="give longer histories, or values above zero where the model takes logarithms")


def not_continued(runner: Runner, names: Sequence[str], bad: Flags, history: Floats) -> list[Finding]:
    """Say which of the series [B] cannot be continued from their windows [B,T,1], and why."""
    below = bad & without_logarithm(runner, history)
    steps = f"their last {runner.window} steps"
    reasons = [
        (bad & ~below, f"fewer than two known values in {steps}"),
        (below, f"values of zero or less in {steps} have no logarithm; {POSITIVE_CURE}"),
    ]
    findings = []
    for chosen, reason in reasons:
        if chosen.any():
            named = listing([names[place] for place in np.flatnonzero(chosen).tolist()])
            count = f"{int(chosen.sum())} of {len(names)} series"
            text = f"{count} cannot be continued, and their cells are empty: {named} ({reason})"
            findings.append(Finding("warning", "not-continued", text))
    return findings


def own_ends(last: Ids) -> list[Finding]:
    """Say how many series end before others; last [B]: their last rows."""
    if not (early := int((last < last.max()).sum())):
        return []
    ends = counted(early, "series ends", "series end")
    return [Finding("note", "own-ends", f"{ends} before others: each is continued from its own end")]


def never_seen(names: Sequence[str], known: Sequence[str]) -> list[Finding]:
    """Say which series the training, which knew some by name, never saw: they have no part of their own."""
    seen = {*known} or {*names}  # a training without parts of their own knew none by name
    unknown = [name for name in names if name not in seen]
    if not unknown:
        return []
    if len(unknown) < len(names):
        text = f"{len(unknown)} of {len(names)} series were not in the training: {listing(unknown)}"
        return [Finding("note", "unknown-series", f"{text}; they are forecast without parts of their own")]
    text = f"no series was in the training, which knew {listing(known, FEW_NAMES)}: {listing(unknown)}"
    cure = "write their names as there if they are the same, leading zeros too"
    return [Finding("warning", "unknown-series", f"{text}; they are forecast without parts of their own: {cure}")]
