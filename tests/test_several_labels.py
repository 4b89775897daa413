"""Texts with any number of labels: figures against scikit-learn, thresholds by brute force, the file against PyTorch,
and the way through the commands."""

from __future__ import annotations

import json
import random
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn import metrics
from sklearn.linear_model import LogisticRegression
from torch.nn.functional import binary_cross_entropy_with_logits

from seqtool.data.bootstrap import Difference
from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import UNK, Vocabulary
from seqtool.data.labelled import Labelled
from seqtool.data.splits import Splits
from seqtool.errors import ModelError, UsageError
from seqtool.families.classification import linear, rivals, several, several_scores
from seqtool.families.classification.baseline_file import baseline_file
from seqtool.families.classification.config import ClassificationConfig, refuse
from seqtool.families.classification.encoders import ClassificationEncoders, Mix, Reader
from seqtool.families.classification.export import build, graph, probe
from seqtool.families.classification.features import Features
from seqtool.families.classification.mix import joined
from seqtool.families.classification.model import network, objective, predictor
from seqtool.families.classification.part import TextPart
from seqtool.families.classification.runner import NETWORK, WHOLE, WIDE
from seqtool.families.classification.shown import shown
from seqtool.families.classification.verdict import USUAL, verdict
from seqtool.families.family import ExportOptions
from seqtool.families.load import load
from seqtool.graph.model import plain_bytes
from seqtool.nn.wide import Wide

WORDS = ("soup", "fish", "bed", "lamp", "bill", "fee", "was", "cold", "warm", "the", "odd")
KINDS = {"food": ("soup", "fish"), "price": ("bill", "fee"), "room": ("bed", "lamp")}
NAMES = tuple(KINDS)
CONFIG = ClassificationConfig(embedding=5, hidden=6, wide=1 << 13, multi=True, label_smoothing=0.1)
PLAIN = ExportOptions()


def records(count: int, seed: int = 0) -> list[Labelled]:
    """Return texts with a label for each kind of word that is in them, a few of them wrong."""
    dice = random.Random(seed)
    made = []
    for number in range(count):
        words = [dice.choice(WORDS) for _ in range(dice.randrange(1, 9))]
        labels = [name for name, own in KINDS.items() if bool({*own} & {*words}) != (dice.random() < 0.05)]
        made.append(Labelled(" ".join(words), labels[0] if labels else "", number, tuple(labels)))
    return made


def part(count: int, seed: int = 0, names: tuple[str, ...] = NAMES) -> TextPart:
    return TextPart.of(records(count, seed), Reader(Vocabulary(WORDS), lower=True), Labels(names), multi=True)


def splits(train=150, validation=60) -> Splits:
    parts = part(train), part(validation, 1), part(60, 2)
    return Splits(*parts, ClassificationEncoders(Vocabulary(WORDS), Labels(NAMES)))


@pytest.fixture(scope="module")
def trained():
    """Return a network of a few steps with its linear part, and its encoders with mix and thresholds."""
    torch.manual_seed(0)
    given = splits()
    goal = objective(network(CONFIG, given.encoders), given, torch.device("cpu"), 0)
    goal.prepare(None)
    optimiser = torch.optim.Adam(goal.network.parameters(), lr=0.02)
    for _ in range(30):
        optimiser.zero_grad()
        goal.loss(torch.arange(150)).backward()
        optimiser.step()
    goal.network.eval()
    encoders = goal.calibrated(given.encoders)
    made = network(CONFIG, encoders)
    made.load_state_dict(goal.network.state_dict())
    return made.eval(), encoders, given


flags = st.integers(0, 1 << 30).flatmap(lambda seed: st.tuples(st.integers(1, 40), st.integers(2, 5), st.just(seed)))


@given(flags)
@settings(max_examples=40, deadline=None)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_figures_are_those_of_scikit_learn(sizes):
    count, labels, seed = sizes
    dice = np.random.default_rng(seed)
    gold, answers = dice.random((2, count, labels)) < 0.4
    each = metrics.precision_recall_fscore_support(gold, answers, average=None, zero_division=0)
    assert several.micro_f1(gold, answers) == pytest.approx(metrics.f1_score(gold, answers, average="micro"))
    occur = (gold | answers).any(axis=0)
    assert several.macro_f1(gold, answers) == pytest.approx(each[2][occur].mean() if occur.any() else 0)
    found = several.by_label(gold, answers, [f"l{n}" for n in range(labels)])
    for place, row in enumerate(found.values()):
        figures = [row["precision"] or 0, row["recall"] or 0, row["f1"] or 0, row["count"]]
        assert figures == pytest.approx([column[place] for column in each])
    chances = dice.uniform(0.01, 0.99, gold.shape)
    wanted = sum(metrics.log_loss(gold[:, n], chances[:, n], labels=[False, True]) for n in range(labels))
    assert several.log_loss(chances, gold) == pytest.approx(wanted)


@given(flags)
@settings(max_examples=60, deadline=None)
def test_a_threshold_is_the_best_of_all_that_can_be(sizes):
    count, _, seed = sizes
    dice = np.random.default_rng(seed)
    chances, gold = dice.integers(0, 6, count) / 6, dice.random(count) < 0.5
    found = several.best_threshold(chances, gold)
    if not gold.any():
        assert found == 0.5
        return
    scores = [metrics.f1_score(gold, chances > cut, zero_division=0) for cut in (0, *np.unique(chances))]
    assert metrics.f1_score(gold, chances > found, zero_division=0) == pytest.approx(max(scores))


def test_a_threshold_lies_between_that_of_its_label_and_that_of_all():
    dice = np.random.default_rng(0)
    gold = dice.random((400, 3)) < (0.5, 0.3, 0.02)
    chances = np.clip(0.2 + 0.4 * gold + dice.normal(0, 0.15, gold.shape), 0, 1)
    found = several.thresholds(chances, gold)
    shared = several.best_threshold(chances.reshape(-1), gold.reshape(-1))
    assert found[2] == pytest.approx(shared)
    for label in (0, 1):
        own = several.best_threshold(chances[:, label], gold[:, label])
        assert logit(found[label]) == pytest.approx((logit(shared) + logit(own)) / 2)


def test_the_loss_is_the_sum_over_the_labels_with_smoothing_toward_how_often_each_occurs():
    given, config = splits(), replace(CONFIG, wide=0, dropout=0.0)
    made = network(config, given.encoders)
    goal = objective(made, given, torch.device("cpu"), 0)
    chosen = torch.tensor([3, 1, 8])
    gold = torch.as_tensor(given.train.gold[[3, 1, 8]]).float()
    wanted = 0.9 * gold + 0.1 * torch.as_tensor(given.train.gold.mean(axis=0)).float()
    logits = torch.cat([made(torch.as_tensor(given.train.ids[n])[None], torch.tensor([len(given.train.ids[n])]))
                        for n in (3, 1, 8)])  # fmt: skip
    asked = binary_cross_entropy_with_logits(logits, wanted, reduction="sum") / 3
    assert goal.loss(chosen).item() == pytest.approx(asked.item(), rel=1e-5)


def test_the_linear_part_is_a_regression_of_scikit_learn_for_each_label():
    train, validation, other = part(150), part(60, 1), part(20, 2)
    shape = linear.sizes(CONFIG, train.reader.encoder, len(NAMES))
    assert shape.columns == 3
    assert linear.sizes(CONFIG, train.reader.encoder, 2).columns == 2  # two labels are two questions
    wide = Wide(shape)
    wide.set(linear.fit(shape, train, validation, np.ones(3)))
    penalty, scale = wide.chosen.tolist()
    features = Features(shape, train.reader.encoder, train.ids)
    for label in range(3):
        model = LogisticRegression(C=penalty, max_iter=300).fit(features(train.ids), train.gold[:, label])
        asked = scale * model.decision_function(features(other.ids))
        logits = [wide(torch.from_numpy(row)[None], torch.tensor([len(row)]))[0, label].item() for row in other.ids]
        np.testing.assert_allclose(logits, asked, atol=1e-3)


@pytest.mark.parametrize("has", [True, False])
def test_a_label_that_all_texts_have_or_none_is_answered_as_often(has):
    train = part(60)
    train = replace(train, gold=np.column_stack([train.gold[:, :2], np.full(60, has)]))
    shape = linear.sizes(CONFIG, train.reader.encoder, 3)
    wide = Wide(shape)
    wide.set(linear.fit(shape, train, train, np.ones(3)))
    logits = torch.stack([wide(torch.from_numpy(row)[None], torch.tensor([len(row)]))[0] for row in train.ids])
    assert ((logits[:, 2] > 0) == has).all()
    rival = rivals.TfIdf(train).fit(1.0).predict(train)
    assert (rival[:, 2] == has).all()


def test_the_mix_that_is_fitted_is_the_mix_of_the_network(trained):
    made, encoders, given = trained
    assert isinstance(encoders.mix, Mix)
    apart = predictor(made, encoders).outputs(given.test.ids)
    np.testing.assert_allclose(joined(encoders.mix, apart[WIDE], apart[NETWORK]), apart[WHOLE], atol=1e-6)
    for name in (WHOLE, WIDE, NETWORK):
        assert encoders.thresholds[name] == several.thresholds(
            predictor(made, encoders).outputs(given.validation.ids)[name], given.validation.gold
        ).tolist() or name == WHOLE  # fmt: skip  # the mix is joined in another order of rounding
    again = ClassificationEncoders.from_json(json.loads(json.dumps(encoders.to_json())))
    assert again.thresholds == encoders.thresholds


@pytest.mark.parametrize("options", [PLAIN, ExportOptions(int8=True), ExportOptions(text_input=True)])
def test_the_file_answers_as_pytorch_and_each_row_alone(trained, options):
    made, encoders, _ = trained
    file = build(made, encoders, options)
    session = onnxruntime.InferenceSession(plain_bytes(file), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    tolerance = 0.05 if options.int8 else 1e-5
    for case in probe(made, encoders, options):
        answers = dict(zip(names, session.run(None, case.feeds), strict=True))
        assert {*case.answers} == {*names}
        for name, answer in case.answers.items():
            np.testing.assert_allclose(answers[name], answer, atol=tolerance)
        for row in range(len(answers[WHOLE])):
            lengths = case.feeds.get("lengths")
            alone = {name: values[row : row + 1] for name, values in case.feeds.items()}
            if lengths is not None:
                alone["tokens"] = alone["tokens"][:, : lengths[row]]
            again = dict(zip(names, session.run(None, alone), strict=True))
            assert again[WHOLE].tobytes() == answers[WHOLE][row : row + 1].tobytes()
    assert not np.allclose(answers[WHOLE].sum(axis=1), 1)  # each label has a probability of its own
    if options.text_input:
        wanted = answers[WHOLE] > np.array(encoders.thresholds[WHOLE], dtype=np.float32)
        assert (answers["chosen"] == wanted).all()


def test_the_file_of_the_linear_part_alone_has_its_own_thresholds(trained):
    made, encoders, _ = trained
    alone = baseline_file("wide part", made, encoders)
    assert alone.encoders.thresholds == {WHOLE: encoders.thresholds[WIDE]}
    assert alone.encoders.mix is None
    session = onnxruntime.InferenceSession(plain_bytes(alone.model), providers=["CPUExecutionProvider"])
    for case in alone.probe:
        np.testing.assert_allclose(session.run([WHOLE], case.feeds)[0], case.answers[WHOLE], atol=1e-5)


def test_scores_stand_beside_rivals_that_answer_several_labels(trained):
    made, encoders, given = trained
    stored = json.loads(json.dumps(several_scores.baselines(given, None)))
    assert stored["counts"] == given.train.gold.sum(axis=0).tolist()
    report = several_scores.score(predictor(made, encoders), given, "test", stored, "toys")
    assert [*report.whole] == ["model", "wide part", "network", USUAL, rivals.TF_IDF]
    chances = rivals.TfIdf(given.train).fit(stored["tf_idf"]["penalty"]).predict(given.test)
    answers = chances > np.array(stored["tf_idf"]["thresholds"])
    row = report.whole[rivals.TF_IDF]
    assert row["micro_f1"] == pytest.approx(metrics.f1_score(given.test.gold, answers, average="micro"))
    assert row["subset"] == pytest.approx(metrics.accuracy_score(given.test.gold, answers))
    assert report.rival_classes["food"]["count"] == given.test.gold[:, 0].sum()
    text = "\n".join(report.lines())
    assert re.search(r"class +records +above +precision % +recall % +F1 % +TF-IDF: precision %", text)
    assert "% micro F1 against" in text
    assert type(report).from_json(json.loads(json.dumps(report.to_json()))) == report
    refit = several_scores.baselines(replace(given, train=given.train + given.validation), stored)
    assert (refit["texts"], refit["thresholds"], refit["joined"]) == (210, stored["thresholds"], True)
    again = several_scores.score(predictor(made, encoders), given, "test", refit, "toys")
    assert again.whole["model"] == {**report.whole["model"], "skill": again.whole["model"]["skill"]}


def test_labels_that_training_never_had_count_as_missed(trained):
    made, encoders, given = trained
    more = (*NAMES, "view")
    test = part(60, 2, more)
    test.gold[:30, 3] = True
    report = several_scores.score_part(predictor(made, encoders), test, None, split="whole", data="toys")
    view = {"precision": None, "recall": 0.0, "f1": 0.0, "count": 30, "threshold": 0.0}
    assert report.classes["view"] == view
    assert "never answered: view" in report.lines()
    known = several_scores.score_part(predictor(made, encoders), given.test, None, split="whole", data="toys")
    missed = report.whole["model"]["micro_f1"] / known.whole["model"]["micro_f1"]
    assert 0.5 < missed < 1
    assert (given.train + test).gold.shape == (210, 3)


def test_the_difference_of_f1_has_the_interval_of_a_bootstrap():
    dice = np.random.default_rng(0)
    gold = dice.random((500, 4)) < 0.3
    good, bad = (gold ^ (dice.random(gold.shape) < share) for share in (0.05, 0.2))
    found = several_scores.difference_of(gold, good, bad)
    f1 = [metrics.f1_score(gold, answers, average="micro") for answers in (good, bad)]
    assert found.mean == pytest.approx(f1[1] - f1[0])
    assert found.better
    assert not several_scores.difference_of(gold, bad, good).better
    assert several_scores.difference_of(gold, good, good) == type(found)(0.0, 0.0, 0.0)
    draws = [dice.integers(0, 500, 500) for _ in range(300)]
    shuffled = [
        metrics.f1_score(gold[draw], bad[draw], average="micro")
        - metrics.f1_score(gold[draw], good[draw], average="micro")
        for draw in draws
    ]
    np.testing.assert_allclose([found.low, found.high], np.quantile(shuffled, [0.025, 0.975]), atol=0.02)


def test_samples_show_the_surest_mistakes_with_all_labels():
    """The second text lacks one label, of 0.9, and has a wrong one, of 0.8; the third is right."""
    texts = [
        Labelled("a b", "food", 1, ("food",)),
        Labelled("c d", "price", 2, ("price", "room")),
        Labelled("e", "", 3, ()),
    ]
    given = TextPart.of(texts, Reader(Vocabulary(WORDS), lower=True), Labels(NAMES), multi=True)
    chances = np.array([[0.4, 0.1, 0.1], [0.8, 0.9, 0.1], [0.3, 0.2, 0.1]])
    answers = chances > 0.5
    sure = several.sureness(chances, answers != given.gold)
    assert sure.tolist() == pytest.approx([0.6, 0.9, 0.7])
    block, line = shown(given, answers, sure, "step 3")
    assert "step 3: 2 of 3 texts wrong" in block
    assert (
        block.index("c d") < block.index("a b") < block.index("text    e\ntruth   no label\nanswer  no label 0.7000\n")
    )
    assert line == "  c d -> food, price 0.9000, truth price, room"


def test_settings_of_one_label_a_text_are_refused():
    for wrong, said in (({"threshold": 0.7}, "thresholds of several"), ({"class_weights": "balanced"}, "one label")):
        with pytest.raises(UsageError, match=said):
            refuse(replace(CONFIG, **wrong), 2)


SMALL = ["--max-steps", "30", "--embedding", "8", "--hidden", "8", "--at-least", "1"]


def write(path: str, count: int = 200, seed: int = 0) -> None:
    lines = [{"text": record.text, "labels": [*record.all_labels]} for record in records(count, seed)]
    Path(path).write_text("".join(json.dumps(line) + "\n" for line in lines))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return a folder with data and an exported run of texts with several labels."""
    from seqtool.cli import run as command

    folder, here = tmp_path_factory.mktemp("several"), Path.cwd()
    try:
        import os

        os.chdir(folder)
        write("data.jsonl")
        write("other.jsonl", 50, 9)
        assert command(["train", "classify", "--data", "data.jsonl", *SMALL, "--refit", "--out", "run"]) == 0
        assert command(["export", "run"]) == 0
    finally:
        os.chdir(here)
    return folder


def test_the_commands_learn_export_and_answer_several_labels(run, cli, monkeypatch, seqtool_cmd):
    monkeypatch.chdir(run)
    assert "multi = true" in Path("run/config.toml").read_text()
    model = load("run/model.onnx", device="cpu")
    assert model.labels == NAMES
    texts = ["the soup was cold", "zzz", "the bed and the fee"]
    answers = model.classify(texts)
    for answer in answers:
        above = dict(zip(NAMES, model.encoders.thresholds[WHOLE], strict=True))
        assert {*answer.labels} == {name for name, chance in answer.probabilities.items() if chance > above[name]}
    stdin = "\n".join([*texts, "", "odd"])
    done = seqtool_cmd("classify", "-m", run / "run", stdin=stdin)
    lines = done.stdout.split("\n")
    assert len(lines) == 6
    for answer, line in zip(answers, lines, strict=False):
        wanted = [f"{name}\t{answer.probabilities[name]:.4f}" for name in answer.labels]
        assert line == "\t".join(wanted)
    done = seqtool_cmd("classify", "-m", run / "run", "--json", "--threshold", "0", stdin=stdin)
    objects = [json.loads(line) for line in done.stdout.splitlines()]
    assert [len(one["labels"]) for one in objects if one] == [3, 3, 3, 3]
    assert objects[1]["unknown"] == 1.0
    assert objects[3] == {}
    for words in (["--sets", "0.9"], ["--reject", "0.5"]):
        done = seqtool_cmd("classify", "-m", run / "run", *words, stdin="")
        assert (done.returncode, done.stdout) == (2, "")
        assert "any number of labels" in done.stderr
    assert cli("inspect", "run").returncode == 0


def test_a_file_is_scored_on_other_texts_and_its_other_forms_are_exported(run, cli, monkeypatch):
    monkeypatch.chdir(run)
    answer = cli("evaluate", "run/model.onnx", "--data", "other.jsonl", "--json")
    scores = json.loads(answer.stdout)
    model = load("run/model.onnx", device="cpu")
    given = records(50, 9)
    answers = model.classify([record.text for record in given])
    gold = np.array([[name in record.all_labels for name in NAMES] for record in given])
    chosen = np.array([[name in answer.labels for name in NAMES] for answer in answers])
    assert scores["whole"]["model"]["micro_f1"] == pytest.approx(metrics.f1_score(gold, chosen, average="micro"))
    for options in (["--text-input"], ["--int8"], ["--baseline", "wide part"]):
        answer = cli("export", "run", *options)
        assert answer.returncode == 0, answer.stderr
    assert "raw texts: 0 of" in cli("inspect", "run/model-text.onnx").stdout
    small = load("run/model-int8.onnx", device="cpu").classify([record.text for record in given])
    assert sum(one.labels == other.labels for one, other in zip(answers, small, strict=True)) >= 45
    assert load("run/model-text.onnx", device="cpu").classify([given[0].text])[0].labels == answers[0].labels
    answer = cli("train", "classify", "--data", "data.jsonl", *SMALL, "--wide", "0", "--out", "plain")
    assert answer.returncode == 0, answer.stderr
    assert "micro F1 %" in cli("compare", "run", "plain").stdout


def test_files_and_models_of_one_label_and_of_several_meet_in_words(run, cli, refused, monkeypatch):
    monkeypatch.chdir(run)
    Path("one.tsv").write_text("".join(f"{('food', 'room')[n % 2]}\t{WORDS[n % 6]} {n}\n" for n in range(60)))
    assert cli("train", "classify", "--data", "one.tsv", *SMALL, "--out", "one").returncode == 0
    assert cli("export", "one").returncode == 0
    said = refused("evaluate", "one/model.onnx", "--data", "other.jsonl", code=2, said=["a model on texts of several"])
    assert "the model answers one label a text" in said
    # a text with one label is one with several
    answer = cli("evaluate", "run/model.onnx", "--data", "one.tsv", "--json")
    assert json.loads(answer.stdout)["texts"] == 60
    answer = cli("train", "classify", "--data", "one.tsv", "--multi", *SMALL, "--out", "multi")
    assert answer.returncode == 0, answer.stderr
    assert "micro F1 %" in answer.stderr


def test_a_file_without_its_thresholds_is_refused(run):
    from seqtool.families.classification.runner import Runner

    opened = load(run / "run" / "model.onnx", device="cpu").model
    for wrong in ({}, {WHOLE: [0.5]}, {WHOLE: [0.5, 0.5, 2]}, {WHOLE: None}, []):
        encoders = {**opened.manifest.encoders, "thresholds": wrong}

        class Broken:
            file, reads_texts = opened.file, False
            manifest = replace(opened.manifest, encoders=encoders)

        with pytest.raises(ModelError):
            Runner(Broken())


def test_a_manifest_that_contradicts_itself_or_its_graph_is_refused(run):
    """Read as one label a text, or with a token more or less, the file would answer, and otherwise."""
    from seqtool.families.classification.runner import Runner

    opened = load(run / "run" / "model.onnx", device="cpu").model
    given = opened.manifest
    tokens = given.encoders["encoder"]["tokens"]
    assert len(tokens) + 2 in opened.file.tables
    configs = [{**given.config, "multi": wrong} for wrong in (False, None, 1, "true", [])]
    configs.append({name: value for name, value in given.config.items() if name != "multi"})
    manifests = [replace(given, config=config) for config in configs]
    for wrong in (tokens[:-1], [*tokens, "odd-one-more"]):
        encoder = {**given.encoders["encoder"], "tokens": wrong}
        manifests.append(replace(given, encoders={**given.encoders, "encoder": encoder}))
    assert Runner(SimpleNamespace(file=opened.file, reads_texts=False, manifest=given)).multi
    for manifest in manifests:
        with pytest.raises(ModelError, match="does not say what a classifier needs"):
            Runner(SimpleNamespace(file=opened.file, reads_texts=False, manifest=manifest))


def test_the_usual_labels_are_many_in_the_verdict():
    worse = Difference(0.1, 0.05, 0.2)
    said = verdict({USUAL: worse}, {"model": 0.5, USUAL: 0.4}, USUAL, floor=USUAL, figure="micro F1")
    assert said[-1].startswith("The usual labels are the best baseline themselves: the model ")
    assert said[-1].endswith(" them.")


def test_labels_of_which_one_is_a_part_of_another_are_apart(cli, tmp_path, monkeypatch):
    """fastText's names may hold each other; a label that stands once is learnt or not, and never breaks anything."""
    monkeypatch.chdir(tmp_path)
    dice = random.Random(0)
    kinds = {"food": "soup", "food,hot": "hot", "food_hot_soup": "both", "once": "rare"}
    lines = []
    for n in range(120):
        labels = [name for name in ("food", "food,hot", "food_hot_soup") if dice.random() < 0.5] + ["once"] * (n == 50)
        words = " ".join(kinds[name] for name in labels) or "nothing"
        lines.append(f"{' '.join(f'__label__{name}' for name in labels)} {words} {dice.choice(WORDS)}\n".lstrip())
    Path("fast.txt").write_text("".join(line for line in lines if line.startswith("__label__")))
    answer = cli("train", "classify", "--data", "fast.txt", *SMALL, "--out", "run")
    assert answer.returncode == 0, answer.stderr
    stored = json.loads(Path("run/encoders/encoders.json").read_text())
    assert {"food", "food,hot", "food_hot_soup"} <= {*stored["labels"]["names"]}
    assert not any("__label__" in token for token in stored["encoder"]["tokens"])


def test_many_labels_have_no_linear_rival_and_a_word_says_so(trained, monkeypatch):
    made, encoders, given = trained
    monkeypatch.setattr(rivals, "MOST", 100)
    stored = several_scores.baselines(given, None)
    report = several_scores.score(predictor(made, encoders), given, "test", stored, "toys")
    assert [*report.whole][-1] == USUAL
    assert report.verdict[-1].startswith("150 texts and 3 classes are too many for a linear rival")


def test_lists_of_many_different_combinations_are_labels(tmp_path):
    """Of 12 labels nearly every combination is another: the cells differ, the labels do not."""
    from seqtool.data.labelled import read_labelled

    dice = random.Random(1)
    path = tmp_path / "many.jsonl"
    rows = [sorted(dice.sample([f"l{n}" for n in range(12)], 6)) for _ in range(60)]
    path.write_text("".join(json.dumps({"text": f"text {n}", "labels": row}) + "\n" for n, row in enumerate(rows)))
    assert [list(record.all_labels) for record in read_labelled(path).records] == rows


def test_the_graph_of_several_labels_has_no_softmax(trained):
    made, _, _ = trained
    kinds = {node.op_type for node in graph(made).graph.node}
    assert "Sigmoid" in kinds
    assert sys.modules["onnxruntime"]
    assert made.unknown == UNK


def test_long_texts_are_pooled_by_the_mean_of_their_log_odds(trained):
    """Two pieces of three words and one of two: the answer by hand, from those to the pieces."""
    made, encoders, _ = trained
    short = replace(made.config, at_once=3)
    cut = network(short, encoders)
    cut.load_state_dict(made.state_dict())
    ids = np.array([2, 3, 8, 9, 4, 5, 8, 10])
    parts = [ids[:3], ids[3:6], ids[6:]]
    alone = predictor(made, encoders)(parts)
    wanted = expit(np.average(logit(alone), axis=0, weights=[3, 3, 2]))
    np.testing.assert_allclose(predictor(cut.eval(), encoders)([ids])[0], wanted, atol=1e-6)
    given = splits()
    goal = objective(cut, given, torch.device("cpu"), 0)
    assert len(goal.shares) == len(goal.gold) > 150
    assert goal.gold.shape[1] == 3
    goal.prepare(None)
    assert torch.isfinite(goal.loss(torch.arange(len(goal.gold))))


def test_weights_of_one_label_a_text_are_none_of_several(run, refused, cli, monkeypatch):
    monkeypatch.chdir(run)
    rows = [(name, word) for name, words in KINDS.items() for word in words]
    Path("three.tsv").write_text("".join(f"{name}\t{word} {n}\n" for n in range(20) for name, word in rows))
    assert cli("train", "classify", "--data", "three.tsv", *SMALL, "--out", "three").returncode == 0
    words = ["train", "classify", "--data", "three.tsv", "--multi", *SMALL, "--init-from", "three", "--out", "again"]
    refused(*words, code=2, said=["--multi asks for another network than the run has: --no-multi"])


def test_a_part_may_have_no_label_at_all_and_one_label_is_none_of_several(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("train.jsonl", 60)
    Path("dev.jsonl").write_text("".join(json.dumps({"text": f"odd {n}", "labels": []}) + "\n" for n in range(9)))
    answer = cli("check", "classify", "--data", "train=train.jsonl", "--data", "validation=dev.jsonl")
    assert answer.returncode == 0, answer.stderr
    assert "validation 9" in answer.stdout
    rows = [{"text": f"text {n}", "labels": ["spam"] if n % 2 else []} for n in range(60)]
    Path("spam.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    answer = cli("check", "classify", "--data", "spam.jsonl")
    assert "'spam' is the only label, of" in answer.stderr
    same = [{"text": f"text {n // 2}", "labels": ["a", "b"][:: 1 if n % 2 else -1]} for n in range(40)]
    Path("order.jsonl").write_text("".join(json.dumps(row) + "\n" for row in same))
    assert "conflicting" not in cli("check", "classify", "--data", "order.jsonl").stdout
