"""The likeliest tags and sets of tags: coverage by simulation, answers beside those of the graph, what is refused."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

import seqtool
from seqtool.cli import run
from seqtool.errors import UsageError
from seqtool.families.tagging.candidates import Candidates
from seqtool.families.tagging.conformal import STEPS, Calibration, measured, needed, true_chances
from seqtool.families.tagging.encoders import Answer, outputs

OLDER = Path(__file__).parent / "models" / "tiny-pos.onnx"
KINDS = 6


def simulated(dice, count):
    """Sentences of unequal length, some of them hard in all of their words: answers, and the true tags."""
    answers, gold = [], []
    for _ in range(count):
        length, hardness = int(dice.integers(1, 15)), dice.gamma(0.5)
        truth = dice.integers(0, KINDS, length)
        logits = dice.normal(0, 1 + hardness / 2, (length, KINDS))
        logits[np.arange(length), truth] += 2.5
        chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        ids = chances.argmax(axis=1)
        answers.append(Answer(ids, chances.max(axis=1).astype(np.float32), chances.astype(np.float32)))
        gold.append(truth)
    return answers, gold


def held(calibration, answer, gold, level):
    return calibration.sets(answer, level)[np.arange(len(gold)), gold].mean()


@pytest.mark.parametrize("level", [0.8, 0.9, 0.99])
def test_sets_hold_the_true_tags_of_as_many_words_as_asked_by_sentence(level):
    dice = np.random.default_rng(5)
    shares, sizes = [], []
    for _ in range(120):
        answers, gold = simulated(dice, 160)
        calibration = Calibration.of(answers[:130], gold[:130])
        calibration = Calibration.from_json(json.loads(json.dumps(calibration.to_json())))
        own = [held(calibration, *pair, level) for pair in zip(answers[130:], gold[130:], strict=True)]
        shares.append(np.mean(own))
        sizes.append(np.mean([calibration.sets(answer, level).sum(axis=1).mean() for answer in answers[130:]]))
    error = np.std(shares) / len(shares) ** 0.5
    assert np.mean(shares) >= level - 3 * error
    assert np.mean(shares) <= level + 0.03  # and not by naming all of them
    assert level > 0.9 or np.mean(sizes) < KINDS - 1


def test_the_threshold_is_worked_by_hand():
    # two sentences; a word of the first weighs 1/4, the one of the second 1/2
    chances = np.array([[0.1, 0.9], [0.6, 0.4], [0.3, 0.7]], np.float32)
    first = Answer(np.array([1, 0]), np.array([0.9, 0.6], np.float32), chances[:2])
    second = Answer(np.array([1]), np.array([0.7], np.float32), chances[2:])
    gold = [np.array([0, 0]), np.array([1])]
    assert np.concatenate([*map(true_chances, [first, second], gold)]).tolist() == pytest.approx([0.1, 0.6, 0.7])
    least = Calibration.of([first, second], gold).least
    # lost: none, then the word of 0.1 (1/4), that of 0.6 (2/4), that of 0.7 (all)
    wanted = {0: 0.1, 249: 0.1, 250: 0.6, 499: 0.6, 500: 0.7, 999: 0.7, 1000: 2.0}
    assert {risk: least[risk] for risk in wanted} == pytest.approx(wanted, abs=1e-6)
    assert least[0] <= chances[0, 0]  # rounded down: the word whose probability it is stays held
    assert len(least) == STEPS + 1


def test_a_word_at_the_threshold_is_held_whatever_its_digits():
    dice = np.random.default_rng(1)
    for _ in range(50):
        answers, gold = simulated(dice, 20)
        calibration = Calibration.of(answers, gold)
        for level in (0.6, 0.8, 0.95):
            lost = 1 - np.mean([held(calibration, *pair, level) for pair in zip(answers, gold, strict=True)])
            assert lost <= (21 * (1 - level) - 1) / 20 + 1e-9 or lost == 0


def test_a_level_that_so_few_sentences_cannot_tell_gives_all_tags():
    answers, gold = simulated(np.random.default_rng(0), 50)
    calibration = Calibration.of(answers, gold)
    assert all(calibration.sets(answer, 0.99).all() for answer in answers)  # 51 * 0.01 < 1
    assert not all(calibration.sets(answer, 0.97).all() for answer in answers)


def test_the_level_that_is_measured_is_one_that_half_of_the_sentences_can_tell():
    for count, level in ((400, 0.99), (198, 0.99), (196, 0.95), (60, 0.95), (30, 0.9)):
        assert measured(*simulated(np.random.default_rng(1), count))["level"] == level
    assert [needed(level) for level in (0.5, 0.9, 0.95, 0.99, 0.999)] == [1, 9, 19, 99, 999]


def test_sets_hold_the_answer_even_where_it_is_not_the_likeliest():
    dice = np.random.default_rng(3)
    answers, gold = simulated(dice, 300)
    calibration = Calibration.of(answers, gold)
    for answer in answers:
        ids = dice.integers(0, KINDS, len(answer.ids))
        for level in (0.01, 0.5, 0.9):
            assert calibration.sets(answer._replace(ids=ids), level)[np.arange(len(ids)), ids].all()


def test_tags_that_training_never_had_widen_the_sets():
    answers, gold = simulated(np.random.default_rng(0), 200)
    odd = [ids if n % 4 else np.full_like(ids, -1) for n, ids in enumerate(gold)]
    calibration = Calibration.of(answers, odd)
    assert all(calibration.sets(answer, 0.9).all() for answer in answers)  # a quarter can never be held
    assert not all(calibration.sets(answer, 0.6).all() for answer in answers)


def test_what_is_measured_is_near_the_level():
    found = measured(*simulated(np.random.default_rng(2), 400), level=0.9)
    assert found["level"] == 0.9
    assert found["coverage"] == pytest.approx(0.9, abs=0.03)
    assert 1 <= found["mean_size"] < KINDS


def test_calibrations_are_stored_and_damaged_ones_are_none():
    calibration = Calibration.of(*simulated(np.random.default_rng(0), 80))
    stored = json.loads(json.dumps(calibration.to_json(), allow_nan=False))
    again = Calibration.from_json(stored)
    assert again.sentences == 80
    np.testing.assert_array_equal(again.least, calibration.least)
    assert again.to_json() == stored
    for damaged in (
        None, [], 3, {}, {"least": stored["least"]}, stored | {"sentences": 0}, stored | {"sentences": "80"},
        stored | {"sentences": 1 << 60}, stored | {"least": stored["least"][1:]}, stored | {"least": "x"},
        stored | {"least": ["x", *stored["least"][1:]]}, stored | {"least": [None, *stored["least"][1:]]},
        stored | {"least": [float("nan"), *stored["least"][1:]]}, stored | {"least": [[0], *stored["least"][1:]]},
    ):  # fmt: skip
        assert Calibration.from_json(damaged) is None
        for scores in ({"test": {"calibration": damaged}}, {"test": {"calibration": stored, "more": 3}}, {"test": 3}):
            with pytest.raises(UsageError, match="no probabilities of a test part"):
                Candidates([("A", "B"), ("C", "D")], 0, 0.9, scores)


SMALL = ["--max-steps", "40", "--hidden", "8", "--layers", "1", "--embedding", "8", "--characters", "0",
         "--evaluate-every", "40", "--learning-rate", "0.02", "--test", "0.3"]  # fmt: skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with `model.onnx`, which gives entities and parts of speech; `bare.onnx` has no scores."""
    folder, dice = tmp_path_factory.mktemp("sets"), random.Random(0)
    rows = []
    for number in range(300):
        for _ in range(dice.randint(1, 3)):
            name = dice.choice(["Ann", "Bob", "Rome"])
            rows += [f"the D O\nn{dice.randrange(20)} N O\nsaw {dice.choice('VN')} O\n{name} P B-x\nLee P I-x\n"]
        rows += [f"only{number} N O\n\n"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("a.txt").write_text("".join(rows))
        columns = ["--tag-column", "3,2", "--field", "ner,pos"]
        assert run(["train", "tag", "--data", "a.txt", *columns, *SMALL, "--out", "run"]) == 0
        assert run(["export", "run", "--out", "model.onnx"]) == 0
        assert run(["export", "run", "--no-scores", "--out", "bare.onnx"]) == 0
    return folder


LINES = ["the n3 saw Ann Lee .", "Rome", "", "unheard Bob Lee saw the the n1"]


@pytest.fixture
def told(seqtool_cmd, trained):
    """Return `told("--top", "2")`: the objects for `LINES`, or for a text."""

    def tag(*options, stdin=""):
        stdin = stdin or "".join(f"{line}\n" for line in LINES)
        done = seqtool_cmd("tag", "-m", trained / "model.onnx", "--json", *options, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return tag


def of_graph(runner, words):
    """The probabilities [T,C] of each field, straight from the graph."""
    fed = {"tokens": runner.encoders.words.encode(words)[None], "lengths": np.array([len(words)], np.int32)}
    given = runner.model.run(fed)
    return {name: given[outputs(field).chances][0] for field, name in enumerate(runner.fields)}


def test_the_likeliest_tags_are_those_of_the_graph(told, trained):
    runner, plain = seqtool.load(trained / "model.onnx"), told()
    for line, without, found in zip(LINES, plain, told("--top", "2", "--sets", "0.95"), strict=True):
        if not line:
            assert found == without == {}
            continue
        words, chances = line.split(" "), of_graph(runner, line.split(" "))
        assert {key: value for key, value in found.items() if key not in ("top", "sets", "fields")} == {
            key: value for key, value in without.items() if key != "fields"
        }
        assert {key: found[key] for key in ("tags", "scores", "top", "sets")} == found["fields"]["ner"]
        for name, names in runner.fields.items():
            own = found["fields"][name]
            assert len(own["top"]) == len(own["sets"]) == len(words)
            for place, (top, held_tags) in enumerate(zip(own["top"], own["sets"], strict=True)):
                best = np.argsort(-chances[name][place], kind="stable")
                assert [*top] == [names[number] for number in best[:2]]
                assert [*top.values()] == pytest.approx(chances[name][place][best[:2]], abs=6e-5)
                assert own["tags"][place] in held_tags
                assert held_tags == [names[number] for number in best if names[number] in held_tags]


def test_sets_of_python_are_those_of_the_file_s_calibration(told, trained):
    runner = seqtool.load(trained / "model.onnx")
    reports = [runner.scores["test"], *runner.scores["test"]["more"]]
    texts = [line for line in LINES if line]
    answers = runner.tag(texts, top=3, sets=0.95)
    assert answers[0].top is not None
    assert runner.tag(texts)[0].top is runner.tag(texts)[0].sets is None
    shown = [line for line in told("--sets", "0.95") if line]
    wider = 0
    for text, answer, line in zip(texts, answers, shown, strict=True):
        for field, (name, names) in enumerate(runner.fields.items()):
            calibration, chances = reports[field]["calibration"], of_graph(runner, text.split(" "))[name]
            count = calibration["sentences"]
            least = calibration["least"][int(((count + 1) * 0.05 - 1) / count * STEPS)]
            own = runner.by_field(answer)[name]
            assert line["fields"][name]["sets"] == own.sets
            for place, held_tags in enumerate(own.sets):
                flags = {tag for tag, chance in zip(names, chances[place], strict=True) if chance >= least}
                assert {*held_tags} == flags | {own.tags[place]}
                wider += len(held_tags) > 1
    assert wider  # what saw is nobody knows
    assert answers[1].sets == runner.tag([["Rome"]], sets=0.95)[0].sets


def test_they_stand_beside_raw_text_and_entities(told):
    (line,) = told("--tokenize", "--spans", "--top", "1", "--sets", "0.9", stdin="The n3 saw Ann Lee. Rome saw!\n")
    assert len(line["sentences"]) == 2
    assert len(line["words"]) == 9
    for own in (line, *line["fields"].values()):
        assert len(own["top"]) == len(own["sets"]) == len(own["tags"]) == 9
    assert [next(iter(word)) for word in line["fields"]["pos"]["top"]] == line["fields"]["pos"]["tags"]
    assert {"spans", "starts"} <= {*line}
    (other,) = told("--field", "pos", "--top", "1", stdin="the n3\n")
    assert other["top"] == other["fields"]["pos"]["top"]
    assert "sets" not in other


def test_a_level_that_the_test_part_cannot_tell_is_said(seqtool_cmd, trained):
    """All tags for each word look like an answer."""
    command = ("tag", "-m", trained / "model.onnx", "--json", "--sets")
    said = {level: seqtool_cmd(*command, level, stdin="Ann\n").stderr for level in ("0.9", "0.999")}
    assert "every set holds all tags" not in said["0.9"]
    assert "every set holds all tags: 0.999 takes a test part of 999 sentences" in said["0.999"]


REFUSED = {
    "words alone": (["--top", "2"], "word/TAG has room for one", "--json"),
    "sets of words alone": (["--sets", "0.9"], "word/TAG has room for one", "--json"),
    "spans alone": (["--spans", "--sets", "0.9"], "--spans writes entities, not words", "--json"),
    "conllu": (["--conllu", "--sets", "0.9"], "--sets cannot go with it", "leave one of them out"),
    "level 0": (["--json", "--sets", "0"], "level of sets 0.0 is not a probability", "such as 0.99"),
    "level 1": (["--json", "--sets", "1"], "level of sets 1.0 is not a probability", "such as 0.99"),
    "no number": (["--json", "--sets", "nan"], "level of sets nan is not", "such as 0.99"),
    "none of the likeliest": (["--json", "--top", "0"], "top", ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_told_is_refused(cli, trained, name):
    options, said, cure = REFUSED[name]
    answer = cli("tag", "-m", trained / "model.onnx", *options)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert cure in answer.stderr
    assert answer.stdout == ""


@pytest.mark.parametrize(("file", "options", "said", "cure"), [
    ("bare", ["--sets", "0.9"], "has no probabilities of a test part", "export the run again, with its scores"),
    ("older", ["--sets", "0.9"], "has the probability of the answered tag alone", "export the run again"),
    ("older", ["--top", "2"], "has the probability of the answered tag alone", "export the run again"),
])  # fmt: skip
def test_files_that_cannot_tell_say_so_before_any_answer(cli, trained, monkeypatch, file, options, said, cure):
    monkeypatch.setattr("sys.stdin", None)  # nothing is read
    answer = cli("tag", "-m", OLDER if file == "older" else trained / "bare.onnx", "--json", *options)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert said in answer.stderr
    assert f"cure: {cure}" in answer.stderr


def test_a_file_without_scores_still_names_the_likeliest(trained):
    (answer,) = seqtool.load(trained / "bare.onnx").tag(["Ann Lee"], top=1)
    assert [[*word] for word in answer.top] == [[tag] for tag in answer.tags]
    runner = seqtool.load(OLDER)
    for options in ({"top": 1}, {"sets": 0.9}):
        with pytest.raises(UsageError):
            runner.tag(["the cat"], **options)
    with pytest.raises(UsageError, match="the -1 likeliest tags"):
        seqtool.load(trained / "bare.onnx").tag(["the cat"], top=-1)
