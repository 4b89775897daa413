"""Pairs out of records that name their fields: JSON objects, and the units of a translation memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from seqtool.data.json_lines import Objects
from seqtool.data.pair_columns import (
    Languages,
    Sides,
    Wanted,
    as_before,
    by_names,
    languages_of,
    refuse_no_texts,
    shown_names,
)
from seqtool.data.pairs import CURE, Pair, one_line
from seqtool.data.tmx import read_tmx
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import printable

SAMPLE = 1000  # records that tell what the fields hold
TRANSLATION = "translation"  # a field of JSON that holds the texts by language
_ARRAYS = re.compile(r'[\ufeff\s]*\[\s*(?:\[\s*)?"')  # where one begins


@dataclass(frozen=True)
class Found:
    """Candidates, some with an empty side; lines that are no pairs, and why; what to say of the format."""

    pairs: list[Pair]
    unfit: Sequence[int]
    note: str
    fault: str = "without two columns"
    findings: Sequence[Finding] = ()
    languages: Languages = ()


def of_memory(text: str, where: str, wanted: Wanted, before: Languages = ()) -> Found:
    """Return the pairs of a translation memory: the language of its header first, then the first other one.

    Raises what `read_tmx` and `by_names` raise, and `DataError` where there are no two languages.
    """
    memory = read_tmx(text, where)
    codes = _one_code(memory.units)
    names = list(dict.fromkeys(codes.values()))
    if len(names) < 2:
        raise DataError("the translation memory has no two languages", where=where, cure=CURE)
    if wanted == Wanted():
        names.sort(key=lambda name: (_plain(name) != _plain(memory.source), _base(name) != _base(memory.source)))
        sides: Sides | None = as_before(names, before) or Sides(0, 1)
    else:
        sides = by_names(names, wanted, where)
    assert sides is not None  # a wanted column is there, or refused
    source, target = names[sides.source], names[sides.target]
    units = [{codes[code]: text for code, text in reversed(unit.items()) if code} for unit in memory.units]
    fit = [(line, unit) for line, unit in zip(memory.lines, units, strict=True) if source in unit and target in unit]
    unfit = [line for line, unit in zip(memory.lines, units, strict=True) if source not in unit or target not in unit]
    pairs = pairs_of([line for line, _ in fit], ((unit[source], unit[target]) for _, unit in fit))
    note, fault = _languages(codes, source, target), "where a unit without both languages begins"
    return Found(pairs, unfit, note, fault, languages=languages_of(source, target))


def _one_code(units: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the first way in which each language is written, by all of them: `en` for `en`, `EN` and `en-US`.

    Where a unit has two kinds of one language, as `en-US` and `en-GB`, each is a language of its own.
    """
    codes = [code for code in dict.fromkeys(code for unit in units for code in unit) if code]
    apart = any(len(set(map(_base, unit))) < len(unit) for unit in units)
    first: dict[str, str] = {}
    return {code: first.setdefault(_plain(code) if apart else _base(code), code) for code in codes}


def _plain(code: str) -> str:
    return code.lower().replace("_", "-")


def _base(code: str) -> str:
    return _plain(code).split("-")[0]


def _languages(codes: Mapping[str, str], source: str, target: str) -> str:
    """Return what to say of the languages of a memory."""
    shown = [f"'{printable(name)}'" for name in (source, target)]
    for place, name in enumerate((source, target)):
        if others := [printable(code) for code, first in codes.items() if first == name and code != name]:
            shown[place] += f" (and {', '.join(others)})"
    unread = [printable(name) for name in dict.fromkeys(codes.values()) if name not in (source, target)]
    also = f"; not read: {', '.join(unread)}" if unread else ""
    return f"read as TMX: {shown[0]} is the source, {shown[1]} the target; --reverse exchanges them{also}"


def of_arrays(text: str, where: str, format: str) -> Found | None:
    """Return the pairs of an array of arrays, or of an array a line, of two texts each; None where there are no arrays.

    Raises `DataError` with the number of the first that has not two texts.
    """
    if format not in ("auto", "json", "jsonl") or not _ARRAYS.match(text):
        return None
    try:
        words, arrays = _arrays(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None
    for number, array in arrays:
        if not isinstance(array, list) or len(array) != 2 or not all(isinstance(item, str) for item in array):
            what = f"array {number:,} is not of two texts, a source and its target"
            raise DataError(what, where=where, cure='write {"source": "...", "target": "..."}, one a line')
    pairs = pairs_of([number for number, _ in arrays], ((array[0], array[1]) for _, array in arrays))
    return Found(pairs, (), f"read as {words}: the first text of each is the source, the second the target")


def _arrays(text: str) -> tuple[str, list[tuple[int, Any]]]:
    """Return what the arrays stand in, and each with its line, or its number in one array; raises `ValueError`."""
    import json  # few files of pairs are JSON

    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if lines[0][1].lstrip()[1:].lstrip()[:1] == '"':
        return "JSON Lines", [(number, json.loads(line)) for number, line in lines]
    return "a JSON array", list(enumerate(json.loads(text), start=1))


def of_objects(objects: Objects, where: str, wanted: Wanted, before: Languages = ()) -> Found:
    """Return the pairs of JSON objects, whose texts may stand in a field `translation` of their own.

    Raises what `by_names` raises, and `DataError` for fields that do not say their side, or hold no texts.
    """
    inner = [record[TRANSLATION] for record in objects.records if isinstance(record.get(TRANSLATION), dict)]
    if len(inner) == len(objects.records):
        objects = Objects(inner, objects.lines)
    table = objects.table()
    names = list(table.columns)
    rows = list(zip(*(cells[:SAMPLE] for cells in table.columns.values()), strict=True))
    sides = by_names(names, wanted, where, before, rows)
    if sides is None:
        raise _which_fields(objects, names, where)
    refuse_no_texts(names, rows, sides, wanted, where)
    chosen = [names[place] for place in (sides.source, sides.target)]
    lines = objects.lines or range(1, len(table) + 1)
    for line, record in zip(lines, objects.records, strict=True):
        for name in chosen:
            if isinstance(record.get(name), (dict, list)):
                what = f"the field '{printable(name)}' of record {line:,} is no text"
                raise DataError(what, where=where, cure="--source-column and --target-column with other fields")
    words = "JSON Lines" if objects.lines else "a JSON array"
    texts = zip(*(table.columns[name] for name in chosen), strict=True)
    note = f"read as {words}: {told(names, sides)}"
    return Found(pairs_of(lines, texts), (), note, languages=languages_of(*chosen))


def _which_fields(objects: Objects, names: Sequence[str], where: str) -> DataError:
    texts = [name for name in names if any(isinstance(record.get(name), str) for record in objects.records)]
    cure = "--source-column NAME --target-column NAME"
    if len(texts) < 2:  # such as a chat in one field
        cure = 'write {"source": "...", "target": "..."} in each record'
    listed = f"{where}: fields {shown_names(names)}"
    return DataError("which fields are the source and the target?", where=listed, cure=cure)


def pairs_of(lines: Sequence[int], texts: Iterator[tuple[str | None, str | None]]) -> list[Pair]:
    """Return pairs with their lines, each text in one line."""
    # A text and its translation are a line each: a cell may hold several.
    both = ((one_line(source or ""), one_line(target or "")) for source, target in texts)
    return [Pair(source, target, line) for line, (source, target) in zip(lines, both, strict=True)]


def told(names: Sequence[str], sides: Sides) -> str:
    """Return which columns are the sides; names () for none."""
    shown = [f"'{printable(names[n])}'" if names else f"column {n + 1}" for n in (sides.source, sides.target)]
    unread = [name or f"column {n + 1}" for n, name in enumerate(names) if n not in (sides.source, sides.target)]
    also = f"; not read: {shown_names(unread)}" if unread else ""
    return (sides.note or f"{shown[0]} is the source, {shown[1]} the target") + also
