"""Bad pairs, and settings that no translator can have: refused by `check`, `train` and `evaluate` in words."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from seqtool.data.encoders.sides import TranslationEncoders
from seqtool.data.encoders.vocabulary import TokenWords
from seqtool.families.translation.config import TranslationConfig
from seqtool.families.translation.data import held_out
from seqtool.families.translation.sample import sample as simulated_pairs
from seqtool.families.translation.scores import score_again
from seqtool.reads import DataFile
from seqtool.task import Task

MODEL = Path(__file__).parent / "models" / "tiny-nmt.onnx"
PAIRS = [line.split("\t") for line in simulated_pairs(120).decode().splitlines()]
GERMAN, ENGLISH = ([pair[side] for pair in PAIRS] for side in (0, 1))
SMALL = ["--vocabulary", "100", "--set", "validation=0.1", "--set", "test=0.1"]
TRAINED = ["--hidden", "8", "--embedding", "8", "--layers", "1", "--max-steps", "2", "--precision", "fp32"]
WORDS = ["--vocabulary-kind", "words", "--no-joint", "--tied", "none"]
PARTS = ["--src", "train=de", "--tgt", "train=en"]
BOTH = ["--src", "de", "--tgt", "en"]


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """A folder of good pairs and of bad ones."""
    monkeypatch.chdir(tmp_path)
    laid = {
        "de": GERMAN,
        "en": ENGLISH,
        "en-cut": ENGLISH[:60] + ENGLISH[61:],
        "de-dev": GERMAN[:20],
        "en-dev": ENGLISH[:20],
        "vocab.de": sorted({word for line in GERMAN for word in line.split()}),
        "vocab.en": sorted({word for line in ENGLISH for word in line.split()}),
        "vocab.no": ["<unk>", "<s>", "</s>", "nothing", "of", "it"],
        "long": ["Hund " * 10_000] * 120,
    }
    for name, lines in laid.items():
        Path(name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def vocabularies(source: str, target: str) -> list[str]:
    return ["--src", f"vocabulary={source}", "--tgt", f"vocabulary={target}", *WORDS]


DATA = {
    "unequal files": (["--src", "de", "--tgt", "en-cut"], ["de has 120 lines and en-cut 119", "at about line 6"]),
    "one side alone": (["--src", "de"], ["source files: 1, target files: 0", "give --src FILE and --tgt FILE"]),
    "one part of one side": (
        [*PARTS, "--tgt", "test=en-dev"],
        ["the part test: source files: 0, target files: 1", "--src test=FILE"],
    ),
    "one file for both": (["--src", "de", "--tgt", "de"], ["one file is given twice"]),
    "no table": (["--data", "de"], ["no tab between a source and its target", "--src and --tgt"]),
    "a validation part the wrong way round": (
        [*PARTS, "--src", "validation=en-dev", "--tgt", "validation=de-dev"],
        ["the validation part is the wrong way round", "exchange the two sides"],
    ),
    "a test part the wrong way round": (
        [*PARTS, "--src", "test=en-dev", "--tgt", "test=de-dev"],
        ["the test part is the wrong way round", "exchange the two sides"],
    ),
    "all of it the wrong way round": (
        ["--src", "en", "--tgt", "de", *vocabularies("vocab.de", "vocab.en")],
        ["does not fit", "of the source side", "vocab.de", "exchange the two sides"],
    ),
    "a vocabulary of something else": (
        [*BOTH, *vocabularies("vocab.no", "vocab.en")],
        ["it lacks 100% of the words of the source side", "vocab.no", "give one made of such text, or none"],
    ),
    "another one when turned": (
        [*BOTH, "--reverse", *vocabularies("vocab.no", "vocab.en")],
        ["it lacks 100% of the words of the target side", "vocab.no"],
    ),
    "text for a vocabulary": ([*BOTH, *vocabularies("de", "vocab.en")], ["line 1 holds several words"]),
    "a vocabulary of pieces": ([*BOTH, "--src", "vocabulary=vocab.de"], ["--vocabulary-kind words --no-joint"]),
    "a vocabulary below the characters": ([*BOTH, "--vocabulary", "10"], ["no vocabulary of 10 pieces", "at least"]),
    "no line short enough": (["--src", "long", "--tgt", "en"], ["every pair of a part has a side of more than 4,000"]),
    "nothing short enough": ([*BOTH, "--longest", "1"], ["training pairs are too long", "--longest 1"]),
    "units that two directions cannot share": ([*BOTH, "--hidden", "7"], ["7 units cannot be shared", "--no-bidir"]),
    "one set of vectors, two vocabularies": ([*BOTH, "--no-joint"], ["cannot share their vectors", "--tied output"]),
    "nothing to feed": ([*BOTH, "--attention", "none", "--input-feeding"], ["nothing to feed", "--no-input-feeding"]),
}


@pytest.mark.parametrize("command", ["check", "train"])
@pytest.mark.parametrize("case", DATA)
def test_bad_pairs_and_settings_are_refused_by_check_and_train_alike(refused, here, command, case):
    options, said = DATA[case]
    small = [] if "--hidden" in options or command == "check" else TRAINED
    refused(command, "nmt", *SMALL, *small, *options, code=2, said=said)


def test_the_cure_for_a_vocabulary_of_ones_own_works_at_once(here, cli):
    given = ["check", "nmt", *BOTH, "--src", "vocabulary=vocab.de", "--tgt", "vocabulary=vocab.en"]
    refusal = cli(*given)
    assert refusal.returncode == 2
    cure = refusal.stderr.partition("cure: ")[2].partition(",")[0].split()
    assert cli(*given, *cure).returncode == 0


def test_a_pipe_is_no_file_to_train_on(refused, here):
    reads, writes = os.pipe()
    os.close(writes)
    said = ["a training reads its data several times", f"/dev/fd/{reads}", "write it into a file"]
    refused("train", "nmt", *TRAINED, "--data", f"/dev/fd/{reads}", code=2, said=said)
    os.close(reads)


EVALUATED = {
    "unequal files": (["--src", "de", "--tgt", "en-cut"], ["de has 120 lines and en-cut 119"]),
    "one side alone": (["--src", "de"], ["source files: 1, target files: 0", "give --src FILE and --tgt FILE"]),
    "no table": (["--data", "de"], ["no tab between a source and its target"]),
    "a question for forecasts": ([*BOTH, "--fail-under", "0"], ["--fail-under is for forecasts"]),
}


@pytest.mark.parametrize("case", EVALUATED)
def test_bad_pairs_are_refused_by_evaluate_too(refused, here, case):
    options, said = EVALUATED[case]
    refused("evaluate", MODEL, *options, code=2, said=said)


def test_what_is_left_out_of_an_evaluation_is_said(here, cli):
    lines = [*ENGLISH[:7], "", "dog " * 10_000, *ENGLISH[9:]]
    Path("odd").write_text("\n".join(lines) + "\n")
    done = cli("evaluate", MODEL, "--src", "test=de", "--tgt", "test=odd", "--json")
    assert json.loads(done.stdout)["pairs"] == 118
    assert "1 line with an empty target, line 8: left out" in done.stderr
    assert "1 pair has a side of more than 4,000 characters, the first is line 9: left out" in done.stderr


def test_an_evaluation_the_wrong_way_round_is_said(here, capsys):
    # a decoder writes English, come what may
    english = dict(zip([*GERMAN, *ENGLISH], [*ENGLISH, *ENGLISH], strict=True))
    encoders = TranslationEncoders(TokenWords(()), TokenWords(()))
    for source, target in (("de", "en"), ("en", "de")):
        files = (DataFile(Path(source), side="source"), DataFile(Path(target), side="target"))
        config = TranslationConfig()
        part, _ = held_out(Task("nmt", "", "translation"), config, encoders, files)
        report = score_again(lambda texts: [english[text] for text in texts], part, encoders, None, config, "here")
        assert report.pairs == 120
        assert ("are the two sides exchanged?" in capsys.readouterr().err) == (source == "en")


def test_one_line_of_10_000_words_does_not_hold_up_the_training(here, cli):
    for side, word in (("de", "Hund "), ("en", "dog ")):
        Path(f"{side}-dev").write_text("\n".join([*(GERMAN if side == "de" else ENGLISH)[:9], word * 10_000]) + "\n")
    parts = [*PARTS, "--src", "validation=de-dev", "--tgt", "validation=en-dev"]
    done = cli("train", "nmt", *SMALL, *TRAINED, *parts, "--out", "my run")
    assert (done.returncode, done.stdout) == (0, "my run\n")
    assert "next: seqtool export 'my run'" in done.stderr
    assert "warning: long-lines: 1 pair has a side of more than 4,000 characters" in done.stderr
    assert json.loads(Path("my run/scores.json").read_text())["validation"]["pairs"] == 9
