"""What a person should know of records before training on them: copies, conflicts, labels, unknown words, sizes."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Sequence
from typing import TypeVar

import numpy as np

from seqtool.data.answer_names import breaking_finding
from seqtool.data.lookalikes import look
from seqtool.data.records import Parts
from seqtool.reads import Finding
from seqtool.say import listing, printable

R = TypeVar("R")
Take = Callable[[R], Sequence[str]]

MANY = 0.01  # a larger share of copies or conflicts moves the scores: a warning
MOST_LABELS = 20  # named one by one: a message, not a page


def check_records(
    parts: Parts[R],
    *,
    key: Callable[[R], Hashable],
    words: Take[R],
    labels: Take[R],
    vocabulary: Container[str] | None = None,
    noun: str = "labels",
    unit: str = "words",
    by_record: bool = False,
) -> list[Finding]:
    """Return the findings of reading `parts`, and what they look like.

    noun: what the labels are called; unit: what the words are; by_record: the shares of labels are those of the records
    that have them, not of all labels.

    `key` says which records are copies, `words` what a record is made of, `labels` its label or its tags. Words
    outside of `vocabulary` are unknown; without it, words that the training part lacks.
    """
    whole = [*parts.train, *parts.validation, *parts.test]
    sizes = [len(words(record)) for record in whole]
    if vocabulary is None:
        vocabulary = set(_all(words, parts.train))
    rates = [
        f"{_unknown(_all(words, part), vocabulary):.1f} % of the {name} part"
        for name, part in (("validation", parts.validation), ("test", parts.test))
    ]
    counts = _all(labels, whole)
    pairs = ((key(record), tuple(labels(record))) for record in whole)
    longest = f"{max(sizes):,} {unit}; 95 % have at most {np.percentile(sizes, 95):,.0f}"
    return [
        *parts.findings,
        *copies(*([key(record) for record in part] for part in parts.by_name.values())),
        *_conflicts(pairs, by_record=by_record),
        *_unseen_labels(_all(labels, parts.train), _all(labels, (*parts.validation, *parts.test))),
        *breaking_finding(counts, noun),
        *_alike(counts, noun),
        Finding("note", "labels", _shares(counts, len(whole) if by_record else counts.total())),
        Finding("note", "unknown-words", f"{', '.join(rates)} are {unit} unknown from the training part"),
        Finding("note", "longest-record", longest),
        Finding("note", "sizes", f"{parts.sizes('records')}, {sum(sizes):,} {unit}"),
    ]


def _all(take: Take[R], records: Iterable[R]) -> Counter[str]:
    return Counter(text for record in records for text in take(record))


def copies(train: Sequence[Hashable], validation: Sequence[Hashable], test: Sequence[Hashable]) -> list[Finding]:
    """Return how many keys of the test part and of the validation part stand in the parts before them too."""
    return [
        *_copies("test", test, {*train, *validation}, "the other parts"),
        *_copies("validation", validation, set(train), "the training part"),
    ]


def _copies(name: str, keys: Sequence[Hashable], before: Container[Hashable], place: str) -> list[Finding]:
    count = sum(key in before for key in keys)
    if not count:
        return []
    share = count / len(keys)
    text = f"{count:,} of {len(keys):,} {name} records ({100 * share:.1f} %) stand in {place} too"
    return [by_share(share, "copies-across-splits", f"{text}: a score counts what was learnt by heart")]


def _conflicts(pairs: Iterable[tuple[Hashable, tuple[str, ...]]], *, by_record: bool) -> list[Finding]:
    seen: dict[Hashable, set[tuple[str, ...]]] = {}
    for key, labels in pairs:
        seen.setdefault(key, set()).add(labels)
    several = sum(len(labels) > 1 for labels in seen.values())
    if not several:
        return []
    what = "several labels" if all(len(own) == 1 for labels in seen.values() for own in labels) else "other label sets"
    text = f"{several:,} of {len(seen):,} different records stand with {what if by_record else 'several labels'}"
    return [by_share(several / len(seen), "conflicting-labels", text)]


def by_share(share: float, code: str, text: str, many: float = MANY) -> Finding:
    """Return a finding that is a warning where `share` is above `many`."""
    return Finding("warning" if share > many else "note", code, text)


def _unseen_labels(train: Counter[str], rest: Counter[str]) -> list[Finding]:
    unseen = [label for label in rest if label not in train]
    if not unseen:
        return []
    names = listing(sorted(unseen), MOST_LABELS)
    return [Finding("warning", "unseen-labels", f"the training part has no {names}: never answered, always wrong")]


def _alike(counts: Counter[str], noun: str) -> list[Finding]:
    """Return the warning that labels differ in nothing but how they are written: `Yes` and `yes`, `1` and `1.0`."""
    alike = [labels for labels in _spellings([label for label, _ in counts.most_common()]) if len(labels) > 1]
    if not alike:
        return []
    groups = [" and ".join(f"{_spelled(label, labels)} ({counts[label]:,})" for label in labels) for labels in alike]
    more = f" and {len(groups) - MOST_LABELS} more" if len(groups) > MOST_LABELS else ""
    text = f"{noun} that may be one and differ in how they are written: {'; '.join(groups[:MOST_LABELS])}{more}"
    return [Finding("warning", "labels-alike", text)]


def _spellings(labels: Sequence[str]) -> list[list[str]]:
    """Return labels in groups of those that are one but for how they are written, or look alike."""
    plain: dict[str, list[str]] = {}
    for label in labels:
        plain.setdefault(_plain(label), []).append(label)
    groups: dict[str, list[str]] = {}
    for alike in plain.values():
        keys = dict.fromkeys(_plain(look(label)) for label in alike)
        group = next((groups[key] for key in keys if key in groups), [])
        group += alike
        groups |= dict.fromkeys(keys, group)
    return [*{id(group): group for group in groups.values()}.values()]


def _plain(label: str) -> str:
    """Return a label without what its spellings may differ in: case, width, blanks, marks at its end, zeros."""
    text = " ".join(unicodedata.normalize("NFKC", _visible(label)).casefold().split())
    bare = text.rstrip(".,:; ")
    if re.fullmatch(r"[+-]?\d{1,15}(?:\.\d{1,15})?", bare):
        return repr(float(bare))
    return bare or text


def _visible(label: str) -> str:
    """Return a label without the characters that nobody sees: of format, as U+200B, and those that choose a variant."""
    if label.isascii():
        return label
    return "".join(c for c in label if unicodedata.category(c) != "Cf" and not "\ufe00" <= c <= "\ufe0f")


def _spelled(label: str, group: Sequence[str]) -> str:
    """Return a label for a message; by the numbers of its characters where another of its group looks the same."""
    odd = unicodedata.normalize("NFC", _visible(label)) != label
    twins = sum(look(other) == look(label) for other in group) > 1
    return f"'{printable(ascii(label)[1:-1])}'" if not label.isascii() and (odd or twins) else f"'{printable(label)}'"


def _shares(counts: Counter[str], whole: int) -> str:
    shares = [f"{printable(label)} {100 * count / whole:.1f} %" for label, count in counts.most_common(MOST_LABELS)]
    more = f" and {len(counts) - MOST_LABELS} more" if len(counts) > MOST_LABELS else ""
    return f"{len(counts):,} different: {', '.join(shares)}{more}"


def _unknown(words: Counter[str], vocabulary: Container[str]) -> float:
    """Return the percentage of running words that a vocabulary lacks."""
    return 100 * sum(count for word, count in words.items() if word not in vocabulary) / max(words.total(), 1)
