"""Texts with a label each: `label<TAB>text`, `label text`, or a table with a header."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seqtool.data.check import Finding
from seqtool.data.lines import read_lines
from seqtool.data.records import Read
from seqtool.data.text_table import printable
from seqtool.errors import DataError

Separator = Literal["auto", "tab", "blank"]
TEXT_NAMES = frozenset({"text", "sentence", "review", "comment", "message"})
LABEL_NAMES = frozenset({"label", "sentiment", "class", "category"})
FEW_LABELS = 10
"""Up to so many labels, each may stand once: a small file."""
CURE = "write label<TAB>text, one record a line, or name the columns label and text in a header"


@dataclass(frozen=True)
class Labelled:
    """A text and its label; `number` is the line in its file, from 1."""

    text: str
    label: str
    number: int


def read_labelled(path: Path, separator: Separator = "auto") -> Read[Labelled]:
    """Read labelled texts; `auto` takes a tab where half of the lines hold one, else the first blank.

    A first line that names a label and a text column (`LABEL_NAMES`, `TEXT_NAMES`) is a header, and `.csv` files
    have one. Lines without a label or a text are left out and counted. Raises `NotFound`, and `DataError` for a file
    without labels, a table with rows of several widths, and what `read_lines` refuses.
    """
    lines = read_lines(path)
    delimiter = "," if path.name.lower().removesuffix(".gz").endswith(".csv") else "\t"
    columns = _columns(_cells(lines.lines[0], delimiter))
    if columns is None and delimiter == ",":
        raise DataError("the table has no columns of labels and texts", where=str(path), cure=CURE)
    pairs = _pairs(lines.lines, separator)
    if columns is not None:
        pairs = _rows(lines.lines, delimiter, columns, str(path))
    records, findings = _usable(pairs)
    _refuse_unlabelled(records, str(path))
    return Read(tuple(records), (*lines.findings, *findings))


def _cells(line: str, delimiter: str) -> list[str]:
    return [cell.strip().strip('"').lower() for cell in line.split(delimiter)]


def _columns(cells: Sequence[str]) -> tuple[int, int] | None:
    """Return the places of the label and the text in a header, None where it is none."""
    label = [n for n, cell in enumerate(cells) if cell in LABEL_NAMES]
    text = [n for n, cell in enumerate(cells) if cell in TEXT_NAMES]
    return (label[0], text[0]) if label and text else None


def _rows(lines: Sequence[str], delimiter: str, columns: tuple[int, int], where: str) -> Iterator[tuple[int, str, str]]:
    """Yield line number, label and text of a table's rows, its header left out; tabs need no quotes and have none."""
    ended = (line + "\n" for line in lines)
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if delimiter == "," else csv.QUOTE_NONE
    rows = csv.reader(ended, delimiter=delimiter, quoting=quoting)
    label, text = columns
    try:
        width = len(next(rows))
        for row in filter(None, rows):
            if len(row) != width:
                raise DataError(
                    f"line {rows.line_num:,} has {len(row)} columns, the header {width}",
                    where=where,
                    cure='put "quotes" around a text that holds a comma' if delimiter == "," else "mend that line",
                )
            yield rows.line_num, row[label], row[text]
    except csv.Error as error:
        raise DataError(f"not a table: {error}, in line {rows.line_num:,}", where=where, cure=CURE) from error


def _pairs(lines: Sequence[str], separator: Separator) -> Iterator[tuple[int, str, str]]:
    """Yield line number, label ("" where there is none) and text of each line that is not empty."""
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    tabs = sum("\t" in line for _, line in numbered)
    mark = "\t" if separator == "tab" or (separator == "auto" and 2 * tabs >= len(numbered)) else " "
    for number, line in numbered:
        label, found, text = line.partition(mark)
        yield (number, label, text) if found or mark == " " else (number, "", line)


def _usable(pairs: Iterator[tuple[int, str, str]]) -> tuple[list[Labelled], list[Finding]]:
    records, bare, empty = [], [], []
    for number, label, text in pairs:
        if not label.strip():
            bare.append(number)
        elif not text.strip():
            empty.append(number)
        else:
            records.append(Labelled(text.strip(), label.strip(), number))
    found = []
    for numbers, code, what in ((bare, "no-label", "without a label"), (empty, "no-text", "without a text")):
        if numbers:
            several = f"{len(numbers):,} lines {what}, the first is line {numbers[0]:,}"
            text = several if len(numbers) > 1 else f"1 line {what}, line {numbers[0]:,}"
            found.append(Finding("warning", code, f"{text}: left out"))
    return records, found


def _refuse_unlabelled(records: Sequence[Labelled], where: str) -> None:
    """Raise `DataError` where there are no labels: words of a text, most of which stand there once, are none."""
    labels = Counter(record.label for record in records)
    once = sum(count == 1 for count in labels.values())
    if records and (len(labels) <= FEW_LABELS or 2 * once <= len(labels)):
        return
    what = "the file has no labelled texts"
    if records:
        some = ", ".join(f"'{printable(label, 20)}'" for label in list(labels)[:3])
        what = f"the lines do not begin with labels: {len(labels):,} different ones, such as {some}"
    raise DataError(what, where=where, cure=CURE)
