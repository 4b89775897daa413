"""Tables of one series a row: a name, then its values, in columns that are counted or called by dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from seqtool.data.columns import is_whole, mostly
from seqtool.data.dates import is_stamp, parse_stamps, spelling
from seqtool.data.header_steps import IDS, LEAST_VALUES, counted_behind, dates_behind
from seqtool.data.numbers import is_missing, is_number
from seqtool.data.text_table import Table
from seqtool.data.time_names import BESIDE_YEARS, PIECES, PROGRESS, TIME_NAMES, WEEKS, words_of
from seqtool.data.timelike import is_timelike
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import counted, listing, printable

PARTS = (BESIDE_YEARS - WEEKS).union(PIECES[1])  # a month or a quarter a row, a year a column: one series
STEPS = frozenset({"", "d", "day", "t", "v", "w", "week", "m", "month", "h", "hour", "q", "quarter", "step", "period"})
"""What counted columns are called that are steps, where the rows are named by numbers."""


def holds_series(table: Table) -> bool:
    """Tell whether a table has a series a row: names in the first columns, values in columns called V1, V2, ..."""
    names = list(table.columns)
    count = counted_behind(names)
    front = names[: len(names) - count]
    if count < LEAST_VALUES or any(name.casefold() in TIME_NAMES for name in front):
        return False
    cells = table.columns[front[0]]
    stem = names[-1].rstrip("0123456789").strip(" _-.").casefold()
    by_number = bool(words_of(front[0]) & IDS) and stem in STEPS and _are_ids([cells])
    # Numbers and times in front are those of the rows: each column is then a series.
    if not by_number and any(is_number(cell) or is_timelike(cell) for cell in cells):
        return False
    if len(front) == 1:
        return True
    dated = any(mostly(table.columns[name], is_timelike) for name in front)
    called = _names_of(table, front, range(len(table)))[0]
    return not dated and len(called) == len({*called})


def as_columns(table: Table, where: str) -> Table:
    """Turn a series a row into a series a column, all of them ending in the last row: a shorter one begins later.

    Raises `DataError` for a name that stands twice, and for a series without values.
    """
    columns: dict[str, list[str | None]] = {}
    names = list(table.columns)
    front = names[: len(names) - counted_behind(names)]
    called, by = _names_of(table, front, range(len(table)))
    cells = [table.columns[name] for name in names[len(front) :]]
    for row, name in enumerate(called):
        name = name or f"row_{row + 1}"
        values = [column[row] for column in cells]
        while values and is_missing(values[-1]):
            values.pop()
        if name in columns:
            raise DataError(f"two series are called '{name}'", where=where, cure="give every row a name of its own")
        columns[name] = values
    longest = max(map(len, columns.values()), default=0)
    if not longest:
        raise DataError("the series have no values", where=where, cure="give a row of numbers for each")
    for values in columns.values():
        values[:0] = [None] * (longest - len(values))
    text = f"one series a row: {len(columns)} series of up to {longest:,} values, all ending in the last step"
    findings = (*table.findings, Finding("note", "series-rows", text + _about_names(front, by)))
    numeric = list(columns) if all(name in table.numeric for name in names[len(front) :]) else ()
    return replace(table, columns=columns, lines=(), ragged={}, findings=findings, numeric=numeric)


def by_dates(table: Table, where: str, order: str = "") -> Table:
    """Turn a series a row, with a date a column, into a series a column; a table of another kind stays as it is.

    Rows without a value are left out. order: of day and month. Raises `DataError` for two series of one name, and
    where nothing tells the day from the month.
    """
    names = list(table.columns)
    dates = dates_behind(names, order)
    unclear = not (dates or order)
    dates = dates_behind(names, "dmy") if unclear else dates
    front = names[: len(names) - len(dates)]
    if not (dates and _name_rows(table, front, dates)):
        return table
    if unclear:
        parse_stamps(dates, column="header", where=where)  # raises
    values = [table.columns[name] for name in names[len(front) :]]
    rows = [row for row in range(len(table)) if not all(is_missing(column[row]) for column in values)]
    called, by = _names_of(table, front, rows)
    if len(called) > len({*called}):
        twice = next(name for place, name in enumerate(called) if name in called[:place])
        raise DataError(f"two series are called '{printable(twice)}'", where=where, cure="give every row its own name")
    time = "year" if spelling(dates[0]) == "year" else "date"
    while time in called:
        time += "_"
    series: dict[str, list[str | None]] = {time: list(dates)}
    series |= {name: [column[row] for column in values] for name, row in zip(called, rows, strict=True)}
    note = f"one series a row, a date a column: {counted(len(called), 'series', 'series')} of {len(dates):,} steps"
    findings = (*table.findings, Finding("note", "series-rows", note + _about_names(front, by)))
    numeric = called if all(name in table.numeric for name in names[len(front) :]) else ()
    return replace(table, columns=series, lines=(), ragged={}, findings=findings, numeric=numeric)


def _name_rows(table: Table, front: Sequence[str], dates: Sequence[str]) -> bool:
    """Tell whether the columns in front of dates name the rows: by texts, or by numbers that are no time."""
    texts = _texts(table, front)
    if any(name.casefold() in TIME_NAMES - PARTS for name in texts):
        return False
    # a number in front of the names is that of a region, `RegionID`, where the name says so
    keyed = all(name in texts or name.casefold().endswith(("id", "rank", "code", "nr")) for name in front)
    if texts and (keyed or front[0] in texts):
        return True
    if spelling(dates[0]) == "year" and not words_of(front[0]) & IDS:
        return False  # rows may be the days of each year
    timed = any(name.casefold() in TIME_NAMES.union(PROGRESS, BESIDE_YEARS, *PIECES) for name in front)
    numbers = [cells for name in front if all(map(is_whole, cells := table.columns[name]))]
    return not timed and table.columns[front[0]] in numbers[:1] and _are_ids(numbers)


def _texts(table: Table, front: Sequence[str]) -> list[str]:
    return [name for name in front if not mostly(table.columns[name], lambda cell: is_number(cell) or is_stamp(cell))]


def _are_ids(columns: Sequence[Sequence[str | None]]) -> bool:
    """Tell whether columns have whole numbers that together differ from row to row."""
    rows = [*zip(*columns, strict=True)]
    return len({*rows}) == len(rows) and all(all(map(is_whole, cells)) for cells in columns)


def _names_of(table: Table, front: Sequence[str], rows: Sequence[int]) -> tuple[list[str], list[str]]:
    """Return the names of rows, and the columns of them: the first whose texts all differ, else all texts together.

    Numbers name rows where texts do not: the first column of them that all differ, else they stand before the texts.
    """
    texts = _texts(table, front)
    numbers = [name for name in front if name not in texts and all(map(is_whole, table.columns[name]))]
    varied = [name for name in texts if len({*table.columns[name]}) > 1]
    choices = [[name] for name in texts] + [varied, texts] + [[name] for name in numbers]
    last = [name for name in front if name in (*texts, *numbers)] or [*front]
    for chosen in choices:
        columns = [[(table.columns[name][row] or "").strip() for row in rows] for name in chosen]
        called = ["/".join(filter(None, cells)) for cells in zip(*columns, strict=True)]
        if called and all(called) and len({*called}) == len(called):
            return called, chosen
    columns = [[(table.columns[name][row] or "").strip() for row in rows] for name in last]
    return ["/".join(filter(None, cells)) for cells in zip(*columns, strict=True)], last


def _about_names(front: Sequence[str], by: Sequence[str]) -> str:
    """Return which of several columns in front name the rows, and which are not used."""
    if len(front) == 1:
        return ""
    unused = [name for name in front if name not in by]
    text = f", named by {listing(by)}" + (f"; not used: {listing(unused)}" if unused else "")
    return printable(text, 400)
