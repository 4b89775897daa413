"""Markdown (CommonMark, tables, strikethrough): the text of paragraphs, headings, lists and cells, by markdown-it-py.

It says in which lines a block stands. Where marks stand in a line its rules are watched for: each tells where it began
and ended. What cannot be found again in the file as it was read stays as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it import rules_inline as rules
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from seqtool.data.markup import html
from seqtool.data.markup.flows import Flow, Piece
from seqtool.errors import DataError

_FRONT_MATTER = re.compile(r"---[ \t]*(?:\r\n|\r|\n).*?(?:\r\n|\r|\n)(?:---|\.\.\.)[ \t]*(?:\r\n|\r|\n|\Z)", re.DOTALL)
_LINE_END = re.compile(r"\r\n?|\n")
_SPECIAL = re.compile(r"[\\`*\[\]<~|]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)")
_OPENS_BLOCK = re.compile(r"^(\s*)(#{1,6}(?=\s)|[-+>=]|\d+(?=[.)]))")
_CELLS = ("td_open", "th_open")
_SPACE = re.compile(r"\s+$")
_NOTE = re.compile(r"\[\^[^\]\s]+\](?::(?=\s))?")  # of a footnote: where it is called, or `[^1]:` where it stands
_TASK = re.compile(r"\[[ xX]\](?=\s)")  # a box of a list of tasks
Rule = Callable[[StateInline, bool], bool]


class _Seen(NamedTuple):
    """What a rule has read: from where to where, and the tokens that it made of it, with the lengths of their texts."""

    name: str
    start: int
    end: int
    tokens: Sequence[Token]
    lengths: Sequence[int]


class _Inline:
    """Reads the inside of a block and notes where its marks are."""

    RULES: tuple[tuple[str, Rule], ...] = (
        ("newline", rules.newline), ("escape", rules.escape), ("backticks", rules.backtick),
        ("strikethrough", rules.strikethrough.tokenize), ("emphasis", rules.emphasis.tokenize), ("link", rules.link),
        ("image", rules.image), ("autolink", rules.autolink), ("html_inline", rules.html_inline),
        ("entity", rules.entity),
    )  # fmt: skip

    def __init__(self) -> None:
        self.md = MarkdownIt("commonmark").enable(["table", "strikethrough"])
        self.md.core.ruler.disable(["inline", "text_join"])
        self.md.inline.ruler2.disable("fragments_join")  # it would move texts from one token to another
        for name, rule in self.RULES:
            self.md.inline.ruler.at(name, self._watched(name, rule))
        self.md.inline.ruler.before("link", "box", self._watched("box", _box))
        self._content, self._seen = "", list[_Seen]()

    def _watched(self, name: str, rule: Rule) -> Rule:
        def watch(state: StateInline, silent: bool) -> bool:
            # the text before it, which waits, becomes a token of its own
            start, count = state.pos, len(state.tokens) + bool(state.pending)
            label = state.md.helpers.parseLinkLabel(state, start) if name == "link" and state.src[start] == "[" else 0
            done = rule(state, silent)
            if done and not silent and state.src is self._content:
                tokens = state.tokens[count:]
                if name == "link" and state.src[label : state.pos] in ("]", "][]"):  # its text is its name
                    self._seen.append(_Seen("named", start, state.pos, [], []))
                elif name == "link":
                    self._seen += (
                        _Seen("open", start, start + 1, [], []), _Seen("close", label, state.pos, [], [])
                    )  # fmt: skip
                else:
                    self._seen.append(_Seen(name, start, state.pos, tokens, [len(token.content) for token in tokens]))
            return done

        return watch

    def pieces(self, content: str, env: dict[str, object]) -> list[Piece]:
        """Return the pieces of a text, with places in it."""
        self._content, self._seen = content, []
        self.md.inline.parse(content, self.md, env, [])
        pieces: list[Piece] = []
        place = depth = 0
        for piece in sorted(self._marks(), key=lambda piece: piece.start):
            if piece.start < place:  # inside of a link by its name
                continue
            if place < piece.start:
                pieces.append(Piece(place, piece.start, "text", content[place : piece.start], depth))
            depth += min(piece.depth, 0)
            pieces.append(piece._replace(depth=depth))
            depth += max(piece.depth, 0)
            place = piece.end
        if place < len(content):
            pieces.append(Piece(place, len(content), "text", content[place:], depth))
        return _with_blanks_in_breaks(pieces)

    def _marks(self) -> Iterator[Piece]:
        """Yield what is no plain text; depth: 1 where it opens something, -1 where it closes."""
        for seen in self._seen:
            whole = seen.tokens[-1].content if seen.tokens else ""
            if seen.name in ("emphasis", "strikethrough"):
                yield from _delimiters(seen)
            elif seen.name == "newline" or (seen.name == "escape" and seen.tokens[-1].type == "hardbreak"):
                yield Piece(seen.start, seen.end, "break", " ")
            elif seen.name in ("escape", "entity"):
                yield Piece(seen.start, seen.end, "text", whole)
            elif seen.name == "backticks" and seen.tokens and seen.tokens[-1].type == "code_inline":
                yield Piece(seen.start, seen.end, "kept", whole)
            elif seen.name == "named":
                label = self._content[seen.start + 1 : seen.end].removesuffix("[]").removesuffix("]")
                yield Piece(seen.start, seen.end, "kept", label.strip("`*_"))
            elif seen.name == "autolink":
                yield Piece(seen.start, seen.end, "kept", self._content[seen.start + 1 : seen.end - 1])
            elif seen.name != "backticks":
                yield Piece(seen.start, seen.end, "mark", "", {"open": 1, "close": -1}.get(seen.name, 0))


def _box(state: StateInline, silent: bool) -> bool:
    """Read the mark of a footnote, and a box at the begin of a text, which are GitHub's: they are no text."""
    found = _NOTE.match(state.src, state.pos) or (None if state.pos else _TASK.match(state.src))
    if found and not silent:
        state.pending += found[0]
    if found:
        state.pos = found.end()
    return found is not None


def _delimiters(seen: _Seen) -> Iterator[Piece]:
    """Yield the signs of emphasis, each by itself: which are marks is known when all of the block is read."""
    place = seen.start
    for token, length in zip(seen.tokens, seen.lengths, strict=True):
        if token.type != "text" or not token.content:
            yield Piece(place, place + length, "mark", "", token.nesting)
        place += length


def _with_blanks_in_breaks(pieces: Sequence[Piece]) -> list[Piece]:
    """Give breaks the blanks in front of them: two make another kind of break."""
    given: list[Piece] = []
    for piece in pieces:
        if piece.kind == "break" and given and given[-1].kind == "text" and (blanks := _SPACE.search(given[-1].said)):
            cut = len(blanks[0])
            piece = piece._replace(start=piece.start - cut)
            given[-1] = given[-1]._replace(end=given[-1].end - cut, said=given[-1].said[:-cut])
        given.append(piece)
    return [piece for piece in given if piece.start < piece.end]


def flows(text: str) -> list[Flow]:
    """Return the flows of a document; raises `DataError` where a fence of code is not closed."""
    front = _FRONT_MATTER.match(text)
    begin = front.end() if front else 0
    return list(_Blocks(text, begin))


class _Blocks:
    """The blocks of a document, in order."""

    def __init__(self, text: str, begin: int) -> None:
        self._text, self._body = text, text[begin:]
        self._starts, self._ends = [begin], list[int]()
        for end in _LINE_END.finditer(text, begin):
            self._ends.append(end.start())
            self._starts.append(end.end())
        self._ends.append(len(text))
        self._cell = begin

    def __iter__(self) -> Iterator[Flow]:
        inline, env = _Inline(), dict[str, object]()
        block = ""
        for token in inline.md.parse(self._body, env):
            within, block = block, token.type
            if token.map is None:
                continue
            if token.type == "fence":
                self._hold_fence(token)
            elif token.type == "html_block":
                yield from self._html(token)
            elif token.type == "inline" and (places := self._places(token, within)) is not None:
                yield Flow(_moved(inline.pieces(token.content, env), places), escape)

    def _hold_fence(self, token: Token) -> None:
        first, last = token.map or (0, 0)
        line = self._line(last - 1).strip(" \t>")
        if last - 1 == first or not line.startswith(token.markup) or line.strip(token.markup[0]):
            where = f"line {self._text.count(chr(10), 0, self._starts[first]) + 1}"
            raise DataError(
                f"the code behind {token.markup} is never closed", where=where, cure=f"end it by {token.markup}"
            )

    def _line(self, number: int) -> str:
        return self._text[self._starts[number] : self._ends[number]]

    def _html(self, token: Token) -> Iterator[Flow]:
        """Yield the flows of a block of HTML; one that is not whole stays as it is."""
        first, last = token.map or (0, 0)
        start, end = self._starts[first], self._ends[min(last, len(self._ends)) - 1]
        if _LINE_END.sub("\n", self._text[start:end]).strip() != token.content.strip():
            return
        try:
            inner = html.flows(self._text[start:end])
        except DataError:
            return
        for pieces, write in inner:
            yield Flow([piece._replace(start=piece.start + start, end=piece.end + start) for piece in pieces], write)

    def _places(self, token: Token, within: str) -> list[tuple[int, int]] | None:
        """Return where each line of a block begins in its own text and in the document; None where it is not found.

        within: the type of the token that opened the block.
        """
        first, last = token.map or (0, 0)
        if last - first == 1 and "\n" not in token.content:  # a heading, or one cell of a row
            bars = [bar.start() for bar in re.finditer(r"\|", token.content)] if within in _CELLS else []
            content = token.content.replace("|", r"\|") if bars else token.content
            start = self._text.find(content, max(self._cell, self._starts[first]), self._ends[first])
            if start < 0 or not content:
                return None
            self._cell = start + len(content)
            return [(0, start), *((bar, start + bar + number) for number, bar in enumerate(bars, start=1))]
        places, own = [], 0
        for number, content in enumerate(token.content.split("\n"), start=first):
            line, inner = self._line(number), content.strip()
            start = line.rfind(inner) if line.rstrip().endswith(inner) else -1
            if start < 0:
                return None
            places.append((own + content.index(inner), self._starts[number] + start))
            own += len(content) + 1
        return places


def _moved(pieces: Sequence[Piece], places: Sequence[tuple[int, int]]) -> list[Piece]:
    """Return pieces with their places in the document."""
    owns = [own for own, _ in places]

    def of(place: int) -> int:
        own, start = places[max(0, bisect_right(owns, place) - 1)]
        return start + max(0, place - own)

    return [piece._replace(start=of(piece.start), end=of(piece.end)) for piece in pieces]


def escape(text: str) -> str:
    """Write a text so that none of its signs is a mark."""
    text = _SPECIAL.sub(lambda sign: f"\\{sign[0]}", text)
    return _OPENS_BLOCK.sub(
        lambda sign: f"{sign[1]}{sign[2]}\\" if sign[2].isdigit() else f"{sign[1]}\\{sign[2]}", text
    )
