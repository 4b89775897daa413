"""Scores of a translator: BLEU and chrF on raw text beside a copy of the source, the verdict, a picture, int8."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from seqtool.data.bootstrap import Difference
from seqtool.data.encoders.sides import SideEncoder, TranslationEncoders
from seqtool.data.kept_spans import numbers_kept
from seqtool.data.pair_check import exchanged
from seqtool.data.pairs import Pair
from seqtool.data.unspaced import unspaced
from seqtool.families.phases import Int8
from seqtool.families.reporting import interval
from seqtool.families.translation.bleu import Bleu, chrf, compare, measured
from seqtool.families.translation.config import TranslationConfig
from seqtool.families.translation.data import PairPart, PairSplits
from seqtool.families.translation.report import Report, span
from seqtool.families.translation.runner import Runner
from seqtool.report import report as base
from seqtool.say import warn
from seqtool.types import Json

Predictor = Callable[[Sequence[str]], list[str]]  # texts -> their translations
COPY = "copy of the source"  # a baseline that has names and numbers right
EDGES = (5, 10, 15, 20, 30, 40)  # the most words of a source in each row of the table by length; the last row is open
USABLE = 10.0  # BLEU below which, by the usual reading of it, translations are almost useless
TIMED = 64  # sentences that int8 and float are timed on


def baselines(config: TranslationConfig, splits: PairSplits, stored: Json | None) -> Json:
    """Fit nothing: a copy of the source has nothing to learn."""
    return {}


class Written(NamedTuple):
    """The translations of pairs, and how long they took."""

    translations: list[str]
    seconds: float

    @classmethod
    def of(cls, predict: Predictor, pairs: Sequence[Pair]) -> Written:
        """Translate the sources of pairs."""
        begun = time.perf_counter()
        translations = predict([pair.source for pair in pairs])
        return cls(translations, time.perf_counter() - begun)


def score(
    predict: Predictor, splits: PairSplits, split: Literal["validation", "test"], stored: Json,
    config: TranslationConfig, data: str,
) -> Report:  # fmt: skip
    """Score a translator over the validation or the test part; raises `MissingExtra` without sacrebleu."""
    pairs = (splits.validation if split == "validation" else splits.test).pairs
    written = Written.of(predict, pairs)
    return score_pairs(written, pairs, splits.encoders.target, split=split, data=data, training=splits.train.pairs)


def score_again(
    predict: Predictor, part: PairPart, encoders: TranslationEncoders, stored: Json | None,
    config: TranslationConfig, data: str,
) -> Report:  # fmt: skip
    """Score a file over other pairs; warns where their sides seem to be exchanged."""
    written = Written.of(predict, part.pairs)
    report = score_pairs(written, part.pairs, encoders.target, split="whole", data=data)
    # a decoder writes its own language whatever it reads: sources in that language are on the wrong side
    if exchanged(written.translations, part.pairs):
        warn("the translations have the words of the sources, not of the targets: are the two sides exchanged?")
    return report


def score_pairs(
    written: Written, pairs: Sequence[Pair], encoder: SideEncoder, *, split: str, data: str,
    training: Sequence[Pair] = (),
) -> Report:  # fmt: skip
    """Score translations of pairs beside copies of the sources; encoder: of the target."""
    sources, references = [pair.source for pair in pairs], [pair.target for pair in pairs]
    translations = written.translations
    model, copy = measured(translations, references), measured(sources, references)
    model_chrf, signature = chrf(translations, references)
    copy_chrf, _ = chrf(sources, references)
    shared, kept = numbers_kept(sources, references, translations)
    rows = {base.MODEL: {"bleu": model.of(), "chrf": model_chrf}, COPY: {"bleu": copy.of(), "chrf": copy_chrf}}
    if shared:  # a copy has them all
        rows[base.MODEL]["numbers"], rows[COPY]["numbers"] = 100 * kept / shared, 100.0
    difference = compare(model, copy)
    seen = share_seen(sources, training)
    # encoded again: the search may have written a text in other pieces, and systems are to be comparable
    tokens = sum(len(encoder.encode(text)) for text in translations)
    return Report(
        split=split,
        data=data,
        pairs=len(pairs),
        whole=rows,
        best_baseline=COPY,
        signatures={"bleu": model.signature, "chrf": signature},
        lengths=by_length(model, sources),
        # the clock may not advance over a few pairs
        tokens_per_second=round(tokens / max(written.seconds, 1e-9), 1),
        numbers=shared,
        seen=seen,
        differences={COPY: interval(difference)},
        verdict=verdict(difference, rows, seen, spaced=not unspaced(references)),
    )


def by_length(bleu: Bleu, sources: Sequence[str]) -> list[Json]:
    """Return BLEU and the number of pairs whose source has `from` to `to` words, without empty rows."""
    words = np.array([len(source.split()) for source in sources], np.int64)
    rows: list[Json] = []
    for low, high in zip((0, *EDGES), (*EDGES, None), strict=True):
        chosen = (words > low) & (words <= (high or np.inf))
        if low == 0:  # sources without words too: the table covers all pairs
            chosen |= words == 0
        if chosen.any():
            rows.append({"from": low + 1, "to": high, "pairs": int(chosen.sum()), "bleu": bleu.of(chosen)})
    return rows


def share_seen(sources: Sequence[str], training: Sequence[Pair]) -> float | None:
    """Return the share of sources that `training` has too, ignoring white space; None without training pairs."""
    if not training:
        return None
    trained = {pair.key for pair in training}
    return sum(" ".join(source.split()) in trained for source in sources) / len(sources)


def verdict(
    difference: Difference, rows: Mapping[str, Mapping[str, float]], seen: float | None, *, spaced: bool
) -> list[str]:
    """Return sentences on a model of no use yet, on the baseline, and on sources that training had too.

    difference: in 100 - BLEU. spaced: blanks part the words of the references; BLEU is low for other scripts, whose
    sentences it takes for one word.
    """
    sentences, bleu = [_beaten(difference, rows)], rows[base.MODEL]["bleu"]
    if spaced and bleu < USABLE and np.isfinite(difference.low):
        sentences.insert(0, f"The model is not usable yet: with a BLEU of {bleu:.1f} hardly a sentence is translated.")
    if seen == 0:
        sentences.append("None of the sources stands in the training part.")
    elif seen is not None:
        sentences.append(f"{100 * seen:.1f} % of the sources stand in the training part too, and may be remembered.")
    return sentences


def _beaten(difference: Difference, rows: Mapping[str, Mapping[str, float]]) -> str:
    text = f"The model {'beats' if difference.better else 'does not beat'} a {COPY}"
    if difference.worse:
        text += " and is worse"
    if not np.isfinite(difference.low):
        return f"{text}: there are too few sentences to tell."
    low, high = -difference.high, -difference.low
    model, copy = rows[base.MODEL]["bleu"], rows[COPY]["bleu"]
    return (
        f"{text}: BLEU {model:.1f} against {copy:.1f}, a difference of {-difference.mean:+.1f} "
        f"(95 % interval {low:+.1f} to {high:+.1f})."
    )


def pictures(predict: Predictor, splits: PairSplits, config: TranslationConfig, folder: Path, title: str) -> list[Path]:
    """Draw a bar of BLEU for each length of the source, with its number of pairs; raises `MissingExtra`."""
    from seqtool.report.plots import FORECAST, figure, save

    pairs = splits.validation.pairs
    sources = [pair.source for pair in pairs]
    rows = by_length(measured(predict(sources), [pair.target for pair in pairs]), sources)
    drawing, (axis,) = figure()
    bars = axis.bar([span(row) for row in rows], [row["bleu"] for row in rows], color=FORECAST)
    axis.bar_label(bars, [f"{row['pairs']:,}" for row in rows], fontsize=9)
    axis.set(title=title, xlabel="words of the source (above the bars: pairs)", ylabel="BLEU")
    return [save(drawing, folder / "lengths.png")]


def lost(runner: Runner, part: PairPart) -> float:
    """Return 100 - BLEU of a file's translations of a part, with beam 5."""
    translations = runner.predict([pair.source for pair in part.pairs])
    return 100 - measured(translations, [pair.target for pair in part.pairs]).of()


def work(runner: Runner, part: PairPart) -> object:
    """Translate a few sentences."""
    return runner.predict([pair.source for pair in part.pairs[:TIMED]])


INT8: Int8[Runner, PairPart] | None = Int8(
    unit="BLEU short of 100",
    tolerance=0.3,
    weights="layers of the decoder, output, vectors of tokens",
    error=lost,
    work=work,
)
