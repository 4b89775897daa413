"""Marks that programs have left in texts: entities of HTML, and what tokenisers write."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from seqtool.data.files import counted_lines
from seqtool.reads import Finding

KINDS = {
    "html-entities": ("entities of HTML", re.compile(r"&(?:[A-Za-z]{2,8}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});")),
    "tokeniser-marks": ("marks of a tokeniser", re.compile(r"@[-,./]@|@@(?= |$)|\u2581|\uffed|-[LR][RSC]B-")),
}
"""Code of a finding -> what such marks are called, and how they look."""
SHOWN = 4


def find_marks(lines: Iterable[tuple[int, str]], where: str) -> list[Finding]:
    """Return a warning for each kind of mark in lines with their numbers; `where` says whose lines they are."""
    counts: dict[str, Counter[str]] = {code: Counter() for code in KINDS}
    places: dict[str, list[int]] = {code: [] for code in KINDS}
    for number, line in lines:
        for code, (_, form) in KINDS.items():
            if found := form.findall(line):
                counts[code].update(found)
                places[code].append(number)
    return [_finding(code, counts[code], sorted(places[code]), where) for code in KINDS if places[code]]


def _finding(code: str, counts: Counter[str], places: list[int], where: str) -> Finding:
    often = ", ".join(f"{mark} {count:,} times" for mark, count in counts.most_common(SHOWN))
    text = f"{counted_lines(places)} of {where} with {KINDS[code][0]} ({often}): a model learns and writes them too"
    return Finding("warning", code, text)
