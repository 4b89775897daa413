"""Long texts: in which pieces they are read, how their answers are pooled, what is said of them, how they train."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import seqtool
from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.data.labelled import Labelled
from seqtool.data.splits import Splits
from seqtool.errors import ModelError
from seqtool.families.classification import at_once, pieces
from seqtool.families.classification.config import ClassificationConfig
from seqtool.families.classification.data import check, load, sampler
from seqtool.families.classification.encoders import ClassificationEncoders, Reader
from seqtool.families.classification.model import Objective, network, predictor
from seqtool.families.classification.part import TextPart
from seqtool.families.classification.pipe import Classify
from seqtool.families.classification.runner import Runner
from seqtool.families.load import runner_of
from seqtool.reads import DataFile
from seqtool.runtime.model import open_model
from seqtool.runtime.records import Record
from seqtool.task import Data, Task

MODEL = Path(__file__).parent / "models" / "tiny-sentiment.onnx"
TEN = "the plot was not good never bad ! so good"
WORDS = tuple("abcdefgh")
TASK = Task("toys", "", "classification")


@pytest.fixture
def runner(monkeypatch):
    opened = runner_of(open_model(MODEL, device="cpu"), "classification")
    monkeypatch.setattr(opened, "most", 4)
    return opened


def by_hand(runner, *parts: str) -> np.ndarray:
    """Return the probabilities [C] of a text from the answers to its parts: the mean of the logarithms, by length."""
    lengths = [len(part.split()) for part in parts]
    logs = [np.log(runner.call([runner.reader.read(part)])[0].astype(float)) for part in parts]
    mean = np.exp(np.average(logs, axis=0, weights=lengths))
    return mean / mean.sum()


@given(st.integers(1, 3000), st.integers(1, 700))
def test_pieces_are_few_about_equal_and_all_of_the_text(length, most):
    ids = np.arange(length)
    found = pieces.cut(ids, most)
    sizes = [len(piece) for piece in found]
    assert np.array_equal(np.concatenate(found), ids)
    assert len(found) == pieces.count(length, most) == -(-length // most)
    assert max(sizes) <= most
    assert max(sizes) - min(sizes) <= 1
    assert pieces.cut(ids, 0) == [ids]


def test_an_answer_is_pooled_from_those_to_the_pieces(runner):
    expected = by_hand(runner, "the plot was not", "good never bad", "! so good")
    (found,) = runner.classify([TEN])
    assert list(found.probabilities.values()) == pytest.approx(sorted(expected, reverse=True), rel=1e-5)
    assert found.label == runner.labels[int(expected.argmax())]
    for name, rows in runner.outputs([runner.reader.read(TEN)]).items():
        assert (name, rows[0]) == ("probabilities", pytest.approx(expected, rel=1e-5))


def test_texts_within_the_bound_and_the_neighbours_of_long_ones_keep_every_bit(runner, monkeypatch):
    lines = ["not good", TEN, "a plot !", f"{TEN} {TEN} bad", TEN]
    together = runner.classify(lines)
    assert together == [runner.classify([line])[0] for line in lines]
    assert runner.classify(lines[::-1]) == together[::-1]
    monkeypatch.setattr(runner, "most", 50_000)
    assert [runner.classify(lines)[place] for place in (0, 2)] == [together[place] for place in (0, 2)]
    assert runner.classify([TEN]) != together[1:2]


def test_a_piece_that_is_sure_does_not_decide_against_all_others():
    rows = np.array([[1.0, 0.0], *[[0.1, 0.9]] * 20])
    found = pieces.joined(rows, [np.zeros(5)] * 21, np.array([21]))[0]
    assert found.argmax() == 1
    assert found.sum() == pytest.approx(1)


@pytest.mark.parametrize("every", [False, True])
def test_json_counts_the_pieces_where_there_are_several(runner, every):
    classify = Classify(runner, runner.rule(), top=2 * every, json=True)
    records = [Record(number, line) for number, line in enumerate(["bad", TEN, "so good"], start=1)]
    costs = [classify.cost(record) for record in records]
    assert costs == [1, 10, 2]
    first, long, last = classify(records)
    assert long["pieces"] == 3
    assert "pieces" not in {*first, *last}
    assert classify.said_of_long.startswith("1 line was longer than 4 tokens (the first: line 2)")


def words(dice: np.random.Generator, count: int, good: bool) -> str:
    """Return a text of `count` words; every fourth tells the label."""
    return " ".join(("bad", "good")[good] if n % 4 == 0 else str(dice.choice(WORDS)) for n in range(count))


def lines(lengths, seed: int = 0) -> str:
    dice = np.random.default_rng(seed)
    rows = [(dice.random() < 0.5, length) for length in lengths]
    return "".join(f"{'np'[good]}\t{words(dice, length, good)}\n" for good, length in rows)


def data_of(tmp_path, text) -> Data:
    (tmp_path / "a.tsv").write_text(text)
    return Data((DataFile(tmp_path / "a.tsv"),))


def test_what_is_read_at_once_is_the_longest_text_of_the_data_within_bounds(tmp_path):
    for longest, most in ((20, at_once.FEWEST), (300, 300), (5000, at_once.MOST)):
        data = data_of(tmp_path, lines([*[10] * 40, longest]))
        splits, findings = load(TASK, ClassificationConfig(), data), check(TASK, ClassificationConfig(), data)
        assert splits.settled["at_once"] == most
        said = [finding.text for finding in findings if finding.code == "pieces"]
        assert said == (["1 of 41 texts have more than 512 words: " + said[0].split(": ")[1]] if longest > most else [])
    asked = ClassificationConfig(at_once=50)
    assert load(TASK, asked, data).settled["at_once"] == 50


def test_files_of_earlier_versions_read_at_once_what_they_did_and_damaged_ones_are_refused(runner):
    class Changed:
        def __init__(self, **settings):
            self.file, self.reads_texts, manifest = runner.model.file, False, runner.model.manifest
            self.manifest = replace(manifest, config={**manifest.config, **settings})

    assert "at_once" not in runner.model.manifest.config
    assert [Runner(Changed(**found)).most for found in ({}, {"at_once": 0}, {"at_once": 64}, {"at_once": 10**9})] == [
        50_000, 50_000, 64, 50_000,
    ]  # fmt: skip
    for damaged in ("64", -1, 6.5, True):
        with pytest.raises(ModelError, match="no number of tokens"):
            Runner(Changed(at_once=damaged))


READER = Reader(Vocabulary(("good", "bad", *WORDS)), lower=True)
LABELS = Labels(("n", "p"))


def part(*lengths: int) -> TextPart:
    records = [Labelled(line.split("\t")[1], line[0], 1) for line in lines(lengths).splitlines()]
    return TextPart.of(records, READER, LABELS)


def objective(config, train) -> Objective:
    torch.manual_seed(0)
    encoders = ClassificationEncoders(READER.encoder, LABELS)
    made = network(config, encoders).eval()
    return Objective(made, Splits(train, train, train, encoders), torch.device("cpu"))


def test_a_training_reads_pieces_and_all_texts_count_alike():
    train, config = part(10, 25, 7), ClassificationConfig(embedding=5, hidden=6, at_once=10)
    made = objective(config, train)
    cut = [train.ids[0], *np.split(train.ids[1], [9, 17]), train.ids[2]]  # 25 words: 9, 8 and 8
    gold = train.gold[[0, 1, 1, 1, 2]]
    whole = predictor(made.network, ClassificationEncoders(READER.encoder, LABELS), whole=True)
    nats = -np.log(whole(cut)[np.arange(5), gold])
    expected = (nats * [1, 9 / 25, 8 / 25, 8 / 25, 1]).sum() / 3
    assert made.loss(torch.arange(5)).item() == pytest.approx(expected, rel=1e-5)
    batches = sampler(config, Splits(train, train, train, None), 0)
    assert batches.count == 5
    pooled = made.predict(train.ids)
    for text, own in ((0, [0]), (1, [1, 2, 3]), (2, [4])):
        mean = np.exp(np.average(np.log(whole([cut[n] for n in own])), axis=0, weights=[len(cut[n]) for n in own]))
        np.testing.assert_allclose(pooled[text], mean / mean.sum(), rtol=1e-6)


def test_texts_within_the_bound_train_as_they_did():
    train = part(10, 25, 7)
    whole, bounded = (objective(ClassificationConfig(embedding=5, hidden=6, at_once=most), train) for most in (0, 25))
    indices = torch.tensor([2, 0, 1])
    assert whole.loss(indices).item() == bounded.loss(indices).item()
    assert whole.evaluate() == bounded.evaluate()


def test_a_model_trained_on_long_texts_answers_them_in_its_file_as_in_training(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lengths = np.random.default_rng(1).integers(5, 400, 120).tolist()
    Path("a.tsv").write_text(lines([*lengths, 4000]))
    small = ("--hidden", "4", "--embedding", "8", "--max-steps", "60", "--at-once", "64", "--refit")
    done = cli("train", "classify", "--data", "a.tsv", *small, "--out", "run")
    assert done.returncode == 0, done.stderr
    long = sum(length > 64 for length in lengths) + 1
    assert f"pieces: {long} of 121 texts have more than 64 words: they are read in pieces" in done.stderr
    assert tomllib.loads(Path("run/config.toml").read_text())["at_once"] == 64
    assert cli("export", "run").returncode == 0
    text = Path("a.tsv").read_text().splitlines()[120]
    label, _, text = text.partition("\t")
    (answer,) = seqtool.load("run").classify([text])
    assert answer.label == label
    command = [sys.executable, "-P", "-m", "seqtool", "classify", "-m", "run", "--json"]
    done = subprocess.run(command, input=f"{text}\n".encode(), capture_output=True, timeout=120, check=True)
    assert json.loads(done.stdout) == {
        "label": label, "probability": round(answer.probability, 4), "unknown": 0.0, "pieces": 63,
    }  # fmt: skip
    scored = json.loads(cli("evaluate", "run", "--data", "a.tsv", "--json").stdout)
    assert scored["whole"]["model"]["accuracy"] > 0.9
