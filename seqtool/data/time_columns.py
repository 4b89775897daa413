"""Which columns of a table hold its time stamps: one, a date beside a clock, or a year, a month and a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from seqtool.data.columns import find, known_cells, mostly
from seqtool.data.dates import is_clock, is_compact, is_epoch, is_hour, is_stamp, is_timelike, parse_stamps
from seqtool.data.numbers import PLAIN, is_missing, is_number
from seqtool.data.numbers import read_all as numbers_of
from seqtool.data.reading import Reading
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
    HOUR_NAMES := ("hour", "stunde", "hora", "heure", "hr"), ("minute", "min"),
)  # fmt: skip
"""Names of columns that hold a part of the time, from the year on."""
COUNTERS = frozenset({"time", "t", "step", "hora", "zeit", "ora"})
"""Names of time that are no names of dates: whole numbers in such a column count something."""
CLOCK_NAMES = frozenset({"time", "clock", "hour", "zeit", "uhrzeit", "uhr", "hora", "heure", "ora", "tijd", "时间"})
"""Names of columns that hold the time of the day, beside one of dates."""
TIME_WORDS = frozenset({"date", "datetime", "epoch", "stamp", "time", "timestamp", "ts", "unix", "utc", "zeit"})
"""Words in the name of a column whose numbers, as long as seconds since 1970, are these."""
YEARS, EXCEL = (1500, 2200), (20_000, 80_000)
"""Whole numbers that may be years, or Excel's days: those of 1954 to 2119."""
NEARLY = 0.9  # of the cells of a column that says nothing by its name


def find_time(table: Table, reading: Reading, where: str) -> tuple[str, ...]:
    """Return the columns that make up the time stamp, () where the table has nothing like time.

    The columns that `reading` names; else what content and usual names say. Raises `UsageError` for an unknown column,
    and `DataError` where several columns may be it, and where a column is called like time, or looks like it, and
    cannot be read: in rows taken as steps, time might run backwards.
    """
    columns = table.columns
    if reading.time:
        return tuple(find(columns, name, where) for name in reading.time)
    usual = [name for name in columns if name.casefold() in TIME_NAMES]
    if dates := [name for name in dict.fromkeys([*usual, *columns]) if mostly(columns[name], is_stamp)]:
        date = dates[0] if reading.guess else _one_of(dates, table, where)
        clock = _clock(table, date, reading, where)
        return (date, clock) if clock else (date,)
    pieces = _pieces(table)
    if len(pieces) >= 3:
        return pieces
    for name in columns:
        share = NEARLY if name.casefold() not in TIME_NAMES else 0.5
        if mostly(columns[name], is_compact, share) or _epochs(name, columns[name]):
            return (name,)
    for name in columns:
        if name in usual or mostly(columns[name], _unread, NEARLY):
            _refuse_unread(table, name, where)
    return ()


def _one_of(dates: Sequence[str], table: Table, where: str) -> str:
    """Return which column of dates is the time: the one with a usual name, else the one that repeats no date."""
    usual = [name for name in dates if name.casefold() in TIME_NAMES]
    if len(usual) == 1 or len(dates) == 1:
        return (usual or dates)[0]
    distinct = [name for name in usual or dates if _distinct([table.columns[name]])]
    if len(distinct) == 1:
        return distinct[0]
    raise _undecided("dates", usual or dates, where)


def _clock(table: Table, date: str, reading: Reading, where: str) -> str:
    """Return the column of the clock beside a column of dates, "" for none: one with a usual name, else the needed one.

    Dates that do not repeat need none: hours beside them may be those of the sunrise.
    """
    cells = table.columns[date]
    if any(":" in cell for cell in known_cells(cells)):
        return ""
    clocks = [name for name in table.columns if name != date and mostly(table.columns[name], is_clock, NEARLY)]
    clocks = clocks or _hours(table, date)
    if not clocks:
        return ""
    usual = [name for name in clocks if name.casefold() in CLOCK_NAMES]
    if reading.guess or len(usual) == 1:
        return (usual or clocks)[0]
    if not usual and _distinct([cells]):
        return ""
    needed = [name for name in usual or clocks if _distinct([cells, table.columns[name]])]
    if len(needed) == 1:
        return needed[0]
    raise _undecided("times of the day", [f"{date},{name}" for name in usual or clocks], where)


def _hours(table: Table, date: str) -> list[str]:
    """Return the columns of whole hours, called so, beside dates that repeat: 7, 07, 0730."""
    if _distinct([table.columns[date]]):
        return []
    named = [name for name in table.columns if name.casefold() in (*CLOCK_NAMES, *HOUR_NAMES)]
    return [name for name in named if name != date and all(map(is_hour, known_cells(table.columns[name])))]


def _distinct(columns: Sequence[Sequence[str | None]]) -> bool:
    rows = list(zip(*columns, strict=True))
    return len(set(rows)) == len(rows)


def _undecided(kind: str, choices: Sequence[str], where: str) -> DataError:
    import shlex  # few tables are refused

    what = f"{len(choices)} columns of {kind}, and nothing says which is the time of the rows"
    if len(choices) == 1:
        what = f"a column of {kind} beside the dates, and nothing says whether it belongs to them"
        choices = [*choices, choices[0].partition(",")[0]]
    options = " or ".join(f"--time-column {shlex.quote(printable(name))}" for name in choices[:5])
    return DataError(what, where=where, cure=options)


def _epochs(name: str, cells: Sequence[str | None]) -> bool:
    """Tell whether a column counts time since 1970: by its name, or since it goes on by one step, up or down."""
    if not mostly(cells, is_epoch, 0.5 if name.casefold() in TIME_NAMES else NEARLY):
        return False
    if TIME_WORDS.intersection(re.findall(r"[^\W\d_]+", name.casefold())):
        return True
    times = parse_stamps(cells).times
    steps, counts = np.unique(np.diff(times).astype(np.int64), return_counts=True)
    one_way = not np.isnat(times).any() and len(times) > 2 and ((steps > 0).all() or (steps < 0).all())
    return bool(one_way and 2 * counts.max() > counts.sum())


def falling(cells: Sequence[str | None]) -> bool:
    """Tell whether whole numbers fall by the same amount from row to row: then the newest row may come first."""
    return len(cells) > 2 and all(map(is_number, cells)) and _goes_on(cells, -1)


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
    """Return the time stamp of a row: of a date and a clock, or of year, month, day, hour, minute as far as they go.

    A clock may be whole hours, such as 7, or hours and minutes without a mark, such as 0730.
    """
    if any(map(is_missing, pieces)):
        return None
    texts = [(piece or "").strip() for piece in pieces]
    if len(texts) == 2:
        clock = re.sub(r"^(\d{1,2})$", r"\1:00", re.sub(r"^(\d{1,2})(\d\d)$", r"\1:\2", texts[1]))
        return f"{texts[0]} {clock.replace('.', ':')}"
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
    steps = f"where the oldest row comes first, the rows can be steps: --ignore-column {printable(name)}"
    cure = f"write dates as YYYY-MM-DD; {steps}"
    raise DataError(what, where=where, cure=cure)


def _counts(cells: Sequence[str | None], *, dates: bool) -> bool:
    """Tell whether cells are numbers that grow by the same amount; `dates`: by their name they may be years or days."""
    if not all(map(is_number, cells)):
        return False
    try:
        first = numbers_of(cells[:1], PLAIN)[0]
    except ValueError:
        return False
    return not (dates and any(low <= first <= high for low, high in (YEARS, EXCEL))) and _goes_on(cells, 1)


def _goes_on(cells: Sequence[str | None], sign: int) -> bool:
    """Tell whether numbers grow (sign 1) or fall (sign -1) by the same amount."""
    try:
        steps = sign * np.diff(numbers_of(cells, PLAIN))
    except ValueError:
        return False
    return bool((steps > 0).all() and np.allclose(steps, steps[:1], rtol=1e-3))


def _unread(cell: str | None) -> bool:
    return is_timelike(cell) and not is_number(cell)
