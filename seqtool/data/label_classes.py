"""A file for each class: `--data good=a.txt --data bad=b.txt`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from seqtool.data.fasttext import is_fasttext
from seqtool.data.files import left_out
from seqtool.data.json_texts import json_texts
from seqtool.data.label_columns import text_column
from seqtool.data.label_facts import FEW_ROWS
from seqtool.data.label_folders import read_texts
from seqtool.data.label_header import with_names
from seqtool.data.label_lines import has_tabs
from seqtool.data.label_names import LABEL_NAMES, known
from seqtool.data.label_prose import are_numbers
from seqtool.data.label_words import is_usual_label
from seqtool.data.labelled import Content, Labelled, read_content
from seqtool.data.layout import Layout
from seqtool.data.separated import MARKS
from seqtool.data.stray_rows import with_row_names, without_repeated_names, without_rules
from seqtool.data.text_table import Table, read_separated
from seqtool.errors import DataError
from seqtool.reads import DataFile, Finding, Read
from seqtool.say import counted, printable

FEW, NEARLY = 2, 0.9  # lines that tell nothing; share of the lines that tell a table
SHORTEST = 3  # letters of a short form of a label: `neg` of `negative`
AS_LINES = "--format lines takes each line as a text"
_QUOTED = re.compile(r'\s*"(?:[^"]|"")*"\s*[,;|].|.*[,;|]\s*"(?:[^"]|"")*"\s*$')


def read_class(file: DataFile, layout: Layout) -> Read[Labelled]:
    """Read texts that all have the label of their file: a line each, a row of a table, or a file of a folder.

    Raises `DataError` where the file has labels of its own, and what `read_labelled` raises.
    """
    findings: list[Finding] = []
    if file.path.is_dir():
        numbered = [(0, text) for text in read_texts(file.path, layout.encoding, findings)]
    else:
        numbered = _of_file(file, layout, findings)
    empty = [number for number, text in numbered if not text.strip()]
    records = [Labelled(text.strip(), file.label, number) for number, text in numbered if text.strip()]
    if not records:
        raise DataError("the file has no texts", where=str(file.path), cure="write one text a line")
    note = Finding("note", "format", f"{counted(len(records), 'text')} of the class {printable(file.label)}")
    return Read(tuple(records), (note, *findings, *left_out("no-text", "without a text", empty)))


def _of_file(file: DataFile, layout: Layout, findings: list[Finding]) -> list[tuple[int, str]]:
    where = str(file.path)
    content = read_content(file.path, layout)
    findings += content.findings
    if (found := _table(content, file.path, layout)) is not None:
        table, column = found
        findings += [finding for finding in table.findings if finding.level == "warning"]
        return _of_table(table, column, where)
    lines = content.text.removesuffix("\n").split("\n")
    if layout.format == "auto" and (texts := json_texts(lines)) is not None:
        findings.append(Finding("note", "json-texts", "read as strings of JSON, one a line"))
        return [(number, text) for number, text in enumerate(texts, start=1) if text.strip()]
    if is_fasttext(lines):
        raise _own_labels("lines of fastText", where)
    if layout.format != "lines" and has_tabs(lines):
        cure = f"{AS_LINES}; --text-column NAME takes a column"
        raise DataError("most lines of the file hold tabs: it may be a table", where=where, cure=cure)
    if layout.format != "lines" and _has_quoted_cells(lines):
        cure = f"--format csv takes a column; {AS_LINES}"
        raise DataError("the lines hold cells in quotes with a mark between: it may be a table", where=where, cure=cure)
    if layout.format != "lines" and (word := _first_word(lines, file.label)):
        error = _own_labels(f"'{printable(word, 20)}' in front of the lines", where)
        error.cure += f"; {AS_LINES}"
        raise error
    # An empty line parts texts, it is none.
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _table(content: Content, path: Path, layout: Layout) -> tuple[Table, str] | None:
    """Return the table of a file and its column of texts, None where it is lines; raises as `read_class` does."""
    where = str(path)
    try:
        table = content.table or _separated(content.text, path, layout)
        if table is None:
            return None
        table = without_repeated_names(with_names(without_rules(table), layout, where))
        table.refuse_ragged(where)
        return table, text_column(table, layout, where)
    except DataError as error:
        if content.table is None and layout.format == "auto":
            error.cure += f"; {AS_LINES}"
        raise


def _has_quoted_cells(lines: Sequence[str]) -> bool:
    """Tell whether nearly every line begins or ends with a cell in quotes, beside a mark between cells."""
    full = [line for line in lines if line.strip()]
    return len(full) > FEW and sum(_QUOTED.match(line) is not None for line in full) >= NEARLY * len(full)


def _first_word(lines: Sequence[str], label: str) -> str:
    """Return the word with which nearly every line begins where it is a label: that of the file, a number, a usual one.

    "" where there is none.
    """
    parted = [line.split(maxsplit=2) for line in lines if len(line.split(maxsplit=1)) == 2]
    heads = [words[0].strip("[]():,;|") for words in parted]
    full = sum(bool(line.strip()) for line in lines)
    word, count = Counter(map(str.casefold, heads)).most_common(1)[0] if heads else ("", 0)
    if full <= FEW or count < NEARLY * full or not word:
        return ""
    short, long = sorted((word, label.casefold()), key=len)
    # Without a mark behind it, a short form is a word of the text: `book a flight` of `booking`.
    marked = all(not words[0][-1].isalnum() or not any(map(str.isalnum, words[1])) for words in parted)
    own = short == long or (marked and len(short) >= SHORTEST and long.startswith(short))
    usual = is_usual_label(word) or are_numbers([word])
    return word if own or (full > FEW_ROWS and usual) else ""


def _separated(text: str, path: Path, layout: Layout) -> Table | None:
    """Return the table of a text where an option or the file's name says that it is one."""
    if layout.format in MARKS:
        return with_row_names(read_separated(text, str(path), format=layout.format))
    name = path.name.lower().removesuffix(".gz")
    if layout.format == "auto" and (layout.text_column or name.endswith(".csv")):
        return with_row_names(read_separated(text, str(path)))
    return None


def _of_table(table: Table, column: str, where: str) -> list[tuple[int, str]]:
    if own := [name for name in table.columns if known(name, LABEL_NAMES[:2]) and name != column]:
        raise _own_labels(f"a column '{printable(own[0])}'", where)
    numbers = table.lines if len(table.lines) else range(1, len(table) + 1)
    return [(number, text or "") for number, text in zip(numbers, table.columns[column], strict=True)]


def _own_labels(what: str, where: str) -> DataError:
    cure = "leave NAME= before the file out: then its own labels are read"
    return DataError(f"the file has labels of its own, {what}, and --data gives it another", where=where, cure=cure)
