"""HTML: the text between tags, by html.parser of the standard library, which says where each tag begins."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from itertools import accumulate, pairwise
from typing import NamedTuple

from seqtool.data.markup.flows import Flow, Kind, Piece
from seqtool.errors import DataError, reading

INLINE = frozenset(
    (
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "data",
        "dfn",
        "del",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "wbr",
    )
)
"""Elements inside of a sentence; others end it."""
CODE = frozenset(("code", "kbd", "samp", "tt", "var"))
"""Elements inside of a sentence whose text stays."""
OTHER = frozenset(("script", "style", "pre", "textarea", "svg", "math", "template"))
"""Elements whose text stays, and that end a sentence."""
VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_OPEN = re.compile(r"<[A-Za-z/!?]")


class _Event(NamedTuple):
    start: int
    kind: str  # "text", "sign", "open", "close", "empty", "other"
    name: str
    stays: bool = False


class _Events(HTMLParser):
    """Notes where each tag and each text begins."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self._lines = [0, *accumulate(len(line) for line in text.split("\n"))]
        self.events: list[_Event] = []
        self.feed(text)
        self.close()

    def _note(self, kind: str, name: str = "", stays: bool = False) -> None:
        line, column = self.getpos()
        self.events.append(_Event(self._lines[line - 1] + line - 1 + column, kind, name, stays))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, and whether its author says that its text stays."""
        values = dict(attrs)
        stays = values.get("translate") == "no" or "notranslate" in (values.get("class") or "").split()
        self._note("empty" if tag in VOID else "open", tag, stays)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note `<br/>`."""
        self._note("empty", tag)

    def handle_endtag(self, tag: str) -> None:
        """Note the end of an element."""
        self._note("close", tag)

    def handle_data(self, data: str) -> None:
        """Note text."""
        self._note("text")

    def handle_entityref(self, name: str) -> None:
        """Note `&eacute;`."""
        self._note("sign")

    def handle_charref(self, name: str) -> None:
        """Note `&#233;`."""
        self._note("sign")

    def handle_comment(self, data: str) -> None:
        """Note a comment."""
        self._note("other", "comment")

    def handle_decl(self, decl: str) -> None:
        """Note a declaration."""
        self._note("other")

    def handle_pi(self, data: str) -> None:
        """Note an instruction."""
        self._note("other")

    def unknown_decl(self, data: str) -> None:
        """Note a section such as CDATA."""
        self._note("other")


def flows(text: str) -> list[Flow]:
    """Return the flows of a document; raises `DataError` for a tag, a comment, or code that is not closed."""
    comment = text.rfind("<!--")
    if comment >= 0 and text.find("-->", comment) < 0:
        raise _not_closed(text, comment, f"{text[comment : comment + 20]!r}")
    if unclosed := _OPEN.search(text, text.rfind(">") + 1):
        raise _not_closed(text, unclosed.start(), f"{text[unclosed.start() :][:20]!r}")
    return _Reading(text).flows


def escape(text: str) -> str:
    """Write a text between tags."""
    return html.escape(text, quote=False)


class _Reading:
    """Cuts events into flows."""

    def __init__(self, text: str) -> None:
        self.flows: list[Flow] = []
        self._text, self._pieces = text, list[Piece]()
        self._inside: list[tuple[str, int]] = []  # the element whose text stays, and those of its name in it
        self._depth = 0
        with reading("", "mend the document", "HTML document"):
            events = _Events(text).events
        for event, end in pairwise([*events, None]):
            assert event is not None
            self._take(event, end.start if end else len(text))
        if self._inside:
            name, start = self._inside[0]
            raise _not_closed(text, start, f"<{name}>")
        self._end()

    def _take(self, event: _Event, end: int) -> None:
        if self._inside:
            self._within(event, end)
        elif event.kind in ("text", "sign"):
            raw = self._text[event.start : end]
            said = html.unescape(raw) if event.kind == "sign" else raw
            # what is no sign after all, such as `&co`, is text
            self._add(event, end, "text", said)
        elif event.kind == "other":
            self._mark(event, end, inline=event.name == "comment")
        else:
            self._tag(event, end)

    def _tag(self, event: _Event, end: int) -> None:
        name, opens = event.name, event.kind == "open"
        inline = name in INLINE or name in CODE
        if opens and (event.stays or name in CODE or name in OTHER):
            self._inside = [(name, event.start)]
        self._depth = max(0, self._depth - (event.kind == "close"))
        self._mark(event, end, inline=inline)
        self._depth = self._depth + opens if inline else 0

    def _within(self, event: _Event, end: int) -> None:
        """Take what stands in an element whose text stays."""
        name = self._inside[0][0]
        if event.kind == "open" and event.name == name:
            self._inside.append((name, event.start))
        elif event.kind == "close" and event.name == name:
            self._inside.pop()
        inline = name in INLINE or name in CODE
        if not self._inside:
            self._depth = max(0, self._depth - 1)
        if inline and event.kind in ("text", "sign"):
            self._add(event, end, "kept", html.unescape(self._text[event.start : end]))
        else:
            self._mark(event, end, inline=inline)

    def _mark(self, event: _Event, end: int, *, inline: bool) -> None:
        if inline:
            self._add(event, end, "mark", "")
        else:
            self._end()

    def _add(self, event: _Event, end: int, kind: Kind, said: str) -> None:
        self._pieces.append(Piece(event.start, end, kind, said, self._depth))

    def _end(self) -> None:
        if any(piece.kind == "text" and piece.said.strip() for piece in self._pieces):
            self.flows.append(Flow(self._pieces, escape))
        self._pieces = []


def _not_closed(text: str, start: int, what: str) -> DataError:
    line = text.count("\n", 0, start) + 1
    return DataError(
        f"{what} is never closed", where=f"line {line}", cure="close it, so that no text is taken for code"
    )
