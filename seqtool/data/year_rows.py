"""Tables of a year a row and a month or a quarter a column, made into one series, a row a step."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from seqtool.data.columns import mostly
from seqtool.data.month_names import month_of
from seqtool.data.numbers import is_missing, is_number
from seqtool.data.spellings import spelling_of
from seqtool.data.text_table import Table
from seqtool.data.time_names import NEARLY
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import listing, printable

VALUE = "value"  # how the values are called


def _month(name: str) -> int:
    return month_of(name.rstrip(".")) or (int(name) if name.isascii() and name.isdigit() and len(name) < 3 else 0)


def _quarter(name: str) -> int:
    digit = name.casefold().removeprefix("q").removesuffix("q")
    return int(digit) if len(name) == 2 and digit.isascii() and digit.isdigit() else 0


PARTS: Sequence[tuple[str, int, Callable[[str], int], str]] = (
    ("month", 12, _month, "{}-{:02d}"),
    ("quarter", 4, _quarter, "{}Q{}"),
)
"""The parts of a year: what one is called, how many there are, which one a name is (0: none), and a part's stamp."""


def as_one_series(table: Table, where: str) -> Table:
    """Return a table of stamps and values where columns are called like all months or quarters beside years.

    Any other table stays as it is. Columns of texts stay beside each value, such as the names of stations; other
    numbers, such as the means of years, are left out and named. Years yet to be filled end with their last value.
    Raises `DataError` where the parts go from one year into the next, as in a fiscal year.
    """
    for part, count, place_of, stamp in PARTS:
        places = {number: name for name in table.columns if (number := place_of(name.strip()))}
        named = sum(1 for name in table.columns if place_of(name.strip()))
        complete = named == count and sorted(places) == [*range(1, count + 1)]
        if complete and (year := _years(table, places)):
            _refuse_turned(table, places, part, where)
            return _unfolded(table, year, [places[number] for number in sorted(places)], part, stamp)
    return table


def _refuse_turned(table: Table, places: Mapping[int, str], part: str, where: str) -> None:
    """Raise `DataError` where the parts begin inside a year and go on into the next: which one is beside them?"""
    numbers = [number for name in table.columns for number in places if places[number] == name]
    steps = [later - before for before, later in itertools.pairwise(numbers)]
    if numbers[0] != 1 and sorted(steps)[1:] == [1] * (len(steps) - 1):
        first, last = places[numbers[0]], places[numbers[-1]]
        what = f"the columns of {part}s go from '{printable(first)}' to '{printable(last)}', over two years beside one"
        cure = (
            f"write a {part} a row, with its own year; where all are of the year beside them, '{places[1]}' comes first"
        )
        raise DataError(what, where=where, cure=cure)


def _years(table: Table, parts: Mapping[int, str]) -> str:
    """Return the first column of years beside the parts, "" for none."""
    others = [name for name in table.columns if name not in parts.values()]
    return next((name for name in others if mostly(table.columns[name], _is_year, NEARLY)), "")


def _is_year(cell: str | None) -> bool:
    return spelling_of(cell) == "year"


def _unfolded(table: Table, year: str, parts: Sequence[str], part: str, stamp: str) -> Table:
    years = table.columns[year]
    dated = [row for row in range(len(table)) if _is_year(years[row])]
    backwards = bool(dated) and (years[dated[0]] or "") > (years[dated[-1]] or "")
    order = range(len(table) - 1, -1, -1) if backwards else range(len(table))
    cells = [(row, number) for row in order for number in range(1, len(parts) + 1)]
    values = [table.columns[parts[number - 1]][row] for row, number in cells]
    end = len(cells)
    while end and is_missing(values[end - 1]):
        end -= 1
    cells = cells[:end]
    stamps = [_stamp(years[row], number, stamp) for row, number in cells]
    others = [name for name in table.columns if name != year and name not in parts]
    kept = [name for name in others if not mostly(table.columns[name], is_number)]
    columns = {year: stamps, VALUE: values[:end]}
    columns |= {name: [table.columns[name][row] for row, _ in cells] for name in kept}
    text = f"a year a row and a {part} a column: read as one series, called '{VALUE}'"
    if unused := [name for name in others if name not in kept]:
        text += f"; not used: {listing(unused)}"
    lines = [table.lines[row] for row, _ in cells] if len(table.lines) else ()
    note = Finding("note", "year-rows", printable(text, 400))
    numeric = [VALUE] if all(name in table.numeric for name in parts) else []
    return replace(table, columns=columns, lines=lines, ragged={}, findings=(*table.findings, note), numeric=numeric)


def _stamp(year: str | None, number: int, stamp: str) -> str | None:
    """Return the stamp of a part of a year; the cell as it is where it holds none, such as that of a total."""
    if not _is_year(year):
        return year
    return stamp.format((year or "").strip().removesuffix(".0"), number)
