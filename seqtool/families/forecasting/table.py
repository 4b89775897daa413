"""DataFrames of polars and pandas: read as a table is, and answered by one of the same library."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

import numpy as np

from seqtool.data.columns import mostly
from seqtool.data.grid import Grid
from seqtool.data.number_dates import is_epoch
from seqtool.data.reading import Reading
from seqtool.data.series import Series
from seqtool.data.stamps import plain_stamps
from seqtool.data.text_table import Table
from seqtool.errors import DataError, UsageError
from seqtool.families.forecasting.history import from_arrays, from_table
from seqtool.types import Array, Floats, Json

Frame = TypeVar("Frame")
WHERE = "the table"


def read_frame(
    table: object, columns: Sequence[str], config: Json, reading: Reading, grid: Grid | None = None
) -> Series:
    """Make a DataFrame into the history of a model of `columns`, trained with `config`, as if it were a file.

    Its text is `reading`; its numbers and stamps are what they are.

    Raises `UsageError` for anything but a DataFrame of polars or pandas, and what `history.from_table` raises.
    """
    frame = _columns(table)
    arrays = {name: _array(column) for name, column in frame.items()}
    if any(array is not None and array.dtype.kind == "M" for array in arrays.values()):
        reading = replace(reading, date_format="")  # that of texts
    # Stamps and numbers do not go through text, which costs a millisecond for some hundred rows.
    plain = {name: _stamps(frame[name]) if array is None else array for name, array in arrays.items()}
    as_text = reading.no_time or reading.date_format
    series = None if as_text else from_arrays(plain, columns, config, reading, WHERE, grid)
    if series is not None:
        return series
    text = {name: _cells(column, arrays[name]) for name, column in frame.items()}
    numeric = [name for name, array in arrays.items() if array is not None and array.dtype.kind in "fiuM"]
    return from_table(Table(text, numeric=numeric), columns, config, reading, WHERE, grid)


def _columns(table: Any) -> dict[str, Any]:
    if _is_frame(table, "polars"):
        columns = [(column.name, column) for column in table.get_columns()]
    elif _is_frame(table, "pandas"):
        columns = list(table.items())
        columns = [*_index(table.index), *columns]
    else:
        raise UsageError(f"{type(table).__name__} is not a DataFrame", cure="give a DataFrame of polars or pandas")
    named = {str(name): column for name, column in columns}
    if len(named) < len(columns):
        raise DataError("two columns have one name", where=WHERE, cure="give every column a name of its own")
    return named


def _index(index: Any) -> list[tuple[str, Any]]:
    """Return the columns that pandas keeps in an index: names, and stamps as times, periods, text, or since 1970."""
    if isinstance(index, sys.modules["pandas"].MultiIndex):
        levels = [(name or f"level_{place}", index.get_level_values(place)) for place, name in enumerate(index.names)]
    else:
        levels = [(index.name or "index", index)]
    # row numbers are none
    kept = [
        (name, level)
        for name, level in levels
        if level.dtype.kind not in "iufb" or mostly(list(map(str, level[:100])), is_epoch)
    ]
    return [(name, level.to_series()) for name, level in kept]


def _is_frame(table: object, library: str) -> bool:
    module = sys.modules.get(library)  # without an import: a library that nobody has imported made no table
    return module is not None and isinstance(table, module.DataFrame)


def _array(column: Any) -> Array | None:
    """Return a column of numbers as [T] float64, one of stamps as [T] datetime64[s]; None for any other."""
    array: Array = column.to_numpy()
    if array.dtype.kind == "M":  # polars would leave the time zone out
        return array.astype("datetime64[s]") if getattr(column.dtype, "time_zone", None) is None else None
    if array.dtype.kind == "O":
        return _numbers(array.tolist(), _missing(column))
    return array.astype(np.float64) if array.dtype.kind in "iuf" else None


def _numbers(values: Sequence[Any], missing: Sequence[bool]) -> Floats | None:
    """Return Python's numbers as [T] float64, NaN where one is missing; None where a value is no number.

    As text, 1.850 of a database would be read by the marks of the training table.
    """
    from decimal import Decimal  # few frames hold objects

    if not all(gone or type(value) in (int, float, Decimal) for value, gone in zip(values, missing, strict=True)):
        return None
    return np.array([np.nan if gone else float(value) for value, gone in zip(values, missing, strict=True)])


def _missing(column: Any) -> list[bool]:
    """Tell which values of a column of polars or pandas are missing."""
    missing: list[bool] = (column.is_null() if hasattr(column, "is_null") else column.isna()).to_list()
    return missing


def _stamps(column: Any) -> Array | None:
    """Return a column of text as [T] datetime64[s] where every cell is a plain ISO stamp, else None."""
    cells = column.to_list()
    return plain_stamps(cells) if all(isinstance(cell, str) for cell in cells) else None


def _cells(column: Any, array: Array | None) -> list[str | None]:
    """Return the cells of a column of either library as text, None where one is missing."""
    values = column.to_list()
    if array is None:
        missing = _missing(column)
    else:
        missing = (array != array).tolist()  # NaN or NaT; to polars a NaN is no missing value
        if array.dtype.kind == "M":
            values = np.datetime_as_string(array).tolist()  # whole seconds; `str` shows a fraction, and takes longer
    return [None if gone else str(value) for gone, value in zip(missing, values, strict=True)]


def like(table: Frame, columns: Mapping[str, Sequence[str] | Array]) -> Frame:
    """Make columns into a DataFrame of the library of `table`; missing values are null in polars, NaN in pandas."""
    if _is_frame(table, "polars"):
        return cast(Frame, sys.modules["polars"].DataFrame(columns, nan_to_null=True))  # to polars NaN is a number
    return cast(Frame, sys.modules["pandas"].DataFrame(columns))
