"""sentiment: presets held against their recipe, sources, the sample, and what a training of it leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from seqtool_sentiment import SENTIMENT as TASK

from seqtool.config import load
from seqtool.families.family import config_of, presets_of
from seqtool.testing import check_task
from seqtool.training.loop import Trainer

CONFIG = config_of(TASK)
PRESETS = presets_of(TASK)

# vocabulary 2000 + PAD + UNK, embedding 128, SpatialDropout 0.2, LSTM 64 (dropout 0.2, recurrent 0.2), Adam, batch 32,
# 10 epochs, random 80/20
RECIPE = {
    "source": "si650",
    "encoder": "words",
    "lower": True,
    "vocabulary": 2000,
    "embedding": 128,
    "embedding_dropout": 0.36,  # 0.2 and then 0.2 again
    "cell": "lstm",
    "hidden": 64,
    "layers": 1,
    "bidirectional": False,
    "pooling": "last",
    "weight_drop": 0.2,
    "optimiser": "adam",
    "learning_rate": 0.001,
    "batch": 32,
    "epochs": 10,
    "test": 0.2,
}
PUT_RIGHT = {
    # setting -> a word of its comment: what the recipe did and is not done again; "": of the whole recipe
    "": "close to 99 %",
    "encoder": "test part were in the vocabulary",
    "embedding_dropout": "a layer was passed",
    "pooling": "padding on the left",
    "tokens": "cut at 40 words",
    "split": "82 %",
    "validation": "was the validation part too",
}


def test_the_preset_has_every_number_of_its_recipe():
    config = load(CONFIG, preset=PRESETS["umich-lstm"])
    assert {field: getattr(config, field) for field in RECIPE} == RECIPE


def test_what_else_the_preset_sets_switches_off_what_the_recipe_has_not():
    config = load(CONFIG, preset=PRESETS["umich-lstm"])
    off = {
        "at_least": 1, "word_dropout": 0, "dropout": 0, "label_smoothing": 0, "class_weights": "none", "threshold": 0.5,
        "schedule": "constant", "clip": 0, "l2": 0, "patience": 0,
    }  # fmt: skip
    assert {field: getattr(config, field) for field in off} == off


@pytest.mark.parametrize("setting", PUT_RIGHT)
def test_each_deviation_stands_as_a_comment_beside_its_setting(setting):
    lines = [line.partition("#") for line in PRESETS["umich-lstm"].read_text(encoding="utf-8").splitlines()]
    comments = [comment for before, _, comment in lines if before.partition("=")[0].strip() == setting]
    assert [comment for comment in comments if PUT_RIGHT[setting] in comment and "put right" in comment]


def test_presets_name_sources_of_the_task_and_there_is_a_default():
    names = {"", *(source.name for source in TASK.sources)}
    assert {load(CONFIG, preset=path).source for path in PRESETS.values()} <= names
    assert set(PRESETS) == {"default", "si650", "umich-lstm"}


def test_the_task_keeps_its_contract():
    check_task(TASK, hidden=4, embedding=4)


def test_a_training_that_was_killed_ends_with_the_same_weights(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ["train", "sentiment", "--sample", "--hidden", "5", "--embedding", "4", "--word-dropout", "0.2"]
    small += ["--weight-drop", "0.2", "--evaluate-every", "6", "--max-steps", "12"]
    assert cli(*small, "--out", "whole").returncode == 0
    original = Trainer.step

    def step(trainer):
        original(trainer)
        if trainer.step_number == 9:
            raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "step", step)
    assert cli(*small, "--out", "cut").returncode != 0
    monkeypatch.setattr(Trainer, "step", original)
    assert cli("train", "sentiment", "--resume", "cut").returncode == 0
    file = "checkpoints/12/network.safetensors"
    assert Path("whole", file).read_bytes() == Path("cut", file).read_bytes()


def test_a_run_keeps_figures_a_picture_and_a_refit(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ["--hidden", "4", "--embedding", "4", "--max-steps", "5", "--refit", "--class-weights", "balanced"]
    assert cli("train", "sentiment", "--sample", *small, "--out", "run").returncode == 0
    last = json.loads(Path("run/metrics.jsonl").read_text().splitlines()[-1])
    assert 0 < last["accuracy"] < 1
    assert last["loss"] > 0
    assert Path("run/plots/confusion.png").read_bytes().startswith(b"\x89PNG")
    exported = cli("export", "run")
    assert exported.returncode == 0, exported.stderr
    assert "bag of bigrams" in exported.stderr
    assert cli("evaluate", "run").stdout.startswith("test split of built-in sample (simulated): 404 texts")


def test_a_file_that_reads_texts_gives_the_same_answers(cli, seqtool_cmd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ["--hidden", "4", "--embedding", "4", "--max-steps", "5"]
    assert cli("train", "sentiment", "--sample", *small, "--out", "run").returncode == 0
    for options in ([], ["--text-input", "--no-scores"]):
        exported = cli("export", "run", *options)
        assert exported.returncode == 0, exported.stderr
    both = cli("export", "run", "--text-input", "--int8")
    assert both.returncode == 2
    assert "--int8 or --text-input" in both.stderr
    lines = "The soup wasn't good!\nnobody found the plot dull .\n\nxyzzy \U0001f600\n"
    plain, texts = (seqtool_cmd("classify", "-m", f"run/{name}.onnx", stdin=lines) for name in ("model", "model-text"))
    assert plain.returncode == texts.returncode == 0, texts.stderr
    assert plain.stdout == texts.stdout
    assert plain.stdout.count("\n") == 4
    characters = ["--encoder", "characters", "--out", "other"]
    assert cli("train", "sentiment", "--sample", *small, *characters).returncode == 0
    refused = cli("export", "other", "--text-input")
    assert refused.returncode == 2
    assert "a file cuts texts into words only, not characters" in refused.stderr


def test_a_model_of_texts_of_several_lines_says_once_that_a_line_is_a_text(cli, seqtool_cmd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ["--hidden", "4", "--embedding", "4", "--max-steps", "5"]
    for name, between in (("tall", "\n"), ("flat", " ")):
        rows = (f'"the lamp {n} fell{between}and the cat {n % 7} ran",{"ab"[n % 2]}\n' for n in range(60))
        Path(f"{name}.csv").write_text("text,label\n" + "".join(rows))
        assert cli("train", "sentiment", "--data", f"{name}.csv", *small, "--out", name).returncode == 0
        assert cli("export", name).returncode == 0
        answer = seqtool_cmd("classify", "-m", name, stdin="the lamp\nfell\n")
        assert answer.stdout.count("\n") == 2
        assert answer.stderr.count("here each line is one text") == (name == "tall")
