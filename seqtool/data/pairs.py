"""Pairs of lines, a text and its translation: two files side by side, or a table of two columns."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqtool.data.check import Finding
from seqtool.data.lines import Lines, read_lines
from seqtool.data.records import Parts, Read, read_all, read_parts
from seqtool.errors import DataError, UsageError
from seqtool.task import DataFile

COLUMNS = (2, 3)
"""Source, target, and who wrote them, as Tatoeba's tables have it."""
JUMP = 1.5
"""Lengths that fit so many times worse than before no longer belong together."""
ROUNDING = 1e-9
"""Lengths may fit exactly."""
CURE = "write source<TAB>target, one pair a line, or give two files with --src and --tgt"


@dataclass(frozen=True)
class Pair:
    """A text and its translation; `number` is the line in their file, from 1."""

    source: str
    target: str
    number: int

    @property
    def key(self) -> str:
        """The source, runs of white space made one blank: copies have the same."""
        return " ".join(self.source.split())

    @property
    def turned(self) -> Pair:
        """The same pair in the other direction."""
        return Pair(self.target, self.source, self.number)


def read_pair_parts(files: Sequence[DataFile]) -> Parts[Pair]:
    """Read tables, and files of sources beside files of targets, into the parts that labels or names say.

    The first file of sources of a part belongs to the first file of targets of that part, and so on. Raises
    `UsageError` where a file has no other side, and what the readers and `read_parts` raise.
    """
    sources, reader = _sides(files)
    return read_parts(sources, reader)


def read_all_pairs(files: Sequence[DataFile]) -> Read[Pair]:
    """Read all files into one list, whatever their parts; raises what `read_pair_parts` raises."""
    sources, reader = _sides(files)
    return read_all(sources, reader)


def _sides(files: Sequence[DataFile]) -> tuple[list[DataFile], Callable[[Path], Read[Pair]]]:
    """Return the files but those of targets, and what reads each of them with its targets."""
    targets = _targets(files)

    def reader(path: Path) -> Read[Pair]:
        return read_two(path, targets[path]) if path in targets else read_table(path)

    return [file for file in files if file.side != "target"], reader


def _targets(files: Sequence[DataFile]) -> dict[Path, Path]:
    """Return the file of targets of each file of sources."""
    both: dict[str, tuple[list[Path], list[Path]]] = {}
    for file in files:
        if file.side:
            both.setdefault(file.label, ([], []))[file.side == "target"].append(file.path)
    for label, (sources, targets) in both.items():
        if len(sources) != len(targets):
            part = f"the part {label}: " if label else ""
            raise UsageError(
                f"{part}source files: {len(sources)}, target files: {len(targets)}",
                where=", ".join(path.name for path in (*sources, *targets)),
                cure=f"give --src {label}{'=' * bool(label)}FILE and --tgt {label}{'=' * bool(label)}FILE for each",
            )
    paths = [path for sides in both.values() for side in sides for path in side]
    if again := next((path for path in paths if paths.count(path) > 1), None):
        raise UsageError("one file is given twice", where=str(again), cure="give each side a file of its own")
    return {source: target for sides in both.values() for source, target in zip(*sides, strict=True)}


def read_two(source: Path, target: Path) -> Read[Pair]:
    """Read two files, line n of the one being the translation of line n of the other.

    Pairs with an empty side are left out and counted, lines empty in both are no pairs. Raises what `read_lines`
    raises, and `DataError` where the files have not as many lines or no pairs.
    """
    lines, others = read_lines(source), read_lines(target)
    if len(lines.lines) != len(others.lines):
        raise _unequal(source, target, lines.lines, others.lines)
    numbered = zip(lines.lines, others.lines, range(1, len(lines.lines) + 1), strict=True)
    pairs, findings = _usable(Pair(*one) for one in numbered)
    _refuse_none(pairs, f"{source}, {target}")
    return Read(tuple(pairs), (*_named(lines, source), *_named(others, target), *findings))


def _named(lines: Lines, path: Path) -> list[Finding]:
    return [Finding(found.level, found.code, f"{path.name}: {found.text}") for found in lines.findings]


def read_table(path: Path) -> Read[Pair]:
    """Read `source<TAB>target` lines; a third column is left unread.

    Lines of other columns and pairs with an empty side are left out and counted. Raises what `read_lines` raises, and
    `DataError` where most lines are no pairs.
    """
    lines = read_lines(path)
    rows = [(n, line.split("\t")) for n, line in enumerate(lines.lines, start=1) if line.strip()]
    fit = [(number, cells) for number, cells in rows if len(cells) in COLUMNS]
    if 2 * len(fit) < len(rows):
        raise DataError("most lines have no tab between a source and its target", where=str(path), cure=CURE)
    pairs, findings = _usable(Pair(cells[0], cells[1], number) for number, cells in fit)
    other = [number for number, cells in rows if len(cells) not in COLUMNS]
    _refuse_none(pairs, str(path))
    return Read(tuple(pairs), (*lines.findings, *_left_out("no-pair", "that have no two columns", other), *findings))


def _usable(found: Iterable[Pair]) -> tuple[list[Pair], list[Finding]]:
    """Return the pairs with two sides, without white space around them, and findings of those with one."""
    pairs, no_source, no_target = [], [], []
    for pair in found:
        source, target = pair.source.strip(), pair.target.strip()
        if source and target:
            pairs.append(Pair(source, target, pair.number))
        elif target:
            no_source.append(pair.number)
        elif source:
            no_target.append(pair.number)
    findings = _left_out("empty-source", "with an empty source", no_source)
    return pairs, [*findings, *_left_out("empty-target", "with an empty target", no_target)]


def _left_out(code: str, what: str, numbers: Sequence[int]) -> list[Finding]:
    if not numbers:
        return []
    several = f"{len(numbers):,} lines {what}, the first is line {numbers[0]:,}"
    text = several if len(numbers) > 1 else f"1 line {what}, line {numbers[0]:,}"
    return [Finding("warning", code, f"{text}: left out")]


def _refuse_none(pairs: Sequence[Pair], where: str) -> None:
    if not pairs:
        raise DataError("there are no pairs in it", where=where, cure=CURE)


def _unequal(source: Path, target: Path, lines: Sequence[str], others: Sequence[str]) -> DataError:
    """Say where the two sides seem to part."""
    number = first_suspicious(lines, others)
    parts = f"the lengths stop to fit at about line {number:,}: look for a line too many or too few there"
    if number > min(len(lines), len(others)):
        parts = f"the lengths fit up to line {number - 1:,}: look at the end of the longer file"
    return DataError(
        f"{source.name} has {len(lines):,} lines and {target.name} {len(others):,}: they are no pairs",
        where=parts,
        cure="mend the files, so that line n of one is the translation of line n of the other",
    )


def first_suspicious(lines: Sequence[str], others: Sequence[str]) -> int:
    """Return the line, from 1, from which on the lengths of two lists of lines no longer fit each other.

    The place that best cuts the distances of the pairs' log length ratios from the median one into two exponential
    distributions (a change point by maximum likelihood). One past the shorter list where they fit to its end.
    """
    ratios = np.array([math.log((len(one) + 1) / (len(two) + 1)) for one, two in zip(lines, others, strict=False)])
    off = np.abs(ratios - np.median(ratios))
    count = np.arange(len(off) + 1)
    total = np.concatenate([[0.0], np.cumsum(off)])
    usual = off.mean() + ROUNDING  # a value more on each side, so that few pairs prove nothing
    before, after = (total + usual) / (count + 1), (total[-1] - total + usual) / (count[::-1] + 1)
    place = int(np.argmin(count * np.log(before) + count[::-1] * np.log(after)))
    return (place if after[place] > JUMP * before[place] else len(off)) + 1
