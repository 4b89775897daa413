"""Tables that programs write, Parquet and Excel, as the text of their cells; polars loads where a file is one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seqtool.data.files import is_parquet
from seqtool.data.text_table import Table
from seqtool.errors import DataError


def written_table(data: bytes, path: Path) -> Table | None:
    """Return the table in the bytes of a Parquet or an .xlsx file, None where they are neither.

    The first row of a sheet is a row like others: who reads it knows what a header looks like. Raises `DataError` for
    a damaged file, and `MissingExtra` without the reader of Excel.
    """
    if is_parquet(data):
        from seqtool.data.tables import read_parquet

        return read_parquet(data, path)
    # the names of an archive's files stand in it as they are
    if data.startswith(b"PK") and b"xl/workbook.xml" in data:
        from seqtool.data.excel import read_excel

        return read_excel(data, path, "no")
    return None


@contextmanager
def naming_sheet(table: Table) -> Iterator[None]:
    """Say in each `DataError` which sheet of an Excel file was read, where it has others with rows."""
    try:
        yield
    except DataError as error:
        said = next((finding.text for finding in table.findings if finding.code == "sheets"), "")
        if said:
            error.where = f"{error.where}: {said}"
            error.cure = f"{error.cure}; or put the sheet that is meant first"
        raise
