"""From a text to three contiguous parts; what is too short is refused; what should be known is said."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seqtool.data.text import Document
from seqtool.errors import DataError
from seqtool.families.generation.config import GenerationConfig
from seqtool.families.generation.data import findings, joined, read, split
from seqtool.task import DataFile

CONFIG = GenerationConfig(window=5, batch=2, validation=0.1, test=0.2)


@settings(max_examples=25, deadline=None)
@given(text=st.text("abcd \n", min_size=60, max_size=200), kind=st.sampled_from(["characters", "bytes", "bigrams"]))
def test_the_parts_are_the_text_in_order_and_nothing_else(text, kind):
    assume(len(set(text[:30])) > 1)
    parts = split(text, dataclasses.replace(CONFIG, encoder=kind))
    three = (parts.validation, parts.train, parts.test)
    assert "".join(part.text for part in three) == text
    assert [part.characters for part in (parts.validation, parts.test)] == [
        round(0.1 * len(text)),
        round(0.2 * len(text)),
    ]
    assert parts.encoders.encoder.unseen(parts.train.text) == {}
    for part in three:
        assert part.encoder is parts.encoders.encoder
        assert part.ids.tolist() == part.encoder.encode(part.text).tolist()


def test_the_vocabulary_is_that_of_the_training_part():
    parts = split("z" * 6 + "ab" * 47 + "y" * 11, dataclasses.replace(CONFIG, validation=0.05, test=0.1))
    assert parts.encoders.encoder.symbols == ("a", "b")
    assert set(parts.test.ids) == {0}


def test_a_refit_trains_on_training_and_validation_text():
    parts = split("abcde " * 30, CONFIG)
    whole = joined(CONFIG, parts)
    assert whole.train.text == parts.validation.text + parts.train.text
    assert len(whole.train.ids) == len(whole.train.text)
    assert whole.test is parts.test
    assert whole.train.encoder is parts.train.encoder


@pytest.mark.parametrize(
    ("text", "changes", "said"),
    [
        ("abc", {}, "a text of 3 characters is too short"),
        ("ab" * 20, {"window": 100}, "the training text of 28 symbols is shorter than one window of 100"),
        ("a" * 200, {}, "'a' again and again"),
        ("abcd" * 5, {"validation": 0.05}, "the validation text of 1 characters"),
        ("abcd" * 5, {"test": 0.04}, "the test text of 1 characters"),
    ],
)
def test_what_is_too_short_is_refused_in_words(text, changes, said):
    with pytest.raises(DataError, match=said) as caught:
        split(text, dataclasses.replace(CONFIG, **changes))
    assert caught.value.cure


def codes(found):
    return {finding.code: finding.text for finding in found}


def test_unseen_characters_are_shown_and_sizes_told():
    text = "abcde " * 30 + "\u00e9\x1b" * 3
    found = codes(findings(Document(text, ()), split(text, CONFIG)))
    assert "'\\x1b' (U+001B) 3 times, '\u00e9' (U+00E9) 3 times" in found["unseen-characters"]
    assert found["sizes"].startswith("186 characters (training 130, validation 19, test 37); vocabulary: 7 characters")


def test_long_lines_of_the_test_part_that_stand_in_the_others_are_counted():
    line = "a line of more than forty characters, long enough"
    text = f"{line}\n" + "abc def\n" * 40 + f"{line}\nanother line of more than forty characters here\n"
    found = codes(findings(Document(text, ()), split(text, dataclasses.replace(CONFIG, test=0.3))))
    assert found["copies-across-splits"].startswith("1 of 2 long lines of the test part (50.0 %)")


def test_symbols_of_several_characters_are_told():
    text = "abcd" * 50
    found = codes(findings(Document(text, ()), split(text, dataclasses.replace(CONFIG, encoder="bigrams"))))
    assert found["sizes"].endswith("vocabulary: 7 bigrams, 2.00 characters each")


def test_a_text_is_made_plainer_as_asked(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("\u2018It\u2019\n\n is CAF\u00c9\n", encoding="utf-8")
    config = dataclasses.replace(CONFIG, lower=True, ascii=True, join_lines=True)
    document = read([DataFile(path)], config)
    assert document == Document("'it' is cafe", ())
    assert [finding.code for finding in read([DataFile(path)], CONFIG).findings] == ["curly-quotes"]


def test_a_text_without_ascii_is_refused_where_ascii_is_asked(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("\u4e2d\u6587\n", encoding="utf-8")
    with pytest.raises(DataError, match="no ASCII"):
        read([DataFile(path)], dataclasses.replace(CONFIG, ascii=True))


def test_ids_are_whole_numbers_of_64_bits():
    assert split("abcd " * 30, CONFIG).train.ids.dtype == np.int64
