"""BLEU and chrF by sacreBLEU, on raw text, with what a sentence adds to BLEU kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.bootstrap import Difference
from seqtool.errors import MissingExtra

ORDER = 4
"""n-grams up to this length, as Papineni et al. (2002)."""
DRAWS = 1000
FEWEST = 10
"""Sentences from which a bootstrap says something."""
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Bleu:
    """What each of N sentences adds: right n-grams of each order, n-grams, words, words of the reference: [N,10]."""

    counts: Counts
    signature: str

    def of(self, chosen: Any = slice(None)) -> float:
        """Return the BLEU, 0 to 100, of all or of chosen sentences (places, or a mask [N])."""
        return combined(self.counts[chosen].sum(axis=0))


def metrics() -> Any:
    """Return the module sacrebleu.metrics; raises `MissingExtra` where it is not installed."""
    try:
        from sacrebleu import metrics as found
    except ImportError as error:
        raise MissingExtra("BLEU needs sacrebleu", cure='pip install "seqtool[train]"') from error
    return found


def measured(translations: Sequence[str], references: Sequence[str]) -> Bleu:
    """Count the n-grams of N translations that their references have too; raises `MissingExtra`."""
    metric = metrics().BLEU(effective_order=False)
    rows = []
    for translation, reference in zip(translations, references, strict=True):
        found = metric.corpus_score([translation], [[reference]])
        rows.append([*found.counts, *found.totals, found.sys_len, found.ref_len])
    return Bleu(np.array(rows, np.int64).reshape(len(rows), 2 * ORDER + 2), str(metric.get_signature()))


def combined(counts: Counts) -> float:
    """Return the BLEU of summed counts [10]."""
    right, all_, rest = counts[:ORDER].tolist(), counts[ORDER : 2 * ORDER].tolist(), counts[2 * ORDER :].tolist()
    found = metrics().BLEU.compute_bleu(right, all_, *rest, smooth_method="exp", effective_order=False)
    return float(found.score)


def chrf(translations: Sequence[str], references: Sequence[str]) -> tuple[float, str]:
    """Return chrF (Popovic 2015), 0 to 100, and its signature; raises `MissingExtra`."""
    metric = metrics().CHRF()
    return float(metric.corpus_score(list(translations), [list(references)]).score), str(metric.get_signature())


def compare(model: Bleu, rival: Bleu, *, seed: int = 0) -> Difference:
    """Compare what two systems lack of a BLEU of 100, by a paired bootstrap over sentences (Koehn 2004)."""
    count = len(model.counts)
    mean = rival.of() - model.of()
    if count < FEWEST:
        return Difference(mean, -np.inf, np.inf)
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=DRAWS)
    sums = [drawn @ one.counts for one in (rival, model)]
    lost = [combined(first) - combined(second) for first, second in zip(*sums, strict=True)]
    low, high = np.quantile(lost, [0.025, 0.975])
    return Difference(mean, float(low), float(high))
