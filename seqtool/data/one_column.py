"""Tables of a single column of texts, with a name above them or quotes around them all."""

from __future__ import annotations

from seqtool.data.record_names import FEW, LISTS, NAMES, has_header, named
from seqtool.data.text_table import Table, read_separated
from seqtool.errors import DataError
from seqtool.reads import Finding


def one_column(text: str, where: str, *, tabs: bool) -> Table | None:
    """Return the table of a single column with a name or with quotes around all cells; None for lines of prose."""
    try:
        table = read_separated(text, where, tabs=tabs)
    except DataError:  # a quote that is no mark
        return None
    if len(table.columns) != 1 or table.ragged:
        return None
    (cells,) = table.columns.values()
    names = {(cell or "").strip().lower() for cell in cells[:1]}
    if has_header(table, "") or (len(table) > FEW and names & LISTS and cells[0] not in cells[1:]):
        return named(table, where)
    return table if _is_quoted(table, text) else None


def named_lines(text: str) -> Table | None:
    """Return the column of a name that stands alone above lines whose only semicolon or comma ends them all."""
    name, *lines = text.strip("\n").split("\n")
    ends = {line[-1:] for line in lines}
    name, mark = name.strip().strip('"'), min(ends, default="")
    if name.lower() not in NAMES or ends not in ({","}, {";"}) or any(line.count(mark) > 1 for line in lines):
        return None
    note = Finding("note", "format", "read as CSV: one column")
    return Table({name: [*lines]}, range(2, len(lines) + 2), findings=(note,))


def quoted_column(text: str, where: str) -> Table | None:
    """Return the column of a known name above cells that are all in quotes, doubled inside of some; else None."""
    name, _, below = text.partition("\n")
    if '""' not in text or name.strip('"').lower() not in NAMES | LISTS:
        return None
    table = one_column(text, where, tabs=False)
    return table if table and table.named and _is_quoted(table, below) else None


def _is_quoted(table: Table, text: str) -> bool:
    """Tell whether a text is the cells of a single column, each in quotes, as a program writes them."""
    (cells,) = table.columns.values()
    quoted = ('"' + (cell or "").replace('"', '""') + '"' for cell in cells)
    return len(table) >= FEW and "\n".join(quoted) == text.strip("\n")
