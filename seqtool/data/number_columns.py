"""Whether the numbers of a column are dates, or count the steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqtool.data.columns import mostly
from seqtool.data.dates import parse_stamps
from seqtool.data.number_dates import is_compact, is_epoch, is_excel, is_month
from seqtool.data.numbers import PLAIN, is_number
from seqtool.data.numbers import read_all as numbers_of
from seqtool.data.spellings import spelling_of
from seqtool.data.table_rows import is_total
from seqtool.data.text_table import Table
from seqtool.data.time_names import (
    COUNTERS,
    DATE_NAMES,
    NEARLY,
    PARTS,
    PROGRESS,
    TIME_NAMES,
    TIME_WORDS,
    YEARS,
    words_of,
)

EXCEL = (20_000, 80_000)
LARGE = 1e9  # steps are not counted so far


def numbers_are_dates(name: str, cells: Sequence[str | None]) -> bool:
    """Tell whether the numbers of a column are dates, as its name says, or as they go on."""
    called = name.casefold() in TIME_NAMES
    if mostly(cells, is_compact, 0.5 if called else NEARLY) or _epochs(name, cells):
        return True
    if name.casefold() in DATE_NAMES and (mostly(cells, is_excel) or mostly(cells, _is_numbered_month, NEARLY)):
        return True
    return _years(name, cells) or _months(cells)


def _is_numbered_month(cell: str | None) -> bool:
    return spelling_of(cell) == "month in numbers"


def _years(name: str, cells: Sequence[str | None]) -> bool:
    """Tell whether whole numbers are years: all of them, in a column called so, or one after the other."""
    if name.casefold() in COUNTERS | PARTS or not mostly(cells, lambda cell: _is_year(cell) or is_total(cell), 0.99):
        return False
    if name.casefold() in DATE_NAMES:
        return True
    steps = np.diff(parse_stamps(cells).times.astype("datetime64[Y]").astype(np.int64))
    return bool(words_of(name) & DATE_NAMES) and len(steps) > 1 and bool((steps == 1).all() or (steps == -1).all())


def _months(cells: Sequence[str | None]) -> bool:
    """Tell whether whole numbers such as 202108 go from month to month, up or down."""
    if not all(map(is_month, cells)) or len(cells) < 3:
        return False
    steps = np.diff(parse_stamps(cells).times.astype("datetime64[M]").astype(np.int64))
    return bool((steps == steps[0]).all() and steps[0] != 0)


def _is_year(cell: str | None) -> bool:
    return spelling_of(cell) == "year"


def _epochs(name: str, cells: Sequence[str | None]) -> bool:
    """Tell whether a column counts time since 1970: by its name, or since it goes on by one step, up or down."""
    if not mostly(cells, is_epoch, 0.5 if name.casefold() in TIME_NAMES else NEARLY):
        return False
    if TIME_WORDS & words_of(name):
        return True
    times = parse_stamps(cells).times
    steps, counts = np.unique(np.diff(times).astype(np.int64), return_counts=True)
    one_way = not np.isnat(times).any() and len(times) > 2 and ((steps > 0).all() or (steps < 0).all())
    return bool(one_way and 2 * counts.max() > counts.sum())


def counts(name: str, cells: Sequence[str | None]) -> bool:
    """Tell whether cells are numbers that grow by the same amount, and by their name and size no dates."""
    if not all(map(is_number, cells)):
        return False
    try:
        first = numbers_of(cells[:1], PLAIN)[0]
    except ValueError:
        return False
    return not _is_large(name.casefold(), first) and _goes_on(cells, 1)


def counters(table: Table, values: Sequence[str]) -> tuple[str, ...]:
    """Return the columns beside the values that grow by the same amount from row to row; those of progress first."""
    found = [name for name, cells in table.columns.items() if name not in values and counts(name, cells)]
    return tuple(sorted(found, key=lambda name: not is_progress(name)))


def is_progress(name: str) -> bool:
    """Tell whether a column is called like the progress of one series, not like the number of a row."""
    return bool(words_of(name) & PROGRESS)


def _is_large(name: str, number: float) -> bool:
    """Tell whether a number, in a column called so, may be a date: no step is counted so far."""
    if name in PARTS:  # a day, but no year, may be the three thousandth
        return any(low <= number <= high for low, high in (YEARS, EXCEL)) or number > EXCEL[1]
    return number >= (LARGE if name in COUNTERS else YEARS[0])


def _goes_on(cells: Sequence[str | None], sign: int) -> bool:
    """Tell whether numbers grow (sign 1) or fall (sign -1) by the same amount."""
    try:
        steps = sign * np.diff(numbers_of(cells, PLAIN))
    except ValueError:
        return False
    return bool((steps > 0).all() and np.allclose(steps, steps[:1], rtol=1e-3))
