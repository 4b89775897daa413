"""Named data sets: out of the cache, a mirror or the net, checked by size and sha256. The one home of pooch.

`SEQTOOL_CACHE` names the cache's folder. `SEQTOOL_MIRROR`, a folder or an http(s) address, serves
`<folder>/<file>`, plain or with `.gz`, before a file's own address is tried.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import quote

import pooch

from seqtool.errors import DataError, NotFound
from seqtool.paths import replacing
from seqtool.task import DataFile, Source, SourceFile

_BLOCK = 1 << 16
_CURE = "try again later, or set SEQTOOL_MIRROR to a folder or address that has the right file"


def cache_folder() -> Path:
    """Return the folder of the cache: SEQTOOL_CACHE, or the usual place of this system."""
    return Path(os.environ.get("SEQTOOL_CACHE") or pooch.os_cache("seqtool"))


def fetch(source: Source, *, timeout: float = 10.0, offline: bool = False) -> tuple[DataFile, ...]:
    """Return the files of a source, downloading what is not in the cache (`timeout` in seconds a connection).

    Raises `NotFound` where a file cannot be had, `DataError` where it is not the file it should be; nothing
    is left in the cache then.
    """
    for file in source.files:
        if not _here(file):
            _obtain(source, file, timeout, offline)
    return _data_files(source)


def cached(source: Source) -> bool:
    """Tell whether every file of a source is in the cache, at its size."""
    return all(_here(file) for file in source.files)


def verify(source: Source) -> tuple[DataFile, ...]:
    """Check the cached files against their sums again.

    Raises `NotFound` where one is not in the cache, `DataError` where one has changed.
    """
    for file in source.files:
        path = _place(file)
        if not path.is_file():
            raise NotFound(f"{file.name} is not in the cache", cure=f"seqtool sources fetch {source.name}")
        if not file.sha256:
            continue
        with path.open("rb") as stream:
            _check(file, *_pour(stream, None, file), where=str(path), cure=f"remove {path} and fetch it again")
    return _data_files(source)


def _data_files(source: Source) -> tuple[DataFile, ...]:
    return tuple(DataFile(_place(file), file.label, file.start, file.step, file.side) for file in source.files)


def _plain_name(file: SourceFile) -> str:
    """Return `<folder>/<file>` without `.gz`; raises `DataError` where it would leave the cache."""
    parts = PurePosixPath(file.name).parts
    if not parts or ".." in parts or file.name.startswith("/") or any(char in file.name for char in "\\:\0"):
        raise DataError(f"a data set's file outside the cache: {file.name!r}", cure="tell its plugin's author")
    return file.name.removesuffix(".gz")


def _place(file: SourceFile) -> Path:
    return cache_folder() / _plain_name(file)


def _here(file: SourceFile) -> bool:
    path = _place(file)
    return path.is_file() and (not file.sha256 or path.stat().st_size == file.size)


def _obtain(source: Source, file: SourceFile, timeout: float, offline: bool) -> None:
    """Bring one file into the cache, whole and checked or not at all."""
    path, tried = _place(file), []
    for address in _addresses(file):
        if isinstance(address, str) and offline:
            tried.append(f"{address} (offline)")
            continue
        try:
            raw = _download(address, file, timeout) if isinstance(address, str) else address.open("rb")
        except OSError as error:
            tried.append(f"{address} ({_reason(error)})")
            continue
        with raw, replacing(path) as temporary, temporary.open("wb") as plain:
            _check(file, *_pour(raw, plain, file), where=str(address), cure=_CURE)
        return
    raise _not_found(source, file, tried)


def _addresses(file: SourceFile) -> Iterator[str | Path]:
    """Yield the places where a file may be, in the order to try."""
    if not file.sha256:
        return
    name, mirror = _plain_name(file), os.environ.get("SEQTOOL_MIRROR", "")
    for candidate in (name, name + ".gz") if mirror else ():
        if mirror.startswith(("http://", "https://")):
            yield f"{mirror.rstrip('/')}/{quote(candidate)}"
        elif (Path(mirror) / candidate).is_file():
            yield Path(mirror) / candidate
    if file.url:
        yield file.url


def _download(address: str, file: SourceFile, timeout: float) -> IO[bytes]:
    """Return what is at an address as an open temporary file; raises `OSError` (of requests)."""
    logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # what went wrong is said once, by us
    raw = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    try:
        limit = file.size + file.size // 1000 + 1024  # gzip makes what it cannot shorten a little longer
        pooch.HTTPDownloader(progressbar=False, chunk_size=_BLOCK, timeout=timeout)(
            address, _Bounded(raw, limit, address), None
        )
    except BaseException:
        raw.close()
        raise
    raw.seek(0)
    return raw


class _Bounded:
    """A file that takes so many bytes and no more: a server may send without end."""

    def __init__(self, stream: IO[bytes], limit: int, where: str) -> None:
        self._stream, self._left, self._where = stream, limit, where

    def write(self, block: bytes) -> int:
        """Write a block; raises `DataError` past the limit."""
        self._left -= len(block)
        if self._left < 0:
            raise DataError("the download is longer than declared", where=self._where, cure=_CURE)
        return self._stream.write(block)

    def flush(self) -> None:
        """Do nothing: this process reads the file, through the same buffer."""


def _pour(raw: IO[bytes], into: IO[bytes] | None, file: SourceFile) -> tuple[str, int]:
    """Copy a stream, inflated where it is gzip, up to one byte more than declared; return sha256 and size."""
    zipped = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    stream = gzip.GzipFile(fileobj=raw) if zipped else raw
    sha256, size = hashlib.sha256(), 0
    try:
        while block := stream.read(min(_BLOCK, file.size + 1 - size)):
            sha256.update(block)
            size += len(block)
            if into is not None:
                into.write(block)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{file.name} is damaged: {error}", cure=_CURE) from error
    return sha256.hexdigest(), size


def _check(file: SourceFile, sha256: str, size: int, *, where: str, cure: str) -> None:
    if (sha256, size) == (file.sha256, file.size):
        return
    problem = f"sha256 {sha256} ({size} bytes), expected {file.sha256} ({file.size} bytes)"
    if size > file.size:
        problem = f"it is longer than the {file.size} bytes declared"
    raise DataError(f"{file.name} is not the file it should be: {problem}", where=where, cure=cure)


def _reason(error: OSError) -> str:
    """Say why an address gave nothing (the errors of requests are OSErrors)."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"HTTP {response.status_code}"
    return error.strerror or ("no answer in time" if "Timeout" in type(error).__name__ else "no connection")


def _not_found(source: Source, file: SourceFile, tried: list[str]) -> NotFound:
    if tried:
        return NotFound(
            f"{file.name} cannot be downloaded",
            where="; ".join(tried),
            cure="set SEQTOOL_MIRROR to a folder or address that has it, or give a file with --data FILE, "
            f"such as one of {source.home}",
        )
    name, size = PurePosixPath(_plain_name(file)).name, f" ({file.size:,} bytes)" if file.sha256 else ""
    return NotFound(
        f"{file.name} has no address to download it from",
        where=source.home,
        cure=f"download {name} there{size} and save it as {_place(file)}",
    )
