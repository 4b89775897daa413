"""What stands around the text of nearly every line: numbers, ids and verses in front, ids behind, quotes of Python."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence

from seqtool.reads import Finding
from seqtool.say import printable

FEW, SAMPLE = 5, 1000  # lines that tell
NEARLY = 0.95  # of the lines: one lacks its mark here and there
_LONGEST = 40  # characters of a number or an id
_BEGINNING = re.compile(r"\s*(?=[^\s,;|]*\d)([^\s,;|]+)[\s,;|]+\S")  # a word with a digit, and more behind it
_DIGITS = re.compile(r"\d+")
_VERSE = re.compile(
    r"\s*[\[(]?(?:[1-5]\.?\s?)?[^\W\d_][\w.]{0,20}(?: [^\W\d_]+){0,3} (\d{1,3})([:.,])(\d{1,3})[\])]?[\s:.-]+\S.*"
)
_BEHIND = re.compile(r".*\S\s*[(\[{<]([\w.:/-]*\d[\w.:/-]*)[)\]}>]\s*")
_OF_PYTHON = re.compile(r"""\s*([bBuU]?)(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"),?\s*""")


def marks_around(lines: Sequence[str], whose: str = "") -> list[Finding]:
    """Return the warnings that nearly all lines begin with a number or a verse, or end in an id, or all are in quotes.

    whose: where the lines are from, such as " of the sources".
    """
    sample = [line for line in lines[:SAMPLE] if line.strip()]
    if len(sample) < FEW:
        return []
    findings = []
    if count_up(sample):
        findings.append(_warning("columns-in-lines", f"line{whose} begins with a number or an id", last_of(sample)))
    if _are_verses(sample):
        findings.append(
            _warning("verses-in-lines", f"line{whose} begins with the place of a verse", last_of(sample, _VERSE))
        )
    behind = _found(_BEHIND, sample)
    if len(set(behind)) >= NEARLY * len(sample):
        findings.append(_warning("ids-in-lines", f"line{whose} ends in an id in brackets", last_of(sample, _BEHIND)))
    quoted = _found(_OF_PYTHON, sample)
    single = any(line.lstrip()[0] == "'" for line in sample)
    if len(quoted) == len(sample) and (single or all(quoted)):
        how = "write each with print(text), b'...' with print(text.decode())"
        findings.append(
            _warning("quotes-in-lines", f"line{whose} is in quotes, as Python shows a text", sample[-1], how)
        )
    return findings


def last_of(lines: Sequence[str], form: re.Pattern[str] = _BEGINNING) -> str:
    """Return the last line that begins with a word with a digit, or has another form."""
    return next(line for line in reversed(lines) if form.match(line))


def _are_verses(lines: Sequence[str]) -> bool:
    """Tell whether nearly every line begins with a place in a book, no time of the day or amount: verses count on."""
    found = [match for line in lines if (match := _VERSE.fullmatch(line))]
    if len(found) < NEARLY * len(lines) or min(len(match[3]) for match in found) > 1:  # minutes have two digits
        return False
    places = [(int(match[1]), int(match[3])) for match in found]
    on = sum(one < other or other[1] == 1 for one, other in itertools.pairwise(places))
    return all(match[2] == ":" for match in found) or on >= NEARLY * (len(places) - 1)


def _found(form: re.Pattern[str], lines: Sequence[str]) -> list[str]:
    return [found[1] for line in lines if (found := form.fullmatch(line))]


def _warning(code: str, what: str, line: str, how: str = "remove it if a model is not to learn it") -> Finding:
    text = f"nearly every {what}, such as '{printable(line, 60)}': it is read as part of the text; {how}"
    return Finding("warning", code, text)


def count_up(lines: Sequence[str]) -> bool:
    """Tell whether nearly every line begins as the others do but for its numbers, which grow, or begin again."""
    begin = [found[1] for line in lines if (found := _BEGINNING.match(line)) and len(found[1]) <= _LONGEST]
    shapes = Counter(_DIGITS.sub("0", word) for word in begin)
    shape, count = max(shapes.items(), key=lambda item: item[1], default=("", 0))
    if count < NEARLY * len(lines):
        return False
    numbers = [[*map(int, _DIGITS.findall(word))] for word in begin if _DIGITS.sub("0", word) == shape]
    steps = sum(one <= other or other[-1] in (0, 1) for one, other in itertools.pairwise(numbers))
    growing = sum(one < other for one, other in itertools.pairwise(numbers))
    return steps >= NEARLY * (len(numbers) - 1) <= 2 * growing
