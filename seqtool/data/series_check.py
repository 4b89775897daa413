"""What rows say against being one series: several in them, signs in another column, values that stand for none."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import numpy as np

from seqtool.data.columns import mostly
from seqtool.data.dates import is_stamp
from seqtool.data.grid import one_stamp
from seqtool.data.numbers import is_number
from seqtool.data.spellings import HOURS_EAST
from seqtool.data.table_rows import is_total
from seqtool.data.text_table import Table
from seqtool.data.time_names import PARTS_OF_TIME, called_periods, words_of
from seqtool.data.time_pieces import is_hour
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import counted, printable
from seqtool.types import Floats, Ids, Times

TIMES_OF_A_DAY = (24, 25, 48, 49, 96, 97)  # of hours and parts of them, from 0 or to 24
CALLED_SERIES = frozenset(
    {"series", "entity", "shop", "store", "site", "station", "sensor", "meter", "device", "symbol", "ticker", "stock"}
    | {"coin", "asset", "item", "product", "sku", "country", "region", "city", "customer", "branch", "plant"}
    | {"filiale", "standort", "zähler", "gerät", "produkt", "artikel", "land", "ort", "kunde"}
)
"""Words in names of columns that name series, also where one stands behind the other in time."""
OPEN = frozenset({"open", "opened", "offen", "geöffnet", "ouvert", "abierto", "aperto"})
"""Words in names of columns that say whether a shop is open."""
SHUT = frozenset({"0", "0.0", "false", "no", "nein", "n"})
LONGEST_NAME = 100  # characters of the name of a series that is looked for
SEVERAL = 6  # rows that do not fall one after the other by chance
ENOUGH = 1000  # values that show whether there are several
MOST_NAMED = 20  # columns
OFTEN, FAR = 3, 3  # times that a value stands for none, and how many times the range of the others it is away

Cells = Sequence[str | None]
SELDOM = 50  # rows for each one that stands twice in its series


def refuse_several_series(table: Table, others: Sequence[str], rows: Ids, times: Times, where: str) -> None:
    """Raise `DataError` where stamps repeat because each row names one of several series."""
    steps = np.diff(times).astype(np.int64)
    if (steps > 0).all() or (steps < 0).all() or len(np.unique(times)) == len(times):
        return
    beside = {*others}
    few = [name for name in table.columns if name not in beside and _are_names(_chosen(table, name, rows))]
    if 3 * len(np.unique(times)) > 2 * len(times):  # hardly a stamp repeats: numbers name no series
        few = [name for name in few if not mostly(table.columns[name], is_number)]
    few = [name for name in few if not (called_periods(name) and mostly(table.columns[name], is_number))]
    _refuse_pieces(table, others[0], [name for name in few if _bare(name) in PARTS_OF_TIME], times, rows, where)
    few = [name for name in few if not set(table.columns[name]) <= HOURS_EAST.keys()]  # summer time has its own letters
    few = few[: len(table.columns) - 2]  # a column of values has to be left
    mostly_again = 3 * len(np.unique(times)) <= 2 * len(times)
    for names in [*((name,) for name in few), *itertools.combinations(few, 2)]:
        keys = {(stamp, *(table.columns[name][row] for name in names)) for stamp, row in zip(times, rows, strict=True)}
        twice = len(times) - len(keys)  # an hour of autumn may be there again in each series
        if not twice or (mostly_again and SELDOM * twice <= len(times)):
            import shlex  # few tables are refused

            listed = ",".join(names)
            what = f"each time stamp stands there once for each '{printable(listed)}': the table holds several series"
            cure = f"--id-column {shlex.quote(listed)}"
            if len(names) == 1 and _may_be_hours(_chosen(table, listed, rows)):
                columns = shlex.quote(",".join([*others[0].split(" + "), listed]))
                cure = f"--time-column {columns} where these are hours; {cure} where they name series"
            raise DataError(what, where=where, cure=cure)


def _may_be_hours(cells: Cells) -> bool:
    """Tell whether cells are all hours, half hours or quarter hours of a day, such as 1 to 48 or 0000 to 2330."""
    if len(set(cells)) not in TIMES_OF_A_DAY:
        return False
    numbers = {re.sub(r"^(?:HE ?)?0?", "", cell or "", flags=re.IGNORECASE) for cell in cells}
    return all(map(is_hour, cells)) or numbers == {*map(str, range(1, len(numbers) + 1))}


def _bare(name: str) -> str:
    """Return a name in small letters, without the marks of `<TIME>`."""
    return name.casefold().strip("<>")


def _refuse_pieces(
    table: Table, time: str, parts: Sequence[str], times: Times, rows: Ids, where: str
) -> None:  # fmt: skip
    """Raise `DataError` where a column that is called like a part of the time tells repeated stamps apart."""
    for name in parts:
        if len({(stamp, table.columns[name][row]) for stamp, row in zip(times, rows, strict=True)}) == len(times):
            import shlex  # few tables are refused

            names = f"'{printable(time)}' and '{printable(name)}'"
            columns = shlex.quote(",".join([*time.split(" + "), name]))
            raise DataError(
                f"the columns {names} make up the time stamp together", where=where, cure=f"--time-column {columns}"
            )


def blocks_of_names(table: Table, others: Sequence[str], rows: Ids, times: Times) -> list[Finding]:
    """Warn of a column of names of series that stand in one block each, beside stamps that do not repeat.

    A status or a version stands in blocks too: the column is called like series, or the stamps go back between blocks.
    """
    findings = []
    beside = {*others}
    for name in table.columns:
        if name in beside:
            continue
        cells = _chosen(table, name, rows)
        if not (count := _blocks(cells)) or mostly(cells, is_stamp):
            continue
        if words_of(name) & CALLED_SERIES or _begin_again(cells, times):
            text = f"column '{printable(name)}' has {count} names, each in one block of rows, read as one series; "
            text += "if they are series: --id-column"
            findings.append(Finding("warning", "several-series", text))
    return findings


def _begin_again(cells: Cells, times: Times) -> bool:
    """Tell whether stamps [T] go back where a block of cells begins, and nowhere else."""
    borders = np.array([one != other for one, other in itertools.pairwise(cells)])
    steps = np.sign(np.diff(times).astype(np.int64))
    back = steps == -np.sign(steps[~borders].sum())
    return bool(back[borders].any() and not back[~borders].any())


def called_totals(table: Table, others: Sequence[str], rows: Ids) -> list[Finding]:
    """Warn of a column of texts that calls some of the rows totals, though each has a time stamp of its own."""
    findings = []
    beside = {*others}
    for name in table.columns:
        if name in beside or mostly(table.columns[name], is_number):
            continue
        words = {cell for cell in set(table.columns[name]) if is_total(cell)}
        totals = [int(row) for row in rows if table.columns[name][row] in words] if words else []
        if 0 < len(totals) < len(rows):
            text = f"column '{printable(name)}' calls {counted(len(totals), 'row')} a total, the first is "
            text += f"{table.place(totals[0])}: read as steps like the others"
            findings.append(Finding("warning", "called-totals", text))
    return findings


def refuse_glued(table: Table, values: Sequence[str], rows: Ids, where: str) -> None:
    """Raise `DataError` where a table without time stamps names a series in each block of its rows.

    Where a column of progress counts on over all blocks, as `step` does, they are phases of one series.
    """
    import shlex  # few tables are without time stamps

    from seqtool.data.number_columns import counters, is_progress

    known = {*values}
    for name in table.columns:
        if name not in known and (count := _blocks(_chosen(table, name, rows))):
            counted_rows = table.only(rows.tolist()) if len(rows) < len(table) else table
            if any(map(is_progress, counters(counted_rows, values))):
                return
            what = f"column '{printable(name)}' names {count} series, one behind the other, and no row has a time stamp"
            cure = f"give the rows a column of time; --ignore-column {shlex.quote(name)} takes them as one series"
            raise DataError(what, where=where, cure=cure)


def _blocks(cells: Cells) -> int:
    """Return how many names of series stand in one block of rows each, 0 where cells are none."""
    if mostly(cells, is_number) or not _are_names(cells):
        return 0
    blocks = [name for name, _ in itertools.groupby(cells)]
    return len(blocks) if 1 < len(blocks) == len(set(blocks)) else 0


def _chosen(table: Table, name: str, rows: Ids) -> Cells:
    cells = table.columns[name]
    return cells if len(rows) == len(cells) else [cells[row] for row in rows]


def _are_names(cells: Cells) -> bool:
    """Tell whether cells may be the names of series: short ones, that repeat."""
    different = set(cells)
    return 1 < 2 * len(different) <= len(cells) and all(cell and len(cell) < LONGEST_NAME for cell in different)


def missing_values(names: Sequence[str], values: Floats, times: Times | None, *, inside: bool = False) -> list[Finding]:
    """Warn of the missing values [T,F] of each column; inside: of those between its own first and last value."""
    parts = []
    for number in map(int, np.flatnonzero(np.isnan(values).any(axis=0))):
        name, column = names[number], values[:, number]
        rows = np.flatnonzero(np.isnan(column))
        if inside and rows.size:
            ends = np.flatnonzero(np.isfinite(column))[[0, -1]] if np.isfinite(column).any() else (0, 0)
            rows = rows[(rows > ends[0]) & (rows < ends[1])]
        if rows.size:
            first = f"row {rows[0] + 1}" if times is None else one_stamp(times[rows].min(), None)
            parts.append(f"{rows.size} in '{printable(name)}' (the first at {first})")
    more = f" and in {len(parts) - MOST_NAMED} more" if len(parts) > MOST_NAMED else ""
    text = f"missing values: {', '.join(parts[:MOST_NAMED])}{more}"
    return [Finding("warning", "missing-values", text)] if parts else []


def odd_values(table: Table, names: Sequence[str], values: Floats, times: Times | None, rows: Ids) -> list[Finding]:
    """Warn of a lowest or highest value of [T,F] that comes again and again, far from all others: it may be none.

    So may -99, -99.9 and the like below values of which none is negative.
    times, rows: the stamps [T], None without any, and the places in the table [T] of the values.
    """
    findings = []
    for number in map(int, _repeated_ends(values)):
        name, column = names[number], values[:, number]
        finite = column[np.isfinite(column)]
        for end in {float(finite.min()), float(finite.max())} if finite.size else ():
            rest = finite[finite != end]
            if finite.size - rest.size < OFTEN or len(np.unique(rest[:ENOUGH])) < SEVERAL - 1:
                continue
            low, high = float(rest.min()), float(rest.max())
            code = low >= 0 and re.fullmatch(r"-99+(?:\.9+)?", f"{end:.10g}") is not None
            if code or min(abs(end - low), abs(end - high)) > FAR * (high - low):
                if end == 0 and (_shut_on_a_weekday(column, times) or _said_shut(table, rows[column == 0])):
                    continue
                text = f"'{printable(name)}' is {finite.size - rest.size} times {end:.10g}, the others {low:.6g} to "
                text += f"{high:.6g}: if it stands for a missing value, --missing={end:.10g}"
                findings.append(Finding("warning", "odd-values", text))
    return findings


def _repeated_ends(values: Floats) -> Ids:
    """Return the columns of [T,F] whose lowest or highest value comes OFTEN: told for thousands at once."""
    ends = (np.fmin.reduce(values, axis=0), np.fmax.reduce(values, axis=0))  # NaN where nothing is known
    often = [(values == end).sum(axis=0) >= OFTEN for end in ends]
    return np.flatnonzero(often[0] | often[1])


def _shut_on_a_weekday(values: Floats, times: Times | None) -> bool:
    """Tell whether most values [T] of a weekday are 0, and of another are not: the shop is shut on Sundays."""
    if times is None:
        return False
    weekdays = times.astype("datetime64[D]").astype(np.int64) % 7
    zeros, days = (np.bincount(weekdays[chosen], minlength=7) for chosen in (values == 0, np.isfinite(values)))
    shut = (zeros >= OFTEN) & (2 * zeros > days)
    return bool(shut.any() and not shut[days > 0].all())


def _said_shut(table: Table, rows: Ids) -> bool:
    """Tell whether a column such as `Open` says in all of these rows that the shop is shut."""
    return any(
        words_of(name) & OPEN and all((cells[row] or "").strip().casefold() in SHUT for row in rows)
        for name, cells in table.columns.items()
    )
