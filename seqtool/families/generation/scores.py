"""Scores of a language model on a text, beside the baselines."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from seqtool.data.bootstrap import Difference, paired
from seqtool.errors import SeqtoolError
from seqtool.families.generation.baselines import GRAM, XZ, ZERO, Floats, Ids, rivals, spelled, xz
from seqtool.families.generation.data import TextPart
from seqtool.families.generation.verdict import verdict

Predictor = Callable[[Ids], Floats]
"""From ids [T] of a text to -log p [T-1] of each but the first, the state carried from symbol to symbol."""

BLOCK = 500
"""Symbols of a block of the bootstrap: a paragraph or two, beyond which errors no longer go together."""
LEAST_BLOCKS = 20


def score(
    predict: Predictor,
    part: TextPart,
    stored: Mapping[str, Any],
    *,
    split: str,
    data: str,
    known: TextPart | None = None,
) -> dict[str, Any]:
    """Score a model over the whole of a part, the state carried, beside the baselines that know the text before it.

    Returns JSON: `whole` -> forecaster -> nats_per_symbol, nats_per_character, bits_per_character, perplexity (of a
    symbol) and `skill` (1 - bits / bits of the best baseline), None for what xz does not tell; the paired
    `differences` in bits a character, and the `verdict` of two sentences. Without `known` only baselines that need
    no fitting are there. A character that the vocabulary lacks costs every model its spelling.
    """
    nats = {"model": _checked(predict(part.ids)), **rivals(stored, part, known)}
    nats = {name: spelled(values, part.ids, part.encoder) for name, values in nats.items()}
    rows = {name: _row(values, part) for name, values in nats.items()}
    rows[XZ] = _bits_only(xz(part, known))
    bits = {name: float(row["bits_per_character"] or 0) for name, row in rows.items()}
    best = min((name for name in rows if name != "model"), key=bits.__getitem__)
    differences = {name: _difference(nats["model"], nats[name], part) for name in nats if name != "model"}
    return {
        "split": split,
        "data": data,
        "characters": part.characters,
        "symbols": len(part.ids),
        "unseen": int((part.ids == part.encoder.unk).sum()) if part.encoder.unk is not None else 0,
        "encoder": part.encoder.kind,
        "whole": {name: {**row, "skill": _skill(bits[name], bits[best])} for name, row in rows.items()},
        "best_baseline": best,
        "differences": {name: [_finite(v) for v in (d.mean, d.low, d.high)] for name, d in differences.items()},
        "verdict": verdict(differences, bits, GRAM if GRAM in nats else ZERO, best),
    }


def _checked(nats: Floats) -> Floats:
    if not np.isfinite(nats).all():
        raise SeqtoolError("the model gives probabilities that are no numbers", cure="train again, at a lower rate")
    return nats


def _row(nats: Floats, part: TextPart) -> dict[str, float | None]:
    """Return the figures of nats [T-1]; the first symbol, which nothing precedes, counts as the mean of the others."""
    symbol = float(nats.mean())
    character = symbol * len(part.ids) / part.characters
    return {
        "nats_per_symbol": symbol,
        "nats_per_character": character,
        "bits_per_character": character / math.log(2),
        "perplexity": float(np.exp(min(symbol, 700.0))),
    }


def _bits_only(bits: float) -> dict[str, float | None]:
    return {
        "nats_per_symbol": None,
        "nats_per_character": bits * math.log(2),
        "bits_per_character": bits,
        "perplexity": None,
    }


def _difference(model: Floats, rival: Floats, part: TextPart) -> Difference:
    """Compare nats a symbol, paired in blocks of the text; in bits a character."""
    block = max(1, min(BLOCK, len(model) // LEAST_BLOCKS))
    unit = len(part.ids) / part.characters / np.log(2)
    return paired(model * unit, rival * unit, block=block)


def _skill(bits: float, best: float) -> float | None:
    """Return 1 - bits / best; None where xz says a text again that it knows."""
    return 1 - bits / best if best > 0 else None


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
