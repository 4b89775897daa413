"""A table of text: columns of cells, out of separated values."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from seqtool.data import separated
from seqtool.data.dates import is_day, is_stamp
from seqtool.data.numbers import is_missing, is_number
from seqtool.data.separated import Row, Separated
from seqtool.errors import DataError
from seqtool.say import printable
from seqtool.task import Finding

Header = Literal["auto", "yes", "no"]
_ALL = tuple(separated.MARKS.values())
_FEW_NAMES = 5  # rows of units and second names under a header, less one
_FEW = 100  # lines that tell a column of decimals from two columns
_PAIR = r"\s*([-+]?\d+),(\d+)\s*"


@dataclass(frozen=True)
class Table:
    """A table: columns of T cells each, as text; None where a row has no such cell.

    lines [T]: the line of the file in which each row begins; () where rows have none, as in Parquet. named: whether the
    names stand in the file; without, they are `column_1`, ... ragged: rows of another width, by their places.
    """

    columns: Mapping[str, list[str | None]]
    lines: Sequence[int] = ()
    named: bool = True
    findings: tuple[Finding, ...] = ()
    ragged: Mapping[int, Row] = field(default_factory=dict)
    mark: str = ""
    """What parts the cells in the file, "" where nothing does."""
    numeric: Collection[str] = ()
    """The columns that hold numbers, not texts: nothing that was decided for texts changes what they are."""

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def place(self, row: int) -> str:
        """Return where row 0..T-1 stands, for a message."""
        return f"line {self.lines[row]:,}" if len(self.lines) else f"row {row + 1:,}"

    def first(self) -> list[str | None]:
        """Return the cells of the first row."""
        return [cells[0] for cells in self.columns.values()]

    def with_header(self, where: str) -> Table:
        """Take the first row as the names of the columns; raises `DataError` where two have one name."""
        names = _names(self.first(), where)
        columns = {name: cells[1:] for name, cells in zip(names, self.columns.values(), strict=True)}
        ragged = {place - 1: row for place, row in self.ragged.items()}
        return replace(self, columns=columns, lines=self.lines[1:], named=True, ragged=ragged)

    def with_names(self, names: Sequence[str]) -> Table:
        """Give the columns of a table without a header their names, and say so."""
        columns = dict(zip(names, self.columns.values(), strict=True))
        text = f"no header: the columns were taken for {', '.join(map(printable, names))}"
        numeric = [name for name, own in zip(names, self.columns, strict=True) if own in self.numeric]
        findings = (*self.findings, Finding("warning", "no-header", text))
        return replace(self, columns=columns, findings=findings, numeric=numeric)

    def without_titles(self) -> Table:
        """Leave out rows of a single text above the names of several columns."""
        head = list(itertools.islice(zip(*self.columns.values(), strict=True), separated.MOST_ABOVE))
        widths = [len(_texts(row)) for row in head]
        above = next((place for place, width in enumerate(widths) if width > 1), 0)
        named = all(_names_only(row) for row in head[: above + 1] if _texts(row))
        return self._without(above, "title-lines", "above the table left out") if above and named else self

    def without_units(self) -> Table:
        """Leave out rows under the header that hold no number and no date, such as units or a second name."""
        rows = zip(*self.columns.values(), strict=True)
        first = itertools.islice(rows, _FEW_NAMES)
        # a month whose value is missing is no unit, though it may be a title
        under = sum(1 for _ in itertools.takewhile(lambda row: _names_only(row) and not is_stamp(row[0]), first))
        return (
            self if under in (0, len(self), _FEW_NAMES) else self._without(under, "units", "under the header left out")
        )

    def _without(self, count: int, code: str, text: str) -> Table:
        lines = "1 line" if count == 1 else f"{count} lines"
        ragged = {place - count: row for place, row in self.ragged.items() if place >= count}
        findings = (*self.findings, Finding("note", code, f"{lines} {text}"))
        return replace(self.only(range(count, len(self))), ragged=ragged, findings=findings)

    def only(self, rows: Sequence[int]) -> Table:
        """Return the table of some of its rows."""
        columns = {name: [cells[row] for row in rows] for name, cells in self.columns.items()}
        lines = [self.lines[row] for row in rows] if len(self.lines) else ()
        return replace(self, columns=columns, lines=lines, ragged={})

    def refuse_ragged(self, where: str) -> None:
        """Raise `DataError` where a row that is not blank has more or fewer cells than the first."""
        for place, row in self.ragged.items():
            if not any(cell.strip() for cell in row):
                continue
            what = f"{self.place(place)} has {len(row)} columns, the first row {len(self.columns)}"
            raise DataError(what, where=where, cure='put "quotes" around a cell that holds the separator')


def read_separated(
    text: str, where: str, *, format: str = "auto", tabs: bool = False, blank: bool = False, marks: Sequence[str] = _ALL
) -> Table:
    """Read separated values without a header; a text that no mark parts is a table of one column.

    format: one of `separated.MARKS`, or `auto`; tabs: whether the file's name says that tabs part the cells; blank:
    whether an empty line is a row of missing cells, else it is left out; marks: what may part the cells. Raises
    `DataError` on an empty text, a quote that is opened by mistake, and two marks that fit equally well.
    """
    how = _how(text, where, "tsv" if tabs and format == "auto" else format, marks)
    cells = separated.read_cells(text, how, where, blank=blank)
    if not len(cells.lines):
        raise DataError("no rows: the table is empty", where=where, cure="give a table with a header and rows")
    name = "TSV" if how.mark == "\t" else "CSV"
    findings = [Finding("note", "format", f"read as {name}: {separated.NAMES[how.mark]} part the cells")]
    if how.above:
        lines = "1 line" if how.above == 1 else f"{how.above} lines"
        findings.append(Finding("note", "title-lines", f"{lines} above the table left out"))
    columns = {f"column_{number}": column for number, column in enumerate(cells.columns, start=1)}
    return Table(columns, cells.lines, False, tuple(findings), cells.ragged, how.mark)


def _how(text: str, where: str, format: str, marks: Sequence[str]) -> Separated:
    if format == "auto":
        # A column of single cells has no mark; one that may not part cells then parts none.
        return separated.sniff(text, where, marks) or Separated("," if "," in marks else "\t")
    mark = separated.MARKS[format]
    return separated.sniff(text, where, (mark,)) or Separated(mark, mark != "\t" or separated.quotes_are_marks(text))


def parse_table(
    text: str, where: str = "standard input", *, format: str = "auto", header: Header = "auto", tabs: bool = False,
    decimal: str = "", mark: str = "",
) -> Table:  # fmt: skip
    """Read a table of numbers as text, with or without a header.

    decimal: the mark before decimals, mark: what parts the cells, "" where nothing says so. Raises what
    `read_separated` raises, and `DataError` on a name used twice and a row of numbers with too many cells.
    """
    said, text = separated.excels_line(text)
    format = said if format == "auto" and said else format
    stripped = text.removeprefix("\ufeff").lstrip("\r\n")
    marks = _ALL
    if format == "auto" and "," in text and mark != ",":
        comma = decimal == "," if decimal else _lone_decimals(stripped, where)
        # in quotes the commas of numbers part no cells
        marks = tuple(other for other in _ALL if other != ",") if comma and '"' not in text else _ALL
    table = read_separated(stripped, where, format=format, tabs=tabs, blank=True, marks=marks)  # blank: a missing value
    skipped = text.count("\n", 0, len(text) - len(stripped))
    if skipped:
        table = replace(table, lines=[line + skipped for line in table.lines])
    table = table.without_titles()
    if header == "auto" and _may_name_years(table):
        row = table.mark.join(cell or "" for cell in table.first())
        what = f"the first row, '{row}', may be names of columns or numbers"
        raise DataError(what, where=where, cure="--header yes or --header no")
    if header == "yes" or (header == "auto" and is_header(table.first())):
        table = table.with_header(where).without_units()
    _refuse_wide(table, where)
    return table


def _names_only(row: Sequence[str | None]) -> bool:
    """Tell whether a row has texts and neither a number nor a date nor a missing value beside them."""
    texts = _texts(row)
    return bool(texts) and not any(is_day(text) or is_number(text) or is_missing(text) for text in texts)


def _texts(row: Sequence[str | None]) -> list[str]:
    return [cell for cell in row if cell and cell.strip()]


def _may_name_years(table: Table) -> bool:
    """Tell whether the first row counts years that may be the names of columns."""
    first = [cell or "" for cell in table.first()]
    if len(first) < 2 or not all(re.fullmatch(r"(?:19|20)\d\d", cell.strip()) for cell in first):
        return False
    years = [int(cell) for cell in first]
    return all(later - year == 1 for year, later in itertools.pairwise(years))


def _lone_decimals(text: str, where: str) -> bool:
    """Tell whether a table is one column of numbers with decimal commas, under a name or not.

    Raises `DataError` where they may as well be two columns of whole numbers.
    """
    head, *lines = [line for line in text[: 1 << 16].split("\n")[:_FEW] if line.strip()]
    named = not any(map(str.isdigit, head)) and "," not in head
    numbers = lines if named else [head, *lines]
    pairs = [pair for line in numbers if (pair := re.fullmatch(_PAIR, line, re.ASCII))]
    alone = [line for line in numbers if re.fullmatch(r"\s*[-+]?\d+\s*", line, re.ASCII)]
    if not pairs or len(pairs) + len(alone) < len(numbers):
        return False
    if named or alone or any(re.fullmatch(r"0\d+", pair[2]) for pair in pairs):  # no whole number is written 05
        return True
    first = [int(pair[1]) for pair in pairs]
    if all(later - before == 1 for before, later in itertools.pairwise(first)) and len(first) > 2:
        return False  # a count of the rows
    what = f"'{printable(head)}': the commas part two columns, or stand before decimals"
    raise DataError(what, where=where, cure="--decimal , or --format csv")


def is_header(row: Sequence[str | None]) -> bool:
    """Tell whether a row is a header: no numbers, no date in front, not all missing."""
    return not (is_day(row[0]) or any(map(is_number, row)) or all(map(is_missing, row)))


def place_of(wanted: str, names: Sequence[str]) -> int | None:
    """Return the place of a column by its name, in its own spelling or the only alike one, or by its number from 1."""
    if wanted in names:
        return list(names).index(wanted)
    alike = [place for place, name in enumerate(names) if name.strip().casefold() == wanted.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else 0
    return number - 1 if 1 <= number <= len(names) else None


def spellings(names: Collection[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the columns' own spellings, () unless every one is there."""
    own = {name.casefold(): name for name in names} | {name: name for name in names}
    found = [own.get(name, own.get(name.casefold(), "")) for name in wanted]
    return tuple(found) if all(found) else ()


def _names(row: Sequence[str | None], where: str) -> list[str]:
    names = [(cell or "").strip() or f"column_{i + 1}" for i, cell in enumerate(row)]
    twice, count = Counter(names).most_common(1)[0]
    if count > 1:
        what = f"the header has the column '{printable(twice)}' {count} times"
        raise DataError(what, where=where, cure="give every column a name of its own")
    return names


def _refuse_wide(table: Table, where: str) -> None:
    """Raise `DataError` for a row of numbers with too many cells; prose may have any number, a row may end early."""
    for place, row in table.ragged.items():
        surplus = row[len(table.columns) :]
        if not all(map(is_missing, surplus)) and any(is_day(cell) or is_number(cell) for cell in row):
            what = f"{table.place(place)} has {len(row)} cells, the first row {len(table.columns)}"
            cure = "quote values that hold the separator; remove lines above the header"
            raise DataError(what, where=where, cure=cure)
