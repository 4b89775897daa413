"""What a file of tagged sentences is, told by its content."""

from __future__ import annotations

from collections.abc import Sequence

from seqtool.data.conllu import is_conllu
from seqtool.data.penn import is_penn
from seqtool.data.sentence_rows import format_of_rows
from seqtool.data.separated import MARKS
from seqtool.data.slashes import refuse_bars, refuse_doubtful, separator_of
from seqtool.data.tab_quotes import quotes_are_marks
from seqtool.data.word_names import are_usual
from seqtool.data.word_rows import parted_by, separated_format
from seqtool.errors import DataError

CURE = "give CoNLL-U, word<TAB>tag with an empty line after each sentence, or word/TAG with one sentence a line"


def format_of(text: str, lines: Sequence[str], separator: str, where: str) -> str:
    """Return the format that the content of a file tells; `separator` parts words from tags, "" for none that is named.

    Raises `DataError` where the content does not tell it.
    """
    if separator:
        refuse_doubtful(lines, separator, where)
        return "slashes"
    if is_conllu(lines):
        return "conllu"
    try:
        if is_penn(text):
            return "penn"
    except DataError as error:
        raise DataError(error.what, where=where, cure=error.cure) from error
    mark = parted_by(lines)
    best, share = separator_of(lines, where)
    if share == 1 and not (mark == "\t" and best == "_"):
        refuse_doubtful(lines, best, where)
        return "slashes"
    refuse_bars(lines, where)
    if rows := format_of_rows(text, lines):
        return rows
    if mark == " " and (found := _with_header(text, lines, where)):
        return found
    if mark:
        # A quote is a word where words stand in columns, unless a program put quotes around cells.
        return "tsv" if mark == "\t" and quotes_are_marks(text, multiline=False) else "columns"
    if share >= 0.5:  # some words lack their tags: that is said with the line
        return "slashes"
    if found := separated_format(text, where):
        return found
    if not any(line.strip() and not line.startswith("#") for line in lines):
        raise DataError("there are no sentences in it", where=where, cure=CURE)
    raise DataError("the lines hold no words with tags that could be told", where=where, cure=f"{CURE}; or --separator")


def _with_header(text: str, lines: Sequence[str], where: str) -> str:
    """Return the format of a table that a usual header begins, "" for none: its cells may hold a blank each."""
    first = next(line for line in lines if line.strip())
    found = separated_format(text, where) if any(mark in first for mark in ",;|") else ""
    return found if found and are_usual(first.split(MARKS[found])) else ""
