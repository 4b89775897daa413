"""A time stamp that several columns make up: a date beside a clock, or a year, a month and a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from seqtool.data.columns import mostly
from seqtool.data.dates import is_stamp
from seqtool.data.numbers import is_missing, is_number
from seqtool.data.reading import Reading
from seqtool.data.text_table import Table
from seqtool.data.time_names import (
    BESIDE_YEARS,
    CLOCK_NAMES,
    DAYS_OF_YEARS,
    HOUR_NAMES,
    NEARLY,
    PIECES,
    TIME_NAMES,
    WEEKS,
)
from seqtool.errors import DataError, UsageError
from seqtool.reads import Finding
from seqtool.say import printable

# With points only to the second: 8.52 is a number.
_TIME = r"(?:[01]?\d|2[0-4])(?::[0-5]\d(?::[0-5]\d(?:\.\d+)?)?|\.[0-5]\d\.[0-5]\d)"
PERIODS_OF = (2, 4)  # columns: a date, or year, month and day, before the number of the period
_MEAN = "M13"  # in the place of a month: of a year
# 12:00p needs its minutes: 5p may be the name of anything.
_HALF = r"(?:0?[1-9]|1[0-2])(?:(?::[0-5]\d){0,2} ?[AaPp]\.?[Mm]\.?|(?::[0-5]\d){1,2} ?[AaPp])"

# Q1, W05, 1. Quartal, KW 5
_PART = r"(?:[^\W\d_]{1,12}\.? ?)?(\d{1,3})(?:\.0|\. ?[^\W\d_]{2,}\.?)?"


def with_periods(table: Table, names: Sequence[str], reading: Reading, where: str) -> Reading:
    """Say in a reading how many numbered periods a day has, where the last of the columns of time numbers them.

    A later table is read as the training table was. Raises what `periods.count_of` raises.
    """
    if len(names) not in PERIODS_OF or reading.periods or reading.names or reading.day_end:
        return reading
    if is_clock(next(filter(None, table.columns[names[-1]]), None)):
        return reading
    from seqtool.data.periods import count_of  # few tables have them

    return replace(reading, periods=count_of(names[-1], _dates(table, names), table.columns[names[-1]], where))


def _dates(table: Table, names: Sequence[str]) -> Sequence[str | None]:
    """Return the dates that stand in front of numbered periods, in one column or as year, month and day."""
    pieces = [table.columns[name] for name in names[:-1]]
    return pieces[0] if len(pieces) == 1 else [composed(row) for row in zip(*pieces, strict=True)]


def joined(
    table: Table, names: Sequence[str], where: str, reading: Reading | None = None
) -> tuple[Table, str, list[Finding]]:
    """Return a table with one column of time in place of several, that column's name, and notes.

    Raises `DataError` where the pieces make up no date, `UsageError` where they are too many.
    """
    if len(names) == 1:
        return table, names[0], []
    if len(names) > len(PIECES):
        what = f"{len(names)} columns for one time stamp"
        raise UsageError(what, where=where, cure="--time-column date,clock or year,month,day,hour,minute")
    pieces = [table.columns[name] for name in names]
    name = " + ".join(names)
    text = f"the time stamps are in the columns {', '.join(map(printable, names))} together"
    findings = [Finding("note", "time-columns", text)]
    if reading and reading.periods and len(names) in PERIODS_OF:
        from seqtool.data.periods import LENGTHS, stamps_of  # few tables have them

        ends = (" + ".join(names[:-1]), names[-1])
        stamps = stamps_of(ends, _dates(table, names), pieces[-1], reading.periods, reading, where)
        length = LENGTHS[reading.periods]
        text = f"the {length} of each day are numbered in '{printable(names[-1])}': period 1 begins at 00:00"
        findings.append(Finding("note", "periods", text))
    else:
        stamps = [stamp_of(names, row) for row in zip(*pieces, strict=True)]
    rest = {other: column for other, column in table.columns.items() if other not in names}
    return replace(table, columns={name: stamps, **rest}), name, findings


def stamp_of(names: Sequence[str], pieces: Sequence[str | None]) -> str | None:
    """Return the time stamp of a row whose pieces stand in columns called so, None where one is missing."""
    if len(names) == 2 and names[1].casefold() in BESIDE_YEARS:
        return _of_year(names[1].casefold(), *pieces)
    return composed(pieces)


def _of_year(name: str, year: str | None, part: str | None) -> str | None:
    """Return the quarter, week or day of a year, such as 2026Q3, 2026-W05 or 2026-035."""
    if is_missing(year) or is_missing(part):
        return None
    year, part = ((text or "").strip().removesuffix(".0") for text in (year, part))
    part = match[1] if (match := re.fullmatch(_PART, part)) else part
    if name in WEEKS:
        return f"{year}-W{part:0>2}"
    return f"{year}-{part:0>3}" if name in DAYS_OF_YEARS else f"{year}Q{part}"


def is_part(cell: str | None) -> bool:
    """Tell whether a cell is a part of a year: 1, Q1, W05, `1. Quartal`."""
    return cell is not None and re.fullmatch(_PART, cell.strip()) is not None


def composed(pieces: Sequence[str | None]) -> str | None:
    """Return the time stamp of a row: a date and a clock, or year, month, day, hour, minute as far as they go.

    A clock may be whole hours, such as 7, or 7-8, or hours and minutes without a mark, such as 0730.
    """
    if any(map(is_missing, pieces)):
        return None
    texts = [_begin((piece or "").strip()) for piece in pieces]
    if len(texts) == 2:
        if match := re.fullmatch(r"(\d{4})(?:\.0)? (\d{1,2})(?:\.0)?", " ".join(texts)):  # a year and a month
            return f"{match[1]}-{match[2]:0>2}"
        if re.fullmatch(r"\d{4} [^\W\d_]{3,}\.?", " ".join(texts)):  # a year and the name of a month
            return f"{texts[1]} {texts[0]}"
        if re.fullmatch(r"\d{4}", texts[0]) and is_numbered_month(texts[1]):
            return f"total {texts[0]}" if texts[1] == _MEAN else f"{texts[0]}-{texts[1][1:]}"
        clock = re.sub(r"^(\d{1,2})$", r"\1:00", re.sub(r"^(\d{1,2})(\d\d)(\d\d)?$", _parted, texts[1]))
        date = re.sub(r"^(\d{4})(\d\d)(\d\d)$", r"\1-\2-\3", texts[0])
        return f"{date} {clock if ':' in clock else clock.replace('.', ':', 2)}"
    if not re.match(r"\d{1,4}(?:\.0)?$", texts[0]):  # a date, an hour and a minute
        return f"{texts[0]} {texts[1]:0>2}:{texts[2]:0>2}" if len(texts) == 3 else " ".join(texts)
    if len(texts) == len(PIECES) - 1 and is_clock(texts[-1]):  # a clock in place of the hour
        whole = composed(pieces[:-1])
        return whole and f"{whole[:10]} {texts[-1]}"
    if re.fullmatch(r"[^\W\d_]{3,}\.?", texts[1]):
        from seqtool.data.month_names import month_of  # few tables have them in a column of their own

        texts[1] = str(month_of(texts[1].rstrip(".")) or texts[1])
    try:
        year, month, day, hour, minute = [*(int(float(text)) for text in texts), *[0] * (len(PIECES) - len(texts))]
    except ValueError:
        return " ".join(texts)
    return f"{year:04d}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}"


def _begin(piece: str) -> str:
    """Return the hour in which one such as 7-8 or `07 - 08` begins; any other piece as it is."""
    match = re.fullmatch(r"(\d{1,2}) ?[-–] ?(\d{1,2})", piece)  # noqa: RUF001  a dash that people type
    return match[1] if match and int(match[2]) == int(match[1]) + 1 else piece


def _parted(clock: re.Match[str]) -> str:
    return ":".join(piece for piece in clock.groups() if piece)


def pieces_of(table: Table) -> tuple[str, ...]:
    """Return the columns of whole numbers that are called year, month, day, hour and minute, as far as they go.

    A column of the clock may stand in place of the hour.
    """
    found: list[str] = []
    for words in PIECES:
        name = next((name for name in table.columns if name.casefold() in words), None)
        if words is HOUR_NAMES and (clock := _clock(table)):
            return (*found, clock)
        months = name is not None and words is PIECES[1] and _are_named_months(table, found[0], name)
        if name is None or not (months or mostly(table.columns[name], is_number)):
            break
        if words is PIECES[4] and not mostly(table.columns[name], _is_minute, NEARLY):  # `min` may be the least value
            break
        found.append(name)
    return tuple(found)


def _are_named_months(table: Table, year: str, month: str) -> bool:
    """Tell whether a column has the names of months, beside a year that repeats: one a year may be that of a peak."""
    from seqtool.data.month_names import month_of  # few tables have them in a column of their own

    years = [cell for cell in table.columns[year] if cell]
    named = mostly(table.columns[month], lambda cell: month_of((cell or "").strip().rstrip(".")) > 0, NEARLY)
    return named and len(set(years)) < len(years)


def _clock(table: Table) -> str:
    """Return the column of times of the day, called so, beside those of year, month and day; "" for none."""
    return next(
        (
            name
            for name in table.columns
            if name.casefold() in CLOCK_NAMES
            and mostly(table.columns[name], is_clock, NEARLY)
            and not mostly(table.columns[name], is_number)
        ),
        "",
    )


def is_numbered_month(cell: str | None) -> bool:
    """Tell whether a cell is a month beside a year, as the offices of the United States number them: M01 to M12.

    M13 is the mean of the year.
    """
    return cell is not None and re.fullmatch(r"M(?:0[1-9]|1[0-3])", cell.strip(), re.ASCII) is not None


def is_clock(cell: str | None) -> bool:
    """Tell whether a cell is a time of the day, such as 17:24, 17.24.00 or 5:24 PM."""
    return cell is not None and re.fullmatch(f"{_TIME}|{_HALF}", cell.strip(), re.ASCII) is not None


def is_hour(cell: str | None) -> bool:
    """Tell whether a cell is a time of the day without a mark: 7, 07, 24, 0730, 073000, or 7-8."""
    form = r"(?:[01]?\d|2[0-4])(?:[0-5]\d){0,2}"
    return cell is not None and re.fullmatch(form, _begin(cell.strip()), re.ASCII) is not None


def _is_minute(cell: str | None) -> bool:
    return cell is not None and re.fullmatch(r"[0-5]?\d(?:\.0)?", cell.strip(), re.ASCII) is not None


def may_be_span(cell: str) -> bool:
    """Tell whether a cell has a mark as between two times; see `spans.start_of`."""
    if any(mark in cell for mark in (" - ", "\u2013", " to ", " bis ")):
        return True
    return (cell.count("/") == 1 and len(cell) > 15) or (cell.count("-") == 1 and cell.count(":") > 1)


def date_elsewhere(names: Sequence[str], row: Sequence[str | None], time: Sequence[str]) -> str:
    """Return the column under which a row without a header has its date, though its cell of time is a mere number.

    names: those of the training table, of which `time` hold the time; "" where the row does not contradict them.
    """
    cells = dict(zip(names, row, strict=True))
    if not time or not all(is_number(cells.get(name)) for name in time):
        return ""
    others = (name for name in names if name.casefold() not in TIME_NAMES and name not in time)
    return next((name for name in others if is_stamp(cells[name])), "")


def refuse_moved(table: Table, names: Sequence[str], time: Sequence[str]) -> None:
    """Raise `DataError` where a table without a header has its date in another place than the training table."""
    row = table.first()
    if name := date_elsewhere(names, row, time):
        date = printable(row[list(names).index(name)] or "")
        what = f"no header, and the date '{date}' stands where the training table had '{printable(name)}'"
        raise DataError(what, where=table.place(0), cure="give the table the header of the training table")
