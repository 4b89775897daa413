"""The history that a model continues: from a pipe, from files, from its training data, or a stream's unread rows.

The columns are chosen by one rule wherever the table comes from: by the model's names where all of them are
there; a single series may have any name that is found as in training.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from seqtool.data.clean import clean
from seqtool.data.clock import bare_stamps, is_of_no_zone, on_one_clock, zoned_stamps
from seqtool.data.columns import INDEX_NAMES, find_values, mostly
from seqtool.data.dates import is_stamp, parse_stamps
from seqtool.data.grid import Grid, one_stamp
from seqtool.data.numbers import LARGEST
from seqtool.data.reading import UTC, Reading
from seqtool.data.regular import regular
from seqtool.data.series import Series, refuse_unlearnable, rows, stamped
from seqtool.data.text_table import Table, spellings
from seqtool.data.time_names import RANGES
from seqtool.data.time_pieces import refuse_moved
from seqtool.errors import DataError, NotFound, UsageError, without_options
from seqtool.families.forecasting.encoders import names_of
from seqtool.families.forecasting.target import lacking, without_target
from seqtool.reads import Finding
from seqtool.say import counted, listing, note, printable, stdout, warn
from seqtool.types import Array, Floats, Json, Singles

if TYPE_CHECKING:
    from seqtool.families.forecasting.runner import Runner
    from seqtool.modelfile.manifest import Manifest
    from seqtool.reads import DataFile
    from seqtool.runtime.state import Stream

_STAMP = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?", re.ASCII)
_MOST_LOST = 10_000_000  # steps between a state and the rows that go on
USUAL = ("close", "value", "y")  # columns worth forecasting, looked for in this order where the task names none


def from_table(
    table: Table, columns: Sequence[str], config: Json, reading: Reading, where: str, grid: Grid | None = None
) -> Series:
    """Make one table into the history of a model of `columns`, trained with `config`, whose tables are `reading`.

    grid: where the model's stamps stand, None where it has none.
    """
    table = _with_names(table, columns, reading)
    # without names a number says nothing of a column, unless the training table was as wide
    foreign = not table.named and bool(reading.names) and len(table.columns) != len(reading.names)
    reading = replace(reading, time=() if foreign else spellings(table.columns, reading.time))
    names = tuple(table.columns)
    if table.named and (target := lacking(names, columns, config, reading)):
        raise without_target(target, names, where)
    if config.get("several") == "pooled":
        from seqtool.families.forecasting.series_columns import many_from_table  # it builds on this module

        return many_from_table(table, config, reading, where, grid)
    ids = spellings(table.columns, names_of(config, "id_column"))
    values: list[str] = []
    if ids:
        from seqtool.data.long_table import series_names  # few tables are long

        names = series_names(table, ids)
        values = [own for name in names_of(config, "columns") for own in spellings(table.columns, (name,))]
    chosen = () if foreign and len(columns) == 1 else _matching(names, columns)
    series = clean(
        table, columns=(*chosen, *values), preferred=USUAL, id_column=ids, reading=reading, where=where,
        for_training=False, known=grid,
    )  # fmt: skip
    return _named(series, chosen, columns)


def _with_names(table: Table, columns: Sequence[str], reading: Reading) -> Table:
    """Name the columns of a table without a header: those of the training table, or the model's behind the time."""
    names, width = tuple(table.columns), len(table.columns)
    if table.named or names == reading.names:  # the training table had no header either
        return table
    if width == len(reading.names):
        refuse_moved(table, reading.names, reading.time)
        return table.with_names(reading.names)
    time = len(reading.time) or int(mostly(table.columns[names[0]], is_stamp))
    if len(columns) > 1 and width in (len(columns), time + len(columns)):
        return table.with_names((*names[: width - len(columns)], *columns))
    return table


def from_bytes(
    data: bytes, columns: Sequence[str], config: Json, reading: Reading, where: str, grid: Grid | None = None
) -> Series:
    """Make the bytes of a table into the history of a model, as `from_table` does."""
    from seqtool.data.tables import table_of_bytes

    with without_options():
        return from_table(table_of_bytes(data, Path(where), reading), columns, config, reading, where, grid)


def from_arrays(
    arrays: Mapping[str, Array | None], columns: Sequence[str], config: Json, reading: Reading, where: str,
    known: Grid | None = None,
) -> Series | None:  # fmt: skip
    """Make columns [T] into the history that `from_table` makes of their text, without findings.

    Returns None unless there are exactly one column of time stamps, none missing, and columns of finite or missing
    numbers: such a table has to be read as text. Raises what `from_table` raises.
    """
    arrays = {name: array for name, array in arrays.items() if name not in spellings(arrays, reading.ignore)}
    numbers = {name: array for name, array in arrays.items() if array is not None and array.dtype.kind == "f"}
    stamps = {name: array for name, array in arrays.items() if array is not None and array.dtype.kind == "M"}
    if (
        config.get("several") == "pooled"
        or reading.beside
        or reading.percent
        or reading.resample
        or reading.day_end == "00:00"
    ):
        return None
    if reading.timezone not in ("", UTC):
        return None
    configured = {*spellings(arrays, reading.time), *spellings(arrays, names_of(config, "id_column"))}
    if len(stamps) != 1 or len(numbers) + 1 < len(arrays) or not configured <= {*stamps}:
        return None
    ((time, times),) = stamps.items()
    if (np.diff(times) <= np.timedelta64(0, "s")).any():  # a midnight behind the rows of its date may end that day
        return None
    if not len(times) or np.isnat(times).any() or any((np.abs(array) > LARGEST).any() for array in numbers.values()):
        return None
    if lacking(tuple(arrays), columns, config, reading):  # read as text, the error says so
        return None
    chosen = _matching(tuple(arrays), columns)
    # A few cells show what a column holds; row numbers have to be seen whole.
    kinds = {name: _kind(name, array) for name, array in numbers.items()}
    try:
        names = find_values({time: [None], **kinds}, time, chosen, USUAL, where)
    except DataError:  # read as text, the error names the column that a person may choose
        return None
    if time in names:  # read as text, the error names the cell
        return None
    values, grid = np.stack([numbers[name] for name in names], axis=1), known
    findings = [bare_stamps()] if known and known.zone == UTC else []
    if len(times) > (known is None):
        times, values, grid, more = regular(times, values, where=where, known=known)
        findings += more
    series = Series(names, values, times, grid, tuple(findings))
    refuse_unlearnable(series, where, constant=False)
    return _named(series, chosen, columns)


def _kind(name: str, array: Floats) -> list[str | None]:
    if name.casefold() in INDEX_NAMES or name.strip().casefold() in RANGES:
        return [None if np.isnan(value) else repr(value) for value in array.tolist()]
    return ["0" if np.isfinite(array).any() else None]


def _named(series: Series, chosen: Sequence[str], columns: Sequence[str]) -> Series:
    if len(chosen) == len(series.columns) > 1:
        return replace(series, columns=tuple(columns))  # chosen in the model's order, maybe in another spelling
    return _align(series, columns)


def from_files(
    files: Sequence[DataFile], columns: Sequence[str], config: Json, reading: Reading, grid: Grid | None = None
) -> Series:
    """Read one file, or join several as the training did."""
    from seqtool.data.tables import read_series, read_table  # polars, which a pipe does without

    with without_options():
        if len(files) == 1:
            path = files[0].path
            series = from_table(read_table(path, reading), columns, config, reading, str(path), grid)
            return stamped(series, files[0].start, files[0].step)
        # UTC that nobody asked for was found in offsets: it says nothing of stamps without
        zone = "" if reading.timezone == UTC and not config.get("timezone") else reading.timezone
        series = read_series(
            files, columns=names_of(config, "columns"), preferred=USUAL, id_column=names_of(config, "id_column"),
            reading=replace(reading, time=names_of(config, "time_column"), timezone=zone), for_training=False,
            many=config.get("several") == "pooled",
        )  # fmt: skip
        if grid and grid.zone == UTC and series.grid and not series.grid.zone:
            series = replace(series, findings=(*series.findings, bare_stamps()))
        if is_of_no_zone(grid) and series.grid and series.grid.zone:
            series = replace(series, findings=(*series.findings, zoned_stamps()))
    pooled = config.get("several") == "pooled"
    series = series if pooled else _align(series, columns)
    if not (pooled and np.isfinite(series.values).any()):
        refuse_unlearnable(series, ", ".join(str(file.path) for file in files), constant=False)
    return series


def _align(series: Series, wanted: Sequence[str]) -> Series:
    """Put the columns into the order of the model, others left out; raises `UsageError` where one is not there.

    A single series may have any name.
    """
    if len(wanted) == len(series.columns) == 1:
        return series if series.columns == tuple(wanted) else _renamed(series, wanted[0])
    if not set(wanted) <= set(series.columns):
        reason = f"the model forecasts {', '.join(wanted)}; the table gives {', '.join(series.columns)}"
        raise UsageError(reason, cure="give the columns it was trained on, several files as LABEL=FILE")
    order = [series.columns.index(name) for name in wanted]
    findings = series.findings
    if unread := [name for name in series.columns if name not in wanted]:
        findings += (Finding("warning", "unread-columns", f"the model does not read {listing(unread)}"),)
    return replace(series, columns=tuple(wanted), values=series.values[:, order], findings=findings)


def _renamed(series: Series, wanted: str) -> Series:
    """Say that a single series goes under another name than the model's; it keeps its name."""
    text = f"the model continues '{printable(wanted)}': it reads '{printable(series.columns[0])}'"
    return replace(series, findings=(*series.findings, Finding("warning", "other-column", text)))


def _matching(names: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Choose columns by name; () to let `clean` find a single series."""
    if (chosen := spellings(names, wanted)) or len(wanted) == 1:
        return chosen
    lacking = [name for name in wanted if not spellings(names, (name,))]
    reason, where = f"the table has no columns {listing(lacking)}", f"found: {listing(names)}"
    raise UsageError(reason, where=where, cure="name the columns as in training")


def trained_on(manifest: Manifest, model: Path) -> tuple[DataFile, ...]:
    """Find the data that a model was trained on: its source, its task's sample, or the files named in its run."""
    if manifest.data.get("source") or manifest.data.get("sample"):
        from seqtool.families.choose import recall
        from seqtool.plugins import load_task

        return recall(load_task(manifest.task), {**manifest.data, "paths": []}).files
    from seqtool.reads import DataFile

    run = model.parent / "run.json"  # a model file holds no paths; the run that it lies in does
    try:
        data = json.loads(run.read_text(encoding="utf-8"))["data"]
        labels = [file["label"] for file in data["files"]]
        return tuple(DataFile(Path(path), label) for path, label in zip(data["paths"], labels, strict=True))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotFound("nothing to continue", where=str(model), cure="pipe a table in, or give --data FILE") from error


def cut_at(series: Series, stamp: str | None) -> Series:
    """Return the rows up to and including `stamp`, all of them for None; raises `UsageError` where no row has it."""
    if stamp is None:
        return series
    stamps = series.stamps()
    place = stamps.index(stamp) if stamp in stamps else _place_of(series, stamp)
    if place is None:
        where = f"{stamps[0]} to {stamps[-1]}"
        raise UsageError(f"no row is stamped {stamp!r}", where=where, cure="--at a stamp of the table")
    return rows(series, slice(0, place + 1))


def _place_of(series: Series, stamp: str) -> int | None:
    """Return the last row up to a time, which the table may write otherwise, or have no row for, as for a closed day.

    None for a time before the first row, or from the step after the last one on.
    """
    reading = series.reading
    try:
        stamps = parse_stamps([stamp], order=reading.date_order, guess=reading.guess, format=reading.date_format)
    except DataError:  # of two readings
        return None
    if series.times is None or np.isnat(stamps.times).any():
        return None
    offsets = stamps.offsets_beside(reading.timezone)
    time = on_one_clock(stamps.times, offsets, reading.timezone, "", known=series.grid).times[0]
    begun = np.flatnonzero(series.times <= time)
    if not begun.size:
        return None
    last = int(begun[-1])
    ended = last == len(series.times) - 1 and series.times[last] != time
    beyond = ended and (series.grid is None or series.grid.after(series.times[last], 1)[0] <= time)
    return None if beyond else last


def go_on(runner: Runner, series: Series, path: Path) -> tuple[Series, Stream]:
    """Return the rows that a stream has not read yet, and its state; without a file at `path` a stream begins.

    Raises `UsageError` where the model carries no state or the file belongs to another model, `DataError` where
    nothing is new.
    """
    from seqtool.runtime.state import Stream, read_stream

    if not runner.stateful:
        cure = "leave out --state, or train with --network autoregressive --stateful"
        if runner.pooled:
            cure += " --several joint --scaling standard --highway 0"
        raise UsageError("this model carries no state: it reads a window each time", cure=cure)
    if not path.exists():
        return series, Stream(runner.first_state())
    stream = read_stream(path, runner.first_state(), runner.model.sha256)
    if stream.last and not _STAMP.fullmatch(stream.last):
        raise DataError("the state file is damaged", where=str(path), cure="begin a new one")
    if stream.last and series.times is None:
        what = f"the rows have no time stamps, and the stream has read up to {stream.last}"
        raise DataError(what, cure="give the rows their time stamps, as before")
    new = series if series.times is None or not stream.last else _unread(series, series.times, stream.last)
    after = _written(stream.last, series.grid) if stream.last else "the rows read before"
    note(f"goes on after {after} with {counted(len(new.values), 'row')}")
    return new, stream


def _written(stamp: str, grid: Grid | None) -> str:
    """Write a time stamp of a state file as the table does, with its offset."""
    return one_stamp(np.datetime64(stamp, "s"), grid)


def _unread(series: Series, times: Array, last: str) -> Series:
    """Return the rows after the time stamp `last`, with a row of missing values for each step missing before them."""
    read_until = np.datetime64(last, "s")
    new, stamps = times > read_until, series.stamps()
    if not new.any():
        where = f"the table ends at {stamps[-1]}"
        read = _written(last, series.grid)
        raise DataError(f"nothing is new: the stream has read up to {read}", where=where, cure="give later rows")
    if series.grid is None:
        raise DataError("one row, and its step is not known", where=stamps[0], cure="give more rows")
    beside = series.beside and series.beside.after(int(np.argmax(new)))
    times, values = times[new], series.values[new]
    first, before = series.grid.places(np.array([times[0], read_until], dtype="datetime64[s]"))
    lost = int(first - before) - 1
    if lost > _MOST_LOST:
        what = f"the stream has read up to {_written(last, series.grid)}, {lost:,} steps before these rows"
        raise DataError(what, where=stamps[0], cure="give the rows between, or begin a new state file")
    if lost > 0:
        steps = counted(lost, "step is", "steps are")
        warn(f"{steps} missing after {_written(last, series.grid)}: read as missing values")
        # The stream's clock goes on through the missing steps.
        times = np.concatenate([series.grid.stamps(first - np.arange(lost, 0, -1)), times])
        values = np.concatenate([np.full((lost, values.shape[1]), np.nan), values])
        beside = beside and beside.behind(lost)
    return replace(series, times=times, values=values, beside=beside)


def keep(runner: Runner, path: Path, state: Mapping[str, Singles], read: Series) -> None:
    """Write the state after the rows that were read, once the answer is out."""
    from seqtool.runtime.state import Stream, write_stream

    stdout().flush()  # if the answer is lost, its rows must be read again
    last = "" if read.times is None else str(read.times[-1])
    write_stream(path, Stream(state, last), runner.model.sha256)
