"""Whether the first row of a table of words and tags names its columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from seqtool.data.known_tags import are_known
from seqtool.data.label_facts import FEW_ROWS
from seqtool.data.label_header import are_places
from seqtool.data.numbers import is_number
from seqtool.data.tag_options import TagOptions
from seqtool.data.text_table import Table
from seqtool.data.word_names import are_usual, plain
from seqtool.errors import DataError
from seqtool.say import printable

MOST_ALONE = 0.05  # of the words have a tag that stands once: so rarely a first word has one


def with_names(table: Table, options: TagOptions, where: str) -> Table:
    """Take the first row as a header where `--header` says so, or where it names words and tags as is usual."""
    if options.header == "yes" or (options.header == "auto" and _is_header(table, options)):
        return table.with_header(where)
    return table


def _is_header(table: Table, options: TagOptions) -> bool:
    names = [cell or "" for cell in table.first()]
    # pandas counts columns without names; words and tags may be numbers, too
    cells = list(table.columns.values())
    if are_places(names) and not all(map(is_number, filter(None, cells[-1][:FEW_ROWS]))):
        return True
    named = {
        plain(name)
        for name in (options.word_column, *options.tag_column, options.sentence_column)
        if not name.isdecimal()
    }
    named.discard("")
    return are_usual(names) or not named.isdisjoint(map(plain, names)) or any(map(_is_above_numbers, cells))


def _is_above_numbers(cells: Sequence[str | None]) -> bool:
    """Tell whether the first cell of a column has a letter, and all others are numbers."""
    first, *others = cells
    numbers = [cell for cell in others if cell]
    return len(numbers) > FEW_ROWS and any(map(str.isalpha, first or "")) and all(map(str.isdecimal, numbers))


def refuse_doubtful(table: Table, word: str, tag: str, options: TagOptions, where: str) -> None:
    """Raise `DataError` where the first row has a tag of its own among tags that come again: a header, or not?"""
    first, *others = table.columns[tag]
    if table.named or options.header == "no" or len(others) < 2 or first in others:
        return
    counts = Counter(others)
    if are_known([first or "", *map(str, counts)]):
        return
    alone = sum(count == 1 for count in counts.values())
    if are_known(map(str, counts)) or alone <= MOST_ALONE * len(others):
        row = f"'{printable(table.columns[word][0] or '', 20)}', '{printable(first or '', 20)}'"
        what = f"{table.place(0)} ({row}) may name the columns, or be the first word and its tag"
        raise DataError(what, where=where, cure="--header yes or --header no")
