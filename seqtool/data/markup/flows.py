"""What the readers of all formats give: stretches of a document, most of them text, and how text is put back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from seqtool.data.raw_text import ADDRESS
from seqtool.data.sentences import sentences

Kind = Literal["text", "kept", "break", "mark"]
_SPACES = re.compile(r"\s+")


class Piece(NamedTuple):
    """A stretch of a document.

    text: to be replaced. kept: code or an address, part of the sentence but not replaced. break: an end of a line in a
    sentence. mark: a tag. said: what a reader reads of it, "" of a mark. depth: marks that are open around it.
    """

    start: int
    end: int
    kind: Kind
    said: str
    depth: int = 0


class Flow(NamedTuple):
    """The pieces of a paragraph, without a gap between them; escape: writes a text as the format needs it."""

    pieces: Sequence[Piece]
    escape: Callable[[str], str]


class Slot(NamedTuple):
    """The pieces between two marks as one."""

    start: int
    end: int
    kind: Kind
    said: str
    depth: int

    @property
    def spoken(self) -> bool:
        """True for text with a letter: what is translated."""
        return self.kind == "text" and any(map(str.isalpha, self.said))


Reader = Callable[[str], list[Flow]]
"""From a document to its flows; raises `DataError` where a mark is not closed."""


def plain(text: str) -> str:
    """Return a text in one line."""
    return _SPACES.sub(" ", text).strip()


def split(flow: Flow, language: str) -> Iterator[list[Slot]]:
    """Yield the slots of each sentence of a flow; language: "" for one that is not split into sentences."""
    pieces = [part for piece in flow.pieces for part in _with_addresses(piece)]
    said = "".join(piece.said for piece in pieces)
    whole = (len(said) - len(said.lstrip()), len(said.rstrip()))
    first = place = 0  # the first piece that reaches into a sentence, and where it begins
    for begin, end in sentences(said, language) if language else [whole]:
        while first < len(pieces) and place + len(pieces[first].said) <= begin:
            place += len(pieces[first].said)
            first += 1
        rest = (pieces[number] for number in range(first, len(pieces)))
        yield _slots([*_between(rest, begin - place, end - place)])


def _with_addresses(piece: Piece) -> Iterator[Piece]:
    """Yield a piece of text in parts, each address one of its own."""
    if piece.kind != "text" or len(piece.said) != piece.end - piece.start:
        yield piece
        return
    place = 0
    for address in ADDRESS.finditer(piece.said):
        for start, end, kind in ((place, address.start(), "text"), (*address.span(), "kept")):
            if start < end:
                yield _part(piece, start, end)._replace(kind="kept" if kind == "kept" else "text")
        place = address.end()
    if place < len(piece.said):
        yield _part(piece, place, len(piece.said))


def _part(piece: Piece, start: int, end: int) -> Piece:
    return piece._replace(start=piece.start + start, end=piece.start + end, said=piece.said[start:end])


def _between(pieces: Iterable[Piece], begin: int, end: int) -> Iterator[Piece]:
    """Yield what of the pieces is said from `begin` to `end`; one whose signs are not those it says stays whole."""
    place = 0
    for piece in pieces:
        if place >= end:
            return
        first, last = max(begin - place, 0), min(end - place, len(piece.said))
        place += len(piece.said)
        if not piece.said:
            if begin < place < end:
                yield piece
        elif first < last:
            whole = len(piece.said) != piece.end - piece.start
            yield piece if whole else _part(piece, first, last)


def _slots(pieces: Sequence[Piece]) -> list[Slot]:
    """Join neighbours that are text."""
    slots: list[Slot] = []
    for piece in pieces:
        if slots and slots[-1].kind == piece.kind == "text":
            slots[-1] = slots[-1]._replace(end=piece.end, said=slots[-1].said + piece.said)
        else:
            slots.append(Slot(*piece))
    return slots


def written(document: str, texts: Mapping[tuple[int, int], str]) -> str:
    """Return a document with texts in place of those from (start, end)."""
    parts: list[str] = []
    place = 0
    for (start, end), text in sorted(texts.items()):
        parts += document[place:start], text
        place = end
    return "".join(parts) + document[place:]
