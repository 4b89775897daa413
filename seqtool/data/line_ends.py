"""What ends the lines of a text: LF, CR LF or CR, decided once a text; and marks of files in front of lines."""

from __future__ import annotations

import re

from seqtool.data.files import counted_lines
from seqtool.reads import Finding

_JOINED = re.compile("[^\\s\ufeff]\ufeff+[^\\s\ufeff]")  # a last line without an end, and the first of the next file
_OF_CELLS = re.compile("\t\ufeff|\ufeff\t|\\S\ufeff+$")
_FILES = 10  # that are put together, at most, where marks stand at other places too
MANY = 10  # CR of a line, on the average, that end lines: a cell has few


def lines_end_in_lf(text: str) -> tuple[str, list[Finding]]:
    """Return a text whose lines end in LF, decided once a text, and what was done.

    CR ends lines where there are more of them than of LF, or many in one line. Else LF does, with the CR before it if
    there is one; a CR elsewhere parts words, and becomes a blank.
    """
    returns = text.count("\r")
    if not returns:
        return text, []
    if "\n" not in text:
        return text.replace("\r", "\n"), [Finding("note", "cr", "lines end in CR: read as LF")]
    pairs = text.count("\r\n")
    if returns == pairs:
        return _of_pairs(text, pairs)
    text = re.sub("\r+\n", "\n", text)
    returns = text.count("\r")
    if not returns:
        return text, [Finding("note", "crlf", "lines end in CR LF, some in several CR before it: read as LF")]
    if _return_ends_lines(text):
        lines = returns + text.count("\n")
        ends = f"{returns:,} of {lines:,} lines end in CR, the others in LF"
        return text.replace("\r", "\n"), [Finding("warning", "mixed-line-ends", f"{ends}: read as LF")]
    what = f"{returns:,} carriage returns that end no line: read as blanks"
    return text.replace("\r", " "), [Finding("warning", "mixed-line-ends", what)]


def _of_pairs(text: str, pairs: int) -> tuple[str, list[Finding]]:
    """Return a text that has CR before LF alone, `pairs` times."""
    mixed = text.count("\n") > pairs and any("\n" in part.replace("\r\n", "") for part in _outside(text))
    text = text.replace("\r\n", "\n")
    if mixed:
        ends = f"{pairs:,} of {text.count(chr(10)):,} lines end in CR LF, the others in LF"
        return text, [Finding("warning", "mixed-line-ends", f"{ends}: read as LF")]
    return text, [Finding("note", "crlf", "lines end in CR LF: read as LF")]


def _return_ends_lines(text: str) -> bool:
    """Tell whether CR ends lines of a text that has LF, too: of one file, or of one of several put together."""
    outside = "".join(_outside(text))
    returns, feeds = outside.count("\r"), outside.count("\n")
    if returns > feeds:
        return True
    holding = [count for line in outside.split("\n") if (count := line.count("\r"))]
    return returns > MANY * len(holding)


def _outside(text: str) -> list[str]:
    """Return what stands outside of quotes: between them a line's end is a cell's own."""
    return text.split('"')[::2]


def without_inner_marks(text: str) -> tuple[str, list[Finding]]:
    """Return a text without the byte order marks in front of its lines, and say so and where others stand inside."""
    if "\ufeff" not in text:
        return text, []
    lines = text.split("\n")
    before = [number for number, line in enumerate(lines, start=1) if line.startswith("\ufeff")]
    lines = [line.lstrip("\ufeff") for line in lines]
    inside = [number for number, line in enumerate(lines, start=1) if _JOINED.search(line)]
    cells = [number for number, line in enumerate(lines, start=1) if _OF_CELLS.search(line)]
    marked = [number for number, line in enumerate(lines, start=1) if "\ufeff" in line]
    findings = []
    if before:
        what = f"byte order marks in front of {counted_lines(before)}, as in files put together: left out"
        findings.append(Finding("warning", "inner-bom", what))
    if len(inside) > _FILES and set(marked) - {*inside, *cells}:  # some stand beside blanks: no files were put together
        what = f"byte order marks inside of {counted_lines(marked)}: read as part of the text"
        return "\n".join(lines), [*findings, Finding("warning", "inner-bom", what)]
    if inside:
        what = f"byte order marks inside of {counted_lines(inside)}: a file whose last line has no end may stand before"
        findings.append(Finding("warning", "inner-bom", f"{what} another one; put each on a line of its own"))
    if cells:
        what = f"byte order marks beside a tab or at the end of {counted_lines(cells)}: read as part of the text"
        findings.append(Finding("warning", "inner-bom", what))
    return "\n".join(lines), findings
