"""Scores of a translator on a part, beside the baseline: sacreBLEU and chrF on raw text."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from seqtool.data.pairs import Pair
from seqtool.families.translation.baselines import COPY, copied
from seqtool.families.translation.bleu import Bleu, chrf, compare, measured
from seqtool.families.translation.verdict import verdict

Translate = Callable[[Sequence[str]], list[str]]
"""From texts to their translations."""
EDGES = (5, 10, 15, 20, 30, 40)
"""Words of a source up to which it stands in one row of the table by length; the last row is open."""


def score(
    translate: Translate, pairs: Sequence[Pair], encoder: Any, *, split: str, data: str, known: Sequence[Pair] = (),
) -> dict[str, Any]:  # fmt: skip
    """Score a model over pairs, beside copies of the sources; `encoder` of the target counts tokens.

    Returns JSON: `whole` -> translator -> `bleu`, `chrf`; their `signatures`; `lengths`: BLEU by words of the source;
    `tokens_per_second` written on this machine; `seen`: share of the sources that training (`known`) had too, None
    where it is not known; the paired `differences` of BLEU, less being better, and the `verdict`.
    Raises `MissingExtra` without sacrebleu.
    """
    sources, references = [pair.source for pair in pairs], [pair.target for pair in pairs]
    begun = time.perf_counter()
    translations = translate(sources)
    seconds = time.perf_counter() - begun
    found = {"model": measured(translations, references), COPY: measured(copied(sources), references)}
    rows, signature = {}, ""
    for name, texts in (("model", translations), (COPY, copied(sources))):
        value, signature = chrf(texts, references)
        rows[name] = {"bleu": found[name].of(), "chrf": value}
    difference = compare(found["model"], found[COPY])
    seen = share_seen(sources, known)
    return {
        "split": split,
        "data": data,
        "pairs": len(pairs),
        "whole": rows,
        "best_baseline": COPY,
        "signatures": {"bleu": found["model"].signature, "chrf": signature},
        "lengths": by_length(found["model"], sources),
        "tokens_per_second": round(sum(len(encoder.encode(text)) for text in translations) / max(seconds, 1e-9), 1),
        "seen": seen,
        "differences": {COPY: [_finite(value) for value in (difference.mean, difference.low, difference.high)]},
        "verdict": verdict(difference, rows, seen),
    }


def by_length(bleu: Bleu, sources: Sequence[str]) -> list[dict[str, Any]]:
    """Return BLEU and count of the pairs whose source has `from` to `to` words (None: no end), without empty rows."""
    words = np.array([len(source.split()) for source in sources], np.int64)
    rows = []
    for low, high in zip((0, *EDGES), (*EDGES, None), strict=True):
        chosen = (words > low) & (words <= (high or np.inf))
        if low == 0:
            chosen |= words == 0
        if chosen.any():
            rows.append({"from": low + 1, "to": high, "pairs": int(chosen.sum()), "bleu": bleu.of(chosen)})
    return rows


def share_seen(sources: Sequence[str], known: Sequence[Pair]) -> float | None:
    """Return the share of sources that stand in `known` too, white space made alike; None without known ones."""
    if not known:
        return None
    had = {plain(pair.source) for pair in known}
    return sum(plain(source) in had for source in sources) / len(sources)


def plain(text: str) -> str:
    """Return a text with single blanks."""
    return " ".join(text.split())


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
