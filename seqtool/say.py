"""The one place that prints: records on stdout, everything else on stderr."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


_records: TextIO | None = None  # the stream of `emit` while `records_alone` holds


def stdout() -> TextIO:
    """Return where records go."""
    return _records or sys.stdout


@contextlib.contextmanager
def records_alone() -> Iterator[None]:
    """Send what anything but `emit` prints to stderr: a plugin's `print` would stand among the records."""
    global _records
    before, _records = _records, stdout()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        _records = before


def use_utf8() -> None:
    """Make stdout and stderr UTF-8 with LF line ends, whatever the locale and the system."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # backslashreplace: a lone surrogate in a file's name must not end the program in its own message
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def escape(text: str) -> str:
    r"""Return `text` with control and bidi characters spelled out (`\x1b`), so that no terminal obeys."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(character) if _is_unsafe(character) else character for character in text)


def one_line(text: str) -> str:
    r"""Return `text` as `escape` does, its line ends and tabs spelled out too (`\n`): it stays where it is put."""
    return escape(text).replace("\n", "\\n").replace("\t", "\\t")


def printable(text: str, limit: int = 40) -> str:
    """Shorten a stranger's text and escape its control and bidi characters, to be shown in a message."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut)


def counted(count: int, one: str, several: str = "") -> str:
    """Return a count and its noun, `1 row` or `1,234 rows`; several: the plural that is no `one` with an s behind."""
    return f"1 {one}" if count == 1 else f"{count:,} {several or f'{one}s'}"


def listing(names: Sequence[str], most: int = 20) -> str:
    """Return a stranger's names for a message: the first `most`, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(map(printable, names[:most])) + more


def _is_unsafe(character: str) -> bool:
    if character in "\t\n":
        return False
    # Bidi marks show a text in another order than it is read: a path could look like another one.
    return character in _BIDI or unicodedata.category(character) in ("Cc", "Zl", "Zp")


def _spelled(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def emit(text: str = "", end: str = "\n") -> None:
    """Write one line to stdout: untouched to a pipe, escaped to a terminal; an `OSError` names stdout."""
    try:
        _write(stdout(), text, end)
    except OSError as error:
        error.filename = error.filename or "stdout"
        raise


def emit_json(value: Any) -> None:
    """Write one line of JSON to stdout, in plain UTF-8; null stands for a number that is not finite."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        # JSON has no NaN and no infinity. A detour, for it is seldom: what Python writes for them is read as null.
        text = json.dumps(json.loads(json.dumps(value), parse_constant=lambda word: None), ensure_ascii=False)
    emit(text)


def note(text: str) -> None:
    """Write one line to stderr, at once."""
    with contextlib.suppress(OSError):  # nobody reads stderr any more: nobody is left to be told
        sys.stderr.write(f"{escape(text)}\n")  # to a file, too: logs are read at terminals
        sys.stderr.flush()


def warn(text: str) -> None:
    """Write "warning: `text`" to stderr."""
    note(f"warning: {text}")


def emit_columns(rows: Sequence[Sequence[str]]) -> None:
    """Write rows of text to stdout as aligned columns, one line a row."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        emit("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _write(stream: TextIO, text: str, end: str = "\n") -> None:
    # A pipe gets the bytes as they are: the next program is no terminal that could be made to obey.
    stream.write(f"{escape(text) if stream.isatty() else text}{end}")
