"""Texts out of the records of a file: a column of a table, a field of JSON objects, joined by a blank line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seqtool.data import separated
from seqtool.data.files import left_out
from seqtool.data.json_lines import FORMATS, Objects, read_objects
from seqtool.data.line_ends import lines_end_in_lf
from seqtool.data.text_table import Table, place_of, read_separated
from seqtool.errors import DataError, UsageError
from seqtool.say import printable
from seqtool.task import Finding

BETWEEN = "\n\n"  # two stories, two records: a blank line
NAMES = frozenset({
    "text", "texts", "content", "body", "story", "document", "article", "paragraph", "sentence", "review", "comment",
    "message", "poem", "lyrics",
})  # fmt: skip
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

    JSON is told by its content. A table is one by `how`, or where the file is called .csv or .tsv and has a header.
    Raises `UsageError` for a column that is not there, `DataError` where no column is certainly the text, and what the
    readers of tables and JSON raise.
    """
    where = str(path)
    if how.format == "lines":
        return None
    if how.format in ("auto", *FORMATS) and (objects := _objects(text, where, how.format)) is not None:
        return _of_objects(objects, where, how.column)
    table = _table(text, path, how)
    if table is None:
        return None
    return _joined(table, _column(list(table.columns), how.column, where, "columns"), where)


def _objects(text: str, where: str, format: str) -> Objects | None:
    try:
        return read_objects(text, where, format)
    except DataError as error:  # a text may be code, too
        cure = f"{error.cure}; --format lines reads the file as it stands"
        raise DataError(error.what, where=error.where, cure=cure) from error


def _table(text: str, path: Path, how: TextFormat) -> Table | None:
    where, name = str(path), path.name.lower().removesuffix(".gz")
    if (
        how.format == "auto"
        and not how.column
        and (not name.endswith(SUFFIXES) or separated.sniff(text, where) is None)
    ):
        return None
    table = read_separated(text, where, format=how.format, tabs=name.endswith(".tsv"))
    table.refuse_ragged(where)
    names = [(cell or "").strip().lower() for cell in table.first()]
    wanted = how.column.lower()
    named = wanted in names if wanted and not wanted.isdigit() else bool(NAMES & set(names))
    return table.with_header(where) if named else table


def _of_objects(objects: Objects, where: str, wanted: str) -> Records:
    table = objects.table()
    name = _column(list(table.columns), wanted, where, "fields")
    for place, record in enumerate(objects.records):
        if not isinstance(record.get(name), str | None):
            what = f"the field '{printable(name)}' of {table.place(place)} is no text"
            raise DataError(what, where=where, cure="--text-column with another field")
    return _joined(table, name, where)


def _column(names: Sequence[str], wanted: str, where: str, kind: str) -> str:
    """Return the column that holds the texts."""
    if wanted and (place := place_of(wanted, names)) is not None:
        return names[place]
    listed = f"{where}: {kind} {', '.join(map(printable, names))}"
    if wanted:
        raise UsageError(f"there is no column '{printable(wanted)}'", where=listed, cure="a name or number of these")
    known = [name for name in names if name.strip().lower() in NAMES]
    if len(known) == 1:
        return known[0]
    what = f"which of its {kind} is the text?"
    raise DataError(what, where=listed, cure="--text-column NAME, or --format lines to read the file as it stands")


def _joined(table: Table, name: str, where: str) -> Records:
    texts = [(cell or "").strip("\r\n") for cell in table.columns[name]]
    empty = [table.lines[n] if len(table.lines) else n + 1 for n, text in enumerate(texts) if not text.strip()]
    text, ends = lines_end_in_lf(BETWEEN.join(text for text in texts if text.strip()) + "\n")
    formats = [finding for finding in table.findings if finding.code != "format"]
    words = next(finding.text for finding in table.findings if finding.code == "format")
    note = Finding("note", "format", f"{words}; '{printable(name)}' is the text, a blank line between two records")
    return Records(text, (note, *formats, *ends, *left_out("empty-text", "without a text", empty)))
