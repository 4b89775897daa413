"""Which columns and rows of a text table belong to the series: its time stamps and its numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from seqtool.data.dates import Times, is_stamp, parse_stamps, spelling
from seqtool.data.numbers import LARGEST, NONE, Ambiguous, NumberFormat, decide, is_missing, is_number, read_all
from seqtool.data.reading import Reading
from seqtool.data.text_table import Table, place_of
from seqtool.data.time_names import DATE_NAMES
from seqtool.errors import DataError, UsageError, did_you_mean
from seqtool.say import printable
from seqtool.task import Finding
from seqtool.types import Floats, Ids

Columns = Mapping[str, Sequence[str | None]]
INDEX_NAMES = frozenset({"column_1", "index", "unnamed: 0", "no", "nr", "id", "row", "step", "t", "time", "#"})
TOTALS = frozenset(
    {"total", "totals", "grand total", "sum", "subtotal", "average", "mean", "summe", "gesamt", "gesamtsumme"}
    | {"mittelwert", "somme", "moyenne", "total general", "total général", "suma", "promedio", "media", "totale"}
    | {"somma", "totaal", "som"}
)
"""What rows behind a table are called that are no steps."""
_SAMPLE = 100  # cells decide what a column holds: a table of a million rows is not read twice


def find(columns: Columns, name: str, where: str) -> str:
    """Return a column's own spelling; a whole number is its place, from 1. Raises `UsageError` where there is none."""
    names = list(columns)
    if (place := place_of(name, names)) is not None:
        return names[place]
    raise UsageError(f"no column '{printable(name)}'", where=where, cure=did_you_mean(name, _listed(columns)))


def find_values(
    columns: Columns, time: str, wanted: Sequence[str], preferred: Sequence[str], where: str
) -> tuple[str, ...]:
    """Return the columns of numbers: those wanted, else the first preferred, else the only numeric one.

    Raises `UsageError` for an unknown column, and `DataError` where there is no numeric column or several.
    """
    if wanted:
        return tuple(dict.fromkeys(find(columns, name, where) for name in wanted))
    for name in preferred:
        for column in columns:
            if column.casefold() == name.casefold() and column != time:
                return (column,)
    numeric = [column for column in columns if column != time and mostly(columns[column], is_number)]
    # Row numbers in front of a table, as pandas writes them, are no series.
    if len(numeric) > 1 and numeric[0] == next(name for name in columns if name != time):
        numeric = numeric[1:] if _is_index(numeric[0], columns[numeric[0]]) else numeric
    # nor are dates that are numbers: a year beside a date, or where rows are steps
    numeric = [name for name in numeric if not _is_dated(name, columns[name])] or numeric
    if len(numeric) == 1:
        return (numeric[0],)
    if not numeric:
        raise DataError("no column of numbers", where=where, cure="give a table with a column of numbers")
    import shlex  # few tables are refused

    names = _listed(sorted(numeric, key=lambda name: name.casefold() in DATE_NAMES))
    what = f"{len(numeric)} columns of numbers, none with a usual name: {', '.join(names)}"
    raise DataError(what, where=where, cure=f"choose one: --value-column {shlex.quote(names[0])}")


def _is_dated(name: str, cells: Sequence[str | None]) -> bool:
    """Tell whether the numbers of a column that is called like a date are dates."""
    return name.casefold() in DATE_NAMES and mostly(cells, lambda cell: spelling(cell) != "", 0.99)


def _is_index(name: str, cells: Sequence[str | None]) -> bool:
    if name.casefold() not in INDEX_NAMES or not all(map(_is_whole, cells)):
        return False
    numbers = read_all(cells, NumberFormat("."))
    return len(cells) > 1 and numbers[0] in (0, 1) and bool((np.diff(numbers) == 1).all())


def _is_whole(cell: str | None) -> bool:
    return cell is not None and cell.strip().removesuffix(".0").isdecimal()


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
    form = _agreed(decided, where)
    _refuse_blanks(table, names, form, reading, where)
    _refuse_percent(table, names, reading, where)
    findings = [Finding("note", "numbers", f"numbers have {form}")] if form.decimal == "," or form.thousands else []
    open_forms = {name: open_form for name, open_form in decided.items() if isinstance(open_form, Ambiguous)}
    for name, open_form in open_forms.items():
        if not form.decimal:
            form, shown = _of_others(table, (*names, time), rows, reading)
            if not form.decimal:
                raise _ambiguous(open_form, name, where)
            text = f"numbers have {form}, as column '{printable(shown)}' shows"
            findings = [Finding("warning", "numbers", text)]
        form = next(fit for fit in open_form.formats if fit.decimal == form.decimal)
    return form, findings


def _agreed(decided: Mapping[str, NumberFormat | Ambiguous], where: str) -> NumberFormat:
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


def _of_others(table: Table, names: Sequence[str], rows: Ids, reading: Reading) -> tuple[NumberFormat, str]:
    """Return how the first other column with a decimal mark is written, and its name."""
    for name, cells in table.columns.items():
        if name in names or name in table.numeric or not mostly(cells, is_number):
            continue
        form = _decided_if_any(table, name, rows, reading)
        # 3.0 shows no mark of this file: programs write whole numbers so
        if isinstance(form, NumberFormat) and form.decimal and not all(map(_is_whole, known_cells(cells))):
            return form, name
    return NumberFormat(), ""


def _refuse_blanks(table: Table, names: Sequence[str], form: NumberFormat, reading: Reading, where: str) -> None:
    """Raise `DataError` where the blanks in a table of one column may part two columns."""
    if form.thousands == " " and len(table.columns) == 1 and not reading.thousands:
        cell = next(cell for cell in table.columns[names[0]] if cell and len(cell.split()) > 1)
        what = f"'{printable(cell.strip())}': the blanks part two columns, or thousands"
        raise DataError(what, where=where, cure="--thousands blank, or write commas between the columns")


def _refuse_percent(table: Table, names: Sequence[str], reading: Reading, where: str) -> None:
    """Raise `DataError` where a later table has percent signs and the training had none, or none where it had some."""
    if not reading.names:
        return  # the training table itself
    for name in (name for name in names if name not in table.numeric):
        trained = name in reading.percent or (len(names) == 1 and bool(reading.percent))
        if has_percent(table.columns[name]) != trained:
            what = f"column '{printable(name)}' is {'not ' if trained else ''}written with %"
            cure = "write the numbers as those of the training, " + ("such as 12.5%" if trained else "without %")
            raise DataError(f"{what}, and the training's was{'' if trained else ' not'}", where=where, cure=cure)


def has_percent(cells: Sequence[str | None]) -> bool:
    """Tell whether the numbers of a column are percentages: all are, or none."""
    return any("%" in cell for cell in known_cells(cells)[:1])


def _ambiguous(form: Ambiguous, name: str, where: str) -> DataError:
    readings = " or ".join(f"{value:,.10g} ({fit})" for fit, value in zip(form.formats, form.values, strict=True))
    what = f"'{printable(form.cell)}' in column '{printable(name)}' is {readings}: no cell decides"
    return DataError(what, where=where, cure="train with --decimal . or --decimal ,")


def _decided(table: Table, name: str, rows: Ids, reading: Reading, where: str) -> NumberFormat | Ambiguous:
    cells = _chosen(table.columns[name], rows)
    try:
        return decide(cells, reading.written)
    except ValueError as error:
        raise _no_number(table, name, rows, reading, str(error), where) from None


def _decided_if_any(table: Table, name: str, rows: Ids, reading: Reading) -> NumberFormat | Ambiguous | None:
    try:
        return decide(_chosen(table.columns[name], rows), reading.written)
    except ValueError:
        return None


def _no_number(table: Table, name: str, rows: Ids, reading: Reading, reason: str, where: str) -> DataError:
    missing = reading.written.missing
    for row in map(int, rows):
        cell = table.columns[name][row]
        if not (is_number(cell) or is_missing(cell, missing)):
            if (cell or "").strip().lstrip("+-").casefold() in ("inf", "infinity"):
                what, cure = f"{_cell(table, name, row)} is infinite", "leave a missing value empty"
            else:
                what = f"{_cell(table, name, row)} is no number"
                import shlex  # few tables are refused

                mark = shlex.quote(printable(cell or ""))
                cure = f"write plain numbers such as 1234.5; where it stands for a missing value: --missing {mark}"
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
                what = f"{_cell(table, column, row)} is not written with {form}, as the numbers before"
                cure = f"write all numbers with {form}"
                raise DataError(what, where=where, cure=cure) from None
        raise
    if (large := np.abs(values) > LARGEST).any():
        what = f"{_cell(table, column, int(rows[large][0]))} is infinite, or too large for a model ({LARGEST:.1e})"
        raise DataError(what, where=where, cure="leave a missing value empty")
    return values


def _chosen(cells: Sequence[str | None], rows: Ids) -> Sequence[str | None]:
    return cells if len(rows) == len(cells) else [cells[row] for row in rows]


class Dated(NamedTuple):
    """The rows of a table that have a time stamp, [T] indices, and their stamps, [T] datetime64[s], as written.

    offsets: seconds east of UTC [T], None where no stamp has one; order: of day and month, "" where none shows.
    """

    rows: Ids
    times: Times
    offsets: Ids | None
    order: str
    findings: list[Finding]


def dated_rows(table: Table, time: str, reading: Reading, where: str) -> Dated:
    """Return the rows that have a time stamp.

    Raises `DataError` where a date in the table is broken, and where no row has one.
    """
    column = printable(time)
    cells = table.columns[time]
    stamps = parse_stamps(
        cells, order=reading.date_order, guess=reading.guess, format=reading.date_format, column=column, where=where
    )
    times = stamps.times
    undated = np.isnat(times)
    dated = np.flatnonzero(~undated)
    end = int(dated[-1]) + 1 if dated.size else 0
    for row in map(int, np.flatnonzero(undated)):
        # behind the last date only a row of data counts as broken: prose may follow a table
        if not _blank(_row(table, row)) and (row < end or not end or _broken(table, time, row)):
            raise _no_date(table, time, row, stamps.order, reading, where)
    findings = [Finding("note", "time-column", f"the time stamps are in column '{column}'")]
    if stamps.guessed:
        text = "no date tells day from month: month/day/year was taken"
        findings.append(Finding("warning", "ambiguous-dates", text))
    if stamps.cut:
        findings.append(Finding("warning", "fractions", "fractions of a second in the time stamps were left out"))
    _refuse_none(dated, where)
    offsets = None if stamps.offsets is None else stamps.offsets[dated]
    return Dated(dated, times[dated], offsets, stamps.order, findings)


def _no_date(table: Table, time: str, row: int, order: str, reading: Reading, where: str) -> DataError:
    from seqtool.data.unread_dates import why  # few tables are refused

    cells = table.columns[time]
    reason = why(cells[row] or "", cells, order, reading.date_format)
    cure = "write dates as YYYY-MM-DD, times as YYYY-MM-DDTHH:MM:SS"
    if reading.date_format:
        cure = "mend the cell, or --date-format"
    return DataError(f"{_cell(table, time, row)} is no date{reason}", where=where, cure=cure)


def undated_rows(table: Table, where: str) -> tuple[Ids, list[Finding]]:
    """Return the rows of a table without time stamps, [T] indices, less those of totals at its end.

    Raises `DataError` where there are none.
    """
    end = len(table)
    while end and _is_total(_row(table, end - 1)):
        end -= 1
    _refuse_none(rows := np.arange(end), where)
    return rows, [Finding("note", "no-time-column", "no time stamps: the rows were taken as steps, the oldest first")]


def _is_total(cells: Sequence[str | None]) -> bool:
    """Tell whether a row is called a total."""
    words = [cell.strip().rstrip(":").casefold() for cell in cells if cell and not is_number(cell)]
    return any(word in TOTALS for word in words)


def _refuse_none(rows: Ids, where: str) -> None:
    if not rows.size:
        raise DataError("no rows", where=where, cure="give a table with a header and rows of numbers")


def without_prose(table: Table) -> Table:
    """Leave out the block of prose and blank rows at the end: no number and no date in any cell."""
    length = end = len(table)
    while end and _prose(_row(table, end - 1)):
        end -= 1
    return table if end == length else table.only(range(end))


def trailing_text(table: Table, end: int) -> list[Finding]:
    """Say how many rows of the table come after its last row of data, `end - 1`."""
    count = len(table) - end
    if not count:
        return []
    noun = "row" if count == 1 else "rows"
    numbers = any(is_number(cell) for row in range(end, len(table)) for cell in _row(table, row))
    if numbers:
        return [
            Finding(
                "warning", "trailing-text", f"{count} {noun} without a date, or of totals, after the table: left out"
            )
        ]
    return [Finding("note", "trailing-text", f"{count} {noun} of text or blanks after the table: left out")]


def _row(table: Table, row: int) -> list[str | None]:
    return [cells[row] for cells in table.columns.values()]


def _cell(table: Table, column: str, row: int) -> str:
    return f"{table.place(row)}: '{printable(table.columns[column][row] or '')}' in column '{printable(column)}'"


def _prose(cells: Sequence[str | None]) -> bool:
    if _blank(cells):
        return True
    # a row of `n/a` is a step with missing values, not prose
    return not (any(is_stamp(cell) or is_number(cell) for cell in cells) or all(map(is_missing, cells)))


def _blank(cells: Iterable[str | None]) -> bool:
    return all(not (cell or "").strip() for cell in cells)


def _broken(table: Table, time: str, row: int) -> bool:
    """Tell whether a row of data has a misspelt date: digits where the date belongs, and a number beside it."""
    digits = any(char.isdigit() for char in table.columns[time][row] or "")
    return digits and any(is_number(cells[row]) for name, cells in table.columns.items() if name != time)


def known_cells(cells: Sequence[str | None]) -> list[str]:
    """Return the first cells that are not missing."""
    return list(islice((cell for cell in cells if cell is not None and not is_missing(cell)), _SAMPLE))


def mostly(cells: Sequence[str | None], test: Callable[[str | None], bool], share: float = 0.5) -> bool:
    """Tell whether more than `share` of the first known cells pass a test."""
    sample = known_cells(cells)
    return sum(map(test, sample)) > share * len(sample)


def _listed(names: Iterable[str]) -> list[str]:
    return [printable(name) for name in islice(names, 20)]  # a message, not a page
