"""The baseline that gives each word its most frequent tag."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from seqtool.errors import SeqtoolError, damaged
from seqtool.types import Json

if TYPE_CHECKING:
    from seqtool.families.tagging.part import TagPart

FREQUENT = "most frequent tag"
WordsByTag = dict[str, list[str]]
"""Tag -> the words whose most frequent tag it is; of equally frequent tags the first by code point."""


def fitted(train: TagPart) -> Json:
    """Count the tags of each word of the training part; return the baseline as the run and the model file store it.

    `forms`, `lower`: the words as written and in lower case, by their most frequent tag; `rare`: the most frequent tag
    of words that occur once.
    """
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    lower: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for words, tags in zip(train.words, train.tags, strict=True):
        for word, tag in zip(words, tags, strict=True):
            forms[word][tag] += 1
            lower[word.lower()][tag] += 1
    # a word that the training part lacks is most like those that occur in it once
    once = Counter(tag for counts in forms.values() if counts.total() == 1 for tag in counts)
    every = Counter(tag for tags in train.tags for tag in tags)
    # by tag, not by word: the name of a tag stands in the file once, not once for every word
    return {"forms": _by_tag(forms), "lower": _by_tag(lower), "rare": _most(once or every)}


def _most(counts: Counter[str]) -> str:
    return min(counts, key=lambda tag: (-counts[tag], tag))


def _by_tag(words: Mapping[str, Counter[str]]) -> WordsByTag:
    by_tag: defaultdict[str, list[str]] = defaultdict(list)
    for word, counts in words.items():
        by_tag[_most(counts)].append(word)
    return {tag: sorted(group) for tag, group in sorted(by_tag.items())}


def most_frequent(stored: Json) -> Callable[[Sequence[str]], list[str]]:
    """Return the baseline tagger: the tag of a word as written, else in lower case, else the tag of rare words.

    stored: as `fitted` returns it; raises `SeqtoolError` where it is damaged.
    """
    with damaged(unusable()):
        forms, lower = _tag_of(stored["forms"]), _tag_of(stored["lower"])
        rare: str = stored["rare"]
    return lambda words: [forms.get(word) or lower.get(word.lower(), rare) for word in words]


def unusable() -> SeqtoolError:
    """Return the error for baselines that nobody can read."""
    return SeqtoolError("the stored baselines are damaged", cure="train and export again")


def _tag_of(by_tag: WordsByTag) -> dict[str, str]:
    return {word: tag for tag, words in by_tag.items() for word in words}
