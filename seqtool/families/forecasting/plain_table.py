"""A later table that is plain: the header of the training, then ISO stamps, and numbers as programs write them.

Most programs that write to a pipe write such tables. The series is the one that `history.from_bytes` makes, but nothing
has to be looked for: a forecast starts without the reader of all other tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqtool.data.numbers import LARGEST, PLAIN, POINT, NumberFormat, decide, is_missing, may_be_plain, read_all
from seqtool.data.plain_cells import plain_columns
from seqtool.data.reading import Reading
from seqtool.data.regular import regular
from seqtool.data.series import Series
from seqtool.data.stamps import plain_stamps
from seqtool.errors import DataError
from seqtool.families.forecasting.encoders import names_of

if TYPE_CHECKING:
    from seqtool.data.grid import Grid
    from seqtool.reads import Finding
    from seqtool.types import Floats, Json

MARKS = frozenset(",;\t|")
OFTEN = 3  # times that the lowest or highest value comes: it may stand for a missing one
_OTHERS = (b"#", b"{", b"[", b"BZh", b"Rar!", b"%PDF-")  # what comments, JSON and packed files begin with


def from_plain(data: bytes, columns: Sequence[str], config: Json, reading: Reading, grid: Grid | None) -> Series | None:
    """Return the history of a model of `columns`; None for a table that is not plain, or that needs a closer look.

    Its rows are full and rise in time, the stamps come first, and all other columns are the model's.
    """
    if not _is_usual(columns, config, reading, grid) or not data.isascii() or data.startswith(_OTHERS):
        return None
    text = data.decode("ascii")
    table, read = plain_columns((text,), reading.mark)
    if read < len(text) or tuple(cells[0] for cells in table) != reading.names:
        return None
    times = plain_stamps(table[0][1:])
    if times is None or np.isnat(times).any() or (np.diff(times) <= np.timedelta64(0, "s")).any():
        return None
    cells = [table[reading.names.index(name)][1:] for name in columns]
    values = _numbers(cells, reading)
    if values is None or any(_may_be_dates(name, column[0] or "") for name, column in zip(columns, cells, strict=True)):
        return None
    findings: list[Finding] = []
    if len(times) > (grid is None):
        try:
            times, values, grid, findings = regular(times, values, known=grid)
        except DataError:  # the reader of all tables says it
            return None
    return Series(tuple(columns), values, times, grid, tuple(findings), reading)


def _is_usual(columns: Sequence[str], config: Json, reading: Reading, grid: Grid | None) -> bool:
    """Tell whether a model's series stand side by side behind their stamps, and no option says more of them."""
    names, mark = reading.names, reading.mark
    usual = Reading(
        mark=mark, decimal=reading.decimal, names=names, time=names[:1], never_three=reading.never_three,
        day_end=reading.day_end,
    )  # fmt: skip
    if reading != usual or mark not in MARKS or reading.decimal not in ("", POINT) or reading.day_end == "00:00":
        return False
    if names_of(config, "id_column") or config.get("several") == "pooled" or (grid is not None and grid.zone):
        return False
    return len({*names}) == len(names) > 1 and {*columns} == {*names[1:]} and all(map(_is_plain_name, names))


def _is_plain_name(name: str) -> bool:
    """Tell whether a column's name is nothing but a name: no number, no mark."""
    if name != name.strip() or any(map(str.isdigit, name)) or MARKS & {*name} or '"' in name or not name.isprintable():
        return False
    return not is_missing(name)


def _may_be_dates(name: str, cell: str) -> bool:
    """Tell whether a column is called like weeks or quarters, and may hold such: they have a year in them."""
    if "19" not in cell and "20" not in cell:
        return False
    from seqtool.data.time_names import called_quarters, called_weeks  # few columns begin so

    return called_weeks(name) or called_quarters(name)


def _numbers(columns: Sequence[Sequence[str | None]], reading: Reading) -> Floats | None:
    """Return the numbers [T,F] of columns, None where a cell is empty or no number, or where two readings fit."""
    cells = [[cell or "" for cell in column] for column in columns]
    if not all(all(column) and may_be_plain(column) for column in cells):
        return None
    try:
        forms = {decide(column, reading.written) for column in cells}
        values = np.stack([read_all(column, PLAIN) for column in cells], axis=1)
    except ValueError:
        return None
    if not forms <= {PLAIN, NumberFormat()} or (reading.never_three and _may_be_thousands(cells)):
        return None
    ends = (values.min(axis=0), values.max(axis=0))
    often = any(((values == end).sum(axis=0) >= OFTEN).any() for end in ends)
    return None if often or not (np.abs(values) <= LARGEST).all() else values


def _may_be_thousands(columns: Sequence[Sequence[str]]) -> bool:
    """Tell whether all points of a table may part thousands: three figures stand behind each."""
    behind = (len(cell.partition(".")[2]) for column in columns for cell in column)
    return all(count in (0, 3) for count in behind) and any("." in cell for column in columns for cell in column)
