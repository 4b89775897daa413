"""The bytes of a user's file, plain or gzipped."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from seqtool.errors import DataError, NotFound


def read_bytes(path: Path, cure: str) -> bytes:
    """Read a file's bytes, inflated where it is gzip (by its magic bytes).

    `cure` says what to give instead. Raises `NotFound`, and `DataError` for a folder, an empty or a damaged file.
    """
    where = str(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound("no such file", where=where, cure="check the path") from error
    except IsADirectoryError as error:
        raise DataError("a folder, not a file", where=where, cure=cure) from error
    except OSError as error:
        raise DataError(
            f"cannot be read: {error.strerror}", where=where, cure="check the file's permissions"
        ) from error
    if data.startswith(b"\x1f\x8b"):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"a damaged gzip file: {error}", where=where, cure="fetch it again") from error
    if not data:
        raise DataError("the file is empty", where=where, cure=cure)
    return data
