"""A line of `forecast --follow` as a row: which cells hold the time stamp and the values, and what they say."""

from __future__ import annotations

import contextlib
import csv
import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from seqtool.data.clock import on_one_clock
from seqtool.data.date_format import fits
from seqtool.data.dates import is_stamp, parse_stamps, spelling
from seqtool.data.day_ends import DAY
from seqtool.data.number_dates import is_compact, is_epoch
from seqtool.data.reading import UTC, Reading
from seqtool.data.separated import without_formulas
from seqtool.data.stamps import to_datetime
from seqtool.data.text_table import spellings
from seqtool.data.time_names import called_quarters, called_weeks
from seqtool.data.time_pieces import PERIODS_OF, date_elsewhere, may_be_span, stamp_of
from seqtool.errors import DataError
from seqtool.families.forecasting.row_numbers import number_in, refused_thousands
from seqtool.families.forecasting.runner import Runner
from seqtool.families.forecasting.target import lacking, without_target
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Refusal
from seqtool.say import printable

_PLAIN = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?", re.ASCII)
CLOSED = "outside of the open hours"  # such a line is no step
UNREAD = "without a time stamp that can be read"
UNKNOWN: np.datetime64 = np.datetime64("NaT", "s")


class Places(NamedTuple):
    """Where in a line the pieces of its time stamp and its F values stand; width: how many cells such a line has.

    ids: where the name of its series stands, () where it has none. beside: where the columns beside the values stand.
    """

    width: int
    time: tuple[int, ...]
    values: tuple[int, ...]
    ids: tuple[int, ...] = ()
    beside: tuple[int, ...] = ()


class Row(NamedTuple):
    """A line as read: its time stamp (else its number) and its values [F], NaN = missing, or why it is refused.

    moment: the time stamp as a time, NaT where there is none that is certain. name: that of its series, "" where lines
    have none; unnamed: whether it is not known of which series the line is. beside [C]: the columns beside the values.
    """

    time: str | int
    values: list[float] | Refusal
    moment: np.datetime64 = UNKNOWN
    name: str = ""
    unnamed: bool = False
    beside: tuple[float, ...] = ()


def cells(text: str, reading: Reading) -> list[str]:
    """Cut a line at the mark of the training table where it has one, else at its most frequent; quotes as in CSV."""
    mark = reading.mark
    if not mark or mark not in text:
        # where numbers have decimal commas, a comma parts none
        mark = max("\t;" if reading.decimal == "," and mark != "," else "\t;,", key=text.count)
    try:
        text = text.strip() if mark == " " else without_formulas(text)
        return next(csv.reader([text], delimiter=mark, skipinitialspace=True))
    except csv.Error:  # a CR inside
        return [text]


def places_of(header: Sequence[str], runner: Runner) -> Places | Refusal:
    """Return where a header says that the model's columns stand; a single one may have any name."""
    found = _places_of(header, runner)
    if isinstance(found, Refusal):
        return found
    return found._replace(beside=_places(header, runner.encoders.reading.beside))


def _places_of(header: Sequence[str], runner: Runner) -> Places | Refusal:
    if runner.pooled:
        from seqtool.families.forecasting.long_rows import long_places  # it builds on this module

        return long_places(header, runner)
    time = _places(header, runner.encoders.reading.time)
    values = _places(header, runner.columns)
    if target := lacking(header, runner.columns, {}, runner.encoders.reading):
        return Refusal(without_target(target, header, "").what, "under a header of other columns")
    if not values and len(runner.columns) == 1 and len(header) <= 1 + max(1, len(time)):
        values = (len(header) - 1,)
    if not values:
        names = ", ".join(printable(name) for name in runner.columns[:20])
        return Refusal(f"the header does not name the model's columns: {names}", "under a header of other columns")
    reading = runner.encoders.reading
    # a column that the training had and did not take for the time is none here
    front = () if reading.no_time or 0 in values or spellings(reading.names, header[:1]) else (0,)
    return Places(len(header), time or front, values)


def _places(names: Sequence[str], wanted: Sequence[str]) -> tuple[int, ...]:
    return tuple(list(names).index(name) for name in spellings(names, wanted))


def _places_without(fields: Sequence[str], runner: Runner) -> Places | None:
    """Return where a line without a header has its pieces; what stands beside the values is where the training had it.

    Under a header it is where that says, or it is lacking: a column of another name is none of them.
    """
    places, reading = _places_in(fields, runner), runner.encoders.reading
    if places is None or places.width != len(reading.names):
        return places
    return places._replace(beside=_places(reading.names, reading.beside))


def _places_in(fields: Sequence[str], runner: Runner) -> Places | None:
    """Return where the values of a line without a header stand: as in the training table, else behind the time."""
    if runner.pooled:
        from seqtool.families.forecasting.long_rows import places_in

        return places_in(fields, runner)
    width = len(fields)
    names, count = runner.encoders.reading.names, len(runner.columns)
    if width == len(names) and (values := _places(names, runner.columns)):
        return Places(width, _places(names, runner.encoders.reading.time), values)
    if width == count:
        return Places(width, (), tuple(range(count)))
    pieces = max(1, len(runner.encoders.reading.time))
    if width in (count + 1, count + pieces):
        front = 0 if runner.encoders.reading.no_time else width - count
        return Places(width, tuple(range(front)), tuple(range(width - count, width)))
    return None


def read_row(record: Record, runner: Runner, header: Places | Refusal | None = None) -> Row:
    """Read a line as a row of the runner's columns, placed as the header says where there was one."""
    if record.cut:  # the last number may be half of one
        return _unnamed(record, Refusal("too long: its numbers cannot be trusted", "too long to be a row"))
    if is_json(record.text):
        reason = "JSON: --follow reads cells with a mark between them, such as time,value"
        return _unnamed(record, Refusal(reason, "JSON, and not cells with commas between them"))
    if isinstance(header, Refusal):
        return _unnamed(record, header)
    fields = cells(record.text, runner.encoders.reading)
    headed = header is not None and header.width == len(fields)
    places = header if headed else _places_without(fields, runner)
    if not headed and (moved := _moved(fields, runner.encoders.reading)):
        return _unnamed(record, moved)
    if places is None or not places.ids:
        return _with_columns(_row(record, fields, places, runner), fields, places, runner)
    from seqtool.data.long_table import named  # few streams are of many series

    name = named([fields[place] for place in places.ids])
    if not name:
        return _unnamed(record, Refusal("the line names no series", "without the name of a series"))
    return _with_columns(_row(record, fields, places, runner), fields, places, runner)._replace(name=name)


def is_json(text: str) -> bool:
    """Tell whether a line is an object or an array of JSON."""
    text = text.strip()
    return (text[:1], text[-1:]) in (("{", "}"), ("[", "]"))


def _with_columns(row: Row, fields: Sequence[str], places: Places | None, runner: Runner) -> Row:
    """Add to a row what stands beside its values, where the model reads it."""
    if places is None or not runner.encoders.inputs or isinstance(row.values, Refusal):
        return row
    from seqtool.families.forecasting.row_columns import columns_in  # few models read any

    beside = columns_in(fields, places, runner)
    return row._replace(values=beside) if isinstance(beside, Refusal) else row._replace(beside=beside)


def _unnamed(record: Record, refusal: Refusal) -> Row:
    return Row(record.number, refusal, unnamed=True)


def _row(record: Record, fields: Sequence[str], places: Places | None, runner: Runner) -> Row:
    stamp = _stamp([fields[place] for place in places.time], runner.encoders.reading) if places else ""
    if places is None or (stamp and not _is_time(stamp, runner.encoders.reading)):
        wanted = "1 value" if len(runner.columns) == 1 else f"{len(runner.columns)} values"
        reason = f"{len(fields)} fields: the model takes {wanted}, with or without a time stamp in front"
        if places and runner.encoders.reading.time:
            return Row(record.number, Refusal(f"'{printable(stamp)}' is no time stamp", UNREAD))
        return _unnamed(record, Refusal(reason, "of another number of values"))
    time = stamp or record.number
    moment = _moment(stamp, runner) if runner.calendar or (stamp and runner.grid) else UNKNOWN
    if isinstance(moment, Refusal):
        return Row(time, moment)
    return Row(time, _values([fields[place] for place in places.values], runner), moment)


def _moved(fields: Sequence[str], reading: Reading) -> Refusal | None:
    """Refuse a row without a header whose date stands where the training table had something else."""
    if len(fields) != len(reading.names) or not (name := date_elsewhere(reading.names, fields, reading.time)):
        return None
    date = printable(fields[reading.names.index(name)])
    reason = f"the date '{date}' stands where the training had '{printable(name)}': give a header above the rows"
    return Refusal(reason, "with cells in other places than the training's")


def _stamp(pieces: Sequence[str], reading: Reading) -> str:
    texts = [_start(piece.strip()) for piece in pieces]
    if len(texts) == len(reading.time) == 1 and not reading.date_format:
        (name,) = reading.time
        if called_weeks(name) or called_quarters(name):
            from seqtool.data.week_numbers import as_part  # few series are of weeks

            return as_part(texts[0], name) or texts[0]
    if reading.periods and len(texts) == len(reading.time) in PERIODS_OF:
        from seqtool.data.periods import stamp_alone  # few series have numbered periods

        return stamp_alone(texts, reading)
    return "".join(texts) if len(texts) < 2 else stamp_of(reading.time, texts) or ""


def _start(piece: str) -> str:
    if not may_be_span(piece):
        return piece
    from seqtool.data.spans import start_of  # few lines have spans

    return start_of(piece) or piece


def _is_time(stamp: str, reading: Reading) -> bool:
    if reading.date_format:
        return fits(stamp, reading.date_format)
    if _PLAIN.fullmatch(stamp):
        return True
    if reading.time:  # a year, or a day as Excel counts them, where the training had dates
        return spelling(stamp) != ""
    return is_stamp(stamp) or is_compact(stamp) or is_epoch(stamp)


def _moment(stamp: str, runner: Runner) -> np.datetime64 | Refusal:
    # Read by itself: an answer must not change with the lines around it.
    if not stamp:
        names = ", ".join(runner.calendar)
        return Refusal(f"no time stamp in front: the model reads the calendar ({names})", UNREAD)
    moment = _certain(stamp, runner)
    if runner.encoders.reading.day_end == "00:00" and moment == moment.astype("datetime64[D]"):
        moment = moment + DAY  # the midnight that ends the day of its date
    if np.isnat(moment):
        reason = f"the time stamp '{stamp}' is not certain: write YYYY-MM-DD, without an offset"
        # where the training had time stamps, a line out of time would be taken as the next step
        return Refusal(reason, UNREAD) if runner.calendar or runner.encoders.reading.time else UNKNOWN
    if runner.grid is not None and runner.grid.open and runner.grid.closed(np.array([moment])).any():
        return Refusal(f"'{stamp}' is where the training had no rows ({runner.grid})", CLOSED)
    return moment


def _certain(stamp: str, runner: Runner) -> np.datetime64:
    """Return the time that a stamp says by itself, NaT where it has two readings, or none in its zone."""
    reading = runner.encoders.reading
    with contextlib.suppress(DataError, ValueError):
        if not reading.date_format and reading.timezone in ("", UTC) and _PLAIN.fullmatch(stamp):
            plain: np.datetime64 = to_datetime([stamp.replace(" ", "T")])[0]  # a stream has many
            return plain
        read = parse_stamps([stamp], order=reading.date_order, format=reading.date_format)
        local = read.offsets is None or not read.offsets.any()
        days = runner.grid is not None and runner.grid.whole_days  # each stamp is one of its own day
        if not np.isnat(read.times).any() and (local or days or reading.timezone):
            offsets = read.offsets_beside(reading.timezone)
            moment: np.datetime64 = on_one_clock(read.times, offsets, reading.timezone, "", known=runner.grid).times[0]
            return moment
    return UNKNOWN


def _values(fields: Sequence[str], runner: Runner) -> list[float] | Refusal:
    reading = runner.encoders.reading
    if refused := refused_thousands(fields, reading):
        return refused
    values = []
    for name, cell in zip(runner.columns, fields, strict=True):
        value = number_in(cell, reading, percent=reading.has_percent(name, alone=runner.pooled))
        if isinstance(value, Refusal):
            return value
        if runner.needs_positive and value <= 0:
            unit = "logarithms" if runner.pooled else "log-returns"
            return Refusal(f"{value:g}: a model on {unit} needs values above zero", "not above zero")
        values.append(value)
    return values
