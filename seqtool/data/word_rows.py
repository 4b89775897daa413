"""Words with their tags as rows of text: parted by tabs, blanks, commas and others, or numbered by sentence."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from seqtool.data import separated, sniffing
from seqtool.data.known_tags import are_known
from seqtool.data.slashes import BETWEEN_BLANKS
from seqtool.data.text_table import Table, read_separated
from seqtool.data.word_columns import WordColumns
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import counted, printable

COLUMNS_CURE = "give every word a line of its own with as many columns, and an empty line after each sentence"
_DOCUMENT = "-DOCSTART-"  # the line by which CoNLL-2003 begins a document
_NO_TAG = "-X-"  # what stands for its tags
_SAMPLE = 2000  # lines that tell what parts the columns
_ALIKE = {"\t": 0.5, " ": 0.8}  # share of the lines of one width, where it is columns that they hold
_MARKS = (";", "|", ",")
_COMMENT = re.compile(r"# ?\w+ = ")


def parted_by(lines: Sequence[str]) -> str:
    """Return the mark between the columns of a word's line, a tab or a blank; "" where the lines hold no columns."""
    sample = [line for line in lines[:_SAMPLE] if line.strip() and not line.startswith(("#", _DOCUMENT))]
    if not sample:
        return ""
    mark = "\t" if 2 * sum("\t" in line for line in sample) >= len(sample) else " "
    count, width = _usual(sample, mark)
    return mark if width > 1 and count >= _ALIKE[mark] * len(sample) else ""


def _cells(line: str, mark: str) -> list[str]:
    """Return the cells of a line; `mark` is a tab, a blank, or what stands between a word and its tag."""
    if mark == "\t":  # a word may hold blanks
        cells = line.split("\t")
        return [cell.strip(" ") for cell in cells] if " " in line else cells
    if mark == " ":
        return BETWEEN_BLANKS.findall(line)
    word, found, tag = line.strip(" ").rpartition(mark)
    return [word, tag] if found else [tag]


def _usual(lines: Iterable[str], mark: str) -> tuple[int, int]:
    """Return how many lines have the most usual number of columns, and this number."""
    widths = Counter(len(_cells(line, mark)) for line in lines)
    width, count = widths.most_common(1)[0]
    return count, width


def read_columns(lines: Sequence[str], mark: str, where: str) -> Table:
    """Read columns between tabs, blanks or others, a quote being a word; a gap in `lines` of the table ends a sentence.

    Lines that mark a document, and comments above a sentence, are left out. Raises `DataError` for a line of another
    width, and for comments that may be words.
    """
    numbered = [(n, line) for n, line in enumerate(lines, start=1) if line.strip()]
    if not any(not line.startswith(_DOCUMENT) for _, line in numbered):
        raise DataError("there are no sentences in it", where=where, cure=COLUMNS_CURE)
    sample = [line for _, line in numbered[:_SAMPLE]]
    _, width = _usual([line for line in sample if not line.startswith(("#", _DOCUMENT))] or sample, mark)
    documents = {n for n, line in numbered if line.startswith(_DOCUMENT) and _begins_document(lines, n, mark, width)}
    numbered = [(n, line) for n, line in numbered if n not in documents]
    comments = _comments(numbered, mark, width, where)
    columns: list[list[str | None]] = [[] for _ in range(width)]
    places, known = array("q"), dict[str, str]()
    for number, line in numbered:
        if number in comments:
            continue
        row = _cells(line, mark)
        if len(row) != width:
            what = f"line {number:,} ('{printable(line)}') has {_counted(len(row))}, most lines have {width}"
            raise DataError(what, where=where, cure=COLUMNS_CURE)
        for column, cell in zip(columns, row, strict=True):
            column.append(known.setdefault(cell, cell))  # words and tags come again: one text for all
        places.append(number)
    name = {"\t": "tabs", " ": "blanks"}.get(mark, mark)
    findings = [Finding("note", "format", f"read as columns parted by {name}, a word a line")]
    if comments:
        findings.append(
            Finding("note", "comments", f"{counted(len(comments), 'line')} above sentences, with # in front: left out")
        )
    names = {f"column_{n}": column for n, column in enumerate(columns, start=1)}
    return Table(names, places, False, tuple(findings), mark=mark)


def _counted(width: int) -> str:
    return "1 column" if width == 1 else f"{width} columns"


def _begins_document(lines: Sequence[str], number: int, mark: str, width: int) -> bool:
    """Tell whether a line marks a document: of another width than words, tagged -X-, or between empty lines."""
    cells = _cells(lines[number - 1], mark)
    around = (*lines[max(0, number - 2) : number - 1], *lines[number : number + 1])
    alone = not any(line.strip() for line in around)
    return cells[0] == _DOCUMENT and (len(cells) != width or _NO_TAG in cells or alone)


def _comments(numbered: Sequence[tuple[int, str]], mark: str, width: int, where: str) -> set[int]:
    """Return the numbers of the lines that are comments: above a sentence, begun by #, of another width than words.

    A line as wide as words is the word # where it ends in a tag, of the other lines or a well-known one. Where every
    sentence has one line above that ends otherwise, these are comments too. Raises `DataError` where lines may be
    comments or words.
    """
    above, sentences = _above_sentences(numbered)
    comments = {n for n, line in above.items() if _COMMENT.match(line) or len(_cells(line, mark)) != width}
    wide = {n: _cells(line, mark)[-1] for n, line in above.items() if n not in comments and line.startswith("# ")}
    tags = {_cells(line, mark)[-1] for n, line in numbered if n not in above} if wide else set()
    doubtful = [n for n, tag in wide.items() if tag not in tags and not are_known([tag])]
    if len(doubtful) > 1 and len(doubtful) == sentences:
        return comments.union(doubtful)
    if len(doubtful) > 1 or (doubtful and (comments or are_known(tags))):
        what = f"line {doubtful[0]:,} may be a comment or the word #"
        raise DataError(what, where=where, cure="remove the lines above the sentences that begin with #")
    return comments


def _above_sentences(numbered: Sequence[tuple[int, str]]) -> tuple[dict[int, str], int]:
    """Return the lines that begin with # above the first word of a sentence, by number, and how many sentences are."""
    found: dict[int, str] = {}
    before, above, sentences = -1, True, 0
    for number, line in numbered:
        begins = number > before + 1
        sentences += begins
        above = line.startswith("#") and (above or begins)
        if above:
            found[number] = line
        before = number
    return found, sentences


def read_table(text: str, format: str, where: str) -> Table:
    """Read separated values with their quotes; a gap in `lines` of the table ends a sentence.

    Raises `DataError` for a row of another width, and what `read_separated` raises.
    """
    table = read_separated(text, where, format=format)
    table.refuse_ragged(where)
    return table


def separated_format(text: str, where: str) -> str:
    """Return the format of a text whose rows semicolons, bars or commas part, "" where none does."""
    how = sniffing.sniff(text, where, _MARKS)
    return separated.FORMATS[how.mark] if how else ""


def groups(table: Table, chosen: WordColumns, where: str) -> Iterator[list[int]]:
    """Yield the rows of each sentence: those of one number, those that count on, or those between empty lines.

    A number may stand in the first row of its sentence alone. Raises `DataError` for a sentence in two places.
    """
    cells = list(table.columns.values())
    sentence = chosen.sentence
    numbers = _numbers(table, chosen) if sentence else None
    begins = _begins(table.columns[chosen.counter]) if chosen.counter else frozenset()
    group: list[int] = []
    current, seen = "", dict[str, int]()
    for row in range(len(table)):
        # A row of marks alone is an empty line too.
        if not cells[0][row] and not any(column[row] for column in cells):
            ends = not sentence
            if ends and group:
                yield group
                group = []
            continue
        number = (numbers[row] or "").strip() if numbers else ""
        new = number not in ("", current) if sentence else row in begins or (row > 0 and _is_gap(table, cells, row))
        if new and group:
            yield group
            group = []
        if new and number in seen and sentence:
            what = (
                f"{table.place(row)}: the sentence '{printable(number)}' began in {table.place(seen[number])} already"
            )
            raise DataError(
                what, where=where, cure="give each sentence a number of its own, and keep its rows together"
            )
        if number and number != current:
            seen[number], current = row, number
        group.append(row)
    if group:
        yield group


def _numbers(table: Table, chosen: WordColumns) -> list[str | None]:
    """Return the number of each row's sentence, with that of its document; an empty one stays empty."""
    columns = [table.columns[name] for name in (*chosen.within, chosen.sentence)]
    if len(columns) == 1:
        return columns[0]
    return [" ".join(cell or "" for cell in row) if row[-1] else "" for row in zip(*columns, strict=True)]


def _begins(cells: Sequence[str | None]) -> frozenset[int]:
    """Return the rows in which the numbers of words begin again."""
    return frozenset(row for row, cell in enumerate(cells) if row and cell == cells[0])


def _is_gap(table: Table, cells: Sequence[Sequence[str | None]], row: int) -> bool:
    """Tell whether empty lines, or lines left out, stand above a row."""
    step = table.lines[row] - table.lines[row - 1] if len(table.lines) else 1
    # Only where there is a step: a quoted cell may go over several lines.
    return step > 1 and step > 1 + sum((column[row - 1] or "").count("\n") for column in cells)
