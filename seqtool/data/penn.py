"""Tagged text of the Penn Treebank: bracketed trees, and word/TAG."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seqtool.data.known_tags import first_of_penn
from seqtool.errors import DataError
from seqtool.say import printable

Pairs = list[tuple[str, str]]

_BRACKETED = re.compile(r"\s*\(\s*(?:[^\s()/]+\s*)?\(|\s*\([^\s()/]+\s+[^\s()]+\)")
# a word with its tag; a bracket that opens, with its label; one that closes; what stands in no (TAG word)
_TREE = re.compile(r"\(\s*([^\s()]+)\s+([^\s()]+)\s*\)|\(\s*[^\s()]*|\)|([^()\s](?:[^()]*[^()\s])?)")
_CHUNKED = re.compile(r"^(?:\[ .*\]\s*|={4,}\s*)$", re.MULTILINE)
_PAIRS = re.compile(r"""\s*\[?\(['"]?[^\s()]+?['"]?, ['"]?[^\s()]+?['"]?\)(?=[\s,\]]|$)""")  # (word, TAG), of no tree
_NO_WORD = "-NONE-"  # the tag of a trace: a place in the tree, not a word
_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LCB-": "{", "-RCB-": "}", "-LSB-": "[", "-RSB-": "]"}
_ENDS, _AFTER = frozenset({"."}), frozenset({".", "''", ")"})
_CURE = "write word/TAG, blanks between them, one sentence a line"


def read_penn(text: str) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield the words and the tags of each sentence of a text.

    The text holds trees `(S (NP (DT The) ...))`, chunks `[ The/DT ... ]`, or lines of word/TAG. `VBG|NN` is read as
    VBG, `1\\/2` as 1/2, the word -LRB- as a bracket. Raises `DataError` with the sentence's number.
    """
    shape = _trees if is_bracketed(text) else _chunks if _CHUNKED.search(text) else _lines
    for pairs in shape(text):
        words, tags = zip(*((_word(word), first_of_penn(tag)) for word, tag in pairs), strict=True)
        yield words, tags


def is_penn(text: str) -> bool:
    """Tell trees and chunks, which mark what is of the Penn Treebank; lines of word/TAG may be of any.

    Raises `DataError` for pairs `(word, TAG)`, which look like trees.
    """
    if pair := _PAIRS.match(text):
        what = f"the words stand with their tags in brackets, as in '{printable(pair[0].strip())}'"
        raise DataError(what, cure=_CURE)
    return is_bracketed(text) or _CHUNKED.search(text) is not None


def is_bracketed(text: str) -> bool:
    """Tell trees from word/TAG, and from columns whose first word is a bracket."""
    return _BRACKETED.match(text) is not None and text.split(maxsplit=2)[1:2] != ["("]


def _word(word: str) -> str:
    return _BRACKETS.get(word) or word.replace("\\/", "/").replace("\\*", "*")


def _trees(text: str) -> Iterator[Pairs]:
    depth, pairs, number = 0, Pairs(), 1
    for match in _TREE.finditer(text):
        if tag := match[1]:
            if tag != _NO_WORD:
                pairs.append((match[2], tag))
            continue
        if loose := match[3]:
            what = f"sentence {number:,}: '{printable(' '.join(loose.split()))}' is not one word with a tag"
            raise DataError(what, cure="give every word a tag of its own: (NNP New) (NNP York)")
        depth += 1 if match[0].startswith("(") else -1
        if depth == 0 and pairs:
            yield pairs
            pairs, number = [], number + 1
        if depth < 0:
            break
    if depth or pairs:
        cure = "give whole trees: (S (NP (DT The) ...))"
        raise DataError(f"sentence {number:,}: brackets that do not match", cure=cure)


def _chunks(text: str) -> Iterator[Pairs]:
    # Chunks have no mark between sentences: one ends after the tag `.` and the closing quotes and brackets behind it.
    pairs, over, number = Pairs(), False, 1
    for item in text.split():
        if item in ("[", "]") or set(item) == {"="}:
            continue
        word, tag = _pair(item, number)
        if over and tag not in _AFTER:
            yield pairs
            pairs, over, number = [], False, number + 1
        pairs.append((word, tag))
        over = over or tag in _ENDS
    if pairs:
        yield pairs


def _lines(text: str) -> Iterator[Pairs]:
    number = 1
    for line in text.split("\n"):
        pairs = [_pair(item, number) for item in line.split()]
        pairs = [(word, tag) for word, tag in pairs if tag != _NO_WORD]
        if pairs:
            yield pairs
            number += 1


def _pair(item: str, number: int) -> tuple[str, str]:
    word, _, tag = item.rpartition("/")
    if not word or not tag or word.endswith("\\"):
        raise DataError(f"sentence {number:,}: the word {item[:40]!r} has no tag", cure=_CURE)
    return word, tag
