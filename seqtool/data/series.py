"""A time series, cleaned: a regular grid of numbers out of columns of text, and what was found on the way."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from seqtool.data.columns import (
    TextTable,
    dated_rows,
    find_time,
    find_values,
    numbers,
    trailing_text,
    undated_rows,
    without_prose,
)
from seqtool.data.dates import Times, format_stamps, parse_stamps
from seqtool.data.grid import one_stamp, regular, span
from seqtool.data.text_table import printable
from seqtool.errors import DataError
from seqtool.task import Finding
from seqtool.types import Floats

__all__ = ["Series", "TextTable", "clean", "join", "refuse_unlearnable", "stamped"]


@dataclass(frozen=True, eq=False)
class Series:
    """One or several series on one regular grid, the oldest row first.

    columns: the F names; values [T,F], NaN = missing; times [T] datetime64[s], None where the table has no time
    stamps; step: the time between two rows, None without time stamps or with a single row.
    """

    columns: tuple[str, ...]
    values: Floats
    times: Times | None
    step: np.timedelta64 | None
    findings: tuple[Finding, ...]

    def stamps(self) -> list[str]:
        """Return the time stamps of the T rows as ISO text; step numbers 1..T where there are none."""
        if self.times is None:
            return [str(number) for number in range(1, len(self.values) + 1)]
        return format_stamps(self.times, self.step)

    def future(self, n: int) -> list[str]:
        """Return the time stamps of the n steps after the last row; step numbers T+1..T+n without a step."""
        if self.times is None or self.step is None:
            return [str(len(self.values) + ahead) for ahead in range(1, n + 1)]
        return format_stamps(self.times[-1] + np.arange(1, n + 1) * self.step, self.step)


def clean(
    table: TextTable,
    *,
    columns: Sequence[str] = (),
    preferred: Sequence[str] = ("close", "value", "y"),
    time_column: str = "",
    id_column: str = "",
    where: str = "",
    label: str = "",
    for_training: bool = True,
) -> Series:
    """Make a series out of a text table: find its columns, read dates and numbers, order, fill gaps.

    `id_column` names the series of a long table, of which `columns` are taken (see `long_table.wide`). `where`
    names the table in errors, `label` before each finding. `for_training=False` allows a single row and constant
    columns. Raises `UsageError` for an unknown column, `DataError` for data that cannot be read.
    """
    findings: list[Finding] = []
    if id_column:
        from seqtool.data.long_table import wide  # few tables are long, and a forecast starts without it

        long = wide(
            table, id_column=id_column, columns=columns, preferred=preferred, time_column=time_column, where=where
        )
        table, columns, time_column, findings = long.table, long.columns, long.time, long.findings
    series = _clean_wide(table, columns, preferred, time_column, where, for_training)
    findings += series.findings
    if label:
        findings = [replace(finding, text=f"{label}: {finding.text}") for finding in findings]
    series = replace(series, findings=tuple(findings))
    refuse_unlearnable(series, where, constant=for_training)
    return series


def _clean_wide(
    table: TextTable, columns: Sequence[str], preferred: Sequence[str], time_column: str, where: str, for_training: bool
) -> Series:
    whole, table = table, without_prose(table)
    time = find_time(table, time_column, where)
    times: Times | None = None
    if time:
        rows, times, findings = dated_rows(table, time, where)
    else:
        rows, findings = undated_rows(table, where)
    findings += trailing_text(whole, int(rows[-1]) + 1)
    names = find_values(table, time, columns, preferred, where)
    findings.append(Finding("note", "value-columns", "the values are in " + _quoted(names)))
    values = np.stack([numbers(table, name, rows, where) for name in names], axis=1)
    findings += _missing_values(names, values, times)
    if for_training and len(values) == 1:
        raise DataError("one row is no series", where=where, cure="give more rows")
    step = None
    if times is not None and len(times) > 1:
        times, values, step, more = regular(times, values, where=where)
        findings += more
    return Series(names, values, times, step, tuple(findings))


def stamped(series: Series, start: str, step: int) -> Series:
    """Give time stamps to a series without any: `start` is that of its first row, `step` the seconds between two.

    A series that has stamps, or an empty `start`, changes nothing. Raises `DataError` where `start` is no time.
    """
    if series.times is not None or not start:
        return series
    first = parse_stamps([start])[0][0]
    if np.isnat(first) or step < 1:
        what = f"no time stamps: a first row at {start!r}, {step} seconds a row"
        raise DataError(what, cure="tell its plugin's author")
    seconds = np.timedelta64(step, "s")
    times = first + np.arange(len(series.values)) * seconds
    text = f"no time stamps in the file: counted from {one_stamp(first, seconds)}, {span(step)} a row"
    findings = [finding for finding in series.findings if finding.code != "no-time-column"]
    findings.append(Finding("note", "counted-stamps", text))
    return replace(series, times=times, step=seconds, findings=tuple(findings))


def refuse_unlearnable(series: Series, where: str, *, constant: bool = True) -> None:
    """Raise `DataError` where a column has no known value, or (`constant`) only one."""
    for name, values in zip(series.columns, series.values.T, strict=True):
        finite = values[np.isfinite(values)]
        problem = ""
        if not finite.size:
            problem = "has no value that is not missing"
        elif constant and (finite == finite[0]).all():
            problem = f"is constant ({finite[0]:g}): nothing to learn"
        if problem:
            what = f"column '{printable(name)}' {problem}"
            raise DataError(what, where=where, cure="choose another with --columns NAME")


def _missing_values(names: Sequence[str], values: Floats, times: Times | None) -> list[Finding]:
    parts = []
    for name, column in zip(names, values.T, strict=True):
        rows = np.flatnonzero(np.isnan(column))
        if rows.size:
            first = f"row {rows[0] + 1}" if times is None else one_stamp(times[rows].min(), None)
            parts.append(f"{rows.size} in '{printable(name)}' (the first at {first})")
    return [Finding("warning", "missing-values", "missing values: " + ", ".join(parts))] if parts else []


def join(series: Sequence[Series], labels: Sequence[str]) -> Series:
    """Put several series side by side, on the time stamps that all of them have.

    A series of one column takes its label as name, else `label.column`. Raises `DataError` where one has no
    time stamps, the steps differ, no stamp is common, or two columns get one name.
    """
    pairs = [*zip(series, labels, strict=True)]
    names = [name for part, label in pairs for name in _names(part, label)]
    if len(set(names)) < len(names):
        raise DataError(f"the files give columns of one name: {_quoted(names)}", cure="give the files different names")
    for part, label in pairs:
        if part.times is None:
            what = f"'{printable(label)}' has no time stamps to be joined on"
            raise DataError(what, cure="give every file a date column")
    if len({part.step for part in series}) > 1:
        steps = ", ".join(f"'{printable(label)}' {part.step}" for part, label in pairs)
        raise DataError(f"the files have different steps: {steps}", cure="resample them to one step")
    grids = [part.times for part in series if part.times is not None]
    common: Times = functools.reduce(np.intersect1d, grids)
    if not common.size:
        raise DataError(f"no time stamp is common to {_quoted(labels)}", cure="choose files that overlap in time")
    values = [part.values[np.searchsorted(times, common)] for part, times in zip(series, grids, strict=True)]
    dropped = [f"{len(times) - len(common)} of {printable(label)}" for label, times in zip(labels, grids, strict=True)]
    text = f"{len(common)} time stamps are common; left out: {', '.join(dropped)}"
    findings = [finding for part in series for finding in part.findings]
    findings.append(Finding("note", "joined", text))
    return Series(tuple(names), np.concatenate(values, axis=1), common, series[0].step, tuple(findings))


def _names(series: Series, label: str) -> list[str]:
    return [label] if len(series.columns) == 1 else [f"{label}.{column}" for column in series.columns]


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{printable(name)}'" for name in names[:20])


def rows(series: Series, part: slice) -> Series:
    """Cut rows out of a series."""
    times = None if series.times is None else series.times[part]
    return replace(series, values=series.values[part], times=times)
