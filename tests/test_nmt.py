"""The task nmt: its sample and its sources."""

from __future__ import annotations

import dataclasses
import re

import pytest
from seqtool_nmt import NMT
from seqtool_nmt.sources import SOURCES

from seqtool.data.sources import cache_folder, cached, fetch, verify
from seqtool.errors import NotFound
from seqtool.families.translation.config import TranslationConfig
from seqtool.families.translation.data import check, load
from seqtool.families.translation.sample import sample as simulated_pairs
from seqtool.reads import DataFile
from seqtool.task import Data

PAIRS = [line.split("\t") for line in simulated_pairs().decode().splitlines()]
NAMED = {source.name: source for source in SOURCES}


def test_the_sample_is_the_same_each_time_and_its_sources_differ():
    assert simulated_pairs() == simulated_pairs()
    assert simulated_pairs(seed=1) != simulated_pairs()
    assert len(PAIRS) == len({german for german, _ in PAIRS}) == 4000


def test_german_words_of_the_sample_agree_in_gender_case_and_number():
    text = "\n".join(german for german, _ in PAIRS)
    assert re.search(r"\b[Dd]er Hund\b", text)
    assert re.search(r"\bden Hund\b", text)
    assert not re.search(r"\b[Dd]e[rn] (Katze|Haus)\b|\b[Dd]as (Hund|Katze)\b|\b[Dd]ie (Hund|Haus|Pferd)\b", text)
    assert re.search(r"\b[Ee]in alter Hund\b", text)
    assert re.search(r"\beinen alten Hund\b", text)
    assert not re.search(r"\beinen (alte|alter|altes) ", text)
    assert not re.search(r"\b(zwei|drei) \w+en (Hunde|Katzen|Häuser)\b", text)  # strong: zwei alte Hunde


def test_only_the_verb_tells_she_from_they_and_it_moves():
    found = dict(PAIRS)
    she = [english for german, english in PAIRS if re.match(r"Sie (sieht|kauft|malt|trägt|kennt) ", german)]
    they = [english for german, english in PAIRS if re.match(r"Sie (sehen|kaufen|malen|tragen|kennen) ", german)]
    assert she
    assert they
    assert all(english.startswith("She ") for english in she)
    assert all(english.startswith("They ") for english in they)
    assert any(re.search(r"dass .* (sieht|sehen)\.$", german) for german in found)
    assert any(re.match(r"Heute (sieht|sehen) ", german) for german in found)
    assert not any(re.search(r"\ba [aeo]|\ban [^aeo]", english) for english in found.values())


def test_a_translator_s_data_is_made_of_the_sample(tmp_path):
    path = tmp_path / "nmt.tsv"
    path.write_bytes(simulated_pairs())
    data = Data((DataFile(path),), sample=True)
    splits = load(NMT, TranslationConfig(vocabulary=200), data)
    assert len(splits.train.pairs) == 3600
    assert {found.level for found in check(NMT, TranslationConfig(vocabulary=200), data)} == {"note"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_sources_are_pinned_or_say_what_to_do(source):
    for file in source.files:
        assert (len(file.sha256), file.size > 0) in {(64, True), (0, False)}
        assert not file.url or file.url.startswith("https://raw.githubusercontent.com/")
        assert file.sha256 or source.name == "iwslt15"
        assert bool(file.side) == (not source.name.startswith("tatoeba"))


def test_a_file_that_nobody_pinned_is_put_there_by_hand(cli):
    source = dataclasses.replace(NAMED["iwslt15"], files=NAMED["iwslt15"].files[:2])
    with pytest.raises(NotFound) as error:
        fetch(source)
    place = cache_folder() / "iwslt15-en-vi" / "train.vi"
    assert error.value.where == "https://nlp.stanford.edu/projects/nmt/"
    assert error.value.cure == f"download train.vi there and save it as {place}"
    assert not cached(source)
    place.parent.mkdir(parents=True)
    for file in source.files:
        (cache_folder() / file.name).write_text("mine\n")
    assert cached(source)
    assert [file.side for file in fetch(source)] == [file.side for file in verify(source)] == ["source", "target"]


@pytest.mark.data
@pytest.mark.parametrize("name", ["multi30k", "tatoeba-fr", "tatoeba-vi", "iwslt15-head"])
def test_every_file_of_every_source_is_in_the_mirror(name):
    assert len(fetch(NAMED[name], offline=True)) == len(NAMED[name].files)


@pytest.mark.data
def test_the_vocabularies_of_the_recipe_are_read_where_words_are_asked_for():
    data = Data(fetch(NAMED["iwslt15-head"], offline=True), "iwslt15-head")
    config = TranslationConfig(vocabulary_kind="words", joint=False, tied="none", vocabulary=50_000)
    splits = load(NMT, config, data)
    assert [encoder.size for encoder in splits.encoders.by_side.values()] == [7_709 + 1, 17_191 + 1]
    assert [len(part.pairs) for part in (splits.validation, splits.test)] == [1553, 1268]
    pieces = load(NMT, TranslationConfig(vocabulary=2000), data)
    assert pieces.encoders.source is pieces.encoders.target
