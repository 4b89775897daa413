"""Which columns of a table hold its time stamps: one, a date beside a clock, or a year, a month and a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from seqtool.data.columns import find, known_cells, mostly
from seqtool.data.dates import is_clock, is_compact, is_epoch, is_stamp, is_timelike
from seqtool.data.numbers import PLAIN, is_missing, is_number
from seqtool.data.numbers import read_all as numbers_of
from seqtool.data.text_table import Table
from seqtool.errors import DataError, UsageError
from seqtool.say import printable
from seqtool.task import Finding

TIME_NAMES = frozenset(
    {
        "date",
        "time",
        "timestamp",
        "datetime",
        "ds",
        "month",
        "day",
        "date time",
        "date_time",
        "date/time",
        "unix",
        "epoch",
    }
    | {
        "datum",
        "zeit",
        "zeitpunkt",
        "zeitstempel",
        "monat",
        "tag",
        "fecha",
        "hora",
        "mes",
        "jour",
        "mois",
        "data",
        "ora",
    }
    | {"year", "jahr", "año", "ano", "année", "annee", "period", "week", "quarter", "日期", "时间", "日付", "дата"}
)
"""Names, in small letters, of columns that hold the time."""
PIECES = (
    ("year", "jahr", "año", "année", "yr"), ("month", "monat", "mes", "mois", "mo"),
    ("day", "tag", "día", "jour", "dy"),
    ("hour", "stunde", "hora", "heure", "hr"), ("minute", "min"),
)  # fmt: skip
"""Names of columns that hold a part of the time, from the year on."""
COUNTERS = frozenset({"time", "t", "step", "hora", "zeit", "ora"})
"""Names of time that are no names of dates: whole numbers in such a column count something."""
YEARS, EXCEL = (1500, 2200), (20_000, 80_000)
"""Whole numbers that may be years, or Excel's days: those of 1954 to 2119."""
NEARLY = 0.9  # of the cells of a column that says nothing by its name


def find_time(table: Table, names: Sequence[str], where: str) -> tuple[str, ...]:
    """Return the columns that make up the time stamp, () where the table has nothing like time.

    The columns `names`; else what content and usual names say. Raises `UsageError` for an unknown column, and
    `DataError` where a column is called like time, or looks like it, and cannot be read: in rows taken as steps, time
    might run backwards.
    """
    columns = table.columns
    if names:
        return tuple(find(columns, name, where) for name in names)
    usual = [name for name in columns if name.casefold() in TIME_NAMES]
    for name in [*usual, *columns]:
        if mostly(columns[name], is_stamp):
            clock = next((other for other in columns if other != name and mostly(columns[other], is_clock, NEARLY)), "")
            has_clock = any(":" in cell for cell in known_cells(columns[name]))
            return (name, clock) if clock and not has_clock else (name,)
    pieces = _pieces(table)
    if len(pieces) >= 3:
        return pieces
    for name in columns:
        share = NEARLY if name.casefold() not in TIME_NAMES else 0.5
        if mostly(columns[name], is_compact, share) or (name in usual and mostly(columns[name], is_epoch)):
            return (name,)
    for name in columns:
        if name in usual or mostly(columns[name], _unread, NEARLY):
            _refuse_unread(table, name, where)
    return ()


def joined(table: Table, names: Sequence[str], where: str) -> tuple[Table, str, list[Finding]]:
    """Return a table with one column of time in place of several, that column's name, and a note.

    Raises `DataError` where the pieces make up no date, `UsageError` where they are too many.
    """
    if len(names) == 1:
        return table, names[0], []
    if len(names) > len(PIECES):
        what = f"{len(names)} columns for one time stamp"
        raise UsageError(what, where=where, cure="--time-column date,clock or year,month,day,hour,minute")
    stamps = list(map(composed, zip(*(table.columns[name] for name in names), strict=True)))
    name = " + ".join(names)
    rest = {other: column for other, column in table.columns.items() if other not in names}
    text = f"the time stamps are in the columns {', '.join(map(printable, names))} together"
    return replace(table, columns={name: stamps, **rest}), name, [Finding("note", "time-columns", text)]


def composed(pieces: Sequence[str | None]) -> str | None:
    """Return the time stamp of a row: of a date and a clock, or of year, month, day, hour, minute as far as they go."""
    if any(map(is_missing, pieces)):
        return None
    texts = [(piece or "").strip() for piece in pieces]
    if len(texts) == 2:
        return f"{texts[0]} {texts[1].replace('.', ':')}"
    try:
        year, month, day, hour, minute = [*(int(float(text)) for text in texts), *[0] * (len(PIECES) - len(texts))]
    except ValueError:
        return " ".join(texts)
    return f"{year:04d}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}"


def _pieces(table: Table) -> tuple[str, ...]:
    """Return the columns of whole numbers that are called year, month, day, hour and minute, as far as they go."""
    found: list[str] = []
    for words in PIECES:
        name = next((name for name in table.columns if name.casefold() in words), None)
        if name is None or not mostly(table.columns[name], is_number):
            break
        found.append(name)
    return tuple(found)


def _refuse_unread(table: Table, name: str, where: str) -> None:
    """Raise `DataError` unless a column that is called like time counts the steps."""
    cells = table.columns[name]
    cell = next(iter(known_cells(cells)), "")
    if not cell or _counts(cells, dates=name.casefold() not in COUNTERS):
        return
    what = f"column '{printable(name)}' holds no date that can be read, such as '{printable(cell)}'"
    cure = f"write dates as YYYY-MM-DD, or take the rows as steps, the oldest first: --ignore-column {printable(name)}"
    raise DataError(what, where=where, cure=cure)


def _counts(cells: Sequence[str | None], *, dates: bool) -> bool:
    """Tell whether cells are numbers that grow by the same amount; `dates`: by their name they may be years or days."""
    if not all(map(is_number, cells)):
        return False
    try:
        numbers = numbers_of(cells, PLAIN)
    except ValueError:
        return False
    if dates and any(low <= numbers[0] <= high for low, high in (YEARS, EXCEL)):
        return False
    steps = np.diff(numbers)
    return bool((steps > 0).all() and np.allclose(steps, steps[:1], rtol=1e-3))


def _unread(cell: str | None) -> bool:
    return is_timelike(cell) and not is_number(cell)
