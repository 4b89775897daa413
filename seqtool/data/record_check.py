"""What a person should know of records before training on them: copies, conflicts, labels, unknown words, sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Hashable, Iterable, Sequence
from typing import TypeVar

import numpy as np

from seqtool.data.check import Finding
from seqtool.data.records import Parts
from seqtool.data.text_table import printable

R = TypeVar("R")
Take = Callable[[R], Sequence[str]]

MANY = 0.01
"""A share above this of copies or conflicts is a warning."""
MOST_LABELS = 20
"""Labels that are named one by one."""


def check_records(
    parts: Parts[R],
    *,
    key: Callable[[R], Hashable],
    words: Take[R],
    labels: Take[R],
    known: Container[str] | None = None,
) -> list[Finding]:
    """Return the findings of reading `parts`, and what they look like.

    `key` says which records are copies, `words` what a record is made of, `labels` its label or its tags. `known` are
    the words of the vocabulary; left out, those of the training part.
    """
    whole = [*parts.train, *parts.validation, *parts.test]
    found = [
        *parts.findings,
        *copies("test", map(key, parts.test), {key(one) for one in (*parts.train, *parts.validation)}),
        *copies("validation", map(key, parts.validation), {key(one) for one in parts.train}),
        *_conflicts([(key(one), tuple(labels(one))) for one in whole]),
        *_unseen_labels(_all(labels, parts.train), _all(labels, (*parts.validation, *parts.test))),
        Finding("note", "labels", _shares(_all(labels, whole))),
    ]
    vocabulary = set(_all(words, parts.train)) if known is None else known
    rates = [
        f"{_unknown(_all(words, part), vocabulary):.1f} % of the {name} part"
        for name, part in (("validation", parts.validation), ("test", parts.test))
    ]
    lengths = np.array([len(words(one)) for one in whole])
    found.append(Finding("note", "unknown-words", f"{', '.join(rates)} are words unknown from the training part"))
    most, usual = lengths.max(), np.percentile(lengths, 95)
    found.append(Finding("note", "longest-record", f"{most:,} words; 95 % have at most {usual:,.0f}"))
    return [*found, Finding("note", "sizes", _sizes(parts, int(lengths.sum())))]


def _all(take: Take[R], records: Iterable[R]) -> Counter[str]:
    """Count the words, or the labels, of records."""
    return Counter(one for record in records for one in take(record))


def copies(name: str, keys: Iterable[Hashable], others: Container[Hashable]) -> list[Finding]:
    """Say how many of a part's keys stand in other parts too; `name`: validation, or test."""
    again = [one in others for one in keys]
    if not any(again):
        return []
    share = sum(again) / len(again)
    said = f"{sum(again):,} of {len(again):,} {name} records ({100 * share:.1f} %) stand in"
    said += " the other parts too" if name == "test" else " the training part too"
    return [_by_share(share, "copies-across-splits", f"{said}: a score counts what was learnt by heart")]


def _conflicts(pairs: Iterable[tuple[Hashable, tuple[str, ...]]]) -> list[Finding]:
    seen: dict[Hashable, set[tuple[str, ...]]] = {}
    for key, labels in pairs:
        seen.setdefault(key, set()).add(labels)
    several = sum(len(labels) > 1 for labels in seen.values())
    if not several:
        return []
    text = f"{several:,} of {len(seen):,} different records stand with several labels"
    return [_by_share(several / len(seen), "conflicting-labels", text)]


def _by_share(share: float, code: str, text: str) -> Finding:
    return Finding("warning" if share > MANY else "note", code, text)


def _unseen_labels(train: Counter[str], others: Counter[str]) -> list[Finding]:
    unseen = [label for label in others if label not in train]
    if not unseen:
        return []
    named = ", ".join(printable(label) for label in sorted(unseen)[:MOST_LABELS])
    return [Finding("warning", "unseen-labels", f"the training part has no {named}: never answered, always wrong")]


def _shares(counts: Counter[str]) -> str:
    whole = counts.total()
    named = [f"{printable(label)} {100 * count / whole:.1f} %" for label, count in counts.most_common(MOST_LABELS)]
    more = f" and {len(counts) - MOST_LABELS} more" if len(counts) > MOST_LABELS else ""
    return f"{len(counts):,} different: {', '.join(named)}{more}"


def _unknown(words: Counter[str], known: Container[str]) -> float:
    """Return the percentage of running words that are not known."""
    return 100 * sum(count for word, count in words.items() if word not in known) / max(words.total(), 1)


def _sizes(parts: Parts[R], words: int) -> str:
    named = {"training": parts.train, "validation": parts.validation, "test": parts.test}
    sizes = ", ".join(f"{name} {len(part):,}" for name, part in named.items())
    return f"{sum(map(len, named.values())):,} records ({sizes}), {words:,} words"
