"""Scores of translators: BLEU and chrF are sacreBLEU's own, sentence by sentence too; the baseline; the verdict."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.encoders.vocabulary import TokenWords
from seqtool.data.pairs import Pair
from seqtool.errors import MissingExtra
from seqtool.families.translation.bleu import compare, measured
from seqtool.families.translation.report import Report
from seqtool.families.translation.scores import Written, by_length, score_pairs, share_seen

WORDS = ["a", "the", "cat", "mat", "sat", "on", "is", ".", "Tom's", "1,000", "\u00e9t\u00e9"]
sentences = st.lists(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), min_size=1, max_size=8)


@settings(max_examples=30, deadline=None)
@given(sentences, st.randoms(use_true_random=False))
def test_bleu_is_sacrebleus_however_the_sentences_are_added_up(references, dice):
    translations = [" ".join(dice.sample(one.split(), len(one.split()))) if dice.random() < 0.7 else "a cat sat on the"
                    for one in references]  # fmt: skip
    found = measured(translations, references)
    assert found.of() == pytest.approx(sacrebleu.corpus_bleu(translations, [references]).score)
    chosen = np.array([number % 2 == 0 for number in range(len(references))])
    assert found.of(chosen) == pytest.approx(sacrebleu.corpus_bleu(translations[::2], [references[::2]]).score)


PAIRS = [Pair(f"das ist nummer {n} von vielen .", f"this is number {n} of many .", n) for n in range(1, 31)]
ENCODER = TokenWords.fit([pair.target for pair in PAIRS], 100)


def perfect(texts):
    return [{pair.source: pair.target for pair in PAIRS}[text] for text in texts]


def score(predict, pairs, **more):
    return score_pairs(Written.of(predict, pairs), pairs, ENCODER, split="test", data="here", **more)


def test_a_perfect_translator_beats_a_copy_and_the_scores_are_json():
    known = [Pair("das  ist nummer 1 von vielen .", "x", 1)]
    report = score(perfect, PAIRS, training=known)
    found = report.to_json()
    assert found["whole"]["model"] == {"bleu": pytest.approx(100), "chrf": pytest.approx(100), "numbers": 100}
    assert found["numbers"] == 30
    copy = found["whole"]["copy of the source"]
    sources, references = [one.source for one in PAIRS], [one.target for one in PAIRS]
    assert copy["bleu"] == pytest.approx(sacrebleu.corpus_bleu(sources, [references]).score)
    assert copy["chrf"] == pytest.approx(sacrebleu.corpus_chrf(sources, [references]).score)
    metric = sacrebleu.metrics.BLEU()
    metric.corpus_score(sources, [references])
    assert found["signatures"]["bleu"] == str(metric.get_signature())
    assert found["signatures"]["chrf"].startswith("nrefs:1|case:mixed|eff:yes|nc:6|nw:0")
    assert found["seen"] == pytest.approx(1 / 30)
    assert found["tokens_per_second"] > 0
    assert found["lengths"] == [{"from": 6, "to": 10, "pairs": 30, "bleu": pytest.approx(100)}]
    mean, low, high = found["differences"]["copy of the source"]
    assert low <= mean <= high < 0
    assert mean == pytest.approx(copy["bleu"] - 100)
    assert found["verdict"][0].startswith("The model beats a copy of the source: BLEU 100.0 against ")
    assert found["verdict"][1].startswith("3.3 % of the sources stand in the training part")
    json.dumps(found, allow_nan=False)
    assert any(line.startswith("BLEU nrefs:1|") for line in report.lines())
    assert report.brief()[1].startswith("BLEU 100.00, chrF 100.00; copy of the source BLEU ")


def test_a_copy_does_not_beat_itself_and_few_sentences_say_nothing():
    found = score(lambda texts: list(texts), PAIRS).to_json()
    assert found["verdict"][0].startswith("The model is not usable yet: ")
    assert found["verdict"][1].startswith("The model does not beat a copy of the source: ")
    assert found["seen"] is None
    assert len(found["verdict"]) == 2
    few = score(perfect, PAIRS[:5]).to_json()
    assert few["verdict"] == ["The model does not beat a copy of the source: there are too few sentences to tell."]
    assert few["differences"]["copy of the source"][1:] == [None, None]


def test_a_model_of_no_use_is_not_praised_for_beating_a_copy():
    """A translator of one word in three at its place, beside a copy with no word right."""
    references = [" ".join("abcdefghi"[(n * k) % 9] * 3 for k in range(1, 8)) for n in range(1, 31)]
    pairs = [Pair(f"zzz yyy xxx {n}", reference, n) for n, reference in enumerate(references, start=1)]
    poor = {pair.source: f"{pair.target.split()[0]} {pair.target.split()[1]} q q q q q" for pair in pairs}
    found = score(lambda texts: [poor[text] for text in texts], pairs).to_json()
    assert 1 < found["whole"]["model"]["bleu"] < 10
    no_use, beaten = found["verdict"]
    assert no_use == (
        f"The model is not usable yet: with a BLEU of {found['whole']['model']['bleu']:.1f} hardly a sentence is "
        "translated."
    )
    assert beaten.startswith("The model beats a copy of the source: ")
    # each sentence of such a script is one word for sacreBLEU's 13a
    chinese = [Pair(pair.source, "\u4eca\u5929\u5929\u6c14" * 3 + chr(0x4E00 + n), n) for n, pair in enumerate(pairs)]
    close = score(lambda texts: [pair.target[:-1] for pair in chinese], chinese).to_json()
    assert close["whole"]["model"]["bleu"] < 10
    assert len(close["verdict"]) == 1


def test_the_interval_covers_what_resampling_by_hand_gives():
    dice = np.random.default_rng(3)
    references = [" ".join(dice.choice(WORDS, 9)) for _ in range(60)]
    better = [one if dice.random() < 0.6 else "a cat sat on the mat" for one in references]
    worse = [one if dice.random() < 0.4 else "the mat is on a cat" for one in references]
    model, rival = measured(better, references), measured(worse, references)
    found = compare(model, rival)
    drawn = [dice.integers(0, 60, 60) for _ in range(200)]
    by_hand = [sacrebleu.corpus_bleu([worse[i] for i in places], [[references[i] for i in places]]).score
               - sacrebleu.corpus_bleu([better[i] for i in places], [[references[i] for i in places]]).score
               for places in drawn]  # fmt: skip
    low, high = np.quantile(by_hand, [0.025, 0.975])
    assert (found.low, found.high) == (pytest.approx(low, abs=4), pytest.approx(high, abs=4))


def test_bleu_by_length_leaves_no_pair_out():
    sources = [" ".join(["w"] * count) for count in (0, 1, 5, 6, 10, 40, 41, 400)]
    rows = by_length(measured(sources, sources), sources)
    assert [(row["from"], row["to"], row["pairs"]) for row in rows] == [
        (1, 5, 3), (6, 10, 2), (31, 40, 1), (41, None, 2),
    ]  # fmt: skip


def test_a_source_seen_in_training_is_found_whatever_its_blanks():
    assert share_seen(["a  b", "c"], [Pair("a b", "x", 1)]) == 0.5
    assert share_seen(["a"], []) is None


def test_without_sacrebleu_the_cure_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    with pytest.raises(MissingExtra, match="BLEU needs sacrebleu"):
        measured(["a"], ["a"])


def test_older_and_newer_scores_are_read():
    report = score(perfect, PAIRS)
    stored = json.loads(json.dumps(report.to_json()))
    assert stored["seen"] is None
    assert Report.from_json({**stored, "comet": 0.9}) == Report.from_json(stored)
    assert Report.from_json(stored).lines() == report.lines()
    assert (Report.from_json(stored).rows(), Report.from_json(stored).brief()) == (report.rows(), report.brief())
    for key in ("seen", "tokens_per_second", "signatures", "lengths", "differences", "verdict"):
        older = Report.from_json({name: value for name, value in stored.items() if name != key})
        assert older.lines()[0].startswith("test split of here: 30 pairs")
        assert older.rows()[0.0, "BLEU"] == "100.00"
    assert "tokens a second" not in Report.from_json({**stored, "tokens_per_second": None}).extent()


def test_scores_are_comparable_on_the_same_pairs_in_the_same_direction():
    report = score(perfect, PAIRS)

    def measured_on(settings):
        return report.measured_on(SimpleNamespace(settings=settings))

    settings = {"reverse": False, "split": "distinct", "fold": 0, "validation": 0.05, "test": 0.05}
    assert measured_on(settings) == measured_on({**settings, "hidden": 8})
    assert measured_on(settings) != measured_on({**settings, "reverse": True})
