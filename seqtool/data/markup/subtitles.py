"""Subtitles: the text of cues in SubRip (.srt) and WebVTT (.vtt); numbers, times, notes and tags stay."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from seqtool.data.markup.flows import Flow, Kind, Piece
from seqtool.errors import DataError

_LINE = re.compile(r"[^\r\n]+|\r\n|\r|\n")
_TIME = r"(?:\d+:)?\d{1,2}:\d{2}[,.]\d{1,3}"
_TIMES = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?")
_TAG = re.compile(r"<[^<>]*>|\{\\[^{}]*\}")
_SIGN = re.compile(r"&#?\w+;")
_OPEN_TAG = re.compile(r"<[A-Za-z/][^<>]*\Z")
_DIALOGUE = re.compile(r"\s*[-\u2010-\u2015]\s*(?=\S)")
_BLOCK = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")

Span = tuple[int, int]


def srt(text: str) -> list[Flow]:
    """Return the flows of a file in SubRip; raises `DataError` where it is none, or a tag is not closed."""
    return [Flow(pieces, _one_line) for cue in _cues(text, web=False) for pieces in _flows(text, cue, web=False)]


def vtt(text: str) -> list[Flow]:
    """Return the flows of a file in WebVTT; raises `DataError` where it is none, or a tag is not closed."""
    if not re.match(r"WEBVTT(?:[ \t\r\n]|$)", text):
        what = "WebVTT begins with WEBVTT, this file does not"
        raise DataError(what, where="line 1", cure="--markup srt, if it is SubRip")
    return [Flow(pieces, _escaped) for cue in _cues(text, web=True) for pieces in _flows(text, cue, web=True)]


def _one_line(text: str) -> str:
    return text.replace("-->", "->")


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def _cues(text: str, *, web: bool) -> list[list[Span]]:
    """Return the lines of text of each cue; what stands behind an empty line, and is no cue, is text too."""
    lines = _lines(text)
    read = [text[start:end] for start, end in lines]
    cues: list[list[Span]] = []
    skipped, begun, empty = web, False, True  # the header of WebVTT is skipped
    for place, (line, span) in enumerate(zip(read, lines, strict=True)):
        timed_next = place + 1 < len(read) and _TIMES.fullmatch(read[place + 1])
        if not line.strip():
            skipped, empty = False, True
            cues.append([])
            continue
        if _TIMES.fullmatch(line):
            begun, skipped = True, False
            cues.append([])
        elif web and empty and _BLOCK.match(line):
            skipped = True
        elif "-->" in line and not skipped:
            _refuse("this is no time of a subtitle", place)
        elif not (skipped or (timed_next and (line.strip().isdigit() or (web and empty)))):
            if not begun:
                _refuse("text stands before the time of the first subtitle", place)
            cues[-1].append(span)
        empty = False
    if not begun and not web:
        raise DataError("there is no time of a subtitle in it", cure="is it a file of another kind?")
    return cues


def _lines(text: str) -> list[Span]:
    """Return where each line begins and ends."""
    spans: list[Span] = []
    start = 0
    for found in _LINE.finditer(text):
        if found[0][0] in "\r\n":
            spans.append((start, found.start()))
            start = found.end()
    return [*spans, (start, len(text))]


def _refuse(what: str, place: int) -> None:
    cure = "a subtitle is a number, a time such as 00:00:01,000 --> 00:00:02,500, and its text below"
    raise DataError(what, where=f"line {place + 1:,}", cure=cure)


def _flows(text: str, cue: list[Span], *, web: bool) -> Iterator[list[Piece]]:
    """Yield the pieces of each speaker's text: a dash at the beginning of a line is another one's."""
    pieces: list[Piece] = []
    depth = 0
    for start, end in cue:
        if dash := _DIALOGUE.match(text, start, end):
            yield pieces
            pieces, start = [], dash.end()
        elif pieces:
            pieces.append(Piece(pieces[-1].end, start, "break", " ", depth))
        if unclosed := _OPEN_TAG.search(text, start, end):
            _refuse(f"{unclosed[0][:20]!r} is never closed", len(_lines(text[:start])) - 1)
        for piece in _pieces(text, start, end, web=web):
            depth -= piece.kind == "mark" and text.startswith("</", piece.start)
            pieces.append(piece._replace(depth=max(0, depth)))
            depth += piece.kind == "mark" and text[piece.start] == "<" and text[piece.start + 1] != "/"
    yield pieces


def _pieces(text: str, start: int, end: int, *, web: bool) -> Iterator[Piece]:
    """Yield the tags, signs and texts of a line."""
    form = re.compile(rf"{_TAG.pattern}|{_SIGN.pattern}") if web else _TAG
    place = start
    for found in form.finditer(text, start, end):
        if place < found.start():
            yield Piece(place, found.start(), "text", text[place : found.start()])
        kind: Kind = "text" if found[0][0] == "&" else "mark"
        yield Piece(*found.span(), kind, html.unescape(found[0]) if kind == "text" else "")
        place = found.end()
    if place < end:
        yield Piece(place, end, "text", text[place:end])
