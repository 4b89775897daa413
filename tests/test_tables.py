"""Files and standard input give one and the same table."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars
import pytest

from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.data.tables import read_series, read_table
from seqtool.errors import DataError, NotFound
from seqtool.reads import DataFile

TRAPS = {
    "plain": "Date,Close\n2024-01-01,1.5\n2024-01-02,2\n",
    "crlf": "Date,Close\r\n2024-01-01,1.5\r\n2024-01-02,2\r\n",
    "bom": "\ufeffDate,Close\n2024-01-01,1.5\n2024-01-02,2\n",
    "no final newline": "Date,Close\n2024-01-01,1.5\n2024-01-02,2",
    "blank first": "\n\nDate,Close\n2024-01-01,1.5\n2024-01-02,2\n",
    "semicolons": "Date;Close\n2024-01-01;1.5\n2024-01-02;2\n",
    "tabs": "Date\tClose\n2024-01-01\t1.5\n2024-01-02\t2\n",
    "quotes": '"Date", "Close"\n"2024-01-01", "1.5"\n"2024-01-02", "2"\n',
    "trailing separator": "Date,Close\n2024-01-01,1.5,\n2024-01-02,2,\n",
    "prose": 'Date,Close\n2024-01-01,1.5\n2024-01-02,2\n\n"a, b"\nthis, that, and the other\n',
}


def both(tmp_path: Path, data: bytes, name: str = "table.csv"):
    """Read the same bytes as a file and as text."""
    path = tmp_path / name
    path.write_bytes(data)
    return read_table(path), parse_table(data.decode("utf-8"))


@pytest.mark.parametrize("name", TRAPS)
def test_every_trap_gives_the_plain_table(tmp_path, name):
    from_file, from_text = both(tmp_path, TRAPS[name].encode())
    assert (from_file.columns, [*from_file.lines]) == (from_text.columns, [*from_text.lines])
    one = clean(from_file)
    assert (one.columns, one.values[:, 0].tolist()) == (("Close",), [1.5, 2])
    assert one.stamps() == ["2024-01-01", "2024-01-02"]


def test_cells_are_kept_as_they_stand():
    table = parse_table("a,b\n1.50,x y\n,null\n3\n")
    assert table.columns == {"a": ["1.50", "", "3"], "b": ["x y", "null", None]}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("1,2.5\n3,4\n", ["column_1", "column_2"]),
        ("2024-01-01,n/a\n2024-01-02,4\n", ["column_1", "column_2"]),
        ("5\n6\n", ["column_1"]),
        ("a,,c\n1,2,3\n", ["a", "column_2", "c"]),
        (" a , b\n1,2\n", ["a", "b"]),
    ],
)
def test_names_with_and_without_a_header(text, names):
    table = parse_table(text)
    assert list(table.columns) == names
    assert len(table) == (1 if text[0] in "a " else 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no rows"),
        ("\n\n", "no rows"),
        ("a,b,a\n1,2,3\n", "has the column 'a' 2 times"),
        ("date,y\n2024-01-01,1,234.5\n", "line 2 has 3 cells, the first row 2"),
        ('date,y,who\n2024-01-01,1,"a\n2024-01-02,2,b\n2024-01-03,3,c\n', "never closed"),
    ],
)
def test_what_is_no_table(text, words):
    with pytest.raises(DataError, match=words) as caught:
        parse_table(text)
    assert caught.value.where == "standard input"
    assert caught.value.cure


def test_gzip_and_tsv(tmp_path):
    path = tmp_path / "table.tsv.gz"
    path.write_bytes(gzip.compress(b"a, b, c\ty\nx\t1\n"))  # commas in the header do not deceive a .tsv
    assert read_table(path).columns == {"a, b, c": ["x"], "y": ["1"]}


def test_parquet_reads_back_every_bit(tmp_path):
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(size=50) * 10.0 ** rng.integers(-300, 38, 50), [5e-324, 0.1]])
    days = polars.date_range(polars.date(2024, 1, 1), polars.date(2024, 2, 21), eager=True)
    times = days.cast(polars.Datetime("us", "UTC"))
    frame = polars.DataFrame({"date": days, "y": values, "n": range(52), "s": ["a", None] * 26})
    frame.write_parquet(tmp_path / "a.parquet")
    frame.with_columns(date=times).write_parquet(tmp_path / "b")  # told by its content, whatever its name
    for name in ("a.parquet", "b"):
        one = read_series([DataFile(tmp_path / name)])
        assert one.values[:, 0].tobytes() == values.tobytes()
        assert one.stamps() == [str(day) for day in days]
    table = read_table(tmp_path / "a.parquet")
    assert (table.columns["n"][1], table.columns["s"][:2]) == ("1", ["a", None])


def test_damaged_files_are_named(tmp_path):
    whole = tmp_path / "whole.parquet"
    polars.DataFrame({"y": [1.0, 2.0]}).write_parquet(whole)
    cases = {
        "empty.csv": (b"", "is empty"),
        "latin.csv": (b"d\xe9but,y\n1,2\n", "byte 0xe9 in line 1"),
        "binary.csv": (b"\x00\x01\x02", "binary"),
        "cut.parquet": (whole.read_bytes()[:60], "damaged Parquet"),
        "noise.parquet": (b"PAR1" + bytes(range(256)) + b"PAR1", "damaged Parquet"),
        "cut.csv.gz": (gzip.compress(b"y\n1\n2\n")[:-4], "damaged gzip"),
    }
    for name, (data, words) in cases.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(DataError, match=words) as caught:
            read_table(path)
        assert len(str(caught.value).splitlines()) == 3
    with pytest.raises(NotFound):
        read_table(tmp_path / "nowhere.csv")
    with pytest.raises(DataError, match="folder"):
        read_table(tmp_path)


def test_several_files_are_joined_under_their_labels(tmp_path):
    (tmp_path / "BTC-EUR.csv").write_text("Date,Close\n2024-01-02,20\n2024-01-03,30\n2024-01-04,40\n")
    (tmp_path / "usd.csv").write_text("Date,Close\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n")
    one = read_series([DataFile(tmp_path / "usd.csv", "USD"), DataFile(tmp_path / "BTC-EUR.csv")])
    assert one.columns == ("USD", "BTC-EUR")
    assert one.values.tolist() == [[2, 20], [3, 30]]


def test_files_without_stamps_are_read_and_joined_on_counted_ones(tmp_path):
    (tmp_path / "a.csv").write_text("y\n1\n2\n3\n")
    (tmp_path / "b.csv").write_text("time,y\n2000-06-05T00:30,20\n2000-06-05T01:00,30\n2000-06-05T01:30,40\n")
    counted = DataFile(tmp_path / "a.csv", "a", "2000-06-05T00:00", 1800)
    assert read_series([counted]).stamps()[1] == "2000-06-05T00:30:00"
    joined = read_series([counted, DataFile(tmp_path / "b.csv", "b")])
    assert (joined.columns, joined.values.tolist()) == (("a", "b"), [[2, 20], [3, 30]])


def test_columns_that_turn_constant_by_the_join_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("Date,Close\n2024-01-01,7\n2024-01-02,5\n2024-01-03,5\n")
    (tmp_path / "b.csv").write_text("Date,Close\n2024-01-02,2\n2024-01-03,2\n2024-01-04,8\n")
    with pytest.raises(DataError, match="'a' is constant"):
        read_series([DataFile(tmp_path / "a.csv"), DataFile(tmp_path / "b.csv")])


def test_reading_standard_input_needs_no_polars():
    code = (
        "import sys, seqtool.data.number_table as t, seqtool.data.clean as s\n"
        "s.clean(t.parse_table('date,y\\n2024-01-01,1\\n2024-01-02,2\\n'))\n"
        "print(sorted({'polars', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


BITCOIN = {
    # rows of the table, rows of prose, first and last day, days on the grid
    "btc-usd-yahoo-2014-2026.csv": (4348, 0, "2014-09-17", "2026-08-21", 4357),
    "btc.csv": (1273, 0, "2014-12-01", "2018-05-26", 1273),
    "coindesk-bpi-USD-close.csv": (2138, 3, "2010-07-18", "2016-05-24", 2138),
    "BTC-EUR.csv": (3076, 0, "2014-09-17", "2023-02-17", 3076),
}


@pytest.mark.data
@pytest.mark.parametrize("name", BITCOIN)
def test_the_bitcoin_files_through_both_doors(name):
    path = Path(os.environ["SEQTOOL_MIRROR"]) / "bitcoin" / name
    rows, prose, first, last, days = BITCOIN[name]
    from_file, from_text = read_table(path), parse_table(path.read_bytes().decode())
    assert from_file.columns == from_text.columns
    # polars' own reader is the oracle for the cells
    oracle = polars.read_csv(path, infer_schema=False, n_rows=rows)
    for column, cells in from_file.columns.items():
        assert cells[:rows] == oracle[column].to_list()[:rows]
        assert len(cells) == rows + prose
    one = clean(from_file)
    assert one.values.tobytes() == read_series([DataFile(path)]).values.tobytes()
    assert [one.stamps()[0], one.stamps()[-1]] == [first, last]
    assert len(one.values) == days
    assert np.nansum(one.values) == pytest.approx(oracle["Close"][:rows].cast(float, strict=False).sum(), rel=1e-12)


@pytest.mark.data
def test_what_is_said_of_the_bitcoin_files():
    folder = Path(os.environ["SEQTOOL_MIRROR"]) / "bitcoin"
    texts = {name: {f.code: f.text for f in read_series([DataFile(folder / name)]).findings} for name in BITCOIN}
    assert "newest-first" in texts["btc.csv"]
    assert "3 rows" in texts["coindesk-bpi-USD-close.csv"]["trailing-text"]
    assert "1 in 'Close' (the first at 2023-02-16)" in texts["BTC-EUR.csv"]["missing-values"]
    assert "3 places" in texts["btc-usd-yahoo-2014-2026.csv"]["out-of-order"]
    assert texts["btc-usd-yahoo-2014-2026.csv"]["missing-stamps"].startswith("9 time stamps")


@pytest.mark.parametrize(("dtype", "number"), [
    (polars.Date, 8_345_000), (polars.Date, 2**31 - 1), (polars.Datetime("ms"), 9 * 10**15),
    (polars.Datetime("us"), -(2**62)), (polars.Date, -800_000),
])  # fmt: skip
def test_dates_of_parquet_that_no_calendar_has_are_refused_in_words(tmp_path, dtype, number):
    days = polars.Series("day", [None, 0, number], dtype=polars.Int64 if dtype != polars.Date else polars.Int32).cast(
        dtype
    )
    polars.DataFrame({"day": days, "y": [1.0, 2.0, 3.0]}).write_parquet(tmp_path / "days.parquet")
    with pytest.raises(DataError, match="column 'day' holds dates beyond the years 1 to 9999"):
        read_table(tmp_path / "days.parquet")


def test_the_first_and_the_last_day_of_the_calendar_are_read(tmp_path):
    days = polars.Series("day", [-719_162, 2_932_896], dtype=polars.Int32).cast(polars.Date)
    polars.DataFrame({"day": days, "y": [1.0, 2.0]}).write_parquet(tmp_path / "days.parquet")
    assert read_table(tmp_path / "days.parquet").columns["day"] == ["0001-01-01", "9999-12-31"]
