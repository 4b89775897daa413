"""A pipe that begins like a table or in UTF-16: its lines would be answered as if they were texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from seqtool.runtime.records import Record
from seqtool.say import printable, warn

# No blank follows a mark, as one follows a comma between words: `id,review`, `"id";"review"`, but not `yes, please`.
_NAME = r'(?:"[^\W\d][\w .-]{0,30}"|[^\W\d][\w.-]{0,30})'
_NAMES = re.compile(rf'(?:{_NAME}|"")?(?P<mark>[,;\t|]){_NAME}(?:(?P=mark){_NAME})*')
_OBJECT = re.compile(r'\{\s*"[^"]*"\s*:.*\}')
_LONELY = frozenset({"text", "sentence", "review", "comment", "message", "tweet", "content"})
"""Names that a table of one column has."""
_TEXTS = _LONELY | {"body", "word", "token", "form", "source", "src", "satz", "wort", "texto", "texte"}
"""Names of a column of texts or words among others."""


def warned_of_first(records: Iterable[Record | None]) -> Iterator[Record | None]:
    """Pass the records on, and warn where the first looks like the beginning of a table, or of a text in UTF-16."""
    for record in records:
        if record is not None and record.number == 1 and (doubt := doubt_of(record.text)):
            warn(doubt)
        yield record


def doubt_of(line: str) -> str:
    """Return why a first line may be no text, and what to do; "" for a text."""
    if "\0" in line:
        return "line 1 holds NUL, as text in UTF-16 does: iconv -f utf-16 -t utf-8 makes text that is read right"
    if "\r" in line:
        what = "line 1 holds CR, which ends the lines of a text of old systems: here LF alone does, and it is one text"
        return f"{what}: tr '\\r' '\\n' before it makes a line of each"
    if not looks_like_table(line):
        return ""
    what = f"line 1, '{printable(line, 40)}', looks like the beginning of a table; each line is answered as a text"
    return f"{what}: give the texts alone, one a line{_cut(line)}"


def _cut(line: str) -> str:
    """Return how to take the column of the texts, whose name tells it where it is a usual one; "" for other lines."""
    if not (named := _NAMES.fullmatch(line.strip(" "))):
        return ""
    names = [name.strip('"').casefold() for name in line.split(named["mark"])]
    place = next((number for number, name in enumerate(names, start=1) if name in _TEXTS), 0)
    mark = "" if named["mark"] == "\t" else f"-d '{named['mark']}' "
    if place:
        return f": cut {mark}-f {place} takes the column '{printable(names[place - 1])}'"
    return f": cut {mark}-f N takes column N, such as -f 1 '{printable(names[0])}'"


def looks_like_table(line: str) -> bool:
    """Tell whether a line looks like the names of columns, or like an object of JSON."""
    line = line.strip(" ")
    named = _NAMES.fullmatch(line) or line.strip('"').casefold() in _LONELY
    return bool(named or _OBJECT.fullmatch(line))
