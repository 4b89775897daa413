"""`train --init-from` on other texts: rows go by symbols, new symbols come behind, earlier data are read again."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from seqtool.config import read_toml
from seqtool.data.encoders.symbols import Words
from seqtool.data.grams import Sizes
from seqtool.data.records import Parts
from seqtool.families.going_on import with_earlier
from seqtool.nn.affixes import Affixes
from seqtool.nn.growth import grown
from seqtool.nn.wide import Wide
from seqtool.plugins import load_task
from seqtool.task import Begun, Data, Earlier
from seqtool.task_config import TaskConfig
from seqtool.training import checkpoint

STILL = ["--learning-rate", "1e-12", "--max-steps", "1"]
"""A step so small that no weight moves."""
SHORT = ["--epochs", "1", "--max-steps", "2"]


def lines(*rows: str, times: int) -> str:
    return "".join(f"{row} {number}\n" for number in range(times) for row in rows)


TASKS = {
    "words": (
        ["translate", "--vocabulary-kind", "words", "--no-joint", "--tied", "output"],
        "".join(f"rot blau {n}\tred blue {n}\n" for n in range(40)),
        "".join(f"rot lila {n}\tred purple {n}\n" for n in range(40)),
    ),
    "pieces": (
        ["translate", "--vocabulary", "40"],
        "".join(f"rot blau {n}\tred blue {n}\n" for n in range(40)),
        "".join(f"rot lila {n}\tred purple {n}\n" for n in range(40)),
    ),
    "tied": (
        ["translate", "--vocabulary-kind", "words"],
        "".join(f"rot blau {n}\tred blue {n}\n" for n in range(40)),
        "".join(f"rot lila {n}\tred purple {n}\n" for n in range(40)),
    ),
    "characters": (["generate", "--batch", "2", "--window", "5"], "ab ba abba \n" * 40, "abc \u00e4b cab\n" * 40),
    "one-hot": (
        ["generate", "--batch", "2", "--window", "5", "--embedding", "0"], "ab ba abba \n" * 40, "abc cab\n" * 40,
    ),
    "classify": (
        ["classify", "--at-least", "1"],
        lines("good\tfine film", "bad\tdull film", times=20),
        lines("good\tfine song", "odd\tqueer film", times=20),
    ),
    "tag": (
        ["tag", "--affixes", "3", "--at-least", "1"],
        "".join(f"the/DT cat{n}/NN\n" for n in range(40)),
        "".join(f"the/DT \u00f6x{n}/NN wow/UH\n" for n in range(40)),
    ),
}  # fmt: skip
SMALL = ["--hidden", "4", "--layers", "1"]


@pytest.fixture(scope="module")
def begun(tmp_path_factory):
    """A folder with a run of each kind, `first`, and a training on other texts that begins with it, `second`."""
    from seqtool.cli import run

    folder = tmp_path_factory.mktemp("begun")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEQTOOL_CACHE", str(folder / "cache"))
        for name, (words, first, second) in TASKS.items():
            (folder / name).mkdir()
            patch.chdir(folder / name)
            Path("first.txt").write_text(first, encoding="utf-8")
            Path("second.txt").write_text(second, encoding="utf-8")
            embedding = [] if "--embedding" in words else ["--embedding", "4"]
            task, own = words[0], [*words[1:], *SMALL, *embedding]
            assert run(["train", task, "--data", "first.txt", *own, *SHORT, "--out", "first"]) == 0
            batch = own[own.index("--batch") : own.index("--batch") + 4] if "--batch" in own else []
            going_on = ["--init-from", "first", *STILL, *batch]
            assert run(["train", task, "--data", "second.txt", *going_on, "--out", "second"]) == 0
    return folder


def weights(run):
    best = checkpoint.index(run / "checkpoints").best
    return load_file(run / "checkpoints" / str(best) / "network.safetensors")


def stored(run):
    return json.loads((run / "encoders" / "encoders.json").read_text(encoding="utf-8"))


def of(run, *place):
    """Return the symbols of a stored encoder in the order of their ids; the first ids are those of no symbol."""
    value = stored(run)
    for key in place:
        value = value[key]
    first = {"token-words": 4, "vocabulary": 2, "characters": 1, "labels": 0}[value["kind"]]
    key = {"token-words": "words", "vocabulary": "tokens", "characters": "symbols", "labels": "names"}[value["kind"]]
    return [*(f"<{number}>" for number in range(first)), *value[key]]


ROWS = [
    ("words", "source_embedding.weight", 0, ("source",), {"lila"}),
    ("words", "target_embedding.weight", 0, ("target",), {"purple"}),
    ("words", "output.bias", 0, ("target",), {"purple"}),
    ("tied", "output.weight", 0, ("joint",), {"lila", "purple"}),
    ("characters", "embedding.weight", 0, ("encoder",), {"c", "\u00e4"}),
    ("characters", "output.weight", 0, ("encoder",), {"c", "\u00e4"}),
    ("one-hot", "recurrent.rnn.weight_ih_l0", 1, ("encoder",), {"c"}),
    ("classify", "embedding.weight", 0, ("encoder",), {"song", "queer"}),
    ("classify", "output.weight", 0, ("labels",), {"odd"}),
    ("tag", "embedding.weight", 0, ("words",), {"wow"}),
    ("tag", "spelling.embedding.weight", 0, ("characters",), {"\u00f6", "x", "w", "o"}),
    ("tag", "output.weight", 0, ("tags",), {"UH"}),
    ("tag", "output.bias", 0, ("tags",), {"UH"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "axis", "place", "new"), ROWS, ids=[f"{row[0]}-{row[1]}" for row in ROWS])
def test_a_known_symbol_has_the_numbers_that_it_had_and_a_new_one_has_others(begun, kind, name, axis, place, new):
    before, after = (begun / kind / run for run in ("first", "second"))
    then, now = of(before, *place), of(after, *place)
    assert new <= {*now} - {*then}
    old, young = (np.moveaxis(weights(run)[name], axis, 0) for run in (before, after))
    assert (len(old), len(young)) == (len(then), len(now))
    for symbol in then:
        np.testing.assert_allclose(young[now.index(symbol)], old[then.index(symbol)], atol=1e-6)
    for symbol in new:
        assert np.isfinite(young[now.index(symbol)]).all()


def test_pieces_stay_as_they_are(begun):
    first, second = (begun / "pieces" / run for run in ("first", "second"))
    assert stored(second)["joint"] == stored(first)["joint"]
    assert weights(first).keys() == weights(second).keys()
    for name, tensor in weights(second).items():
        np.testing.assert_allclose(tensor, weights(first)[name], atol=1e-6)


@pytest.fixture
def folder(begun, tmp_path, monkeypatch):
    """A copy of the folder of one kind of run: `folder("words")`."""

    def copy(kind):
        shutil.copytree(begun / kind, tmp_path, dirs_exist_ok=True)
        monkeypatch.chdir(tmp_path)
        return tmp_path

    return copy


def test_new_words_find_no_place_in_a_full_vocabulary_and_characters_always_do():
    words = Words((" the", "t", "h", "e", " "))
    assert words.extended([" more", "m", "o", "r", " the"], 10).symbols == (*words.symbols, "m", "o", "r", " more")
    assert words.extended([" more", "m", "o", "r"], 6).symbols == (*words.symbols, "m", "o", "r")


def test_a_linear_part_of_two_classes_answers_the_same_beside_a_third():
    old, new = Wide(Sizes(3, 1, 5, 2, True)), Wide(Sizes(4, 3, 5, 2, True))
    for name in ("tokens", "grams", "characters", "bias"):
        getattr(old, name).copy_(torch.rand(getattr(old, name).shape))
    new.load_state_dict(grown(new, old.state_dict()))
    tokens, lengths = torch.tensor([[1, 2, 1], [2, 2, 0]]), torch.tensor([3, 2])
    logits = new(tokens, lengths)
    torch.testing.assert_close(logits[:, :2], old(tokens, lengths))
    assert logits[:, 2].tolist() == [0, 0]
    # a word that came later weighs nothing, in the sum and in its length
    more = torch.tensor([[1, 2, 1, 3]])
    assert new.tokens[3].tolist() == [0, 0, 0, 0]
    torch.testing.assert_close(new.tokens[:3, 1], old.tokens[:, 0])
    torch.testing.assert_close(new.tokens[:3, 3], old.tokens[:, 1])
    assert new(more, torch.tensor([4])).shape == (1, 3)


def test_affixes_find_their_old_rows_in_a_larger_table():
    alphabet = ["", "", "a", "b", "A"]
    old, new = Affixes(alphabet, 256, 2), Affixes([*alphabet, "z"], 1024, 2)
    new.load_state_dict(grown(new, old.state_dict()))
    words, lengths = torch.tensor([[2, 3, 3, 2, 4], [4, 2, 0, 0, 0]]), torch.tensor([5, 2])
    assert not torch.equal(old.features(words, lengths), new.features(words, lengths))
    torch.testing.assert_close(new(words, lengths), old(words, lengths))


def begun_with(*runs, replay=0.0, lost=()):
    task, data = load_task("translate"), Data()
    earlier = tuple(Earlier(name, task, TaskConfig(source=name), data) for name in runs)
    return Begun("last", {}, earlier, lost, replay)


def reader(**parts):
    """Return what reads the parts of an earlier run by its name, which its configuration tells here."""
    return lambda task, config, data: parts[config.source]


def test_a_share_of_each_earlier_training_part_is_read_again_and_nothing_that_is_held_out():
    new = Parts(("n1", "n2"), ("v1", "old3"), ("t1",))
    one = Parts(tuple(f"old{n}" for n in range(10)), ("ov",), ("ot",))
    two = Parts(("x1", "x2"), ("xv",), ("n2",))
    whole = with_earlier(new, begun_with("one", "two", replay=1.0), reader(one=one, two=two), str)
    assert whole.train == ("n1", "n2", *(f"old{n}" for n in range(10) if n != 3), "x1", "x2")
    assert (whole.validation, whole.test) == (new.validation, new.test)
    told = {finding.code: finding.text for finding in whole.findings}
    assert told["held-out-was-trained"].startswith("1 of 3 records of the validation and test part stand in the")
    assert told["trained-was-held-out"].startswith("1 of 2 records that two holds out stand in the training part")
    assert "9 of 10 training records of one" in whole.findings[1].text
    half = with_earlier(new, begun_with("one", replay=0.5), reader(one=one), str)
    again = half.train[2:]
    assert len({*again}) == len(again) in (4, 5)
    assert again == with_earlier(new, begun_with("one", replay=0.5), reader(one=one), str).train[2:]
    none = with_earlier(new, begun_with("one", lost=("gone",)), reader(one=one), str)
    assert none.train == new.train
    assert "the data of gone are gone or changed" in none.findings[0].text


def test_what_is_kept_and_added_is_said_before_the_training(folder, cli):
    folder("classify")
    answer = cli("check", "classify", "--data", "second.txt", "--init-from", "first")
    assert answer.returncode == 0, answer.stderr
    known, now = (len(of(Path(run), "encoder")) - 2 for run in ("first", "second"))
    assert now > known
    assert (
        f"begun: goes on from first: keeps {known} words, adds {now - known}; keeps 2 labels, adds 1" in answer.stdout
    )
    full = cli("check", "classify", "--data", "second.txt", "--init-from", "first", "--vocabulary", str(known))
    assert f"keeps {known} words, adds 0 (--vocabulary {known} leaves no room for more); keeps 2 l" in full.stdout


def test_the_network_is_that_of_the_run_and_the_learning_rate_half_of_the_presets(folder, cli):
    folder("tag")
    own = tomllib.loads(cli("train", "tag", "--data", "second.txt", "--init-from", "first", "--show-config").stdout)
    config = read_toml(Path("first/config.toml"))
    for name in ("hidden", "layers", "embedding", "affixes", "at_least"):
        assert own[name] == config[name]
    usual = tomllib.loads(cli("train", "tag", "--data", "second.txt", "--show-config").stdout)
    assert own["learning_rate"] == usual["learning_rate"] / 2


@pytest.mark.parametrize(("words", "said"), [
    (["tag", "--init-from", "first", "--hidden", "5"], "--hidden 5 asks for another network than the run has"),
    (["tag", "--init-from", "first", "--no-bidirectional"], "than the run has: --bidirectional"),
    (["classify", "--init-from", "first"], "the run is of another family: its task is tag, a tagging model"),
    (["tag", "--replay", "0.5"], "--replay is about a run to begin with, and there is none"),
    (["tag", "--init-from", "first", "--replay", "1.5"], "--replay 1.5 is no share from 0 to 1"),
])  # fmt: skip
def test_what_cannot_go_on_is_refused_in_words(folder, cli, words, said):
    folder("tag")
    answer = cli("train", words[0], "--data", "second.txt", *words[1:], "--out", "third")
    assert answer.returncode == 2
    assert said in answer.stderr
    assert not Path("third").exists()


def test_a_replay_of_data_that_are_gone_is_refused_and_without_it_that_is_said(folder, cli):
    folder("words")
    record = json.loads(Path("first/run.json").read_text())
    record["data"]["paths"] = [str(Path("nowhere.txt").resolve())]
    Path("first/run.json").write_text(json.dumps(record))
    train = ["train", "translate", "--data", "second.txt", "--init-from", "first", *STILL]
    answer = cli(*train, "--replay", "0.1", "--out", "third")
    assert answer.returncode == 3
    assert "no such data file" in answer.stderr
    assert "bring the data of first back, or leave --replay out" in answer.stderr
    answer = cli(*train, "--out", "third")
    assert answer.returncode == 0, answer.stderr
    assert "earlier-data: the data of first are gone or changed" in answer.stderr


def test_altered_encoders_are_refused(folder, cli):
    folder("words")
    text = Path("first/encoders/encoders.json").read_text()
    Path("first/encoders/encoders.json").write_text(text.replace("blau", "grau"))
    answer = cli("train", "translate", "--data", "second.txt", "--init-from", "first", "--out", "third")
    assert "encoders.json was changed after the training" in answer.stderr


def names_of(data):
    return [[file["name"] for file in entry["files"]] for entry in data["earlier"]]


def test_a_chain_of_trainings_names_its_data_and_stands_on_its_own(folder, cli, interrupted):
    """The third training goes on without the folders of the others, is exported, and shows what came before."""
    folder("words")
    Path("third.txt").write_text("".join(f"rot neu {n}\tred new {n}\n" for n in range(40)))
    train = ["train", "translate", "--data", "third.txt", "--init-from", "second", "--replay", "0.5", "--epochs", "3"]
    train += ["--batch", "8", "--evaluate-every", "2"]
    assert cli(*train, "--out", "whole").returncode == 0
    with interrupted(5):
        assert cli(*train, "--out", "cut").returncode != 0
    for run in ("first", "second"):
        shutil.rmtree(run)
    assert cli("train", "translate", "--resume", "cut").returncode == 0
    for name, tensor in weights(Path("whole")).items():
        np.testing.assert_array_equal(weights(Path("cut"))[name], tensor)
    answer = cli("export", "cut")
    assert answer.returncode == 0, answer.stderr
    shown = cli("inspect", "cut")
    assert shown.stdout.index("third.txt") < shown.stdout.index("first.txt") < shown.stdout.index("second.txt")
    assert "50% of their training records" in shown.stdout
    data = json.loads(cli("inspect", "cut", "--json").stdout)["manifest"]["data"]
    assert names_of(data) == [["first.txt"], ["second.txt"]]
    assert {entry["parts"]["train"] == "" for entry in data["earlier"]} == {False}
    assert "paths" not in json.dumps(data)
    compared = cli("compare", "whole", "cut", "--json")
    assert {tuple(map(tuple, names_of(json.loads(line)["data"]))) for line in compared.stdout.splitlines()} == {
        (("first.txt",), ("second.txt",))
    }


def test_a_replayed_text_stands_before_the_new_one(folder, cli):
    folder("characters")
    small = ["--init-from", "first", "--batch", "2", "--window", "5", *STILL]
    answer = cli("train", "generate", "--data", "second.txt", *small, "--replay", "0.5", "--out", "third")
    assert answer.returncode == 0, answer.stderr
    assert "replay: 50% of 398 training characters of first are trained on again" in answer.stderr
    assert "(training 564, " in answer.stderr
    assert cli("export", "third").returncode == 0


def test_tags_of_another_scheme_are_written_by_that_of_the_run(write, cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("".join(f"in/O new/B-loc york{n}/I-loc !/O\n" for n in range(40)), "iob.txt")
    write("".join(f"see/O old/S-loc and/O bob{n}/B-per lee/E-per !/O\n" for n in range(40)), "bilou.txt")
    small = [*SMALL, "--embedding", "4", "--characters", "0", *SHORT]
    assert cli("train", "tag", "--data", "iob.txt", *small, "--out", "first").returncode == 0
    answer = cli("train", "tag", "--data", "bilou.txt", "--init-from", "first", *SHORT, "--out", "second")
    assert answer.returncode == 0, answer.stderr
    assert of(Path("second"), "tags") == ["B-loc", "I-loc", "O", "B-per", "I-per"]
    assert stored(Path("second"))["schemes"] == ["iob2"]


def test_pairs_that_go_the_other_way_are_refused(folder, cli):
    folder("words")
    turned = "".join(f"red blue {n}\trot blau {n}\n" for n in range(40))
    Path("turned.txt").write_text(turned)
    answer = cli("check", "translate", "--data", "turned.txt", "--init-from", "first")
    assert answer.returncode == 2
    assert "the pairs go the other way than those of the run that this training begins with" in answer.stderr
    assert "cure: --reverse" in answer.stderr
    assert cli("check", "translate", "--data", "turned.txt", "--init-from", "first", "--reverse").returncode == 0


def test_data_that_were_trained_on_twice_are_read_again_once(folder, cli):
    folder("words")
    again = ["train", "translate", "--data", "first.txt", "--init-from", "first", *STILL, "--out", "again"]
    assert cli(*again).returncode == 0
    answer = cli("check", "translate", "--data", "second.txt", "--init-from", "again", "--replay", "1")
    assert answer.stdout.count("note replay") == 1
    assert "34 of 34 training records of again are trained on again" in answer.stdout
