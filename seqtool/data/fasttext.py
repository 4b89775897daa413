"""Lines of fastText: `__label__x __label__y text`."""

from __future__ import annotations

import re
from collections.abc import Sequence

PREFIX = "__label__"
# fastText takes every word with the prefix for a label, wherever in the line it stands.
_LABEL = re.compile(rf"(?<!\S){PREFIX}(\S*)\s*", re.IGNORECASE)
_BETWEEN = re.compile(rf"[,;|]{PREFIX}", re.IGNORECASE)
# A mark and a text that follow a label at once are a table's: `__label__pos,the text`.
_CELL = re.compile(rf'"?{PREFIX}[^\s,;|]*[,;|](?!{PREFIX})\S', re.IGNORECASE)


def is_fasttext(lines: Sequence[str]) -> bool:
    """Tell whether most lines that are not empty hold a label of fastText, and are no rows of a table."""
    labelled = [line for line in lines if PREFIX in line.lower() and _LABEL.search(line)]
    if not labelled:
        return False
    full = [line for line in lines if line.strip()]
    cells = sum(_CELL.match(line.strip()) is not None for line in labelled)
    return 2 * len(labelled) > len(full) and 2 * cells <= len(labelled)


def parse(line: str) -> tuple[tuple[str, ...], str]:
    """Return the labels of a line, without their prefix and each once, and its text."""
    labels = dict.fromkeys(label for found in _LABEL.findall(line) for label in _BETWEEN.split(found) if label)
    return tuple(labels), _LABEL.sub("", line).strip()


def without_prefix(cells: Sequence[str]) -> list[tuple[str, ...]] | None:
    """Return the labels of cells that all begin with the prefix, None where one does not."""
    if not all(cell.startswith(PREFIX) for cell in cells):
        return None
    return [parse(cell)[0] for cell in cells]
