"""Files of vectors of words: which lines are kept, in how much memory, and what is refused."""

from __future__ import annotations

import gzip
import hashlib
import struct
import tracemalloc

import numpy as np
import pytest

from seqtool.data import word_vectors
from seqtool.data.token_vectors import TokenVectors
from seqtool.data.word_vectors import CHUNK, read_word_vectors
from seqtool.errors import DataError, NotFound

GLOVE = b"the 0.5 -1 2e-1\ncat 1 2 3\nNew 4 5 6\n\xc3\xa9t\xc3\xa9 7 8 9\n"
WORD2VEC = b"4 3\n" + GLOVE
FASTTEXT = b"4 3 \n" + GLOVE.replace(b"\n", b" \n")


@pytest.fixture
def file(tmp_path):
    def write(data: bytes, name: str = "v.txt"):
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write


def codes(read):
    return [finding.code for finding in read.findings]


@pytest.mark.parametrize(
    "data",
    [
        GLOVE, WORD2VEC, FASTTEXT, b"\xef\xbb\xbf" + GLOVE, b"\xef\xbb\xbf" + WORD2VEC,
        GLOVE.replace(b"\n", b"\r\n"), GLOVE.replace(b" ", b"\t"), GLOVE.replace(b"cat ", b"cat  "),
        GLOVE.removesuffix(b"\n"), GLOVE + b"\n\n",
    ],
    ids=["glove", "word2vec", "fasttext", "mark", "mark-header", "crlf", "tabs", "two-blanks", "no-end", "empty-lines"],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_each_form_gives_the_vectors_of_the_words_that_are_asked_for(file, data, packed):
    data = gzip.compress(data, mtime=0) if packed else data
    path = file(data, "v.vec" if packed else "v.gz")  # told by the content
    read = read_word_vectors(path, ["été", "cat", "dog"])
    np.testing.assert_array_equal(read.values[read.row("cat")], np.array([1, 2, 3], np.float32))
    np.testing.assert_array_equal(read.values[read.row("été")], np.array([7, 8, 9], np.float32))
    assert read.values.shape == (2, 3)
    assert read.row("dog") is None
    assert (read.width, read.name, read.sha256) == (3, path.name, hashlib.sha256(data).hexdigest())
    assert not read.findings


def test_a_word_is_looked_up_as_written_then_in_lower_case(file):
    read = read_word_vectors(file(b"Cat 1 2\ncat 3 4\ndog 5 6\n"), ["Cat", "Dog", "DOG"])
    assert read.values[[read.row(word) for word in ("Cat", "Dog", "DOG", "cat")], 0].tolist() == [1, 5, 5, 3]


def test_words_that_stand_with_capitals_alone_are_counted(file):
    read = read_word_vectors(file("Paris 1\nLYON 1\nlyon 2\nÉté 1\n".encode()), ["paris", "lyon", "été", "rome"])
    assert read.capitals == 2
    assert [*read.rows] == ["lyon"]


def test_a_word_may_hold_blanks_and_numbers(file):
    data = b"the 1.5 2.5\nnew york 3 4\nroute 66 5.5 6.5\n. . . 7 8\nfoo\xc2\xa0bar 9 9\n"
    read = read_word_vectors(file(data), ["new york", "route 66", ". . .", "foo\xa0bar"])
    assert {word: read.values[row].tolist() for word, row in read.rows.items()} == {
        "new york": [3, 4], "route 66": [5.5, 6.5], ". . .": [7, 8], "foo\xa0bar": [9, 9],
    }  # fmt: skip


def test_a_word_and_its_only_number_are_no_header(file):
    assert read_word_vectors(file(b"7 3\n8 4\n"), ["7", "8"]).values.ravel().tolist() == [3, 4]
    assert read_word_vectors(file(b"2 1\n7 3\n8 4\n"), ["7", "8", "2"]).values.ravel().tolist() == [3, 4]


def test_what_is_odd_but_can_be_read_is_counted(file):
    data = b"9 2\ncat 1 2\n\xff\xfe 1 2\ncat 3 4\nb\xc3 1 2\n 5 6\ncat 5 6\n"
    read = read_word_vectors(file(data), ["cat"])
    assert read.values.tolist() == [[1, 2]]
    assert [finding.text for finding in read.findings] == [
        "v.txt: its header counts 9 words, and there are 6: is the file whole?",
        "v.txt: 2 lines (first 4) with a word that stood before: the first vector holds",
        "v.txt: 2 lines (first 3) with a word that is not UTF-8: left out",
        "v.txt: 1 line (number 6) with numbers and no word: left out",
    ]
    assert read.findings[0].level == "warning"
    assert codes(read_word_vectors(file(b"1 2\ncat 1 2\ndog 1 2\n"), ["cat"])) == ["vectors-header"]


BINARY = b"2 3\n" + b"".join(word + b" " + struct.pack("<3f", 0.1, -1.5, 2e-3) + b"\n" for word in (b"cat", b"dog"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"\n\n", "no vectors in it"),
        (b"5 3\n", "no vectors in it"),
        (b"cat 1 2\ndog 1\neel 1 2\n", "line 2 has 1 number, and others have 2"),
        (b"cat 1 2\ndog\neel 1 2\n", "line 2 has 0 numbers, and others have 2"),
        (b"cat 1 2\ndog 1.5 2 3\neel 1 2\n", "line 2 has 3 numbers, and others have 2"),
        (b"3 3\ncat 1 2\ndog 1 2\n", "line 2 has 2 numbers, and others have 3"),
        (b"cat 1 2\ndog 1 x\n", "line 2: 'x' is no finite number"),
        (b"cat 1 2\nowl 1 x\n", "line 2: 'x' is no finite number"),  # of a word that nobody wants, too
        (b"cat 1 2\ndog 1 nan\n", "line 2: 'nan' is no finite number"),
        (b"cat 1 -inf\ndog 1 1\n", "line 1: '-inf' is no finite number"),
        (b"cat 1 2\ndog 1 1_0\n", "line 2: '1_0' is no finite number"),
        (b"cat 1 2\ndog 1 1-2\n", "line 2: '1-2' is no finite number"),
        (b"cat 1 2\ndog 1 1e39\n", "line 2: '1e39' is beyond float32"),
        (b"cat 1 2\ndog 1 -1e999\n", "line 2: '-1e999' is beyond float32"),
        (b"the quick brown fox\njumps over the dog\n", "line 1: 'quick' is no finite number"),
        (b"cat\ndog\n", "a word and no numbers"),
        (b"cat " + b"1 " * 5000 + b"\n", "5,000 numbers"),
        (b"cat 1\0 2\n", "holds NUL"),
        (BINARY, "word2vec's binary form"),
        (b"\xba\x16\x4f\x2f\x0c\0\0\0", "a model of fastText"),
        ("cat 1 2\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04" + bytes(100), "a .zip"),
        (gzip.compress(GLOVE * 50, mtime=0)[:-20], "a damaged gzip file"),
        (gzip.compress(b"", mtime=0), "empty"),
    ],
)  # fmt: skip
def test_bad_files_are_refused_in_words(file, data, words):
    with pytest.raises(DataError) as caught:
        read_word_vectors(file(data), ["cat", "dog"])
    assert words in caught.value.what
    assert caught.value.where.endswith("v.txt")
    assert caught.value.cure


def test_a_file_that_is_not_there_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "none.txt", tmp_path / "a\0b"):
        with pytest.raises(NotFound):
            read_word_vectors(path, ["cat"])
    with pytest.raises(DataError, match="folder"):
        read_word_vectors(tmp_path, ["cat"])


@pytest.mark.parametrize("line", [b"9" * (200 << 20), b"a" * (200 << 20)], ids=["numbers", "word"])
def test_a_bomb_of_one_line_is_refused_in_little_memory(tmp_path, line):
    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(b"cat 1 2\n" + line)
    del line

    def refused():
        with pytest.raises(DataError, match="line 2 is longer than 1,048,576 bytes"):
            read_word_vectors(path, ["cat"])

    assert peak_of(refused) < 12 * CHUNK


def peak_of(do) -> int:
    tracemalloc.start()
    try:
        do()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("opened", [open, gzip.open])
def test_memory_is_that_of_the_kept_rows(tmp_path, opened):
    path, width, kept = tmp_path / "big.txt", 50, 500
    numbers = " ".join(f"{value:.6f}" for value in np.linspace(-1, 1, width))
    with opened(path, "wt") as stream:
        for place in range(60_000):  # 28 MB, some of its lines broken
            stream.write(f"w{place} {numbers}\nw7 {numbers}\n")
    peak = peak_of(lambda: read_word_vectors(path, [f"w{place}" for place in range(0, 60_000, 60_000 // kept)]))
    assert peak < 8 * CHUNK + 4 * kept * width * 4
    read = read_word_vectors(path, ["w7"])
    assert read.findings[0].text.startswith("big.txt: 60,000 lines")


def test_the_check_and_the_training_read_the_file_once(file, monkeypatch):
    path, reads = file(GLOVE), []
    reading = word_vectors._Reading.read
    monkeypatch.setattr(word_vectors._Reading, "read", lambda self, raw: reads.append(1) or reading(self, raw))
    first, second = (read_word_vectors(path, words) for words in (["cat", "the"], ["the", "cat"]))
    assert first is second
    read_word_vectors(file(GLOVE + b"dog 1 1 1\n"), ["cat", "the"])  # another file under the same name
    assert len(reads) == 2


def test_what_a_run_keeps_comes_back_and_damage_is_a_value_error():
    vectors = TokenVectors(np.array([2, 5]), np.array([[1, 2], [3, 4]], np.float32), {})
    data = vectors.to_bytes()
    again = TokenVectors.from_bytes(data)
    np.testing.assert_array_equal(again.ids, vectors.ids)
    np.testing.assert_array_equal(again.values, vectors.values)
    place = data.index(vectors.values.tobytes())
    for damaged in (b"", data[:-30], data[:place] + b"x" + data[place + 1 :], b"PK\x03\x04"):
        with pytest.raises(ValueError):
            TokenVectors.from_bytes(damaged)
