"""What the first bytes of a file say: that a program keeps its text packed, or in which encoding XML is."""

from __future__ import annotations

import codecs
import re

_PACKED = b"PK\x03\x04"  # .zip, and all that is one
_DECLARED = re.compile(rb"\s*<\?xml[^<>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_SAVE = "save it there as plain text"
_HEAD = 1 << 12  # bytes in which the first members of an archive are named


def packed_kind(data: bytes) -> tuple[str, str] | None:
    """Return what a file is whose text a program keeps packed, and what makes text of it; None for others."""
    if data.startswith(b"{\\rtf"):
        return "RTF, of a word processor", _SAVE
    found = _binary_kind(data)
    return (f"binary, not text: {found[0]}", f"{found[1]}; then give the text file") if found else None


def _binary_kind(data: bytes) -> tuple[str, str] | None:
    if data.startswith(b"%PDF-"):
        return "it is PDF", "pdftotext FILE makes text of it"
    if not data.startswith(_PACKED):
        return None
    head = data[:_HEAD] + data[-_HEAD:]  # the names of all members stand at the end
    if b"epub+zip" in head:
        return "it is EPUB, of an e-book", "pandoc -t plain FILE makes text of it"
    if b"word/" in head or b"opendocument" in head:
        return "it is of a word processor", _SAVE
    if b"xl/" in head:
        return "it is of Excel", "save it there as CSV"
    return "it is a .zip", "unpack it: unzip FILE"


def declared_encoding(data: bytes) -> str:
    """Return the encoding that XML names in its first line; "" where it names none that is known, or UTF-8."""
    found = _DECLARED.match(data)
    try:
        name = codecs.lookup(found[1].decode()).name if found else ""
    except LookupError:
        return ""
    return "" if name == "utf-8" else name
