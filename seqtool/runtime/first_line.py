"""A pipe that begins like a table or in UTF-16: its lines would be answered as if they were texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from seqtool.runtime.first_rows import FEW, Doubt
from seqtool.runtime.records import Record
from seqtool.say import printable, warn

# No blank follows a mark, as one follows a comma between words: `id,review`, `"id";"review"`, but not `yes, please`.
_NAME = r'(?:"[^\W\d][\w .#-]{0,30}"|[^\W\d][\w.-]{0,30}(?: #)?)'
_NAMES = re.compile(rf'(?:{_NAME}|"")?(?P<mark>[,;\t|]){_NAME}(?:(?P=mark){_NAME})*')
_OBJECT = re.compile(r'\{\s*"[^"]*"\s*:.*\}')
_LONELY = frozenset({"text", "sentence", "review", "comment", "message", "tweet", "content"})
"""Names that a table of one column has."""
_ONE_WORD = frozenset({"word", "token", "form", "wort"})
_TEXTS = _LONELY | _ONE_WORD | {"body", "source", "src", "satz", "texto", "texte"}
"""Names of a column of texts or words among others."""
_USUAL = _TEXTS | {"id", "pos", "ner"}


_UTF16 = ("text in UTF-16", "iconv -f utf-16 -t utf-8 makes text that is read right")
_BINARY = {
    "\x1f\ufffd": ("a file of gzip", "gunzip -c unpacks it"),
    "PK\x03\x04": ("a file of Excel or Word, or a .zip,", "save it as text, one a line, or unpack it: unzip -p"),
    "PAR1": ("a file of Parquet", "write its texts, one a line"),
}
_PACKED = {
    "%PDF-": ("a file of PDF", "pdftotext makes text of it"),
    "{\\rtf": ("a file of RTF", "save it as text, one a line"),
    "\ufffd\ufffd\x11\ufffd": ("a file of an old Word or Excel", "save it as text, one a line"),
}


def warned_of_first(records: Iterable[Record | None], rows: Doubt) -> Iterator[Record | None]:
    """Pass the records on, and warn once where the first look like the beginning of a table, or of no text in UTF-8.

    rows: why the first lines may be rows of a training file.
    """
    first: list[str] = []
    told = False
    for record in records:
        if not told and record is not None and not record.empty:
            first.append(record.text)
            told = len(first) == FEW
            if told:
                _warn(first, rows)
        yield record
    if first and not told:
        _warn(first, rows)


def _warn(lines: Sequence[str], rows: Doubt) -> None:
    if doubt := rows(lines) or doubt_of(*lines):
        warn(doubt)


def doubt_of(line: str, *others: str) -> str:
    """Return why a first line may be no text, and what to do; "" for a text. others: the lines behind it."""
    if "\0" in line and not line.startswith(tuple(_PACKED)):
        kind, cure = next((told for begin, told in _BINARY.items() if line.startswith(begin)), _UTF16)
        return f"line 1 holds NUL, as {kind} does: {cure}"
    if packed := next((told for begin, told in _PACKED.items() if line.startswith(begin)), ()):
        kind, cure = packed
        return f"line 1 begins as {kind} does: {cure}"
    if "\r" in line:
        what = "line 1 holds CR, which ends the lines of a text of old systems: here LF alone does, and it is one text"
        return f"{what}: tr '\\r' '\\n' before it makes a line of each"
    if not looks_like_table(line) or _may_be_words(line, others):
        return ""
    what = f"line 1, '{printable(line, 40)}', looks like the beginning of a table; each line is answered as a text"
    return f"{what}: give the texts alone, one a line{_cut(line, others)}"


def _may_be_words(line: str, others: Sequence[str]) -> bool:
    """Tell whether words between marks may be a text, as `ok,thanks` is: no usual name, and no rows of cells behind."""
    named = _NAMES.fullmatch(line.strip(" "))
    if not named or '"' in line:
        return False
    from seqtool.data.label_names import LABEL_NAMES, TEXT_NAMES, known  # few lines look like names

    mark = named["mark"]
    usual = any(known(name, (*LABEL_NAMES, *TEXT_NAMES)) or name.casefold() in _USUAL for name in line.split(mark))
    return not usual and (len(others) < FEW - 1 or not all(mark in other for other in others))


def _cut(line: str, others: Sequence[str]) -> str:
    """Return how to take the column of the texts without its name, which tells it where it is a usual one.

    "" for other lines.
    """
    if not (named := _NAMES.fullmatch(line.strip(" "))):
        return ""
    mark = named["mark"]
    names = [name.strip('"').casefold() for name in line.split(mark)]
    place = next((number for number, name in enumerate(names, start=1) if name in _TEXTS), 0)
    if any('"' in text for text in (line, *others)):  # cut knows no quotes
        row = f"r[{place - 1 if place else 'N'}]"
        reader = f"csv.reader(sys.stdin, delimiter={mark!r})"
        column = f"the column '{printable(names[place - 1])}'" if place else "column N, from 0"
        code = f"import csv, sys; [print(*{row}.split()) for n, r in enumerate({reader}) if n]".replace('"', "'")
        return f': python3 -c "{code}" takes {column}'
    cut = "tail -n +2 | cut -f" if mark == "\t" else f"tail -n +2 | cut -d '{mark}' -f"
    if place:
        one = "; the words of a sentence belong in one line" if names[place - 1] in _ONE_WORD else ""
        return f": {cut} {place} takes the column '{printable(names[place - 1])}'{one}"
    return f": {cut} N takes column N, such as -f 1 '{printable(names[0])}'"


def looks_like_table(line: str) -> bool:
    """Tell whether a line looks like the names of columns, or like an object of JSON."""
    line = line.strip(" ")
    named = _NAMES.fullmatch(line) or line.strip('"').casefold() in _LONELY
    return bool(named or _OBJECT.fullmatch(line))
