"""Parquet and Excel files are read once in a process of their own, before they are read here.

The readers are libraries of Rust. Where a damaged file asks them for more memory than there is, they end the process,
and no exception tells of it; a small file that was made to explode takes all memory. The process of its own may use
memory in proportion to the file (on Linux), and ends alone.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from seqtool.data.limits import INFLATED, most_inflated
from seqtool.errors import DataError, SeqtoolError, reading, reason

COPIES = 3
"""Times that a file stands in memory while it is read: packed, inflated, as columns."""
CELL = 16
"""Bytes that count for a cell: a page of one value may stand for millions of them."""
_TOO_MUCH, _DAMAGED = 3, 4


def hold_readable(kind: str, data: bytes, where: str, cure: str) -> None:
    """Raise `DataError` for a Parquet or Excel file whose reader fails, ends its process, or takes too much memory.

    kind: `Parquet` or `Excel`.
    """
    command = [sys.executable, "-P", "-m", "seqtool.data.probe", kind, str(COPIES * most_inflated(len(data)))]
    reader = subprocess.run(command, input=data, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if not reader.returncode:
        return
    if reader.returncode == _DAMAGED:
        words = reader.stderr.decode("utf-8", "replace").rpartition("\n")[2]  # above them Rust tells of its panic
        raise DataError(words, where=where, cure=cure)
    what = "the reader of the file failed or asked for too much memory: it is damaged, or holds far more than its size"
    raise DataError(what, where=where, cure=f"{cure}; or as CSV; {INFLATED.raised()}")


def _limit_memory(more: int) -> None:
    """Allow this process `more` bytes beyond what it has; systems other than Linux do not tell what that is."""
    if sys.platform != "linux":
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    most, (_, hard) = pages * resource.getpagesize() + more, resource.getrlimit(resource.RLIMIT_AS)
    with suppress(ValueError):  # a lower limit holds already
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # it may abort, and nobody wants its memory on the disk


def _read(kind: str, data: bytes) -> int:
    """Read a file as those do whom this module serves; return the bytes that its cells take."""
    import polars

    if kind == "Parquet":
        frames = [polars.read_parquet(io.BytesIO(data))]
    else:
        import fastexcel

        book = fastexcel.read_excel(data)
        frames = [book.load_sheet(name, header_row=None, dtypes="string").to_polars() for name in book.sheet_names]
    return sum(max(int(frame.estimated_size()), CELL * frame.height * frame.width) for frame in frames)


def _warm_up(kind: str) -> None:
    """Start what the reader needs for any file: the libraries and their threads are no part of the limit."""
    import polars

    if kind == "Excel":
        import fastexcel  # noqa: F401 (loaded, not used yet)
    small = io.BytesIO()
    polars.DataFrame({"a": [1]}).write_parquet(small)
    polars.read_parquet(small.getvalue())


def main(kind: str, most: int) -> None:
    """Read standard input; end with a code that says what came of it, and its words on stderr."""
    os.environ["POLARS_MAX_THREADS"] = "1"  # each thread takes addresses of its own
    data = sys.stdin.buffer.read()
    _warm_up(kind)
    _limit_memory(most)
    try:
        with reading("", "", f"{kind} file"):
            too_much = _read(kind, data) > most // COPIES
    except (OSError, SeqtoolError) as error:
        sys.stderr.write(error.what if isinstance(error, SeqtoolError) else reason(error))
        sys.stderr.flush()
        os._exit(_DAMAGED)
    os._exit(_TOO_MUCH if too_much else 0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
