"""What the cells of a column of a table of pairs hold: numbers, ids, places in a book, words, or a few values."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from seqtool.data.languages import SOLID

Rows = Sequence[Sequence[str | None]]
FEW = 5  # rows that tell what a column holds, at least
NEARLY = 0.95  # of the cells of a column of numbers or ids: one is missing here and there
MANY = 10  # cells for each different one of a column that says a language or a topic
_NUMBER = re.compile(r"[-+]?(?:\d+(?:,\d{3})*(?:[.,]\d+)?|[.,]\d+)(?:[eE][-+]?\d+)?\s?%?")
# a clause of Chinese with a number in it has no blanks either
_ID = re.compile(
    rf"(?!.*{SOLID.pattern})" r"[^\s\d]*\d\S*(?:\s+(?:[^\s\d]*\d\S*|%))*|[A-Za-z]+://\S+"
)  # a number or a time stamp, too
_REFERENCE = re.compile(r"(?:[1-5I]{1,3}\.?\s?)?(?:[^\W\d_]+\.?\s){1,4}\d+[:.,]\d+\S*")  # 1. Mose 1,1
_VERSE = re.compile(r"(\d{1,18}):(\d{1,18})")
_FLAGS = frozenset({"yes", "no", "y", "n", "true", "false", "t", "f", "0", "1", "ok", "ja", "nein"})
_NO_WORDS = re.compile(r"[\W\d_]+")  # such as 3 + 4


def all_numbers(rows: Rows, place: int) -> bool:
    """Tell whether a column holds numbers."""
    return len(rows) >= FEW and nearly_all(rows, place, _NUMBER)


def all_ids(rows: Rows, place: int) -> bool:
    """Tell whether a column holds numbers or ids: words with digits, addresses, or places in a book."""
    return nearly_all(rows, place, _ID) or all_references(rows, place)


def all_references(rows: Rows, place: int) -> bool:
    """Tell whether a column holds places in a book: `Genesis 1:1`, or chapters and verses in their order."""
    if nearly_all(rows, place, _REFERENCE):
        return len(rows) >= FEW
    if len(rows) < FEW or not nearly_all(rows, place, _VERSE):
        return False
    verses = [tuple(map(int, verse.groups())) for cell in cells_of(rows, place) if (verse := _VERSE.fullmatch(cell))]
    in_order = sum(one <= other for one, other in itertools.pairwise(verses))
    return in_order >= NEARLY * (len(verses) - 1)


def all_words(rows: Rows, place: int) -> bool:
    """Tell whether a column holds words, not numbers, ids or signs."""
    return bool(cells_of(rows, place)) and not is_wordless(rows, place)


def nearly_all(rows: Rows, place: int, form: re.Pattern[str]) -> bool:
    """Tell whether nearly all cells of a column that are not empty have a form."""
    cells = cells_of(rows, place)
    return bool(cells) and sum(form.fullmatch(cell) is not None for cell in cells) >= NEARLY * len(cells)


def is_wordless(rows: Rows, place: int) -> bool:
    """Tell whether nearly all cells of a column are ids, or have no word, such as 3 + 4."""
    return any(nearly_all(rows, place, form) for form in (_ID, _NO_WORDS))


def repeats(rows: Rows, place: int) -> bool:
    """Tell whether a column has few different cells, as one of languages or topics has."""
    cells = cells_of(rows, place)
    return len(cells) >= FEW and len(set(cells)) <= max(1, len(cells) // MANY)


def all_flags(rows: Rows, place: int) -> bool:
    """Tell whether a column says yes or no, or one word again and again."""
    cells = cells_of(rows, place)
    different = {cell.lower() for cell in cells}
    if len(cells) < FEW or len(different) == len(cells):
        return False
    return different <= _FLAGS or (len(different) == 1 and len(cells[0].split()) == 1)


def is_text(rows: Rows, place: int) -> bool:
    """Tell whether a column may hold texts: it is not empty and has no ids or flags; without rows any may."""
    if not rows:
        return True
    cells = cells_of(rows, place)
    return bool(cells) and not (all_ids(rows, place) or all_flags(rows, place))


def cells_of(rows: Rows, place: int) -> list[str]:
    """Return the cells of a column that are not empty, stripped."""
    cells = ((row[place] or "").strip() for row in rows if place < len(row))
    return [cell for cell in cells if cell]


def counts(rows: Rows, place: int) -> bool:
    """Tell whether a column holds numbers or places in a book."""
    return all_numbers(rows, place) or all_references(rows, place)


def kind_of(rows: Rows, place: int) -> str:
    """Return what a column that `counts` or is `all_flags` holds."""
    if all_flags(rows, place) and not all_numbers(rows, place):
        return "one or two words again and again"
    return "numbers" if all_numbers(rows, place) else "places in a book"
