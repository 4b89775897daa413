"""Where a table of numbers begins: below its comments and titles, with or without names, above units."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from seqtool.data import separated
from seqtool.data.dates import is_day, is_stamp
from seqtool.data.numbers import is_missing, is_number
from seqtool.data.reading import Header
from seqtool.data.text_table import Table
from seqtool.data.time_names import TIME_NAMES
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import counted, printable

SAMPLE = 100  # rows that tell what a column holds
FACTS = frozenset(
    {"einheit", "dimension", "stand vom", "kategorie", "quelle", "dezimalstellen", "einheiten-multiplikator"}
    | {"bemerkung", "bemerkungen", "kommentar", "kommentare", "methodik", "unit", "unit multiplier", "last update"}
    | {"category", "source", "decimals", "comment", "comments", "methodology"}
)
"""What the Bundesbank calls the facts between the names and the dates of its series."""
MOST_FACTS = 20  # rows about the series between its names and its dates
MOST_UNDER = 5  # rows of units and second names under a header, less one

Row = Sequence[str | None]


def headed(table: Table, header: Header, where: str) -> Table:
    """Take the names of a table's columns, and leave out titles above them, units under them, and them once more.

    Raises `DataError` where a row of numbers may be names, and for a name used twice.
    """
    table = table if header == "no" else _without_facts(table)
    table = _without_empty_end(without_titles(_without_ends_of_a_title(table)))
    if header == "auto" and _may_be_names(table):
        row = (table.mark or ",").join(cell or "" for cell in table.first())
        what = f"the first row, '{printable(row, 60)}', may be names of columns or numbers"
        raise DataError(what, where=where, cure="--header yes or --header no")
    if header == "yes" or (header == "auto" and _names_columns(table)):
        table = _with_two_names(table)
        return _without_names(_without_units(table.with_header(where)))
    return table


def is_header(row: Row) -> bool:
    """Tell whether a row is a header: no numbers, no date in front, not all missing."""
    return not (is_day(row[0]) or any(map(is_number, row)) or all(map(is_missing, row)))


def _without_facts(table: Table) -> Table:
    """Leave out rows of facts between the names and the dates, as `Einheit,Euro` and `Stand vom,1.3.2024`.

    The first row has no name for the dates, or one of time. Facts of other words are left to `_without_units`.
    """
    first = table.first()
    named = len(first) > 1 and _names_only(first) and len({*filter(None, first)}) == len([*filter(None, first)])
    if not named or not ((first[0] or "").strip() == "" or (first[0] or "").strip().casefold() in TIME_NAMES):
        return table
    rows = itertools.islice(zip(*table.columns.values(), strict=True), 1, 1 + MOST_FACTS)
    count = sum(1 for _ in itertools.takewhile(_is_fact, rows))
    dates = next(iter(table.columns.values()))[1 + count : 1 + count + SAMPLE]
    if not (count and len(dates) > count and all(map(is_stamp, dates))):
        return table
    return _left_out(table, range(1, 1 + count), "units", "under the header left out")


def _is_fact(row: Row) -> bool:
    """Tell whether a row says something of the series: a usual word in front, or any name behind an empty cell."""
    first = (row[0] or "").strip()
    return first.casefold() in FACTS if first else _is_name(row[1]) and not is_stamp(row[1])


def _without_ends_of_a_title(table: Table) -> Table:
    """Leave out the last columns where a title above the names has more of the marks between cells than the table."""
    names = list(table.columns)
    # from the last one, and no further in it than to its first text: most tables are full
    filled = (any(cell and cell.strip() for cell in islice(table.columns[name], 1, None)) for name in reversed(names))
    width = len(names) - next((place for place, has_text in enumerate(filled) if has_text), len(names))
    if not 1 < width < len(names):
        return table
    under = next(row for row in zip(*(table.columns[name][1:] for name in names[:width]), strict=True) if _texts(row))
    if not (_names_only(under) and _names_only(table.first())):
        return table
    return replace(table, columns={name: table.columns[name] for name in names[:width]})


def _without_empty_end(table: Table) -> Table:
    """Leave out a last column without a cell behind names that are dates, as of a comma that ends each row."""
    names = list(table.columns)
    if len(names) < 3 or any(cell and cell.strip() for cell in table.columns[names[-1]]):
        return table
    shorter = replace(table, columns={name: table.columns[name] for name in names[:-1]})
    return shorter if _names_steps(shorter) else table


def without_titles(table: Table) -> Table:
    """Leave out rows above the names: of a single text, or any above a row of names that has a usual one of time."""
    head = list(itertools.islice(zip(*table.columns.values(), strict=True), separated.MOST_ABOVE))
    widths = [len(_texts(row)) for row in head]
    above = next((place for place, row in enumerate(head) if _names_time(row)), 0)
    # A row above that is full of numbers, or dated, is one of data.
    if not all(_names_only(row) or ((None in row or "" in row) and not is_day(row[0])) for row in head[:above]):
        above = 0
    if not above:
        first = next((place for place, width in enumerate(widths) if width > 1), 0)
        above = first if all(_names_only(row) for row in head[: first + 1] if _texts(row)) else 0
    return _left_out(table, range(above), "title-lines", "above the table left out")


def _with_two_names(table: Table) -> Table:
    """Join two rows of names where the first has some twice that the second tells apart, as pandas writes them."""
    first, second = (
        [(cells[row] or "").strip() for cells in table.columns.values()] for row in (0, min(1, len(table) - 1))
    )
    both = [f"{one} {two}".strip() for one, two in zip(first, second, strict=True)]
    if (
        len({*first}) == len(first)
        or len({*both}) < len(both)
        or len(table) < 3
        or not all(both[1:])
        or not is_header(second)
    ):
        return table
    names = [second[0] or first[0], *both[1:]]
    columns = {name: [text, *cells[2:]] for (name, cells), text in zip(table.columns.items(), names, strict=True)}
    lines = [*table.lines[:1], *table.lines[2:]]
    ragged = {row - 1: cells for row, cells in table.ragged.items() if row > 1}
    note = Finding("note", "two-names", "the names of the columns stand in two lines, which were joined")
    return replace(table, columns=columns, lines=lines, ragged=ragged, findings=(*table.findings, note))


def _without_units(table: Table) -> Table:
    """Leave out rows under the header that hold no number and no date, such as units or a second name."""
    first = itertools.islice(zip(*table.columns.values(), strict=True), MOST_UNDER)
    # a month whose value is missing is no unit, though it may be a title
    under = sum(1 for _ in itertools.takewhile(lambda row: _names_only(row) and not is_stamp(row[0]), first))
    under += _dated_facts(table, under)
    under = 0 if under in (len(table), MOST_UNDER) else under
    return _left_out(table, range(under), "units", "under the header left out")


def _dated_facts(table: Table, under: int) -> int:
    """Return how many rows behind `under` hold a date beside words in the column of dates: when the series was made."""
    rows = itertools.islice(zip(*table.columns.values(), strict=True), under, under + MOST_UNDER)
    count = sum(1 for _ in itertools.takewhile(_is_dated_fact, rows))
    dates = next(iter(table.columns.values()))[under + count : under + count + SAMPLE]
    return count if len(dates) > count and all(map(is_day, dates)) else 0


def _is_dated_fact(row: Row) -> bool:
    texts = _texts(row)
    return not is_day(row[0]) and _is_name(row[0]) and any(map(is_day, texts)) and not any(map(is_number, texts))


def _without_names(table: Table) -> Table:
    """Leave out rows that are the header once more, as of tables that were put one behind the other."""
    names = list(table.columns)
    if names[0] not in table.columns[names[0]]:
        return table
    again = [row for row, cells in enumerate(zip(*table.columns.values(), strict=True)) if [*cells] == names]
    return _left_out(table, again, "header-again", "with the names of the columns again left out", "warning")


def _left_out(table: Table, rows: Sequence[int], code: str, text: str, level: str = "note") -> Table:
    if not rows:
        return table
    gone = set(rows)
    kept = [row for row in range(len(table)) if row not in gone]
    places = {row: place for place, row in enumerate(kept)}
    ragged = {places[row]: cells for row, cells in table.ragged.items() if row in places}
    finding = Finding("warning" if level == "warning" else "note", code, f"{counted(len(rows), 'line')} {text}")
    return replace(table.only(kept), ragged=ragged, findings=(*table.findings, finding))


def _names_columns(table: Table) -> bool:
    """Tell whether the first row names the columns: a header, a text above numbers, or what pandas writes."""
    first = table.first()
    if is_header(first):
        return True
    if _names_steps(table):
        return True
    if any(map(is_day, first)):
        return False
    whole = [cell for cell in first if cell and cell.strip()]
    if len(whole) < len(first) and whole == [str(place) for place in range(len(whole))]:
        return True  # an index without a name, and columns that are counted
    return any(_is_name(cell) and _holds_numbers(cells) for cell, cells in zip(first, _below(table), strict=True))


def _names_steps(table: Table) -> bool:
    """Tell whether the first row has dates or a count behind a name, above numbers that are none: a series a row."""
    first = [cell or "" for cell in table.first()]
    if len(first) <= 3 or not first[-1][-1:].strip().isdigit() or is_number(first[0]) or is_stamp(first[0]):
        return False
    from seqtool.data.header_steps import names_steps  # few tables have such names

    return names_steps(first, _below(table))


def _may_be_names(table: Table) -> bool:
    """Tell whether the first row may as well be names: years, a count of the columns, whole above decimal numbers."""
    first = [(cell or "").strip() for cell in table.first()]
    if not all(cell.isascii() and cell.isdigit() and len(cell) < 19 for cell in first):
        return False
    counted = all(int(after) - int(before) == 1 for before, after in itertools.pairwise(first)) and len(first) > 1
    if counted and (first[0] == "0" or all(re.fullmatch(r"(?:19|20)\d\d", cell) for cell in first)):
        return True
    return any(len(cells) > 1 and all("." in cell for cell in cells) for cells in _below(table))


def _below(table: Table) -> list[list[str]]:
    """Return the cells below the first row that are not missing, as many as tell what a column holds."""
    samples = (cells[1 : SAMPLE + 1] for cells in table.columns.values())
    return [[cell for cell in cells if cell is not None and not is_missing(cell)] for cells in samples]


def _holds_numbers(cells: Sequence[str]) -> bool:
    return len(cells) > 1 and all(is_number(cell) or is_day(cell) for cell in cells)


def _is_name(cell: str | None) -> bool:
    return cell is not None and any(map(str.isalpha, cell)) and not (is_missing(cell) or is_number(cell))


def _names_time(row: Row) -> bool:
    full = len(_texts(row)) == len(row) > 1 and _names_only(row)
    return full and any((cell or "").strip().casefold() in TIME_NAMES for cell in row)


def _names_only(row: Row) -> bool:
    """Tell whether a row has texts and neither a number nor a date nor a missing value beside them."""
    texts = _texts(row)
    return bool(texts) and not any(is_day(text) or is_number(text) or is_missing(text) for text in texts)


def _texts(row: Row) -> list[str]:
    return [cell for cell in row if cell and cell.strip()]
