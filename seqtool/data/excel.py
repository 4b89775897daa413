"""The first sheet of an Excel file that holds rows, as a table of text: each cell as it stands, no title lines."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool.data.file_kinds import refuse_packed
from seqtool.data.probe import hold_readable
from seqtool.data.reading import Header
from seqtool.data.table_head import headed
from seqtool.data.text_table import Table
from seqtool.errors import DataError, MissingExtra, reading
from seqtool.reads import Finding
from seqtool.say import printable

if TYPE_CHECKING:
    import polars

_CURE = "give an .xlsx file, or save the sheet as CSV"
_CLOCK = r"1899-12-3[01] (\d\d:\d\d:\d\d)"  # a time of the day has no date, and is read as one of day 0

MIDNIGHT = " 00:00:00"

Row = Sequence[str | None]


def read_excel(data: bytes, path: Path, header: Header = "auto") -> Table:
    """Read an .xlsx file; raises `MissingExtra` without the reader, `DataError` where no sheet holds a table."""
    if b"xl/workbook.xml" not in data:  # the names of an archive's files stand in it as they are
        refuse_packed(data, str(path), "a table")
    try:
        import fastexcel
    except ImportError as error:
        install = 'pip install "seqtool[excel]", or save the sheet as CSV'
        raise MissingExtra("an Excel file needs fastexcel", where=str(path), cure=install) from error
    hold_readable("Excel", data, str(path), _CURE)
    logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it warns of columns without a value: formulas, such as =B2
    with reading(str(path), _CURE, "Excel file"):
        book = fastexcel.read_excel(data)
        sheets = {
            sheet: book.load_sheet(sheet, header_row=None, dtypes="string").to_polars() for sheet in book.sheet_names
        }
        name = _fullest(sheets)
        if not name:
            raise DataError("no sheet holds rows", where=str(path), cure=_CURE)
        table = headed(_table(sheets[name].rows()), header, str(path))
        if not len(table):
            raise DataError(f"the sheet '{printable(name)}' holds no rows below its names", where=str(path), cure=_CURE)
        first = table.lines[0] - 1  # the kinds of the columns below the names show which hold numbers alone
        kinds = book.load_sheet(name, header_row=None, skip_rows=first, schema_sample_rows=len(table)).to_polars()
    others = [printable(sheet) for sheet in sheets if sheet != name and len(sheets[sheet])]
    return replace(_with_numbers(table, kinds), findings=(*_findings(name, others), *table.findings))


def _fullest(sheets: Mapping[str, polars.DataFrame]) -> str:
    """Return the first sheet that holds about as many cells as the fullest one, "" where none holds any."""
    sizes = {name: sheet.height * sheet.width for name, sheet in sheets.items()}
    return next((name for name, size in sizes.items() if size and 2 * size >= max(sizes.values())), "")


def _table(rows: Sequence[Row]) -> Table:
    columns = {f"column_{number}": _dated(cells) for number, cells in enumerate(zip(*rows, strict=True), start=1)}
    return Table(columns, range(1, len(rows) + 1), named=False)


def _dated(cells: Row) -> list[str | None]:
    """Write times of the day without a date, and dates that are all midnights without a time."""
    clocked = [re.sub(_CLOCK, r"\1", cell) if cell else cell for cell in cells]
    times = {cell[10:] for cell in clocked if cell and re.match(r"\d{4}-\d\d-\d\d ", cell)}
    return [cell.removesuffix(MIDNIGHT) if cell else cell for cell in clocked] if times == {MIDNIGHT} else clocked


def _with_numbers(table: Table, kinds: polars.DataFrame) -> Table:
    """Take the cells of columns of numbers to their last digit, which their text does not show."""
    numeric = {
        name: [_exact(text, number) for text, number in zip(cells, column.to_list(), strict=True)]
        for (name, cells), column in zip(table.columns.items(), kinds.get_columns(), strict=False)
        if column.dtype.is_numeric() and len(column) == len(table)
    }
    return replace(table, columns={**table.columns, **numeric}, numeric=list(numeric))


def _exact(text: str | None, number: float | None) -> str | None:
    return text if text is None or number is None or float(text) == number else repr(number)


def _findings(name: str, others: Sequence[str]) -> tuple[Finding, ...]:
    read = Finding("note", "format", "read as Excel")
    if not others:
        return (read,)
    text = f"the sheet '{printable(name)}' was read; others are not: {', '.join(others[:20])}"
    return (read, Finding("warning", "sheets", text))
