"""Tables in files: separated values, JSON, gzipped or not, Parquet, Excel, NumPy. Here and in `excel.py` is polars."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from seqtool.data.chosen_columns import refuse_absent
from seqtool.data.clean import clean
from seqtool.data.decode import decode
from seqtool.data.files import inflated, is_parquet, read_bytes
from seqtool.data.limits import hold_columns
from seqtool.data.number_table import parse_table
from seqtool.data.probe import hold_readable
from seqtool.data.reading import Reading
from seqtool.data.separated import MARKS
from seqtool.data.series import Series, join, refuse_unlearnable, stamped
from seqtool.data.text_table import Table
from seqtool.errors import DataError, UsageError, reading
from seqtool.reads import DataFile, Finding
from seqtool.say import printable

if TYPE_CHECKING:
    import polars

_EPOCH = date(1970, 1, 1).toordinal()
FIRST_DAY, LAST_DAY = date.min.toordinal() - _EPOCH, date.max.toordinal() - _EPOCH
"""Days from 1970 to the first and the last of Python's calendar."""
_CURE = "give a CSV or TSV file (gzipped or not), JSON Lines, a Parquet, an Excel or a NumPy file"
JSON = ("jsonl", "json")
FEWEST_DATES = 3  # columns of a table with dates as names
ZIP, NUMPY = b"PK\x03\x04", b"\x93NUMPY"


def read_table(path: Path, reading: Reading | None = None) -> Table:
    """Read a table as text.

    Raises `NotFound`, or `DataError` where the file is empty, damaged or no table.
    """
    reading = reading or Reading()
    return table_of_bytes(read_bytes(path, _CURE), path, reading)


def table_of_bytes(data: bytes, path: Path, reading: Reading) -> Table:
    """Read the bytes of a file, or of a pipe, as `read_table` does."""
    data = inflated(data, str(path))
    if is_parquet(data):
        return read_parquet(data, path)
    if data.startswith(NUMPY):
        return _npy(data, path)
    if data.startswith(ZIP):
        from seqtool.data.excel import read_excel  # few tables are Excel's

        return _by_columns(read_excel(data, path, reading.header), str(path), reading.date_order)
    return table_of_text(data, str(path), reading, tabs=_tabs(path))


def table_of_text(data: bytes, where: str, reading: Reading, *, tabs: bool = False) -> Table:
    """Read the bytes of separated values or JSON as a table; raises `DataError` where they are none."""
    read = decode(data, where, reading.encoding)
    del data
    if reading.format not in ("auto", *MARKS, *JSON):
        cure = f"--format {', '.join((*MARKS, *JSON))}, or leave it out"
        raise UsageError(f"a table is not read as --format {reading.format}", where=where, cure=cure)
    if reading.format in JSON or (reading.format == "auto" and read.text.lstrip()[:1] in ("{", "[")):
        from seqtool.data.json_lines import read_objects  # few tables are JSON

        if (numbers := _json_numbers(read.text)) is not None:
            note = Finding("note", "format", "read as a JSON array of numbers")
            return Table({"value": numbers}, findings=(*read.findings, note), named=False, numeric=("value",))
        objects = read_objects(read.text, where, reading.format)
        if objects is not None:
            from seqtool.data.json_series import series_table

            table = series_table(objects, where)
            return replace(table, findings=(*read.findings, *table.findings))
    table = parse_table(
        read.text, where, format=reading.format, header=reading.header, tabs=tabs, decimal=reading.decimal,
        mark=reading.mark,
    )  # fmt: skip
    return _by_columns(replace(table, findings=(*read.findings, *table.findings)), where, reading.date_order)


def _by_columns(table: Table, where: str, order: str) -> Table:
    """Turn a table of one series a row, order being that of day and month; any other table stays as it is."""
    if len(table.columns) <= FEWEST_DATES or not [*table.columns][-1][-1:].isdigit():
        return table
    from seqtool.data.series_rows import as_columns, by_dates, holds_series  # few tables have such names

    table = by_dates(table, where, order) if table.named else table
    return as_columns(table, where) if holds_series(table) else table


def _json_numbers(text: str) -> list[str | None] | None:
    """Return the cells of a JSON array of numbers and nulls, None for any other text."""
    import json

    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, list) or any(isinstance(value, bool) for value in values):
        return None
    if not all(value is None or isinstance(value, (int, float)) for value in values):
        return None
    return [None if value is None else repr(value) for value in values]


def _tabs(path: Path) -> bool:
    return path.name.lower().removesuffix(".gz").endswith((".tsv", ".tab"))


def _npy(data: bytes, path: Path) -> Table:
    where, cure = str(path), "save a float array of shape [T] or [T,F]"
    with reading(where, cure, "NumPy file"):
        array = np.load(io.BytesIO(data), allow_pickle=False)  # unpickling a stranger's file would run its code
    if array.dtype.kind not in "iufb":
        raise DataError(f"an array of {array.dtype}, not of numbers", where=where, cure=cure)
    numbers = np.asarray(array, dtype=np.float64)
    if numbers.ndim not in (1, 2) or not numbers.size:
        raise DataError(f"an array of shape {list(numbers.shape)}", where=where, cure=cure)
    hold_columns(numbers.shape[-1] if numbers.ndim > 1 else 1, where)
    columns = {"value": numbers} if numbers.ndim == 1 else dict(_numbered(numbers))
    cells: dict[str, list[str | None]] = {name: [*map(repr, column.tolist())] for name, column in columns.items()}
    return Table(cells, named=False, numeric=list(columns))


def _numbered(numbers: np.ndarray) -> list[tuple[str, np.ndarray]]:
    return [(f"column_{place}", column) for place, column in enumerate(numbers.T, start=1)]


def read_parquet(data: bytes, path: Path) -> Table:
    """Read the bytes of a Parquet file; raises `DataError` where they are damaged."""
    import polars
    from polars import selectors

    where, cure = str(path), "write the Parquet file again"
    hold_readable("Parquet", data, where, cure)
    with reading(where, cure, "Parquet file"):
        frame = polars.read_parquet(io.BytesIO(data))
    structs = [column for column in frame.get_columns() if column.dtype == polars.Struct]
    inner = [name for column in structs for name in column.struct.fields]
    if structs and len({*frame.columns, *inner}) == len(frame.columns) + len(inner):
        frame = frame.unnest([column.name for column in structs])  # such as `translation`, with a field a language
    frame = frame.with_columns(selectors.float().fill_nan(None))  # pandas and NumPy say so of a missing cell
    # by Python's str: dates become ISO text, floats the shortest text that reads back the same
    columns: dict[str, list[str | None]] = {}
    for column in frame.get_columns():
        if _beyond_calendar(column):
            what = f"column '{printable(column.name)}' holds dates beyond the years 1 to 9999"
            raise DataError(what, where=str(path), cure="mend them, or write the file without that column")
        columns[column.name] = [None if cell is None else str(cell) for cell in column.to_list()]
    numeric = [column.name for column in frame.get_columns() if column.dtype.is_numeric() or column.dtype.is_temporal()]
    return Table(columns, findings=(Finding("note", "format", "read as Parquet"),), numeric=numeric)


def _beyond_calendar(column: polars.Series) -> bool:
    """Whether a column of dates has one that Python's calendar has not: polars would panic."""
    import polars

    if column.dtype == polars.Date:
        a_day = 1
    elif isinstance(column.dtype, polars.Datetime):
        a_day = {"ms": 1, "us": 10**3, "ns": 10**6}[column.dtype.time_unit] * 24 * 3600 * 10**3
    else:
        return False
    physical = column.to_physical()
    ends = [cast("int | None", end) for end in (physical.min(), physical.max())]
    return any(end is not None and not FIRST_DAY <= end // a_day <= LAST_DAY for end in ends)


def read_series(
    files: Sequence[DataFile],
    *,
    columns: Sequence[str] = (),
    preferred: Sequence[str] = ("close", "value", "y"),
    id_column: Sequence[str] = (),
    reading: Reading | None = None,
    for_training: bool = True,
    many: bool | None = False,
) -> Series:
    """Read and clean each file; several are joined on their time stamps, named by their labels or stems.

    Raises what `read_table`, `clean` and `join` raise.
    """
    labels = [file.label or file.path.name.split(".")[0] for file in files]
    several = len(files) > 1
    parts = []
    tables = [read_table(file.path, reading) for file in files]
    for name in reading.ignore if reading else ():
        refuse_absent(name, tables, ", ".join(str(file.path) for file in files))
    for table, file, label in zip(tables, files, labels, strict=True):
        series = clean(
            table, columns=columns, preferred=preferred, id_column=id_column, reading=reading,
            where=str(file.path), label=label if several else "", for_training=for_training, many=many,
        )  # fmt: skip
        parts.append(stamped(series, file.start, file.step))
    if not several:
        return parts[0]
    joined = join(parts, labels)
    if for_training:  # a model may read some of the columns only
        refuse_unlearnable(joined, ", ".join(str(file.path) for file in files))
    return joined
