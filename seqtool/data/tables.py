"""Tables in files: separated values, gzipped or not, Parquet, NumPy. The one home of polars."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seqtool.data.files import read_bytes
from seqtool.data.series import Series, clean, join, refuse_unlearnable, stamped
from seqtool.data.text_table import parse_table, printable
from seqtool.errors import DataError
from seqtool.task import DataFile

_CURE = "give a UTF-8 CSV or TSV file (gzipped or not), a Parquet or a NumPy file"


def read_table(path: Path) -> dict[str, list[str | None]]:
    """Read a table as text: column name -> cells, all of one length.

    Raises `NotFound`, or `DataError` where the file is empty, damaged or no table.
    """
    data = read_bytes(path, _CURE)
    if data.startswith(b"PAR1"):
        return _parquet(data, path)
    if data.startswith(b"\x93NUMPY"):
        return _npy(data, path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        what = f"not UTF-8 text: byte {error.start + 1} is 0x{data[error.start]:02x}"
        raise DataError(what, where=str(path), cure=_CURE) from error
    if "\0" in text:
        raise DataError("a binary file, not a table", where=str(path), cure=_CURE)
    name = path.name.lower().removesuffix(".gz")
    return parse_table(text, str(path), delimiter="\t" if name.endswith((".tsv", ".tab")) else "")


def _npy(data: bytes, path: Path) -> dict[str, list[str | None]]:
    where, cure = str(path), "save a float array of shape [T] or [T,F]"
    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)  # unpickling a stranger's file would run its code
        numbers = np.asarray(array, dtype=np.float64)
    except (ValueError, EOFError, TypeError) as error:
        raise DataError("no NumPy file of numbers", where=where, cure=cure) from error
    if numbers.ndim not in (1, 2) or not numbers.size:
        raise DataError(f"an array of shape {list(numbers.shape)}", where=where, cure=cure)
    if numbers.ndim == 1:
        return {"value": [repr(float(cell)) for cell in numbers]}
    return {f"column_{n}": [repr(float(cell)) for cell in column] for n, column in enumerate(numbers.T, start=1)}


def _parquet(data: bytes, path: Path) -> dict[str, list[str | None]]:
    import polars

    try:
        # by Python's str: dates become ISO text, floats the shortest text that reads back the same
        columns = polars.read_parquet(io.BytesIO(data)).get_columns()
        return {column.name: [None if cell is None else str(cell) for cell in column.to_list()] for column in columns}
    except (polars.exceptions.PolarsError, polars.exceptions.PanicException, OSError, ValueError) as error:
        reason = printable(str(error).partition("\n")[0], 100)
        raise DataError(f"damaged Parquet: {reason}", where=str(path), cure="write it again") from error


def read_series(
    files: Sequence[DataFile],
    *,
    columns: Sequence[str] = (),
    preferred: Sequence[str] = ("close", "value", "y"),
    time_column: str = "",
    id_column: str = "",
    for_training: bool = True,
) -> Series:
    """Read and clean each file; several are joined on their time stamps, named by their labels or stems.

    Raises what `read_table`, `clean` and `join` raise.
    """
    labels = [file.label or file.path.name.split(".")[0] for file in files]
    several = len(files) > 1
    parts = []
    for file, label in zip(files, labels, strict=True):
        series = clean(
            read_table(file.path), columns=columns, preferred=preferred, time_column=time_column, id_column=id_column,
            where=str(file.path), label=label if several else "", for_training=for_training,
        )  # fmt: skip
        parts.append(stamped(series, file.start, file.step))
    if not several:
        return parts[0]
    joined = join(parts, labels)
    refuse_unlearnable(joined, ", ".join(str(file.path) for file in files), constant=for_training)
    return joined
