"""Scores of a tagger beside the most frequent tag, the verdict, pictures, the cost of int8."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from seqtool.data.bootstrap import Difference, paired, paired_f1
from seqtool.data.calibration import calibration_error
from seqtool.data.confusion import by_class, confusion
from seqtool.data.encoders.labels import Labels
from seqtool.data.entities import Scheme, are_entities, in_order_of_kinds, scheme_of
from seqtool.errors import NotFound, damaged
from seqtool.families.phases import Int8
from seqtool.families.reporting import interval, skill
from seqtool.families.tagging import crf, verdict
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.conformal import Calibration, measured
from seqtool.families.tagging.encoders import Answer, TaggingEncoders
from seqtool.families.tagging.entity_scores import Found, surfaces
from seqtool.families.tagging.frequent import FREQUENT, fitted, most_frequent, unusable
from seqtool.families.tagging.part import TagPart, TagSplits, tag_ids, unseen
from seqtool.families.tagging.report import Report
from seqtool.families.tagging.runner import Runner
from seqtool.report import report as base
from seqtool.report.confusion import picture
from seqtool.say import printable
from seqtool.types import Flags, Ids, Json

Predictor = Callable[[Sequence[Sequence[str]]], Sequence[Sequence[Answer]]]
"""From the words [T] of sentences to the answer to each, of each field."""
FEWEST = 50
"""Sentences whose halves can measure sets of tags."""
MOST_CONFUSED = 10
RECIPE = 250
"""Words to which the recipes pad each sentence; they count all of them."""
TIMED = 5000
"""Words for timing int8 against float."""


def baselines(config: TaggingConfig, splits: TagSplits, stored: Json | None) -> Json:
    """Count the tags of the training part's words; `stored` holds no choice that a refit would keep."""
    encoders = splits.encoders
    first, *others = (
        _fitted(part, config, encoders.scheme(field)) for field, part in enumerate(by_field(splits.train))
    )
    return {**first, "more": others} if others else first


def _fitted(train: TagPart, config: TaggingConfig, scheme: Scheme | None) -> Json:
    return {**fitted(train), **{name: crf.fitted(train, entities=scheme is not None) for name in config.baselines}}


def by_field(part: TagPart) -> list[TagPart]:
    """Return a part for each field, with its tags alone."""
    return [TagPart(part.words, tags) for tags in part.fields]


def score(
    predict: Predictor, splits: TagSplits, split: Literal["validation", "test"], stored: Json, config: TaggingConfig,
    data: str,
) -> Report:  # fmt: skip
    """Score a tagger over the validation or the test part."""
    part = splits.validation if split == "validation" else splits.test
    return score_part(predict, part, splits.encoders, stored, config, split=split, data=data, train=splits.train)


def score_again(
    predict: Predictor, part: TagPart, encoders: TaggingEncoders, stored: Json | None, config: TaggingConfig, data: str
) -> Report:
    """Score a file over other sentences; raises `NotFound` where it has no baselines."""
    if not stored:
        raise NotFound("the file was exported without baselines", cure="export it without --no-scores")
    return score_part(predict, part, encoders, stored, config, split="whole", data=data)


def score_part(
    predict: Predictor, part: TagPart, encoders: TaggingEncoders, stored: Json, config: TaggingConfig,
    *, split: str, data: str, train: TagPart | None = None,
) -> Report:  # fmt: skip
    """Score a tagger over a part, each field by itself: the main one, and under its report those of the others.

    With the training part the entities that it lacks are counted apart.
    """
    unknown, padded = unseen(part, encoders), config.network == "encoder-decoder"
    trained = [None] * len(encoders.fields) if train is None else by_field(train)
    reports = [
        replace(
            _score_field(answers, own, encoders, n, baseline, unknown, known, padded=padded, test=split == "test"),
            split=split,
            data=data,
            field=name,
        )
        for n, (name, answers, own, baseline, known) in enumerate(
            zip(config.fields, predict(part.words), by_field(part), _by_field(stored), trained, strict=True)
        )
    ]
    first, *others = reports
    return replace(first, more=[report.to_json() for report in others]) if others else first


def _by_field(stored: Json) -> list[Json]:
    """Return the stored baseline of each field."""
    with damaged(unusable()):
        return [stored, *stored.get("more", [])]


def _score_field(
    answers: Sequence[Answer], part: TagPart, encoders: TaggingEncoders, field: int, stored: Json, unknown: Flags,
    train: TagPart | None, *, padded: bool, test: bool,
) -> Report:  # fmt: skip
    """Score the tags of a field beside the baselines; entities as a whole too, where tags are those of entities."""
    labels, scheme = encoders.fields[field], encoders.scheme(field)
    predicted = [answer.ids for answer in answers]
    gold = [tag_ids(tags, labels) for tags in part.tags]
    rivals = {name: [rival(words) for words in part.words] for name, rival in rivals_of(stored).items()}
    # the id of an unseen tag is -1: where a baseline guesses one too, the two -1 are not a right answer
    right = {base.MODEL: _right(gold, predicted)}
    right |= {name: _right(gold, [tag_ids(row, labels) for row in tags]) for name, tags in rivals.items()}
    lengths = np.array([len(words) for words in part.words])
    rows = {name: _row(flags, unknown, lengths) for name, flags in right.items()}
    rows[base.MODEL]["ece"] = calibration_error(
        np.concatenate([answer.scores for answer in answers]).astype(np.float64), right[base.MODEL]
    )
    entities = _entities(part, {base.MODEL: [labels.decode(ids) for ids in predicted], **rivals}, labels, scheme, train)
    for name, found in entities.items():
        rows[name] |= found.row()
    measure = "entity_f1" if entities else "accuracy"
    best = max(rivals, key=lambda name: rows[name][measure] or 0)
    for row in rows.values():
        row["skill"] = skill(row[measure], rows[best][measure])
    differences = {name: compare(right[base.MODEL], right[name], lengths) for name in rivals}
    said = [verdict.of_words(differences[best], best), verdict.of_unknown(rows, best, int(unknown.sum()))]
    if entities:
        differences = {name: paired_f1(entities[base.MODEL].counts, entities[name].counts) for name in rivals}
        said.insert(0, verdict.of_entities(differences[best], rows, best))
    matrix = confused(part, predicted, labels)
    return Report(
        entities=entities[base.MODEL].by_kind() if entities else {},
        impossible=entities[base.MODEL].impossible if entities else None,
        sentences=len(lengths),
        words=int(lengths.sum()),
        unknown_words=int(unknown.sum()),
        unseen_tags=int((np.concatenate(gold) < 0).sum()),
        whole=rows,
        best_baseline=best,
        tags=by_class(matrix, labels.names),
        confused=most_confused(matrix, labels.names),
        padded=padded_accuracy(right[base.MODEL], lengths) if padded else None,
        differences={name: interval(difference) for name, difference in differences.items()},
        verdict=said,
        **(_tag_sets(answers, gold) if test else {}),
    )


def _right(gold: Sequence[Ids], answers: Sequence[Ids]) -> Flags:
    """Return whether the tag of each word [N] is the true one."""
    wanted = np.concatenate(gold)
    return np.asarray((wanted >= 0) & (np.concatenate(answers) == wanted))


def _tag_sets(answers: Sequence[Answer], gold: Sequence[Ids]) -> dict[str, Any]:
    """Return what sets of tags are calibrated on, and what those of the usual level hold; {} for older files."""
    if any(answer.chances is None for answer in answers):
        return {}
    found = {"calibration": Calibration.of(answers, gold).to_json()}
    return {**found, "sets": measured(answers, gold)} if len(gold) >= FEWEST else found


def _entities(
    part: TagPart, answers: Mapping[str, Sequence[Sequence[str]]], labels: Labels, scheme: Scheme | None,
    train: TagPart | None,
) -> dict[str, Found]:  # fmt: skip
    """Return the entities of model and baselines beside the true ones; none where tags are not those of entities."""
    if scheme is None and not are_entities(labels.names):
        return {}
    if scheme is None and (told := scheme_of(part.tags)) is not None and told.scheme != "io":
        scheme = told.scheme  # that of the truth, by which answers of a model without one are counted
    known = None if train is None else surfaces(train.words, train.tags, scheme)
    return {name: Found.of(part.words, part.tags, tags, known, scheme) for name, tags in answers.items()}


def rivals_of(stored: Json) -> dict[str, Callable[[Sequence[str]], list[str]]]:
    """Return the baseline taggers by name; raises `SeqtoolError` where they are damaged."""
    rivals = {FREQUENT: most_frequent(stored)}
    with damaged(unusable()):
        return {**rivals, crf.NAME: crf.tagger(stored["crf"])} if "crf" in stored else rivals


def confused(part: TagPart, predicted: Sequence[Ids], labels: Labels) -> Ids:
    """Count pairs of tags [C,C], a row for each true tag and a column for each answer."""
    # a tag that training lacks has neither a row nor a column
    gold, answers = np.concatenate([tag_ids(tags, labels) for tags in part.tags]), np.concatenate(predicted)
    return confusion(gold[gold >= 0], answers[gold >= 0], labels.size)


def _row(right: Flags, unknown: Flags, lengths: Ids) -> dict[str, float | None]:
    return {
        "accuracy": float(right.mean()),
        "unknown": float(right[unknown].mean()) if unknown.any() else None,
        "sentences": float((_errors(right, lengths) == 0).mean()),
    }


def _errors(right: Flags, lengths: Ids) -> Ids:
    """Return the number of wrong words of each sentence [S], from flags [N] of words."""
    return np.add.reduceat((~right).astype(np.int64), np.cumsum(lengths) - lengths)


def compare(model: Flags, rival: Flags, lengths: Ids) -> Difference:
    """Compare two error rates of words, paired by sentence: errors within a sentence depend on each other."""
    mean = lengths.mean()
    return paired(_errors(model, lengths) / mean, _errors(rival, lengths) / mean, block=1)


def padded_accuracy(right: Flags, lengths: Ids) -> dict[str, float | int]:
    """Return the accuracy with sentences padded to `length` words, padding counted as right; the share of padding."""
    # so that a reader can compare with the accuracy that the recipes report
    length = max(RECIPE, int(lengths.max()))
    places = length * len(lengths)
    padding = places - int(lengths.sum())
    return {"length": length, "accuracy": (int(right.sum()) + padding) / places, "padding": padding / places}


def most_confused(matrix: Ids, names: Sequence[str]) -> list[list[str | int]]:
    """Return the most frequent mistakes of a matrix [C,C]: truth, answer, count."""
    wrong = matrix * (1 - np.eye(len(matrix), dtype=np.int64))
    order = np.argsort(-wrong, axis=None, kind="stable")[:MOST_CONFUSED]
    pairs = zip(*np.unravel_index(order, wrong.shape), strict=True)
    return [[names[truth], names[answer], int(wrong[truth, answer])] for truth, answer in pairs if wrong[truth, answer]]


def pictures(predict: Predictor, splits: TagSplits, config: TaggingConfig, folder: Path, title: str) -> list[Path]:
    """Draw the confusion matrix of the validation part, of each field."""
    part, names = splits.validation, ("", *(f"-{n}" for n in range(2, len(config.fields) + 1)))
    titles = (title, *(f"{title}, {printable(field)}" for field in config.fields[1:]))
    drawn = zip(names, titles, by_field(part), predict(part.words), splits.encoders.fields, strict=True)
    paths = []
    for name, heading, own, answers, labels in drawn:
        matrix, order = confused(own, [answer.ids for answer in answers], labels), in_order_of_kinds(labels.names)
        ordered = [labels.names[place] for place in order]
        paths.append(picture(matrix[np.ix_(order, order)], ordered, folder / f"confusion{name}.png", heading))
    return paths


def wrong(runner: Runner, part: TagPart) -> float:
    """Return the percentage of wrong words of a part; of several fields that of their tags."""
    fields = zip(by_field(part), runner.encoders.fields, strict=True)
    gold = np.concatenate([tag_ids(tags, labels) for own, labels in fields for tags in own.tags])
    answers = [answer.ids for told in runner.predict(part.words) for answer in told]
    return 100 * float((np.concatenate(answers) != gold).mean())


def work(runner: Runner, part: TagPart) -> object:
    """Tag about `TIMED` words."""
    # whole sentences, as a pipe has them
    count = int(np.searchsorted(np.cumsum([len(words) for words in part.words]), TIMED)) + 1
    return runner.predict(part.words[:count])


INT8 = Int8(
    unit="% of the words wrong",
    tolerance=0.2,
    weights="vectors of words and of their spelling, output",
    error=wrong,
    work=work,
)
