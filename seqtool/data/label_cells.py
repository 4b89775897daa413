"""The labels in the cells of a table: one, several parted by a mark, lists of JSON, or columns of 0 and 1."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Any

from seqtool.data import fasttext
from seqtool.data.layout import WHOLE, Layout
from seqtool.data.text_table import Table
from seqtool.data.word_lists import joined_words
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import listing, printable

Labels = tuple[str, ...] | None
"""The labels of a record; None: it has none, (): none of several applies."""
MARKS = (",", ";", "|")
MARKS_BY_NAME = {"blank": " ", "tab": "\t"}
"""Marks that are hard to type in a shell."""
NO_LABELS = "none"
"""The name of the class of an empty list where each combination is a class."""
JOINTS = ("/", "+", "&")  # they stand in names too: they part labels where each part is one alone
SIGNS = {"1": True, "1.0": True, "true": True, "0": False, "0.0": False, "false": False}
_FLAGS = {**SIGNS, "yes": True, "x": True, "no": False, "": False}
"""What a cell says of the label that its column is."""
_KINDS = "0 and 1, yes and no, true and false, or x and blank"
_WHOLE_NUMBER = re.compile(r"[+-]?\d+(?:\.0+)?")


def read_labels(table: Table, columns: Sequence[str], layout: Layout, where: str) -> list[Labels]:
    """Return the labels of each row; raises `DataError` where a cell cannot be read, or in two ways."""
    if len(columns) > 1:
        return _one_hot(table, columns, where)
    cells = [(cell or "").strip() for cell in table.columns[columns[0]]]
    return split_labels(cells, layout, where)


def each_label(cells: Sequence[str], layout: Layout, where: str) -> list[str]:
    """Return the labels of cells that lists or a mark of `layout` part, else the cells; raises as `split_labels`."""
    mark, lists = layout.label_separator, _lists(cells, layout, where)
    return [label for cell in cells for label in (lists.get(cell) or (_parts(cell, mark) if mark else (cell,)))]


def split_labels(cells: Sequence[str], layout: Layout, where: str) -> list[Labels]:
    """Return the labels in each cell; raises `DataError` where a mark may part labels or belong to one."""
    full, mark = [cell for cell in cells if cell], layout.label_separator
    read = _lists(full, layout, where)
    if not mark and not read and full and (marked := fasttext.without_prefix(full)):
        read = dict(zip(full, marked, strict=True))
    labels = {cell: read[cell] if cell in read else _parts(cell, mark) for cell in {*full}}
    if mark != WHOLE:
        _refuse_several([label for cell in {*full} - {*read} for label in labels[cell]], where)
    else:
        # beside lists, a cell that is none is a list of one
        labels |= {cell: (combination(found),) for cell, found in labels.items() if read}
    whole = _whole_numbers({label for found in labels.values() for label in found}, layout.known)
    if whole:
        labels = {cell: tuple(dict.fromkeys(whole[label] for label in found)) for cell, found in labels.items()}
    return [labels.get(cell) for cell in cells]


def _whole_numbers(labels: Set[str], known: Set[str]) -> dict[str, str]:
    """Return each label without its decimals where all are whole numbers, {} where they stay as they are written.

    Beside missing values programs write 1 as 1.0. known: labels of a model, which keep their names.
    """
    if known & labels or not all(map(_WHOLE_NUMBER.fullmatch, labels)):
        return {}
    return {label: label.partition(".")[0] for label in labels}


def flag(cell: str | None) -> bool | None:
    """Return what a cell says of the label that its column is, None where it says neither yes nor no."""
    return _FLAGS.get((cell or "").strip().casefold())


def about_mark(cells: Sequence[str], layout: Layout) -> list[Finding]:
    """Return the warning that a mark which is to part labels stands in none of the cells, and none is a list."""
    mark, full = layout.label_separator, [cell.strip() for cell in cells if cell.strip()]
    if not mark or mark == WHOLE or any(MARKS_BY_NAME.get(mark, mark) in cell for cell in cells):
        return []
    if _lists(full, layout, ""):
        return []
    return [Finding("warning", "label-separator", f"no label has '{printable(mark)}' in it: each cell is one label")]


def _parts(cell: str, mark: str) -> tuple[str, ...]:
    """Return the labels that a mark parts, the cell itself where there is no mark."""
    return _each(cell.split(MARKS_BY_NAME.get(mark, mark))) if mark and mark != WHOLE else (cell,)


def combination(labels: Sequence[str]) -> str:
    """Return the name of a class that stands for several labels, whatever their order: other labels, another name.

    A label stands in quotes in it where it would look like several labels, or like none.
    """
    return ",".join(map(_quoted, sorted(set(labels)))) or NO_LABELS


def _quoted(label: str) -> str:
    odd = label == NO_LABELS or "," in label or '"' in label
    return json.dumps(label, ensure_ascii=False) if odd else label


def _each(labels: Sequence[str]) -> tuple[str, ...]:
    """Return labels without outer blanks, each once."""
    return tuple(dict.fromkeys(label.strip() for label in labels if label.strip()))


def _refuse_several(cells: Sequence[str], where: str) -> None:
    """Raise `DataError` where the parts of labels stand in other labels too: they may be labels of their own."""
    different = set(cells)
    for mark in (*MARKS, *JOINTS):
        parts = {cell: _each(cell.split(mark)) for cell in different}
        counts = Counter(part for found in parts.values() for part in found)
        shared = [cell for cell in different if mark in cell and any(counts[part] > 1 for part in parts[cell])]
        if mark in JOINTS:
            shared = [cell for cell in shared if len(parts[cell]) > 1 and different.issuperset(parts[cell])]
        if shared:
            example = printable(min(shared))
            what = f"a label such as '{example}' may be one label, or several parted by '{mark}'"
            cure = f"--label-separator '{mark}' parts them, --label-separator {WHOLE} keeps each cell as one label"
            raise DataError(what, where=where, cure=cure)


def _lists(cells: Sequence[str], layout: Layout, where: str) -> dict[str, tuple[str, ...]]:
    """Return the labels of the cells that are lists of JSON or Python, or objects of label: 0 or 1.

    Other cells may stand beside them, each one label. Raises `DataError` where all cells look like lists and one is
    none, and for lists of 0 and 1.
    """
    bracketed = dict.fromkeys(cell for cell in cells if (cell[0], cell[-1]) in (("[", "]"), ("{", "}")))
    read: dict[str, list[str]] = {}
    for cell in bracketed:
        try:
            read[cell] = _texts(_value(cell))
        except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
            if layout.label_separator or len(bracketed) < len({*cells}):  # labels that have brackets in their names
                return {}
            what = f"the labels look like lists, but '{printable(cell)}' is none of JSON or Python"
            cure = f'write ["a", "b"], or --label-separator {WHOLE} to keep each cell as one label'
            raise DataError(what, where=where, cure=cure) from error
    _refuse_flags(read, where)
    return {cell: _each(labels) for cell, labels in read.items()}


def _refuse_flags(lists: dict[str, list[str]], where: str) -> None:
    """Raise `DataError` for lists of one length that hold 0 and 1 alone: they say which labels apply, but not which
    labels there are.
    """
    sizes, labels = {len(found) for found in lists.values()}, {label for found in lists.values() for label in found}
    if len(sizes) == 1 and max(sizes) > 1 and labels <= {*SIGNS}:
        example = printable(next(iter(lists)))
        what = f"the labels are lists of 0 and 1, such as '{example}': the names of the labels are not there"
        raise DataError(what, where=where, cure='write the names of those that apply: ["a", "b"]')


def _value(cell: str) -> Any:
    """Return the value that JSON or Python writes so; raises `ValueError` or `SyntaxError` where neither does."""
    try:
        return json.loads(cell)
    except ValueError:
        return ast.literal_eval(cell)


def _texts(value: Any) -> list[str]:
    """Return the labels in a value of JSON; raises `ValueError` where it holds no labels."""
    if isinstance(value, dict):
        signs = {name: SIGNS.get(json.dumps(sign)) for name, sign in value.items()}
        if None in signs.values():
            raise ValueError("not 0 or 1")
        return [name for name, sign in signs.items() if sign]
    if not isinstance(value, list) or any(isinstance(item, (list, tuple, dict)) for item in value):
        raise ValueError("not a list of labels")
    return [item if isinstance(item, str) else json.dumps(item) for item in value if item is not None]


def with_joined_words(table: Table, name: str) -> Table:
    """Return a table whose column of texts holds texts, where it held lists of words as JSON or Python writes them."""
    cells = table.columns[name]
    joined = joined_words(cells)
    if joined is None:
        return table
    note = Finding("note", "words", f"'{printable(name)}' holds lists of words: a blank was put between the words")
    return replace(table, columns={**table.columns, name: joined}, findings=(*table.findings, note))


def _one_hot(table: Table, columns: Sequence[str], where: str) -> list[Labels]:
    """Return for each row the names of the columns that hold 1."""
    chosen: list[list[str]] = [[] for _ in range(len(table))]
    for name in columns:
        for row, cell in enumerate(table.columns[name]):
            sign = flag(cell)
            if sign is None:
                what = (
                    f"the column '{printable(name)}' holds '{printable(cell or '')}' in {table.place(row)}, not 0 or 1"
                )
                cure = f"give --label-column one column, or several of {_KINDS}"
                raise DataError(what, where=where, cure=cure)
            if sign:
                chosen[row].append(name)
    return [tuple(names) for names in chosen]


def about_flags(table: Table, columns: Sequence[str]) -> list[Finding]:
    """Return warnings of columns of 0 and 1: cells that say neither, and labels that no row has."""
    cells = {name: [(cell or "").strip() for cell in table.columns[name]] for name in columns}
    # where nothing else says no, a blank does
    written = any(cell and not flag(cell) for column in cells.values() for cell in column)
    empty = sum(column.count("") for column in cells.values()) if written else 0
    never = [name for name, column in cells.items() if not any(map(flag, column))]
    found = [f"{empty:,} cells of the columns of 0 and 1 are empty: read as 0"] if empty else []
    found += [f"no row has 1 in {listing(never)}: no such label is learnt"] if never else []
    return [Finding("warning", "flags", text) for text in found]
