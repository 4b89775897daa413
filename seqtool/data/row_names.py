"""Names of rows that have no name of their own above them, as R's `write.table` puts them in front of each row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from seqtool.data.escaped_quotes import with_doubled_quotes
from seqtool.data.separated import FORMATS, allow_long_cells
from seqtool.data.tab_quotes import quotes_are_marks
from seqtool.reads import Finding

_CELL = r'(?:"(?:[^"\\]|\\.|"")*"|[^\s"]+)'
_ROW = re.compile(rf"({_CELL}(?: {_CELL})*)?(?:\n|$)")
_NAMED = re.compile(r'"[^"\n]+"(?: "[^"\n]+")*\n')
_COUNTED = re.compile(rf'"1" {_CELL}(?: {_CELL})*\n"2" ')
_LEAST = 3  # rows that show a count


class Bare(NamedTuple):
    """The text of a table without names of its rows; mark: what parts its cells; named: whether a header is sure."""

    text: str
    mark: str = ""
    named: bool = True
    findings: tuple[Finding, ...] = ()
    """The note that says what was done; () where the text is as it was."""


def without_row_names(text: str, marks: Sequence[str] = tuple(FORMATS)) -> Bare:
    """Return the text of a table without numbers in front of its rows that the header has no name for.

    Such are numbers that count on by one, where each row has a cell more than the header; others, as of the rows that a
    filter left, become a column without a name. Tables of blanks come back as `with_tabs` gives them; any other text
    comes back as it is. marks: what may part cells.
    """
    if (tabbed := with_tabs(text)).findings:
        return tabbed
    text, escaped_by, escaped = with_doubled_quotes(text)
    for mark in marks:
        if bare := _without_counts(text, mark):
            what = "the rows begin with their numbers, which the header has no name for: they are left out"
            return Bare(bare, mark, findings=(*escaped, Finding("note", "row-names", what)))
        if _lacks_a_name(text, mark):
            what = "the rows begin with numbers or names of their own, which the header has no name for"
            name = '""' if text[0] == '"' else ""
            return Bare(f"{name}{mark}{text}", mark, findings=(*escaped, Finding("note", "row-names", what)))
    return Bare(text, escaped_by, named=not escaped, findings=escaped)


def with_tabs(text: str) -> Bare:
    """Return a table of R's `write.table`, whose cells blanks part, with tabs; any other text as it is.

    Names of rows that count them are left out; others are a first column without a name.
    """
    if not (_NAMED.match(text) or _COUNTED.match(text)):
        return Bare(text)
    rows = _rows(text)
    full = [row for row in rows if row]
    if len(full) < _LEAST or len(widths := {len(row) for row in full[1:]}) > 1 or max(widths) < 2:
        return Bare(text)
    short = len(full[0]) + 1 in widths
    counted = _count_on([_bare(row[0]) for row in full[short:]])
    texts = any(all(cell[0] == '"' for cell in column) for column in zip(*full[1:], strict=True))
    if not texts or not (short or len(full[0]) in widths):
        return Bare(text)
    if short:
        full[0].insert(0, '""')
    about = ""
    if counted:
        rows, about = [row[1:] for row in rows], ", and the numbers of its rows are left out"
    written = io.StringIO()
    writer = csv.writer(written, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([_bare(cell) for cell in row] for row in rows)
    note = f"the table is one of R's write.table: blanks between its cells are read as tabs{about}"
    return Bare(written.getvalue(), "\t", not _COUNTED.match(text), (Finding("note", "row-names", note),))


def _rows(text: str) -> list[list[str]]:
    """Return the cells between blanks, with their quotes; [] for a text that has none."""
    rows, end = [], 0
    while end < len(text):
        if not (found := _ROW.match(text, end)):
            return []
        rows.append(re.findall(_CELL, found[1] or ""))
        end = found.end()
    return rows


def _bare(cell: str) -> str:
    """Return a cell without its quotes; R writes a quote inside as `\\"` or `""`."""
    return re.sub(r'\\"|""', '"', cell[1:-1]) if cell[0] == '"' else cell


def _count_on(names: Sequence[str]) -> bool:
    """Tell whether names of rows are numbers that count on by one, from 0 or 1."""
    return names[0] in ("0", "1") and all(name == str(int(names[0]) + n) for n, name in enumerate(names))


def _without_counts(text: str, mark: str) -> str:
    """Return a text without the numbers in front of its rows, which the first line lacks; "" for any other."""
    begins = re.compile(rf'("?)(\d{{1,18}})\1{re.escape(mark)}')
    start = begins.match(text, text.find("\n") + 1)
    if not start or start[2] not in ("0", "1") or begins.match(text):
        return ""
    first, *lines = text.split("\n")
    # pandas leaves a blank in front of names between blanks
    bare, number = [first.lstrip(" ") if mark == " " else first], int(start[2])
    for line in lines:
        found = begins.match(line)
        counts = found is not None and int(found[2]) == number  # else a cell goes on, or the line is empty
        bare.append(line[found.end() :] if found and counts else line)
        number += counts
    without = "\n".join(bare)
    if number < int(start[2]) + _LEAST:
        return ""
    rows = _parted(without, mark) or [[]]
    return without if {*map(len, rows)} == {len(rows[0])} and any(row[-1] for row in rows[1:]) else ""


def _lacks_a_name(text: str, mark: str) -> bool:
    """Tell whether each row but the first has a cell more than it, and begins with a name of its own.

    Tables whose rows all end in an empty cell have a mark too many.
    """
    begin = text.find("\n") + 1
    if mark == " " or not re.match(rf'(?:\d+|"[^"\n]+"){re.escape(mark)}', text[begin : begin + 200]):
        return False
    if text[:begin].count(mark) >= text[begin : text.find("\n", begin) + 1 or None].count(mark):
        return False
    first, *others = _parted(text, mark) or [[]]
    names = [row[0] for row in others]
    own = len(set(names)) == len(names) and (text[0] == '"' or all(map(str.isdecimal, names)))
    return len(names) >= _LEAST and own and {*map(len, others)} == {len(first) + 1} and any(row[-1] for row in others)


def _parted(text: str, mark: str) -> list[list[str]]:
    """Return the rows of a text that are not blank; [] where quotes are broken."""
    allow_long_cells()
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if mark != "\t" or quotes_are_marks(text) else csv.QUOTE_NONE
    try:
        return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark, quoting=quoting) if row]
    except csv.Error:
        return []
