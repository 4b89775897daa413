"""The front matter of Markdown: lines of `name: value` (YAML) or `name = value` (TOML) above the text."""

from __future__ import annotations

import re
from pathlib import Path

FRONT_MATTER = "front matter (--- ... --- or +++ ... +++)"
_KEYS = {"---": re.compile(r"[\w-]+:(?: |$)"), "+++": re.compile(r"[\w.-]+ *= *\S|\[")}
_ENDS = {"---": ("---", "..."), "+++": ("+++",)}
_MORE = (" ", "\t", "-", "#", "]", "}")  # what begins the other lines of it
MOST_FRONT = 200  # lines of it


def without_front_matter(text: str, path: Path) -> str:
    """Return a text of a file of Markdown without the front matter above it; other texts come back as they are."""
    markdown = path.name.lower().removesuffix(".gz").endswith((".md", ".markdown"))
    if not markdown or not text.startswith(tuple(_KEYS)):
        return text
    first, *lines = [line.rstrip() for line in text.split("\n", MOST_FRONT)[:MOST_FRONT]]
    if first not in _KEYS:
        return text
    key, ends = _KEYS[first], _ENDS[first]
    end = next((n for n, line in enumerate(lines) if line in ends), 0)
    front = lines[:end]
    if not front or not key.match(front[0]):
        return text
    if not all(not line or line.startswith(_MORE) or key.match(line) for line in front):
        return text
    return text.split("\n", end + 2)[-1].lstrip("\n")
