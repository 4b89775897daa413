"""Quotes inside of cells that a backslash escapes, as R's `write.table` writes them: `"a \\"b\\" c"`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from seqtool.data.separated import FORMATS
from seqtool.reads import Finding

LEAST = 3  # rows that tell a table from texts
_QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_NONE = frozenset({"", "NA"})  # what R writes without quotes where a text is missing


class Doubled(NamedTuple):
    """A text whose cells hold doubled quotes; mark: what parts them; "" and no note where the text is as it was."""

    text: str
    mark: str = ""
    findings: tuple[Finding, ...] = ()


def with_doubled_quotes(text: str, marks: Sequence[str] = tuple(FORMATS), *, least: int = LEAST) -> Doubled:
    r"""Return a table whose quoted cells hold `\"` with `""` in its place; any other text as it is.

    All its cells can be read so, and those of a column are all in quotes, or none is. Backslashes stay: R writes them
    as they are. marks: what may part cells; least: rows that tell.
    """
    if '\\"' not in text:
        return Doubled(text)
    mark = next((mark for mark in marks if mark in text and _is_escaped(text, mark, least)), "")
    if not mark:
        return Doubled(text)
    doubled = re.sub(r'\\([\\"])', lambda found: '""' if found[1] == '"' else found[0], text)
    what = "quotes inside of cells have a backslash in front, as R writes them: it is left out"
    return Doubled(doubled, mark, (Finding("note", "escaped-quotes", what),))


def _is_escaped(text: str, mark: str, least: int) -> bool:
    """Tell whether all of a text is rows of a table in which nothing but a backslash marks a quote inside of a cell."""
    rows = _rows(text, mark)
    if len(rows) < least:
        return False
    first, *others = rows
    widths = {*map(len, others)}
    if len(widths) > 1 or max(widths) - len(first) not in (0, 1) or max(widths) < 2:
        return False
    columns = list(zip(*others, strict=True))
    quoted = [_is_quoted(cells) for cells in columns]
    plain = [not any(cell[:1] == '"' for cell in cells) for cells in columns]
    return any(quoted) and all(map(bool.__or__, quoted, plain)) and any(cells[-1] for cells in others)


def _is_quoted(cells: Sequence[str]) -> bool:
    """Tell whether all cells of a column are in quotes, but for missing ones."""
    return any(cell[:1] == '"' for cell in cells) and all(cell[:1] == '"' or cell in _NONE for cell in cells)


def _rows(text: str, mark: str) -> list[list[str]]:
    """Return the cells of each row that is not empty, with their quotes; [] for a text of anything else."""
    blank = "" if mark == "\t" else " ?"
    cell = re.compile(rf'{blank}({_QUOTED}|[^"\n{re.escape(mark)}]*)({re.escape(mark)}|\n|\Z)', re.DOTALL)
    rows: list[list[str]] = [[]]
    end = 0
    while end < len(text):
        if not (found := cell.match(text, end)) or '""' in found[1][1:-1]:
            return []
        rows[-1].append(found[1])
        end = found.end()
        if found[2] == "\n":
            rows.append([])
    return [row for row in rows if any(row)]
