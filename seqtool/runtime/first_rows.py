"""First lines of a pipe that are rows of training files: the tags, labels or translations are asked for, not given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from seqtool.say import printable

FEW = 3  # lines that are not empty and tell
Doubt = Callable[[Sequence[str]], str]
"""Why the first lines of a pipe may be no texts, and what to do; "" for texts."""

_CONLLU = re.compile(r"\d+(?:[-.]\d+)?(?:\t[^\t]*){9}|# \w+ = .*")
_DOCUMENT = "-DOCSTART-"  # the line by which CoNLL-2003 begins a document
_JOINED = re.compile(r"\S+([/_])[^\W\d_]+\S*|(\W)[/_]\2")  # the/dt, ./.
_FASTTEXT = "__label__"


def tagged(labels: Iterable[str]) -> Doubt:
    """Return the doubt of a tagger with these tags: CoNLL-U, a word with its tags in a line, or word/tag."""
    from seqtool.data.known_tags import PENN, UNIVERSAL, are_spans  # few pipes need it

    def is_tag(cell: str) -> bool:
        return any(map(str.isalpha, cell)) and (cell in names or are_spans([cell]))

    def doubt(lines: Sequence[str]) -> str:
        if all(map(_CONLLU.fullmatch, lines)):
            return _said("CoNLL-U", lines, "--conllu reads it")
        if all(_is_joined(line) for line in lines):
            return _said("words with their tags", lines, "give the words alone, blanks between them")
        rows = [line.split("\t") if "\t" in line else line.split() for line in lines if not line.startswith(_DOCUMENT)]
        same = len(rows) > 1 and len(set(map(len, rows))) == 1 and len(rows[0]) > 1
        # Two texts may end in a letter: `plan B`, `vitamin B`.
        surely = len(rows) >= FEW or any("\t" in line or len(line.split()[-1]) > 1 for line in lines)
        if same and surely and all(is_tag(row[-1]) for row in rows):
            return _said("a word with its tag in each line", lines, "give the words of each sentence in one line")
        return ""

    names = {*labels} | PENN | UNIVERSAL
    return doubt


def _is_joined(line: str) -> bool:
    items = line.split()
    return len(items) > 1 and all(map(_JOINED.fullmatch, items))


def paired(lines: Sequence[str]) -> str:
    """Return the doubt of a translator: every line holds a tab between two texts."""
    if len(lines) > 1 and all(all(part.strip() for part in line.split("\t")) and "\t" in line for line in lines):
        return _said("a source and its translation between tabs", lines, "cut -f 1 takes the first of them")
    return ""


def labelled(labels: Iterable[str]) -> Doubt:
    """Return the doubt of a classifier with these classes: a label stands in front of each text, or behind it."""
    names = frozenset(labels)

    def doubt(lines: Sequence[str]) -> str:
        if all(line.startswith(_FASTTEXT) for line in lines):
            return _said(
                "lines of fastText with their labels", lines, f"sed 's/{_FASTTEXT}[^ ]* *//g' leaves these out"
            )
        rows = [line.split("\t") for line in lines]
        if len(rows) > 1 and all(len(row) > 1 for row in rows):
            if all(row[0].strip() in names for row in rows):
                return _said("a label and a text between tabs", lines, "cut -f 2- takes the texts")
            if all(row[-1].strip() in names for row in rows):
                return _said("a text and its label between tabs", lines, f"cut -f -{len(rows[0]) - 1} takes the texts")
        return ""

    return doubt


def _said(what: str, lines: Sequence[str], cure: str) -> str:
    return f"the first lines, such as '{printable(lines[-1])}', look like {what}; each is answered as a text: {cure}"
