"""BLEU and chrF by sacreBLEU, on raw text; BLEU from the counts of each sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from seqtool.data.bootstrap import Difference
from seqtool.errors import MissingExtra
from seqtool.types import Flags, Ids

ORDER = 4  # n-grams up to this length, as in Papineni et al. (2002)
DRAWS = 1000
FEWEST = 10  # sentences below which a bootstrap says nothing


@dataclass(frozen=True)
class Bleu:
    """Counts [N,10] of N sentences: right n-grams of each order, n-grams, words, words of the reference."""

    counts: Ids
    signature: str

    def of(self, chosen: Flags | None = None) -> float:
        """Return the BLEU, 0 to 100, of all or of chosen sentences [N]."""
        counts = self.counts if chosen is None else self.counts[chosen]
        return combined(counts.sum(axis=0))


def _metrics() -> ModuleType:
    try:
        from sacrebleu import metrics
    except ImportError as error:
        raise MissingExtra("BLEU needs sacrebleu", cure='pip install "seqtool[train]"') from error
    return metrics


def measured(translations: Sequence[str], references: Sequence[str]) -> Bleu:
    """Count the n-grams of N translations that their references have too; raises `MissingExtra`."""
    # sentence by sentence: a bootstrap and a table by length add up counts instead of scoring texts again
    metric = _metrics().BLEU(effective_order=False)
    rows = []
    for translation, reference in zip(translations, references, strict=True):
        score = metric.corpus_score([translation], [[reference]])
        rows.append([*score.counts, *score.totals, score.sys_len, score.ref_len])
    return Bleu(np.array(rows, np.int64).reshape(len(rows), 2 * ORDER + 2), str(metric.get_signature()))


def combined(counts: Ids) -> float:
    """Return the BLEU of summed counts [10]."""
    right, ngrams, rest = counts[:ORDER].tolist(), counts[ORDER : 2 * ORDER].tolist(), counts[2 * ORDER :].tolist()
    score = _metrics().BLEU.compute_bleu(right, ngrams, *rest, smooth_method="exp", effective_order=False)
    return float(score.score)


def chrf(translations: Sequence[str], references: Sequence[str]) -> tuple[float, str]:
    """Return chrF (Popovic 2015), 0 to 100, and its signature; raises `MissingExtra`."""
    metric = _metrics().CHRF()
    return float(metric.corpus_score(list(translations), [list(references)]).score), str(metric.get_signature())


def compare(model: Bleu, rival: Bleu, *, seed: int = 0) -> Difference:
    """Compare 100 - BLEU of two systems by a paired bootstrap over sentences (Koehn 2004)."""
    count = len(model.counts)
    # 100 - BLEU because less is better in every `Difference`
    mean = rival.of() - model.of()
    if count < FEWEST:
        return Difference(mean, -np.inf, np.inf)
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=DRAWS)
    sums = [drawn @ system.counts for system in (rival, model)]
    lost = [combined(first) - combined(second) for first, second in zip(*sums, strict=True)]
    low, high = np.quantile(lost, [0.025, 0.975])
    return Difference(mean, float(low), float(high))
