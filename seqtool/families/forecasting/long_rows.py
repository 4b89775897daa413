"""Where a line of a long table has its series, its time stamp and its value: by a header, or as in the training."""

from __future__ import annotations

from collections.abc import Sequence

from seqtool.data.dates import is_stamp
from seqtool.data.numbers import is_number
from seqtool.data.reading import Reading
from seqtool.data.text_table import spellings
from seqtool.data.time_names import TIME_NAMES
from seqtool.errors import DataError
from seqtool.families.forecasting.encoders import names_of
from seqtool.families.forecasting.rows import Places
from seqtool.families.forecasting.runner import Runner
from seqtool.families.forecasting.series_columns import trained_series
from seqtool.families.forecasting.target import lacking, without_target
from seqtool.runtime.stream import Refusal
from seqtool.say import printable


def id_names(runner: Runner) -> tuple[str, ...]:
    """Return the names of the columns that name a series."""
    return names_of(runner.config, "id_column") or ("id",)


def ident(runner: Runner) -> str:
    """Return what the name of a series is called in answers."""
    return "/".join(id_names(runner))


def long_places(header: Sequence[str], runner: Runner) -> Places | Refusal:
    """Return where a header says that the name, the time stamp and the value stand; without a name: one series."""
    reading = runner.encoders.reading
    ids, time, value = (_places(header, names) for names in (id_names(runner), reading.time, runner.columns))
    if target := lacking(header, runner.columns, runner.config, reading):
        return Refusal(without_target(target, header, "").what, "under a header of other columns")
    rest = [place for place in range(len(header)) if place not in (*ids, *time)]
    if not value and rest and len(rest) <= (1 if time or reading.no_time else 2):
        value = (rest[-1],)  # a single one may have any name
    others = [place for place in rest if place not in value]
    if not value or not (ids or all(header[place].casefold() in TIME_NAMES for place in others)):
        # a column of names that is called otherwise: rows of many series would be taken for one
        wanted = ", ".join(printable(name) for name in (*id_names(runner), *runner.columns))
        return Refusal(f"the header does not name the model's columns: {wanted}", "under a header of other columns")
    front = tuple(others[:1]) if _timed(runner) else ()
    return Places(len(header), time or front, value, ids)


def refuse_wide(fields: Sequence[str], runner: Runner) -> None:
    """Raise `DataError` for a line of a table with a column a series: its header, or a row as those of the training."""
    reading = runner.encoders.reading
    series = trained_series(runner.config, reading)
    if names_of(runner.config, "id_column") or len(series) < 2 or spellings(fields, id_names(runner)):
        return
    named = sum(bool(spellings(fields, (name,))) for name in series) > 1
    if not (named or _as_training(fields, reading)):
        return
    header = ",".join((*id_names(runner), *reading.time, *runner.columns, *reading.beside))
    what = "the lines have a column a series, and --follow takes a line for each of its rows"
    raise DataError(what, cure=f"pipe lines under a header such as {header}; or leave --follow out: --data FILE")


def _as_training(fields: Sequence[str], reading: Reading) -> bool:
    """Tell whether a line has as many cells as the training table, its time stamp at the same place."""
    if len(fields) != len(reading.names) or not (times := _places(reading.names, reading.time)):
        return False
    return all(is_stamp(fields[place]) and not is_number(fields[place]) for place in times)


def places_in(fields: Sequence[str], runner: Runner) -> Places | None:
    """Return where a line without a header has its pieces: as the training table, else `id,time,value` or fewer."""
    names, count = runner.encoders.reading.names, len(id_names(runner))
    width = len(fields)
    if width == len(names) and spellings(names, id_names(runner)):
        found = long_places(names, runner)
        return None if isinstance(found, Refusal) else found
    if width == 1:
        return Places(1, (), (0,))
    if width == 2 and is_stamp(fields[0]) and not is_number(fields[0]):  # a number may be a year, or a name
        return Places(2, (0,), (1,))
    timed = _timed(runner)
    if width == count + timed + 1:
        return Places(width, (count,) * timed, (width - 1,), tuple(range(count)))
    return None


def _timed(runner: Runner) -> bool:
    """Tell whether the training had time stamps; else rows are steps."""
    return runner.grid is not None and not runner.encoders.reading.no_time


def _places(names: Sequence[str], wanted: Sequence[str]) -> tuple[int, ...]:
    return tuple(list(names).index(name) for name in spellings(names, wanted))
