"""Tables with a sentence a row: its words in one cell, their tags in another, parted by blanks or as lists."""

from __future__ import annotations

import ast
import csv
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from seqtool.data.separated import FORMATS
from seqtool.data.tab_quotes import quotes_are_marks
from seqtool.data.tag_options import TagOptions
from seqtool.data.text_table import Table
from seqtool.data.word_names import TAGS, WHOLE_SENTENCES, plain
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import listing, printable

_SAMPLE = 100  # rows that tell what cells hold
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_NUMBERS = re.compile(r"\[\s*\d+(?:\s+\d+)*\s*\]")
_CURE = "give each row as many tags as words"


def format_of_rows(text: str, lines: Sequence[str]) -> str:
    """Return the format of separated values whose rows hold a sentence each, "" where they do not."""
    head = [line for line in lines[:_SAMPLE] if line.strip()]
    for mark, format in FORMATS.items():
        if not head or mark not in head[0]:
            continue
        quoted = mark != "\t" or quotes_are_marks(text)
        quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
        rows = list(csv.reader(head, delimiter=mark, quoting=quoting, skipinitialspace=mark != "\t"))
        if len(set(map(len, rows))) == 1 and len(rows) > 2 and parallel(list(zip(*rows[1:], strict=True))):
            return format
    return ""


def parallel(columns: Sequence[Sequence[str | None]]) -> list[int]:
    """Return the places of the columns whose cells hold as many items row by row, two a row or more; else []."""
    sizes: dict[tuple[int, ...], list[int]] = {}
    by_commas = [_commas_part(cells) for cells in columns]
    for place, cells in enumerate(columns):
        counts = tuple(len(_items(cell, commas=by_commas[place])) for cell in cells[:_SAMPLE])
        if sum(counts) >= 2 * len(counts) > 0:
            sizes.setdefault(counts, []).append(place)
    # Commas alone may stand in numbers.
    fitting = [places for places in sizes.values() if len(places) > 1 and not all(by_commas[place] for place in places)]
    return max(fitting, key=len, default=[])


def _commas_part(cells: Sequence[str | None]) -> bool:
    """Tell whether commas without blanks part the items of a column's cells, as in `O,O,B-geo`."""
    sample = [cell for cell in cells[:_SAMPLE] if cell]
    parted = [cell for cell in sample if "," in cell.strip(",")]
    # 51,54 is a number.
    worded = bool(parted) and all(any(map(str.isalpha, cell)) for cell in parted)
    return worded and not any(" " in cell or cell[0] == "[" for cell in sample)


def _items(cell: str | None, *, commas: bool = False) -> list[str]:
    """Return the items of a list as Python, JSON or numpy writes it, else what blanks part, or commas."""
    text = (cell or "").strip()
    if commas:
        return [item for item in text.split(",") if item]
    if (text[:1], text[-1:]) != ("[", "]"):
        return text.split()
    if _NUMBERS.fullmatch(text):  # numpy writes no commas
        return text[1:-1].split()
    if re.search(r"['\"]\s+['\"]", text):
        return [first or second for first, second in _QUOTED.findall(text)]
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return text.split()
    return [*map(str, value)] if isinstance(value, list) else text.split()


def by_words(table: Table, options: TagOptions, where: str) -> tuple[Table, TagOptions]:
    """Return a table of a sentence a row as one of a word a row, an empty row behind each sentence; any other as it is.

    The options name the column of words where its name is one of sentences. Raises `DataError` for a row that has more
    tags than words, or fewer.
    """
    places = parallel([cells[:_SAMPLE] for cells in table.columns.values()])
    names = [list(table.columns)[place] for place in places]
    if not names:
        return table, options
    long: dict[str, list[str | None]] = {name: [] for name in names}
    lines: list[int] = []
    commas = [_commas_part(table.columns[name]) for name in names]
    for row, cells in enumerate(zip(*(table.columns[name] for name in names), strict=True)):
        items = [_items(cell, commas=own) for cell, own in zip(cells, commas, strict=True)]
        _refuse_uneven(names, items, table.place(row), where)
        for column, own in zip(long.values(), items, strict=True):
            column += [*own, None]
        lines += itertools.repeat(table.lines[row] if len(table.lines) else row + 1, len(items[0]) + 1)
    others = [name for name in table.columns if name not in names]
    text = f"each row is a sentence: {listing(names)}" + (f"; not read: {listing(others)}" if others else "")
    options = replace(options, word_column=options.word_column or _words(names))
    return replace(table, columns=long, lines=lines, findings=(*table.findings, Finding("note", "rows", text))), options


def _refuse_uneven(names: Sequence[str], items: Sequence[Sequence[str]], place: str, where: str) -> None:
    if len(set(map(len, items))) > 1:
        counts = ", ".join(f"{len(own):,} in '{printable(name)}'" for name, own in zip(names, items, strict=True))
        raise DataError(f"{place} has not as many words as tags: {counts}", where=where, cure=_CURE)


def _words(names: Iterable[str]) -> str:
    """Return the column whose name is one of sentences, "" where none or several are called so."""
    fitting = [name for name in names if plain(name) in WHOLE_SENTENCES and plain(name) not in TAGS]
    return fitting[0] if len(fitting) == 1 else ""
