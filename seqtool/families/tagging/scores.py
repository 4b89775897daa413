"""Scores of a tagger beside the most frequent tag, the verdict, pictures, the cost of int8."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from seqtool.data.bootstrap import Difference, paired, paired_f1
from seqtool.data.confusion import by_class, confusion
from seqtool.data.encoders.labels import Labels
from seqtool.data.entities import are_entities, scheme
from seqtool.errors import NotFound, SeqtoolError
from seqtool.families.phases import Int8
from seqtool.families.reporting import interval, skill
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.data import TagPart, TagSplits, tag_ids, unseen
from seqtool.families.tagging.encoders import TaggingEncoders
from seqtool.families.tagging.entity_scores import Found, surfaces
from seqtool.families.tagging.report import Report
from seqtool.families.tagging.runner import Runner
from seqtool.report import report as base
from seqtool.report.confusion import picture
from seqtool.say import printable
from seqtool.types import Flags, Ids, Json

FREQUENT = "most frequent tag"
WordsByTag = dict[str, list[str]]
"""Tag -> the words whose most frequent tag it is; of equally frequent tags the first by code point."""
Predictor = Callable[[Sequence[Sequence[str]]], Sequence[Sequence[Ids]]]
"""From the words [T] of sentences to the ids [T] of their tags, of each field."""
MOST_CONFUSED = 10
RECIPE = 250
"""Words to which the recipes pad each sentence; they count all of them."""
TIMED = 5000
"""Words for timing int8 against float."""


def baselines(config: TaggingConfig, splits: TagSplits, stored: Json | None) -> Json:
    """Count the tags of the training part's words; `stored` holds no choice that a refit would keep."""
    first, *others = (fitted(part) for part in by_field(splits.train))
    return {**first, "more": others} if others else first


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
    fields = zip(
        config.fields, predict(part.words), by_field(part), encoders.fields, _by_field(stored), trained, strict=True
    )
    first, *others = (
        replace(
            _score_field(predicted, own, labels, baseline, unknown, known, padded=padded),
            split=split,
            data=data,
            field=name,
        )
        for name, predicted, own, labels, baseline, known in fields
    )
    return replace(first, more=[report.to_json() for report in others]) if others else first


def _by_field(stored: Json) -> list[Json]:
    """Return the stored baseline of each field."""
    try:
        return [stored, *stored.get("more", [])]
    except (AttributeError, TypeError) as error:
        raise damaged() from error


def _score_field(
    predicted: Sequence[Ids], part: TagPart, labels: Labels, stored: Json, unknown: Flags, train: TagPart | None,
    *, padded: bool,
) -> Report:  # fmt: skip
    """Score the tags of a field beside the most frequent tag of each word; entities as a whole too, where tags are
    those of entities.
    """
    frequent = most_frequent(stored)
    gold = np.concatenate([tag_ids(tags, labels) for tags in part.tags])
    guessed = np.concatenate([tag_ids(frequent(words), labels) for words in part.words])
    # the id of an unseen tag is -1: where the baseline guesses one too, the two -1 are not a right answer
    right = {base.MODEL: np.concatenate(predicted) == gold, FREQUENT: (gold >= 0) & (guessed == gold)}
    lengths = np.array([len(words) for words in part.words])
    count = int(unknown.sum())
    matrix = confused(part, predicted, labels)
    difference = compare(right[base.MODEL], right[FREQUENT], lengths)
    rows = {name: _row(flags, unknown, lengths) for name, flags in right.items()}
    for row in rows.values():
        row["skill"] = skill(row["accuracy"], rows[FREQUENT]["accuracy"])
    entities = _entities(part, predicted, [frequent(words) for words in part.words], labels, train)
    for name, found in entities.items():
        rows[name] |= found.row()
    verdict = [_whole(difference), _unknown(rows, count)]
    if entities:
        difference = paired_f1(entities[base.MODEL].counts, entities[FREQUENT].counts)
        for row in rows.values():
            row["skill"] = skill(row["entity_f1"], rows[FREQUENT]["entity_f1"])
        verdict.insert(0, _of_entities(difference, rows))
    return Report(
        entities=entities[base.MODEL].by_kind() if entities else {},
        # in IOB1 an entity begins with I
        impossible=entities[base.MODEL].impossible if entities and scheme(part.tags) != "IOB1" else None,
        sentences=len(lengths),
        words=len(gold),
        unknown_words=count,
        unseen_tags=int((gold < 0).sum()),
        whole=rows,
        best_baseline=FREQUENT,
        tags=by_class(matrix, labels.names),
        confused=most_confused(matrix, labels.names),
        padded=padded_accuracy(right[base.MODEL], lengths) if padded else None,
        differences={FREQUENT: interval(difference)},
        verdict=verdict,
    )


def _entities(
    part: TagPart, predicted: Sequence[Ids], guessed: Sequence[Sequence[str]], labels: Labels, train: TagPart | None
) -> dict[str, Found]:
    """Return the entities of model and baseline beside the true ones; none where tags are not those of entities."""
    if not are_entities(labels.names):
        return {}
    known = frozenset() if train is None else surfaces(train.words, train.tags)
    answers = {base.MODEL: [labels.decode(ids) for ids in predicted], FREQUENT: guessed}
    return {
        name: Found.of(part.words, part.tags, tags, known, seen=train is not None) for name, tags in answers.items()
    }


def _of_entities(difference: Difference, rows: Mapping[str, Mapping[str, float | None]]) -> str:
    model, rival = (100 * (rows[name]["entity_f1"] or 0) for name in (base.MODEL, FREQUENT))
    word = "beats" if difference.better else "is worse than" if difference.worse else "does not beat"
    low, high = (-100 * value + 0.0 for value in (difference.high, difference.low))
    figures = f"F1 of entities {model:.1f} % against {rival:.1f} %, {model - rival:+.1f} points"
    return f"The model {word} the {FREQUENT} of each word: {figures} (95 % interval {low:+.1f} to {high:+.1f})."


def fitted(train: TagPart) -> Json:
    """Count the tags of each word of the training part; return the baseline as the run and the model file store it.

    `forms`, `lower`: the words as written and in lower case, by their most frequent tag; `rare`: the most frequent tag
    of words that occur once.
    """
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    lower: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for words, tags in zip(train.words, train.tags, strict=True):
        for word, tag in zip(words, tags, strict=True):
            forms[word][tag] += 1
            lower[word.lower()][tag] += 1
    # a word that the training part lacks is most like those that occur in it once
    once = Counter(tag for counts in forms.values() if counts.total() == 1 for tag in counts)
    every = Counter(tag for tags in train.tags for tag in tags)
    # by tag, not by word: the name of a tag stands in the file once, not once for every word
    return {"forms": _by_tag(forms), "lower": _by_tag(lower), "rare": _most(once or every)}


def _most(counts: Counter[str]) -> str:
    return min(counts, key=lambda tag: (-counts[tag], tag))


def _by_tag(words: Mapping[str, Counter[str]]) -> WordsByTag:
    by_tag: defaultdict[str, list[str]] = defaultdict(list)
    for word, counts in words.items():
        by_tag[_most(counts)].append(word)
    return {tag: sorted(group) for tag, group in sorted(by_tag.items())}


def most_frequent(stored: Json) -> Callable[[Sequence[str]], list[str]]:
    """Return the baseline tagger: the tag of a word as written, else in lower case, else the tag of rare words.

    stored: as `fitted` returns it; raises `SeqtoolError` where it is damaged.
    """
    try:
        forms, lower = _tag_of(stored["forms"]), _tag_of(stored["lower"])
        rare: str = stored["rare"]
    except (KeyError, TypeError, AttributeError) as error:
        raise damaged() from error
    return lambda words: [forms.get(word) or lower.get(word.lower(), rare) for word in words]


def damaged() -> SeqtoolError:
    """Return the error for baselines that nobody can read."""
    return SeqtoolError("the stored baselines are damaged", cure="train and export again")


def _tag_of(by_tag: WordsByTag) -> dict[str, str]:
    return {word: tag for tag, words in by_tag.items() for word in words}


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


def _whole(difference: Difference) -> str:
    rival = f"the {FREQUENT} of each word"
    claim = f"The model {'beats' if difference.better else 'does not beat'} {rival}"
    if difference.worse:
        claim += " and is worse"
    if not np.isfinite(difference.low):
        return f"{claim}: there are too few sentences to tell."
    change, low, high = (100 * value for value in (difference.mean, difference.low, difference.high))
    return f"{claim}: its errors differ by {change:+.2f} % of the words (95 % interval {low:+.2f} to {high:+.2f} %)."


def _unknown(rows: Mapping[str, Mapping[str, float | None]], unknown: int) -> str:
    model, rival = rows[base.MODEL]["unknown"], rows[FREQUENT]["unknown"]
    if model is None or rival is None:
        return "Every word was seen in training: there is no figure for unknown words."
    words = "the 1 word" if unknown == 1 else f"the {unknown:,} words"
    return f"Of {words} never seen in training it tags {100 * model:.1f} % right, the {FREQUENT} {100 * rival:.1f} %."


def pictures(predict: Predictor, splits: TagSplits, config: TaggingConfig, folder: Path, title: str) -> list[Path]:
    """Draw the confusion matrix of the validation part, of each field."""
    part, names = splits.validation, ("", *(f"-{n}" for n in range(2, len(config.fields) + 1)))
    titles = (title, *(f"{title}, {printable(field)}" for field in config.fields[1:]))
    drawn = zip(names, titles, by_field(part), predict(part.words), splits.encoders.fields, strict=True)
    return [
        picture(confused(own, predicted, labels), labels.names, folder / f"confusion{name}.png", heading)
        for name, heading, own, predicted, labels in drawn
    ]


def wrong(runner: Runner, part: TagPart) -> float:
    """Return the percentage of wrong words of a part; of several fields that of their tags."""
    fields = zip(by_field(part), runner.encoders.fields, strict=True)
    gold = np.concatenate([tag_ids(tags, labels) for own, labels in fields for tags in own.tags])
    return 100 * float((np.concatenate([ids for told in runner.predict(part.words) for ids in told]) != gold).mean())


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
