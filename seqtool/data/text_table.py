"""A table of text: columns of cells, out of separated values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from seqtool.data import separated, sniffing
from seqtool.data.separated import Row, Separated
from seqtool.data.tab_quotes import kept_quotes, quotes_are_marks
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import counted, printable

_ALL = tuple(separated.MARKS.values())
_SURPLUS = re.compile(r"(?!.*&#?\w+;$)[^;]*;+")  # a cell that ends in semicolons and holds no other
_INSIDE = re.compile(r';"[ \t]*$', re.MULTILINE)


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
    """The columns that hold numbers or times, not texts: nothing that was decided for texts changes what they are."""

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
    escaped: tuple[Finding, ...] = ()
    if '\\"' in text:
        from seqtool.data.escaped_quotes import with_doubled_quotes  # few tables are of R

        text, _, escaped = with_doubled_quotes(text, marks)
    how = _how(text, where, "tsv" if tabs and format == "auto" else format, marks)
    cells = separated.read_cells(text, how, where, blank=blank)
    if not len(cells.lines):
        raise DataError("no rows: the table is empty", where=where, cure="give a table with a header and rows")
    name = "TSV" if how.mark == "\t" else "CSV"
    findings = [Finding("note", "format", f"read as {name}: {separated.NAMES[how.mark]} part the cells")]
    if how.above:
        findings.append(Finding("note", "title-lines", f"{counted(how.above, 'line')} above the table left out"))
    if how.mark == "\t" and not how.quoted:
        findings += kept_quotes(text)
    if how.mark == "," and (bare := _without_semicolons(cells.columns[-1], text)):
        cells.columns[-1] = bare
        findings.append(Finding("note", "semicolons", "semicolons at the end of every row are left out"))
    findings += escaped
    columns = {f"column_{number}": column for number, column in enumerate(cells.columns, start=1)}
    return Table(columns, cells.lines, False, tuple(findings), cells.ragged, how.mark)


def _how(text: str, where: str, format: str, marks: Sequence[str]) -> Separated:
    if format == "auto":
        # A column of single cells has no mark; one that may not part cells then parts none.
        return sniffing.sniff(text, where, marks) or Separated("," if "," in marks else "\t")
    mark = separated.MARKS[format]
    return sniffing.sniff(text, where, (mark,)) or Separated(mark, mark != "\t" or quotes_are_marks(text))


def _without_semicolons(last: Sequence[str | None], text: str) -> list[str | None]:
    """Return the last column of a table of commas without the semicolons that end all cells, [] where not all do.

    A spreadsheet that parts by semicolons writes the empty columns so that lie beside a table it did not understand.
    A semicolon inside of quotes belongs to its cell, as do that of `&amp;` and those of a cell that holds others too.
    """
    if len(last) < 2 or not all(cell and _SURPLUS.fullmatch(cell) for cell in last) or _INSIDE.search(text):
        return []
    return [cell.rstrip(";") if cell else cell for cell in last]


def place_of(wanted: str, names: Sequence[str]) -> int | None:
    """Return the place of a column by its name, in its own spelling or the only alike one, or by its number from 1."""
    if wanted in names:
        return list(names).index(wanted)
    alike = [place for place, name in enumerate(names) if name.strip().casefold() == wanted.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 7 else 0
    return number - 1 if 1 <= number <= len(names) else None


def typed(name: str, names: Sequence[str]) -> str:
    """Return a column as an option takes it: its name, or its number where the name cannot be typed."""
    plain = name.isprintable() and "," not in name and name == name.strip() and not name.startswith("-")
    return name if plain else str(list(names).index(name) + 1)


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
