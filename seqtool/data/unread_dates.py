"""Why a column, or a cell of it, is no date, and the option that helps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqtool.data.date_format import fitting
from seqtool.data.dates import column_spelling, spelling
from seqtool.data.spellings import SPELLINGS, day_of, match_of, wrong_weekday
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import printable
from seqtool.types import Times

CENTURY = 90  # years between neighbours that two digits part
STEPS = "where the oldest row comes first, the rows can be steps: --no-time"


def unread(name: str, cells: Sequence[str], where: str) -> DataError:
    """Return the error of a column that is called like time, or looks like it: some known cells of it are no dates."""
    import shlex  # few tables are refused

    cell = next((cell for cell in cells if not spelling(cell)), cells[0])
    what = f"column '{name}' holds no date that can be read, such as '{printable(cell)}'{_far(cell)}"
    formats = [f"--date-format {shlex.quote(form)}" for form in fitting(cells)]
    plain = "write dates as YYYY-MM-DD" + (" HH:MM" if ":" in cell else "")
    return DataError(what, where=where, cure=f"{' or '.join(formats) or plain}; {STEPS}")


def _far(cell: str) -> str:
    """Say which year a large number would be, as seconds since 1970."""
    digits = cell.strip().partition(".")[0]
    if not digits.isdecimal() or not 9 <= len(digits) <= 24:
        return ""
    year = 1970 + int(digits) // 31_556_952
    return f": as seconds since 1970 it is of the year {year:,}, and in no unit of 1973 to 2099"


def why(cell: str, cells: Sequence[str | None], order: str, format: str) -> str:
    """Return why a cell is no date where the column has dates, "" where it has nothing of one."""
    if format:
        return f", as --date-format {format!r} writes it"
    usual, own = column_spelling(cells), spelling(cell)
    if not usual or not own:
        return ""
    if usual != own:
        example = next(other for other in cells if spelling(other) == usual)
        return f" as the others are written, such as '{printable(example or '')}'"
    match = match_of(cell.strip(), own) if own in SPELLINGS else None
    try:
        day = day_of(match, order) if match else None
    except ValueError:
        day = None
    if match is None or day is None:
        return ": no calendar has it"
    weekday = wrong_weekday(match, day)
    return f": {day} is a {weekday}" if weekday else ": no clock shows it"


def short_years(times: Times, cells: Sequence[str | None], column: str, where: str) -> Finding:
    """Return the note on which years two digits were taken for, in times [T] and their cells.

    Raises `DataError` where rows beside each other are a century apart: 49 is 2049, and 50 is 1950.
    """
    years = times.astype("datetime64[Y]").astype(np.int64) + 1970
    for row in map(int, np.flatnonzero(np.abs(np.diff(years)) >= CENTURY)[:1]):
        readings = [f"'{printable(cells[place] or '')}' as {years[place]}" for place in (row, row + 1)]
        what = (
            f"two digits of a year in column '{column}' would be read with a century between: {' and '.join(readings)}"
        )
        raise DataError(what, where=where, cure="write whole years, such as 'Jan 1950'")
    first, last = (str(time.astype("datetime64[M]")) for time in (times.min(), times.max()))
    text = f"years of two digits were read as {first} to {last}: where they are of another century, write whole years"
    return Finding("note", "short-years", text)
