"""What two files of lines hold that are no texts: numbers or columns before them, names of columns above them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seqtool.data.files import counted_lines
from seqtool.data.line_marks import FEW, NEARLY, SAMPLE, count_up, last_of
from seqtool.data.pair_columns import languages_of, roles
from seqtool.data.pair_names import SOURCES, TARGETS, TEXTS
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import printable

_TABBED = re.compile(r"[^\t]*\S\t\s*\S")
_TIMES = re.compile(r"\s*(?:\d+:)?\d\d:\d\d[.,]\d{1,3}(?: *--> *|,)(?:\d+:)?\d\d:\d\d")
# What stands before the text: frames of a film in MicroDVD, times in songs (.lrc), all of a line in .ass.
_FRAMES = re.compile(r"\s*[{\[]\d+[}\]][{\[]\d+[}\]]|\s*\[\d+:\d\d(?:[.:]\d+)?\]|Dialogue: *\d")
_MESSAGES = re.compile(r'\s*(?:#[:.,~|]|#$|(?:msgid|msgstr|msgctxt)\b|"(?:[^"\\]|\\.)*"\s*$)')  # of gettext
_KEYED = re.compile(r"\s*([^\W\d][\w.-]*)\s?=\s?\S")  # key = text, of Java
_ARRAY = re.compile(r'\s*(?:\[|\]|[{}],?|"(?:[^"\\]|\\.)*"\s*(?::.*|,?))\s*')  # lines of JSON over many lines
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
    """Raise `DataError` for a file whose lines are no texts: subtitles, JSON, catalogues, or segments of WMT."""
    refuse_subtitles(lines, where)
    sample = [line for line in lines[:SAMPLE] if line.strip()]
    if len(sample) < FEW:
        return
    if kind := _file_of_texts(sample):
        cure = "write the texts alone, line n of one file for line n of the other"
        raise DataError(f"the file is {kind}, not a text a line", where=where, cure=cure)
    for form, kind, cure in (
        (_FRAMES, "of subtitles, with the frames or times in front", "write what is said alone"),
        (_JSON, "JSON objects", "write the texts alone, or both in each object of one file, and give it as --data"),
        (_SEGMENT, "segments of XML", "write the texts alone"),
    ):
        if 2 * sum(form.match(line) is not None for line in sample) > len(sample):
            what = f"most of its lines are {kind}, such as '{printable(sample[-1], 40)}'"
            cure = f"{cure}, line n of one file for line n of the other"
            raise DataError(what, where=where, cure=cure)


def _file_of_texts(lines: Sequence[str]) -> str:
    """Return what a file is that holds texts among other things, "" where its lines may be texts."""
    if any(line.startswith("msgid") for line in lines) and all(map(_MESSAGES.match, lines)):
        return "a catalogue of gettext"
    if lines[0].strip() in ("[", "{") and all(map(_ARRAY.fullmatch, lines)):
        return "JSON over many lines"
    keyed = [line for line in lines if line.lstrip()[0] not in "#!["]
    keys = {found[1] for line in keyed if (found := _KEYED.match(line))}
    # Statements of a program name a variable again and again.
    return "a list of names with their texts, name=text" if len(keys) >= max(FEW, NEARLY * len(keyed)) else ""


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
    """Return the warning that nearly every line of a file begins with a number or an id, or is parted by a tab."""
    sample = [line for line in lines[:SAMPLE] if line.strip()]
    if len(sample) < FEW:
        return []
    counts = count_up(sample)
    what = "begins with a number or an id" if counts else "holds a tab, as a table does"
    if not counts and sum(_TABBED.match(line) is not None for line in sample) < NEARLY * len(sample):
        return []
    shown = printable(last_of(sample) if counts else last_of(sample, _TABBED), 40)
    text = f"nearly every line {what}, such as '{shown}': it is read as part of the text"
    return [Finding("warning", "columns-in-lines", text)]


def names_above(sources: Sequence[str], targets: Sequence[str]) -> list[Finding]:
    """Return the warning that the first lines of two files are names of columns, such as `source` and `target`."""
    if not sources or not targets:
        return []
    first = [sources[0].strip(), targets[0].strip()]
    below = {line.strip() for line in (*sources[1:SAMPLE], *targets[1:SAMPLE])}
    if below & set(first) or not _are_names(*first):
        return []
    shown = " and ".join(f"'{printable(name)}'" for name in first)
    text = (
        f"the first lines, {shown}, look like names of columns: they are read as a pair; remove them if they are none"
    )
    return [Finding("warning", "names-above", text)]


def _are_names(source: str, target: str) -> bool:
    """Tell whether two lines are names of a source and a target, of two languages, or of a text both."""
    sides = roles([source, target])
    both = {source.lower(), target.lower()} <= SOURCES | TARGETS | TEXTS
    return bool(languages_of(source, target) or both or (sides and (sides.source, sides.target) == (0, 1)))
