"""Named data sets: out of the cache, a mirror or the net, checked by size and sha256.

`SEQTOOL_CACHE` names the cache's folder. `SEQTOOL_MIRROR`, a folder or an http(s) address, serves
`<folder>/<file>`, plain or with `.gz`, before a file's own address is tried.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import quote

from seqtool.errors import DataError, NotFound
from seqtool.paths import replacing
from seqtool.reads import DataFile
from seqtool.task import Source, SourceFile

_BLOCK = 1 << 16


def cache_folder() -> Path:
    """Return the folder of the cache: SEQTOOL_CACHE, or the usual place of this system."""
    if named := os.environ.get("SEQTOOL_CACHE"):
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "seqtool/seqtool/Cache"
    if (xdg := Path(os.environ.get("XDG_CACHE_HOME", ""))).is_absolute():
        return xdg / "seqtool"
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "seqtool"


def fetch(source: Source, *, timeout: float = 10.0, offline: bool = False) -> tuple[DataFile, ...]:
    """Return the files of a source, downloading what is not in the cache (`timeout` in seconds a connection).

    Raises `NotFound` where a file cannot be had, `DataError` where it is not the file it should be. It is then not left
    in the cache.
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
        if file.sha256:
            with path.open("rb") as stream:
                _check(file, stream, None, where=str(path), cure=f"remove {path} and fetch it again")
    return _data_files(source)


def _data_files(source: Source) -> tuple[DataFile, ...]:
    return tuple(DataFile(_place(file), file.label, file.start, file.step, file.side) for file in source.files)


def _plain_name(file: SourceFile) -> str:
    """Return `<folder>/<file>` without `.gz`."""
    return file.name.removesuffix(".gz")


def _place(file: SourceFile) -> Path:
    return cache_folder() / _plain_name(file)


def _here(file: SourceFile) -> bool:
    path = _place(file)
    return path.is_file() and (not file.sha256 or path.stat().st_size == file.size)


def _obtain(source: Source, file: SourceFile, timeout: float, offline: bool) -> None:
    from seqtool.data.download import CURE, download, shown  # a full cache needs none of it

    path, tried = _place(file), []
    limit = file.size + file.size // 1000 + 1024  # gzip makes what it cannot shorten a little longer
    slow = ""  # a server that was left for its speed: it is not asked for another name of the file
    for address in _addresses(file):
        where = shown(str(address))
        if slow and where.startswith(slow):
            continue
        if isinstance(address, str) and offline:
            tried.append(f"{where} (offline)")
            continue
        try:
            raw = download(address, limit, timeout) if isinstance(address, str) else address.open("rb")
        except OSError as error:
            tried.append(f"{where} ({error.strerror or error})")
            slow = where.removesuffix(quote(_plain_name(file))) if isinstance(error, TimeoutError) else slow
            continue
        with raw, replacing(path) as temporary, temporary.open("wb") as plain:
            _check(file, raw, plain, where=where, cure=CURE)
        return
    raise _not_found(source, file, tried)


def _addresses(file: SourceFile) -> Iterator[str | Path]:
    """Yield the places where a file may be, in the order to try."""
    if not file.sha256:
        return
    name, mirror = _plain_name(file), os.environ.get("SEQTOOL_MIRROR", "")
    for candidate in (name, name + ".gz"):
        if mirror.startswith(("http://", "https://")):
            yield f"{mirror.rstrip('/')}/{quote(candidate)}"
        elif mirror and (Path(mirror) / candidate).is_file():
            yield Path(mirror) / candidate
    if file.url:
        yield file.url


def _check(file: SourceFile, raw: IO[bytes], into: IO[bytes] | None, *, where: str, cure: str) -> None:
    """Copy a stream, inflated where it is gzip; raises `DataError` unless it has the size and the sum of `file`."""
    zipped = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    stream = gzip.GzipFile(fileobj=raw) if zipped else raw
    sha256, size = hashlib.sha256(), 0
    try:
        # one byte more than declared is enough to refuse it: a gzip bomb is never inflated
        while block := stream.read(min(_BLOCK, file.size + 1 - size)):
            sha256.update(block)
            size += len(block)
            if into is not None:
                into.write(block)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{file.name} is damaged: {error}", where=where, cure=cure) from error
    if (sha256.hexdigest(), size) == (file.sha256, file.size):
        return
    problem = f"sha256 {sha256.hexdigest()} ({size} bytes), expected {file.sha256} ({file.size} bytes)"
    if size > file.size:
        problem = f"it is longer than the {file.size} bytes declared"
    raise DataError(f"{file.name} is not the file it should be: {problem}", where=where, cure=cure)


def _not_found(source: Source, file: SourceFile, tried: list[str]) -> NotFound:
    if tried:
        mirror = "set SEQTOOL_MIRROR to a folder or address that has it"
        cure = f"{mirror}, or give a file with --data FILE, such as one of {source.home}"
        return NotFound(f"{file.name} cannot be downloaded", where="; ".join(tried), cure=cure)
    path, size = _place(file), f" ({file.size:,} bytes)" if file.sha256 else ""
    cure = f"download {PurePosixPath(_plain_name(file)).name} there{size} and save it as {path}"
    return NotFound(f"{file.name} has no address to download it from", where=source.home, cure=cure)
