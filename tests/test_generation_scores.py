"""Scores of language models: hand-worked figures, a verdict in words, the same everywhere it is shown."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

from seqtool.data.bootstrap import Difference
from seqtool.data.encoders.symbols import Bigrams, Characters
from seqtool.errors import SeqtoolError
from seqtool.families.generation.baselines import fitted
from seqtool.families.generation.data import TextPart
from seqtool.families.generation.report import LOSS, Report
from seqtool.families.generation.scores import INT8, score_part, verdict
from seqtool.training.int8 import costs

TEXT = "the mill stood by the water and the water stood by the mill. "
ASKED = "the miller stood by the mat; what a mill! he stared at the water, and the water at him. "


def parts(encoder=None):
    known = TEXT * 20 + "a, b c; he! s"
    encoder = encoder or Characters.fit(known)
    return TextPart.of(known, encoder), TextPart.of(ASKED * 3, encoder)


def even(nats):
    return lambda ids: np.full(len(ids) - 1, nats)


def test_figures_of_a_model_that_needs_one_bit_a_character():
    known, part = parts()
    whole = score_part(even(math.log(2)), part, fitted(known), split="test", data="d", before=known).whole
    model = whole["model"]
    assert model["nats_per_symbol"] == model["nats_per_character"] == pytest.approx(math.log(2))
    assert model["bits_per_character"] == pytest.approx(1)
    assert model["perplexity"] == pytest.approx(2)
    counts = np.bincount(known.ids, minlength=known.encoder.size) + 1
    expected = -np.log2(counts[part.ids[1:]] / counts.sum()).mean()
    assert whole["order-0"]["bits_per_character"] == pytest.approx(expected)
    assert whole["5-gram"]["bits_per_character"] < whole["order-0"]["bits_per_character"]
    assert whole["xz"]["perplexity"] is None


def test_pairs_have_half_the_nats_a_character():
    known, part = parts(Bigrams.fit(TEXT * 20 + ASKED))
    model = score_part(even(3.0), part, fitted(known), split="test", data="d", before=known).whole["model"]
    assert model["nats_per_character"] == pytest.approx(3 * len(part.ids) / len(part.text))
    assert model["nats_per_character"] == pytest.approx(1.5, rel=0.02)
    assert model["perplexity"] == pytest.approx(math.exp(3))


def test_skill_and_verdict_are_against_the_best_baseline():
    known, part = parts()
    scores = score_part(even(0.001), part, fitted(known), split="test", data="d", before=known)
    bits = {name: row["bits_per_character"] for name, row in scores.whole.items()}
    best = min((name for name in bits if name != "model"), key=bits.get)
    assert scores.best_baseline == best
    assert scores.whole["model"]["skill"] == pytest.approx(1 - bits["model"] / bits[best])
    assert scores.whole[best]["skill"] == 0
    assert len(scores.verdict) == 2
    assert scores.verdict[0].startswith("The model beats the 5-gram model: its bits a character differ by -9")


def test_without_the_text_before_only_what_needs_no_fitting_is_there():
    known, part = parts()
    scores = score_part(even(1.0), part, fitted(known), split="whole", data="d")
    assert list(scores.whole) == ["model", "order-0", "xz"]
    assert scores.verdict[0].startswith("The model beats the order-0 model")


def test_an_unseen_character_costs_model_and_baselines_its_spelling():
    known, _ = parts()
    part = TextPart.of("the mill? " * 30, known.encoder)
    scores = score_part(even(1.0), part, fitted(known), split="test", data="d", before=known)
    assert scores.unseen == 30
    cost = 30 * math.log(1_114_112) / 299
    assert scores.whole["model"]["nats_per_symbol"] == pytest.approx(1 + cost)
    assert scores.whole["5-gram"]["nats_per_symbol"] > cost


def test_a_model_without_numbers_and_baselines_of_another_text_are_refused():
    known, part = parts()
    with pytest.raises(SeqtoolError, match="not all numbers"):
        score_part(even(np.nan), part, fitted(known), split="test", data="d", before=known)
    with pytest.raises(SeqtoolError, match="another vocabulary"):
        score_part(even(1.0), part, {"counts": [1, 2]}, split="test", data="d", before=known)


BITS = {"model": 2.0, "order-0": 4.0, "5-gram": 2.5, "xz": 3.0}


@pytest.mark.parametrize(
    ("best", "differences", "expected"),
    [
        (
            "5-gram",
            {"5-gram": Difference(-0.5, -0.6, -0.4)},
            [
                "The model beats the 5-gram model: its bits a character differ by -20.0 % "
                "(95 % interval -24.0 to -16.0 %).",
                "The best baseline is the 5-gram model itself: the model beats it.",
            ],
        ),
        (
            "xz",
            {"5-gram": Difference(0.1, -0.1, 0.3)},
            [
                "The model does not beat the 5-gram model: its bits a character differ by +4.0 % "
                "(95 % interval -4.0 to +12.0 %).",
                "The model beats the best baseline (xz): 2.000 against 3.000 bits a character, "
                "an interval is not to be had.",
            ],
        ),
        (
            "order-0",
            {"5-gram": Difference(0.1, 0.05, 0.2), "order-0": Difference(-1.0, -math.inf, math.inf)},
            [
                "The model does not beat the 5-gram model and is worse: its bits a character differ by +4.0 % "
                "(95 % interval +2.0 to +8.0 %).",
                "The model does not beat the best baseline (order-0): the text is too short to tell.",
            ],
        ),
    ],
)
def test_the_verdict_in_words(best, differences, expected):
    assert verdict(differences, BITS, "5-gram", best) == expected


def test_the_scores_as_lines_and_in_brief():
    known, part = parts()
    scores = score_part(even(math.log(2)), part, fitted(known), split="test", data="mills", before=known)
    lines = scores.lines()
    assert lines[0] == "test split of mills: 264 characters"
    table = {line.split()[0]: line.split()[1:] for line in lines[3:7]}
    assert table["model"][:4] == ["1", "0.6931", "0.6931", "2"]
    assert table["xz"][2:4] == ["-", "-"]
    assert lines[-2:] == scores.verdict
    best = scores.best_baseline
    said = scores.brief()
    assert said[0] == lines[0]
    assert said[1].startswith(f"1 bits a character, {best} 1.")
    assert LOSS == "cross-entropy, nats a symbol"


def test_scores_come_back_from_json_of_older_and_of_newer_versions():
    known, part = parts()
    scores = score_part(even(1.0), part, fitted(known), split="test", data="mills", before=known)
    stored = json.loads(json.dumps(scores.to_json()))
    assert stored.keys() == {
        "split", "data", "characters", "symbols", "unseen", "encoder", "whole", "best_baseline", "differences",
        "verdict",
    }  # fmt: skip
    again = Report.from_json(stored)
    assert (again.lines(), again.brief(), again.rows()) == (scores.lines(), scores.brief(), scores.rows())
    assert Report.from_json({**stored, "entropy": {"path": 1.0}}).lines() == scores.lines()
    wider = {**stored, "whole": {name: {**row, "entropy": 1} for name, row in stored["whole"].items()}}
    assert Report.from_json(wider).lines()[2].split() == [*scores.lines()[2].split(), "entropy"]
    older = {key: value for key, value in stored.items() if key not in ("unseen", "differences")}
    assert Report.from_json(older).lines() == scores.lines()
    del older["whole"]["xz"]["skill"]
    assert Report.from_json(older).lines()[-4].endswith("-")


def test_runs_are_comparable_on_as_many_characters_made_plainer_in_one_way():
    known, part = parts()
    scores = score_part(even(1.0), part, fitted(known), split="test", data="d", before=known)

    def measured_on(settings):
        return scores.measured_on(SimpleNamespace(settings=settings))

    plain = measured_on({"lower": False, "ascii": False, "join_lines": False})
    assert plain == scores.measured_on(
        SimpleNamespace(settings={"lower": False, "ascii": False, "join_lines": False, "hidden": 9})
    )
    assert plain != measured_on({"lower": True, "ascii": False, "join_lines": False})


class Even:
    """Stands in for the runner of a file: every symbol costs one bit, and writing is counted."""

    def __init__(self):
        self.written = 0

    def predict(self, ids):
        return np.full(len(ids) - 1, math.log(2))

    def read(self, texts):
        assert [len(ids) for ids in texts] == [1]

    def write(self, position, request, keys):
        self.written += request.length
        yield from ()


def test_int8_is_weighed_by_bits_a_character():
    _, part = parts(Bigrams.fit(TEXT * 20 + ASKED))
    runner = Even()
    weighed = costs(INT8, runner, runner, part)
    assert weighed["float"] == weighed["int8"] == pytest.approx(len(part.ids) / part.characters)
    assert (weighed["unit"], weighed["tolerance"]) == ("bits per character", 0.01)
    assert runner.written == 10 * 200
