"""Files that explode, never end or lie about their size are refused in words; honest ones of any size are read."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import signal
import sys
from pathlib import Path

import numpy as np
import polars
import pytest

from seqtool.data import files, probe
from seqtool.data.files import read_bytes
from seqtool.data.labelled import read_labelled
from seqtool.data.limits import hold_lines
from seqtool.data.tables import read_series, read_table
from seqtool.data.tagged import read_tagged
from seqtool.data.text import read_text
from seqtool.data.text_records import TextFormat
from seqtool.errors import DataError, UsageError
from seqtool.reads import DataFile
from seqtool.runtime.state import read_stream

MEBI = 1 << 20
ROWS = "".join(f"2024-01-{day:02d},{day}\n" for day in range(1, 29))


@pytest.fixture
def save(tmp_path):
    def to(data: bytes | str, name: str = "a.csv"):
        (tmp_path / name).write_bytes(data.encode() if isinstance(data, str) else data)
        return tmp_path / name

    return to


def test_what_explodes_is_refused_until_its_limit_is_raised(save, monkeypatch):
    monkeypatch.setenv("SEQTOOL_MAX_INFLATED", "1")
    text = b"2024-01-01,1\n" * 300_000
    bomb = save(gzip.compress(text), "bomb.csv.gz")
    assert len(text) > 200 * bomb.stat().st_size
    with pytest.raises(DataError, match="more than 1 MiB, and more than 100 times its own size") as caught:
        read_bytes(bomb, "")
    assert caught.value.where == str(bomb)
    assert "SEQTOOL_MAX_INFLATED=10" in caught.value.cure
    monkeypatch.setenv("SEQTOOL_MAX_INFLATED", "10")
    assert read_bytes(bomb, "") == text


def test_honest_packed_files_may_be_larger_than_the_limit(save, monkeypatch):
    monkeypatch.setenv("SEQTOOL_MAX_INFLATED", "1")
    dice = random.Random(0)
    text = "".join(f"2024-01-01,{dice.random()}\n" for _ in range(80_000)).encode()
    assert len(text) > 2 * MEBI
    assert read_bytes(save(gzip.compress(text)), "") == text


def test_a_line_beyond_the_limit_is_named_by_every_reader_of_lines(save, monkeypatch):
    monkeypatch.setenv("SEQTOOL_MAX_LINE", "1")
    for read, good, long in (
        (read_table, f"Date,Close\n{ROWS}", "1" * 2 * MEBI),
        (read_labelled, "a\tx\nb\ty\n" * 14, "b\t" + "y " * MEBI),
        (read_tagged, "The/DT cat/NN ./.\n" * 28, "a/DT " * MEBI),
        (read_tagged, "(S (DT a))\n" * 28, "(" * 2 * MEBI),
    ):
        path = save(good + long)
        with pytest.raises(DataError, match=rf"line {good.count(chr(10)) + 1} is longer than 1 MiB") as caught:
            read(path)
        assert caught.value.where == str(path)
        assert "SEQTOOL_MAX_LINE=10" in caught.value.cure


def test_brackets_without_an_end_are_a_line_too(save, monkeypatch):
    monkeypatch.setenv("SEQTOOL_MAX_LINE", "1")
    for brackets in ("[" * 2 * MEBI, "{" * 2 * MEBI, "[" * MEBI + "]" * MEBI):
        with pytest.raises(DataError, match="line 1 is longer than 1 MiB"):
            read_table(save(brackets))


def test_an_array_of_json_and_a_book_may_be_one_line(save, monkeypatch):
    monkeypatch.setenv("SEQTOOL_MAX_LINE", "1")
    rows = [{"Date": f"2024-01-{day:02d}", "Close": day, "note": "x" * 50_000} for day in range(1, 29)]
    assert len(read_table(save(json.dumps(rows)))) == 28
    book = "once upon a time " * 100_000
    assert read_text([DataFile(save(book, "a.txt"))], TextFormat()).text.strip() == book.strip()


def test_many_lines_of_any_end_are_no_long_line(monkeypatch):
    monkeypatch.setenv("SEQTOOL_MAX_LINE", "1")
    for end in (b"\n", b"\r\n", b"\r"):
        hold_lines((b"x" * 1000 + end) * 5000, "a")
        hold_lines(b"x" * MEBI + end + b"x" * MEBI, "a")
        with pytest.raises(DataError, match="is longer"):
            hold_lines((b"x" * 1000 + end) * 5000 + b"x" * (MEBI + 1), "a")


def test_a_cell_in_quotes_beyond_the_limit_is_named(save, monkeypatch):
    monkeypatch.setenv("SEQTOOL_MAX_LINE", "1")
    with pytest.raises(DataError, match=r"opened in line 2 .* not closed within 1,048,576 characters"):
        read_table(save('Date,Close\n2024-01-01,"1\n' + ROWS * 4000))


def test_columns_and_series_have_a_limit(save, monkeypatch):
    monkeypatch.setenv("SEQTOOL_MAX_COLUMNS", "5")
    wide = save("Date," + ",".join("abcdef") + "\n2024-01-01" + ",1" * 6 + "\n")
    with pytest.raises(DataError, match="7 columns, and 5 are the most") as caught:
        read_table(wide)
    assert "SEQTOOL_MAX_COLUMNS=50" in caught.value.cure
    array = io.BytesIO()
    np.save(array, np.ones((3, 6)))
    with pytest.raises(DataError, match="6 columns, and 5"):
        read_table(save(array.getvalue(), "a.npy"))
    rows = "".join(f"2024-01-0{day},m{name},{day + name}\n" for name in range(6) for day in range(1, 9))
    long = save("time,meter,load\n" + rows, "long.csv")
    with pytest.raises(DataError, match="6 series, and 5"):
        read_series([DataFile(long)], id_column=["meter"])
    monkeypatch.setenv("SEQTOOL_MAX_COLUMNS", "7")
    assert len(read_table(wide).columns) == 7
    assert len(read_series([DataFile(long)], id_column=["meter"]).columns) == 6


def test_series_that_share_no_time_stamps_are_not_made_wide(save):
    stamps = np.datetime64("2000-01-01") + np.arange(5000)
    long = save("time,meter,load\n" + "".join(f"{stamp},m{place},1\n" for place, stamp in enumerate(stamps)))
    with pytest.raises(DataError, match="5,000 series have 5,000 different time stamps in 5,000 rows"):
        read_series([DataFile(long)], id_column=["meter"])


def test_a_gap_of_millennia_takes_no_memory(save):
    rows = "".join(f"1700-01-01 00:00:{second:02d},{second}\n" for second in range(1, 59))
    with pytest.raises(DataError, match="rows would be missing"):
        read_series([DataFile(save(f"Date,Close\n{rows}9999-01-01 00:00:00,3\n"))])


@pytest.mark.parametrize("word", ["0", "-1", "x", "1e3", "9" * 20, "٣"])
def test_a_limit_that_is_no_number_is_refused(save, monkeypatch, word):
    monkeypatch.setenv("SEQTOOL_MAX_INFLATED", word)
    with pytest.raises(UsageError, match="SEQTOOL_MAX_INFLATED"):
        read_bytes(save(gzip.compress(b"x")), "")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes in folders are of POSIX")
def test_what_may_never_end_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    signal.alarm(20)  # a reader that waits for a writer
    try:
        for path in (tmp_path / "pipe", Path("/dev/zero")):
            with pytest.raises(DataError, match="not a regular file") as caught:
                read_bytes(path, "give a table")
            assert caught.value.where == str(path)
            with pytest.raises(DataError, match="not a regular file"):
                read_stream(path, {}, "")
    finally:
        signal.alarm(0)


def test_a_header_that_lies_about_its_rows_asks_for_no_memory(save):
    header = io.BytesIO()
    facts = {"descr": "<f8", "fortran_order": False, "shape": (10**12,)}
    np.lib.format.write_array_header_1_0(header, facts)
    with pytest.raises(DataError, match=r"takes more memory than there is|damaged NumPy file"):
        read_table(save(header.getvalue() + bytes(80)))


def parquet(frame: polars.DataFrame) -> bytes:
    stream = io.BytesIO()
    frame.write_parquet(stream)
    return stream.getvalue()


def test_a_parquet_file_of_few_bytes_and_millions_of_cells_is_refused(save):
    bomb = save(parquet(polars.select(polars.repeat(1, 8_000_000).alias("Close"))), "a.parquet")
    assert bomb.stat().st_size < MEBI
    with pytest.raises(DataError, match="far more than its size") as caught:
        read_table(bomb)
    assert "SEQTOOL_MAX_INFLATED" in caught.value.cure


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux alone")
def test_a_reader_that_ends_its_process_ends_not_ours(save, monkeypatch):
    whole = save(parquet(polars.DataFrame({"Close": [float(row) for row in range(100_000)]})), "a.parquet")
    assert len(read_table(whole)) == 100_000
    monkeypatch.setattr(probe, "COPIES", 0)  # no memory at all: the library aborts
    with pytest.raises(DataError, match="failed or asked for too much memory"):
        read_table(whole)


def test_data_beyond_the_memory_is_named(cli, save, monkeypatch):
    def exhaust(data: bytes, where: str) -> bytes:
        raise MemoryError

    monkeypatch.setattr(files, "inflated", exhaust)
    answer = cli("check", "bitcoin", "--data", save("Date,Close\n" + ROWS, "mine.csv"))
    assert answer.returncode == 2
    assert "takes more memory than there is" in answer.stderr
    assert "mine.csv" in answer.stderr
    assert "--batch" not in answer.stderr
