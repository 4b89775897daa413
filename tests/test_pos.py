"""pos: presets held against their recipes, and what a training of it leaves: file, scores, int8, texts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from seqtool_pos import POS as TASK

from seqtool.cli import run
from seqtool.config import load
from seqtool.families.family import config_of, family_of, presets_of
from seqtool.testing import check_task

CONFIG = config_of(TASK)
PRESETS = presets_of(TASK)

TREEBANK = {
    # Words in lower case to tags, all through one vector: encoder, its last state repeated, decoder.
    "source": "treebank",
    "field": "xpos",
    "network": "encoder-decoder",
    "characters": 0,
    "lower": True,
    "vocabulary": 5000,
    "embedding": 128,
    "cell": "gru",
    "bidirectional": False,
    "hidden": 64,
    "layers": 1,
    "embedding_dropout": 0.2,
    "weight_drop": 0.2,
    "optimiser": "adam",
    "batch": 32,
    "epochs": 1,
    "test": 0.2,  # 80/20
}
RECIPES = {
    "treebank-gru": TREEBANK,
    "treebank-lstm": TREEBANK | {"cell": "lstm"},
    "treebank-bilstm": TREEBANK | {"cell": "lstm", "bidirectional": True},
}
PUT_RIGHT = {
    # setting -> a word of its comment: what the recipe did and is not done again; "": of the whole recipe
    "": ("counted as right", "shared an id"),
    "batch": ("padded to 250 words",),
    "validation": ("test part was the validation part",),
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_preset_has_every_number_of_its_recipe(name):
    config = load(CONFIG, preset=PRESETS[name])
    assert {field: getattr(config, field) for field in RECIPES[name]} == RECIPES[name]


@pytest.mark.parametrize("setting", PUT_RIGHT)
@pytest.mark.parametrize("name", RECIPES)
def test_each_deviation_stands_as_a_comment_beside_its_setting(name, setting):
    lines = [line.partition("#") for line in PRESETS[name].read_text(encoding="utf-8").splitlines()]
    comments = [comment for before, _, comment in lines if before.partition("=")[0].strip() == setting]
    for words in PUT_RIGHT[setting]:
        assert [comment for comment in comments if words in comment and "put right" in comment]


def test_each_recipe_has_a_preset_and_there_is_a_default_and_a_fast_one():
    assert set(PRESETS) == {*RECIPES, "default", "entities", "fast"}


def test_every_preset_names_only_sources_of_the_task():
    names = {"", *(source.name for source in TASK.sources)}
    assert {load(CONFIG, preset=path).source for path in PRESETS.values()} <= names


SMALL = {"hidden": 6, "layers": 1, "embedding": 5, "characters": 4, "character_hidden": 4, "batch": 64}


def test_the_contract_of_a_task():
    check_task(TASK, **SMALL)


OPTIONS = [word for key, value in SMALL.items() for word in (f"--{key.replace('_', '-')}", str(value))]
RUNS = {
    "spelled": ["--field", "upos"],
    "recipe": ["--field", "xpos", "--network", "encoder-decoder", "--characters", "0", "--cell", "gru"],
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with two small trainings on the sample, exported: `spelled` and `recipe`."""
    folder = tmp_path_factory.mktemp("pos")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SEQTOOL_CACHE", str(folder / "cache"))
        for name, options in RUNS.items():
            assert run(["train", "pos", "--sample", "--max-steps", "30", *OPTIONS, *options, "--out", name]) == 0
            assert run(["export", name]) == 0
    return folder


@pytest.fixture
def here(trained, tmp_path, monkeypatch):
    """A copy of that folder to work in."""
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEQTOOL_CACHE", "cache")


def scores(cli, model, *options):
    return json.loads(cli("evaluate", model, "--json", *options).stdout)


@pytest.mark.usefixtures("here")
def test_a_training_leaves_scores_pictures_and_a_file_that_is_scored_again(cli):
    test = scores(cli, "spelled")
    assert Path("spelled/plots/confusion.png").stat().st_size > 10_000
    kept = json.loads(Path("spelled/scores.json").read_text())
    assert kept["test"] == test
    assert kept["validation"]["split"] == "validation"
    assert (test["field"], test["sentences"]) == ("upos", 160)
    assert 0 < test["unknown_words"] < test["words"]
    assert "padded" not in test
    assert "unknown words %" in cli("evaluate", "spelled").stdout
    inspected = cli("inspect", "spelled/model.onnx").stdout
    assert "character_lengths int32 [W]" in inspected
    assert "never seen in training" in inspected


@pytest.mark.usefixtures("here")
def test_other_sentences_are_scored_beside_what_words_were_in_training(cli):
    Path("other.txt").write_text("the/DT can/NN will/MD see/VB ./.\n" * 3)
    again = scores(cli, "recipe", "--data", "other.txt")
    assert (again["words"], again["split"]) == (15, "whole")
    assert again["whole"]["most frequent tag"]["accuracy"] > 0.5
    refused = cli("evaluate", "spelled", "--data", "other.txt")
    assert refused.returncode == 2
    assert "none of its tags is one of the model's: '.', 'DT', 'MD', 'NN', 'VB'" in refused.stderr


@pytest.mark.usefixtures("here")
def test_runs_of_several_fields_are_not_compared_in_silence(cli):
    done = cli("compare", "spelled", "recipe")
    assert done.returncode == 0, done.stderr
    assert "unknown words %" in done.stdout
    assert "scored on different parts of the sentences, or in another field" in done.stderr


@pytest.mark.usefixtures("here")
def test_a_training_begins_with_the_weights_of_another_with_and_without_spelling(cli):
    small = ["train", "pos", "--sample", "--max-steps", "1", *OPTIONS]
    done = cli(*small, *RUNS["recipe"], "--init-from", "recipe", "--out", "again")
    assert done.returncode == 0, done.stderr
    refused = cli(*small, "--characters", "50", "--init-from", "recipe", "--out", "other")
    assert refused.returncode == 2
    assert "--characters 50 asks for another network than the run has: --characters 0" in refused.stderr


@pytest.mark.usefixtures("here")
def test_a_file_of_words_alone_reads_texts_and_tells_the_same(cli):
    done = cli("export", "recipe", "--text-input", "--out", "text.onnx")
    assert done.returncode == 0, done.stderr
    assert scores(cli, "text.onnx")["whole"] == scores(cli, "recipe")["whole"]


@pytest.mark.usefixtures("here")
def test_spelled_words_have_no_file_that_reads_texts(cli):
    done = cli("export", "spelled", "--text-input")
    assert done.returncode == 2
    assert "--characters 0" in done.stderr
    assert not Path("spelled/model-text.onnx").exists()


@pytest.mark.usefixtures("here")
def test_int8_is_measured_said_and_kept(cli):
    done = cli("export", "spelled", "--int8")
    assert done.returncode == 0, done.stderr
    costs = json.loads(Path("spelled/scores.json").read_text())["int8"]
    assert costs["int8"] - costs["float"] <= costs["tolerance"] == 0.2
    assert costs["unit"] == "% of the words wrong"
    assert "times as fast on this machine" in cli("inspect", "spelled/model-int8.onnx").stdout


@pytest.mark.usefixtures("here")
def test_the_recipes_network_shows_the_recipes_figure_beside(cli):
    test = scores(cli, "recipe")
    assert test["padded"]["accuracy"] > 0.95 > test["whole"]["model"]["accuracy"]
    assert "as its recipe counts" in cli("evaluate", "recipe").stdout


@pytest.mark.data
def test_the_real_sources_are_read_in_three_parts():
    from seqtool.families.choose import choose

    for name, field, sizes in (("ewt", "upos", (12_544, 2_001, 2_077)), ("treebank", "xpos", None)):
        config = load(CONFIG, options={"source": name, "field": field})
        splits = family_of(TASK).data.load(TASK, config, choose(TASK, config))
        found = tuple(len(part.words) for part in (splits.train, splits.validation, splits.test))
        assert sizes in (None, found)
        assert splits.encoders.tags.size == {"ewt": 17, "treebank": 45}[name]
