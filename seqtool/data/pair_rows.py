"""Rows of a table of pairs that are no pairs: rules of Markdown, numbers above the columns, names that come again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from seqtool.data.pair_kinds import FEW, all_words
from seqtool.data.separated import Cells, Row
from seqtool.reads import Finding
from seqtool.say import counted, printable

Numbered = Sequence[tuple[int, Row]]
"""Rows, each with its line."""
TWO = 2  # columns of source and target
MOST_ABOVE = 20  # lines above an export of Anki
_ANKI = re.compile(r"#(?:separator|html|tags|columns|notetype|deck|guid|if matches)(?: column)?:", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z]\w*(?:\s[^<>]*)?/?>|&(?:#\d+|\w+);", re.IGNORECASE)
_RULE = re.compile(r":?-+:?")


def without_single_quotes(rows: Numbered) -> tuple[Numbered, list[Finding]]:
    """Return the rows without the single quotes that stand around all cells, but for names above, and say so."""
    cells = [cell.strip() for _, row in rows[1:] for cell in row]
    if len(rows) < FEW or not all(map(_is_quoted, cells)):
        return rows, []
    note = Finding("note", "single-quotes", "single quotes around the cells are left out")
    return [(line, [_bare(cell.strip()) for cell in row]) for line, row in rows], [note]


def _is_quoted(cell: str) -> bool:
    return len(cell) > 1 and cell[0] == cell[-1] == "'"


def _bare(cell: str) -> str:
    return cell[1:-1].replace("''", "'") if _is_quoted(cell) else cell


def without_rules(rows: Numbered) -> tuple[Numbered, bool]:
    """Return the rows of a table of Markdown without its rules and outer bars; whether one stands below the first row.

    A table without such a rule comes back as it is.
    """
    if len(rows) < 2 or not _is_rule(rows[1][1]):
        return rows, False
    rows = [(line, row) for line, row in rows if not _is_rule(row)]
    if all(row[0].strip() == "" for _, row in rows):
        rows = [(line, row[1:]) for line, row in rows]
    if all(row and row[-1].strip() == "" for _, row in rows):
        rows = [(line, row[:-1]) for line, row in rows]
    return rows, True


def _is_rule(row: Row) -> bool:
    cells = [cell.strip() for cell in row]
    return any(cells) and all(_RULE.fullmatch(cell) for cell in cells if cell) and max(map(len, cells)) > 1


def without_anki_lines(text: str) -> tuple[str, bool]:
    """Return an export of Anki with its lines `#name:value` empty, and whether its line `#columns:` names the columns.

    The names stay, in the last of these lines.
    """
    lines = text.split("\n", MOST_ABOVE)
    above = next((place for place, line in enumerate(lines) if not _ANKI.match(line)), len(lines))
    names = [line.partition(":")[2] for line in lines[:above] if line.lower().startswith("#columns:")]
    if not above:
        return text, False
    return "\n".join([*[""] * (above - 1), *(names or [""]), *lines[above:]]), bool(names)


def html_of_anki(text: str) -> list[Finding]:
    """Return the warning that an export of Anki holds tags of HTML, as its line `#html:true` says; [] without."""
    above = text.split("\n", MOST_ABOVE)[:MOST_ABOVE]
    says = any(_ANKI.match(line) and line.lower().replace(" ", "").startswith("#html:true") for line in above)
    if not says or not (tag := _TAG.search(text)):
        return []
    what = f"the export of Anki holds HTML, such as '{printable(tag[0], 20)}': it is read as part of the texts"
    return [Finding("warning", "html", f"{what}; export again without 'Include HTML and media references'")]


def counts_columns(row: Row, rows: Sequence[Row]) -> bool:
    """Tell whether a first row is 0, 1, 2, ... above two columns of words or more, as pandas writes it.

    A column without a number, in front, is an index.
    """
    cells = row[1:] if row and not row[0].strip() else row
    counted = len(cells) > 1 and [cell.strip() for cell in cells] == [str(n) for n in range(len(cells))]
    return counted and sum(all_words(rows, place) for place in range(len(row))) > 1


def without_again(first: Row, rows: Numbered) -> tuple[Numbered, list[Finding]]:
    """Return the rows that are not the first one, which names the columns, again; and what to say of those that are."""
    again = [line for line, row in rows if row == first]
    if not again:
        return rows, []
    shown = ", ".join(f"{line:,}" for line in again[:5]) + (", ..." if len(again) > 5 else "")
    lines = f"line {shown} holds" if len(again) == 1 else f"{len(again):,} lines ({shown}) hold"
    finding = Finding("warning", "header-again", f"{lines} the names of the columns again: left out")
    return [(line, row) for line, row in rows if row != first], [finding]


def numbered_rows(cells: Cells) -> Iterator[tuple[int, Row]]:
    """Yield the line and the cells of each row that is not blank."""
    columns = zip(*cells.columns, strict=True)
    for place, (line, row) in enumerate(zip(cells.lines, columns, strict=True)):
        whole = cells.ragged.get(place) or [cell or "" for cell in row]
        if any(cell.strip() for cell in whole):
            yield line, whole


def third_column(rows: Numbered, width: int) -> list[Finding]:
    """Return the warning that rows of a table of two columns have a third one."""
    lines = [line for line, row in rows if len(row) == TWO + 1 and row[-1].strip()]
    if width != TWO or not lines:
        return []
    several = counted(len(lines), "line has", "lines have")
    text = f"{several} a third column, the first is line {lines[0]:,}: that column is not read"
    return [Finding("warning", "third-column", text)]
