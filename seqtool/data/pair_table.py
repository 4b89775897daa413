"""Pairs in one file: a table, JSON, or a translation memory. What it is, its content says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seqtool.data import separated
from seqtool.data.decode import read_text_file
from seqtool.data.files import left_out
from seqtool.data.json_lines import read_objects
from seqtool.data.pair_columns import Wanted, by_content, by_names, refuse_numbers
from seqtool.data.pair_header import names_columns
from seqtool.data.pair_prose import refuse_prose
from seqtool.data.pair_records import Found, of_memory, of_objects, pairs_of, told
from seqtool.data.pairs import CURE, Pair, usable
from seqtool.data.separated import Cells, Row, Separated
from seqtool.data.text_table import Header
from seqtool.data.tmx import is_tmx
from seqtool.errors import DataError
from seqtool.task import Finding, Read

TABS = (2, 3)  # columns of `source<TAB>target`: a third says who wrote it
TATOEBA = 4  # columns of its other tables: number, text, number, text
MOST_RAGGED = 0.1  # of the rows of a table: more, and it is none
SAMPLE = 1000  # rows that tell what the columns hold


@dataclass(frozen=True)
class PairFormat:
    """What a person says of files that hold both sides; the defaults leave it to the content."""

    format: str = "auto"
    encoding: str = ""
    header: Header = "auto"
    columns: Wanted = field(default_factory=Wanted)


def read_table(path: Path, how: PairFormat) -> Read[Pair]:
    """Read a file that holds both sides.

    Rows without both columns and pairs with an empty side are left out and counted. Raises what `read_text_file`
    raises, `UsageError` for a column that is not there, and `DataError` where the file holds no pairs or does not say
    which columns they are.
    """
    read, where = read_text_file(path, how.encoding), str(path)
    if how.format == "auto" and is_tmx(read.text):
        found = of_memory(read.text, where, how.columns)
    elif how.format != "lines" and (objects := read_objects(read.text, where, how.format)) is not None:
        found = of_objects(objects, where, how.columns)
    else:
        found = _separated(read.text, where, how)
    note = Finding("note", "format", found.note)
    pairs, findings = usable(found.pairs, where, CURE)
    unfit = left_out("no-pair", found.fault, found.unfit)
    return Read(tuple(pairs), (*read.findings, note, *unfit, *findings))


def _separated(text: str, where: str, how: PairFormat) -> Found:
    bars = how.format == "auto" and _has_bars(text, where)
    if bars:  # Moses and fast_align part the sides so
        text, parted = re.sub(r" *\|{3} *", "\t", text), Separated("\t", quoted=False)
    else:
        parted = _how(text, where, how.format)
    try:
        rows = list(_rows(separated.read_cells(text, parted, where)))
    except DataError:  # quotes of speech are no marks of a table
        if how.format == "auto":
            refuse_prose(text, parted.mark, where)
        raise
    widths = Counter(len(row) for _, row in rows[:SAMPLE])
    width = max(widths, key=widths.__getitem__, default=0)
    if width < 2:
        raise _no_pairs(where)
    names = _header(rows, width, how, where)
    if how.format == "auto" and not names:
        refuse_prose(text, parted.mark, where)
    rows = rows[1:] if names else rows
    sides, sample = by_names(names, how.columns, where) if names else None, [row for _, row in rows[:SAMPLE]]
    if sides is None:
        sides = by_content(sample, width, how.columns, where)
    elif names:
        refuse_numbers(names, sample, sides, how.columns, where)
    # Tatoeba's tables name the author here and there.
    also = TABS if width in TABS and max(sides.source, sides.target) < min(TABS) else ()
    fit = [(line, row) for line, row in rows if len(row) == width or len(row) in also]
    unfit = [line for line, row in rows if len(row) != width and len(row) not in also]
    if 2 * len(fit) < len(rows):
        raise _no_pairs(where)
    if parted.mark != "\t":
        _refuse_ragged(rows, width, parted, where)
    pairs = pairs_of([line for line, _ in fit], ((row[sides.source], row[sides.target]) for _, row in fit))
    words = "lines of source ||| target" if bars else _words(parted)
    return Found(pairs, unfit, told(words, names, sides))


def _words(parted: Separated) -> str:
    return f"{'TSV' if parted.mark == chr(9) else 'CSV'}, {separated.NAMES[parted.mark]} between the columns"


def _has_bars(text: str, where: str) -> bool:
    """Tell whether three bars part the two sides of every line; raises `DataError` where they do in most lines."""
    if "|||" not in text[: 1 << 20] or "\t" in text:
        return False
    counts = [(number, line.count("|||")) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    others = [(number, count) for number, count in counts if count != 1]
    if 2 * sum(count > 0 for _, count in counts) < len(counts):
        return False
    if others:
        what = f"line {others[0][0]:,} has {others[0][1]} marks |||, not one between a source and its target"
        raise DataError(what, where=where, cure="write source ||| target, or source<TAB>target, one pair a line")
    return True


def _no_pairs(where: str) -> DataError:
    return DataError("most lines have no tab between a source and its target", where=where, cure=CURE)


def _header(rows: Sequence[tuple[int, Row]], width: int, how: PairFormat, where: str) -> Row:
    """Return the names of the columns, [] where the first row is none."""
    first = rows[0][1]
    if how.header == "no" or how.format == "lines" or len(first) != width:
        return []
    sample = [row for _, row in rows[1:SAMPLE]]
    return first if how.header == "yes" or names_columns(first, sample, how.columns, where) else []


def _refuse_ragged(rows: Sequence[tuple[int, Row]], width: int, how: Separated, where: str) -> None:
    """Raise `DataError` for the first row of another width: a mark inside a text would cut it."""
    ragged = [(line, len(row)) for line, row in rows if len(row) != width]
    if not ragged:
        return
    if len(ragged) > MOST_RAGGED * len(rows):  # prose with a comma in most lines
        raise _no_pairs(where)
    what = f"line {ragged[0][0]:,} has {ragged[0][1]} columns, the others {width}"
    raise DataError(what, where=where, cure=f'put "quotes" around a text with {separated.NAMES[how.mark]} in it')


def _how(text: str, where: str, format: str) -> Separated:
    """Return how the columns are parted: by tabs where half of the lines hold one, else as the table says."""
    if format == "lines":
        return Separated("\t", quoted=False)
    if format in separated.MARKS:
        mark = separated.MARKS[format]
        return separated.sniff(text, where, (mark,)) or Separated(
            mark, mark != "\t" or separated.quotes_are_marks(text)
        )
    lines = [line for line in text.split("\n") if line.strip()]
    if 2 * sum(line.count("\t") + 1 in (*TABS, TATOEBA) for line in lines) >= len(lines):
        return Separated("\t", separated.quotes_are_marks(text))
    found = separated.sniff(text, where)
    if found is None:
        raise _no_pairs(where)
    return found


def _rows(cells: Cells) -> Iterator[tuple[int, Row]]:
    """Yield the line and the cells of each row that is not blank."""
    columns = zip(*cells.columns, strict=True)
    for place, (line, row) in enumerate(zip(cells.lines, columns, strict=True)):
        whole = cells.ragged.get(place) or [cell or "" for cell in row]
        if any(cell.strip() for cell in whole):
            yield line, whole
