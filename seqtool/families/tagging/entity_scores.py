"""Scores of whole entities: precision, recall and F1 of spans, as the shared task CoNLL-2000 counts them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqtool.data.bootstrap import f1_of
from seqtool.data.confusion import named
from seqtool.data.entities import Scheme, Span, impossible, spans
from seqtool.types import Ids

Tags = Sequence[Sequence[str]]
"""The tags [T] of sentences."""


@dataclass(frozen=True)
class Found:
    """The entities of N sentences beside the true ones: how many are right, answered and true, [N] each.

    kinds: the same sums by kind, a Counter each. unseen: right and true ones whose words no entity of the training had.
    impossible: neighbours in the answers that no entity of the scheme has; None without a scheme.
    """

    counts: Ids
    kinds: tuple[Counter[str], Counter[str], Counter[str]]
    unseen: tuple[int, int]
    impossible: int | None

    @classmethod
    def of(
        cls, words: Tags, gold: Tags, answers: Tags, known: frozenset[str] | None, scheme: Scheme | None = None
    ) -> Found:
        """Compare the tags of sentences; known: the entities of the training, as `surfaces` gives them, or None."""
        rows, kinds, unseen = [], (Counter[str](), Counter[str](), Counter[str]()), [0, 0]
        for sentence, true_tags, tags in zip(words, gold, answers, strict=True):
            true, given = {*spans(true_tags, scheme)}, {*spans(tags, scheme)}
            right = true & given
            rows.append((len(right), len(given), len(true)))
            for counter, some in zip(kinds, (right, given, true), strict=True):
                counter.update(span.kind for span in some)
            new = {span for span in true if known is not None and _surface(sentence, span) not in known}
            unseen[0] += len(new & right)
            unseen[1] += len(new)
        counts = np.array(rows, dtype=np.int64).reshape(-1, 3).T
        odd = None if scheme is None else sum(impossible(tags, scheme) for tags in answers)
        return cls(counts, kinds, (unseen[0], unseen[1]), odd)

    def row(self) -> dict[str, float | None]:
        """Return precision, recall and F1 over all sentences, and the recall of unseen ones; None without any."""
        right, given, true = self.counts.sum(axis=1).tolist()
        found, all_new = self.unseen
        return {
            "entity_f1": f1_of(self.counts), "entity_precision": right / given if given else None,
            "entity_recall": right / true if true else None, "unseen_recall": found / all_new if all_new else None,
        }  # fmt: skip

    def by_kind(self) -> dict[str, Mapping[str, float | int | None]]:
        """Return precision, recall, f1 and count of each kind that occurs or was answered."""
        names = sorted({*self.kinds[1], *self.kinds[2]})
        right, given, true = (np.array([counter[name] for name in names], dtype=np.int64) for counter in self.kinds)
        return named(names, right, given, true)


def surfaces(words: Tags, tags: Tags, scheme: Scheme | None = None) -> frozenset[str]:
    """Return the words of all entities in sentences, those of each as one text."""
    pairs = zip(words, tags, strict=True)
    return frozenset(_surface(sentence, span) for sentence, own in pairs for span in spans(own, scheme))


def _surface(words: Sequence[str], span: Span) -> str:
    return " ".join(words[span.start : span.end])
