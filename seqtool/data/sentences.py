"""Where the sentences of a text begin and end, by sentencex (of Wikimedia), and where one that is too long is torn."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from sentencex import get_sentence_boundaries

WINDOW = 2_000
"""Characters that are searched together for ends of sentences: some quotes take the square or cube of their number."""
_SPACE = re.compile(r"\s")
_CLAUSE = re.compile(r".+?(?:[,;:\u2013\u2014\u2026]\s+|[\u3001\uff0c\uff1a\uff1b\u060c]\s*|\Z)", re.DOTALL)
_WORD = re.compile(r"(\S+)\s*")

BYTES = 4  # of a character in UTF-8, which some vocabularies spell byte by byte
Spans = list[tuple[int, int]]


def borders(text: str, language: str) -> Iterator[int]:
    """Yield where sentences begin, 0 first; language: a code of ISO 639."""
    yield 0
    # some white space outside of ASCII makes sentencex 1.0.32 panic
    text = _SPACE.sub(" ", text)
    begin = 0
    while begin < len(text):
        piece = text[begin : begin + WINDOW]
        found = [int(sentence["start_index"]) for sentence in get_sentence_boundaries(language, piece)[1:]]
        yield from (begin + place for place in found)
        if begin + WINDOW >= len(text):
            return
        # the last sentence may go on behind the window
        begin += found[-1] if found else piece.rfind(" ", WINDOW // 2) + 1 or WINDOW


def sentences(text: str, language: str) -> Spans:
    """Return where each sentence begins and ends, without the blanks around.

    One without letters is no sentence: a number belongs to the next one (`1. Come in.`), marks to the one before.
    """
    spans: Spans = []
    waiting: tuple[int, int] | None = None
    for begin, end in pairwise([*borders(text, language), len(text)]):
        if not (inner := text[begin:end].strip()):
            continue
        start = text.index(inner, begin)
        stop = start + len(inner)
        lettered, numbered = any(map(str.isalpha, inner)), any(map(str.isalnum, inner))
        if spans and not (lettered or numbered or waiting):
            spans[-1] = spans[-1][0], stop
            continue
        waiting = waiting[0] if waiting else start, stop
        if lettered:
            spans.append(waiting)
            waiting = None
    if waiting:
        spans.append((spans.pop()[0] if spans else waiting[0], waiting[1]))
    return spans


def torn(text: str, size: Callable[[str], int], most: int) -> Spans:
    """Return where a text is torn into pieces of `most` tokens at most: behind clauses, else words, else anywhere.

    size: the number of tokens of a text.
    """
    spans: Spans = []
    total = 0
    for start, end, tokens in _atoms(text, size, most):
        if spans and total + tokens <= most:
            spans[-1], total = (spans[-1][0], end), total + tokens
        else:
            spans.append((start, end))
            total = tokens
    return [(start, start + len(text[start:end].rstrip())) for start, end in spans]


def _atoms(text: str, size: Callable[[str], int], most: int) -> Iterator[tuple[int, int, int]]:
    """Yield the begin, end and tokens of each piece that is torn only where it has too many."""
    for clause in _CLAUSE.finditer(text):
        if (tokens := size(clause[0])) <= most:
            yield *clause.span(), tokens
            continue
        for word in _WORD.finditer(text, *clause.span()):
            if (tokens := size(word[0])) <= most:
                yield *word.span(), tokens
                continue
            step = max(1, most // BYTES)
            for start in range(word.start(), word.end(1), step):
                yield start, min(start + step, word.end(1)), most
