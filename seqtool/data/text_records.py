"""Texts out of the records of a file: a column of a table, a field of JSON objects, joined by a blank line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seqtool.data import separated, sniffing
from seqtool.data.column_names import is_name
from seqtool.data.files import left_out
from seqtool.data.json_lines import FORMATS, Objects, read_objects
from seqtool.data.json_texts import json_texts
from seqtool.data.line_ends import lines_end_in_lf
from seqtool.data.line_marks import marks_around
from seqtool.data.one_column import named_lines, one_column, quoted_column
from seqtool.data.record_names import FEW, NAMES, has_header, named
from seqtool.data.row_names import Bare, without_row_names
from seqtool.data.stray_rows import with_row_names, without_rules
from seqtool.data.text_table import Table, place_of, read_separated
from seqtool.errors import DataError, UsageError
from seqtool.reads import Finding
from seqtool.say import printable

BETWEEN = "\n\n"  # two stories, two records: a blank line
CHAT = "messages"  # a field of JSON that holds the turns of a chat, each with its `content`
NAMELESS = "column_1"  # the column of the names of rows
SUFFIXES = (".csv", ".tsv")


@dataclass(frozen=True)
class TextFormat:
    """What a person says of files of text; the defaults leave it to the content. column: by name, or number from 1."""

    format: str = "auto"
    encoding: str = ""
    column: str = ""


@dataclass(frozen=True)
class Records:
    """The texts of all records as one, and the findings."""

    text: str
    findings: tuple[Finding, ...]


def read_records(text: str, path: Path, how: TextFormat) -> Records | None:
    """Read the records of a file; None where it is plain text.

    JSON is told by its content. A table is one by `how`, or where the file is called .csv or .tsv and has
    several columns, or one with a name.
    Raises `UsageError` for a column that is not there, `DataError` where no column is certainly the text, and what the
    readers of tables and JSON raise.
    """
    where = str(path)
    if how.format == "lines":
        return None
    if how.format in ("auto", *FORMATS) and (objects := _objects(text, where, how.format)) is not None:
        return _of_objects(objects, where, how.column)
    if how.format == "auto" and (texts := json_texts(text.removesuffix("\n").split("\n"))) is not None:
        note = Finding("note", "format", "read as strings of JSON, a line each")
        named = texts[0].strip().lower() in NAMES  # R, too, writes quotes behind a backslash
        return _joined(Table({"text": [*texts[named:]]}, (), findings=(note,)), "text", where)
    bare = without_row_names(text) if how.format == "auto" else Bare(text)
    table = _table_of(bare, where, how.column) if bare.findings else _table(text, path, how)
    if table is None:
        return None
    return _joined(table, _column(table.columns, how.column, where, "columns"), where)


def of_written(table: Table, path: Path, how: TextFormat) -> Records:
    """Return the texts of a table of Parquet or Excel; raises `UsageError` and `DataError` as `read_records` does."""
    where = str(path)
    if not table.named and has_header(table, how.column):
        table = named(table, where)
    return _joined(table, _column(table.columns, how.column, where, "columns", lines=False), where)


def _objects(text: str, where: str, format: str) -> Objects | None:
    try:
        return read_objects(text, where, format)
    except DataError as error:  # a text may be code, too
        cure = f"{error.cure}; --format lines reads the file as it stands"
        raise DataError(error.what, where=error.where, cure=cure) from error


def _table(text: str, path: Path, how: TextFormat) -> Table | None:
    where, name = str(path), path.name.lower().removesuffix(".gz")
    tabs = name.endswith(".tsv")
    if how.format == "auto" and not how.column:
        if not name.endswith(SUFFIXES):
            return _with_names(text, where) or quoted_column(text, where)
        if (lines := named_lines(text)) is not None:
            return lines
        if _sniff(text, where) is None or (tabs and "\t" not in text):
            return one_column(text, where, tabs=tabs)
    table = _without_bars(with_row_names(read_separated(text, where, format=how.format, tabs=tabs)))
    table.refuse_ragged(where)
    return named(table, where) if has_header(table, how.column) else table


def _table_of(bare: Bare, where: str, wanted: str) -> Table:
    """Return the table whose rows had names, or whose quotes were escaped: no prose looks so."""
    table = read_separated(bare.text, where, format=separated.FORMATS[bare.mark])
    table = replace(table, findings=(*table.findings, *bare.findings))
    table = named(table, where) if bare.named or has_header(table, wanted) else table
    texts = {name: cells for name, cells in table.columns.items() if name != NAMELESS}
    return replace(table, columns=texts) if bare.named and texts else table


def _sniff(text: str, where: str) -> separated.Separated | None:
    try:
        return sniffing.sniff(text, where)
    except DataError as error:  # a text has commas and semicolons, too
        cure = f"{error.cure}, or --format lines to read the file as it stands"
        raise DataError(error.what, where=error.where, cure=cure) from error


def _with_names(text: str, where: str) -> Table | None:
    """Return the table in a text whose first line is names, a known one among them, and all rows as wide as it."""
    first = text.lstrip("\ufeff\n").partition("\n")[0]
    mark = next((mark for mark in separated.MARKS.values() if mark in first), "")
    names = [name.strip().strip('"') for name in first.split(mark)] if mark else []
    if not {name.lower() for name in names} & NAMES or not all(not name or is_name(name, 1) for name in names):
        return None
    try:
        table = read_separated(text, where, format=separated.FORMATS[mark])
    except DataError:  # a quote that is no mark
        return None
    whole = len(table) > FEW and list(map(str.strip, map(str, table.first()))) == names and not table.ragged
    if mark != "|" and not all(any(cells) for cells in table.columns.values()):
        return None  # verses that all end in a comma
    table = _without_bars(table)
    return named(table, where) if whole else None


def _without_bars(table: Table) -> Table:
    """Return a table of Markdown without its rules, its outer bars, and the blanks around its cells."""
    ruled = without_rules(table)
    if len(ruled) == len(table):
        return table
    columns: dict[str, list[str | None]] = {
        name: [cell.strip(" ") if cell else cell for cell in cells] for name, cells in ruled.columns.items()
    }
    return replace(ruled, columns={name: cells for name, cells in columns.items() if any(cells)})


def _of_objects(objects: Objects, where: str, wanted: str) -> Records:
    objects = Objects([_plain(record) for record in objects.records], objects.lines)
    table = objects.table()
    name = _column(table.columns, wanted, where, "fields")
    for place, record in enumerate(objects.records):
        if not isinstance(record.get(name), str | None):
            what = f"the field '{printable(name)}' of {table.place(place)} is no text"
            others = len(table.columns) > 1
            cure = "--text-column with another field" if others else 'write {"text": "..."}, one a line'
            raise DataError(what, where=where, cure=cure)
    return _joined(table, name, where)


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record with the messages of a chat as a text, a line each; others come back as they are."""
    chat = record.get(CHAT)
    texts = [turn.get("content") for turn in chat if isinstance(turn, dict)] if isinstance(chat, list) else []
    if not texts or not isinstance(chat, list) or len(texts) < len(chat):
        return record
    lines = [text for text in texts if isinstance(text, str)]
    return {**record, CHAT: "\n".join(lines)} if len(lines) == len(texts) else record


def _column(columns: Mapping[str, list[str | None]], wanted: str, where: str, kind: str, *, lines: bool = True) -> str:
    """Return the column that holds the texts; lines: whether the file may be read as lines instead."""
    names = list(columns)
    if wanted and (place := place_of(wanted, names)) is not None:
        return names[place]
    listed = f"{where}: {kind} {', '.join(map(printable, names))}"
    if wanted:
        raise UsageError(f"there is no column '{printable(wanted)}'", where=listed, cure="a name or number of these")
    known = [
        name for name in names if len(names) == 1 or (name.strip().lower() in NAMES and not _counts(columns[name]))
    ]
    if len(known) == 1:
        return known[0]
    what = f"which of its {kind} is the text?"
    also = ", or --format lines to read the file as it stands" if lines else ""
    raise DataError(what, where=listed, cure=f"--text-column NAME{also}")


def _counts(cells: Sequence[str | None]) -> bool:
    """Tell whether a column holds numbers alone, as one of sentences that are numbered."""
    return any(cells) and all(cell.strip().isdecimal() for cell in cells if cell)


def _joined(table: Table, name: str, where: str) -> Records:
    texts = [(cell or "").strip("\r\n") for cell in table.columns[name]]
    empty = [table.lines[n] if len(table.lines) else n + 1 for n, text in enumerate(texts) if not text.strip()]
    text, ends = lines_end_in_lf(BETWEEN.join(text for text in texts if text.strip()) + "\n")
    formats = [finding for finding in table.findings if finding.code != "format"]
    words = next(finding.text for finding in table.findings if finding.code == "format")
    note = Finding("note", "format", f"{words}; '{printable(name)}' is the text, a blank line between two records")
    marks = marks_around(texts)
    return Records(text, (note, *formats, *ends, *marks, *left_out("empty-text", "without a text", empty)))
