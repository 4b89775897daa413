"""Pairs out of records that name their fields: JSON objects, and the units of a translation memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seqtool.data.json_lines import Objects
from seqtool.data.pair_columns import Sides, Wanted, by_names
from seqtool.data.pairs import CURE, Pair
from seqtool.data.tmx import read_tmx
from seqtool.errors import DataError
from seqtool.say import printable

TRANSLATION = "translation"  # a field of JSON that holds the texts by language
_LINE_END = re.compile(r"\s*[\r\n]\s*")


@dataclass(frozen=True)
class Found:
    """Candidates, some with an empty side; lines that are no pairs; what to say of the format."""

    pairs: list[Pair]
    unfit: Sequence[int]
    note: str


def of_memory(text: str, where: str, wanted: Wanted) -> Found:
    """Return the pairs of a translation memory: the language of its header first, then the first other one.

    Raises what `read_tmx` and `by_names` raise, and `DataError` where there are no two languages.
    """
    memory = read_tmx(text, where)
    names = list(dict.fromkeys(name for unit in memory.units for name in unit))
    if len(names) < 2:
        raise DataError("the translation memory has no two languages", where=where, cure=CURE)
    if wanted == Wanted():
        names.sort(key=lambda name: name.lower() != memory.source.lower())
        sides: Sides | None = Sides(0, 1)
    else:
        sides = by_names(names, wanted, where)
    assert sides is not None  # a wanted column is there, or refused
    source, target = names[sides.source], names[sides.target]
    unread = [printable(name) for name in names if name not in (source, target)]
    also = f"; not read: {', '.join(unread)}" if unread else ""
    said = f"read as TMX: '{printable(source)}' is the source, '{printable(target)}' the target"
    pairs = pairs_of(memory.lines, ((unit.get(source), unit.get(target)) for unit in memory.units))
    return Found(pairs, (), f"{said}; --reverse exchanges them{also}")


def of_objects(objects: Objects, where: str, wanted: Wanted) -> Found:
    """Return the pairs of JSON objects, whose texts may stand in a field `translation` of their own.

    Raises what `by_names` raises, and `DataError` for fields that do not say their side, or hold no texts.
    """
    inner = [record[TRANSLATION] for record in objects.records if isinstance(record.get(TRANSLATION), dict)]
    if len(inner) == len(objects.records):
        objects = Objects(inner, objects.lines)
    table = objects.table()
    names = list(table.columns)
    sides = by_names(names, wanted, where)
    if sides is None:
        listed = f"{where}: fields {', '.join(map(printable, names))}"
        cure = "--source-column NAME --target-column NAME"
        raise DataError("which fields are the source and the target?", where=listed, cure=cure)
    chosen = [names[place] for place in (sides.source, sides.target)]
    lines = objects.lines or range(1, len(table) + 1)
    for line, record in zip(lines, objects.records, strict=True):
        for name in chosen:
            if isinstance(record.get(name), (dict, list)):
                what = f"the field '{printable(name)}' of record {line:,} is no text"
                raise DataError(what, where=where, cure="--source-column and --target-column with other fields")
    words = "JSON Lines" if objects.lines else "a JSON array"
    texts = zip(*(table.columns[name] for name in chosen), strict=True)
    return Found(pairs_of(lines, texts), (), told(words, names, sides))


def pairs_of(lines: Sequence[int], texts: Iterator[tuple[str | None, str | None]]) -> list[Pair]:
    """Return pairs with their lines, each text in one line."""
    # A text and its translation are a line each: a cell may hold several.
    both = ((_one_line(source or ""), _one_line(target or "")) for source, target in texts)
    return [Pair(source, target, line) for line, (source, target) in zip(lines, both, strict=True)]


def _one_line(text: str) -> str:
    return _LINE_END.sub(" ", text) if "\n" in text or "\r" in text else text


def told(words: str, names: Sequence[str], sides: Sides) -> str:
    """Return the note on a format: what it is, in `words`, and which columns are the sides; names () for none."""
    if sides.note:
        return f"read as {words}: {sides.note}"
    shown = [f"'{printable(names[n])}'" if names else f"column {n + 1}" for n in (sides.source, sides.target)]
    return f"read as {words}: {shown[0]} is the source, {shown[1]} the target"
