"""Texts with a label each: `label<TAB>text`, `label text`, or a table with a header."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seqtool.data.files import left_out, read_lines
from seqtool.data.text_table import printable
from seqtool.errors import DataError
from seqtool.task import Finding, Read

Separator = Literal["auto", "tab", "blank"]
TEXT_NAMES = frozenset({"text", "sentence", "review", "comment", "message"})
LABEL_NAMES = frozenset({"label", "sentiment", "class", "category"})
FEW_LABELS = 10  # up to this number each may stand once: a small file
CURE = "write label<TAB>text, one record a line, or name the columns label and text in a header"


@dataclass(frozen=True)
class Labelled:
    """A text and its label; `number` is the line in its file, from 1, 0: unknown."""

    text: str
    label: str
    number: int = 0


def read_labelled(path: Path, separator: Separator = "auto") -> Read[Labelled]:
    """Read labelled texts; `auto` takes a tab where half of the lines hold one, else the first blank.

    A first line that names a label and a text column (`LABEL_NAMES`, `TEXT_NAMES`) is a header, and `.csv` files
    have one. Lines without a label or a text are left out and counted. Raises `NotFound`, and `DataError` for a file
    without labels, a table with rows of several widths, and what `read_lines` refuses.
    """
    lines = read_lines(path)
    delimiter = "," if path.name.lower().removesuffix(".gz").endswith(".csv") else "\t"
    columns = _columns(lines.records[0], delimiter)
    if columns is not None:
        pairs = _rows(lines.records, delimiter, columns, str(path))
    elif delimiter == ",":
        raise DataError("the table has no columns of labels and texts", where=str(path), cure=CURE)
    else:
        pairs = _pairs(lines.records, separator)
    records, findings = _usable(pairs)
    _refuse_unlabelled(records, str(path))
    return Read(tuple(records), (*lines.findings, *findings))


def _columns(line: str, delimiter: str) -> tuple[int, int] | None:
    """Return the places of the label and the text in a header, None where the line is none."""
    cells = [cell.strip().strip('"').lower() for cell in line.split(delimiter)]
    label = [n for n, cell in enumerate(cells) if cell in LABEL_NAMES]
    text = [n for n, cell in enumerate(cells) if cell in TEXT_NAMES]
    return (label[0], text[0]) if label and text else None


def _rows(lines: Sequence[str], delimiter: str, columns: tuple[int, int], where: str) -> Iterator[tuple[int, str, str]]:
    """Yield line number, label and text of a table's rows without its header."""
    ended = (line + "\n" for line in lines)
    # between tabs a quote is a character of the text, not a mark around it
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if delimiter == "," else csv.QUOTE_NONE
    rows = csv.reader(ended, delimiter=delimiter, quoting=quoting)
    label, text = columns
    try:
        width = len(next(rows))
        for row in filter(None, rows):
            if len(row) != width:
                cure = 'put "quotes" around a text that holds a comma' if delimiter == "," else "mend that line"
                what = f"line {rows.line_num:,} has {len(row)} columns, the header {width}"
                raise DataError(what, where=where, cure=cure)
            yield rows.line_num, row[label], row[text]
    except csv.Error as error:
        raise DataError(f"not a table: {error}, in line {rows.line_num:,}", where=where, cure=CURE) from error


def _pairs(lines: Sequence[str], separator: Separator) -> Iterator[tuple[int, str, str]]:
    """Yield line number, label ("" where there is none) and text of each line that is not empty."""
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    tabs = sum("\t" in line for _, line in numbered)
    mark = "\t" if separator == "tab" or (separator == "auto" and 2 * tabs >= len(numbered)) else " "
    for number, line in numbered:
        label, separated, text = line.partition(mark)
        yield (number, label, text) if separated or mark == " " else (number, "", line)


def _usable(pairs: Iterator[tuple[int, str, str]]) -> tuple[list[Labelled], list[Finding]]:
    records, bare, empty = [], [], []
    for number, label, text in pairs:
        if not label.strip():
            bare.append(number)
        elif not text.strip():
            empty.append(number)
        else:
            records.append(Labelled(text.strip(), label.strip(), number))
    findings = left_out("no-label", "without a label", bare) + left_out("no-text", "without a text", empty)
    return records, findings


def _refuse_unlabelled(records: Sequence[Labelled], where: str) -> None:
    # the first words of running text would pass for labels, but most of them stand there once
    labels = Counter(record.label for record in records)
    once = sum(count == 1 for count in labels.values())
    if records and (len(labels) <= FEW_LABELS or 2 * once <= len(labels)):
        return
    what = "the file has no labelled texts"
    if records:
        names = ", ".join(f"'{printable(label, 20)}'" for label in list(labels)[:3])
        what = f"the lines do not begin with labels: {len(labels):,} different ones, such as {names}"
    raise DataError(what, where=where, cure=CURE)
