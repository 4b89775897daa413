"""Tabs that a program wrote as a backslash and a letter: `label\\ttext`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seqtool.errors import DataError
from seqtool.say import printable

CODE = "\\{$"
MOST_LABELS = 20  # of a small file
_LETTERS = "".join(map(chr, [*range(65, 91), *range(97, 123)]))
FEW, SAMPLE, NEARLY = 3, 1000, 0.95  # lines that tell nothing, lines that tell, and their share
_WRITTEN = r"\t"


def refuse_written_tabs(text: str, where: str) -> None:
    """Raise `DataError` for a text without tabs whose lines nearly all hold one that is written as two characters."""
    if _WRITTEN not in text or "\t" in text:
        return
    lines = [line for line in text.split("\n", SAMPLE)[:SAMPLE] if line.strip()]
    parted = [line.partition(_WRITTEN) for line in lines if _WRITTEN in line]
    if len(lines) > FEW and len(parted) >= NEARLY * len(lines) and _parts(parted):
        what = f"a backslash and a t stand where a tab belongs: '{printable(''.join(parted[0]), 40)}'"
        raise DataError(what, where=where, cure=r"sed 's/\\t/\t/' FILE writes the tabs")


def _parts(parted: Sequence[tuple[str, str, str]]) -> bool:
    """Tell whether written tabs part labels, tags or two texts, and are not of paths, of code or of LaTeX's commands.

    What stands in front of a label's or behind it differs; a path or a command goes on alike in most lines.
    """
    before, after = ({row[place] for row in parted} for place in (0, 2))
    words = {row[2][: len(row[2]) - len(row[2].lstrip(_LETTERS))] for row in parted}
    few = max(MOST_LABELS, len(parted) // 4)
    if any(part.endswith(":") for part in before):  # of a disk
        return False
    first = 1 < len(before) <= few and len(words) > FEW and not _marked(before)
    last = 1 < len(after) <= few and not _marked(after)
    texts = min(len(before), len(after)) > len(parted) // 4 and not _marked((*before, *after), CODE)
    return first or last or texts


def _marked(parts: Iterable[str], marks: str = ',;"' + CODE) -> bool:
    return any(mark in part for part in parts for mark in marks)
