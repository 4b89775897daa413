"""Which columns of a text table are the values of a series, and what their numbers are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

import numpy as np

from seqtool.data.dates import spelling
from seqtool.data.numbers import (
    LARGEST,
    NONE,
    Ambiguous,
    NumberFormat,
    decide,
    is_missing,
    is_number,
    read_all,
)
from seqtool.data.reading import Reading
from seqtool.data.text_table import Table, place_of
from seqtool.data.time_names import DATE_NAMES
from seqtool.errors import DataError, UsageError, did_you_mean
from seqtool.reads import Finding
from seqtool.say import printable
from seqtool.types import Floats, Ids

Columns = Mapping[str, Sequence[str | None]]
INDEX_NAMES = frozenset({"column_1", "index", "unnamed: 0", "no", "nr", "id", "row", "step", "t", "time", "#"})
_FEWEST, _FILLED = 20, 0.05  # rows, and the share of them, in which a column holds more than notes
_SAMPLE = 100  # cells decide what a column holds: a table of a million rows is not read twice


def find(columns: Columns, name: str, where: str) -> str:
    """Return a column's own spelling; a whole number is its place, from 1. Raises `UsageError` where there is none."""
    if name in columns:  # told at once among thousands
        return name
    names = list(columns)
    if (place := place_of(name, names)) is not None:
        return names[place]
    raise UsageError(f"no column '{printable(name)}'", where=where, cure=did_you_mean(name, _listed(columns)))


def find_values(
    columns: Columns, time: str, wanted: Sequence[str], preferred: Sequence[str], where: str, *, several: bool = False
) -> tuple[str, ...]:
    """Return the columns of numbers: those wanted, else the first preferred, else the only numeric one, or several.

    One that is empty but for a few cells, as of notes, is only wanted by name. Raises `UsageError` for an unknown
    column, and `DataError` where there is no numeric column or several.
    """
    if wanted:
        return tuple(dict.fromkeys(find(columns, name, where) for name in wanted))
    for name in preferred:
        for column in columns:
            if _is_usual(column, (name,)) and column != time and not _is_sparse(columns[column]):
                return (column,)
    numeric = [column for column in columns if column != time and mostly(columns[column], is_number)]
    if sparse := [name for name in numeric if _is_sparse(columns[name])]:
        numeric = [name for name in numeric if name not in sparse]
        if not numeric:
            from seqtool.data.value_choice import nearly_empty  # few tables have such columns alone

            raise nearly_empty(sparse[0], columns[sparse[0]], where)
        if usual := [name for name in sparse if _is_usual(name, preferred)]:
            from seqtool.data.value_choice import refuse_dropped

            refuse_dropped(usual, columns, numeric[0], where)
    # Row numbers in front of a table, as pandas writes them, are no series.
    if len(numeric) > 1 and numeric[0] == next(name for name in columns if name != time):
        numeric = numeric[1:] if _is_index(numeric[0], columns, time) else numeric
    # nor are dates that are numbers: a year beside a date, or where rows are steps
    numeric = [name for name in numeric if not _is_dated(name, columns[name])] or numeric
    if len(numeric) == 1:
        return (numeric[0],)
    from seqtool.data.value_choice import is_part_of_time, undecided  # few tables have several

    if time:  # without one, `yearweek` may be the order of the rows
        numeric = [name for name in numeric if not is_part_of_time(name, columns[name])] or numeric
    if len(numeric) == 1 or (several and numeric):
        return tuple(numeric)
    raise undecided(columns, numeric, time, where)


def _is_usual(column: str, preferred: Sequence[str]) -> bool:
    return column.casefold().removeprefix("_") in map(str.casefold, preferred)  # InfluxDB's is `_value`


def _is_sparse(cells: Sequence[str | None]) -> bool:
    """Tell whether nearly all cells are empty; where all are, the name alone says what a column holds."""
    head = cells[:_SAMPLE]
    if len(cells) < _FEWEST or 2 * sum(map(bool, head)) > len(head):  # most columns
        return False
    return 0 < len(cells) - cells.count("") - cells.count(None) < _FILLED * len(cells)


def _is_dated(name: str, cells: Sequence[str | None]) -> bool:
    """Tell whether the numbers of a column that is called like a date are dates."""
    return name.casefold() in DATE_NAMES and mostly(cells, lambda cell: spelling(cell) != "", 0.99)


def _is_index(name: str, columns: Columns, time: str) -> bool:
    """Tell whether the first column numbers the rows: from 0 or 1 on, or as those of a longer frame of pandas.

    These have no name beside columns that have one, or are called so in front of all; without time stamps they rise.
    """
    cells = columns[name]
    if name.casefold() not in INDEX_NAMES or not all(map(is_whole, cells)):
        return False
    numbers = read_all(cells, NumberFormat("."))
    steps = np.diff(numbers)
    if len(cells) > 1 and numbers[0] in (0, 1) and (steps == 1).all():
        return True
    unnamed = name == "column_1" and "column_2" not in columns
    called = name.casefold() in ("index", "unnamed: 0") and name == next(iter(columns)) and time != ""
    different = len(np.unique(numbers)) == len(numbers) if time else (steps > 0).all()
    return (unnamed or called) and bool(different)


def is_whole(cell: str | None) -> bool:
    """Tell whether a cell is a whole number without a sign, such as 7 or 7.0, in ASCII's digits."""
    return cell is not None and cell.isascii() and cell.strip().removesuffix(".0").isdecimal()


def number_format(
    table: Table, names: Sequence[str], rows: Ids, reading: Reading, where: str, *, time: str = ""
) -> tuple[NumberFormat, list[Finding]]:
    """Return how the numbers of some columns are written, as `reading` or their cells say, and what to say of it.

    Where they do not decide, other columns do, but the one of the time. Raises `DataError` where a cell is no number,
    where columns contradict each other, and where two readings fit.
    """
    decided = {
        name: NumberFormat(".") if name in table.numeric else _decided(table, name, rows, reading, where)
        for name in names
    }
    form = agreed(decided, where)
    _refuse_blanks(table, names, form, reading, where)
    if reading.names:  # of a later table
        from seqtool.data.number_signs import refuse_unlike  # a training does without

        refuse_unlike(table, names, rows, reading, where)
    findings = [Finding("note", "numbers", f"numbers have {form}")] if form.decimal == "," or form.thousands else []
    open_forms = {name: open_form for name, open_form in decided.items() if isinstance(open_form, Ambiguous)}
    for name, open_form in open_forms.items():
        if not form.decimal:
            from seqtool.data.two_readings import of_others  # few tables leave it open

            form, shown = of_others(table, (*names, time), rows, reading)
            if not form.decimal:
                raise _ambiguous(open_form, name, where)
            text = f"numbers have {form}, as column '{printable(shown)}' shows"
            findings = [Finding("warning", "numbers", text)]
        form = next(fit for fit in open_form.formats if fit.decimal == form.decimal)
    return form, findings


def agreed(decided: Mapping[str, NumberFormat | Ambiguous], where: str) -> NumberFormat:
    """Return the format of all columns that are certain; raises `DataError` where two contradict each other."""
    certain = {name: form for name, form in decided.items() if isinstance(form, NumberFormat)}
    forms = [form for form in certain.values() if form.decimal]
    for name, form in certain.items():
        if form.decimal and form.decimal != forms[0].decimal:
            first = next(other for other in certain if certain[other] == forms[0])
            what = f"column '{printable(first)}' has {forms[0]}, column '{printable(name)}' {form}"
            raise DataError(what, where=where, cure="write the numbers of all columns alike")
    thousands = next((form.thousands for form in certain.values() if form.thousands), "")
    return NumberFormat(forms[0].decimal if forms else "", thousands)


def _refuse_blanks(table: Table, names: Sequence[str], form: NumberFormat, reading: Reading, where: str) -> None:
    """Raise `DataError` where the blanks in a table of one column may part two columns."""
    if form.thousands == " " and len(table.columns) == 1 and not reading.thousands:
        cell = next(cell for cell in table.columns[names[0]] if cell and len(cell.split()) > 1)
        what = f"'{printable(cell.strip())}': the blanks part two columns, or thousands"
        raise DataError(what, where=where, cure="--thousands blank, or write commas between the columns")


def _ambiguous(form: Ambiguous, name: str, where: str) -> DataError:
    what = f"'{printable(form.cell)}' in column '{printable(name)}' is {form.readings()}: no cell decides"
    return DataError(what, where=where, cure="train with --decimal . or --decimal ,")


def _decided(table: Table, name: str, rows: Ids, reading: Reading, where: str) -> NumberFormat | Ambiguous:
    cells = _chosen(table.columns[name], rows)
    try:
        return decide(cells, reading.written)
    except ValueError as error:
        raise _no_number(table, name, rows, reading, str(error), where) from None


def _no_number(table: Table, name: str, rows: Ids, reading: Reading, reason: str, where: str) -> DataError:
    missing = reading.written.missing
    for row in map(int, rows):
        cell = table.columns[name][row]
        if not (is_number(cell) or is_missing(cell, missing)):
            if (cell or "").strip().lstrip("+-").casefold() in ("inf", "infinity"):
                what, cure = f"{cell_at(table, name, row)} is infinite", "leave a missing value empty"
            else:
                from seqtool.data.value_choice import plain_numbers  # few tables are refused

                what, cure = f"{cell_at(table, name, row)} is no number", plain_numbers(cell or "")
            return DataError(what, where=where, cure=cure)
    form = NumberFormat(reading.decimal, "" if reading.thousands == NONE else reading.thousands)
    alike = f", as those of the training: with {form}" if reading.names and reading.decimal else ""
    cure = f"write all numbers alike{alike}"
    return DataError(f"column '{printable(name)}': {reason}", where=where, cure=cure)


def numbers(table: Table, column: str, rows: Ids, form: NumberFormat, reading: Reading, where: str) -> Floats:
    """Read the chosen rows of a column: [T], NaN = missing; raises `DataError` naming row and cell."""
    missing = reading.written.missing
    cells = _chosen(table.columns[column], rows)
    try:
        values = read_all(cells, form, missing)
    except ValueError:
        for row, cell in zip(map(int, rows), cells, strict=True):
            try:
                read_all([cell], form, missing)
            except ValueError:
                if not is_number(cell):
                    raise _no_number(table, column, rows, reading, "", where) from None
                what = f"{cell_at(table, column, row)} is not written with {form}, as the numbers before"
                cure = f"write all numbers with {form}"
                raise DataError(what, where=where, cure=cure) from None
        raise
    if (large := np.abs(values) > LARGEST).any():
        what = f"{cell_at(table, column, int(rows[large][0]))} is infinite, or too large for a model ({LARGEST:.1e})"
        raise DataError(what, where=where, cure="leave a missing value empty")
    return values


def _chosen(cells: Sequence[str | None], rows: Ids) -> Sequence[str | None]:
    return cells if len(rows) == len(cells) else [cells[row] for row in rows]


def cell_at(table: Table, column: str, row: int) -> str:
    """Return where a cell stands, and what it says, for a message."""
    return f"{table.place(row)}: '{printable(table.columns[column][row] or '')}' in column '{printable(column)}'"


def known_cells(cells: Sequence[str | None]) -> list[str]:
    """Return the first cells that are not missing."""
    return list(islice((cell for cell in cells if cell is not None and not is_missing(cell)), _SAMPLE))


def mostly(cells: Sequence[str | None], test: Callable[[str | None], bool], share: float = 0.5) -> bool:
    """Tell whether more than `share` of the first known cells pass a test."""
    sample = known_cells(cells)
    return sum(map(test, sample)) > share * len(sample)


def _listed(names: Iterable[str]) -> list[str]:
    return [printable(name) for name in islice(names, 20)]  # a message, not a page
