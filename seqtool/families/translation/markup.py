"""Documents translated: subtitles, Markdown and HTML go through a translator, their marks stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from seqtool.data.markup import reader_of
from seqtool.data.markup.document import translated
from seqtool.errors import DataError
from seqtool.families.translation.lines import Line
from seqtool.families.translation.pipe import Sources
from seqtool.families.translation.runner import Runner
from seqtool.families.translation.search import Request
from seqtool.runtime.stream import Refusal
from seqtool.say import counted, warn

LARGEST = 50_000_000
"""Bytes of a document at most: all of it is in memory, some twenty times."""
BOM = "\ufeff"
AT_ONCE = 1024  # texts that are read before they are translated


def decoded(document: bytes) -> str:
    """Return a document as text, with its mark of byte order; raises `DataError` where it is too large or no UTF-8."""
    if len(document) > LARGEST:
        raise DataError(f"the document has more than {LARGEST:,} bytes", where="stdin", cure="give it in parts")
    try:
        return document.decode()
    except UnicodeDecodeError as error:
        where = f"stdin, line {document[: error.start].count(10) + 1:,}"
        cure = "iconv -f windows-1252 -t utf-8, or the encoding that it has"
        raise DataError("the document is no UTF-8", where=where, cure=cure) from error


def translate(
    document: str, kind: str, runner: Runner, sources: Sources, request: Request, lost: Counter[str], *, strict: bool
) -> str:
    """Return a document whose text is translated; raises `DataError` where a mark is not closed.

    lost: gets what sentences of the new document lack of their sources, with the times. A text that cannot be
    translated stays as it is, and is counted; with `strict` the first raises `DataError`.
    """
    refused: list[str] = []

    def answered(texts: Sequence[str]) -> list[str | None]:
        answers: list[str | None] = []
        for start in range(0, len(texts), AT_ONCE):
            numbered = enumerate(texts[start : start + AT_ONCE], start=start + 1)
            read = [sources.line(text, number, request) for number, text in numbered]
            found = iter(runner.answer_lines([line for line in read if isinstance(line, Line)], request))
            for text, line in zip(texts[start:], read, strict=False):
                if isinstance(line, Refusal):
                    refused.append(f"{text!r:.60}: {line.reason}")
                    if strict:
                        raise DataError(refused[0], cure="change it, or leave out --strict")
                answers.append(None if isinstance(line, Refusal) else next(found).translation)
        return answers

    def compare(source: str, written: str) -> None:
        _, case = runner.reader.kept(source, recase=True)
        lost.update(runner.encoders.lost(source, written, recased=bool(case)))

    language = (request.language or runner.reader.language) if runner.reader.splits(request) else ""
    text = document.removeprefix(BOM)
    new = translated(text, reader_of(kind)(text), answered, language, compare)
    whole = document[: len(document) - len(text)] + new
    if refused:
        warn(f"{counted(len(refused), 'text')} could not be translated (the first: {refused[0]}): left as they are")
    return whole
