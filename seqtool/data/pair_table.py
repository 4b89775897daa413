"""Pairs in one file: a table, JSON, or a translation memory. What it is, its content says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from seqtool.data import separated
from seqtool.data.decode import decode
from seqtool.data.files import left_out, read_bytes
from seqtool.data.json_lines import read_objects
from seqtool.data.pair_columns import Languages, Wanted, by_names, languages_of, refuse_no_texts
from seqtool.data.pair_content import beside_qualifiers, by_content
from seqtool.data.pair_header import names_columns
from seqtool.data.pair_marks import TABS, names_sides, no_pairs, parted_by, refuse_nameless
from seqtool.data.pair_prose import refuse_prose
from seqtool.data.pair_records import Found, of_arrays, of_memory, of_objects, pairs_of, told
from seqtool.data.pair_rows import (
    Numbered,
    counts_columns,
    html_of_anki,
    numbered_rows,
    third_column,
    without_again,
    without_anki_lines,
    without_rules,
    without_single_quotes,
)
from seqtool.data.pair_sides import is_turned
from seqtool.data.pairs import CURE, Pair, usable
from seqtool.data.reading import Header
from seqtool.data.row_names import Bare, without_row_names
from seqtool.data.separated import Row, Separated
from seqtool.data.tab_quotes import kept_quotes
from seqtool.data.table_head import without_titles
from seqtool.data.text_table import Table
from seqtool.data.tmx import is_tmx, is_xliff
from seqtool.data.word_lists import joined_words
from seqtool.data.written_tables import written_table
from seqtool.data.written_tabs import refuse_written_tabs
from seqtool.errors import DataError
from seqtool.reads import Finding, Read

MOST_RAGGED = 0.1  # of the rows of a table: more, and it is none
FIRST = 20_000  # pairs of the first file by which those of the others are looked at
SAMPLE = 1000  # rows that tell what the columns hold


@dataclass(frozen=True)
class PairFormat:
    """What a person says of files that hold both sides; the defaults leave it to the content."""

    format: str = "auto"
    encoding: str = ""
    header: Header = "auto"
    columns: Wanted = field(default_factory=Wanted)
    languages: Languages = ()
    """Those of files that were read before: all are read in one direction."""


class TableReader:
    """Reads files that hold both sides, all in the direction of the first one that names its languages.

    languages: of that file, or of the one that a model was trained on; () where none named them.
    """

    def __init__(self, how: PairFormat) -> None:
        self.how, self.languages = how, how.languages
        self._first: Sequence[Pair] = ()

    def __call__(self, path: Path) -> Read[Pair]:
        """Read a file; raises what `read_table` raises."""
        read, languages = _read(path, replace(self.how, languages=self.languages))
        if is_turned(read.records, self._first):
            what = "its sources have the words of the targets of the first file, and its targets those of the sources"
            warning = Finding("warning", "exchanged-file", f"{what}: exchange its columns")
            read = replace(read, findings=(*read.findings, warning))
        self._first = self._first or read.records[:FIRST]
        if not self.languages or set(languages) in (set(), set(self.languages)):
            self.languages = self.languages or languages
            return read
        other, first = (" and ".join(codes) for codes in (languages, self.languages))
        warning = Finding("warning", "other-languages", f"its languages are {other}, not {first} as before")
        return replace(read, findings=(*read.findings, warning))


def read_table(path: Path, how: PairFormat) -> Read[Pair]:
    """Read a file that holds both sides.

    Rows without both columns and pairs with an empty side are left out and counted. Raises what `read_bytes`,
    `decode` and `written_table` raise, `UsageError` for a column that is not there, and `DataError` where the file
    holds no pairs or does not say which columns they are.
    """
    return _read(path, how)[0]


def _read(path: Path, how: PairFormat) -> tuple[Read[Pair], Languages]:
    """Read a file; also return its languages."""
    where, data = str(path), read_bytes(path, CURE)
    findings: tuple[Finding, ...] = ()
    if (table := written_table(data, path)) is not None:
        found = _written(table, how, where)
    else:
        read = decode(data, where, how.encoding)
        found, findings = _of_text(read.text, where, how), read.findings
    note = Finding("note", "format", found.note)
    pairs, others = usable(found.pairs, where, CURE)
    unfit = left_out("no-pair", found.fault, found.unfit)
    return Read(tuple(pairs), (*findings, note, *found.findings, *unfit, *others)), found.languages


def _of_text(text: str, where: str, how: PairFormat) -> Found:
    if how.format == "auto" and is_tmx(text):
        return of_memory(text, where, how.columns, how.languages)
    if how.format == "auto" and is_xliff(text):
        cure = "export it as TMX 1.4, or as a table of two columns"
        raise DataError("the file is XLIFF, of a program for translators", where=where, cure=cure)
    if (arrays := of_arrays(text, where, how.format)) is not None:
        return arrays
    try:
        objects = read_objects(text, where, how.format) if how.format != "lines" else None
    except DataError as error:  # a side may be code
        if how.format == "auto":
            error.cure = f"{error.cure}; --format lines reads source<TAB>target as it stands"
        raise
    return _separated(text, where, how) if objects is None else of_objects(objects, where, how.columns, how.languages)


def _written(table: Table, how: PairFormat, where: str) -> Found:
    """Return the pairs of a table of Parquet or Excel, whose empty columns are none."""
    table = table if table.named else without_titles(table)
    columns = {name: cells for name, cells in table.columns.items() if any(cells)}
    if len(columns) < 2:
        raise DataError("the table has one column", where=where, cure="give one with a source and a target column")
    lines = table.lines or range(1, len(table) + 1)
    cells = zip(lines, zip(*columns.values(), strict=True), strict=True)
    rows: Numbered = [(line, [cell or "" for cell in row]) for line, row in cells if any(row)]
    width, names, findings = _width(rows, where), list(columns), list[Finding]()
    if not table.named:
        names, rows, findings = _header(rows, width, how, where)
    found = _of_rows(rows, names, width, how, where)
    said = next(finding.text for finding in table.findings if finding.code == "format")
    others = [finding for finding in table.findings if finding.code != "format"]
    return replace(found, note=f"{said}: {found.note}", findings=(*others, *findings, *found.findings))


def _separated(text: str, where: str, how: PairFormat) -> Found:
    if how.format == "auto":
        refuse_written_tabs(text, where)
    bare = without_row_names(text) if how.format != "lines" else Bare(text)
    text = bare.text
    html = html_of_anki(text)
    text, above = without_anki_lines(text)
    how = replace(how, header="yes") if above and how.header == "auto" else how
    text, parted, words = parted_by(text, where, how.format)
    try:
        rows: Numbered = list(numbered_rows(separated.read_cells(text, parted, where)))
    except DataError:  # quotes of speech are no marks of a table
        if how.format == "auto":
            refuse_prose(text, parted.mark, where)
        raise
    rows, quoted = without_single_quotes(rows)
    if parted.mark == "\t" and not parted.quoted:
        quoted += kept_quotes(text)
    if parted.mark == "|":
        rows, ruled = without_rules(rows)
        how = replace(how, header="yes") if ruled and how.header == "auto" else how
    # R leaves the column of its row names without one: between tabs, most rows say how many there are.
    named = parted.mark != "\t" and bool(rows) and names_sides(rows[0][1])
    width = min(TABS) if named else _width(rows, where)
    if parted.mark != "\t" and (named or how.format in separated.MARKS):
        _refuse_ragged(rows, width, parted, where, sure=True)
    names, rows, findings = _header(rows, width, how, where)
    if how.format == "auto" and not names:
        refuse_prose(text, parted.mark, where)
    found = _of_rows(rows, names, width, how, where)
    if parted.mark != "\t":
        _refuse_ragged(rows, width, parted, where)
    return replace(
        found,
        note=f"read as {words}: {found.note}",
        findings=(*bare.findings, *html, *quoted, *findings, *found.findings),
    )


def _width(rows: Numbered, where: str) -> int:
    """Return how many columns most rows have; raises `DataError` where that is one."""
    widths = Counter(len(row) for _, row in rows[:SAMPLE])
    width = max(widths, key=widths.__getitem__, default=0)
    if width < 2:
        raise no_pairs(where)
    return width


def _of_rows(rows: Numbered, names: Row, width: int, how: PairFormat, where: str) -> Found:
    """Return the pairs of rows without their header; names: [] for none; width: the columns of most rows."""
    sample = [row for _, row in rows[:SAMPLE]]
    sides = by_names(names, how.columns, where, how.languages, sample) if names else None
    if sides is None:
        sides = beside_qualifiers(names, sample) or by_content(sample, width, how.columns, where)
    elif names:
        refuse_no_texts(names, sample, sides, how.columns, where)
    # Tatoeba's tables name the author here and there.
    also = TABS if width in TABS and max(sides.source, sides.target) < min(TABS) else ()
    if also and not names and how.header != "no" and how.format != "lines":
        refuse_nameless([row for _, row in rows], width, where)
    fit = [(line, row) for line, row in rows if len(row) == width or len(row) in also]
    unfit = [line for line, row in rows if len(row) != width and len(row) not in also]
    if 2 * len(fit) < len(rows):
        raise no_pairs(where)
    sources, targets = [row[sides.source] for _, row in fit], [row[sides.target] for _, row in fit]
    lists = joined_words(sources), joined_words(targets)
    texts = zip(lists[0] or sources, lists[1] or targets, strict=True)
    pairs = pairs_of([line for line, _ in fit], texts)
    words = [Finding("note", "words", "lists of words: a blank was put between the words")] if any(lists) else []
    languages = languages_of(names[sides.source], names[sides.target]) if names else ()
    return Found(pairs, unfit, told(names, sides), findings=[*third_column(rows, width), *words], languages=languages)


def _header(rows: Numbered, width: int, how: PairFormat, where: str) -> tuple[Row, Numbered, list[Finding]]:
    """Return the names of the columns, [] where the first row is none; the other rows; what to say of the header."""
    first = rows[0][1]
    if how.header == "no" or how.format == "lines" or len(first) != width:
        return [], rows, []
    sample = [row for _, row in rows[1:SAMPLE]]
    if how.header == "auto" and counts_columns(first, sample):
        note = f"line {rows[0][0]:,} counts the columns ({', '.join(first)}): left out"
        return [], rows[1:], [Finding("note", "counted-columns", note)]
    if how.header == "auto" and not names_columns(first, sample, how.columns, where, how.languages):
        return [], rows, []
    others, findings = without_again(first, rows[1:])
    return [name.strip() for name in first], others, findings


def _refuse_ragged(rows: Numbered, width: int, how: Separated, where: str, *, sure: bool = False) -> None:
    """Raise `DataError` for the first row of another width: a mark inside a text would cut it; sure: it is a table."""
    ragged = [(line, len(row)) for line, row in rows if len(row) != width]
    if not ragged:
        return
    if not sure and len(ragged) > MOST_RAGGED * len(rows):  # prose with a comma in most lines
        raise no_pairs(where)
    what = f"line {ragged[0][0]:,} has {ragged[0][1]} columns, the others {width}"
    raise DataError(what, where=where, cure=f'put "quotes" around a text with {separated.NAMES[how.mark]} in it')
