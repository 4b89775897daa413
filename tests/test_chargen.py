"""chargen: presets held against their recipes, pinned sources, a sample, and what a training of it leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from seqtool_chargen import CHARGEN as TASK

from seqtool.config import load
from seqtool.families.choose import sample_bytes
from seqtool.families.family import config_of, presets_of
from seqtool.testing import check_task

CONFIG = config_of(TASK)
PRESETS = presets_of(TASK)

GRIMM = {
    "source": "grimm-20",
    "encoder": "bigrams",
    "embedding": 0,  # one-hot
    "cell": "rnn",
    "hidden": 64,
    "layers": 1,
    "window": 50,  # truncated backpropagation over 50 steps
    "batch": 64,
    "initial_deviation": 0.02,  # N(0, 0.02), truncated
    "optimiser": "adam",
    "learning_rate": 0.001,
    "clip": 5.0,  # global norm
    "epochs": 10,  # on 20 stories; 50 on 100
}
RECIPES = {
    # Characters of Shakespeare: three LSTM layers, dropout after each.
    "shakespeare-lstm3x512": {
        "source": "gutenberg100-shakespeare",
        "encoder": "characters",
        "embedding": 0,
        "cell": "lstm",
        "layers": 3,
        "hidden": 512,
        "dropout": 0.5,
        "window": 25,
        "optimiser": "adam",
        "learning_rate": 0.001,
        "clip": 5.0,
        "batch": 128,
        "epochs": 50,
        "validation": 0.1,
    },
    # Alice by a simple RNN.
    "alice-rnn": {
        "source": "alice",
        "lower": True,
        "ascii": True,
        "join_lines": True,
        "encoder": "characters",
        "embedding": 0,
        "cell": "rnn",
        "hidden": 128,
        "layers": 1,
        "window": 10,
        "optimiser": "rmsprop",
        "batch": 128,
        "epochs": 25,
    },
    "grimm-rnn": GRIMM,
    "grimm-rnn-deep": {**GRIMM, "layers": 3},
    # A recurrent network with context features: 64 slow units beside 64 fast ones.
    "grimm-rnncf": {**GRIMM, "cell": "scrn", "context": 64, "alpha": 0.9},
    # One-hot to softmax, deep, dropout between layers.
    "words": {"encoder": "words", "cell": "lstm", "layers": 2, "dropout": 0.4},
}
PUT_RIGHT = {
    # setting -> a word of its comment: what the recipe did and is not done again; "": of the whole recipe
    "shakespeare-lstm3x512": {
        "encoder": "pickled",
        "window": "one target a window of 25, every 3 characters",
        "validation": "drawn anew each epoch",
        "test": "no test part",
    },
    "alice-rnn": {
        "": "argmax",
        "source": "licence were part of the text",
        "encoder": "unordered set",
        "window": "one target a window of 10",
    },
    "grimm-rnn": {"": "perplexity of a pair", "cell": "no biases", "batch": "noise", "validation": "trained on"},
    "grimm-rnn-deep": {"": "perplexity of a pair", "cell": "no biases", "batch": "noise", "validation": "trained on"},
    "grimm-rnncf": {"": "perplexity of a pair", "cell": "before the chunk at every step", "validation": "trained on"},
    "words": {"encoder": "spelled in characters", "cell": "bidirectional"},
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_preset_has_every_number_of_its_recipe(name):
    config = load(CONFIG, preset=PRESETS[name])
    assert {field: getattr(config, field) for field in RECIPES[name]} == RECIPES[name]


@pytest.mark.parametrize(("name", "setting"), [(name, setting) for name in PUT_RIGHT for setting in PUT_RIGHT[name]])
def test_each_deviation_stands_as_a_comment_beside_its_setting(name, setting):
    lines = [line.partition("#") for line in PRESETS[name].read_text(encoding="utf-8").splitlines()]
    comments = [comment for before, _, comment in lines if before.partition("=")[0].strip() == setting]
    assert [comment for comment in comments if PUT_RIGHT[name][setting] in comment and "put right" in comment]


def test_each_recipe_has_a_preset_and_there_is_a_default():
    assert set(PRESETS) == {*RECIPES, "default", "long"}
    assert load(CONFIG, preset=PRESETS["default"]).test == 0.1  # the last tenth, as others report it


def test_every_preset_names_only_sources_of_the_task():
    names = {"", *(source.name for source in TASK.sources)}
    assert {load(CONFIG, preset=path).source for path in PRESETS.values()} <= names


def test_sources_are_pinned_and_the_tales_are_those_of_the_list():
    sources = {source.name: source for source in TASK.sources}
    for source in sources.values():
        for file in source.files:
            assert len(file.sha256) == 64
            assert file.url.startswith("https://raw.githubusercontent.com/")
    tales = sources["grimm-209"].files
    assert [file.name for file in tales] == [f"grimm/stories/{number:03}.txt" for number in range(1, 210)]
    assert sum(file.size for file in tales) == 1_440_611
    assert sources["grimm-100"].files == tales[:100]
    assert sum(file.size for file in tales[:100]) == 890_267
    assert sources["grimm-20"].files == tales[:20]


@pytest.mark.data
def test_every_file_of_every_source_is_in_the_mirror():
    from seqtool.data.sources import fetch

    for source in TASK.sources:
        assert len(fetch(source, offline=True)) == len(source.files)


def test_the_sample_is_plain_text_with_something_to_learn_from_far_back():
    text = sample_bytes(TASK).decode("ascii")
    assert 200_000 <= len(text) <= 205_000
    tales = text.split("\nThe tale of ")
    for tale in tales[1:50]:
        name, _, thing = tale.partition("\n")[0].partition(" and the ")
        assert tale.count(name) > 1
        assert thing.split()[1] in tale.partition("\n")[2]
    assert len(set(tales)) > 0.99 * len(tales)


SMALL = ["--max-steps", "4", "--hidden", "8", "--layers", "1", "--embedding", "4", "--window", "10", "--batch", "4"]
SMALL += ["--precision", "fp32", "--device", "cpu", "--validation", "0.05"]


@pytest.fixture
def book(tmp_path, monkeypatch) -> Path:
    """A small book in a working folder of its own."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "book.txt"
    path.write_bytes(sample_bytes(TASK)[:12_000])
    return path


def test_check_says_what_the_text_is(cli, book):
    shown = cli("check", "chargen", "--data", book, "--validation", "0.05")
    assert shown.returncode == 0, shown.stderr
    assert "note sizes: 12,000 characters (training 10,200, validation 600, test 1,200); vocabulary: 4" in shown.stdout
    found = [json.loads(line) for line in cli("check", "chargen", "--sample", "--json").stdout.splitlines()]
    assert {"copies-across-splits", "sizes"} <= {one["code"] for one in found}


def test_check_says_which_files_of_a_folder_are_read(cli, tmp_path):
    folder = tmp_path / "stories"
    (folder / "drafts").mkdir(parents=True)
    for name in ("10.txt", "9.md", "cover.html"):
        (folder / name).write_text(f"The story of {name} is a short one.\n" * 40)
    answer = cli("check", "chargen", "--data", folder, "--batch", "4", "--window", "10")
    assert answer.returncode == 0, answer.stderr
    assert "note files: 2 files, one behind the other, from 9.md to 10.txt\n" in answer.stdout
    assert "note left-out: 2 others in the folder are not read: cover.html, drafts/\n" in answer.stdout
    alone = cli("check", "chargen", "--data", folder / "10.txt", "--batch", "4", "--window", "10")
    assert "note files" not in alone.stdout + alone.stderr


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        (b"", [], "the file is empty"),
        (b"a" * 900, [], "'a' again and again"),
        (b"ab" * 40, [], "shorter than one window of 100"),
        (b"ab" * 200, ["--batch", "64"], "too few for 64 streams"),
        (b"ab\x00" * 90, [], "the file is binary, not text"),
        (b"\xff" + b"ab" * 90, [], "the text is not UTF-8"),
        ("".join(map(chr, range(0x4E00, 0x4E00 + 14_000))).encode(), [], "different characters, more than 10,000"),
        (b"a bee and a fly " * 90, ["--encoder", "words", "--vocabulary", "10"], "no room for words"),
        (b"a bee and a fly " * 90, ["--encoder", "sentencepiece", "--vocabulary", "20"], "sentencepiece finds no"),
    ],
)
def test_what_cannot_be_trained_on_is_refused_before_a_run_folder_is_made(cli, book, content, options, said):
    book.write_bytes(content)
    answer = cli("train", "chargen", "--data", book, "--window", "100", "--device", "cpu", *options)
    assert answer.returncode == 2, answer.stderr
    assert said in answer.stderr
    assert len([line for line in answer.stderr.splitlines() if line.startswith(("error:", "  "))]) <= 3
    assert not list(Path("runs").glob("*/"))


def test_a_training_leaves_scores_beside_baselines_and_a_second_stands_beside_it(cli, book):
    done = cli("train", "chargen", "--data", book, *SMALL, "--out", "runs/one")
    assert done.returncode == 0, done.stderr
    assert "The model does not beat the 5-gram model and is worse" in done.stderr
    scores = json.loads(Path("runs/one/scores.json").read_text())["validation"]
    assert list(scores["whole"]) == ["model", "order-0", "5-gram", "xz"]
    assert scores["characters"] == 600
    last = json.loads(Path("runs/one/metrics.jsonl").read_text().splitlines()[-1])
    assert scores["whole"]["model"]["bits_per_character"] == pytest.approx(last["bits_per_character"], rel=1e-4)
    other = cli("train", "chargen", "--data", book, *SMALL, "--encoder", "bigrams", "--out", "runs/two")
    assert other.returncode == 0, other.stderr
    shown = cli("compare", "runs/one", "runs/two")
    assert shown.returncode == 0, shown.stderr
    assert "bits/char" in shown.stdout
    assert "the losses are in different units" in shown.stderr
    assert "scored on different" not in shown.stderr  # bits a character of the same text compare
    assert cli("train", "chargen", "--data", book, *SMALL, "--join-lines", "--out", "runs/three").returncode == 0
    assert "on one made plainer in another way: their scores cannot" in cli("compare", "runs/one", "runs/three").stderr


def test_the_file_is_scored_on_the_test_part_and_on_any_text(cli, book):
    assert cli("train", "chargen", "--data", book, *SMALL, "--lower", "--out", "runs/one").returncode == 0
    done = cli("export")
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith("next: seqtool generate chargen\n")
    test = json.loads(cli("evaluate", "--json").stdout)
    assert (test["split"], test["characters"]) == ("test", 1200)
    assert list(test["whole"]) == ["model", "order-0", "5-gram", "xz"]
    shown = cli("inspect").stdout
    assert test["verdict"][0] in shown
    text = book.read_text()[-1200:]
    other = Path("other.txt")
    other.write_text(text.upper())  # the model's text was in lower case, and so is what it reads
    again = json.loads(cli("evaluate", "--data", other, "--json").stdout)
    assert again["whole"]["model"]["bits_per_character"] == pytest.approx(
        test["whole"]["model"]["bits_per_character"], rel=1e-6
    )
    assert list(again["whole"]) == ["model", "order-0", "xz"]
    for option in (["--backtest"], ["--plot", "a.png"], ["--fail-under", "0"]):
        refused = cli("evaluate", *option)
        assert (refused.returncode, "is for forecasts" in refused.stderr) == (2, True)


def test_the_contract_of_a_task():
    small = dict(zip(("hidden", "layers", "embedding", "window", "batch"), (8, 1, 4, 10, 4), strict=True))
    check_task(TASK, **small, precision="fp32")


def test_a_folder_of_stories_is_one_text(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "stories"
    folder.mkdir()
    for number, tale in enumerate(sample_bytes(TASK).decode().split("\nThe tale of ")[:12], start=1):
        (folder / f"{number}.txt").write_text(tale)
    shown = cli("check", "chargen", "--data", folder)
    assert shown.returncode == 0, shown.stderr
    assert "note sizes:" in shown.stdout
    done = cli("train", "chargen", "--data", folder, *SMALL, "--out", "run")
    assert done.returncode == 0, done.stderr
    described = json.loads(Path("run/run.json").read_text())["data"]
    assert described["name"] == "1.txt to 12.txt (12 files)"
    assert [Path(path).name for path in described["paths"]][8:] == ["9.txt", "10.txt", "11.txt", "12.txt"]
