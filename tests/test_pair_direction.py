"""Files whose columns name their languages are read in one direction: that of the first, or of the model's training."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqtool.data.encoders.sides import TranslationEncoders
from seqtool.data.pair_columns import Wanted
from seqtool.data.pair_table import PairFormat, TableReader
from seqtool.families.translation.config import TranslationConfig
from seqtool.families.translation.data import held_out, load, read
from seqtool.families.translation.sample import sample
from seqtool.reads import DataFile
from seqtool.task import Data, Task

PAIRS = [tuple(line.split("\t")) for line in sample(120).decode().splitlines()]
CONFIG = TranslationConfig(vocabulary=100, validation=0.1, test=0.1)
TASK = Task("letters", "letters", family="translation")


def csv(path: Path, names, pairs=PAIRS) -> DataFile:
    rows = [names, *(pair if names[0] in ("de", "German") else pair[::-1] for pair in pairs)]
    path.write_text("".join("\t".join(row) + "\n" for row in rows))
    return DataFile(path)


def objects(path: Path, pairs=PAIRS) -> DataFile:
    path.write_text("".join(json.dumps({"en": english, "de": german}) + "\n" for german, english in pairs))
    return DataFile(path)


def memory(path: Path, pairs=PAIRS) -> DataFile:
    said = "<tuv xml:lang='{}'><seg>{}</seg></tuv>"
    units = "".join(f"<tu>{said.format('en', b)}{said.format('de', a)}</tu>\n" for a, b in pairs)
    path.write_text(f"<tmx version='1.4'><header srclang='en'/><body>{units}</body></tmx>")
    return DataFile(path)


SECOND = {
    "table": lambda path: csv(path, ("en", "de"), PAIRS[60:]),
    "names": lambda path: csv(path, ("English", "German"), PAIRS[60:]),
    "json": lambda path: objects(path, PAIRS[60:]),
    "tmx": lambda path: memory(path, PAIRS[60:]),
}


@pytest.mark.parametrize("kind", SECOND)
def test_files_in_both_directions_are_read_as_the_first(tmp_path, kind):
    files = (csv(tmp_path / "one.tsv", ("de", "en"), PAIRS[:60]), SECOND[kind](tmp_path / "two.txt"))
    parts = read(TASK, CONFIG, Data(files))
    whole = [(pair.source, pair.target) for pair in (*parts.train, *parts.validation, *parts.test)]
    assert sorted(whole) == sorted(PAIRS)
    notes = [finding.text for finding in parts.findings if finding.code == "format"]
    assert "is the source" in notes[1]


@pytest.mark.parametrize("reverse", [False, True])
def test_a_model_reads_later_files_by_the_languages_it_was_trained_with(tmp_path, reverse):
    config = TranslationConfig(vocabulary=100, validation=0.1, test=0.1, reverse=reverse)
    splits = load(TASK, config, Data((csv(tmp_path / "one.tsv", ("de", "en")),)))
    encoders = TranslationEncoders.from_json(json.loads(json.dumps(splits.encoders.to_json())))
    assert encoders.languages == ("de", "en")
    part, _ = held_out(TASK, config, encoders, [csv(tmp_path / "two.tsv", ("en", "de"))])
    expected = [pair[::-1] for pair in PAIRS] if reverse else PAIRS
    assert [(pair.source, pair.target) for pair in part.pairs] == expected


def test_a_model_finds_its_languages_among_others(tmp_path):
    splits = load(TASK, CONFIG, Data((csv(tmp_path / "one.tsv", ("de", "en")),)))
    path = tmp_path / "three.tsv"
    path.write_text("French\tEnglish\tGerman\n" + "".join(f"mot\t{b}\t{a}\n" for a, b in PAIRS))
    part, _ = held_out(TASK, CONFIG, splits.encoders, [DataFile(path)])
    assert [(pair.source, pair.target) for pair in part.pairs] == PAIRS


def test_another_language_than_before_is_said(tmp_path):
    reader = TableReader(PairFormat(languages=("de", "fr")))
    read = reader(csv(tmp_path / "one.tsv", ("de", "en")).path)
    warning = next(finding for finding in read.findings if finding.code == "other-languages")
    assert warning.text == "its languages are de and en, not de and fr as before"


def test_files_that_name_no_languages_keep_their_order(tmp_path):
    path = tmp_path / "bare.tsv"
    path.write_text("".join(f"{a}\t{b}\n" for a, b in PAIRS))
    reader = TableReader(PairFormat(languages=("en", "de")))
    assert [(pair.source, pair.target) for pair in reader(path).records] == PAIRS


def test_columns_that_a_person_names_come_before_the_direction(tmp_path):
    path = csv(tmp_path / "one.tsv", ("de", "en")).path
    reader = TableReader(PairFormat(columns=Wanted("en", "de"), languages=("de", "en")))
    assert [(pair.source, pair.target) for pair in reader(path).records] == [pair[::-1] for pair in PAIRS]


def test_models_without_languages_open_as_before(tmp_path):
    path = tmp_path / "bare.tsv"
    path.write_text("".join(f"{a}\t{b}\n" for a, b in PAIRS))
    stored = load(TASK, CONFIG, Data((DataFile(path),))).encoders.to_json()
    assert "languages" not in stored
    assert TranslationEncoders.from_json(stored).languages == ()
