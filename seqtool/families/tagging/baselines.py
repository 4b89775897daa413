"""What a tagger has to beat: the tag that a word has most often."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from seqtool.errors import SeqtoolError
from seqtool.families.tagging.data import TagPart

FREQUENT = "most frequent tag"
Tags = Callable[[Sequence[str]], list[str]]
"""From the words [T] of a sentence to their tags [T]."""


def fitted(train: TagPart) -> dict[str, Any]:
    """Count the tags of each word of the training part; JSON, kept in the run and in the model file.

    `forms`, `lower`: the words, as written and in lower case, by their most frequent tag (ties: the first by code
    point); `rare`: the most frequent tag of words that are there once, the guess for a word that is not.
    """
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    lower: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for words, tags in zip(train.words, train.tags, strict=True):
        for word, tag in zip(words, tags, strict=True):
            forms[word][tag] += 1
            lower[word.lower()][tag] += 1
    once = Counter(tag for counts in forms.values() if counts.total() == 1 for tag in counts)
    every = Counter(tag for counts in forms.values() for tag in counts.elements())
    return {"forms": _by_tag(forms), "lower": _by_tag(lower), "rare": _most(once or every)}


def _most(counts: Counter[str]) -> str:
    return min(counts, key=lambda tag: (-counts[tag], tag))


def _by_tag(words: Mapping[str, Counter[str]]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word, counts in words.items():
        found[_most(counts)].append(word)
    return {tag: sorted(some) for tag, some in sorted(found.items())}


def most_frequent(stored: Mapping[str, Any]) -> Tags:
    """Return the baseline of what `fitted` gave: a word's tag as written, else in lower case, else that of rare words.

    Raises `SeqtoolError` where it is damaged.
    """
    try:
        forms, lower = ({word: tag for tag, words in stored[name].items() for word in words} for name in _TABLES)
        rare = stored["rare"]
    except (KeyError, TypeError, AttributeError) as error:
        raise SeqtoolError("the stored baselines are damaged", cure="train and export again") from error
    return lambda words: [forms.get(word) or lower.get(word.lower(), rare) for word in words]


_TABLES = ("forms", "lower")
