"""Tagged sentences as JSON: an object a sentence, a list of its words and a list of their tags."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from seqtool.data.json_lines import Objects
from seqtool.data.sentence_rows import MOST, parallel
from seqtool.data.stray_rows import NOT_ACCEPTED, REJECTED, left_out_rows, rejected_rows
from seqtool.data.tag_options import TagOptions
from seqtool.data.text_table import Table
from seqtool.data.word_cures import named_for_task
from seqtool.data.word_names import TAGS, WHOLE_SENTENCES, WORDS, named_for, plain
from seqtool.errors import DataError, UsageError
from seqtool.reads import Finding
from seqtool.say import counted, listing, printable

_CURE = 'give each sentence two lists of one length: {"tokens": ["The", "cat"], "tags": ["DT", "NN"]}'

_MOST = 6  # ways out in a message
Lists = list[list[str]]
"""The words [T] of a sentence, then its tags [T] of each kind."""


def read_tag_objects(
    objects: Objects, options: TagOptions, where: str
) -> tuple[list[Lists], tuple[str, ...], list[Finding]]:
    """Return the words and tags of each sentence that has words, the keys of the tags, and what to say of both.

    Raises `UsageError` for an option that names no key, and `DataError` with the line where the lists do not fit.
    """
    keys = list(dict.fromkeys(key for record in objects.records for key in record))
    listed = [key for key in keys if any(isinstance(record.get(key), list) for record in objects.records)]
    tags = tuple(_key(name, "--tag-column", keys, where) for name in options.tag_column)
    word = _key(options.word_column, "--word-column", keys, where)
    word = word or _only(
        "words", "--word-column", [key for key in listed if plain(key) in WORDS and key not in tags], where
    )
    if not tags:
        usual = [key for key in listed if plain(key) in TAGS and key != word]
        field = options.field or "upos"
        tag = field if field in usual and len(usual) > 1 else ""
        tags = (tag or named_for(options.task, usual) or _only("tags", "--tag-column", usual, where),)
    sentences = list(_lists(objects, (word, *tags), where))
    unread = [key for key in keys if key not in (word, *tags)]
    rest = f"; not read: {listing(unread)}" if unread else ""
    from_keys = " and ".join(f"'{printable(tag)}'" for tag in tags)
    note = f"words from '{printable(word)}', tags from {from_keys}{rest}"
    findings = [Finding("note", "columns", note)]
    if not options.tag_column:
        findings += named_for_task(options.task, tags[0], [key for key in listed if plain(key) in TAGS])
    empty = [_place(objects, place) for place, (words, *_) in enumerate(sentences) if not words]
    if empty:
        what = f"{counted(len(empty), 'sentence')} without words, the first in {empty[0]}: left out"
        findings.append(Finding("warning", "no-words", what))
    return [sentence for sentence in sentences if sentence[0]], tags, findings


def hold_texts(objects: Objects, options: TagOptions) -> bool:
    """Tell whether objects hold words and tags as texts with blanks, by usual names or those of the options."""
    columns = objects.table().columns
    if any(isinstance(value, list) for record in objects.records for value in record.values()):
        return False
    names = {list(columns)[place] for place in parallel(list(columns.values()), MOST)}
    words = {name for name in names if plain(name) in WORDS | WHOLE_SENTENCES or name == options.word_column}
    tags = {name for name in names if plain(name) in TAGS or name in options.tag_column}
    return bool(words and tags)


def accepted(objects: Objects) -> tuple[Objects, list[Finding]]:
    """Return the objects without those that nobody accepted in Prodigy, and the warning that says so."""
    rejected = rejected_rows([record.get("answer") for record in objects.records])
    if not rejected:
        return objects, []
    kept = [place for place in range(len(objects.records)) if place not in rejected]
    lines = [objects.lines[place] for place in kept] if objects.lines else ()
    warning = left_out_rows([_place(objects, place) for place in sorted(rejected)], REJECTED, NOT_ACCEPTED)
    return Objects([objects.records[place] for place in kept], lines), [warning]


def _place(objects: Objects, place: int) -> str:
    return f"line {objects.lines[place]:,}" if len(objects.lines) else f"object {place + 1:,}"


def objects_of(table: Table) -> Objects | None:
    """Return the rows of a table with lists in its cells as objects, None where no column holds lists alone."""
    listed = [name for name, cells in table.columns.items() if any(cells) and all(map(_is_list, cells))]
    if not listed:
        return None
    columns = {name: [*map(_value, cells)] if name in listed else cells for name, cells in table.columns.items()}
    rows = zip(*columns.values(), strict=True)
    return Objects([dict(zip(columns, row, strict=True)) for row in rows], ())


def _is_list(cell: str | None) -> bool:
    return not cell or (cell[0], cell[-1]) == ("[", "]")


def _value(cell: str | None) -> object:
    """Return the list that a cell of Parquet holds, as Python writes it; a text that is none stays."""
    try:
        return ast.literal_eval(cell or "[]")
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return cell


def _key(name: str, option: str, keys: Sequence[str], where: str) -> str:
    if name and name not in keys:
        what = f"no object has the key '{printable(name)}'"
        raise UsageError(what, where=where, cure=f"{option} takes one of {listing(keys)}")
    return name


def _only(what: str, option: str, keys: Sequence[str], where: str) -> str:
    if len(keys) == 1:
        return keys[0]
    if not keys:
        cure = f"{option} NAME, where {what} is not a usual name; {_CURE}"
        raise DataError(f"no key holds lists of {what}", where=where, cure=cure)
    names = listing(keys)
    raise DataError(
        f"several keys may hold the {what}: {names}",
        where=where,
        cure=" or ".join(f"{option} {shlex.quote(printable(name))}" for name in keys[:_MOST]),
    )


def _lists(objects: Objects, keys: Sequence[str], where: str) -> Iterator[Lists]:
    for number, record in enumerate(objects.records):
        place = _place(objects, number)
        lists = [_list(record, key, place, where) for key in keys]
        words, *others = lists
        for tags in others:
            if len(words) != len(tags):
                raise DataError(f"{place} has {len(words):,} words and {len(tags):,} tags", where=where, cure=_CURE)
        nouns = ("word", *("tag" for _ in others))
        yield [
            [_text(item, f"{place}: a {noun}", where) for item in items]
            for noun, items in zip(nouns, lists, strict=True)
        ]


def _list(record: Mapping[str, Any], key: str, place: str, where: str) -> list[Any]:
    value = record.get(key)
    if not isinstance(value, list):
        raise DataError(f"{place} has no list '{printable(key)}'", where=where, cure=_CURE)
    return value


def _text(item: Any, what: str, where: str) -> str:
    # Many data sets write their tags as numbers.
    if isinstance(item, str | int) and not isinstance(item, bool) and str(item).strip():
        return str(item)
    raise DataError(f"{what} is no text but {printable(repr(item))}", where=where, cure=_CURE)
