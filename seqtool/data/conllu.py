"""CoNLL-U: a word a line in ten columns, an empty line after each sentence (universaldependencies.org/format)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from seqtool.errors import DataError

COLUMNS = 10
FORM = 1
FIELDS = {"upos": 3, "xpos": 4}
NO_TAG = "_"
_CURE = "give CoNLL-U: ten columns between tabs, words numbered from 1, an empty line after each sentence"


@dataclass(frozen=True)
class Sentence:
    """The words of a sentence and their tags, one each; `number` counts sentences of its file from 1.

    `lines` are the block's own lines, comments, ranges and empty nodes too; () where it is not from CoNLL-U.
    """

    words: tuple[str, ...]
    tags: Mapping[str, tuple[str, ...]]
    lines: tuple[str, ...]
    number: int


def read_conllu(lines: Iterable[str]) -> Iterator[Sentence]:
    """Yield the sentences of CoNLL-U lines (without their line ends).

    Ranges (`2-3`) and empty nodes (`2.1`) are no words; a block of comments alone is no sentence. Raises `DataError`
    with the line's number.
    """
    number = 0
    for first, block in blocks(lines):
        sentence = parse(block, number + 1, first)
        if sentence.words:
            number += 1
            yield sentence


def blocks(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each block between empty lines, with the number of its first line, from 1."""
    block: list[str] = []
    count = 0
    for count, line in enumerate(lines, start=1):
        if line.strip():
            block.append(line)
        elif block:
            yield count - len(block), block
            block = []
    if block:
        yield count + 1 - len(block), block


def parse(block: Sequence[str], number: int = 1, first: int = 1) -> Sentence:
    """Read one block, sentence `number`, that begins in line `first`; raises `DataError` with the line's number."""
    rows = [_cells(line, n) for n, line in enumerate(block, start=first) if not line.startswith("#")]
    words = [row for row in rows if row[0].isdecimal()]
    for expected, row in enumerate(words, start=1):
        if row[0] != str(expected):
            raise DataError(f"sentence {number:,} has word {row[0][:20]} where word {expected} belongs", cure=_CURE)
    tags = {name: tuple(row[place] for row in words) for name, place in FIELDS.items()}
    return Sentence(tuple(row[FORM] for row in words), tags, tuple(block), number)


def _cells(line: str, number: int) -> list[str]:
    cells = line.split("\t")
    if len(cells) != COLUMNS:
        raise DataError(f"line {number:,} has {len(cells)} columns, not {COLUMNS}", cure=_CURE)
    if not (cells[0].isascii() and cells[0].replace("-", "").replace(".", "").isdecimal()):
        raise DataError(f"line {number:,} does not begin with a word's number", cure=_CURE)
    if not cells[FORM].strip():
        raise DataError(f"line {number:,} has no word", cure=_CURE)
    return cells


def write(sentence: Sentence, field: str, tags: Sequence[str]) -> str:
    """Return a sentence's block with the column `field` replaced, lines joined by LF, none at the end.

    `tags` holds one a word; every other cell, and every line that is no word, stays as it was.
    """
    given = iter(tags)
    return "\n".join(_replaced(line, FIELDS[field], given) for line in sentence.lines)


def _replaced(line: str, place: int, tags: Iterator[str]) -> str:
    cells = line.split("\t")
    if line.startswith("#") or not cells[0].isdecimal():
        return line
    cells[place] = next(tags)
    return "\t".join(cells)
