"""What a message says of columns of words and tags that the content does not decide: the options that read them."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Sequence

from seqtool.data.known_tags import are_known
from seqtool.data.text_table import Table, typed
from seqtool.data.word_names import named_for
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import printable

_SHOWN = 3  # examples of a column
MOST = 6  # columns with their examples


def undecided(table: Table, word: str, tags: Sequence[str], where: str) -> DataError:
    """Return the error for columns of which several may be the tags, or for two that may both be words."""
    if not tags:
        return DataError("there is no column of tags beside the words", where=where, cure="write word<TAB>tag")
    words = column_typed(table, word)
    shown = [f"{column_typed(table, name)} ({examples_of(table, name)})" for name in tags[:MOST]]
    if len(tags) > 1:
        more = f" and {len(tags) - MOST} more" if len(tags) > MOST else ""
        cure = " or ".join(f"--word-column {words} --tag-column {column_typed(table, name)}" for name in tags[:MOST])
        return DataError(f"the tags may be column {' or '.join(shown)}{more}", where=where, cure=cure)
    tag = column_typed(table, tags[0])
    what = f"column {words} ({examples_of(table, word)}) and column {shown[0]} may both be words"
    cures = [f"--word-column {words} --tag-column {tag}", f"--word-column {tag} --tag-column {words}"]
    swapped = are_known(different(table, word)) and not are_known(different(table, tags[0]))
    return DataError(what, where=where, cure=", or ".join(reversed(cures) if swapped else cures))


def named_for_task(task: str, tag: str, tags: Sequence[str]) -> list[Finding]:
    """Return the note that a column of tags was taken because it is named for the task, and how to take another."""
    others = [name for name in tags if name != tag]
    if not others or named_for(task, tags) != tag:
        return []
    ways = " or ".join(f"--tag-column {shlex.quote(printable(name))}" for name in others[:MOST])
    text = f"of {len(tags)} columns of tags '{printable(tag)}' is named for the task {task}: {ways} takes another"
    return [Finding("note", "named-for-task", text)]


def below_numbers(table: Table, left: Sequence[str]) -> str:
    """Return the options that read columns of which the first numbers the sentences, or documents in front of them."""
    _, *others = left
    words = [name for name in others if not repeats(cells := table.columns[name]) and not _mostly_digits(cells)]
    word = next((name for name in words if not are_known(different(table, name))), others[0])
    tags = others[others.index(word) + 1 :]
    tags = sorted(tags, key=lambda name: not are_known(different(table, name)))
    tag, *rest = [column_typed(table, name) for name in tags[:MOST]] or [""]
    sentence = "" if has_gaps(table) else f"--sentence-column {column_typed(table, left[0])}"
    if not tag:
        return sentence or f"--word-column {column_typed(table, word)}"
    also = f" (or {', '.join(rest)})" if rest else ""
    return f"{sentence} --word-column {column_typed(table, word)} --tag-column {tag}{also}".strip()


def repeats(cells: Sequence[str | None]) -> bool:
    """Tell whether most cells are empty, or those above them again."""
    return 2 * sum(above == cell or not cell for above, cell in itertools.pairwise(cells)) > len(cells)


def _mostly_digits(cells: Sequence[str | None]) -> bool:
    return 2 * sum((cell or "0").isdecimal() for cell in cells) > len(cells)


def has_gaps(table: Table) -> bool:
    """Tell whether empty lines stand between the rows of a table."""
    return len(table.lines) > 0 and table.lines[-1] - table.lines[0] >= len(table)


def different(table: Table, name: str) -> set[str]:
    """Return the different texts of a column."""
    return {cell for cell in table.columns[name] if cell}


def column_typed(table: Table, name: str) -> str:
    """Return a column as a person types it in an option: its name, or its number."""
    names = list(table.columns)
    return shlex.quote(typed(name, names)) if table.named else str(number_of(table, name))


def number_of(table: Table, name: str) -> int:
    """Return the number of a column, from 1."""
    return list(table.columns).index(name) + 1


def examples_of(table: Table, name: str) -> str:
    """Return the first different texts of a column, for a message."""
    texts = list(dict.fromkeys(cell for cell in table.columns[name] if cell))[:_SHOWN]
    return ", ".join(f"'{printable(text, 20)}'" for text in texts)
