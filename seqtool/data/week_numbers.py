"""Weeks and quarters that are written like months, such as 2022-05 and 2022-1, in columns that are called so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from seqtool.data.columns import known_cells
from seqtool.data.dates import parse_stamps
from seqtool.data.number_dates import is_month
from seqtool.data.numbers import is_missing
from seqtool.data.text_table import Table
from seqtool.data.time_names import called_quarters, called_weeks
from seqtool.errors import DataError
from seqtool.say import printable
from seqtool.types import Times

# Texts, not patterns: few tables have such a column.
_WEEK = r"(?:0?[1-9]|[1-4]\d|5[0-3])"
_YEAR_FIRST = rf"(?P<year>(?:19|20)\d\d)(?:[-/. ](?P<week>{_WEEK})|(?P<two>\d\d))(?:\.0)?"
_YEAR_LAST = rf"(?P<week>{_WEEK})[-/. ](?P<year>(?:19|20)\d\d)"

_QUARTER = r"(?P<year>(?:19|20)\d\d)[-/.: ](?P<quarter>[1-4])|(?P<leading>[1-4])[-/.: ](?P<last>(?:19|20)\d\d)"
_SIX = r"(?:19|20)\d\d(?:0[1-9]|[1-4]\d|5[0-3])"
_ONE = np.timedelta64(7 * 86_400, "s")
_YEAR = (50, 52)  # weeks from the last one of a year back to its first
DAYS = 31  # that a month has at most
FEWEST = 12  # steps that show that six digits are weeks


def as_week(cell: str) -> str:
    """Return a cell such as 2022-05, 202205 or 5/2022 as 2022-W05; "" where it is no week of a year."""
    for pattern in (_YEAR_FIRST, _YEAR_LAST):
        if match := re.fullmatch(pattern, cell.strip(), re.ASCII):
            week = int(match["week"] or match["two"])
            return f"{match['year']}-W{week:02d}" if 1 <= week <= 53 else ""
    return ""


def as_quarter(cell: str) -> str:
    """Return a cell such as 2022-1, 2022.1 or 1/2022 as 2022Q1; "" where it is no quarter of a year."""
    match = re.fullmatch(_QUARTER, cell.strip(), re.ASCII)
    return f"{match['year'] or match['last']}Q{match['quarter'] or match['leading']}" if match else ""


def as_part(cell: str, name: str) -> str:
    """Return a cell as the week or the quarter that its column is called by, "" where it is none."""
    return (called_weeks(name) and as_week(cell)) or (called_quarters(name) and as_quarter(cell)) or ""


def go_on_like_weeks(cells: Sequence[str | None]) -> bool:
    """Tell whether six digits such as 202153 go from week to week, up or down, mostly one by one: no months do."""
    if not all(cell and re.fullmatch(_SIX, cell.strip(), re.ASCII) for cell in cells) or all(map(is_month, cells)):
        return False
    if not any(int((cell or "").strip()[4:]) > DAYS for cell in cells):  # 190330 is a day of 2019
        return False
    times = parse_stamps([as_week(cell or "") for cell in cells]).times
    steps = np.diff(times) // _ONE
    one_way = bool((steps > 0).all() or (steps < 0).all()) and not np.isnat(times).any()
    return one_way and len(steps) >= FEWEST and 2 * int((np.abs(steps) == 1).sum()) > len(steps)


def refuse_other_years(times: Times, cells: Sequence[str | None], column: str, where: str) -> None:
    """Raise `DataError` where weeks [T], in the order of the rows, go back by a year at its turn.

    The first week of ISO's year 2019 begins in December 2018, and was written as the first of 2018.
    """
    steps = np.diff(times) // _ONE
    sign = -1 if (steps < 0).sum() > len(steps) / 2 else 1
    turns = np.flatnonzero((sign * steps >= -_YEAR[1]) & (sign * steps <= -_YEAR[0]))
    if turns.size:
        rows = [int(turns[0]), int(turns[0]) + 1][::sign]
        before, cell = (printable(cells[row] or "") for row in rows)
        what = f"'{cell}' follows '{before}' in column '{column}': the week is ISO's, and the year the calendar's"
        cure = "write the year that ISO's week belongs to: %G in place of %Y where a program wrote it"
        raise DataError(what, where=where, cure=cure)


def with_parts(table: Table, names: Sequence[str]) -> Table:
    """Return a table whose columns of weeks and quarters among `names` are written as 2022-W05 and 2022Q1."""
    parts = {name: written for name in names if (written := _parts(table.columns[name], name))}
    numeric = [name for name in table.numeric if name not in parts]
    return replace(table, columns={**table.columns, **parts}, numeric=numeric)


def _parts(cells: Sequence[str | None], name: str) -> list[str | None]:
    """Return cells written as parts of years, [] unless all that are not missing are such."""
    parts = [None if is_missing(cell) else as_part(cell or "", name) for cell in cells]
    return parts if any(parts) and "" not in parts else []


def refuse_called_otherwise(table: Table, where: str) -> None:
    """Raise `DataError` for a column of weeks in digits that is called otherwise."""
    six = [name for name, cells in table.columns.items() if is_month(f"{next(filter(None, cells), '')[:4]}01")]
    for name in (name for name in six if go_on_like_weeks(table.columns[name])):
        cell = printable(known_cells(table.columns[name])[0])
        what = f"the numbers in column '{printable(name)}', such as {cell}, go on like the weeks of years"
        cure = "call the column 'week'; where the oldest row comes first, the rows can be steps: --no-time"
        raise DataError(what, where=where, cure=cure)
