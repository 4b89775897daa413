"""CoNLL-U: a word a line in ten columns, an empty line after each sentence (universaldependencies.org/format)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from seqtool.errors import DataError

COLUMNS = 10
FORM = 1
FIELDS = {"upos": 3, "xpos": 4}
OTHERS = {"feats": 5, "head": 6, "deprel": 7, "deps": 8, "misc": 9}  # columns that are not read as tags
NO_TAG = "_"
_SAMPLE = 1000  # lines that tell CoNLL-U
_CURE = "give CoNLL-U: ten columns between tabs, words numbered from 1, an empty line after each sentence"


@dataclass(frozen=True)
class Block:
    """A sentence of CoNLL-U: its words and, for each column of tags, a tag for each word.

    `number` counts the sentences of its file from 1; `lines` are all lines, with comments, ranges and empty nodes.
    """

    words: tuple[str, ...]
    tags: Mapping[str, tuple[str, ...]]
    lines: tuple[str, ...]
    number: int


def is_conllu(lines: Iterable[str]) -> bool:
    """Tell CoNLL-U: most lines that are no comments have ten columns, and a number in the first."""
    words = (line for line in lines if line.strip() and not line.startswith("#"))
    rows = [line.split("\t") for line in itertools.islice(words, _SAMPLE)]
    return 2 * sum(len(row) == COLUMNS and _is_number(row[0]) for row in rows) > len(rows)


def tag_field(name: str) -> str:
    """Return the field that a name or the number of its column means; another name as it is."""
    columns = FIELDS | OTHERS
    numbers = {str(place + 1): field for field, place in columns.items()}
    return numbers.get(name, name.lower() if name.lower() in columns else name)


def _is_number(cell: str) -> bool:
    return cell.isascii() and cell.replace("-", "").replace(".", "").isdecimal()


def read_conllu(lines: Iterable[str]) -> Iterator[Block]:
    """Yield the sentences of CoNLL-U lines without their ends; raises `DataError` with the line's number."""
    number = 0
    for first, block in blocks(lines):
        sentence = parse(block, number + 1, first)
        if sentence.words:  # a block of comments alone is no sentence
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


def parse(block: Sequence[str], number: int = 1, first: int = 1) -> Block:
    """Read one block, sentence `number`, that begins in line `first`; raises `DataError` with the line's number."""
    rows = [_cells(line, n) for n, line in enumerate(block, start=first) if not line.startswith("#")]
    words = [row for row in rows if row[0].isdecimal()]  # not the ranges (2-3) and empty nodes (2.1)
    for expected, row in enumerate(words, start=1):
        if row[0] != str(expected):
            raise DataError(f"sentence {number:,} has word {row[0][:20]} where word {expected} belongs", cure=_CURE)
    tags = {name: tuple(row[place] for row in words) for name, place in FIELDS.items()}
    return Block(tuple(row[FORM] for row in words), tags, tuple(block), number)


def _cells(line: str, number: int) -> list[str]:
    cells = line.split("\t")
    if len(cells) != COLUMNS:
        raise DataError(f"line {number:,} has {len(cells)} columns, not {COLUMNS}", cure=_CURE)
    if not _is_number(cells[0]):
        raise DataError(f"line {number:,} does not begin with a word's number", cure=_CURE)
    if not cells[FORM].strip():
        raise DataError(f"line {number:,} has no word", cure=_CURE)
    return cells


def write(block: Block, fields: Mapping[str, Sequence[str]]) -> str:
    """Return a block with the columns `fields` replaced, lines joined by LF, none at the end.

    Each holds a tag for each word; every other cell, and every line without a word, stays as it was.
    """
    new, lines = zip(*fields.values(), strict=True), []
    for line in block.lines:
        cells = line.split("\t")
        if cells[0].isdecimal():  # a comment begins with #
            for name, tag in zip(fields, next(new), strict=True):
                cells[FIELDS[name]] = tag
        lines.append("\t".join(cells))
    return "\n".join(lines)
