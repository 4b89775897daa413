"""A time series, cleaned: a regular grid of numbers out of columns of text, and what was found on the way."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from seqtool.data.grid import Grid, one_stamp, span
from seqtool.data.reading import UTC, Reading, common
from seqtool.data.regular import grid_of
from seqtool.data.stamps import format_stamps
from seqtool.errors import DataError, UsageError
from seqtool.findings import Finding
from seqtool.say import counted, printable

if TYPE_CHECKING:
    from seqtool.data.beside import Beside
    from seqtool.types import Floats, Times


LATER = "later"
"""In the metadata of a field that older parts of data lack: where it has its default, their sums stay as they are."""


@dataclass(frozen=True, eq=False)
class Series:
    """One or several series on one regular grid, the oldest row first.

    columns: the F names; values [T,F], NaN = missing; times [T] datetime64[s], None where the table has no time
    stamps; grid: where its stamps stand, None without time stamps or with a single row of which nothing more is known.
    """

    columns: tuple[str, ...]
    values: Floats
    times: Times | None
    # left out of the sum by which a run knows its data: they tell how it was read, in words that may change
    grid: Grid | None = field(compare=False)
    findings: tuple[Finding, ...] = field(compare=False)
    reading: Reading = field(default_factory=Reading, compare=False)
    """How its table is written, as far as options and content say."""
    panel: bool = field(default=False, compare=False)
    """Whether its columns are series of one quantity, named by an id column or a series a row."""
    beside: Beside | None = field(default=None, metadata={LATER: True})
    """The columns beside its values, also in the rows that follow it."""

    def stamps(self) -> list[str]:
        """Return the time stamps of the T rows as ISO text; step numbers 1..T where there are none."""
        if self.times is None:
            return [str(number) for number in range(1, len(self.values) + 1)]
        return self.grid.written(self.times) if self.grid else format_stamps(self.times)

    def future(self, n: int) -> list[str]:
        """Return the time stamps of the n steps after the last row; step numbers T+1..T+n without a step."""
        if self.times is None or self.grid is None:
            return [str(len(self.values) + ahead) for ahead in range(1, n + 1)]
        return self.grid.written(self.grid.after(self.times[-1], n))


def stamped(series: Series, start: str, step: int) -> Series:
    """Give time stamps to a series without any: `start` is that of its first row, `step` the seconds between two.

    A series that has stamps, or an empty `start`, changes nothing. Raises `DataError` where `start` is no time.
    """
    if series.times is not None or not start:
        return series
    from seqtool.data.dates import parse_stamps  # few files come without stamps of their own

    first = parse_stamps([start]).times[0]
    if np.isnat(first) or step < 1:
        what = f"no time stamps: a first row at {start!r}, {step} seconds a row"
        raise DataError(what, cure="tell its plugin's author")
    times = first + np.arange(len(series.values)) * np.timedelta64(step, "s")
    grid = Grid(seconds=step).moved_to(times)
    text = f"no time stamps in the file: counted from {one_stamp(first, grid)}, {span(step)} a row"
    findings = [finding for finding in series.findings if finding.code != "no-time-column"]
    findings.append(Finding("note", "counted-stamps", text))
    return replace(series, times=times, grid=grid, findings=tuple(findings))


def refuse_unlearnable(series: Series, where: str, *, constant: bool = True) -> None:
    """Raise `DataError` where a column has no known value; for `constant` where each has at most one."""
    problems = {name: _problem(values, constant) for name, values in zip(series.columns, series.values.T, strict=True)}
    if constant and not all(problems.values()):  # the others are forecast without those
        return
    for name, problem in problems.items():
        if problem:
            what = f"column '{printable(name)}' {problem}"
            raise DataError(what, where=where, cure="choose another with --columns NAME")


def _problem(values: Floats, constant: bool) -> str:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "has no value that is not missing"
    return f"is constant ({finite[0]:g}): nothing to learn" if constant and (finite == finite[0]).all() else ""


def join(series: Sequence[Series], labels: Sequence[str]) -> Series:
    """Put several series side by side, on the time stamps that all of them have.

    A series of one column takes its label as name, else `label.column`. Raises `DataError` where one has no
    time stamps, some have an offset from UTC, the steps differ, no stamp is common, or two columns get one name.
    """
    pairs = [*zip(series, labels, strict=True)]
    if any(part.beside for part in series):
        what = "columns beside the values are read from one table, and here are several"
        raise UsageError(what, cure="put them into one file, or leave --known, --past and --static out")
    names = [name for part, label in pairs for name in _names(part, label)]
    if len(set(names)) < len(names):
        raise DataError(f"the files give columns of one name: {quoted(names)}", cure="give the files different names")
    for part, label in pairs:
        if part.times is None:
            what = f"'{printable(label)}' has no time stamps to be joined on"
            raise DataError(what, cure="give every file a date column")
    _refuse_two_clocks(pairs)
    if len({(part.grid.seconds, part.grid.months) if part.grid else None for part in series}) > 1:
        steps = ", ".join(f"'{printable(label)}' {part.grid or 'of one row'}" for part, label in pairs)
        raise DataError(f"the files have different steps: {steps}", cure="resample them to one step")
    grids = [part.times for part in series if part.times is not None]
    shared: Times = functools.reduce(np.intersect1d, grids)
    if not shared.size:
        raise DataError(f"no time stamp is common to {quoted(labels)}", cure="choose files that overlap in time")
    values = [part.values[np.searchsorted(times, shared)] for part, times in zip(series, grids, strict=True)]
    dropped = [f"{len(times) - len(shared)} of {printable(label)}" for label, times in zip(labels, grids, strict=True)]
    text = f"{len(shared)} time stamps are common; left out: {', '.join(dropped)}"
    findings = [finding for part in series for finding in part.findings]
    findings.append(Finding("note", "joined", text))
    reading = common([part.reading for part in series])
    grid = grid_of(shared) if len({part.grid for part in series}) > 1 and len(shared) > 1 else series[0].grid
    return Series(tuple(names), np.concatenate(values, axis=1), shared, grid, tuple(findings), reading)


def _refuse_two_clocks(pairs: Sequence[tuple[Series, str]]) -> None:
    """Raise `DataError` where the stamps of one series are instants, and those of another are local times."""
    zoned = [label for part, label in pairs if part.grid and part.grid.zone]
    local = [label for part, label in pairs if part.grid and not part.grid.zone and part.reading.timezone != UTC]
    if zoned and local:
        what = (
            f"the stamps of '{printable(zoned[0])}' have an offset from UTC, those of '{printable(local[0])}' have none"
        )
        raise DataError(what, cure="--timezone NAME, of the zone of those without, such as Europe/Madrid or UTC")


def _names(series: Series, label: str) -> list[str]:
    return [label] if len(series.columns) == 1 else [f"{label}.{column}" for column in series.columns]


def quoted(names: Sequence[str]) -> str:
    """Return names in quotes, the first twenty."""
    return ", ".join(f"'{printable(name)}'" for name in names[:20])


def rows(series: Series, part: slice) -> Series:
    """Cut rows out of a series; the columns beside it go on behind them."""
    times = None if series.times is None else series.times[part]
    beside = series.beside and series.beside.after(part.indices(len(series.values))[0])
    return replace(series, values=series.values[part], times=times, beside=beside)


def without_empty_end(series: Series) -> Series:
    """Leave out rows at the end that have no value, as of days to come, and say so: the series ends at its last value.

    Beside columns that are known ahead it has ended there already.
    """
    known = np.flatnonzero(np.isfinite(series.values).any(axis=1))
    end = int(known[-1]) + 1 if known.size else len(series.values)
    if not (left := len(series.values) - end):
        return series
    ended = rows(series, slice(0, end))
    are = "is" if left == 1 else "are"
    text = f"{counted(left, 'row')} without a value at the end {are} left out: the table ends at {ended.stamps()[-1]}"
    return replace(ended, findings=(*series.findings, Finding("warning", "empty-end", text)))
