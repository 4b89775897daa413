"""What the first bytes of a file say: that a program keeps its text packed, or in which encoding XML is."""

from __future__ import annotations

import codecs
import re

from seqtool.errors import DataError

PIPE = "standard input"
"""How a pipe is called in messages."""
_PACKED = b"PK\x03\x04"  # .zip, and all that is one
_DECLARED = re.compile(rb"\s*<\?xml[^<>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_MARKUP = re.compile(r"(?i)\s*<(?:!doctype\s|\?xml\s|html[\s>])")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .doc, .xls
_ARCHIVES = {
    b"7z\xbc\xaf'\x1c": "7z",
    b"Rar!": "unrar",
    b"BZh": "bunzip2",
    b"\xfd7zXZ": "unxz",
    b"(\xb5/\xfd": "unzstd",
}
_SAVE = "save it there as"
_HEAD = 1 << 12  # bytes in which the first members of an archive are named


def packed_kind(data: bytes, where: str, wanted: str = "text") -> tuple[str, str] | None:
    """Return what a file is whose text a program keeps packed, and what makes text of it; None for others."""
    if data.startswith(b"{\\rtf"):
        return "RTF, of a word processor", f"{_SAVE} plain text"
    packed = where.endswith(".gz") and where != PIPE
    found = _binary_kind(data, where.removesuffix(".gz") if packed else where)
    if not found:
        return None
    import shlex  # few files are binary

    first = f"gunzip -k {shlex.quote(where)}; " if packed else ""  # it was opened here alone
    return f"binary, not {wanted}: it is {found[0]}", f"{first}{found[1]}; then give the text file"


def is_plain_zip(data: bytes) -> bool:
    """Tell whether a file is a .zip that no program but one for archives has written."""
    return data.startswith(_PACKED) and not _office_kind(data)


def refuse_packed(data: bytes, where: str, wanted: str = "text") -> None:
    """Raise `DataError` where a program keeps the text of a file packed, with what makes text of it."""
    if kind := packed_kind(data, where, wanted):
        raise DataError(f"the file is {kind[0]}", where=where, cure=kind[1])


def _binary_kind(data: bytes, where: str) -> tuple[str, str] | None:
    """Return what a binary file is, and what makes text of it; None for a kind that is not known."""
    import shlex

    name = "FILE" if where == PIPE else shlex.quote(where)
    if data.startswith(b"%PDF-"):
        return "PDF", f"pdftotext {name} makes text of it"
    if data.startswith(_OLE):
        if any(name.encode("utf-16-le") in data for name in ("Workbook", "Book\0")):
            return "of an old Excel", f"{_SAVE} CSV"
        text = "WordDocument".encode("utf-16-le") in data
        program = "of an old word processor" if text else "of an old word processor or spreadsheet, .doc or .xls"
        return program, f"{_SAVE} plain text{'' if text else ' or CSV'}"
    if archive := next((kind for start, kind in _ARCHIVES.items() if data.startswith(start)), ""):
        return f"an archive of {archive}", f"unpack it by {archive}"
    if not data.startswith(_PACKED):
        return None
    return _office_kind(data, name) or ("a .zip", f"unpack it: unzip {name}")


def _office_kind(data: bytes, name: str = "") -> tuple[str, str] | None:
    """Return what a .zip is that a program for texts or sheets has written; None for any other."""
    head = data[:_HEAD] + data[-_HEAD:]  # the names of all members stand at the end
    if b"epub+zip" in head:
        return "EPUB, of an e-book", f"pandoc -t plain {name} makes text of it"
    if b"opendocument.spreadsheet" in head:
        return "of a spreadsheet, .ods", f"{_SAVE} CSV"
    if b"word/" in head or b"opendocument.text" in head:
        return "of a word processor", f"{_SAVE} plain text"
    if b"ppt/" in head or b"opendocument" in head:
        return "of slides or drawings", f"{_SAVE} plain text"
    return ("of Excel", f"{_SAVE} CSV") if b"xl/" in head else None


def refuse_markup(text: str, where: str, cure: str) -> None:
    """Raise `DataError` for a text that says that it is XML or HTML."""
    if _MARKUP.match(text):
        raise DataError("the file is of XML or HTML", where=where, cure=cure)


def declared_encoding(data: bytes) -> str:
    """Return the encoding that XML names in its first line; "" where it names none that is known, or UTF-8."""
    found = _DECLARED.match(data)
    try:
        name = codecs.lookup(found[1].decode()).name if found else ""
    except LookupError:
        return ""
    return "" if name == "utf-8" else name
