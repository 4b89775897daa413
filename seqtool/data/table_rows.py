"""Which rows of a text table belong to a series: those with a time stamp, or all but prose and totals behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from seqtool.data.columns import cell_at, mostly
from seqtool.data.dates import column_spelling, is_stamp, parse_stamps, spelling
from seqtool.data.day_ends import with_ends
from seqtool.data.numbers import is_missing, is_number
from seqtool.data.reading import UTC, DayEnd, Reading
from seqtool.data.spellings import SHORT_YEARS, SPELLINGS
from seqtool.data.text_table import Table
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import counted, listing, printable
from seqtool.types import Ids, Times

TOTALS = frozenset(
    {"total", "totals", "grand total", "sum", "subtotal", "average", "mean", "summe", "gesamt", "gesamtsumme"}
    | {"mittelwert", "somme", "moyenne", "total general", "total général", "suma", "promedio", "media", "totale"}
    | {"somma", "totaal", "som"}
)
"""What rows behind a table are called that are no steps."""


class Dated(NamedTuple):
    """The rows of a table that have a time stamp, [T] indices, and their stamps, [T] datetime64[s], as written.

    offsets: seconds east of UTC [T], None where no stamp has one; order: of day and month, "" where none shows.
    day_end: how midnights end a day, see `Reading`.
    """

    rows: Ids
    times: Times
    offsets: Ids | None
    order: str
    day_end: DayEnd
    findings: list[Finding]


def dated_rows(table: Table, time: str, reading: Reading, where: str) -> Dated:
    """Return the rows that have a time stamp.

    Raises `DataError` where a date in the table is broken, and where no row has one.
    """
    column = printable(time)
    cells = table.columns[time]
    stamps = parse_stamps(
        cells, order=reading.date_order, guess=reading.guess, format=reading.date_format, column=column, where=where
    )
    times = stamps.times
    undated = np.isnat(times)
    totals = [row for row in map(int, np.flatnonzero(undated)) if is_total(cells[row])]
    dated = np.flatnonzero(~undated)
    end = int(dated[-1]) + 1 if dated.size else 0
    for row in map(int, np.flatnonzero(undated)):
        # behind the last date only a row of data counts as broken: prose may follow a table
        if row in totals or _blank(_row(table, row)):
            continue
        if row < end or not end or _broken(table, time, row):
            raise _no_date(table, time, row, stamps.order, reading, where)
    findings = [Finding("note", "time-column", f"the time stamps are in column '{column}'")]
    if stamps.guessed:
        text = "no date tells day from month: month/day/year was taken"
        findings.append(Finding("warning", "ambiguous-dates", text))
    if stamps.cut:
        findings.append(Finding("warning", "fractions", "fractions of a second in the time stamps were left out"))
    findings += _left_out(table, [row for row in totals if row < end])
    _refuse_none(dated, where)
    east = stamps.offsets_beside("" if reading.timezone == UTC else reading.timezone)
    offsets = None if east is None else east[dated]
    times = times[dated]
    if offsets is None and reading.timezone not in ("", UTC):
        from seqtool.data.zones import left_out  # few tables have a zone

        absent = np.flatnonzero(left_out(times, reading.timezone))
        empty = [place for place in absent if all(map(is_missing, _row(table, int(dated[place]), time)))]
        dated, times = np.delete(dated, empty), np.delete(times, empty)  # empty rows for hours that are none
    if stamps.unit == "month" and not reading.date_format and column_spelling(cells) == SHORT_YEARS:
        from seqtool.data.unread_dates import short_years  # few tables have them

        findings.append(short_years(times, [cells[row] for row in dated], column, where))
    if stamps.unit == "week":
        from seqtool.data.week_numbers import refuse_other_years  # few tables have weeks

        refuse_other_years(times, [cells[row] for row in dated], column, where)
    fixed = stamps.counted or stamps.offsets is not None or (time in table.numeric and reading.day_end != "00:00")
    kept = cells if len(dated) == len(cells) else [cells[row] for row in dated]
    times, day_end, more = with_ends(times, kept, reading.day_end, fixed=fixed)
    return Dated(dated, times, offsets, stamps.order, day_end, [*findings, *more])


def _no_date(table: Table, time: str, row: int, order: str, reading: Reading, where: str) -> DataError:
    from seqtool.data.unread_dates import why  # few tables are refused

    cells = table.columns[time]
    reason = why(cells[row] or "", cells, order, reading.date_format)
    cure = "write dates as YYYY-MM-DD, times as YYYY-MM-DDTHH:MM:SS"
    if reading.date_format:
        cure = "mend the cell, or --date-format"
    example = next((cell for cell in cells if cell and _unit(cell)), "")
    if reason and example and not reading.date_format:
        cure = (
            f"write it as '{printable(example)}' is, or all cells as YYYY-MM-DD; rows of other steps are no such series"
        )
    if is_missing(cells[row]):
        cure = "write the date into every row, also where it is that of the row above; leave out rows of sums"
    return DataError(f"{cell_at(table, time, row)} is no date{reason}", where=where, cure=cure)


def _unit(cell: str) -> str:
    """Return the unit that the spelling of a cell names, "" where it names the day."""
    kind = spelling(cell)
    return SPELLINGS[kind].unit if kind in SPELLINGS else ""


def undated_rows(table: Table, where: str) -> tuple[Ids, list[Finding]]:
    """Return the rows of a table without time stamps, [T] indices, less those of totals.

    Between others only a row that is called a total in a column of numbers or months is one: a text may be a name.
    Raises `DataError` where there are none.
    """
    end = len(table)
    while end and any(map(is_total, _row(table, end - 1))):
        end -= 1
    totals = {
        row
        for cells in table.columns.values()
        if any(map(str.isalpha, set("".join(filter(None, cells))))) and mostly(cells, _is_step)
        for row, cell in enumerate(cells[:end])
        if is_total(cell)
    }
    _refuse_none(rows := np.array([row for row in range(end) if row not in totals], dtype=np.int64), where)
    note = Finding("note", "no-time-column", "no time stamps: the rows were taken as steps, the oldest first")
    return rows, [note, *_left_out(table, sorted(totals))]


def _is_step(cell: str | None) -> bool:
    """Tell whether a cell is a number or the name of a month: a total among such is no name."""
    if is_number(cell):
        return True
    from seqtool.data.month_names import month_of  # most cells are numbers

    return bool(month_of((cell or "").strip().rstrip(".")))


def is_total(cell: str | None) -> bool:
    """Tell whether a cell calls its row a total: `Total`, `Summe:`, `Total 2019`, `2019 Total`."""
    if not cell or not any(map(str.isalpha, cell)):
        return False
    return re.sub(r"[\d\W]*$|^[\d\W]*", "", cell.strip()).casefold() in TOTALS


def _left_out(table: Table, rows: Sequence[int]) -> list[Finding]:
    """Warn of rows of totals between those of the series."""
    if not rows:
        return []
    count = counted(len(rows), "row of a total", "rows of totals")
    text = f"{count} between the others left out: {listing([table.place(row) for row in rows], 5)}"
    return [Finding("warning", "totals", text)]


def _refuse_none(rows: Ids, where: str) -> None:
    if not rows.size:
        raise DataError("no rows", where=where, cure="give a table with a header and rows of numbers")


def without_prose(table: Table) -> Table:
    """Leave out the block of prose and blank rows at the end: no number and no date in any cell."""
    length = end = len(table)
    while end and _prose(_row(table, end - 1)):
        end -= 1
    return table if end == length else table.only(range(end))


def trailing_text(table: Table, end: int) -> list[Finding]:
    """Say how many rows of the table come after its last row of data, `end - 1`."""
    count = len(table) - end
    if not count:
        return []
    rows = counted(count, "row")
    numbers = any(is_number(cell) for row in range(end, len(table)) for cell in _row(table, row))
    if numbers:
        return [Finding("warning", "trailing-text", f"{rows} without a date, or of totals, after the table: left out")]
    return [Finding("note", "trailing-text", f"{rows} of text or blanks after the table: left out")]


def _row(table: Table, row: int, but: str = "") -> list[str | None]:
    return [cells[row] for name, cells in table.columns.items() if name != but]


def _prose(cells: Sequence[str | None]) -> bool:
    if _blank(cells):
        return True
    # a row of `n/a` is a step with missing values, not prose
    return not (any(is_stamp(cell) or is_number(cell) for cell in cells) or all(map(is_missing, cells)))


def _blank(cells: Iterable[str | None]) -> bool:
    return all(not (cell or "").strip() for cell in cells)


def _broken(table: Table, time: str, row: int) -> bool:
    """Tell whether a row of data has a misspelt date: digits where the date belongs, and a number beside it."""
    digits = any(char.isdigit() for char in table.columns[time][row] or "")
    return digits and any(is_number(cells[row]) for name, cells in table.columns.items() if name != time)
