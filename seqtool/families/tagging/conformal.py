"""Sets of tags that hold the true tag of as many words as asked, calibrated by sentence (conformal risk control).

The words of a sentence depend on each other, so that a sentence counts as one: what is kept below the level is the mean
over sentences of the share of words whose set lacks their tag (Angelopoulos et al. 2022).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqtool.families.tagging.encoders import Answer
from seqtool.run_check import is_number
from seqtool.types import Array, Flags, Floats, Ids, Json

LEVELS, HALVES = (0.99, 0.95, 0.9), 20
"""The levels of which the first is measured that half of the sentences can tell, and over how many cuts into halves."""
STEPS = 1000
"""Risks for which the least probability is kept: 0, 1 / STEPS, and so on to 1."""
HIGHEST = 2.0
"""A least probability that no tag has."""
UNSEEN = -1.0
"""In the place of the probability of a tag that training never had: below that of all others."""


@dataclass(frozen=True)
class Calibration:
    """least: for each risk 0, 1 / STEPS, ..., 1 the greatest least probability whose sets lack so many true tags.

    sentences: how many it was measured on.
    """

    least: Floats
    sentences: int

    @classmethod
    def of(cls, answers: Sequence[Answer], gold: Sequence[Ids]) -> Calibration:
        """Calibrate on the answers to sentences and the ids [T] of their true tags, -1 for tags never seen."""
        chances = np.concatenate([*map(true_chances, answers, gold)])
        weights = np.concatenate([np.full(len(ids), 1 / (len(ids) * len(gold))) for ids in gold])
        order = np.argsort(chances, kind="stable")
        lost = np.cumsum(weights[order])
        # the share of `lost` stays below a risk as long as no word but those before `place` is lost
        places = np.searchsorted(lost, np.arange(STEPS + 1) / STEPS + 1e-12, side="right")
        least = np.append(chances[order], HIGHEST)[places]
        # to the seventh digit, as a file keeps it, and down: up it would lose the word whose probability it is
        return cls(np.round(np.floor(least * 1e7) / 1e7, 7), len(gold))

    @classmethod
    def from_json(cls, stored: object) -> Calibration | None:
        """Rebuild what `to_json` gave; None where that is none."""
        if not isinstance(stored, Mapping):
            return None
        least, sentences = stored.get("least"), stored.get("sentences")
        numbers = isinstance(least, list) and len(least) == STEPS + 1 and all(map(is_number, least))
        if not numbers or not isinstance(sentences, int) or not 0 < sentences < 1 << 53:
            return None
        return cls(np.array(least, dtype=np.float64), sentences)

    def to_json(self) -> Json:
        """Return plain JSON values."""
        return {"least": self.least.tolist(), "sentences": self.sentences}

    def sets(self, answer: Answer, level: float) -> Flags:
        """Return the sets [N,C] of tags of the words of an answer; each holds the tag that is answered.

        Over all sentences, the sets lack the true tags of 1 - level of the words at most, sentences counted alike.
        """
        assert answer.chances is not None, "an older file"
        flags = np.ones(answer.chances.shape, dtype=np.bool_)
        if self.sentences >= needed(level):
            risk = max(0.0, ((self.sentences + 1) * (1 - level) - 1) / self.sentences)
            flags = answer.chances >= self.least[math.floor(risk * STEPS + 1e-9)]
        flags[np.arange(len(answer.ids)), answer.ids] = True
        return flags


def needed(level: float) -> int:
    """Return how many sentences a level takes: with fewer a set holds all tags."""
    return math.ceil(level / (1 - level) - 1e-9)


def true_chances(answer: Answer, gold: Ids) -> Array:
    """Return the probabilities [T] of true tags [T]."""
    assert answer.chances is not None, "an older file"
    chances = answer.chances[np.arange(len(gold)), np.maximum(gold, 0)].astype(np.float64)
    return np.where(gold < 0, UNSEEN, chances)


def measured(answers: Sequence[Answer], gold: Sequence[Ids], level: float | None = None) -> Json:
    """Return what sets of a level hold: the mean over cuts of sentences into halves, one of which calibrates.

    level: None for the highest of `LEVELS` that half of the sentences can tell, or the lowest.
    """
    level = level or next((level for level in LEVELS if len(gold) // 2 >= needed(level)), LEVELS[-1])
    dice, hits, sizes = np.random.default_rng(0), [], []
    for _ in range(HALVES):
        first, second = np.array_split(dice.permutation(len(gold)), 2)
        calibration = Calibration.of([answers[place] for place in first], [gold[place] for place in first])
        for place in second:
            flags = calibration.sets(answers[place], level)
            held = flags[np.arange(len(flags)), np.maximum(gold[place], 0)] & (gold[place] >= 0)
            hits.append(held.mean())
            sizes.append(flags.sum(axis=1).mean())
    return {"level": level, "coverage": float(np.mean(hits)), "mean_size": float(np.mean(sizes))}
