"""Which names stand above a column of texts, and whether the first row of a table is names."""

from __future__ import annotations

from dataclasses import replace

from seqtool.data.column_names import is_name
from seqtool.data.files import left_out
from seqtool.data.text_table import Table

NAMES = frozenset({
    "text", "texts", "content", "body", "story", "document", "article", "paragraph", "sentence", "review", "comment",
    "message", "poem", "lyrics", "quote", "quotes", "verse", "verses",
})  # fmt: skip
LISTS = frozenset({"name", "names", "title", "titles", "word", "words", "line", "lines", "headline", "tweet", "joke"})
"""Names of the only column of a file called .csv or .tsv, above cells that may look like a name themselves."""
FEW, SAMPLE = 3, 1000  # rows that tell whether the first one names the columns


def named(table: Table, where: str) -> Table:
    """Take the first row as names, and leave out the rows that are those names again, as in files put together."""
    names, table = tuple(table.first()), table.with_header(where)
    rows = list(zip(*table.columns.values(), strict=True))
    again = [table.lines[place] for place, row in enumerate(rows) if row == names]
    if not again:
        return table
    rest = table.only([place for place, row in enumerate(rows) if row != names])
    return replace(rest, findings=(*table.findings, *left_out("header-again", "with the column names again", again)))


def has_header(table: Table, wanted: str) -> bool:
    """Tell whether the first row names the columns: it holds a known name, or words where a column has none below."""
    names = [(cell or "").strip() for cell in table.first()]
    lower = {name.lower() for name in names}
    if (wanted and not wanted.isdigit() and wanted.lower() in lower) or lower & NAMES:
        return True
    if len(table) < FEW or len(lower) < len(names) or not all(is_name(name, 1) for name in names):
        return False
    below = [[(cell or "").strip() for cell in cells[1:SAMPLE]] for cells in table.columns.values()]
    return any(any(cells) and not any(is_name(cell, 1) for cell in cells) for cells in below)
