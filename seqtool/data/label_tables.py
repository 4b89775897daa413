"""Labelled texts in a table: which marks part its cells, and the records of its rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from seqtool.data import separated, sniffing
from seqtool.data.label_cells import about_flags, about_mark, each_label, read_labels, with_joined_words
from seqtool.data.label_columns import Columns, choose, refuse_unlike
from seqtool.data.label_facts import SAMPLE, share_known
from seqtool.data.label_header import with_names
from seqtool.data.label_lines import Raw
from seqtool.data.label_names import LABEL_NAMES, TEXT_NAMES, known
from seqtool.data.label_prose import are_numbers, are_sentences, holds_spaced, unquoted
from seqtool.data.layout import Layout
from seqtool.data.stray_rows import (
    with_row_names,
    without_rejected,
    without_repeated_names,
    without_rules,
    without_single_quotes,
)
from seqtool.data.tab_quotes import quotes_are_marks
from seqtool.data.text_table import Table, read_separated
from seqtool.errors import DataError, UsageError
from seqtool.reads import Finding
from seqtool.say import listing, printable

MOST_UNUSED = 8  # columns named one by one
_QUOTE = 'put "quotes" around a cell that holds the mark between cells, or mend that row'


def find_table(text: str, where: str, layout: Layout, *, named_csv: bool) -> tuple[Table, Columns] | None:
    """Return the table in a text and its columns, None where the text is lines; named_csv: its name ends in `.csv`.

    Raises `DataError` for a table whose columns are not sure, whose rows have several widths, or whose quotes are
    broken, and where two marks give tables.
    """
    said, text = separated.excels_line(text)
    if said and layout.format == "auto":
        layout = replace(layout, format=said)
    if layout.format != "auto":
        return _read(text, where, layout, layout.format)
    first = next(line for line in text.split("\n") if line.strip())
    tabs = _part_of_tabs(text, first, layout)
    if tabs == "cells":
        return _read(text, where, layout, "tsv")
    if tabs == "labels":
        return None
    marks = {name: mark for name, mark in separated.MARKS.items() if mark != "\t" and mark in text}
    found, faults = _tables(text, where, layout, marks)
    if len(found) > 1 and _commas_are_decimal(found):
        del found["csv"]
    if tabs:  # no label holds a tab: a mark that leaves one in it stands in the texts
        found = {name: made for name, made in found.items() if not _holds_tab(made)}
    if found and tabs:
        what = f"{separated.NAMES[marks[min(found)]]} may part cells, or tabs labels from texts"
        raise DataError(what, where=where, cure=f"--format {min(found)} or --format lines")
    if tabs:
        return None
    if len(found) > 1:
        what = f"{' and '.join(separated.NAMES[marks[name]] for name in found)} part the cells equally well"
        raise DataError(what, where=where, cure=" or ".join(f"--format {name}" for name in found))
    if found:
        only = next(iter(found.values()))
        return None if "csv" in found and _are_lines(text, only, layout, where) else only
    if missing := [fault for fault in faults if isinstance(fault, UsageError)]:
        raise missing[0]
    if faults and (named_csv or _looks_parted(text, first, marks.values())):
        raise faults[0]
    if named_csv:
        what = "the table has no columns of labels and texts"
        raise DataError(what, where=where, cure="give it two columns, or read its lines with --format lines")
    return None


def _tables(
    text: str, where: str, layout: Layout, marks: Mapping[str, str]
) -> tuple[dict[str, tuple[Table, Columns]], list[DataError | UsageError]]:
    """Return the tables that marks make of a text, by their formats, and why others make none."""
    found: dict[str, tuple[Table, Columns]] = {}
    faults: list[DataError | UsageError] = []
    for name, mark in marks.items():
        if sniffing.sniff(text, where, (mark,)) is None:
            continue
        try:
            found[name] = _read(text, where, layout, name)
        except (DataError, UsageError) as error:  # a column that is named may be there under another mark
            faults.append(error)
    return found, faults


def _commas_are_decimal(found: Mapping[str, tuple[Table, Columns]]) -> bool:
    """Tell whether the commas of a text stand in decimal numbers of another table than that of commas."""
    cells = [
        cell
        for name, (table, _) in found.items()
        if name != "csv"
        for column in table.columns.values()
        for cell in column
        if cell and "," in cell
    ]
    return "csv" in found and bool(cells) and all(re.fullmatch(r"\s*[+-]?\d+,\d+\s*", cell) for cell in cells)


def _holds_tab(made: tuple[Table, Columns]) -> bool:
    table, columns = made
    return any(cell and "\t" in cell for name in columns.labels for cell in table.columns[name])


def _part_of_tabs(text: str, first: str, layout: Layout) -> Literal["cells", "labels", "maybe labels", ""]:
    """Return what tabs part: the cells of a table, or labels from texts, surely where each line has one tab.

    "" where fewer than half of the lines have one.
    """
    if "\t" not in text:
        return ""
    counts = [line.count("\t") for line in text.split("\n") if line.strip()]
    if 2 * sum(map(bool, counts)) < len(counts):
        return ""
    if layout.text_column or layout.label_columns or _is_named(first.split("\t")):
        return "cells"
    several = max((number for count, number in Counter(counts).items() if count > 1), default=0)
    if 2 * several > len(counts) or quotes_are_marks(text):
        return "cells"
    return "labels" if set(counts) == {1} else "maybe labels"


def _is_named(cells: Sequence[str]) -> bool:
    names = [cell.strip().strip('"') for cell in cells]
    return any(known(name, LABEL_NAMES) for name in names) and any(known(name, TEXT_NAMES) for name in names)


def _looks_parted(text: str, first: str, marks: Collection[str]) -> bool:
    """Tell whether a mark stands in the first word of most lines, or a header between marks: these are no lines."""
    words = [line.split(maxsplit=1)[0] for line in text.split("\n") if line.strip()]
    return any(_is_named(first.split(mark)) or 2 * sum(mark in word for word in words) > len(words) for mark in marks)


def _are_lines(text: str, found: tuple[Table, Columns], layout: Layout, where: str) -> bool:
    """Tell whether the commas of an unnamed table stand in texts, which lines begin with labels.

    Raises `DataError` where those may be the labels or not, and where the lines are sentences.
    """
    table, columns = found
    lines = [line.strip() for line in text.split("\n", SAMPLE)[:SAMPLE] if line.strip()]
    if table.named or not all(holds_spaced(line, ",") for line in lines):
        return False
    cells = table.columns[columns.labels[0]]
    if layout.text_column or layout.label_columns or 2 * share_known(cells, layout.known) > 1:
        return False
    label_last = columns.labels[0] != next(iter(table.columns))
    heads = [line.split(maxsplit=1)[0] for line in lines]
    few = label_last and 2 * len(set(heads)) <= len(heads) and len(set(heads)) <= len(set(cells))
    sentences = are_sentences(lines, label_last=label_last)
    if (few and are_numbers(heads)) or (sentences and label_last):
        return True
    if few and len(set(heads)) > 1:
        what = f"the labels may be the first words, such as '{printable(heads[0], 20)}', or what follows the last comma"
        raise DataError(what, where=where, cure="--separator blank takes the first words, --format csv the cells")
    if sentences:
        what = "the file has no labels that are sure: its commas look like those of sentences"
        cure = "write label<TAB>text, one record a line; --format csv takes the commas as marks between cells"
        raise DataError(what, where=where, cure=cure)
    return False


def _read(text: str, where: str, layout: Layout, format: str) -> tuple[Table, Columns]:
    table, mark = with_row_names(read_separated(text, where, format=format)), separated.MARKS[format]
    _refuse_title(text, table, mark, where)
    _refuse_single_quotes(text, mark, where)
    if len(table.columns) > 2 and not layout.text_column:
        _refuse_unquoted(text, table, mark, layout, where)
    return columns_of(table, layout, where)


def _refuse_unquoted(text: str, table: Table, mark: str, layout: Layout, where: str) -> None:
    """Raise `DataError` where the texts of a table without a header hold the mark between its cells."""
    start = table.lines[0] - 1
    lines = [line for line in text.split("\n", start + SAMPLE)[start : start + SAMPLE] if line.strip()]
    if unquoted(lines, mark) and not with_names(table, layout, where).named:
        name = separated.NAMES[mark]
        what = f"the texts hold {name}, which part the cells: {table.place(0)} has {len(table.columns)} columns"
        # where rows have several widths, a column alone cannot be read either
        alone = "" if table.ragged else ", or --text-column NAME to read one of these cells alone"
        cure = f'put "quotes" around the texts{alone}'
        raise DataError(what, where=where, cure=cure)


def _refuse_single_quotes(text: str, mark: str, where: str) -> None:
    """Raise `DataError` where lines have cells in single quotes that hold the mark between cells."""
    lines = [line for line in text.split("\n", SAMPLE)[:SAMPLE] if line.strip()]
    if "'" not in text or 2 * sum(line.startswith("'") or f"{mark}'" in line for line in lines) < len(lines):
        return
    sign = re.escape(mark)
    holds = re.compile(rf"(?:^|{sign})'(?:[^']|'')*{sign}(?:[^']|'')*'\s*(?:{sign}|$)")
    for number, line in enumerate(lines, start=1):
        if '"' not in line and holds.search(line):
            what = (
                f"line {number:,} has a cell in single quotes that holds {separated.NAMES[mark]}, which part the cells"
            )
            raise DataError(what, where=where, cure='write "double quotes" around the cells')


def _refuse_title(text: str, table: Table, mark: str, where: str) -> None:
    """Raise `DataError` where a line above the table is a row of another width, not a title."""
    above = text.split("\n", table.lines[0])[: table.lines[0] - 1]
    for number, line in enumerate(above, start=1):
        if mark in line:
            widths = (
                f"line {number:,} has {line.count(mark) + 1} columns, line {table.lines[0]:,} has {len(table.columns)}"
            )
            raise DataError(widths, where=where, cure=_QUOTE)


def columns_of(table: Table, layout: Layout, where: str) -> tuple[Table, Columns]:
    """Return the table with the names of its columns, and which of them are used; raises as `find_table` does."""
    table = without_repeated_names(with_names(without_single_quotes(without_rules(table)), layout, where))
    table.refuse_ragged(where)
    table = table if "answer" in layout.label_columns else without_rejected(table)
    if not len(table):
        raise DataError("the file has no labelled texts: the table has no rows", where=where, cure="add rows")
    columns = choose(table, layout, where)
    return with_joined_words(table, columns.text), columns


def table_records(table: Table, columns: Columns, layout: Layout, where: str) -> Iterator[Raw]:
    """Yield the records of the rows; raises `DataError` where labels cannot be read."""
    cells = [(cell or "").strip() for cell in table.columns[columns.labels[0]]]
    if len(columns.labels) == 1 and not layout.label_columns:
        labels = each_label([cell for cell in cells if cell], layout, where)
        if labels or not layout.multi:
            refuse_unlike(columns.labels[0], labels, where)
    read = read_labels(table, columns.labels, layout, where)
    numbers = table.lines or range(1, len(table) + 1)
    for number, found, text in zip(numbers, read, table.columns[columns.text], strict=True):
        if found is not None or text:
            yield number, found, text or ""


def about_columns(table: Table, columns: Columns, layout: Layout) -> list[Finding]:
    """Return what was found of the format and of the labels, which columns are read, and which are not."""
    text = f"labels from the column '{listing(columns.labels)}', texts from '{printable(columns.text)}'"
    if unused := columns.unused(table):
        text += f"; not used: {listing(unused, MOST_UNUSED)}"
    if len(columns.labels) > 1:
        found = about_flags(table, columns.labels)
    else:
        found = about_mark([cell or "" for cell in table.columns[columns.labels[0]]], layout)
    return [*table.findings, Finding("note", "columns", text), *found]
