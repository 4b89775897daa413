"""From a table with a word a row to sentences: its columns are chosen, its rows grouped, its gaps refused."""

from __future__ import annotations

from collections.abc import Sequence

from seqtool.data.sentence_rows import by_words
from seqtool.data.stray_rows import without_repeated_names, without_rules, without_single_quotes
from seqtool.data.tag_options import TagOptions
from seqtool.data.text_table import Table
from seqtool.data.word_columns import WordColumns, choose
from seqtool.data.word_cures import examples_of, number_of
from seqtool.data.word_header import with_names
from seqtool.data.word_rows import groups, parted_by, read_columns, read_table
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import printable

MOST_UNREAD = 20  # columns named one by one
LONGEST_ALONE = 500  # words of a file's only sentence; more are sentences that nothing parts

Lists = list[list[str]]
"""The words [T] of a sentence, then its tags [T] of each kind."""


def read_words(
    text: str, lines: Sequence[str], format: str, options: TagOptions, where: str
) -> tuple[Table, WordColumns, list[Lists]]:
    """Return the table of a text, its columns, and words and tags of each kind of each sentence.

    format: columns, or one of separated values. Raises `DataError` with the line of a word without a tag or a tag
    without a word, and what choosing the columns raises.
    """
    if format == "columns":
        mark = options.separator or parted_by(lines) or ("\t" if "\t" in text else " ")
        table = read_columns(lines, mark, where)
    else:
        table = read_table(text, format, where)
    return sentences_of(table, options, where)


def sentences_of(table: Table, options: TagOptions, where: str) -> tuple[Table, WordColumns, list[Lists]]:
    """Return a table with its names, its columns, and words and tags of each sentence; raises as `read_words`."""
    if not table.named:
        table = with_names(without_single_quotes(without_rules(table)), options, where)
    table = without_repeated_names(table)
    if not len(table):
        raise DataError("there are no words below the header", where=where, cure="give a file with words and tags")
    table, options = by_words(table, options, where)
    chosen = choose(table, options, where)
    columns = [_stripped(table, name) for name in (chosen.word, *chosen.tags)]
    sentences: list[Lists] = []
    for rows in groups(table, chosen, where):
        _refuse_gaps(table, columns, rows, where)
        sentences.append([[column[row] for row in rows] for column in columns])
    if len(sentences) == 1 and len(sentences[0][0]) > LONGEST_ALONE and not chosen.sentence:
        cure = "put an empty line after each sentence, or number them in a column: --sentence-column NAME"
        raise DataError(f"nothing parts the sentences of {len(columns[0]):,} words", where=where, cure=cure)
    return table, chosen, sentences


def _stripped(table: Table, name: str) -> list[str]:
    return [(cell or "").strip(" ") for cell in table.columns[name]]


def _refuse_gaps(table: Table, columns: Sequence[Sequence[str]], rows: Sequence[int], where: str) -> None:
    for row in rows:
        word, *tags = (printable(column[row]) for column in columns)
        if not (word and all(tags)):
            what = f"the word '{word}' has no tag" if word else f"the tag '{''.join(tags[:1])}' has no word"
            cure = "give every word a tag, or remove its sentence"
            raise DataError(f"{table.place(row)}: {what}", where=where, cure=cure)


def described(table: Table, chosen: WordColumns) -> Finding:
    """Return the note on which columns are read."""
    parts = [
        f"words from {_title(table, chosen.word)}",
        f"tags from {' and '.join(_title(table, name) for name in chosen.tags)}",
    ]
    if by := (*chosen.within, *filter(None, (chosen.sentence, chosen.counter))):
        parts.append(f"sentences by {' and '.join(_title(table, name) for name in by)}")
    unread = [_title(table, name) for name in table.columns if name not in (chosen.word, *chosen.tags, *by)]
    more = f" and {len(unread) - MOST_UNREAD:,} more" if len(unread) > MOST_UNREAD else ""
    rest = f"; not read: {', '.join(unread[:MOST_UNREAD])}{more}" if unread else ""
    examples = "; ".join(examples_of(table, name) for name in chosen.tags)
    return Finding("note", "columns", ", ".join(parts) + f" ({examples})" + rest)


def _title(table: Table, name: str) -> str:
    return f"'{printable(name)}'" if table.named else f"column {number_of(table, name)}"
