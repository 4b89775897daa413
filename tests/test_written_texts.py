"""Parquet and Excel files of pairs and of texts: the rows of a CSV file of the same cells."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqtool.data.pair_table import PairFormat, read_table
from seqtool.data.text import read_text
from seqtool.data.text_records import TextFormat
from seqtool.errors import DataError
from seqtool.reads import DataFile

pandas = pytest.importorskip("pandas")
pytest.importorskip("fastexcel")
pytest.importorskip("openpyxl")

PAIRS = [(f"Hier steht Satz {n}, kurz.", f"Here is sentence {n}, short.") for n in range(12)]


def laid(folder: Path, kind: str, rows, names=None) -> Path:
    path = folder / f"table.{kind}"
    frame = pandas.DataFrame(rows, columns=names)
    if kind == "xlsx":
        frame.to_excel(path, index=False, header=names is not None)
    else:
        import polars

        polars.DataFrame({name: frame[name].to_list() for name in names}).write_parquet(path)
    return path


def texts(read) -> list[tuple[str, str]]:
    return [(pair.source, pair.target) for pair in read.records]


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_pairs_of_a_written_table(tmp_path, kind):
    rows = [(f"x{n}", *pair) for n, pair in enumerate(PAIRS)]
    read = read_table(laid(tmp_path, kind, rows, ["key", "en", "de"]), PairFormat())
    assert texts(read) == PAIRS
    said = "Excel" if kind == "xlsx" else "Parquet"
    expected = f"read as {said}: 'en' is the source, 'de' the target; --reverse exchanges them; not read: key"
    assert [finding.text for finding in read.findings if finding.code == "format"] == [expected]
    turned = read_table(tmp_path / f"table.{kind}", PairFormat(languages=("de", "en")))
    assert texts(turned) == [pair[::-1] for pair in PAIRS]


def test_a_sheet_without_names_and_one_with_a_title(tmp_path):
    read = read_table(laid(tmp_path, "xlsx", PAIRS), PairFormat())
    assert texts(read) == PAIRS
    assert read.records[0].number == 1
    titled = laid(tmp_path, "xlsx", [("Vokabeln", None), (None, None), ("Deutsch", "Englisch"), *PAIRS])
    assert texts(read_table(titled, PairFormat())) == PAIRS


def test_the_struct_of_a_translation_in_parquet(tmp_path):
    import polars

    path = tmp_path / "train.parquet"
    records = [{"id": str(n), "translation": {"de": a, "en": b}} for n, (a, b) in enumerate(PAIRS)]
    polars.DataFrame(records).write_parquet(path)
    assert texts(read_table(path, PairFormat())) == PAIRS


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_texts_of_a_written_table(tmp_path, kind):
    path = laid(tmp_path, kind, [(a, len(a)) for a, _ in PAIRS], ["story", "length"])
    document = read_text([DataFile(path)], TextFormat())
    assert document.text == "\n\n".join(a for a, _ in PAIRS) + "\n"
    assert document.findings[0].text.endswith("'story' is the text, a blank line between two records")
    unknown = laid(tmp_path, kind, PAIRS, ["one", "two"])
    with pytest.raises(DataError, match="which of its columns is the text") as error:
        read_text([DataFile(unknown)], TextFormat())
    assert error.value.cure == "--text-column NAME"
    assert "Here is sentence 3" in read_text([DataFile(unknown)], TextFormat(column="two")).text


def test_a_sheet_of_no_pairs_is_refused(tmp_path):
    with pytest.raises(DataError, match="the table has one column"):
        read_table(laid(tmp_path, "xlsx", [(a,) for a, _ in PAIRS]), PairFormat())
