"""Texts that a program wrote as strings of JSON, one a line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

_STRING = re.compile(r'\s*"(?:[^"\\]|\\.)*"\s*')
LEAST = 3  # lines that tell


def json_texts(lines: Sequence[str], *, surely: bool = False) -> list[str] | None:
    """Return the texts of lines that are strings of JSON, an empty one of an empty line; None where they are not.

    A backslash that JSON writes stands in one of them at least: quotes alone may be of the text. surely: no backslash
    is needed, as beside a file that has some.
    """
    full = [line for line in lines if line.strip()]
    if len(full) < LEAST or not all(map(_STRING.fullmatch, full)) or not (surely or any("\\" in line for line in full)):
        return None
    try:
        texts = [json.loads(line) if line.strip() else "" for line in lines]
        "".join(texts).encode()  # half of a character is no text
    except ValueError:
        return None
    return texts
