"""Tags that everybody writes alike: a column of nothing else is a column of tags."""

from __future__ import annotations

import re
from collections.abc import Iterable

PENN = frozenset({
    "CC", "CD", "DT", "EX", "FW", "IN", "JJ", "JJR", "JJS", "LS", "MD", "NN", "NNS", "NNP", "NNPS", "PDT", "POS",
    "PRP", "PRP$", "RB", "RBR", "RBS", "RP", "SYM", "TO", "UH", "VB", "VBD", "VBG", "VBN", "VBP", "VBZ", "WDT",
    "WP", "WP$", "WRB", "#", "$", ".", ",", ":", "``", "''", "(", ")", "-LRB-", "-RRB-", "-LCB-", "-RCB-",
    "-LSB-", "-RSB-", "-NONE-", '"', "HYPH", "NFP", "ADD", "AFX", "GW", "XX",
})  # fmt: skip
"""The tags of the Penn Treebank and of those that follow it."""
UNIVERSAL = frozenset({
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "CONJ", "DET", "INTJ", "NOUN", "NUM", "PART", "PRON", "PROPN", "PRT",
    "PUNCT", "SCONJ", "SYM", "VERB", "X",
})  # fmt: skip
_SPAN = re.compile(r"O|[BIESLUM]-\S+")


def are_known(tags: Iterable[str]) -> bool:
    """Tell whether texts are all tags of one well-known kind: Penn, universal, or marks of spans."""
    different = set(tags)
    # The universal tags of 2012 have the full stop for punctuation.
    return different <= PENN or different <= UNIVERSAL | {"."} or are_spans(different)


def are_spans(tags: Iterable[str]) -> bool:
    """Tell whether all tags mark spans of words, as chunks and entities do: O, B-PER, I-PER."""
    return all(_SPAN.fullmatch(tag) for tag in tags)


def first_of_penn(tag: str) -> str:
    """Return the first of the tags between which the Penn Treebank left the choice: VBG of VBG|NN.

    A bar between other texts, as in N|Sg, parts features of one tag, which stays whole.
    """
    first, *others = tag.split("|")
    return first if others and {first, *others} <= PENN else tag
