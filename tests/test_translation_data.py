"""Pairs of a translator: parts, vocabularies, what is left out, what is refused."""

from __future__ import annotations

import dataclasses
import os
import random
from pathlib import Path

import numpy as np
import pytest

from seqtool.data.encoders.vocabulary import EOS, UNK
from seqtool.data.pairs import Pair
from seqtool.errors import DataError, UsageError
from seqtool.families.translation.config import TranslationConfig
from seqtool.families.translation.data import check, held_out, joined, load, read
from seqtool.reads import DataFile, Read
from seqtool.task import Data, Task

TASK = Task("tiny", "", "translation")
CONFIG = TranslationConfig(vocabulary=60, validation=0.2, test=0.2)
WORDS = dataclasses.replace(CONFIG, vocabulary_kind="words", joint=False, tied="output", vocabulary=100)


def lines(count: int) -> list[tuple[str, str]]:
    return [
        (f"der {'sehr ' * (n % 4)}Hund Nummer {n} bellt", f"the {'very ' * (n % 4)}dog barks {n}") for n in range(count)
    ]


def table(folder: Path, pairs: list[tuple[str, str]], name: str = "pairs.tsv") -> DataFile:
    path = folder / name
    path.write_text("".join(f"{source}\t{target}\n" for source, target in pairs), encoding="utf-8")
    return DataFile(path)


@pytest.fixture
def data(tmp_path) -> Data:
    return Data((table(tmp_path, lines(50)),))


def codes(found):
    return {one.code: one for one in found}


def test_pairs_are_encoded_with_the_end_of_each_source(data):
    splits = load(TASK, CONFIG, data)
    assert [len(part.pairs) for part in (splits.train, splits.validation, splits.test)] == [30, 10, 10]
    assert splits.encoders.source is splits.encoders.target
    for part in (splits.train, splits.validation, splits.test):
        for pair, source, target in zip(part.pairs, part.source, part.target, strict=True):
            assert source[-1] == EOS
            assert (source[:-1] > EOS).all()
            assert splits.encoders.source.decode(source) == pair.source
            assert splits.encoders.target.decode(target) == pair.target
    assert splits.validation.size == sum(len(ids) + 1 for ids in splits.validation.target)
    whole = joined(CONFIG, splits)
    assert len(whole.train.pairs) == len(whole.train.source) == 40
    assert whole.test == splits.test


def test_the_direction_can_be_turned(data):
    reverse = dataclasses.replace(CONFIG, reverse=True)
    straight, turned = load(TASK, CONFIG, data), load(TASK, reverse, data)
    assert turned.train.pairs[0].source.startswith("the ")
    assert straight.train.pairs[0].source.startswith("der ")
    part, findings = held_out(TASK, reverse, turned.encoders, data.files)
    assert (part.pairs[0].target, len(part.pairs)) == ("der Hund Nummer 0 bellt", 50)
    assert [finding.code for finding in findings] == ["format"]


@pytest.mark.parametrize("reverse", [False, True])
def test_files_named_after_languages_are_scored_in_the_direction_of_the_model(tmp_path, reverse):
    for code, text in (("de", "der Hund {} bellt"), ("en", "the dog {} barks")):
        (tmp_path / f"a.{code}").write_text("".join(text.format(place) + "\n" for place in range(50)))

    def sides(source, target):
        return (DataFile(tmp_path / f"a.{source}", side="source"), DataFile(tmp_path / f"a.{target}", side="target"))

    config = dataclasses.replace(CONFIG, reverse=reverse)
    encoders = load(TASK, config, Data(sides("de", "en"))).encoders
    for named in (("de", "en"), ("en", "de")):
        part, findings = held_out(TASK, config, encoders, sides(*named))
        assert part.pairs[0].source == ("the dog 0 barks" if reverse else "der Hund 0 bellt")
        turned = named == (("de", "en") if reverse else ("en", "de"))
        assert ["turned" in finding.code for finding in findings] == [True] * turned


def test_all_pairs_of_a_source_go_to_one_part(tmp_path):
    pairs = [(f"Satz {n % 10}", f"sentence {n}") for n in range(40)]
    parts = read(TASK, CONFIG, Data((table(tmp_path, pairs),)))
    sources = [{pair.source for pair in part} for part in (parts.train, parts.validation, parts.test)]
    assert [len(part) for part in sources] == [6, 2, 2]
    assert not sources[0] & sources[1]
    assert not sources[0] & sources[2]


def test_two_vocabularies_of_words_are_those_of_their_sides(data):
    encoders = load(TASK, WORDS, data).encoders
    assert encoders.source.encode("Hund dog").tolist()[1] == UNK
    assert encoders.target.encode("Hund dog").tolist()[0] == UNK


def test_a_given_vocabulary_is_taken_and_turned_with_the_pairs(data, tmp_path):
    for side, words in (("de", "Hund\nder\nsehr\nNummer\nbellt"), ("en", "the\nvery\ndog\nbarks")):
        (tmp_path / f"vocab.{side}").write_text(f"<unk>\n<s>\n</s>\n{words}\n")
    given = (
        DataFile(tmp_path / "vocab.de", "vocabulary", side="source"),
        DataFile(tmp_path / "vocab.en", "vocabulary", side="target"),
    )
    for reverse, first in ((False, "Hund"), (True, "the")):
        config = dataclasses.replace(WORDS, reverse=reverse)
        encoders = load(TASK, config, Data((*data.files, *given))).encoders
        assert encoders.source.words[0] == first
        assert codes(check(TASK, config, Data((*data.files, *given))))["unknown-source"].level == "warning"


def test_a_vocabulary_of_the_other_side_does_not_fit(data, tmp_path):
    (tmp_path / "vocab.de").write_text("der\nsehr\nHund\nbellt\n")
    (tmp_path / "vocab.en").write_text("the\nvery\ndog\nbarks\n")
    swapped = (
        DataFile(tmp_path / "vocab.en", "vocabulary", side="source"),
        DataFile(tmp_path / "vocab.de", "vocabulary", side="target"),
    )
    with pytest.raises(DataError, match="does not fit: it lacks 100% of the words of the source side") as error:
        load(TASK, WORDS, Data((*data.files, *swapped)))
    assert "exchange" in error.value.cure
    (tmp_path / "vocab.no").write_text("nothing\nof\nthese\n")
    for other in ([], [DataFile(tmp_path / "vocab.de", "vocabulary", side="target")]):
        odd = DataFile(tmp_path / "vocab.no", "vocabulary", side="source")
        with pytest.raises(DataError, match="does not fit") as error:
            load(TASK, WORDS, Data((*data.files, odd, *other)))
        assert error.value.where == str(tmp_path / "vocab.no")
        assert ("exchange" in error.value.cure) == bool(other)
    with pytest.raises(DataError, match="does not fit") as error:
        load(TASK, WORDS, Data((*data.files, odd, DataFile(tmp_path / "vocab.en", "vocabulary", side="target"))))
    assert "exchange" not in error.value.cure  # the other one, of the target side, does not fit the sources either


def test_a_vocabulary_file_is_for_words_of_one_side(data, tmp_path):
    (tmp_path / "vocab").write_text("der\n")
    bare, sided = (DataFile(tmp_path / "vocab", "vocabulary", side=side) for side in ("", "source"))
    for config, files in ((CONFIG, [sided]), (WORDS, [bare]), (WORDS, [sided, sided])):
        with pytest.raises(UsageError):
            load(TASK, config, Data((*data.files, *files)))


def test_long_pairs_and_pairs_of_odd_lengths_stay_out_of_training_alone(tmp_path):
    pairs = [*lines(30), ("lang " * 500, "long " * 500), ("der Hund", "the dog " * 9)]
    files = (
        dataclasses.replace(table(tmp_path, pairs), label="train"),
        dataclasses.replace(table(tmp_path, [("lang " * 300, "long")], "v.tsv"), label="validation"),
        dataclasses.replace(table(tmp_path, lines(3), "t.tsv"), label="test"),
    )
    config = dataclasses.replace(CONFIG, longest=40, ratio=4.0, vocabulary_kind="words")
    splits = load(TASK, config, Data(files))
    assert len(splits.train.pairs) == 30
    assert len(splits.validation.source[0]) == 301
    found = codes(check(TASK, config, Data(files)))
    assert "2 of 32 training pairs" in found["unfit-lengths"].text
    assert "500 tokens on the source side (line 31 of its file)" in found["longest-source"].text
    assert len(load(TASK, dataclasses.replace(config, ratio=0.0), Data(files)).train.pairs) == 31
    with pytest.raises(DataError, match="all 32 training pairs"):
        load(TASK, dataclasses.replace(config, longest=1), Data(files))


def test_a_validation_part_the_wrong_way_round_is_refused(tmp_path):
    train = dataclasses.replace(table(tmp_path, lines(20)), label="train")
    wrong = dataclasses.replace(table(tmp_path, [(b, a) for a, b in lines(20)], "dev.tsv"), label="validation")
    with pytest.raises(DataError, match="validation part is the wrong way round"):
        load(TASK, CONFIG, Data((train, wrong)))


def test_the_check_tells_of_copies_of_texts_left_as_they_are_and_of_several_targets(tmp_path):
    train = dataclasses.replace(
        table(tmp_path, [*lines(20), ("Hund", "dog"), ("Hund", "hound"), ("OK  so", "OK so")]), label="train"
    )
    test = dataclasses.replace(table(tmp_path, [*lines(2), ("龍 虎 龍 虎 龍", "new")], "test.tsv"), label="test")
    validation = dataclasses.replace(table(tmp_path, [("Hund bellt", "dog")], "val.tsv"), label="validation")
    found = codes(check(TASK, CONFIG, Data((train, test, validation))))
    assert "2 of 3 test records (66.7 %) stand in the other parts too" in found["copies-across-splits"].text
    assert "1 of 27 pairs (3.7%)" in found["source-is-target"].text
    assert found["source-is-target"].level == "warning"
    assert "1 of 22 different training sources have several targets" in found["several-targets"].text
    assert "27 pairs (training 23, validation 1, test 3)" in found["sizes"].text
    assert found["unknown-source"].level == "warning"


def test_only_unknown_characters_are_a_source_of_unknowns(data):
    encoder = load(TASK, CONFIG, data).encoders.source
    assert set(encoder.encode("龍 虎").tolist()) <= {UNK, *range(EOS + 1, encoder.size)}
    assert UNK in encoder.encode("龍 虎")


def test_a_vocabulary_too_large_for_the_data_is_refused_in_words_or_made_smaller(data):
    assert load(TASK, dataclasses.replace(CONFIG, vocabulary=5000), data).encoders.source.size < 1000
    with pytest.raises(DataError) as error:
        load(TASK, dataclasses.replace(CONFIG, vocabulary=10), data)
    assert "--vocabulary" in error.value.cure


@pytest.mark.data
def test_multi30k_is_read_whole(tmp_path):
    folder = Path(os.environ["SEQTOOL_MIRROR"]) / "multi30k"
    names = (("train", "train"), ("val", "validation"), ("test_2016_flickr", "test"))
    files = tuple(
        DataFile(folder / f"{name}.{end}.gz", label, side=side)
        for name, label in names
        for end, side in (("de", "source"), ("en", "target"))
    )
    parts = read(TASK, CONFIG, Data(files))
    assert (len(parts.train), len(parts.validation), len(parts.test)) == (29_000, 1014, 1000)
    assert parts.findings == ()
    assert np.mean([len(pair.source) for pair in parts.train]) > 60
    turned = {"source": "target", "target": "source"}
    exchanged = [dataclasses.replace(file, side=turned[file.side]) for file in files[2:]]
    with pytest.raises(DataError, match="wrong way round"):
        read(TASK, CONFIG, Data((*files[:2], *exchanged)))


def test_a_task_reads_files_of_its_own_format(tmp_path):
    path = tmp_path / "pairs.txt"
    path.write_text("\n".join(f"{source} ||| {target}" for source, target in lines(30)), encoding="utf-8")

    def read_bars(path):
        rows = [line.split(" ||| ") for line in path.read_text(encoding="utf-8").splitlines()]
        return Read(tuple(Pair(*row, number) for number, row in enumerate(rows, start=1)))

    task = Task("bars", "", "translation", read=read_bars)
    splits = load(task, CONFIG, Data((DataFile(path),)))
    assert sum(len(part.pairs) for part in (splits.train, splits.validation, splits.test)) == 30
    part, _ = held_out(task, CONFIG, splits.encoders, [DataFile(path)])
    assert part.pairs[0].target == "the dog barks 0"


def unlike(count: int) -> list[tuple[str, str]]:
    """Pairs of many lengths."""
    dice = random.Random(3)
    sizes = [dice.randint(1, 20) for _ in range(count)]
    return [
        (f"Satz {n} " + "sehr " * size + "lang", f"line {n} " + "very " * size + "long") for n, size in enumerate(sizes)
    ]


def test_sides_that_are_certainly_shifted_are_refused_until_a_person_trusts_them(tmp_path):
    sources, targets = (list(side) for side in zip(*unlike(400), strict=True))
    del sources[99]
    sources.append("noch ein Satz")
    data = Data((table(tmp_path, list(zip(sources, targets, strict=True))),))
    for phase in (load, check):
        with pytest.raises(DataError, match="shifted against each other") as error:
            phase(TASK, CONFIG, data)
        assert "at line 100" in error.value.where
        assert "--trust-alignment" in error.value.cure
    trusting = dataclasses.replace(CONFIG, trust_alignment=True)
    assert codes(check(TASK, trusting, data))["shifted"].level == "warning"
    part, findings = held_out(TASK, CONFIG, load(TASK, trusting, data).encoders, data.files)
    assert (len(part.pairs), "shifted" in codes(findings)) == (400, True)


def test_the_columns_the_format_and_the_encoding_are_those_of_the_configuration(tmp_path):
    rows = "".join(f"{n};{source} für;{target}\n" for n, (source, target) in enumerate(unlike(60)))
    (tmp_path / "a.csv").write_bytes(rows.encode("cp1252"))
    data = Data((DataFile(tmp_path / "a.csv"),))
    asked = {"encoding": "windows-1252", "format": "semicolon", "source_column": "3", "target_column": "2"}
    parts = read(TASK, dataclasses.replace(CONFIG, **asked), data)
    assert parts.train[0].source.startswith("line ")
    assert parts.train[0].target.endswith("lang für")


def test_entities_and_marks_of_tokenisers_are_named_by_check(tmp_path):
    pairs = [(f"{source} &amp; mehr", f"{target} @-@ more") for source, target in unlike(60)]
    found = codes(check(TASK, CONFIG, Data((table(tmp_path, pairs),))))
    assert found["html-entities"].text.startswith("60 lines (first 1) of the sources")
    assert found["tokeniser-marks"].text.startswith("60 lines (first 1) of the targets")


def test_a_model_of_single_sentences_splits_and_one_of_paragraphs_does_not(tmp_path):
    def loaded(end: str, name: str):
        rows = [f"Das ist Haus {number}{end}\tThis is house {number}." for number in range(200)]
        (tmp_path / name).write_text("\n".join(rows) + "\n")
        return load(TASK, TranslationConfig(vocabulary=60), Data((DataFile(tmp_path / name),)))

    assert loaded(".", "one.tsv").encoders.form.single
    assert not loaded(". Es ist rot. Es ist alt.", "three.tsv").encoders.form.single


def test_names_of_two_files_say_their_languages(tmp_path):
    for name in ("train.de", "train.en"):
        (tmp_path / name).write_text("".join(f"{name} {number}\n" for number in range(200)))
    files = (DataFile(tmp_path / "train.de", side="source"), DataFile(tmp_path / "train.en", side="target"))
    assert load(TASK, TranslationConfig(vocabulary=60), Data(files)).encoders.languages == ("de", "en")
