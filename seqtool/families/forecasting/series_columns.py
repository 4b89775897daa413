"""Where a later table of a model of many series has them: in rows that a column names, or in columns of numbers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from seqtool.data.clean import clean
from seqtool.data.columns import mostly
from seqtool.data.grid import Grid
from seqtool.data.numbers import is_number
from seqtool.data.reading import Reading
from seqtool.data.series import Series
from seqtool.data.text_table import Table, place_of, spellings
from seqtool.errors import DataError
from seqtool.families.forecasting.encoders import names_of
from seqtool.families.forecasting.history import USUAL
from seqtool.reads import Finding
from seqtool.say import listing, printable
from seqtool.types import Json

ID = "id"  # what names a series, where the training had no column for that


def many_from_table(table: Table, config: Json, reading: Reading, where: str, grid: Grid | None) -> Series:
    """Make a table into the series that a pooled model continues each alone, as `history.from_table` does."""
    found, wanted = series_columns(table, config, reading), names_of(config, "id_column")
    reading = replace(reading, ignore=(*reading.ignore, *found.ignore))
    with contextlib.nullcontext() if found.ids else _named_by(wanted):
        series = clean(
            table, columns=found.columns, preferred=USUAL, id_column=found.ids, reading=reading, where=where,
            for_training=False, known=grid, many=True,
        )  # fmt: skip
    return found.told(series, wanted)


@contextlib.contextmanager
def _named_by(wanted: Sequence[str]) -> Iterator[None]:
    """Add to an error of a table without names of series how to give them; wanted: the training's columns of names."""
    try:
        yield
    except DataError as error:
        if wanted:
            named = ", ".join(map(printable, wanted))
            error.cure = f"name the series of each row in a column '{named}', as in training, or {error.cure}"
        elif "keep one row a stamp" in error.cure:  # of a long table that would leave the other series out
            error.cure = f"name the series of each row in a column '{ID}'"
        raise


@dataclass(frozen=True)
class SeriesColumns:
    """The columns `ids` that name the series of rows; else those that are a series each, () for all of numbers.

    trained: the series that the training named. known: names of which nothing is to be said. ignore: columns that were
    none in its table, and are none here. unread: columns of numbers that are left out beside `columns`.
    """

    ids: tuple[str, ...]
    columns: tuple[str, ...] = ()
    trained: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    def told(self, series: Series, wanted: Sequence[str]) -> Series:
        """Say how a table without names of series was read; wanted: the columns that name them in the training's."""
        findings, names = [*series.findings], series.columns
        if self.unread:
            text = f"the model's series are {listing(self.trained)}: it does not read {listing(self.unread)}"
            findings.append(Finding("warning", "unread-columns", text))
        lacks = f"the table has no column '{', '.join(map(printable, wanted))}': " if wanted else ""
        if self.ids or series.panel or {*names} <= {*self.known}:
            text = ""
        elif len(names) > 1:
            text = f"{lacks}each of its {len(names)} columns of numbers is continued as a series, {listing(names)}"
        else:
            text = lacks and f"{lacks}it is continued as one series, {printable(names[0])}"
        if text:
            findings.append(Finding("warning", "no-ids", text))
        return replace(series, findings=tuple(findings))


def series_columns(table: Table, config: Json, reading: Reading) -> SeriesColumns:
    """Find the series of a later table of a pooled model that was trained with `config` on a table of `reading`."""
    wanted = names_of(config, "id_column")
    if ids := spellings(table.columns, wanted) or _usual_ids(table, reading):
        return SeriesColumns(ids)
    trained = trained_series(config, reading)
    there = _there(trained, table)
    others = _folded(reading.names) - _folded(trained) if wanted or trained else set()
    free = [name for name in table.columns if name.casefold() not in _folded((*reading.time, *reading.beside, *there))]
    if there:
        new = [name for name in free if name.casefold() not in others and mostly(table.columns[name], is_number)]
        return SeriesColumns((), there, trained, trained, unread=tuple(new))
    if value := _there((reading.value,), table):
        return SeriesColumns((), value, trained)
    known = () if wanted else reading.names  # of a table of one series a row they are the series
    return SeriesColumns((), (), trained, known, tuple(name for name in free if name.casefold() in others))


def trained_series(config: Json, reading: Reading) -> tuple[str, ...]:
    """Return the names of the series that a training named; of a wide table they may be numbers of columns."""
    named = names_of(config, "columns")
    if names_of(config, "id_column"):  # the column of values may be among them
        return tuple(name for name in named if name.casefold() != reading.value.casefold())
    places = [place_of(name, reading.names) for name in named]
    return tuple(name if place is None else reading.names[place] for name, place in zip(named, places, strict=True))


def _there(names: Sequence[str], table: Table) -> tuple[str, ...]:
    """Return those of some columns that a table has, in its own spelling."""
    return tuple(own for name in names for own in spellings(table.columns, (name,)))


def _folded(names: Sequence[str]) -> set[str]:
    return {name.casefold() for name in names}


def _usual_ids(table: Table, reading: Reading) -> tuple[str, ...]:
    """Return the column `id` where its names come again: row numbers do not, and the training had none of that name."""
    ids = spellings(table.columns, (ID,))
    rows_are_series = any(finding.code == "series-rows" for finding in table.findings)
    if not ids or rows_are_series or spellings(reading.names, (ID,)):
        return ()
    cells = table.columns[ids[0]]
    return ids if len({*cells}) < len(cells) else ()
