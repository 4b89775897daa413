"""Scores of a classifier that answers several labels a text, beside rivals that do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from seqtool.data.bootstrap import Difference, paired_f1
from seqtool.data.calibration import calibration_error
from seqtool.errors import SeqtoolError, damaged
from seqtool.families.classification import several
from seqtool.families.classification.answers import answered
from seqtool.families.classification.part import TextPart, TextSplits, seen
from seqtool.families.classification.report import Report
from seqtool.families.classification.rivals import TF_IDF, TfIdf, left_out
from seqtool.families.classification.runner import PARTS, WHOLE, Predict
from seqtool.families.classification.verdict import USUAL, verdict
from seqtool.families.reporting import interval, skill
from seqtool.report.report import MODEL, Row
from seqtool.run_check import is_counts, is_number
from seqtool.types import Array, Flags, Floats, Json

Split = Literal["validation", "test"]
CURE = "train and export again"


def baselines(splits: TextSplits, stored: Json | None) -> Json:
    """Count the labels, and choose the penalty and the thresholds of the rivals on the validation part; JSON.

    A refit keeps what was chosen.
    """
    train, held = splits.train, splits.validation
    counts: Json = {"counts": train.gold.sum(axis=0).tolist(), "texts": len(train.gold)}
    if stored is not None:
        return {**stored, **counts, "joined": True}
    gold = held.gold[:, : train.labels.size]
    usual = several.best_threshold(_shares(counts, held).reshape(-1), gold.reshape(-1))
    rival = {} if left_out(train) else {"tf_idf": _chosen(train, held, gold)}
    return {**counts, "thresholds": [usual] * train.labels.size, **rival}


def _chosen(train: TextPart, held: TextPart, gold: Flags) -> Json:
    """Return the penalty of the linear rival that has the highest micro F1 at its best thresholds, and those."""
    model, tried = TfIdf(train), []
    for penalty in TfIdf.PENALTIES:
        chances = model.fit(penalty).predict(held)[:, : train.labels.size]
        thresholds = several.thresholds(chances, gold)
        found = several.micro_f1(gold, answered(chances, thresholds))
        tried.append((found, {"penalty": penalty, "thresholds": thresholds.tolist()}))
    return max(tried, key=lambda pair: pair[0])[1]


def score(
    predict: Predict, splits: TextSplits, split: Literal["validation", "test"], stored: Json, data: str
) -> Report:
    """Score a model over the validation or the test part, beside rivals that know the same training part."""
    part, train = splits.validation if split == "validation" else splits.test, splits.train
    if split == "test" and stored.get("joined"):  # a refit: the model knows the validation part, so must its rivals
        train = splits.train + splits.validation
    return score_part(predict, part, stored, split=split, data=data, train=train)


def score_part(
    predict: Predict, part: TextPart, stored: Json | None, *, split: str, data: str, train: TextPart | None = None
) -> Report:
    """Score a model over a part, beside the rivals of the training part; without it only beside its usual labels."""
    chances = {**_of_model(predict, part), **_rivals(stored, part, train)}
    if not all(np.isfinite(rows).all() for rows, _ in chances.values()):
        raise SeqtoolError("the model gives probabilities that are not numbers", cure="train again, at a lower rate")
    answers = {name: answered(rows, above) for name, (rows, above) in chances.items()}
    whole = {name: _figures(rows, answers[name], part.gold) for name, (rows, _) in chances.items()}
    rivals = [name for name in chances if name not in (MODEL, *PARTS.values())]
    shares = {name: row["micro_f1"] for name, row in whole.items()}
    best = max(rivals, key=shares.__getitem__)
    differences = {
        name: difference_of(part.gold, answers[MODEL], flags) for name, flags in answers.items() if name != MODEL
    }
    linear = TF_IDF if TF_IDF in answers else ""
    names, alone = part.labels.names, [] if train is None or linear else [left_out(train)]
    return Report(
        split=split, data=data, texts=len(part.gold), multi=True,
        whole={name: {**row, "skill": skill(shares[name], shares[best])} for name, row in whole.items()},
        best_baseline=best,
        differences={name: interval(difference) for name, difference in differences.items()},
        classes=_above(several.by_label(part.gold, answers[MODEL], names), chances[MODEL][1]),
        rival=linear, rival_classes=several.by_label(part.gold, answers[linear], names) if linear else {},
        seen=None if train is None else seen(part, train), unknown=part.unknown, tokens=part.reader.tokens,
        verdict=[*verdict(differences, shares, best, floor=USUAL, figure="micro F1"), *alone],
    )  # fmt: skip


def _above(classes: Mapping[str, Row], thresholds: Array) -> dict[str, Row]:
    """Add to each label the probability above which it is answered."""
    return {
        name: {**row, "threshold": float(above)} for (name, row), above in zip(classes.items(), thresholds, strict=True)
    }


def _figures(chances: Array, answers: Flags, gold: Flags) -> dict[str, float]:
    return {
        "micro_f1": several.micro_f1(gold, answers),
        "macro_f1": several.macro_f1(gold, answers),
        "subset": float((gold == answers).all(axis=1).mean()),
        "log_loss": several.log_loss(chances, gold),
        "ece": calibration_error(chances.reshape(-1), gold.reshape(-1)),
    }


def _of_model(predict: Predict, part: TextPart) -> dict[str, tuple[Array, Array]]:
    """Return the probabilities [N,C] and the thresholds [C] of the model, and those of its parts."""
    outputs, above = predict.outputs(part.ids), predict.thresholds
    names = {WHOLE: MODEL, **PARTS}
    return {names[key]: _widened(rows, above[key], part) for key, rows in outputs.items() if key in above}


def _widened(chances: Array, thresholds: Sequence[float], part: TextPart) -> tuple[Array, Array]:
    """Add the labels that training never had: their probability is 0, and none of them is answered."""
    missing = part.labels.size - chances.shape[1]
    return np.pad(chances, ((0, 0), (0, missing))), np.pad(np.array(thresholds), (0, missing))


def _rivals(stored: Json | None, part: TextPart, train: TextPart | None) -> dict[str, tuple[Array, Array]]:
    """Return the probabilities [N,C] and the thresholds [C] of each rival; raises `SeqtoolError` for damaged ones."""
    if stored is None:  # a file that was exported without scores: how often each label stands in the part itself
        counts = {"counts": part.gold.sum(axis=0).tolist(), "texts": len(part.gold)}
        shares = _shares(counts, part)
        usual = several.best_threshold(shares.reshape(-1), part.gold.reshape(-1))
        return {USUAL: (shares, np.full(part.labels.size, usual))}
    with damaged(SeqtoolError("the stored baselines are damaged", cure=CURE)):
        rivals = {USUAL: _widened(_shares(stored, part), _row(stored["thresholds"]), part)}
        if train is not None and "tf_idf" in stored:
            penalty, thresholds = stored["tf_idf"]["penalty"], _row(stored["tf_idf"]["thresholds"])
            if train.gold.sum(axis=0).tolist() != stored["counts"] or not (is_number(penalty) and penalty > 0):
                raise ValueError("of other data")
            chances = TfIdf(train).fit(penalty).predict(part)[:, : train.labels.size]
            rivals[TF_IDF] = _widened(chances, thresholds, part)
        return rivals


def _shares(stored: Json, part: TextPart) -> Floats:
    """Return how often each label stands in the training part, for each text: [N,C]."""
    counts, texts = stored["counts"], stored["texts"]
    if not (is_counts(counts) and is_number(texts) and texts > 0):
        raise ValueError("no counts of labels")
    return np.tile(np.array(counts) / texts, (len(part.gold), 1))


def _row(thresholds: Any) -> list[float]:
    if not (isinstance(thresholds, list) and all(map(is_number, thresholds))):
        raise ValueError("no thresholds")
    return thresholds


def difference_of(gold: Flags, model: Flags, rival: Flags) -> Difference:
    """Compare the micro F1 of two answers [N,C] to the same texts."""
    return paired_f1(*(np.stack(several.counts(gold, flags, axis=1)) for flags in (model, rival)))
