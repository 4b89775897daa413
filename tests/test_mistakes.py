"""What a training of a classifier or a tagger shows at each evaluation: its surest mistakes, then what is right."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import UNK, Vocabulary
from seqtool.data.records import Parts
from seqtool.data.splits import Splits
from seqtool.data.tagged import Sentence
from seqtool.families.classification import model as classification
from seqtool.families.classification import shown as texts
from seqtool.families.classification.config import ClassificationConfig
from seqtool.families.classification.encoders import ClassificationEncoders
from seqtool.families.classification.part import TextPart
from seqtool.families.mistakes import chosen
from seqtool.families.tagging import model as tagging
from seqtool.families.tagging import shown as tags
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.data import split
from seqtool.families.tagging.part import TagPart
from seqtool.runs import read_metrics

LABELS = Labels(("neg", "pos", "unheard-of"))


def places(wrong, sure):
    return chosen(np.array(wrong, dtype=bool), np.array(sure))


def test_the_surest_mistakes_come_first_and_right_records_fill_up_to_five():
    wrong, sure = [0, 1, 1, 0, 1, 1, 0, 0], [0.9, 0.5, 0.8, 0.7, 0.8, 0.6, 0.6, 1]
    assert places(wrong, sure) == [2, 4, 5, 0, 6]  # of equally sure ones the first stands first
    assert places([1, 0, 0, 0, 0, 0, 0, 0, 0], [0.6] * 9) == [0, 1, 3, 5, 7]  # right ones of the whole part
    assert places([0] * 7, [0.6] * 7) == [0, 1, 2, 3, 4]
    assert places([1] * 7, range(7)) == [6, 5, 4, 3, 2]
    assert places([1, 1, 1, 1, 1, 0], [0.5, 0.6, 0.7, 0.8, 0.9, 1]) == [4, 3, 2, 1, 5]
    assert places([0, 1], [0.9, 0.6]) == [1, 0]


def part(pairs):
    golds = LABELS.encode([label for label, _ in pairs])
    return TextPart(tuple(text for _, text in pairs), (), golds, None, LABELS)


def test_texts_stand_with_truth_answer_and_probability():
    given = part([("pos", "a fine film"), ("pos", "not bad"), ("neg", "so dull"), ("unheard-of", "odd")])
    block, line = texts.shown(given, np.array([1, 0, 1, 1]), np.array([0.75, 0.61, 0.98765, 0.55]), "step 7")
    assert block == (
        "--- step 7: 3 of 4 texts wrong ---\n"
        "text    so dull\ntruth   neg\nanswer  pos 0.9877, wrong\n\n"
        "text    not bad\ntruth   pos\nanswer  neg 0.6100, wrong\n\n"
        "text    odd\ntruth   unheard-of\nanswer  pos 0.5500, wrong\n\n"
        "text    a fine film\ntruth   pos\nanswer  pos 0.7500\n\n"
    )
    assert line == "  so dull -> pos 0.9877, truth neg"


def test_an_evaluation_without_a_mistake_says_so():
    given = part([("pos", "a fine film"), ("neg", "so dull")])
    block, line = texts.shown(given, np.array([1, 0]), np.array([0.75, 0.61]), "step 7")
    assert block.startswith("--- step 7: 0 of 2 texts wrong ---\ntext    a fine film\n")
    assert "wrong\n" not in block
    assert line == "  no mistake in 2 texts"


def test_a_text_is_one_printable_line_that_keeps_both_ends():
    long = "the beginning " + "word " * 1000 + "the end"
    given = part([("pos", "a\ttab\x1b[2J\u202eand\nmore"), ("pos", long)])
    block, line = texts.shown(given, np.array([0, 0]), np.array([0.9, 0.8]), "step 7")
    assert "text    a\\ttab\\x1b[2J\\u202eand\\nmore\n" in block
    assert all(character.isprintable() for character in block.replace("\n", ""))
    assert line == "  a\\ttab\\x1b[2J\\u202eand\\nmore -> neg 0.9000, truth pos"
    (cut,) = re.findall("text    (the beginning.*the end)\n", block)
    assert len(cut) == texts.TEXT
    alone = texts.shown(part([("pos", long)]), np.array([0]), np.array([0.9]), "step 7")[1]
    assert re.fullmatch(r"  the beginning.*….*the end -> neg 0\.9000, truth pos", alone)
    assert len(alone) < 110


def test_the_objective_of_texts_shows_what_it_evaluated_and_asks_the_network_once(tmp_path):
    torch.manual_seed(0)
    config, vocabulary = ClassificationConfig(embedding=3, hidden=2), Vocabulary(("good", "bad"))
    encoders = ClassificationEncoders(vocabulary, Labels(("neg", "pos")))
    network = classification.Classifier(config, vocabulary.size, 2, UNK).eval()
    with torch.no_grad():
        network.output.weight.zero_()
        network.output.bias.copy_(torch.tensor([0.0, np.log(3)]))  # whatever it reads: pos with 3 to 1
    ids = (np.array([2]), np.array([3, 3]), np.array([3]))
    validation = TextPart(("good", "bad bad", "bad"), ids, np.array([1, 0, 0]), None, encoders.labels)
    objective = classification.Objective(
        network, Splits(validation, validation, validation, encoders), torch.device("cpu")
    )
    calls = []
    network.register_forward_pre_hook(lambda module, inputs: calls.append(len(inputs[0])))
    objective.evaluate()
    asked = len(calls)
    assert objective.show(tmp_path, 3) == "  bad bad -> pos 0.7500, truth neg"
    assert len(calls) == asked
    first = (tmp_path / "samples.txt").read_text(encoding="utf-8")
    assert first.startswith("--- step 3: 2 of 3 texts wrong ---\ntext    bad bad\n")
    objective.show(tmp_path, 6)
    assert (tmp_path / "samples.txt").read_text(encoding="utf-8") == first + first.replace("step 3", "step 6")


def test_words_stand_with_their_tags_and_wrong_ones_with_the_truth_too():
    given = TagPart((("the", "can"), ("we", "can", "fish"), ("oh",)), (("D", "N"), ("P", "V", "V"), ("X",)))
    names = ("D", "N", "P", "V")
    answers = [np.array([0, 3]), np.array([2, 1, 1]), np.array([0])]
    chances = [np.array([1.0, 0.6]), np.array([1.0, 0.5, 0.987]), np.array([0.4])]
    block, line = tags.shown(given, Labels(names), list(zip(answers, chances, strict=True)), 7)
    assert block == (
        "--- step 7: 4 of 6 words wrong, in 3 of 3 sentences ---\n"
        "we/P [can/N 0.50, truth V] [fish/N 0.99, truth V]\n"
        "the/D [can/V 0.60, truth N]\n"
        "[oh/D 0.40, truth X]\n\n"
    )
    assert line == "  we/P [can/N 0.50, truth V] [fish/N 0.99, truth V]"


def test_sentences_without_a_mistake_and_with_odd_words_are_shown():
    given = TagPart((("a\tb", "\x1b[2J"), ("x",)), (("D", "N"), ("D",)))
    answered = [(np.array([0, 1]), np.array([0.9, 0.9])), (np.array([0]), np.array([0.9]))]
    block, line = tags.shown(given, Labels(("D", "N")), answered, 7)
    assert block == "--- step 7: 0 of 3 words wrong, in 0 of 2 sentences ---\na\\tb/D \\x1b[2J/N\nx/D\n\n"
    assert line == "  no mistake in 3 words"


def test_of_a_long_sentence_the_words_around_its_surest_mistake_are_shown():
    words = tuple(f"w{number}" for number in range(1000))
    gold = ["D"] * 1000
    gold[500] = gold[900] = "N"
    sure = np.full(1000, 0.99)
    sure[900] = 0.7
    block, line = tags.shown(TagPart((words,), (tuple(gold),)), Labels(("D", "N")), [(np.zeros(1000, int), sure)], 7)
    (sentence,) = block.splitlines()[1:-1]
    assert sentence.startswith("… w480/D ")
    assert "[w500/D 0.99, truth N]" in sentence
    assert sentence.endswith(" w519/D …")
    assert line == "  … w498/D w499/D [w500/D 0.99, truth N] w501/D w502/D …"


def test_the_objective_of_tags_shows_what_it_evaluated_and_asks_the_network_once(tmp_path):
    rows = ("the/D cat/N sat/V", "a/D cat/N", "oddly/R cat/N")
    pairs = [[item.split("/") for item in row.split()] for row in rows]
    sentences = tuple(Sentence(tuple(w for w, _ in row), tuple(t for _, t in row), 1) for row in pairs)
    config = TaggingConfig(embedding=4, characters=3, character_hidden=3, hidden=5)
    splits = split(Parts(sentences[:2], sentences, sentences), config)
    network = tagging.network(config, splits.encoders).eval()
    with torch.no_grad():
        network.output.weight.zero_()
        network.output.bias.copy_(torch.tensor([0.0, np.log(2), 0.0]))  # D N V: whatever it reads, N with 2 to 1 to 1
    objective = tagging.Objective(network, splits, torch.device("cpu"))
    calls = []
    network.register_forward_pre_hook(lambda module, inputs: calls.append(1))
    assert objective.evaluate()["error"] == pytest.approx(4 / 7)
    asked = len(calls)
    assert objective.show(tmp_path, 3) == "  [the/N 0.50, truth D] cat/N [sat/N 0.50, truth V]"
    assert len(calls) == asked
    assert (tmp_path / "samples.txt").read_text(encoding="utf-8") == (
        "--- step 3: 4 of 7 words wrong, in 3 of 3 sentences ---\n"
        "[the/N 0.50, truth D] cat/N [sat/N 0.50, truth V]\n"
        "[a/N 0.50, truth D] cat/N\n"
        "[oddly/N 0.50, truth R] cat/N\n\n"
    )


SMALL = {"sentiment": ["--wide", "0"], "pos": ["--characters", "3", "--layers", "1"]}


@pytest.mark.parametrize("task", SMALL)
def test_a_run_keeps_samples_of_each_evaluation_the_same_when_it_was_killed(
    cli, tmp_path, monkeypatch, task, interrupted
):
    monkeypatch.chdir(tmp_path)
    small = ["train", task, "--sample", "--hidden", "5", "--embedding", "4", "--max-steps", "6", *SMALL[task]]
    small += ["--evaluate-every", "3"]
    answer = cli(*small, "--out", "whole")
    assert answer.returncode == 0, answer.stderr
    text = Path("whole/samples.txt").read_text(encoding="utf-8")
    assert re.findall(r"^--- step (\d+): \d", text, re.M) == ["3", "6"]
    assert [line["step"] for line in read_metrics(Path("whole"))] == [3, 6]
    assert "truth" in answer.stderr
    assert len(text) < 10_000
    with interrupted(5):  # after the evaluation of step 3, before its next
        assert cli(*small, "--out", "cut").returncode != 0
    assert cli("train", task, "--resume", "cut").returncode == 0
    assert Path("cut/samples.txt").read_text(encoding="utf-8") == text


def test_the_samples_of_a_network_beside_a_linear_part_say_whose_answers_they_are(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ["--hidden", "4", "--embedding", "4", "--max-steps", "3"]
    assert cli("train", "sentiment", "--sample", *small, "--out", "run").returncode == 0
    assert Path("run/samples.txt").read_text(encoding="utf-8").startswith("--- step 3, the network alone: ")
