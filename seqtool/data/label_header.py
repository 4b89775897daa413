"""Whether the first row of a table of labelled texts names its columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from seqtool.data.column_names import is_name
from seqtool.data.label_facts import FEW_ROWS, SHORTEST_TEXT, Facts
from seqtool.data.label_names import LABEL_NAMES, LABEL_WORDS, TEXT_NAMES, TEXT_WORDS, known
from seqtool.data.layout import Layout
from seqtool.data.numbers import is_number
from seqtool.data.text_table import Table
from seqtool.errors import DataError
from seqtool.say import printable

FEW_SHORT = 0.01  # of the texts below pandas' numbers of columns
LONG = 3  # words of a cell beside which a single word is short
Rows = Sequence[Sequence[str | None]]
"""Columns of cells, the first row among them."""


def with_names(table: Table, layout: Layout, where: str) -> Table:
    """Return a table whose first row became the names of its columns, if it names them; raises as `is_header`."""
    if not table.named and is_header(list(table.columns.values()), layout, where):
        return table.with_header(where)
    return table


def is_header(columns: Rows, layout: Layout, where: str) -> bool:
    """Tell whether the first row names the columns; raises `DataError` where it may or may not."""
    if layout.header != "auto":
        return layout.header == "yes"
    first = [(cells[0] or "").strip() for cells in columns]
    wanted = [name for name in (layout.text_column, *layout.label_columns) if name and not name.isdecimal()]
    if wanted and all(name in first for name in wanted):
        return True
    labels = [cell for cell in first if known(cell, LABEL_NAMES)]
    if labels and any(known(cell, TEXT_NAMES) for cell in first if cell not in labels):
        return True
    if _are_of_usual_words(first, columns):
        return True
    if are_places(first) and any(Facts.of(cells[1:]).letters for cells in columns):
        if _may_be_record(first, columns):
            raise _unsure(first, where)
        return True
    signs = [_sign(cells) for cells in columns]
    if -1 in signs:
        return False
    if -2 in signs:
        # Of a first row such as `What was bad,Rating` the label alone can tell: it stands nowhere else.
        alone = [cell for cell, sign in zip(first, signs, strict=True) if sign == 2]
        if alone and not any(known(cell, LABEL_NAMES) for cell in alone) and len(columns[0]) > FEW_ROWS:
            raise _unsure(first, where)
        return any(known(cell, LABEL_NAMES) for cell in alone)
    others = signs.count(1) + sum(known(cell, (*LABEL_NAMES, *TEXT_NAMES)) for cell in first)
    if signs.count(2) + others >= 2:
        return True
    if (2 in signs or 3 in signs) and len(columns[0]) > FEW_ROWS:
        raise _unsure(first, where)
    return False


def _are_of_usual_words(first: Sequence[str], columns: Rows) -> bool:
    """Tell whether names hold words of usual ones, as `Ticket Description` and `Ticket Type` do, above longer texts."""
    if not all(is_name(cell, LONG) for cell in first if cell) or any(
        cell in cells[1:] for cell, cells in zip(first, columns, strict=True) if cell
    ):
        return False
    parts = [set(re.split(r"[\W_]+", cell.casefold())) for cell in first]
    labels = [place for place, words in enumerate(parts) if words & LABEL_WORDS]
    texts = [place for place, words in enumerate(parts) if words & TEXT_WORDS]
    long = any(Facts.of(columns[place][1:]).words > LONG for place in texts)
    return long and any(label != text for label in labels for text in texts)


def are_places(first: Sequence[str]) -> bool:
    """Tell whether a row counts the columns, `0,1` or `,0,1`, as pandas writes columns without names."""
    places = first[1:] if first and not first[0] else first
    return len(places) > 1 and list(places) == [str(place) for place in range(len(places))]


def _may_be_record(first: Sequence[str], columns: Rows) -> bool:
    """Tell whether `0,1` may be the label 0 of the text 1: one of them stands again, and other texts are short too."""
    if not first[0]:  # the place of the row in front has no name
        return False
    again = [cell in cells[1:] for cell, cells in zip(first, columns, strict=True)]
    texts = [cell or "" for cells, label in zip(columns, again, strict=True) if not label for cell in cells[1:]]
    short = sum(len(text.strip()) < SHORTEST_TEXT for text in texts)
    return any(again) and short > FEW_SHORT * len(texts)


def _sign(cells: Sequence[str | None]) -> int:
    """Return what a column says of its first cell: 2 or 1 for a name, 3 for maybe one, -1 and -2 for none, 0: nothing.

    2: all others repeat, but the first stands nowhere else; 3: others stand alone, too. 1: the others are numbers or
    long texts, the first is one word. -1: the first is a number, or stands among the others; -2: it is as long as they.
    """
    first, rest = (cells[0] or "").strip(), cells[1:]
    facts = Facts.of(rest)
    if not first or not facts.cells:
        return 0
    if is_number(first):
        return -1
    counts = Counter((cell or "").strip() for cell in rest)
    if facts.numbers:
        return 2 if facts.may_be_label and 1 not in counts.values() else 1
    if facts.may_be_label:
        return -1 if first in counts else 3 if 1 in counts.values() else 2
    is_word = len(first.split()) == 1 and any(map(str.isalpha, first))
    if facts.words >= LONG:
        return 1 if is_word else -2
    return int(is_word and facts.unbroken and LONG * len(first) <= facts.length)


def _unsure(first: Sequence[str], where: str) -> DataError:
    cells = ", ".join(f"'{printable(cell, 20)}'" for cell in first[:4])
    what = f"the first row ({cells}) may name the columns, or be a record"
    return DataError(what, where=where, cure="--header yes or --header no")
