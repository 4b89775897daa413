"""Tagged sentences: CoNLL-U, Penn trees, word/TAG, and a .zip of them."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data import zipped
from seqtool.data.conllu import read_conllu, write
from seqtool.data.penn import read_penn
from seqtool.data.tagged import read_tagged
from seqtool.errors import DataError

CONLLU = """# newdoc
# text = I can't.

# text = I can't.
1\tI\ti\tPRON\tPRP\t_\t_\t_\t_\t_
2-3\tcan't\t_\t_\t_\t_\t_\t_\t_\t_
2\tca\tcan\tAUX\tMD\t_\t_\t_\t_\t_
3\tn't\tnot\tPART\tRB\t_\t_\t_\t_\tSpaceAfter=No
3.1\tgo\tgo\tVERB\tVB\t_\t_\t_\t_\t_
4\t.\t.\tPUNCT\t.\t_\t_\t_\t_\t_

1\tGo\tgo\tVERB\tVB\t_\t_\t_\t_\t_
"""
TREES = """
( (S (NP-SBJ (-LRB- -LRB-) (NP (CD 1\\/2)) (-RRB- -RCB-) )
    (VP (VBG|NN rising) (S (-NONE- *T*-1) )) (. .) ))
( (S (NP-SBJ (-NONE- *) ) (VP (VB Go) )))
"""
CHUNKS = """
[ Pierre/NNP ]
,/, ``/`` old/JJ
======================================
[ the/DT rising/VBG|NN 1\\/2/CD ]

[ that/WDT ]
./. ''/''

[ He/PRP ]
went/VBD
"""


def joined(words, tags) -> str:
    return " ".join(map("/".join, zip(words, tags, strict=True)))


def of_blocks(blocks, field="xpos") -> list[str]:
    return [joined(one.words, one.tags[field]) for one in blocks]


def of_penn(sentences) -> list[str]:
    return [joined(words, tags) for words, tags in sentences]


def pairs(sentences) -> list[str]:
    return [joined(one.words, one.tags) for one in sentences]


def test_conllu_without_ranges_and_empty_nodes():
    sentences = list(read_conllu(CONLLU.split("\n")))
    assert of_blocks(sentences) == ["I/PRP ca/MD n't/RB ./.", "Go/VB"]
    assert of_blocks(sentences, "upos") == ["I/PRON ca/AUX n't/PART ./PUNCT", "Go/VERB"]
    assert [one.number for one in sentences] == [1, 2]
    assert len(sentences[0].lines) == 7


def test_conllu_is_written_back_with_one_column_replaced():
    (first, _) = read_conllu(CONLLU.split("\n"))
    assert write(first, {"upos": first.tags["upos"]}) == "\n".join(first.lines)
    lines = write(first, {"xpos": "ABCD"}).split("\n")
    assert [line.split("\t")[4] for line in lines[1:]] == ["A", "_", "B", "C", "VB", "D"]
    assert [line.split("\t")[:4] for line in lines] == [line.split("\t")[:4] for line in first.lines]


WORD = st.text(st.characters(exclude_characters="\t\n\r", exclude_categories=["C", "Z"]), min_size=1, max_size=6)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.tuples(WORD, WORD), min_size=1, max_size=5), min_size=1, max_size=4))
def test_words_and_tags_come_back_whatever_they_hold(sentences):
    lines = []
    for pairs in sentences:
        lines += [f"{n}\t{word}\t_\t{tag}" + "\t_" * 6 for n, (word, tag) in enumerate(pairs, start=1)] + [""]
    read = [list(zip(one.words, one.tags["upos"], strict=True)) for one in read_conllu(lines)]
    assert read == sentences


ROW = "\t_" * 8


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("# a\n1\ta\tb", "line 2 has 3 columns, not 10"),
        (f"1\ta{ROW}\t_", "line 1 has 11 columns"),
        (f"x\ta{ROW}", "line 1 does not begin with a word's number"),
        (f"1\t{ROW}", "line 1 has no word"),
        (f"1\ta{ROW}\n\n1\ta{ROW}\n1\tb{ROW}", "sentence 2 has word 1 where word 2 belongs"),
        ("1" * 5000 + f"\ta{ROW}", "sentence 1 has word 1{20} where word 1 belongs"),  # more digits than int() takes
    ],
)
def test_broken_conllu_is_named_by_its_place(text, what):
    with pytest.raises(DataError, match=what) as caught:
        list(read_conllu(text.split("\n")))
    assert caught.value.cure


def test_penn_trees():
    assert of_penn(read_penn(TREES)) == ["(/-LRB- 1/2/CD }/-RRB- rising/VBG ./.", "Go/VB"]


def test_blanks_inside_the_brackets_of_a_word_lose_nothing():
    assert of_penn(read_penn("( S ( NP (DT a ) ( NN cat) ) ( VP(VB\n sat)))")) == ["a/DT cat/NN sat/VB"]


def test_penn_chunks_end_after_the_full_stop_and_the_quote_behind_it():
    first = "Pierre/NNP ,/, ``/`` old/JJ the/DT rising/VBG 1/2/CD that/WDT ./. ''/''"
    assert of_penn(read_penn(CHUNKS)) == [first, "He/PRP went/VBD"]


def test_a_bar_parts_tags_of_penn_alone():
    text = "(S (N|Sg Haus) (VBG|NN rising) (NN|Sg x))"
    assert of_penn(read_penn(text)) == ["Haus/N|Sg rising/VBG x/NN|Sg"]


def test_words_with_tags_one_sentence_a_line():
    text = "The/DT can/NN ./.\n\nI/PRP saw/VBD 1\\/2/CD http://a.b/c/NN\n(/-LRB- */-NONE-\n"
    sentences = list(read_penn(text))
    assert of_penn(sentences) == ["The/DT can/NN ./.", "I/PRP saw/VBD 1/2/CD http://a.b/c/NN", "(/-LRB-"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a/DT b/NN\nthe/DT cat\n", "sentence 2: the word 'cat' has no tag"),
        ("a/DT /NN\n", "sentence 1: the word '/NN' has no tag"),
        ("a/ b/NN\n", "sentence 1: the word 'a/' has no tag"),
        (r"1\/2 b/NN", "sentence 1: the word"),
        ("(S (DT a))\n(S (NN b)", "sentence 2: brackets that do not match"),
        ("(S (DT a)))", "brackets that do not match"),
        ("(S (DT a))\n(S (NP (DT a) (NNP New York)) (. .))", "sentence 2: 'New York' is not one word with a tag"),
        ("(S (NP (DT a)\n  small   cat) (. .))", "sentence 1: 'small cat' is not one word with a tag"),
        ("(S (NP saw (DT a)))", "sentence 1: 'saw' is not one word"),
        ("(S (NN b)) and more", "sentence 2: 'and more' is not one word"),
    ],
)
def test_words_and_tags_that_differ_in_number_are_named(text, what):
    with pytest.raises(DataError, match=what):
        list(read_penn(text))


@pytest.fixture
def save(tmp_path):
    def to(content: str | bytes, name: str = "a.conllu") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to


def archive_of(members: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return raw.getvalue()


def test_the_format_is_told_by_the_content(save):
    assert pairs(read_tagged(save(CONLLU, "a.txt"), "upos").records)[1] == "Go/VERB"
    assert pairs(read_tagged(save("\ufeff" + TREES, "a.txt"), "xpos").records)[1] == "Go/VB"
    assert pairs(read_tagged(save("a/DT\r\n", "a.txt"), "xpos").records) == ["a/DT"]
    lines = "a/DT b/NN\n\nb/NN\nc/NN\n"
    assert [one.number for one in read_tagged(save(lines, "a.txt"), "xpos").records] == [1, 2, 3]


def test_a_zip_is_read_member_by_member(save):
    content = {"x/b.mrg": "(S (DT b))", "../a.mrg": "(S (DT a))\n(S (DT c))", "c.pos": "d/DT", "README.mrg": "no tree"}
    read = read_tagged(save(archive_of(content), "tb.zip"), "xpos")
    assert pairs(read.records) == ["a/DT", "c/DT", "b/DT"]  # by name; trees before chunks
    assert [one.number for one in read.records] == [1, 2, 3]
    assert pairs(read_tagged(save(archive_of({"c.pos": "d/DT"}), "tb.zip"), "xpos").records) == ["d/DT"]


FIELD = st.sampled_from(["upos", "xpos"])
PIECES = st.sampled_from(
    [b"\t", b"\n", b"\n\n", b" ", b"(", b")", b"/", b"|", b"_", b"1", b"\xff", b"\0", b"\xc2\x85", b"x"]
)
GOOD = archive_of({"a.mrg": "(S (DT a))" * 50})


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (GOOD[:-30], "damaged .zip"),
        (b"PK no zip at all", "damaged .zip"),
        (GOOD[:45] + b"\xff\xff" + GOOD[47:], "damaged .zip"),
        (archive_of({"a.mrg": "(S (DT a))"}, zipfile.ZIP_LZMA), "unusual way"),
        (archive_of({"a.txt": "x"}), "no .mrg and no .pos files in it"),
        (archive_of({"a.mrg": b"(S (DT caf\xe9))"}), "the text is not UTF-8: byte 0xe9 in line 1"),
        (archive_of({"a.mrg": "(S (DT a)"}), "sentence 1: brackets"),
        (archive_of({"a.mrg": "\n"}), "no .mrg and no .pos"),
    ],
)
def test_a_zip_that_cannot_be_read_is_refused_in_words(save, content, what):
    with pytest.raises(DataError, match=what) as caught:
        read_tagged(save(content, "tb.zip"), "xpos")
    assert "tb.zip" in caught.value.where
    assert caught.value.cure


def test_an_encrypted_zip_is_named(save):
    data = bytearray(GOOD)
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.index(signature) + place
        data[start : start + 2] = struct.pack("<H", 1)
    with pytest.raises(DataError, match="encrypted") as caught:
        read_tagged(save(bytes(data), "tb.zip"), "xpos")
    assert "'a.mrg'" in caught.value.where


def test_a_zip_bomb_is_never_inflated(save, monkeypatch):
    monkeypatch.setattr(zipped, "MOST_BYTES", 1 << 20)
    with pytest.raises(DataError, match="more than 1 MiB"):
        read_tagged(
            save(archive_of({"a.mrg": "(S (DT a))\n" * 60_000, "b.mrg": "(S (DT a))\n" * 60_000}), "tb.zip"), "xpos"
        )
    monkeypatch.setattr(zipped, "MOST_MEMBERS", 1)
    with pytest.raises(DataError, match="more than 1 files"):
        read_tagged(save(archive_of({"a.mrg": "", "b.mrg": ""}), "tb.zip"), "xpos")


def test_sentences_without_tags_are_left_out_or_refused(save):
    half = CONLLU.replace("go\tVERB\tVB\t_\t_\t_\t_\t_\n", "go\t_\tVB\t_\t_\t_\t_\t_\n")
    read = read_tagged(save(half), "upos")
    assert len(read.records) == 1
    assert [one.text for one in read.findings] == [
        "read as CoNLL-U",
        "1 of 2 sentences with words that have no upos: left out",
    ]
    with pytest.raises(DataError, match="no sentence is tagged in upos") as caught:
        read_tagged(save(TREES), "upos")
    assert caught.value.cure == "--field xpos"
    with pytest.raises(DataError, match="no sentences"):
        read_tagged(save("# nothing\n\n"), "upos")


def test_the_place_of_a_fault_names_the_file(save):
    with pytest.raises(DataError, match="line 2 has 9 columns") as caught:
        read_tagged(save(f"1\ta{ROW}\n2\tb{ROW[2:]}\n3\tc{ROW}"), "upos")
    assert caught.value.where.endswith("a.conllu")


@settings(max_examples=60, deadline=None)
@given(data=st.data(), content=st.sampled_from([CONLLU, TREES, CHUNKS, "a/DT b/NN\n(/-LRB- x/Y\n"]), field=FIELD)
def test_whatever_is_broken_is_said_in_words(tmp_path_factory, data, content, field):
    broken = bytearray(content.encode())
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(broken) - 1))
        broken[place : place + data.draw(st.integers(0, 9))] = data.draw(PIECES)
    path = tmp_path_factory.getbasetemp() / "broken.txt"
    path.write_bytes(bytes(broken) or b"\n")
    try:
        sentences = read_tagged(path, field).records
    except DataError as error:
        assert error.cure  # noqa: PT017 - a reading that succeeds is right too
    else:
        assert all(len(one.words) == len(one.tags) > 0 for one in sentences)


@pytest.mark.data
def test_the_english_web_treebank_comes_back_byte_for_byte():
    folder = Path(os.environ["SEQTOOL_MIRROR"]) / "ud-english-ewt"
    path = folder / "en_ewt-ud-test.conllu"
    sentences = read_tagged(path, "upos").records
    assert (len(sentences), sum(len(one.words) for one in sentences)) == (2077, 25094)
    text = path.read_text("utf-8")
    blocks = list(read_conllu(text.split("\n")))
    assert [(one.words, one.tags["upos"]) for one in blocks] == [(one.words, one.tags) for one in sentences]
    assert "".join(write(one, {"upos": one.tags["upos"]}) + "\n\n" for one in blocks) == text
    train = read_tagged(folder / "en_ewt-ud-train.conllu.gz", "xpos").records
    assert (len(train), sum(len(one.words) for one in train)) == (12544, 204577)


@pytest.mark.data
def test_the_treebank_sample_has_the_recipes_counts():
    sentences = read_tagged(Path(os.environ["SEQTOOL_MIRROR"]) / "treebank/treebank.zip", "xpos").records
    words = [word.lower() for one in sentences for word in one.words]
    assert (len(sentences), len(words), len(set(words))) == (3914, 94084, 10947)
    assert max(len(one.words) for one in sentences) == 249
    tags = Counter(tag for one in sentences for tag in one.tags)
    assert (len(tags), tags.most_common(1)) == (45, [("NN", 13166)])
