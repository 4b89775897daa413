"""Columns that fall from row to row in a table without time stamps: as steps, time would run backwards."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import numpy as np

from seqtool.data.columns import is_whole, known_cells
from seqtool.data.month_names import month_of
from seqtool.data.numbers import PLAIN, is_number, read_all
from seqtool.data.text_table import Table
from seqtool.data.time_names import NEARLY, PARTS_OF_TIME, QUARTER_WORDS, TIME_NAMES, TIME_WORDS, WEEK_WORDS, words_of
from seqtool.errors import DataError
from seqtool.say import printable

SEVERAL, MANY = 6, 10  # rows that do not fall one after the other, or with few exceptions, by chance
MOSTLY, RARELY = 0.8, 0.1  # of the steps
_YEAR = r"(?<!\d)(?:19|20)\d\d(?!\d)"

NAMES_OF_TIME = TIME_NAMES | PARTS_OF_TIME | TIME_WORDS | WEEK_WORDS | QUARTER_WORDS

Cells = Sequence[str | None]


def refuse_falling(table: Table, values: Sequence[str], where: str) -> None:
    """Raise `DataError` where a column beside the values falls, or where the years in its labels begin anew."""
    import shlex  # few tables are without time stamps

    known = {*values}
    for name in table.columns:
        if name in known:
            continue
        ignore = f"--ignore-column {shlex.quote(name)}"
        if _falling(table.columns[name]) and not _falls_in_order(name, table, values):
            what = f"column '{printable(name)}' falls from row to row: the newest row may come first"
            raise DataError(what, where=where, cure=f"write the oldest row first; where it counts no rows: {ignore}")
        if back := _going_back(table.columns[name]):
            last, first = map(printable, back)
            what = f"column '{printable(name)}' goes back in time, from '{last}' to '{first}': there may be several "
            what += "series below each other, such as years, quarters and months"
            raise DataError(
                what, where=where, cure=f"keep the rows of one; where they are steps as they come: {ignore}"
            )


def _falls_in_order(name: str, table: Table, values: Sequence[str]) -> bool:
    """Tell whether another column counts the rows, so that numbers that fall, as a learning rate, are no time.

    Where a mere row number counts them, whole numbers that fall may still be those of the steps.
    """
    from seqtool.data.number_columns import counters, is_progress  # few columns fall

    cells = table.columns[name]
    if words_of(name) & NAMES_OF_TIME or not all(map(is_number, known_cells(cells))):
        return False
    counting = counters(table, values)
    return bool(counting) and (is_progress(counting[0]) or not all(map(is_whole, known_cells(cells))))


def _falling(cells: Cells) -> bool:
    """Tell whether numbers, or texts with numbers or months inside, fall from row to row, few by the same amount."""
    texts = [cell.strip() for cell in cells if cell and _has_number(cell.strip())]
    if len(texts) < max(3, NEARLY * len(cells)):
        return False
    if all(map(is_number, texts)):
        try:
            steps = np.diff(read_all(texts, PLAIN))
        except ValueError:
            return False
        return bool((steps < 0).all() and (len(texts) >= SEVERAL or np.allclose(steps, steps[:1], rtol=1e-3)))
    if len(texts) < SEVERAL:
        return False
    if (years := _years(texts)) and years != sorted(years):
        return years == sorted(years, reverse=True)
    keys = [[*map(_natural, re.findall(r"\d+|[^\W\d_]+|[\W_]+", text))] for text in texts]
    falls = sum(later < before for before, later in itertools.pairwise(keys))
    # the days of a month rise once, from 1 to 30
    return falls == len(keys) - 1 or (len(keys) >= MANY and len(set(years)) < 2 and falls > MOSTLY * len(keys))


def _has_number(text: str) -> bool:
    return any(map(str.isdigit, text)) or bool(month_of(text.rstrip(".")))


def _natural(piece: str) -> tuple[int, str]:
    if piece.isdecimal() and len(piece) < 19:
        return int(piece), ""
    return (month, "") if (month := month_of(piece)) else (-1, piece)


def _years(texts: Sequence[str]) -> list[int]:
    """Return the year in each of some texts that are all different, [] unless each has one."""
    found = [re.findall(_YEAR, text, re.ASCII) for text in texts]
    return [int(years[-1]) for years in found] if all(found) and len(set(texts)) == len(texts) else []


def _going_back(cells: Cells) -> tuple[str, str] | None:
    """Return the two neighbours where labels with years begin anew, with few such places; None where there is none."""
    if not (sample := known_cells(cells)) or all(map(is_number, sample)):
        return None
    texts = [cell.strip() for cell in cells if cell]
    falls = [place for place, (before, later) in enumerate(itertools.pairwise(_years(texts))) if later < before]
    if not falls or len(falls) > RARELY * len(texts):
        return None
    return texts[falls[0]], texts[falls[0] + 1]
