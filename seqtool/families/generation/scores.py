"""What a language model is worth: bits a character beside the baselines, the verdict, int8."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import numpy as np

from seqtool.data.bootstrap import Difference, paired
from seqtool.errors import SeqtoolError
from seqtool.families.generation.baselines import GRAM, XZ, ZERO, fitted, rivals, xz
from seqtool.families.generation.config import GenerationConfig
from seqtool.families.generation.data import TextPart, TextSplits, joined
from seqtool.families.generation.encoders import GenerationEncoders, spelled
from seqtool.families.generation.report import Report
from seqtool.families.generation.runner import Request, Runner
from seqtool.families.phases import Int8
from seqtool.families.reporting import interval
from seqtool.families.texts import MOST_NATS
from seqtool.report import report as base
from seqtool.runtime.noise import Key
from seqtool.types import Floats, Ids, Json

Predictor = Callable[[Ids], Floats]  # ids [T] of a text -> -log p [T-1] of each but the first
# Symbols of a block of the bootstrap: a paragraph or two, beyond which errors are no longer correlated.
BLOCK = 500
LEAST_BLOCKS = 20
TIMED = 200  # symbols that int8 and float are timed on


def baselines(config: GenerationConfig, splits: TextSplits, stored: Json | None) -> Json:
    """Count the symbols of the training text; no choice in `stored` has to be kept."""
    return fitted(splits.train)


def score(
    predict: Predictor, splits: TextSplits, split: Literal["validation", "test"], stored: Json,
    config: GenerationConfig, data: str,
) -> Report:  # fmt: skip
    """Score a model over a part, beside baselines fitted on all text before the part."""
    # on the test part they know the validation text too, more than the model: a strong rival does not flatter it
    part, before = splits.validation, splits.train
    if split == "test":
        part, before = splits.test, joined(config, splits).train
    return score_part(predict, part, stored, split=split, data=data, before=before)


def score_again(
    predict: Predictor, part: TextPart, encoders: GenerationEncoders, stored: Json | None, config: GenerationConfig,
    data: str,
) -> Report:  # fmt: skip
    """Score a file over another text; without stored baselines the symbols of that text itself are counted."""
    return score_part(predict, part, stored or fitted(part), split="whole", data=data)


def score_part(
    predict: Predictor, part: TextPart, stored: Json, *, split: str, data: str, before: TextPart | None = None
) -> Report:
    """Score a model over a part; without the text `before` it, only beside baselines that need no fitting.

    Unseen characters cost every model their spelling. Raises `SeqtoolError` for scores that are not all numbers.
    """
    nats = {base.MODEL: predict(part.ids), **rivals(stored, part, before)}
    if not np.isfinite(nats[base.MODEL]).all():
        raise SeqtoolError("the model's probabilities are not all numbers", cure="train again, at a lower rate")
    nats = {name: spelled(values, part.ids, part.encoder) for name, values in nats.items()}
    measured = {name: _row(values, part) for name, values in nats.items()}
    # xz gives the size of the whole, not of each symbol: it has bits a character, but no interval
    bits = {name: row["bits_per_character"] for name, row in measured.items()} | {XZ: xz(part, before)}
    best = min((name for name in bits if name != base.MODEL), key=bits.__getitem__)
    compressed = {"nats_per_character": bits[XZ] * math.log(2), "bits_per_character": bits[XZ]}
    rows: dict[str, base.Row] = {**measured, XZ: {"nats_per_symbol": None, **compressed, "perplexity": None}}
    differences = {name: _difference(nats[base.MODEL], nats[name], part) for name in nats if name != base.MODEL}
    return Report(
        split=split,
        data=data,
        characters=part.characters,
        symbols=len(part.ids),
        unseen=0 if part.encoder.unk is None else int((part.ids == part.encoder.unk).sum()),
        encoder=part.encoder.kind,
        # xz may need no bit at all for a text that it has read before
        whole={
            name: {**row, "skill": 1 - bits[name] / bits[best] if bits[best] > 0 else None}
            for name, row in rows.items()
        },
        best_baseline=best,
        differences={name: interval(difference) for name, difference in differences.items()},
        verdict=verdict(differences, bits, GRAM if GRAM in nats else ZERO, best),
    )


def _row(nats: Floats, part: TextPart) -> dict[str, float]:
    # the first symbol, which nothing precedes, counts as the mean of the rest: else the part would lack a character
    symbol = float(nats.mean())
    character = symbol * len(part.ids) / part.characters
    return {
        "nats_per_symbol": symbol,
        "nats_per_character": character,
        "bits_per_character": character / math.log(2),
        "perplexity": float(np.exp(min(symbol, MOST_NATS))),
    }


def _difference(model: Floats, rival: Floats, part: TextPart) -> Difference:
    """Compare nats a symbol, paired in blocks of the text; return bits a character."""
    # neighbouring symbols are right or wrong together, so blocks are drawn; a short text has at least a few of them
    block = max(1, min(BLOCK, len(model) // LEAST_BLOCKS))
    unit = len(part.ids) / part.characters / np.log(2)
    return paired(model * unit, rival * unit, block=block)


def verdict(differences: Mapping[str, Difference], bits: Mapping[str, float], first: str, best: str) -> list[str]:
    """Return two sentences: against the baseline `first`, and against the best.

    differences: in bits a character, for each baseline that has an interval. bits: of the model and each baseline.
    """
    # the n-gram model is always named, whichever baseline is the best: papers report it
    opening = _sentence(f"the {first} model", differences[first], bits[first])
    if best == first:
        return [opening, f"The best baseline is the {best} model itself: {_word(differences[best], 'it')}."]
    if best in differences:
        return [opening, _sentence(f"the best baseline ({best})", differences[best], bits[best])]
    beats = "beats" if bits[base.MODEL] < bits[best] else "does not beat"
    figures = f"{bits[base.MODEL]:.3f} against {bits[best]:.3f} bits a character, an interval is not to be had"
    return [opening, f"The model {beats} the best baseline ({best}): {figures}."]


def _word(difference: Difference, rival: str) -> str:
    if difference.better:
        return f"the model beats {rival}"
    worse = " and is worse" if difference.worse else ""
    return f"the model does not beat {rival}{worse}"


def _sentence(rival: str, difference: Difference, bits: float) -> str:
    word = _word(difference, rival)
    claim = f"{word[0].upper()}{word[1:]}"
    if not np.isfinite(difference.low):
        return f"{claim}: the text is too short to tell."
    change, low, high = (100 * value / bits for value in (difference.mean, difference.low, difference.high))
    return f"{claim}: its bits a character differ by {change:+.1f} % (95 % interval {low:+.1f} to {high:+.1f} %)."


def pictures(predict: Predictor, splits: TextSplits, config: GenerationConfig, folder: Path, title: str) -> list[Path]:
    """Draw nothing beside the curves of the training."""
    return []


def bits_per_character(runner: Runner, part: TextPart) -> float:
    """Return the bits a character of a part."""
    return _row(runner.predict(part.ids), part)["bits_per_character"]


def work(runner: Runner, part: TextPart) -> object:
    """Write one text of `TIMED` symbols."""
    return [ids for ids, _ in runner.write(runner.read([part.ids[:1]]), Request(TIMED), [Key(1, 0)])]


INT8: Int8[Runner, TextPart] | None = Int8(
    unit="bits per character",
    tolerance=0.01,
    weights="recurrent layers, embedding and output",
    error=bits_per_character,
    work=work,
)
