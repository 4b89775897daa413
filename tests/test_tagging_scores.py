"""Scores of taggers, worked by hand: real words, unknown ones, sentences; the baseline; the recipe's figure."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.errors import NotFound, SeqtoolError
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.encoders import Answer, TaggingEncoders
from seqtool.families.tagging.frequent import fitted, most_frequent
from seqtool.families.tagging.part import TagPart
from seqtool.families.tagging.report import Report
from seqtool.families.tagging.scores import compare, score_again, score_part


def part(*lines):
    pairs = [[item.rsplit("/", 1) for item in line.split()] for line in lines]
    return TagPart(
        tuple(tuple(word for word, _ in row) for row in pairs), tuple(tuple(tag for _, tag in row) for row in pairs)
    )


TRAIN = part("the/D can/N", "we/P can/V the/D can/N", "The/D zoo/N", "Bo/X", "Al/X")
ENCODERS = TaggingEncoders(
    words=Vocabulary.fit(TRAIN.words, 100),
    forms=Vocabulary.fit(TRAIN.words, 100),
    tags=Labels.fit(tag for tags in TRAIN.tags for tag in tags),
)
TEST = part("the/D can/V", "we/P run/V", "bo/N !/Q")
CONFIG = TaggingConfig(field="upos", network="tagger")


def ids(*tags):
    """Return answers of tags, each with the probability a half."""
    rows = [np.array([ENCODERS.tags.names.index(tag) for tag in row]) for row in tags]
    return [Answer(row, np.full(len(row), 0.5, np.float32)) for row in rows]


def test_the_baseline_is_the_most_frequent_tag_as_written_then_in_lower_case_then_of_words_seen_once():
    stored = json.loads(json.dumps(fitted(TRAIN)))
    tag = most_frequent(stored)
    assert tag(["can", "the", "THE", "bo", "Zoo", "run", ""]) == ["N", "D", "D", "X", "N", "X", "X"]
    assert stored["rare"] == "X"  # of words there once: Al and Bo X, zoo N, we P, The D
    assert most_frequent(fitted(part("a/A b/B", "a/A b/B")))(["c"]) == ["A"]  # none is there once
    with pytest.raises(SeqtoolError, match="baselines are damaged"):
        most_frequent({"forms": 3})


def test_scores_worked_by_hand():
    answers = ids("DV", "PN", "XD")
    report = score_part(lambda words: [answers], TEST, ENCODERS, fitted(TRAIN), CONFIG, split="test", data="here")
    found = report.to_json()
    # D V right; P right, V wrong (run is unknown); bo wrong (unknown), ! is tagged Q, which training never had
    assert found["whole"]["model"] == {
        "accuracy": pytest.approx(3 / 6),
        "unknown": 0.0,
        "sentences": pytest.approx(1 / 3),
        "skill": pytest.approx(1 - 3 / 4),
        "ece": 0.0,  # half of them are right
    }
    # the baseline: D N, P X, X X
    assert found["whole"]["most frequent tag"] == {
        "accuracy": pytest.approx(2 / 6), "unknown": 0.0, "sentences": 0.0, "skill": 0.0,
    }  # fmt: skip
    assert (found["words"], found["sentences"], found["unknown_words"], found["unseen_tags"]) == (6, 3, 3, 1)
    assert found["tags"]["V"] == {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "count": 2}
    assert sorted(map(tuple, found["confused"])) == [("N", "X", 1), ("V", "N", 1)]
    assert found["differences"]["most frequent tag"][0] == pytest.approx(3 / 6 - 4 / 6)
    assert "does not beat" in found["verdict"][0]
    assert "padded" not in found
    json.dumps(found, allow_nan=False)
    assert "most confused: " in "\n".join(report.lines())
    assert "1 tag that training never had" in report.brief()[0]


def test_scores_of_older_and_newer_versions_are_read():
    answers = ids("DV", "PN", "XD")
    report = score_again(lambda words: [answers], TEST, ENCODERS, fitted(TRAIN), CONFIG, "here")
    stored = json.loads(json.dumps(report.to_json()))
    assert Report.from_json(stored | {"of a newer version": 1}).lines() == report.lines()
    older = Report.from_json({key: value for key, value in stored.items() if key not in ("unseen_tags", "confused")})
    assert "never had" not in older.lines()[0]
    assert older.rows() == report.rows()
    with pytest.raises(NotFound, match="without baselines"):
        score_again(lambda words: [answers], TEST, ENCODERS, None, CONFIG, "here")


def test_the_recipes_figure_stands_beside_for_its_network():
    config = replace(CONFIG, network="encoder-decoder")
    answers = ids("DD", "DD", "DD")  # one word right of six
    report = score_part(lambda words: [answers], TEST, ENCODERS, fitted(TRAIN), config, split="test", data="here")
    found = report.to_json()
    assert found["whole"]["model"]["accuracy"] == pytest.approx(1 / 6)
    assert found["padded"] == {
        "length": 250, "accuracy": pytest.approx((750 - 5) / 750), "padding": pytest.approx(744 / 750),
    }  # fmt: skip
    shown = [line for line in report.lines() if "recipe" in line]
    assert shown == [
        "as its recipe counts: 99.33 %, each sentence padded to 250 words and the padding, 99.20 % of all, counted as "
        "right"
    ]


def test_the_interval_is_of_the_error_rate_of_words_paired_by_sentence():
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 30, 2000)
    count = int(lengths.sum())
    rival = rng.random(count) < 0.8
    model = rival | (rng.random(count) < 0.1)
    difference = compare(model, rival, lengths)
    assert difference.mean == pytest.approx(rival.mean() - model.mean())
    assert difference.better
    assert difference.low < -0.02 < difference.high < 0
    assert not compare(rival, rival, lengths).better
