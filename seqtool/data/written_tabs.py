"""Tabs that a program wrote as a backslash and a letter: `label\\ttext`."""

from __future__ import annotations

from seqtool.errors import DataError
from seqtool.say import printable

FEW, SAMPLE, NEARLY = 3, 1000, 0.95  # lines that tell nothing, lines that tell, and their share
_WRITTEN = r"\t"


def refuse_written_tabs(text: str, where: str) -> None:
    """Raise `DataError` for a text without tabs whose lines nearly all hold one that is written as two characters."""
    if _WRITTEN not in text or "\t" in text:
        return
    lines = [line for line in text.split("\n", SAMPLE)[:SAMPLE] if line.strip()]
    if len(lines) > FEW and sum(_WRITTEN in line for line in lines) >= NEARLY * len(lines):
        what = f"a backslash and a t stand where a tab belongs: '{printable(lines[0], 40)}'"
        raise DataError(what, where=where, cure=r"sed 's/\\t/\t/' FILE writes the tabs")
