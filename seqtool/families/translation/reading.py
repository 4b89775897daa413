"""Texts read for a translator: the sources of a line's sentences, what a translation begins with, pairs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from seqtool.data.banned import FORBIDDEN, walked
from seqtool.data.encoders.letter_case import Case
from seqtool.data.encoders.letter_case import restored as recased
from seqtool.data.encoders.sides import TranslationEncoders
from seqtool.data.encoders.vocabulary import EOS, UNK
from seqtool.data.kept_spans import Kept
from seqtool.families.translation import lines
from seqtool.families.translation.lines import Line
from seqtool.families.translation.search import LIMIT_EXTRA, LIMIT_FACTOR, NO_SPANS, Graph, Pair, Request, Source
from seqtool.runtime.stream import Refusal
from seqtool.say import listing, printable
from seqtool.types import Ids

NOTHING = Refusal("nothing in it that the model knows", "nothing that the model knows")
SEEN = 1 << 25  # attention weights of a sentence at most: the graph holds a dozen times as much, 1.6 GB


class Room(NamedTuple):
    """The most characters of a line, tokens of a source with its EOS, and tokens of a piece of a torn sentence."""

    characters: int
    tokens: int
    piece: int


class Reader:
    """Reads lines and pairs as ids. turned: the model was trained with `--reverse`."""

    def __init__(self, encoders: TranslationEncoders, graph: Graph, most: Room, turned: bool) -> None:
        self._encoders, self._graph, self._most = encoders, graph, most
        self._source, self._target = encoders.source, encoders.target
        self.language = encoders.languages[turned] if encoders.languages else "en"

    def room(self, request: Request) -> int:
        """Return the largest number of tokens of a source, EOS counted."""
        if not self._graph.attends:
            return self._most.tokens
        # A file with attention keeps K * U * T weights of K hypotheses of U tokens over T of the source: at most
        # `SEEN`. With U = LIMIT_FACTOR * T + LIMIT_EXTRA, T is the root of a quadratic equation.
        each = SEEN // request.beam
        root = math.isqrt(LIMIT_EXTRA**2 + 4 * LIMIT_FACTOR * each)
        room = each // request.max_length if request.max_length else (root - LIMIT_EXTRA) // (2 * LIMIT_FACTOR)
        room = min(room, each // (request.min_length + 1))
        return min(self._most.tokens, max(room, 1))

    def splits(self, request: Request) -> bool:
        """Tell whether the sentences of a line are translated apart: the training's lines were one sentence each."""
        return request.split and self._encoders.form is not None and self._encoders.form.single

    def longest_line(self, request: Request) -> int:
        """Return the most characters of a line."""
        return lines.LONGEST if self.splits(request) else self._most.characters

    def line(self, text: str, number: int, request: Request, prefix: str = "") -> Line | Refusal:
        """Return text `number` as the sources of its sentences, or why it cannot be translated.

        prefix: what the translation begins with.
        """
        line = self._line(text, number, request)
        if isinstance(line, Refusal) or not prefix.strip():
            return line
        first = self.begun(line.parts[0], prefix, request)
        return first if isinstance(first, Refusal) else line._replace(parts=(first, *line.parts[1:]))

    def _line(self, text: str, number: int, request: Request) -> Line | Refusal:
        room = self.room(request)
        if not self.splits(request):
            source = self.read(text, number, room)
            return source if isinstance(source, Refusal) else Line(text, (source,))

        def size(part: str) -> int:
            return len(self._source.encode(self.kept(part, recase=True)[0].text))

        language, piece = request.language or self.language, min(room - 1, self._most.piece)
        cut = lines.cut(text, language, size, room - 1, self._most.characters, piece)
        sources: list[Source] = []
        gaps = [""]
        for part, gap in zip(cut.parts, (*cut.gaps, ""), strict=True):
            source = self.read(part, number, room, len(sources))
            if isinstance(source, Source):
                sources.append(source)
                gaps.append(gap)
            elif len(cut.parts) == 1:
                return source
            else:  # nothing in it is known: it stays as it is
                gaps[-1] += part + gap
        return Line(text, tuple(sources), tuple(gaps), cut.torn) if sources else NOTHING

    def read(self, text: str, number: int, room: int, part: int = 0, *, recase: bool = True) -> Source | Refusal:
        """Return text `number`, or a part of it, as ids, or why it cannot be translated, such as too many for `room`.

        recase: read a text in capitals or Title Case as a sentence, where the training had few such texts.
        """
        kept, case = self.kept(text, recase)
        ids = np.append(self._source.encode(kept.text), EOS)
        if len(ids) > room:
            return Refusal(f"{len(ids):,} tokens, more than {room:,}", f"longer than {room:,} tokens")
        # a decoder writes a fluent sentence even for a text in which it knows nothing
        if len(ids) == 1 or (UNK in ids and not self._source.decode(ids[ids != UNK]).strip()):
            return NOTHING
        as_is = bool(kept.spans) and not any(map(str.isalpha, kept.text))
        return Source(text, number, ids, part, kept.text, case, kept.spans, as_is=as_is)

    def kept(self, text: str, recase: bool) -> tuple[Kept, Case]:
        """Return a text as the network reads it, and the case that was undone in it."""
        kept = self._encoders.read(text)
        casing = self._encoders.form.casing if self._encoders.form is not None else None
        if not casing or not recase:
            return kept, ""
        # a capital that training never had makes a span of its word
        unlike = self._encoders.read(text, recased=True) if kept.spans else kept
        case = casing.case_of(unlike.text)
        return (unlike._replace(text=casing.as_sentence(unlike.text, case)), case) if case else (kept, "")

    def begun(self, source: Source, prefix: str, request: Request) -> Source | Refusal:
        """Return a source with what its translation begins with, or why it cannot."""
        ids, limit = self.prefix(prefix, request, source.spans), int(self._graph.limits([source.ids], request)[0])
        if isinstance(ids, Refusal):
            return ids
        if len(ids) >= limit:
            more = "; --max-length makes them longer"
            what = f"a prefix of {len(ids):,} tokens, where translations have at most {limit:,} with their end{more}"
            return Refusal(what, "with a prefix too long")
        # the prefix stands as it is, and the rest as it does
        case = source.case if recased(prefix, source.case) == prefix else ""
        return source._replace(prefix=ids, as_is=False, case=case)

    def prefix(self, text: str, request: Request, spans: Mapping[str, str] = NO_SPANS) -> Ids | Refusal:
        """Return what a translation begins with as ids [P], white space as a blank, or why it cannot be written.

        spans: of the source.
        """
        text = " ".join(text.split())
        read = self._encoders.read_target(text, spans)
        ids = self._target.encode(read)
        if unknown := self._target.unknown(read):
            what = f"the model cannot write {listing(list(unknown), 5)} of the prefix"
            return Refusal(what, "with an unknown prefix")
        if (written := self._encoders.written(ids, spans)) != text:
            return Refusal(f"the model writes the prefix as '{printable(written)}'", "with a prefix written otherwise")
        if walked(self._graph.rules.table(request.ban), 0, ids.tolist()) == FORBIDDEN:
            return Refusal("what is banned stands in the prefix", "with a banned prefix")
        return ids

    def pair(self, source: Source, target: str) -> Pair | Refusal:
        """Return a source and its translation as ids, or why the translation cannot be scored."""
        text, most = self._encoders.read_target(target, source.spans), self._graph.generated
        ids = self._target.encode(text)
        if len(ids) >= most:
            return Refusal(f"a translation of {len(ids):,} tokens, {most:,} or more", f"of {most:,} tokens or more")
        # of white space that the encoder joins nothing is scored
        unknown = sum(len(symbol) * count for symbol, count in self._target.unknown(text).items()) if UNK in ids else 0
        return Pair(source.ids, ids, len(" ".join(target.split())), unknown)
