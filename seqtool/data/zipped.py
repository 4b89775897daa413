"""The members of a .zip file, read one after the other, within limits."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from seqtool.data.limits import unpacked
from seqtool.errors import DataError, reading

MOST_MEMBERS = 20_000
MOST_BYTES = 256 << 20  # of all members read, inflated
_CURE = "give a .zip file that is whole and has no password, or the files in it"


def is_zip(data: bytes) -> bool:
    """Tell a .zip file by its first bytes."""
    return data.startswith(b"PK\x03\x04")


def members(data: bytes, suffix: str, where: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the members whose names end in `suffix`, ordered by name, without any README.

    Raises `DataError` for an archive that is damaged, encrypted or larger than the limits.
    """
    # streamed: nothing is unpacked, so a path in the archive that leads out of it does no harm
    left = MOST_BYTES
    packed = io.BytesIO(data)
    with _opened(packed, where) as archive:
        names = archive.infolist()
        if len(names) > MOST_MEMBERS:
            raise DataError(f"more than {MOST_MEMBERS:,} files in a .zip", where=where, cure=_CURE)
        for info in sorted(names, key=lambda info: info.filename):
            name = PurePosixPath(info.filename).name
            if name.endswith(suffix) and not name.startswith("README"):
                content = _content(archive, info, packed, left, where)
                left -= len(content)
                yield info.filename, content


def _opened(packed: io.BytesIO, where: str) -> zipfile.ZipFile:
    with reading(where, _CURE, ".zip file"):
        return zipfile.ZipFile(packed)


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, packed: io.BytesIO, most: int, where: str) -> bytes:
    where = f"{where}, member {info.filename!r}"
    if info.flag_bits & 1:
        raise DataError("the .zip file is encrypted", where=where, cure=_CURE)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DataError("the .zip file is compressed in an unusual way", where=where, cure="zip it with deflate")
    try:
        with reading(where, _CURE, ".zip file"), archive.open(info) as stream:
            content = unpacked(stream, packed, where)  # what a member declares may be a lie
    except OSError as error:
        raise DataError(f"a damaged .zip file: {error}", where=where, cure=_CURE) from error
    if len(content) > most:
        raise DataError(f"the .zip file holds more than {MOST_BYTES >> 20} MiB", where=where, cure=_CURE)
    return content
