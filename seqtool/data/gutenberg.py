"""Project Gutenberg's own words in a book: header, licence, and the notices inside the oldest etexts."""

from __future__ import annotations

import re

_MARKS = re.MULTILINE | re.IGNORECASE
_STARTS = (
    re.compile(r"^\*\*\* ?START OF TH(?:E|IS) PROJECT GUTENBERG E(?:BOOK|TEXT)[^*]{0,300}\*\*\*[^\n]*\n", _MARKS),
    re.compile(r"^\*END ?\* ?THE SMALL PRINT![^\n]*\n", _MARKS),
    re.compile(r"^\[\"Small Print\" V[^\n]*\n", _MARKS),
)
_ENDS = (
    re.compile(r"^\*\*\* ?END OF TH(?:E|IS) PROJECT GUTENBERG", _MARKS),
    re.compile(r"^End of (?:the |this )?(?:Project Gutenberg|Etext of)", _MARKS),
)
_NOTICE = re.compile(r"<<THIS ELECTRONIC VERSION OF [^<>]{0,2000}>>[ ]*\n?", re.IGNORECASE)
_NAME = "project gutenberg"


def strip(text: str) -> tuple[str, int]:
    """Return a text (with LF line ends) without Project Gutenberg's words, and how many characters went.

    A text that does not name it in its first 5000 characters, or has none of its marks, comes back as it is.
    """
    if _NAME not in text[:5000].lower():
        return text, 0
    starts = [found.end() for mark in _STARTS for found in mark.finditer(text)]
    start = max(starts, default=0)
    ends = [found.start() for mark in _ENDS if (found := mark.search(text, start))]
    body = _NOTICE.sub("", text[start : min(ends, default=len(text))]) if starts or ends else text
    kept = body.strip("\n") + "\n" if len(body) < len(text) else text
    return kept, len(text) - len(kept)
