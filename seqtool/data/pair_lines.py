"""What two files of lines hold that are no texts: numbers or columns before them, names of columns above them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from seqtool.data.files import counted_lines
from seqtool.data.pair_columns import languages_of, roles
from seqtool.data.pair_kinds import NEARLY
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import printable

FEW, SAMPLE = 5, 1000  # lines that tell
_NUMBERED = re.compile(r"\s*(?:\d+[:.])?(\d+)[.):]?\s+\S")
_TABBED = re.compile(r"[^\t]*\S\t\s*\S")
_TIMES = re.compile(r"\s*(?:\d+:)?\d\d:\d\d[.,]\d{1,3} *--> *(?:\d+:)?\d\d:\d\d")
_FRAMES = re.compile(r"\s*[{\[]\d+[}\]][{\[]\d+[}\]]")  # of a film, before what is said: MicroDVD
_JSON = re.compile(r'\s*\{\s*"(?:[^"\\]|\\.)*"\s*:.*\}\s*')
_TAGGED = re.compile(r"\s*<(\w+)(?:\s[^<>]*)?>(?:.*</\1>)?\s*|\s*</\w+>\s*")
_SEGMENT = re.compile(r"\s*<seg[ >].*</seg>\s*", re.IGNORECASE)
_QUOTED = re.compile(r'\s*"(?:[^"]|"")*"\s*')
_SUBTITLE = 12  # lines of a subtitle, its time and the gap behind it, at most


def refuse_subtitles(lines: Sequence[str], where: str) -> None:
    """Raise `DataError` for a file of subtitles: the times of two films differ, so their lines do not go together."""
    times = [number for number, line in enumerate(lines, start=1) if _TIMES.match(line)]
    if len(times) > 1 and len(lines) <= _SUBTITLE * len(times):
        what = f"the file is of subtitles: line {times[0]:,} is a time, '{printable(lines[times[0] - 1], 40)}'"
        cure = "write what is said alone, line n of one file for line n of the other"
        raise DataError(what, where=where, cure=cure)


def refuse_other_forms(lines: Sequence[str], where: str) -> None:
    """Raise `DataError` for a file whose lines are no texts: subtitles, JSON objects, or segments of WMT."""
    refuse_subtitles(lines, where)
    sample = [line for line in lines[:SAMPLE] if line.strip()]
    if len(sample) < FEW:
        return
    for form, kind, cure in (
        (_FRAMES, "of subtitles, with the frames in front", "write what is said alone"),
        (_JSON, "JSON objects", "write the texts alone, or both in each object of one file, and give it as --data"),
        (_SEGMENT, "segments of XML", "write the texts alone"),
    ):
        if 2 * sum(form.match(line) is not None for line in sample) > len(sample):
            what = f"most of its lines are {kind}, such as '{printable(sample[-1], 40)}'"
            cure = f"{cure}, line n of one file for line n of the other"
            raise DataError(what, where=where, cure=cure)


def marked_lines(lines: Sequence[str]) -> list[Finding]:
    """Return the warnings that lines are tags, as of talks, or that quotes stand around all of them."""
    findings = []
    if tags := [n for n, line in enumerate(lines, start=1) if line.lstrip()[:1] == "<" and _TAGGED.fullmatch(line)]:
        shown = printable(lines[tags[0] - 1], 40)
        text = f"{counted_lines(tags)} in tags, such as '{shown}': read as texts; remove them from both files if not"
        findings.append(Finding("warning", "tags-in-lines", text))
    sample = [line for line in lines[:SAMPLE] if line.strip()]
    if len(sample) >= FEW and all(map(_QUOTED.fullmatch, sample)):
        text = "quotes stand around every line, as in a table: they are read as part of the texts"
        findings.append(Finding("warning", "quotes-in-lines", text))
    return findings


def beside_texts(lines: Sequence[str]) -> list[Finding]:
    """Return the warning that nearly every line of a file begins with a number, or is parted by a tab."""
    sample = [line for line in lines[:SAMPLE] if line.strip()]
    if len(sample) < FEW:
        return []
    what = "begins with a number" if _count_up(sample) else "holds a tab, as a table does"
    if not _count_up(sample) and sum(_TABBED.match(line) is not None for line in sample) < NEARLY * len(sample):
        return []
    text = f"nearly every line {what}, such as '{printable(sample[-1], 40)}': it is read as part of the text"
    return [Finding("warning", "columns-in-lines", text)]


def _count_up(lines: Sequence[str]) -> bool:
    """Tell whether nearly every line begins with the number after that of the one before, or with a first one."""
    numbers = [int(number[1]) for line in lines if (number := _NUMBERED.match(line))]
    steps = sum(later in (number, number + 1, 1) for number, later in itertools.pairwise(numbers))
    return steps >= NEARLY * (len(lines) - 1)


def names_above(sources: Sequence[str], targets: Sequence[str]) -> list[Finding]:
    """Return the warning that the first lines of two files are names of columns, such as `source` and `target`."""
    if not sources or not targets:
        return []
    first = [sources[0].strip(), targets[0].strip()]
    sides = roles(first)
    below = {line.strip() for line in (*sources[1:SAMPLE], *targets[1:SAMPLE])}
    if below & set(first) or not (languages_of(*first) or (sides and (sides.source, sides.target) == (0, 1))):
        return []
    shown = " and ".join(f"'{printable(name)}'" for name in first)
    text = (
        f"the first lines, {shown}, look like names of columns: they are read as a pair; remove them if they are none"
    )
    return [Finding("warning", "names-above", text)]
