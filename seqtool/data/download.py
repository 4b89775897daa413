"""One file from an http(s) address, within a size and at a least speed, by the standard library alone."""

from __future__ import annotations

import base64
import errno
import re
import ssl
import string
import tempfile
import threading
from http.client import HTTPException, HTTPResponse
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote_to_bytes, urlsplit, urlunsplit
from urllib.request import Request, urlopen

from seqtool.errors import DataError

CURE = "try again later, or set SEQTOOL_MIRROR to a folder or address that has the right file"
_BLOCK = 1 << 16
# Bytes a second, averaged over each `timeout` seconds: the whole takes at most `limit / _LEAST` and a `timeout`.
_LEAST = 4096


def shown(address: str) -> str:
    """Return an address for people to read, without the name and password that it may hold."""
    return re.sub(r"//([^/?#]*|[^/]*:.*)@", "//", address)  # a password may have an unescaped / in it


def download(address: str, limit: int, timeout: float) -> IO[bytes]:
    """Return what is at an address as an open temporary file.

    Raises `OSError` with the reason in words, `DataError` past `limit` bytes.
    """
    raw = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    faults: list[Exception] = []
    # No timeout of a socket bounds a look-up of a name, or headers that come byte by byte: a thread waits for them, and
    # this one watches. A thread that is left writes into a closed file, or ends with the process.
    receiver = threading.Thread(target=_receive, args=(address, limit, timeout, raw, faults), daemon=True)
    try:
        receiver.start()
        receiver.join(timeout)
        before = 0
        while receiver.is_alive():
            if (came := raw.tell()) - before < _LEAST * timeout:
                raise OSError("too slow" if came else "no answer in time")
            before = came
            receiver.join(timeout)
        for fault in faults:
            raise OSError(_reason(fault)) from fault
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
                raise ConnectionError("cut short")
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


def _reason(error: Exception) -> str:
    if isinstance(error, HTTPError):
        return f"HTTP {error.code}"
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "its certificate is not trusted"
    if isinstance(cause, OSError) and cause.errno == errno.ENOSPC:
        return "no space left for temporary files"
    return "no connection" if isinstance(cause, (OSError, HTTPException)) else "no http address"
