"""One file from an http(s) address, within a size and at a least speed, by the standard library alone."""

from __future__ import annotations

import base64
import errno
import re
import socket
import ssl
import string
import tempfile
import threading
import time
from http.client import (
    BadStatusLine,
    HTTPException,
    HTTPResponse,
    IncompleteRead,
    InvalidURL,
    LineTooLong,
    RemoteDisconnected,
    UnknownProtocol,
)
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote_to_bytes, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from seqtool.errors import DataError

CURE = "try again later, or set SEQTOOL_MIRROR to a folder or address that has the right file"
_BLOCK = 1 << 16
# Bytes a second, averaged over each `timeout` seconds: the whole takes at most `limit / _LEAST` and a `timeout`.
_LEAST = 4096
_SILENT, _CUT = "no answer in time", "cut short: less came than was announced"
_LONGEST = 3600.0  # seconds for a whole file, whatever its size


def shown(address: str) -> str:
    """Return an address for people to read, without the name and password that it may hold."""
    return re.sub(r"//([^/?#]*|[^/]*:.*)@", "//***@", address)  # a password may have an unescaped / in it


def download(address: str, limit: int, timeout: float) -> IO[bytes]:
    """Return what is at an address as an open temporary file.

    timeout: seconds without an answer, and between two looks at the speed. Raises `OSError` with the reason in words,
    which is a `TimeoutError` for a server that is too slow, `DataError` past `limit` bytes.
    """
    raw = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    faults: list[Exception] = []
    # No timeout of a socket bounds a look-up of a name, or headers that come byte by byte: a thread waits for them, and
    # this one watches. A thread that is left writes into a closed file, or ends with the process.
    receiver = threading.Thread(target=_receive, args=(address, limit, timeout, raw, faults), daemon=True)
    try:
        receiver.start()
        receiver.join(timeout)
        before, end = 0, time.monotonic() + _LONGEST
        while receiver.is_alive():
            if (came := raw.tell()) - before < _LEAST * timeout:
                slow = f"too slow: {came - before:,} bytes in {timeout:g} s, and {_LEAST:,} a second are the least"
                raise TimeoutError(slow if came else _SILENT)
            if time.monotonic() > end:
                raise TimeoutError(f"not whole after {_LONGEST:,.0f} s")
            before = came
            receiver.join(timeout)
        for fault in faults:
            raise (TimeoutError if _reason(fault) == _SILENT else OSError)(_reason(fault)) from fault
        if raw.tell() > limit:
            raise DataError("the download is longer than declared", where=shown(address), cure=CURE)
        raw.seek(0)
    except BaseException:
        raw.close()
        raise
    return raw


def _receive(address: str, limit: int, timeout: float, raw: IO[bytes], faults: list[Exception]) -> None:
    """Write what is at an address into `raw`, up to a block past `limit`, and an error into `faults`."""
    try:
        with urlopen(_request(address), timeout=timeout) as response:
            if not isinstance(response, HTTPResponse):
                raise ValueError("an address of http or https leads to another kind")
            while raw.tell() <= limit and (block := response.read1(_BLOCK)):
                raw.write(block)
            if response.length and raw.tell() <= limit:
                raise IncompleteRead(b"")
    except (OSError, HTTPException, ValueError) as error:
        if isinstance(error, HTTPError):
            error.close()  # it holds the connection
        faults.append(error)


def _request(address: str) -> Request:
    parts = urlsplit(address)
    login, _, host = parts.netloc.rpartition("@")
    path = quote(parts.path, safe=string.punctuation)
    request = Request(urlunsplit(parts._replace(netloc=host, path=path)))
    request.add_header("User-Agent", "seqtool")
    if login:
        basic = base64.b64encode(unquote_to_bytes(login)).decode()
        request.add_unredirected_header("Authorization", f"Basic {basic}")  # a redirect may lead to another host
    return request


# What came, by the exception of http.client, the narrower first; its texts are the server's and are not shown.
_CAME: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (IncompleteRead, _CUT),
    (RemoteDisconnected, "the server closed the connection without an answer"),
    (InvalidURL, "no http address"),
    ((BadStatusLine, UnknownProtocol), "what answers does not speak HTTP"),
    (LineTooLong, "its headers are too long"),
    (HTTPException, "its headers are no HTTP, or too many"),
    (ConnectionResetError, "the server cut the connection"),
)


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        return f"HTTP {error.code}"
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, TimeoutError):
        return _SILENT
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "its certificate is not trusted"
    if isinstance(cause, OSError) and cause.errno == errno.ENOSPC:
        return "no space left for temporary files"
    if isinstance(cause, socket.gaierror):
        return "no such host"
    for kinds, words in _CAME:
        if isinstance(cause, kinds):
            return words
    return "no connection" if isinstance(cause, (OSError, HTTPException)) else "no http address"
