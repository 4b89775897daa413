"""Tables with a sentence a row: its words in one cell, their tags in another, parted by blanks or as lists."""

from __future__ import annotations

import ast
import csv
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from seqtool.data.files import left_out
from seqtool.data.separated import FORMATS
from seqtool.data.tab_quotes import quotes_are_marks
from seqtool.data.tag_options import TagOptions
from seqtool.data.text_table import Table
from seqtool.data.word_columns import resolve, tags_of
from seqtool.data.word_names import TAGS, WHOLE_SENTENCES, WORDS, plain
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import listing, printable

_SAMPLE = 100  # rows that tell what cells hold
MOST = 0.8  # share of the rows that have as many words as tags, where some have a word too many
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
        if len(set(map(len, rows))) == 1 and len(rows) > 2 and parallel(list(zip(*rows[1:], strict=True)), MOST):
            return format
    return ""


def parallel(columns: Sequence[Sequence[str | None]], alike: float = 1) -> list[int]:
    """Return the places of the columns whose cells hold as many items, two a row or more, in a share of rows; else [].

    alike: the least share of the rows in which two of them hold as many.
    """
    counts = {place: sizes for place, cells in enumerate(columns) if (sizes := _sizes(cells))}
    groups = [[place for place, sizes in counts.items() if _share(own, sizes) >= alike] for own in counts.values()]
    # Commas alone may stand in numbers.
    fitting = [places for places in groups if len(places) > 1 and not all(_commas_part(columns[n]) for n in places)]
    return max(fitting, key=len, default=[])


def _sizes(cells: Sequence[str | None]) -> list[int]:
    """Return how many items each cell of a sample holds; [] where these are less than two a row."""
    commas = _commas_part(cells)
    sizes = [len(_items(cell, commas=commas)) for cell in cells[:_SAMPLE]]
    return sizes if sum(sizes) >= 2 * len(sizes) else []


def _share(sizes: Sequence[int], others: Sequence[int]) -> float:
    """Return the share of the rows with two equal sizes."""
    return sum(map(int.__eq__, sizes, others)) / len(sizes)


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
    tags than words, or fewer, and `UsageError` for an option that names no column.
    """
    word = resolve(table, options.word_column, "--word-column", where)
    tags = tags_of(table, options, where)
    names = _of_sentences(table, word, tags)
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
    # By name: the numbers of the columns are others now.
    options = replace(options, word_column=word or _words(names), tag_column=tags, sentence_column="")
    findings = [Finding("note", "rows", text), *_without_words(table, long[names[0]], lines)]
    return replace(table, columns=long, lines=lines, findings=(*table.findings, *findings)), options


def _without_words(table: Table, cells: Sequence[str | None], lines: Sequence[int]) -> list[Finding]:
    """Return the warning that rows hold no words: nothing stands between the empty rows that end two sentences."""
    ends = [row for row, cell in enumerate(cells) if cell is None]
    empty = [lines[row] for before, row in itertools.pairwise((-1, *ends)) if row == before + 1]
    return left_out("no-words", "without words" if len(table.lines) else "(rows) without words", empty)


def _of_sentences(table: Table, word: str, tags: Sequence[str]) -> list[str]:
    """Return the columns that hold a sentence a row, [] where they hold a word; `word` and `tags`: what is asked for.

    One row with a word too many does not make words of tags: columns of usual names, and those that are asked for,
    belong to the others where most rows fit.
    """
    asked = [name for name in (word, *tags) if name]
    sample = {name: cells[:_SAMPLE] for name, cells in table.columns.items()}
    names = list(sample)
    exact, most = ([names[place] for place in parallel(list(sample.values()), alike)] for alike in (1, MOST))
    if not table.named or not exact:
        found = most
    else:
        usual = {name for name in names if plain(name) in TAGS | WORDS | WHOLE_SENTENCES}
        found = [name for name in names if name in exact or (name in most and name in usual)]
    long = [name for name in names if _sizes(sample[name])]
    if not found or not {*asked} <= {*found, *long}:
        return []
    if word and tags:
        return [name for name in names if name in asked]
    if all(plain(name) in TAGS for name in found):  # then the words are still to be found
        found = [*found, *(name for name in long if plain(name) in WORDS | WHOLE_SENTENCES)]
    return [name for name in names if name in found or name in asked]


def _refuse_uneven(names: Sequence[str], items: Sequence[Sequence[str]], place: str, where: str) -> None:
    if len(set(map(len, items))) > 1:
        counts = ", ".join(f"{len(own):,} in '{printable(name)}'" for name, own in zip(names, items, strict=True))
        raise DataError(f"{place} has not as many words as tags: {counts}", where=where, cure=_CURE)


def _words(names: Iterable[str]) -> str:
    """Return the column whose name is one of sentences, "" where none or several are called so."""
    fitting = [name for name in names if plain(name) in WHOLE_SENTENCES and plain(name) not in TAGS]
    return fitting[0] if len(fitting) == 1 else ""
