"""Whether lines with commas are prose, not a source and its target."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

from seqtool.data import separated
from seqtool.errors import DataError

NEARLY, FEW, HALF = 0.9, 0.1, 0.5  # shares of the lines
SAMPLE = 1000  # lines that tell
WORDS = 4  # of a line in a list of words, with an article each
_ENDS = re.compile(r"[.?!\u2026][\"')\u201c\u201d]*$")


def refuse_prose(text: str, mark: str, where: str) -> None:
    """Raise `DataError` where a comma or semicolon that parts the lines of a text stands inside of sentences.

    A blank then follows it in nearly every line, and what stands before it ends no sentence. A list of words is none.
    """
    if mark not in ",;":
        return
    lines = [line.strip() for line in text[: 1 << 20].split("\n") if line.strip()][:SAMPLE]
    if sum(_is_loose(line, mark) for line in lines) < NEARLY * len(lines):
        return
    before = sum(_ENDS.search(line.partition(mark)[0]) is not None for line in lines)
    ended = sum(_ENDS.search(line) is not None for line in lines)
    if before >= HALF * len(lines) or (ended < FEW * len(lines) and _words(lines) <= WORDS):
        return
    what = f"there are no pairs in it: its {separated.NAMES[mark]} stand inside of sentences"
    cure = f"write source<TAB>target, one pair a line; --format {separated.FORMATS[mark]} if it holds pairs"
    raise DataError(what, where=where, cure=cure)


def _is_loose(line: str, mark: str) -> bool:
    quoted = line[0] == line[-1] == '"'
    return not quoted and line.count(mark) == line.count(f"{mark} ") + line.count(f'{mark}" ')


def _words(lines: Sequence[str]) -> float:
    return statistics.median(len(line.split()) for line in lines)
