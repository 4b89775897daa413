"""From a text to three contiguous parts; what is too short is refused; what should be known is said."""

from __future__ import annotations

import dataclasses
import tracemalloc

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from seqtool.data.encoders.texts import encode_whole, fit
from seqtool.data.text import Document
from seqtool.errors import DataError
from seqtool.families.generation.config import GenerationConfig
from seqtool.families.generation.data import check, findings, joined, load, read, split
from seqtool.families.generation.pipe import read_prompt
from seqtool.reads import DataFile
from seqtool.task import Data, Task

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


def test_ids_are_stored_in_the_smallest_type_that_holds_them():
    assert split("abcd " * 30, CONFIG).train.ids.dtype == np.uint8
    many = "".join(map(chr, range(0x4E00, 0x4E00 + 400)))
    assert split(many * 3, CONFIG).train.ids.dtype == np.int16


@pytest.mark.parametrize("kind", ["characters", "bytes", "bigrams", "words", "sentencepiece"])
def test_a_long_text_is_encoded_in_blocks_as_in_one(kind, monkeypatch):
    text = "\n".join(f"Once \u00fcber  {n} mills, don't: {n * n}." for n in range(300))
    encoder = fit(kind, text, 400)
    whole = encoder.encode(text).tolist()
    monkeypatch.setattr("seqtool.data.encoders.texts.BLOCK", 64)
    assert encode_whole(encoder, text).tolist() == whole


def test_a_check_takes_a_few_bytes_a_character(tmp_path):
    """The bytes of the file, its text, the parts, their ids: lists of words or lines take ten times as much."""
    path = tmp_path / "a.txt"
    path.write_text(
        "".join(f"In the year {n} a mill stood still by the river, and nobody came.\n" for n in range(40_000))
    )
    data, size = Data((DataFile(path),)), path.stat().st_size
    tracemalloc.start()
    try:
        check(Task("chargen", "", "generation"), GenerationConfig(), data)
        load(Task("chargen", "", "generation"), GenerationConfig(), data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    blocks = 32 * (1 << 20)  # of the encoder, whatever the size of the text
    assert peak - blocks < 8 * size


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"To be\r\nor not", ""),
        (b"To be\ror not", ""),
        (b"\xef\xbb\xbfTo be\nor not", ""),
        ("To be\nor not".encode("utf-16"), ""),
        ("To be\nor not".encode("cp037"), "cp037"),
    ],
)
def test_a_prompt_file_is_read_as_a_training_text_is(tmp_path, content, encoding):
    (tmp_path / "prompt").write_bytes(content)
    text, _ = read_prompt(tmp_path / "prompt", encoding)
    assert text == "To be\nor not"


def test_the_encoding_and_the_column_are_those_of_the_configuration(tmp_path):
    (tmp_path / "a.csv").write_bytes("n;wer\n1;Jürgen\n2;Käthe\n".encode("cp1252"))
    config = dataclasses.replace(CONFIG, encoding="windows-1252", text_column="wer")
    assert read([DataFile(tmp_path / "a.csv")], config).text == "Jürgen\n\nKäthe\n"
