"""Quotes between tabs: marks around cells, as a program writes them, or characters of the text."""

from __future__ import annotations

import re

from seqtool.reads import Finding
from seqtool.say import counted, printable

_FIELD = r'(?:^|\t)"((?:[^"]|"")*)"(?=\t|$)'
_FIELD_OF_A_LINE = r'(?:^|\t)"((?:[^"\t\n]|"")*)"(?=\t|\r?$)'
_KEPT = r'(?:^|\t)"((?:[^"\t\n]|""|(?<=\\)")*)"(?=\t|\r?$)'  # a backslash may stand before a quote
_OPENED = r'(?:^|\t)"'
FEW, NEARLY = 3, 0.9  # cells that tell, and their share


def quotes_are_marks(text: str, *, multiline: bool = True) -> bool:
    """Tell whether the quotes of a table parted by tabs are marks around cells, not characters of them.

    They are where every cell that begins with one ends with one and holds others doubled, and either one of them needs
    its quotes, for a quote, a tab or a line's end inside, or there are as many as rows: a column that is quoted whole;
    or they are the cells that hold a comma, beside others that hold none, as a spreadsheet writes them.
    multiline: whether cells may hold a line's end; else rows between two quotes are rows, and the quotes words.
    """
    if '"' not in text:
        return False
    field = _field(text)
    cells = re.findall(field, text, re.MULTILINE)
    # Without the cells in quotes: a closing quote that begins a line opens none.
    rest = re.sub(field, "", text, flags=re.MULTILINE)
    if not cells or re.search(_OPENED, rest, re.MULTILINE):
        return False
    if not multiline and any("\n" in cell for cell in cells):
        return False
    if any('""' in cell or "\t" in cell or "\n" in cell for cell in cells):
        return True
    rows = len(re.findall(r"^.*\S", text, re.MULTILINE))
    if min(len(cells), rows - len(cells)) >= FEW and "," not in rest and all("," in cell for cell in cells):
        return True
    return len(cells) >= rows


def _field(text: str) -> str:
    """Return the pattern of a cell in quotes, which goes on in the next line only where that must be."""
    lines = [line for line in text.split("\n") if line.strip()]
    if len({line.count("\t") for line in lines}) > 1 or "\t" not in text:
        return _FIELD
    # As many tabs in every line: none stands inside a cell, unless each row is cut within one.
    if re.search(_FIELD_OF_A_LINE, text, re.MULTILINE):
        return _FIELD_OF_A_LINE
    cut = sum(cell.count("\n") + 1 for cell in re.findall(_FIELD, text, re.MULTILINE))
    return _FIELD if cut >= NEARLY * len(lines) else _FIELD_OF_A_LINE


def kept_quotes(text: str) -> list[Finding]:
    """Return the warning that cells between tabs stay in quotes though these look like marks; [] where none do.

    They do where some hold doubled or escaped quotes, or nearly all hold a comma, as nearly no other cell does.
    """
    quoted = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if '"' in line]
    cells = [(number, cell) for number, line in quoted for cell in re.findall(_KEPT, line)]
    inside = any('""' in cell or '\\"' in cell for _, cell in cells)
    if not inside and not _hold_the_commas([cell for _, cell in cells], text):
        return []
    others = [(number, line) for number, line in quoted if re.search(_OPENED, re.sub(_KEPT, "", line))]
    cure = "remove them if they are marks around cells"
    if others:
        number, line = others[0]
        cure = f"in line {number:,} one does not end its cell ('{printable(line, 40)}'): double it in a cell in quotes"
    count = counted(len(cells), "cell begins and ends with quotes", "cells begin and end with quotes")
    return [Finding("warning", "quotes-kept", f"{count} that are read as text, first in line {cells[0][0]:,}: {cure}")]


def _hold_the_commas(cells: list[str], text: str) -> bool:
    """Tell whether nearly all of some cells of a text hold a comma, and hardly any others."""
    commas = sum("," in cell for cell in cells)
    if commas < max(FEW, NEARLY * len(cells)):
        return False
    return commas >= NEARLY * sum("," in cell for line in text.split("\n") for cell in line.split("\t"))
