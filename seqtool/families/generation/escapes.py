r"""A text in one line: `\n` for a line end, `\\` for a backslash."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\[n\\]")


def escaped(text: str) -> str:
    """Return a text as one line."""
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def unescaped(line: str) -> str:
    """Undo `escaped`; a backslash before anything else stands for itself."""
    return _ESCAPE.sub(lambda found: "\n" if found[0] == "\\n" else "\\", line)
