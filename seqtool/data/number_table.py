"""A table of numbers out of separated values: its text is parted, its head read; and a table in its plain form."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from seqtool.data import separated
from seqtool.data.dates import is_day
from seqtool.data.numbers import is_missing, is_number, may_have_flags
from seqtool.data.preamble import without_comments, without_preamble
from seqtool.data.reading import Header, Reading
from seqtool.data.table_head import headed, is_header
from seqtool.data.text_table import Table, place_of, read_separated
from seqtool.data.time_names import called_quarters, called_weeks
from seqtool.data.time_pieces import may_be_span
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import printable

_ALL = tuple(separated.MARKS.values())
_FEW = 100  # lines that tell a column of decimals from two columns
_FEW_PARTS = 4  # columns of a table that has no column for each part of a year beside the years
_HEAD = 1 << 16  # characters that show what a table is
_WHOLE = r"[-+]?\d+(?:[ .]\d{3})*"
_PAIR = rf"\s*({_WHOLE}),(\d+)\s*"


def parse_table(
    text: str, where: str = "standard input", *, format: str = "auto", header: Header = "auto", tabs: bool = False,
    decimal: str = "", mark: str = "",
) -> Table:  # fmt: skip
    """Read a table of numbers as text, with or without a header.

    decimal: the mark before decimals, mark: what parts the cells, "" where nothing says so. Raises what
    `read_separated` raises, and `DataError` on a name used twice and a row of numbers with too many cells.
    """
    text, blocks = _one_block(text.removeprefix("\ufeff"))
    if "\ufeff" in text:  # behind a cell it may part two files
        text = re.sub(r'(?<![^\s,;|"])\ufeff+', "", text)
    if '\\"' in text:
        from seqtool.data.escaped_quotes import with_doubled_quotes  # few tables are of R

        text, _, escaped = with_doubled_quotes(text, (*_ALL, " "), least=2)  # a forecast may have a single row
        blocks = (*blocks, *escaped)
    said, text = separated.excels_line(without_comments(separated.without_formulas(text)))
    format = said if format == "auto" and said else format
    text, above = (text, ()) if header == "no" else without_preamble(text)
    stripped = text.lstrip("\r\n")
    marks = _ALL
    if format == "auto" and not tabs and _may_be_blanks(stripped):
        from seqtool.data.blank_table import by_tabs  # few tables are parted by blanks

        if parted := by_tabs(stripped, where, decimal=decimal):
            table = _of_blanks(parted, where, header, text.count("\n", 0, len(text) - len(stripped)))
            return replace(table, findings=(*table.findings, *blocks, *above))
    if format == "auto" and "," in text and mark != ",":
        comma = decimal == "," if decimal else _lone_decimals(stripped, where)
        # in quotes the commas of numbers part no cells
        marks = tuple(other for other in _ALL if other != ",") if comma and '"' not in text else _ALL
    table = read_separated(stripped, where, format=format, tabs=tabs, blank=True, marks=marks)  # blank: a missing value
    if (table.ragged and len(table) > 2 and _lacks_a_name(table)) or _names_values_alone(stripped, table):
        table = _with_rows_named(
            read_separated(table.mark + stripped, where, format=separated.FORMATS[table.mark], blank=True)
        )
    table = _moved_down(table, text.count("\n", 0, len(text) - len(stripped)))
    table = headed(table, header, where)
    _refuse_wide(table, where)
    more = (*blocks, *above)
    return replace(table, findings=(*table.findings, *more)) if more else table


def _one_block(text: str) -> tuple[str, tuple[Finding, ...]]:
    if not text.startswith(("#", ",result,table,")):
        return text, ()
    from seqtool.data.influx import STARTS, as_one_table  # few tables are InfluxDB's

    return as_one_table(text) if text.startswith(STARTS) else (text, ())


def _may_be_blanks(text: str) -> bool:
    """Tell whether the second line has cells between blanks, and no other mark but the decimal commas of numbers."""
    lines = (line for line in text[:_HEAD].split("\n") if line.strip())
    line = next(itertools.islice(lines, 1, None), "")
    cells = line.split()
    if len(cells) < 2 or any(mark in line for mark in "\t;|"):
        return False
    return all("," not in cell or _has_decimals(cell) for cell in cells)


def _has_decimals(cell: str) -> bool:
    """Tell whether the comma of a cell stands inside of a number; first by its signs, for most lines are of CSV."""
    return not cell.strip("0123456789.,+-") and "," not in (cell[0], cell[-1]) and is_number(cell)


def _of_blanks(text: str, where: str, header: Header, skipped: int) -> Table:
    """Read a table whose blanks are tabs by now; skipped: lines above it."""
    table = read_separated(text, where, format="tsv", blank=True)
    note = Finding("note", "format", "read as a table whose cells are parted by blanks")
    table = replace(table, findings=(note, *table.findings[1:]), mark=" ")
    return headed(_moved_down(table if table.first()[0] else _with_rows_named(table), skipped), header, where)


def _lacks_a_name(table: Table) -> bool:
    """Tell whether all rows but the first have one cell more, and begin with a name of the row, as R writes it."""
    from seqtool.data.blank_table import lacks_a_name

    rows = [table.ragged.get(place) for place in range(1, len(table))]
    whole = [row for row in rows if row and len(row) == len(table.columns) + 1]
    return table.lines[0] == 1 and len(whole) == len(rows) and lacks_a_name(table.first(), [row[0] for row in whole])


def _names_values_alone(text: str, table: Table) -> bool:
    """Tell whether the first line is one name in quotes, above rows of a name in quotes and a value, as of R."""
    alone = re.match(rf'"[^"\n]+"\r?\n"[^"\n]+"{re.escape(table.mark or ",")}', text)
    if not alone or len(table.columns) != 2 or len(table) < 3:
        return False
    from seqtool.data.blank_table import lacks_a_name

    names, values = table.columns.values()
    return lacks_a_name(names[:1], [name or "" for name in names[1:]]) and all(map(is_number, filter(None, values[1:])))


def _with_rows_named(table: Table) -> Table:
    """Say that the header has a name less than the rows have cells."""
    text = f"the header has no name for the first cells: '{printable(str(table.first()[1]))}' names the second column"
    finding = Finding("warning", "row-names", text)
    return replace(table, findings=(*table.findings, finding))


def _moved_down(table: Table, count: int) -> Table:
    return replace(table, lines=[line + count for line in table.lines]) if count else table


def _lone_decimals(text: str, where: str) -> bool:
    """Tell whether a table is one column of numbers with decimal commas, under a name or not.

    Raises `DataError` where they may as well be two columns of whole numbers.
    """
    head, *lines = [line for line in text[:_HEAD].split("\n")[:_FEW] if line.strip()]
    named = not any(map(str.isdigit, head)) and "," not in head
    numbers = lines if named else [head, *lines]
    pairs = [pair for line in numbers if (pair := re.fullmatch(_PAIR, line, re.ASCII))]
    alone = [line for line in numbers if re.fullmatch(rf"\s*{_WHOLE}\s*", line, re.ASCII)]
    if not pairs or len(pairs) + len(alone) < len(numbers):
        return False
    thousands = any(mark in pair[1] for pair in pairs for mark in " .")
    # no whole number is written 05
    if named or alone or thousands or any(re.fullmatch(r"0\d+", pair[2]) for pair in pairs):
        return True
    first = [float(pair[1]) for pair in pairs]  # of any length
    if all(later - before == 1 for before, later in itertools.pairwise(first)) and len(first) > 2:
        return False  # a count of the rows
    what = f"'{printable(head)}': the commas part two columns, or stand before decimals"
    raise DataError(what, where=where, cure="--decimal , or --format csv")


def _refuse_wide(table: Table, where: str) -> None:
    """Raise `DataError` for a row of numbers with too many cells; prose may have any number, a row may end early."""
    for place, row in table.ragged.items():
        surplus = row[len(table.columns) :]
        if not all(map(is_missing, surplus)) and any(is_day(cell) or is_number(cell) for cell in row):
            what = f"{table.place(place)} has {len(row)} cells, the first row {len(table.columns)}"
            alike = [other for other, cells in table.ragged.items() if len(cells) == len(row)]
            cure = "quote values that hold the separator; remove lines above the header"
            if 2 * len(alike) > len(table) and is_header(table.ragged[alike[0]]):  # the table is what most rows are
                cure = (
                    f"remove the lines above the header of these {len(row)} columns: tail -n +{table.lines[alike[0]]}"
                )
            raise DataError(what, where=where, cure=cure)


def plain(table: Table, wanted: Sequence[str], reading: Reading, where: str) -> Table:
    """Return a table with a row a step, numbers without letters behind them, and starts in place of spans of time.

    wanted: the columns that are asked for: one by its name keeps a year a row. Most tables stay as they are. Raises
    `DataError` where months of two years stand beside one.
    """
    names = list(table.columns)
    asked = reading.no_time or any(place_of(name, names) is not None for name in wanted)
    if len(names) > _FEW_PARTS and not asked:
        from seqtool.data.year_rows import as_one_series  # few tables are so wide

        table = as_one_series(table, where)
    first = {name: next(filter(None, cells), "") for name, cells in table.columns.items()}
    texts = [name for name, cell in first.items() if name not in table.numeric and not is_day(cell)]
    if flagged := [name for name in texts if may_have_flags(table.columns[name])]:
        from seqtool.data.flags import without_flags  # few numbers have letters behind

        table = without_flags(table, flagged)
    parts = [name for name in table.columns if called_weeks(name) or called_quarters(name)]
    if parts and not reading.date_format:
        from seqtool.data.week_numbers import with_parts  # few tables have weeks

        table = with_parts(table, parts)
    spans = [name for name, cell in first.items() if may_be_span(cell)]
    if spans and not reading.date_format:
        from seqtool.data.spans import with_starts  # few tables have spans

        table = with_starts(table, spans)
    return table
