"""Members of a .zip file, streamed: nothing is unpacked, no path in it is ever used."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from seqtool.data.files import read_bytes
from seqtool.errors import DataError

MOST_MEMBERS = 20_000
MOST_BYTES = 256 << 20
"""Of all members read, inflated."""
_CURE = "give a .zip file that is whole and has no password, or the files in it"


def members(path: Path, suffix: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the members whose names end in `suffix`, ordered by name; a README is none of them.

    Raises `NotFound`, and `DataError` for a damaged or encrypted file, too many members, or too many bytes.
    """
    left = MOST_BYTES
    with _opened(path) as archive:
        names = archive.infolist()
        if len(names) > MOST_MEMBERS:
            raise DataError(f"more than {MOST_MEMBERS:,} files in a .zip", where=str(path), cure=_CURE)
        for info in sorted(names, key=lambda info: info.filename):
            name = PurePosixPath(info.filename).name
            if name.endswith(suffix) and not name.startswith("README"):
                content = _read(archive, info, left, path)
                left -= len(content)
                yield info.filename, content


def _opened(path: Path) -> zipfile.ZipFile:
    # zipfile has many words for damage; NotImplementedError is a form of archive that it lacks
    try:
        return zipfile.ZipFile(io.BytesIO(read_bytes(path, _CURE)))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise DataError(f"a damaged .zip file: {error}", where=str(path), cure=_CURE) from error


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int, path: Path) -> bytes:
    where = f"{path}, member {info.filename!r}"
    if info.flag_bits & 1:
        raise DataError("the .zip file is encrypted", where=where, cure=_CURE)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError("the .zip file is compressed in an unusual way", where=where, cure="zip it with deflate")
    # beside zipfile's own words those of the inflater, and of a place in the archive that cannot be
    try:
        with archive.open(info) as stream:
            content = stream.read(most + 1)  # what a member declares may be a lie
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise DataError(f"a damaged .zip file: {error or 'it is cut short'}", where=where, cure=_CURE) from error
    if len(content) > most:
        raise DataError(f"the .zip file holds more than {MOST_BYTES >> 20} MiB", where=where, cure=_CURE)
    return content
