"""Quotes inside of quoted cells that a backslash stands in front of, as R's `write.table` writes them."""

from __future__ import annotations

import re

from seqtool.reads import Finding

_CELL = r'(?:"(?:[^"\\\n]|\\.)*"|[^"\n\t,; ]*)'
_LINE = re.compile(rf"{_CELL}(?:[\t,; ]{_CELL})*\r?$", re.MULTILINE)
_NAMES = re.compile(r'"[^"\\\n]*"(?:[\t,; ]"[^"\\\n]*")*\r?\n')


def without_escapes(text: str) -> tuple[str, tuple[Finding, ...]]:
    """Return a table with the quotes inside of its cells doubled where backslashes stand in front of them; and a note.

    Its names are all in quotes, and every line is of whole cells with such quotes; any other text stays as it is.
    """
    if '\\"' not in text or not _NAMES.match(text):
        return text, ()
    if not all(_LINE.match(line) for line in text.split("\n")):
        return text, ()
    note = Finding("note", "escaped-quotes", 'quotes inside of cells are written as \\", as R does: they were read so')
    return re.sub(r'\\(["\\])', lambda found: '""' if found[1] == '"' else "\\", text), (note,)
