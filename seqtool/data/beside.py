"""Columns beside the values of a series: known of the future too, of the past alone, or one value a series."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from seqtool.data.beside_cells import NO, YES, flag_of, marks_of, text_of
from seqtool.data.columns import find, number_format, numbers
from seqtool.data.grid import one_stamp
from seqtool.data.numbers import NumberFormat, is_missing, is_number
from seqtool.data.reading import CATEGORY, FLAG, NUMBER, Kind, Reading
from seqtool.data.separated import NAMES
from seqtool.data.table_rows import without_prose
from seqtool.data.text_table import Table, spellings
from seqtool.data.two_readings import never_three
from seqtool.errors import DataError, UsageError
from seqtool.say import counted, listing, printable
from seqtool.types import Flags, Floats, Ids, Times

MOST_LEVELS = 100  # different texts of a category
FEW = 12  # different whole numbers that may be names
_CODE = re.compile(r"0\d")


@dataclass(frozen=True, eq=False)
class Beside:
    """C columns beside a series of T rows, and in the M rows that follow it.

    values [T+M,S,C], NaN = missing: numbers, flags 0 and 1, places among the levels of a category. S is 1 where all
    series share a row, else the number of series. levels: the texts of each category, () of any other column. forms:
    how the numbers of each column of numbers are written.
    """

    names: tuple[str, ...]
    kinds: tuple[Kind, ...]
    levels: tuple[tuple[str, ...], ...]
    values: Floats
    forms: Mapping[str, NumberFormat]

    def after(self, rows: int) -> Beside:
        """Leave the first rows out."""
        return replace(self, values=self.values[rows:])

    def behind(self, rows: int) -> Beside:
        """Put rows of missing values in front."""
        missing = np.full((rows, *self.values.shape[1:]), np.nan)
        return replace(self, values=np.concatenate([missing, self.values]))


@dataclass(frozen=True)
class Columns:
    """The columns beside the values as they stand in a table.

    Kinds are those of the reading, else told by all cells of the table; levels are those of the rows that are read.
    """

    table: Table
    names: tuple[str, ...]
    reading: Reading
    where: str
    made: Beside | None = None
    """What was read already, of a long table made wide."""

    def of(self, rows: Ids) -> Beside:
        """Return the columns [R,S,C] of some rows of the table, or of that which was made of it."""
        if self.made:
            return replace(self.made, values=self.made.values[rows])
        flat = self.read(rows)
        return replace(flat, values=flat.values[:, None])

    def told(self, beside: Beside) -> str:
        """Say which columns stand beside the values, and what each of them holds."""
        parts = {"known ahead": self.reading.known, "of the past": self.reading.past, "static": self.reading.static}
        kinds, texts = iter(zip(beside.names, beside.kinds, strict=True)), []
        for part, names in parts.items():
            told = [
                f"'{printable(name)}' ({kind}{_hint(beside, name, kind)})" for name, kind in islice(kinds, len(names))
            ]
            texts += [f"{part}: {', '.join(told)}"] if told else []
        return f"beside the values: {'; '.join(texts)}"

    def ended(
        self, both: Floats, count: int, times: Times | None, beside: Beside, names: tuple[str, ...]
    ) -> tuple[Floats, Times | None, Beside]:
        """Return values [T,F] and times [T] up to the last known value, and what stands beside them and in later rows.

        both [T+M,F+S*C]: the `count` values of the series `names` and the columns, which went the same way.
        """
        values = both[:, :count]
        known = np.flatnonzero(np.isfinite(values).any(axis=1))
        end = int(known[-1]) + 1 if known.size else len(values)
        beside = replace(beside, values=both[:, count:].reshape(len(both), *beside.values.shape[1:]))
        values, times = values[:end], None if times is None else times[:end]
        return values, times, _settled(beside, values, times, names, self)

    def read(self, rows: Ids) -> Beside:
        """Return the columns [R,C] of some rows.

        Raises `DataError` where a number of the training is none here, and for a category of too many levels.
        """
        kinds = [*self.reading.kinds] or self._kinds()
        values, levels = np.full((len(rows), len(self.names)), np.nan), list[tuple[str, ...]]()
        forms: dict[str, NumberFormat] = {}
        for place, (name, kind) in enumerate(zip(self.names, kinds, strict=True)):
            if kind == NUMBER:
                with self._naming_category(name):
                    reading = self.reading.of_beside(name)
                    forms[name], _ = number_format(self.table, [name], rows, reading, self.where)
                    values[:, place] = numbers(self.table, name, rows, forms[name], reading, self.where)
                levels.append(())
                continue
            column, missing = self.table.columns[name], marks_of(kind, self.reading)
            cells = [text_of(column[row], missing) for row in rows.tolist()]
            texts = tuple(sorted({cell for cell in cells if cell}))
            if kind == FLAG:
                values[:, place] = [self._flag(name, cell) for cell in cells]
            else:
                self._refuse_many(name, texts)
                known = {text: float(number) for number, text in enumerate(texts)}
                values[:, place] = [known.get(cell, np.nan) for cell in cells]
            levels.append(texts if kind == CATEGORY else ())
        return Beside(self.names, tuple(kinds), tuple(levels), values, forms)

    def of_three_decimals(self, decimal: str) -> tuple[str, ...]:
        """Return the columns that have numbers of three decimals: in a later table these are no thousands."""
        rows = np.arange(len(self.table))
        return tuple(name for name in self.names if not never_three(self.table, [name], rows, decimal))

    @contextmanager
    def _naming_category(self, name: str) -> Iterator[None]:
        """Add to the cure of a word among numbers, in a training, that it may be a name as they are."""
        try:
            yield
        except DataError as error:
            if not self.reading.kinds:
                error.cure += f"; --category {printable(name)} takes all of its cells as names"
            raise

    def _kinds(self) -> list[Kind]:
        """Tell what each column holds; raises `UsageError` for a category that stands nowhere beside the values."""
        named = [find(self.table.columns, name, self.where) for name in self.reading.category]
        if other := [name for name in named if name not in self.names]:
            what = f"--category {printable(other[0])} is no column beside the values"
            raise UsageError(what, where=self.where, cure=f"name it with --known, --past or --static too: {other[0]}")
        missing = self.reading.written.missing
        return [CATEGORY if name in named else _kind(self.table, name, missing) for name in self.names]

    def _flag(self, name: str, cell: str) -> float:
        flag = flag_of(cell)
        if flag is None:
            what = f"'{printable(cell)}' in column '{printable(name)}' is neither yes nor no, as in the training"
            raise DataError(what, where=self.where, cure="write true or false, yes or no, 1 or 0")
        return flag

    def _refuse_many(self, name: str, texts: Sequence[str]) -> None:
        if len(texts) > MOST_LEVELS and not self.reading.kinds:
            what = f"column '{printable(name)}' holds {len(texts):,} different texts ({listing(texts, 3)})"
            cure = f"leave it out, or put them together to {MOST_LEVELS} categories at most"
            raise DataError(what, where=self.where, cure=cure)


def parted(table: Table, reading: Reading, where: str, *, rows_are_series: bool) -> tuple[Table, Columns]:
    """Part a table from the columns beside its values; raises `UsageError` where nothing can stand beside them."""
    options = "--known, --past and --static"
    if rows_are_series:
        what = f"a table of one series a row has no columns for {options}"
        raise UsageError(what, where=where, cure="write it long: a row for each series and step, with --id-column")
    if reading.resample:
        cure = "leave --resample out, or put the rows together before"
        raise UsageError(f"--resample says nothing of the columns of {options}", where=where, cure=cure)
    return _split(without_prose(table), reading, where)


def _split(table: Table, reading: Reading, where: str) -> tuple[Table, Columns]:
    """Part a table from the columns that stand beside its values; raises `UsageError` for one that is not there."""
    names = tuple(_found(table, name, reading, where) for name in reading.beside)
    if twice := [name for name in names if names.count(name) > 1]:
        raise UsageError(f"column '{printable(twice[0])}' is named twice", where=where, cure="name it once")
    if clash := [name for name in names if name in spellings(table.columns, reading.time)]:
        what = f"column '{printable(clash[0])}' is that of the time stamps"
        raise UsageError(what, where=where, cure="--calendar hour,weekday,month takes what stamps tell")
    rest = {name: cells for name, cells in table.columns.items() if name not in names}
    if not rest:
        raise UsageError("no column of values is left", where=where, cure="name fewer columns with --known and --past")
    return replace(table, columns=rest), Columns(table, names, reading, where)


def _hint(beside: Beside, name: str, kind: Kind) -> str:
    """Say how a few whole numbers are taken as names, which they may be."""
    column = beside.values[:, :, beside.names.index(name)]
    different = np.unique(column[np.isfinite(column)])
    few = kind == NUMBER and 2 < len(different) <= FEW and not (different % 1).any()
    return f"; --category {printable(name)} takes its {len(different)} numbers as names" if few else ""


def _found(table: Table, name: str, reading: Reading, where: str) -> str:
    try:
        return find(table.columns, name, where)
    except UsageError as error:
        if len(table.columns) == 1 and reading.mark in NAMES and table.mark != reading.mark:
            error.cure = f"part the cells as those of the training, by {NAMES[reading.mark]}"
        raise


def of_series(columns: Columns, places: Ids) -> Beside:
    """Read the columns [R,S,C] of series whose rows [R,S] stand anywhere in the table, -1 for none."""
    rows = np.unique(places[places >= 0])
    flat = columns.read(rows)
    values = np.concatenate([flat.values, np.full((1, len(flat.names)), np.nan)])  # the last one is that of no row
    at = np.where(places >= 0, np.searchsorted(rows, places), -1)
    return replace(flat, values=values[at])


def _settled(beside: Beside, values: Floats, times: Times | None, names: Sequence[str], columns: Columns) -> Beside:
    """Fill in what is one value a series, and hold what is known to be there in every row of a value.

    values [T,F] of the series `names`. Raises `DataError` by the name of a column, where one changes within a series,
    and where a known one is missing.
    """
    reading, where = columns.reading, columns.where
    filled = beside.values.copy()
    for place, name in enumerate(beside.names):
        column = filled[:, :, place]  # a view
        if place >= len(reading.known) + len(reading.past):
            column[:] = _one_value(beside, place, names, where)
        elif place < len(reading.known):
            _refuse_missing(name, column, np.isfinite(values), times, where, names)
    return replace(beside, values=filled)


def _one_value(beside: Beside, place: int, names: Sequence[str], where: str) -> Floats:
    """Return the only value of each series [S], NaN where none is known."""
    column = beside.values[:, :, place]
    known = np.isfinite(column)
    low = np.where(known, column, np.inf).min(axis=0)
    high = np.where(known, column, -np.inf).max(axis=0)
    if (changes := np.flatnonzero(low < high)).size:
        first = int(changes[0])
        of = f" of series '{printable(names[first])}'" if column.shape[1] > 1 else ""
        both = " and ".join(_shown(beside, place, value) for value in (low[first], high[first]))
        what = f"column '{printable(beside.names[place])}'{of} changes, and --static says it does not: {both}"
        raise DataError(
            what, where=where, cure=f"--past {printable(beside.names[place])}, or --known where it is known"
        )
    return np.where(known.any(axis=0), low, np.nan)


def _shown(beside: Beside, place: int, value: float) -> str:
    levels = beside.levels[place]
    return f"'{printable(levels[int(value)])}'" if levels else f"{value:g}"


def _refuse_missing(
    name: str, column: Floats, known: Flags, times: Times | None, where: str, names: Sequence[str]
) -> None:
    """Raise `DataError` where a row with a value [T,F] lacks what is known [T+M,S]."""
    rows = column[: len(known)]
    needed = known if rows.shape[1] > 1 else known.any(axis=1, keepdims=True)
    lacking = np.argwhere(needed & np.isnan(rows))
    if not len(lacking):
        return
    row, series = map(int, lacking[0])
    at = f"row {row + 1}" if times is None else one_stamp(times[row], None)
    of = f" of series '{printable(names[series])}'" if rows.shape[1] > 1 else ""
    what = f"column '{printable(name)}' has no value at {at}{of} ({counted(len(lacking), 'row')} without one in all)"
    raise DataError(what, where=where, cure=f"fill it in: what is known has a value in every row; or --past {name}")


def lacking(beside: Beside, known: int, first: int, steps: int, series: int = 0) -> tuple[str, int] | None:
    """Return the first of the `known` first columns that has no value in each of the steps after row `first`.

    And how many steps have one before the first that has none. None where all is there.
    """
    own = series if beside.values.shape[1] > 1 else 0
    ahead = beside.values[first + 1 : first + 1 + steps, own, :known]
    there = np.isfinite(ahead)
    full = np.concatenate([there, np.zeros((1, there.shape[1]), dtype=bool)]).argmin(axis=0)  # steps before a gap
    place = int(full.argmin()) if known else 0
    return (beside.names[place], int(full[place])) if known and full[place] < steps else None


def shared(beside: Beside, names: Sequence[str], where: str) -> Beside:
    """Return columns that all series of a vector share [T+M,1,C]; raises `DataError` where series differ."""
    if beside.values.shape[1] == 1:
        return beside
    known = np.isfinite(beside.values)
    low = np.where(known, beside.values, np.inf).min(axis=1, keepdims=True)
    high = np.where(known, beside.values, -np.inf).max(axis=1, keepdims=True)
    if (low < high).any():
        name = beside.names[int(np.argwhere(low < high)[0][2])]
        what = f"column '{printable(name)}' differs from series to series, and a joint vector has one value for all"
        raise DataError(what, where=where, cure="--several pooled")
    return replace(beside, values=np.where(known.any(axis=1, keepdims=True), low, np.nan))


def _kind(table: Table, name: str, missing: frozenset[str]) -> Kind:
    cells = [cell.strip() for cell in table.columns[name] if cell is not None and not is_missing(cell, missing)]
    words = {cell.casefold() for cell in cells}
    if words and (words <= YES | NO or words in ({"0", "1"}, {"0.0", "1.0"})):
        return FLAG
    if name in table.numeric:
        return NUMBER
    if any(_CODE.match(cell) for cell in cells) and all(map(str.isdecimal, cells)):
        return CATEGORY  # 01 and 10 are codes
    # a text among numbers is refused by its row
    return NUMBER if 2 * sum(map(is_number, cells)) > len(cells) else CATEGORY
