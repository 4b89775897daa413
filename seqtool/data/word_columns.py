"""Which columns hold the words, their tags and the sentence: by the options, by usual names, or by the content."""

# By content the words are the first column that does not count rows. The tags are the other column. Of several that
# could be the tags the last is taken only where it marks spans (O, B-PER, I-PER): so CoNLL-2000 has its chunks and
# CoNLL-2003 its entities, behind the parts of speech. A last column of O alone gives way to the one other of spans. In
# every other case the options must say it.

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from seqtool.data.known_tags import are_known, are_spans
from seqtool.data.tag_options import FREE, TagOptions, refuse_twice
from seqtool.data.text_table import Table, place_of
from seqtool.data.word_cures import (
    MOST,
    below_numbers,
    column_typed,
    different,
    examples_of,
    has_gaps,
    repeats,
    undecided,
)
from seqtool.data.word_header import refuse_doubtful
from seqtool.data.word_names import DOCUMENTS, PLAINLY_TAGS, SENTENCES, TAGS, WORDS, named_for, plain
from seqtool.errors import DataError, UsageError
from seqtool.say import listing, printable

_PLACE = re.compile(r"\d+-\d+(?:\.\d+)?")


@dataclass(frozen=True)
class WordColumns:
    """The names of the columns of words, of tags of each kind, and of sentences, "" where empty lines part these.

    within: the columns of documents, in each of which the numbers of the sentences may begin again. counter: a column
    that counts the words of each sentence, where nothing else parts the sentences.
    """

    word: str
    tags: tuple[str, ...]
    sentence: str = ""
    within: tuple[str, ...] = ()
    counter: str = ""


def choose(table: Table, options: TagOptions, where: str) -> WordColumns:
    """Choose the columns of a table.

    Raises `UsageError` for an option that names no column, and `DataError` where the content does not decide.
    """
    sentence = resolve(table, options.sentence_column, "--sentence-column", where)
    word = resolve(table, options.word_column, "--word-column", where)
    tags = tags_of(table, options, where)
    if word in tags:
        what = f"--word-column and --tag-column both name the column '{printable(word)}'"
        raise UsageError(what, where=where, cure="leave one of the two out")
    sentence = sentence or _named(table, SENTENCES, (word, *tags))
    within = [name for name in table.columns if table.named and plain(name) in DOCUMENTS]
    within = [name for name in within if sentence and name not in (sentence, word, *tags)]
    left = [name for name in _filled(table) if name not in (sentence, word, *tags, *within)]
    if not word:
        word = _named(table, WORDS, (sentence, *tags)) or _first_words(table, left, where)
        left = [name for name in left if name != word]
    tags = tags or (_tags(table, word, left, options, where),)
    for tag in tags:
        refuse_doubtful(table, word, tag, options, where)
    counter = "" if sentence else _counter(table, (word, *tags))
    return WordColumns(word, tags, sentence, tuple(within), counter)


def tags_of(table: Table, options: TagOptions, where: str) -> tuple[str, ...]:
    """Return the columns of tags that the options name; raises `UsageError` where one is none, or named twice."""
    tags = tuple(resolve(table, name, "--tag-column", where) for name in options.tag_column)
    refuse_twice("--tag-column", tags, where)
    return tags


def resolve(table: Table, name: str, option: str, where: str) -> str:
    """Return the column of a name, or of a number from 1; "" for no name. Raises `UsageError` where there is none."""
    names = list(table.columns)
    if not name:
        return ""
    if table.named and name in names:
        return name
    alike = [column for column in names if table.named and plain(column) == plain(name)]
    if len(alike) == 1:
        return alike[0]
    if (place := place_of(name, names)) is not None:
        return names[place]
    known = f", or a name: {listing(names)}" if table.named else ""
    what = f"there is no column '{printable(name)}'"
    raise UsageError(what, where=where, cure=f"{option} takes a number from 1 to {len(names)}{known}")


def _named(table: Table, names: frozenset[str], taken: Sequence[str]) -> str:
    found = [column for column in table.columns if table.named and plain(column) in names and column not in taken]
    return found[0] if len(found) == 1 else ""


def _filled(table: Table) -> list[str]:
    """Return the columns that may be words or tags: not empty, and not the numbers of the words in front of them."""
    filled = [name for name, cells in table.columns.items() if any(cells)]
    while len(filled) > 2 and _are_places(table.columns[filled[0]]):
        filled = filled[1:]
    # A word and its tag are left where a third column counts.
    return filled[1:] if len(filled) > 2 and _counts(_without_gaps(table, filled)) else filled


def _are_places(cells: Sequence[str | None]) -> bool:
    """Tell whether cells are places in a text, such as 1-2, the second word, or 0-4, its characters, in WebAnno."""
    return all(_PLACE.fullmatch(cell) for cell in cells if cell)


def _without_gaps(table: Table, names: Sequence[str]) -> list[str | None]:
    """Return the cells of the first of some columns, without those of empty rows."""
    first, *others = (table.columns[name] for name in names)
    return [cell for row, cell in enumerate(first) if cell or any(column[row] for column in others)]


def _counts(cells: Sequence[str | None]) -> bool:
    """Tell whether cells count on from row to row, and begin again with each sentence."""
    if not all(cell and cell.isdecimal() and len(cell) < 7 for cell in cells):
        return False
    numbers = [int(cell or 0) for cell in cells]
    return numbers[0] in (0, 1) and all(after in (0, 1, before + 1) for before, after in itertools.pairwise(numbers))


def _counter(table: Table, taken: Sequence[str]) -> str:
    """Return the first column where it counts words and begins again, and no empty row parts sentences; else ""."""
    name = next(name for name, cells in table.columns.items() if any(cells))
    cells = table.columns[name]
    if name in taken or not all(cells) or not _counts(cells):
        return ""
    steps = {int(after or 0) - int(before or 0) for before, after in itertools.pairwise(cells)}
    again = [after for before, after in itertools.pairwise(cells) if int(after or 0) <= int(before or 0)]
    return name if 1 in steps and again and set(again) == {cells[0]} and not has_gaps(table) else ""


def _first_words(table: Table, left: Sequence[str], where: str) -> str:
    if not left:
        what = "there is no column of words beside that of tags"
        raise DataError(what, where=where, cure="give every word a line of its own: word<TAB>tag")
    several = [name for name in left if table.named and plain(name) in WORDS]
    if several:
        what = f"several columns may be the words: {listing(several)}"
        cures = [f"--word-column {column_typed(table, name)}" for name in several]
        raise DataError(what, where=where, cure=" or ".join(cures))
    cells = table.columns[left[0]]
    if len(left) > 1 and are_known(different(table, left[0])) and not are_known(different(table, left[1])):
        if len(left) == 2:
            raise undecided(table, left[0], left[1:], where)
        tag, words = column_typed(table, left[0]), column_typed(table, left[1])
        what = f"column {tag} ({examples_of(table, left[0])}) looks like tags, and column {words} like words"
        others = " or ".join(column_typed(table, name) for name in left[2:MOST])
        cure = f"--word-column {words} --tag-column {tag} (or {others}); or --word-column {tag}"
        raise DataError(what, where=where, cure=cure)
    if len(left) > 1 and (repeats(cells) or _number_sentences(cells)):
        first = column_typed(table, left[0])
        what = f"column {first} repeats itself from row to row: it may number the sentences, or be the words"
        raise DataError(what, where=where, cure=f"{below_numbers(table, left)}; or --word-column {first}")
    return left[0]


def _number_sentences(cells: Sequence[str | None]) -> bool:
    """Tell whether cells are numbers that stay, or go on by one, from row to row."""
    numbers = [int(cell) for cell in cells if cell and cell.isdecimal() and len(cell) < 10]
    steps = [after - before for before, after in itertools.pairwise(numbers)]
    return len(numbers) == len([*filter(None, cells)]) and set(steps) == {0, 1}


def _tags(table: Table, word: str, left: Sequence[str], options: TagOptions, where: str) -> str:
    """Return the column of the tags; `left` are the columns that may be it."""
    names = {name: plain(name) if table.named else "" for name in left}
    plainly = [name for name in left if names[name] in PLAINLY_TAGS]
    if len(plainly) == 1:
        return plainly[0]
    values = {name: different(table, name) for name in left}
    # A mark that is the same in all rows, such as _, stands for nothing; but O may be the only tag of a file.
    usual = [name for name in left if len(values[name]) > 1 or any(map(str.isalnum, "".join(values[name])))]
    usual = usual or list(left)
    asked = [name for name in usual if names[name] == plain(options.field or "upos")]
    # Who names no field takes upos of the two kinds of tags that CoNLL-U has, and nothing else by its name.
    if asked and (options.field not in FREE or {names[name] for name in usual} <= {"upos", "xpos"}):
        return asked[0]
    if own := named_for(options.task, [name for name in usual if names[name] in TAGS]):
        return own
    if len(usual) == 1 and (names[usual[0]] in TAGS or _surely_tags(table, word, usual[0])):
        return usual[0]
    if len(usual) > 1 and usual[-1] == left[-1] and are_spans(values[usual[-1]]):
        return _spans(table, word, usual, where)
    raise undecided(table, word, usual, where)


def _spans(table: Table, word: str, usual: Sequence[str], where: str) -> str:
    """Return the last column, which marks spans; where it holds one tag, the only other that marks spans, if any."""
    if len(different(table, usual[-1])) > 1:
        return usual[-1]
    others = [name for name in usual[:-1] if len(tags := different(table, name)) > 1 and are_spans(tags)]
    if len(others) > 1:
        raise undecided(table, word, others, where)
    return others[0] if others else usual[-1]


def _surely_tags(table: Table, word: str, tag: str) -> bool:
    """Tell whether a column holds tags of the words: known ones, or few that come again and again."""
    words, tags = different(table, word), different(table, tag)
    if are_known(tags):
        return True
    return not are_known(words) and 2 * len(tags) <= len(table) and len(tags) < len(words)
