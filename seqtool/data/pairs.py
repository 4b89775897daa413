"""Pairs of lines, a text and its translation: two files side by side; a table is read by `pair_table`."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from seqtool.data.alignment import find_shift, fits, in_reverse, unordered
from seqtool.data.decode import read_lines
from seqtool.data.files import left_out
from seqtool.data.json_texts import json_texts
from seqtool.data.pair_lines import beside_texts, marked_lines, names_above, refuse_other_forms
from seqtool.data.records import Parts, read_all, read_parts
from seqtool.errors import DataError, UsageError
from seqtool.reads import DataFile, Finding, Read
from seqtool.say import counted

SHIFTED = "shifted"
"""The code of the finding that the sides of pairs are certainly shifted against each other."""
JUMP = 1.5  # lengths that fit this many times worse than before no longer belong together
ROUNDING = 1e-9  # lengths may fit exactly, and their logarithm is taken
_LINE_END = re.compile(r"\s*[\r\n]\s*")
CURE = "write source<TAB>target, one pair a line, or give two files with --src and --tgt"


class Pair(NamedTuple):  # not a dataclass: files have millions, and a tuple is made three times as fast
    """A text and its translation; `number` is the line in their file, from 1, 0: unknown."""

    source: str
    target: str
    number: int = 0

    @property
    def key(self) -> str:
        """The source with single blanks; copies have the same key."""
        return " ".join(self.source.split())

    @property
    def turned(self) -> Pair:
        """The same pair in the other direction."""
        return Pair(self.target, self.source, self.number)


Reader = Callable[[Path], Read[Pair]]


def read_pair_parts(files: Sequence[DataFile], table: Reader, encoding: str = "") -> Parts[Pair]:
    """Read tables, and files of sources beside files of targets, into the parts that labels or names say.

    The first file of sources of a part belongs to the first file of targets of that part, and so on. `table` reads a
    file that holds both sides. Raises `UsageError` where a file lacks its other side, and what the readers and
    `read_parts` raise.
    """
    sources, reader = _sides(files, table, encoding)
    return read_parts(sources, reader)


def read_all_pairs(files: Sequence[DataFile], table: Reader, encoding: str = "") -> Read[Pair]:
    """Read all files into one list, whatever their parts; raises what `read_pair_parts` raises."""
    sources, reader = _sides(files, table, encoding)
    return read_all(sources, reader)


def _sides(files: Sequence[DataFile], table: Reader, encoding: str) -> tuple[list[DataFile], Reader]:
    """Return the files without those of targets, and a reader that reads each of them with its targets."""
    targets = _targets(files)

    def reader(path: Path) -> Read[Pair]:
        return read_two(path, targets[path], encoding) if path in targets else table(path)

    return [file for file in files if file.side != "target"], reader


def _targets(files: Sequence[DataFile]) -> dict[Path, Path]:
    """Return the file of targets of each file of sources."""
    pairs: list[tuple[Path, Path]] = []
    for label in dict.fromkeys(file.label for file in files if file.side):
        sources, targets = (
            [file.path for file in files if (file.label, file.side) == (label, side)] for side in ("source", "target")
        )
        if len(sources) != len(targets):
            part, prefix = (f"the part {label}: ", f"{label}=") if label else ("", "")
            raise UsageError(
                f"{part}source files: {len(sources)}, target files: {len(targets)}",
                where=", ".join(path.name for path in (*sources, *targets)),
                cure=f"give --src {prefix}FILE and --tgt {prefix}FILE for each",
            )
        pairs += zip(sources, targets, strict=True)
    paths = Counter(path for pair in pairs for path in pair)
    for path, count in paths.items():
        if count > 1:
            raise UsageError("one file is given twice", where=str(path), cure="give each side a file of its own")
    return dict(pairs)


def read_two(source: Path, target: Path, encoding: str = "") -> Read[Pair]:
    """Read two files, line n of the one being the translation of line n of the other.

    Pairs with one empty side are left out and counted; lines that are empty in both files are not counted. Raises what
    `read_lines` raises, and `DataError` where the files differ in their number of lines, or have no pairs.
    """
    sides = _said([read_lines(path, encoding) for path in (source, target)])
    for path, side in zip((source, target), sides, strict=True):
        refuse_other_forms(side.records, str(path))
    sides, cut = _of_one_length(sides, (source, target))
    if len(sides[0].records) != len(sides[1].records):
        raise _unequal(source, target, sides[0].records, sides[1].records)
    texts = zip(sides[0].records, sides[1].records, strict=True)
    numbered = [Pair(text, translation, number) for number, (text, translation) in enumerate(texts, start=1)]
    pairs, findings = usable(numbered, f"{source}, {target}", CURE)
    about = [
        replace(finding, text=f"{path.name}: {finding.text}")
        for path, side in zip((source, target), sides, strict=True)
        for finding in (*side.findings, *beside_texts(side.records), *marked_lines(side.records))
    ]
    about += names_above(sides[0].records, sides[1].records)
    return Read(tuple(pairs), (*about, *cut, *findings))


def _of_one_length(sides: Sequence[Read[str]], paths: tuple[Path, Path]) -> tuple[list[Read[str]], list[Finding]]:
    """Return both sides, the longer one without the empty lines at its end that the other lacks; and what to say."""
    shorter = min(len(side.records) for side in sides)
    found = []
    for path, side in zip(paths, sides, strict=True):
        if (more := len(side.records) - shorter) > 0 and not any(line.strip() for line in side.records[shorter:]):
            text = f"{path.name}: {counted(more, 'empty line')} at the end left out, which the other file lacks"
            found.append(Finding("note", "empty-end", text))
    return [Read(side.records[:shorter], side.findings) for side in sides] if found else [*sides], found


def _said(sides: Sequence[Read[str]]) -> list[Read[str]]:
    """Return what lines say that are strings of JSON, each in one line; where one side is, so may the other be."""
    surely = any(json_texts(side.records) is not None for side in sides)
    found = []
    for side in sides:
        texts = json_texts(side.records, surely=True) if surely else None
        note = Finding("note", "format", "read as strings of JSON, one a line")
        found.append(side if texts is None else Read(tuple(map(one_line, texts)), (*side.findings, note)))
    return found


def one_line(text: str) -> str:
    """Return a text in one line, a blank in place of each end of a line."""
    return _LINE_END.sub(" ", text) if "\n" in text or "\r" in text else text


def usable(candidates: Sequence[Pair], where: str, cure: str) -> tuple[list[Pair], list[Finding]]:
    """Return the stripped pairs that have both sides; name those that have one, and sides that do not fit each other.

    Raises `DataError` where there are none.
    """
    pairs, no_source, no_target = [], [], []
    for pair in candidates:
        source, target = pair.source.strip(), pair.target.strip()
        if source and target:
            pairs.append(Pair(source, target, pair.number))
        elif target:
            no_source.append(pair.number)
        elif source:
            no_target.append(pair.number)
    if not pairs:
        raise DataError("there are no pairs in it", where=where, cure=cure)
    findings = left_out("empty-source", "with an empty source", no_source)
    findings += left_out("empty-target", "with an empty target", no_target)
    return pairs, findings + _shifted(candidates)


def _shifted(pairs: Sequence[Pair]) -> list[Finding]:
    # With the pairs that lack a side: a blank line is what shifts a file.
    sources, targets = [pair.source for pair in pairs], [pair.target for pair in pairs]
    shift = find_shift(sources, targets)
    if shift is None or not fits(sources, targets, shift):
        if shift is None and not unordered(sources, targets):
            return []
        text = "the targets fit the sources no better than in random order: does line n belong to line n?"
        if in_reverse(sources, targets):
            text = "the targets stand in the reverse order of the sources: tac FILE turns one of the two files"
        return [Finding("warning", "perhaps-unordered", text)]
    first, last = pairs[shift.first].number, pairs[shift.end - 1].number
    lines = counted(abs(shift.lag), "line")
    way = "down" if shift.lag > 0 else "up"
    where = f"the sources of lines {first:,} to {last:,} fit the targets {lines} further {way} better than their own"
    text = f"{where}: look for a line too many or too few at line {first:,}"
    return [Finding("warning", SHIFTED if shift.certain else "perhaps-shifted", text)]


def _unequal(source: Path, target: Path, sources: Sequence[str], targets: Sequence[str]) -> DataError:
    number = first_suspicious(sources, targets)
    where = f"the lengths stop to fit at about line {number:,}: look for a line too many or too few there"
    if number > min(len(sources), len(targets)):
        where = f"the lengths fit up to line {number - 1:,}: look at the end of the longer file"
    return DataError(
        f"{source.name} has {len(sources):,} lines and {target.name} {len(targets):,}: they are no pairs",
        where=where,
        cure="mend the files, so that line n of one is the translation of line n of the other",
    )


def first_suspicious(sources: Sequence[str], targets: Sequence[str]) -> int:
    """Return the line, from 1, from which on the lengths of two lists of lines no longer fit each other.

    A change point by maximum likelihood: the distances of the pairs' log length ratios from their median are taken for
    exponential, with one mean before the line and another behind it. One past the shorter list where they fit to its
    end.
    """
    pairs = zip(sources, targets, strict=False)
    ratios = np.array([math.log((len(source) + 1) / (len(target) + 1)) for source, target in pairs])
    off = np.abs(ratios - np.median(ratios))
    count = np.arange(len(off) + 1)
    total = np.concatenate([[0.0], np.cumsum(off)])
    usual = off.mean() + ROUNDING  # a value more on each side, so that few pairs prove nothing
    before, after = (total + usual) / (count + 1), (total[-1] - total + usual) / (count[::-1] + 1)
    place = int(np.argmin(count * np.log(before) + count[::-1] * np.log(after)))
    return (place if after[place] > JUMP * before[place] else len(off)) + 1
