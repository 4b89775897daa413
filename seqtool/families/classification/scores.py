"""Scores of a classifier beside its baselines, the verdict, pictures, the cost of int8."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from seqtool.data.calibration import calibration_error
from seqtool.data.confusion import accuracy, by_class, confusion, macro_f1, paired_errors
from seqtool.data.unspaced import unspaced
from seqtool.errors import SeqtoolError
from seqtool.families.classification import several_scores
from seqtool.families.classification.answers import HALF, answered, decided
from seqtool.families.classification.config import ClassificationConfig
from seqtool.families.classification.conformal import Calibration, measured, shuffled
from seqtool.families.classification.encoders import ClassificationEncoders
from seqtool.families.classification.part import TextPart, TextSplits, seen
from seqtool.families.classification.report import Report
from seqtool.families.classification.rivals import BIGRAMS, TF_IDF, Bigrams, TfIdf, left_out
from seqtool.families.classification.runner import PARTS, WHOLE, Predict, Runner, widened
from seqtool.families.classification.verdict import MAJORITY, verdict
from seqtool.families.phases import Int8
from seqtool.families.reporting import interval, skill
from seqtool.report.confusion import picture
from seqtool.report.report import MODEL
from seqtool.run_check import is_counts, is_number
from seqtool.types import Array, Floats, Ids, Json

Predictor = Callable[[Sequence[Ids]], Array]
"""From the ids [T] of N texts to the probabilities of the classes [N,C]."""
CHARACTERS = "characters"
"""The unit of the bag of bigrams where no blanks part the words."""
LARGEST_MATRIX = 50
"""Most classes of a confusion matrix that is kept: it is stored in the model file."""
LEAST = 1e-12
"""The log loss raises smaller probabilities to this one."""
FEWEST = 20
"""Texts whose halves can measure label sets."""
TIMED = 1000
"""Texts for timing int8 against float."""


def baselines(config: ClassificationConfig, splits: TextSplits, stored: Json | None) -> Json:
    """Count the classes, and choose the linear model's penalty on the validation part; a refit keeps the penalty."""
    if config.multi:
        return several_scores.baselines(splits, stored)
    if stored is not None:
        return refitted(stored, splits.train)
    train, validation = splits.train, splits.validation
    if left_out(train):
        return {"counts": class_counts(train)}
    return {**fitted(train, validation), "tf_idf": {"penalty": TfIdf(train).most_accurate(validation)}}


def score(
    predict: Predictor, splits: TextSplits, split: Literal["validation", "test"], stored: Json,
    config: ClassificationConfig, data: str,
) -> Report:  # fmt: skip
    """Score a classifier over the validation or the test part, beside baselines that know the same training part."""
    if isinstance(predict, Predict) and config.multi:
        return several_scores.score(predict, splits, split, stored, data)
    part, train = splits.validation if split == "validation" else splits.test, splits.train
    if split == "test" and stored.get("joined"):  # a refit: the model knows the validation part, so must its rivals
        train = splits.train + splits.validation
    counts = _with_unseen(stored, part.labels.size - train.labels.size)
    return score_part(predict, part, counts, split=split, data=data, threshold=config.threshold, train=train)


def score_again(
    predict: Predictor, part: TextPart, encoders: ClassificationEncoders, stored: Json | None,
    config: ClassificationConfig, data: str,
) -> Report:  # fmt: skip
    """Score a file over texts, beside the majority class of its training, or if it has none stored, of the texts."""
    if isinstance(predict, Predict) and config.multi:
        return several_scores.score_part(predict, part, stored, split="whole", data=data)
    # without the training part there is no bag of bigrams: it is fitted on texts, which a file does not hold
    missing = part.labels.size - encoders.labels.size
    counts = _with_unseen(stored, missing) if stored else {"counts": class_counts(part)}
    return score_part(predict, part, counts, split="whole", data=data, threshold=config.threshold)


def _with_unseen(stored: Json, missing: int) -> Json:
    """Return what is stored of baselines for `missing` more labels, which training never had."""
    given = stored.get("counts")
    return {**stored, "counts": [*given, *[0] * missing]} if isinstance(given, list) else stored


def score_part(
    predict: Predictor, part: TextPart, stored: Json, *, split: str, data: str, threshold: float,
    train: TextPart | None = None,
) -> Report:  # fmt: skip
    """Score a classifier over a part, beside the baselines of the training part; None leaves the bag of bigrams out."""
    baselines = baseline_chances(stored, part, train)
    chances = {**model_chances(predict, part.ids), **baselines}
    known = chances[MODEL].shape[1]
    if not np.isfinite(chances[MODEL]).all():
        raise SeqtoolError("the model gives probabilities that are not numbers", cure="train again, at a lower rate")
    # the threshold is the model's: a baseline answers the more probable class
    answers = {name: decided(rows, threshold if name == MODEL else HALF) for name, rows in chances.items()}
    chances = {name: widened(rows, part.labels.size) for name, rows in chances.items()}
    # how likely the answers are said to be
    confidence = {name: rows[np.arange(len(rows)), answers[name]] for name, rows in chances.items()}
    right = {name: ids == part.gold for name, ids in answers.items()}
    shares = {name: float(flags.mean()) for name, flags in right.items()}
    best = max(baselines, key=shares.__getitem__)
    differences = {name: paired_errors(right[MODEL], flags) for name, flags in right.items() if name != MODEL}
    matrices = {name: confusion(part.gold, ids, part.labels.size) for name, ids in answers.items()}
    matrix = matrices[MODEL]
    alone = [said] if train is not None and (said := _alone(stored, train)) else []
    return Report(
        split=split,
        data=data,
        texts=len(part.gold),
        whole={
            name: {
                "accuracy": accuracy(counts),
                "macro_f1": macro_f1(counts),
                "log_loss": log_loss(chances[name], part.gold),
                "ece": calibration_error(confidence[name], right[name]),
                "skill": skill(shares[name], shares[best]),
            }
            for name, counts in matrices.items()
        },
        best_baseline=best,
        differences={name: interval(difference) for name, difference in differences.items()},
        classes=by_class(matrix, part.labels.names),
        confusion=matrix.tolist() if len(matrix) <= LARGEST_MATRIX else None,
        threshold=threshold,
        seen=None if train is None else seen(part, train),
        unknown=part.unknown,
        tokens=part.reader.tokens,
        verdict=[*verdict(differences, shares, best), *alone],
        **(_label_sets(chances[MODEL][:, :known], part) if split == "test" else {}),
    )


def _label_sets(chances: Array, part: TextPart) -> dict[str, Any]:
    """Return what label sets are calibrated on, and what those of the usual level hold; chances: [N,C]."""
    ties = shuffled(part.ids)
    calibration = Calibration.of(chances, part.gold, ties)
    found = {"calibration": calibration.to_json()}
    return {**found, "sets": measured(chances, part.gold, ties)} if len(part.gold) >= FEWEST else found


def model_chances(predict: Predictor, texts: Sequence[Ids]) -> dict[str, Array]:
    """Return the probabilities [N,C] of a model; beside them those of its parts, where it has parts."""
    if not isinstance(predict, Predict):
        return {MODEL: predict(texts)}
    outputs = predict.outputs(texts)
    return {name: outputs[key] for key, name in {WHOLE: MODEL, **PARTS}.items() if key in outputs}


def fitted(train: TextPart, validation: TextPart) -> Json:
    """Return the counts of the classes, and the `penalty` that is most accurate on the validation part; JSON."""
    # the linear model is fitted again at each scoring: its weights would be larger than the model file
    unit = {"unit": CHARACTERS} if unspaced(train.texts) else {}
    penalty = Bigrams(train, characters=bool(unit)).most_accurate(validation)
    return {"counts": class_counts(train), "penalty": penalty, **unit}


def refitted(stored: Json, train: TextPart) -> Json:
    """Count the classes again and keep the penalty; `joined`: on the test, baselines know the validation part too."""
    return {**stored, "counts": class_counts(train), "joined": True}


def class_counts(part: TextPart, classes: int = 0) -> list[int]:
    """Return how many texts each class has, of `classes` if the part has fewer."""
    counts: list[int] = np.bincount(part.gold, minlength=max(classes, part.labels.size)).tolist()
    return counts


def baseline_chances(stored: Json, part: TextPart, train: TextPart | None) -> dict[str, Floats]:
    """Return each baseline's probabilities [N,C] for a part; without the training part only the majority class's.

    Raises `SeqtoolError` where the stored counts are of other classes.
    """
    given = stored.get("counts", [])
    counts = np.array(given if is_counts(given) else [], dtype=np.float64)
    if counts.shape != (part.labels.size,) or not counts.sum() > 0:
        raise SeqtoolError("the stored baselines are of other labels", cure="train and export again")
    chances = {MAJORITY: np.tile(counts / counts.sum(), (len(part.gold), 1))}
    if train is not None and not _alone(stored, train):
        penalty = _penalty(stored)
        if given != class_counts(train, part.labels.size):
            raise SeqtoolError("baselines.json is damaged: it is of other data", cure="train and export again")
        characters = stored.get("unit") == CHARACTERS  # runs of earlier versions have none: theirs is of words
        chances[BIGRAMS] = Bigrams(train, characters=characters).fit(penalty).predict(part)
        if "tf_idf" in stored:  # runs of earlier versions have none
            chances[TF_IDF] = TfIdf(train).fit(_penalty(stored["tf_idf"])).predict(part)
    return chances


def _alone(stored: Json, train: TextPart) -> str:
    """Return why no linear rival was fitted to the training part, "" where one was."""
    return "" if "penalty" in stored else left_out(train)


def _penalty(stored: object) -> float:
    """Return the stored penalty of a linear model; raises `SeqtoolError` where there is none."""
    penalty = stored.get("penalty") if isinstance(stored, Mapping) else None
    if not (is_number(penalty) and penalty > 0):
        raise SeqtoolError("baselines.json is damaged: it is of other data", cure="train and export again")
    return float(penalty)


def log_loss(chances: Array, gold: Ids) -> float:
    """Return the mean -ln of the probability of the true class, from probabilities [N,C] and ids [N]."""
    true_chances = chances[np.arange(len(gold)), gold].astype(np.float64)
    # a class that training never had has the probability 0: one such text would make the mean infinite
    return float(-np.log(np.maximum(true_chances, LEAST)).mean())


def pictures(
    predict: Predictor, splits: TextSplits, config: ClassificationConfig, folder: Path, title: str
) -> list[Path]:
    """Draw the confusion matrix of the validation part; several labels a text have none."""
    if config.multi:
        return []
    part, names = splits.validation, splits.validation.labels.names
    answers = decided(predict(part.ids), config.threshold)
    return [picture(confusion(part.gold, answers, len(names)), names, folder / "confusion.png", title)]


def wrong(runner: Runner, part: TextPart) -> float:
    """Return the share of wrong answers on a part, in percent; one of several labels is wrong where any of them is."""
    if part.multi:
        answers = answered(runner.predict(part.ids), np.array(runner.encoders.thresholds[WHOLE]))
        missed = part.gold[:, answers.shape[1] :].any(axis=1)  # labels that training never had
        return 100 * float(((answers != part.gold[:, : answers.shape[1]]).any(axis=1) | missed).mean())
    return 100 * float((decided(runner.predict(part.ids), runner.threshold) != part.gold).mean())


INT8 = Int8[Runner, TextPart](
    unit="percent wrong",
    tolerance=0.2,
    weights="embedding and output; the recurrent layers stay float",
    error=wrong,
    work=lambda runner, part: runner.predict(part.ids[:TIMED]),
)
