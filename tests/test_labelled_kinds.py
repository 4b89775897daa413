"""Labelled texts as people have them: each kind of file, what its content decides, and what is refused in words."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pandas
import polars
import pytest

from seqtool.config import load
from seqtool.data.label_classes import read_class
from seqtool.data.labelled import Labelled, read_labelled
from seqtool.data.layout import Layout
from seqtool.data.text_table import Table
from seqtool.errors import DataError, SeqtoolError, UsageError
from seqtool.families.classification.config import ClassificationConfig, layout
from seqtool.reads import DataFile

MODEL = Path(__file__).parent / "models" / "tiny-sentiment.onnx"
GIVEN = [(("ham", "spam", "ham")[n % 3], f"the sea number {n} was, so to say, like that") for n in range(24)]


@pytest.fixture
def write(tmp_path):
    def to(content: str | bytes, name: str = "data.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to


def rows(pattern: str, header: str = "", given=GIVEN) -> str:
    lines = [pattern.format(label=label, text=text, n=n) for n, (label, text) in enumerate(given)]
    return "\n".join([*([header] if header else []), *lines, ""])


def pairs(read) -> list[tuple[str, str]]:
    return [(one.label, one.text) for one in read.records]


def said(read) -> dict[str, str]:
    return {found.code: found.text for found in read.findings}


KINDS = {
    "label first, tab": ("{label}\t{text}", "", "a.tsv"),
    "label last, tab": ("{text}\t{label}", "", "a.tsv"),
    "label first, blank": ("{label} {text}", "", "a.txt"),
    "header of tabs": ("{label}\t{text}", "labels\ttext", "a.tsv"),
    "unknown header of tabs": ("{text}\t{label}", "Bericht\tLage", "a.tsv"),
    "header of a blank": ("{label} {text}", "label text", "a.txt"),
    "comma, no header": ('{label},"{text}"', "", "a.csv"),
    "comma, label last, no header": ('"{text}",{label}', "", "a.csv"),
    "comma in a .txt": ('{label},"{text}"', "", "a.txt"),
    "usual names": ('{n},"{text}",{label}', "id,Review Text,Sentiment", "a.csv"),
    "names of the SMS set": ('{label},"{text}",,,', "v1,v2,,,", "a.csv"),
    "index without a name": ('{n},"{text}",{label}', ",text,target", "a.csv"),
    "unknown header": ('{label},"{text}"', "Lage,Bericht", "a.csv"),
    "title and text": ('{label},t{n},"{text}"', "class,title,text", "a.csv"),
    "semicolon": ("{label};{text}", "label;text", "a.csv"),
    "Excel's first line": ("{label};{text}", "sep=;\nlabel;text", "a.csv"),
    "bar": ("{label}|{text}", "intent|utterance", "a.txt"),
    "fastText": ("__label__{label} {text}", "", "a.txt"),
    "fastText, blank before": (" __label__{label} {text}", "", "a.txt"),
    "fastText, tab": ("__label__{label}\t{text}", "", "a.txt"),
    "fastText, label last": ("{text} __label__{label}", "", "a.txt"),
    "fastText's prefix in a table": ('__label__{label},"{text}"', "label,text", "a.csv"),
    "JSON Lines": ('{{"text": "{text}", "label": "{label}"}}', "", "a.jsonl"),
    "JSON Lines with lists": ('{{"id": {n}, "labels": ["{label}"], "sentence": "{text}"}}', "", "a.json"),
    "JSON Lines of categories": ('{{"text": "{text}", "cats": {{"{label}": 1, "other": 0}}}}', "", "a.jsonl"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_read_by_its_content(write, kind):
    pattern, header, name = KINDS[kind]
    read = read_labelled(write(rows(pattern, header), name))
    assert pairs(read) == GIVEN
    above = header.count("\n") + 1 if header else 0
    assert [one.number for one in read.records] == [above + n + 1 for n in range(len(GIVEN))]
    assert said(read)["format"].startswith("read as ")
    assert not [found for found in read.findings if found.level == "warning"]


def test_an_array_of_json_and_utf_16(write):
    records = json.dumps([{"tweet": text, "class": label} for label, text in GIVEN])
    assert pairs(read_labelled(write(records, "a.json"))) == GIVEN
    assert pairs(read_labelled(write(rows("{label}\t{text}").encode("utf-16")))) == GIVEN
    latin = [("à", f"café {text}") for _, text in GIVEN[:12]] + [("b", text) for _, text in GIVEN[12:]]
    path = write(rows("{label}\t{text}", given=latin).encode("windows-1252"))
    with pytest.raises(DataError, match="not UTF-8") as caught:
        read_labelled(path)
    assert "--encoding windows-1252 would read line 1 as 'à\\tcafé" in caught.value.cure
    assert pairs(read_labelled(path, Layout(encoding="windows-1252"))) == latin


@pytest.mark.parametrize("date", ["0{n}.03.2024", "2024-03-0{n}", "3/{n}/24", "2024-03-0{n} 12:30"])
def test_a_column_of_dates_holds_no_labels(write, date):
    rows = "".join(f"{'ab'[n % 2]};text number {n} is this;{date.format(n=1 + n % 7)}\n" for n in range(60))
    read = read_labelled(write("wertung;was;wann\n" + rows, "a.csv"))
    assert said(read)["columns"] == "labels from the column 'wertung', texts from 'was'; not used: wann"


def test_unused_columns_are_named(write):
    read = read_labelled(write(rows('{n},t{n},"{text}",{label}', "id,title,text,label"), "a.csv"))
    assert said(read)["columns"] == "labels from the column 'label', texts from 'text'; not used: id, title"


def test_several_labels_stay_with_their_record(write):
    (first, second) = read_labelled(write("__label__a __label__b the __label__a text\n__label__b more\n")).records
    assert (first.label, first.labels, first.all_labels, first.text) == ("a", ("a", "b"), ("a", "b"), "the text")
    assert (second.label, second.labels, second.all_labels) == ("b", None, ("b",))
    cells = write('text,label\n"the first, of two","a, b"\nthe second text,b\nno label at all,\n', "a.csv")
    read = read_labelled(cells, Layout(label_separator=","))
    assert [one.all_labels for one in read.records] == [("a", "b"), ("b",)]
    assert said(read)["no-label"].startswith("1 line without a label, line 4")
    lists = write('{"text": "one", "label": ["a", "b"]}\n{"text": "two", "label": []}\n')
    assert [one.all_labels for one in read_labelled(lists).records] == [("a", "b"), ()]


def test_columns_of_0_and_1_are_labels_by_option(write):
    table = "id,comment,toxic,rude\n1,you are nice,0,0\n2,you are not,1,0\n3,go away now,1,1\n"
    read = read_labelled(write(table, "a.csv"), Layout(label_columns=("toxic", "4")))
    assert [one.all_labels for one in read.records] == [(), ("toxic",), ("toxic", "rude")]
    alone = read_labelled(write(table, "a.csv"), Layout(label_columns=("toxic",)))
    assert [one.all_labels for one in alone.records] == [("0",), ("1",), ("1",)]
    with pytest.raises(DataError, match="the column 'id' holds '2' in line 3, not 0 or 1"):
        read_labelled(write(table, "a.csv"), Layout(label_columns=("id", "toxic")))


def test_columns_of_0_and_1_are_offered_together(write):
    signs = ["1,0,0", "0,1,0", "0,0,1"]
    table = "text,good,so so,bad\n" + "".join(f"a text {n},{signs[n % 3]}\n" for n in range(30))
    with pytest.raises(DataError, match="labels may be in 3 columns: good, so so, bad") as caught:
        read_labelled(write(table, "a.csv"))
    assert caught.value.cure.startswith("--label-column 'good,so so,bad' takes these columns together")
    read = follow(write(table, "a.csv"), "--label-column 'good,so so,bad'")
    assert Counter(one.all_labels for one in read.records) == {("good",): 10, ("so so",): 10, ("bad",): 10}


def test_quotes_are_undone_where_they_are_marks(write):
    cells = [(label, f'he said "{text}"') for label, text in GIVEN]
    doubled = "\n".join(["label\ttext", *(f'{label}\t"{text.replace(chr(34), 2 * chr(34))}"' for label, text in cells)])
    assert pairs(read_labelled(write(doubled, "pandas.tsv"))) == cells
    plain = "\n".join(["label\ttext", *(f"{label}\t{text}" for label, text in cells)])
    assert pairs(read_labelled(write(plain, "a.tsv"))) == cells
    whole = [(label, f'"{text}"') for label, text in GIVEN]
    assert pairs(read_labelled(write(rows("{label}\t{text}", "label\ttext", whole), "a.tsv"))) == whole


def test_quotes_of_a_spreadsheet_between_tabs_are_marks(write):
    given = [(label, text if n % 3 else text.replace(",", "")) for n, (label, text) in enumerate(GIVEN)]
    lines = [f'{label}\t"{text}"' if "," in text else f"{label}\t{text}" for label, text in given]
    assert pairs(read_labelled(write("label\ttext\n" + "\n".join(lines), "a.txt"))) == given
    # one comma without quotes: a person wrote the others, or that one
    read = read_labelled(write("label\ttext\n" + "\n".join([*lines, "ham\tso, so"]), "a.txt"))
    count = sum("," in text for _, text in given)
    assert said(read)["quotes-kept"].startswith(f"{count} cells begin and end with quotes that are read as text")
    assert "first in line 3: remove them" in said(read)["quotes-kept"]


def test_quotes_that_one_cell_keeps_from_being_marks_are_said(write):
    lines = [f'{label}\t"{text} ""so"" he said"' for label, text in GIVEN]
    assert pairs(read_labelled(write("\n".join(lines)))) == [(label, f'{text} "so" he said') for label, text in GIVEN]
    read = read_labelled(write("\n".join([*lines, 'ham\t"Yes" is a word'])))
    assert f"in line {len(lines) + 1} one does not end its cell" in said(read)["quotes-kept"]
    speech = [f'{label}\t"{text}"' if n % 3 else f"{label}\t{text}, he said" for n, (label, text) in enumerate(GIVEN)]
    assert "quotes-kept" not in said(read_labelled(write("\n".join(speech))))


def test_a_tab_and_a_line_end_in_each_quoted_cell_part_no_record(write):
    given = [(label, f"{text}\tand\n{n} more") for n, (label, text) in enumerate(GIVEN)]
    for head in ("", "text\tlabel\n"):
        content = head + "".join(f'"{text}"\t{label}\n' for label, text in given).replace("\tand", "\t" + "and")
        assert pairs(read_labelled(write(content, "a.tsv"))) == given


def test_line_ends_in_cells_and_cells_of_a_megabyte(write):
    given = [("a", "one\ntwo, three"), ("b", "x" * 1_000_000), ("a", "four")]
    content = "label,text\r\n" + "".join(f'{label},"{text}"\r\n' for label, text in given)
    read = read_labelled(write(content, "a.csv"))
    assert pairs(read) == given
    assert [one.number for one in read.records] == [2, 4, 5]


def test_rows_that_are_blank_or_lack_a_label_are_counted(write):
    content = rows('{label},"{text}"', "label,text") + '  \n\n,"no label"\nham,\n'
    read = read_labelled(write(content, "a.csv"))
    assert pairs(read) == GIVEN
    assert said(read)["no-label"] == "1 line without a label, line 28: left out"
    assert said(read)["no-text"] == "1 line without a text, line 29: left out"


REFUSED = {
    "a quote that is never closed": (rows("{label},x {n}", "label,text") + 'ham,"open\nspam,b\n', "a.csv", "line 26"),
    "a comma without quotes": (rows("{label},x {n}", "label,text") + "ham,a,b\n", "a.csv", "line 26 has 3 columns"),
    "two columns of labels": (rows('{label},{label},"{text}"', "class,category,text"), "a.csv", "in 2 columns: class"),
    "two columns of texts": (rows('{label},"{text}","{text}"', "class,title,summary"), "a.csv", "2 columns: title"),
    "two columns of values": (rows("{label}\t{label}\t{text}"), "a.tsv", "the labels may be in 2 columns: column_1"),
    "more texts than one, no names": (rows("{label}\t{text}\t{text}"), "a.tsv", "texts may be in 2 columns: column_2"),
    "labels in cells": (
        rows('"{text}","{label},{n}"', "text,label", [(label, text) for label, text in GIVEN[:3] * 4])
        .replace(",3", ",1").replace(",4", ",1").replace(",5", ",2").replace(",6", ",0"),
        "a.csv", "may be one label, or several parted by ','",
    ),
    "labels in brackets that are no lists": (rows('"{text}",[{label}]', "text,label"), "a.csv", "look like lists"),
    "labels longer than texts": (
        rows("{label}\t{text}", given=[(f"a very long label {n % 6}", f"t{n}") for n in range(24)]), "a.tsv",
        "the label of line 1 may be 'a very long label 0' or 't0'",
    ),
    "a header, maybe": (
        rows("{text}\t{label}", "w99\tzunge", [(f"l{n % 3}", f"w{n}") for n in range(24)]), "a.tsv", "the first row",
    ),
    "first words or last": (
        rows("{text} {label}", given=[(f"l{n % 3}", f"{'abcdef'[n % 6]} text {n}") for n in range(24)]), "a.txt",
        "may be the first words of the lines, or the last ones",
    ),
    "words with tags": (
        rows("{label}/NN {text}", given=[(f"{'ab'[n % 2]}", "isst/VV rot/ADJ") for n in range(24)]), "a.txt",
        "words with tags, such as 'a/NN'",
    ),
    "no labels in a table": (rows("{n},x{n}", "a,b"), "a.csv", "no columns of labels and texts"),
    "one column": ("a\nb\nc\n", "a.csv", "no columns of labels and texts"),
    "running text": ("\n".join(f"word{n} is here, and more" for n in range(11)), "a.txt", "do not begin with labels"),
    "damaged JSON": ('{"text": "a", "label": "b"}\n{"text": \n', "a.jsonl", "line 2 is no JSON"),
    "a title that is a row": (rows('{label},"{text}",x', "label,text"), "a.csv", "line 2 has 3 columns"),
    "commas or tabs": (
        rows('"a\ttext\t{n}",{label}') + rows('"a\ttext {n}",{label}'), "a.csv",
        "commas may part cells, or tabs labels from texts",
    ),
    "two marks": (rows("{label};the text {n},{label}"), "a.csv", "part the cells equally well"),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_what_can_be_read_in_two_ways_or_in_none_is_refused_in_words(write, kind):
    content, name, what = REFUSED[kind]
    with pytest.raises(SeqtoolError, match=re.escape(what)) as caught:
        read_labelled(write(content, name))
    assert caught.value.where
    assert caught.value.cure


SOLVABLE = ("two columns", "two marks", "more texts", "labels", "a header", "first")
WITH_OPTIONS = [kind for kind in REFUSED if kind.startswith(SOLVABLE)]
OPTION = r"--[a-z-]+ (?:'[^']*'|[^\s,;]+)"


@pytest.mark.parametrize("kind", WITH_OPTIONS)
def test_each_cure_by_an_option_works(write, kind):
    content, name, _ = REFUSED[kind]
    path = write(content, name)
    with pytest.raises(DataError) as caught:
        read_labelled(path)
    options = re.findall(OPTION, caught.value.cure)
    assert options
    for option in options:
        read = follow(path, option)
        assert len(read.records) >= 12
        assert len({one.all_labels for one in read.records}) > 1


def follow(path: Path, *options: str):
    """Read a file with options as a person types them; follow up to three cures."""
    words = [word for option in options for word in shlex.split(option)]
    fields = {words[n].removeprefix("--").replace("-", "_"): words[n + 1] for n in range(0, len(words), 2)}
    config = load(ClassificationConfig, options=fields)
    try:
        return read_labelled(path, layout(config))
    except SeqtoolError as error:
        more = re.findall(OPTION, error.cure)
        if not more or len(options) == 3:
            raise
        return follow(path, *options, more[0])


def test_options_decide_and_name_what_is_there(write):
    three = write(rows("{label}\tL{n}\t{text}"), "a.tsv")
    assert pairs(read_labelled(three, Layout(label_columns=("1",), text_column="3"))) == GIVEN
    assert read_labelled(three, Layout(separator="tab")).records[0].text == f"L0\t{GIVEN[0][1]}"
    with pytest.raises(UsageError, match="no column 'nope'") as caught:
        read_labelled(three, Layout(text_column="nope"))
    assert caught.value.cure == "the columns are column_1, column_2, column_3"
    with pytest.raises(UsageError, match="column of texts and of labels"):
        read_labelled(three, Layout(text_column="1", label_columns=("1",)))
    with pytest.raises(UsageError, match="lines, which have no columns"):
        read_labelled(write(rows("{label} x {n}")), Layout(text_column="text"))
    named = write(rows('{label},"{text}"', "label,text"), "a.csv")
    assert len(read_labelled(named, Layout(header="no")).records) == 25
    lines = read_labelled(write(rows("{label} a {n}, b")), Layout(format="lines"))
    assert lines.records[0] == Labelled("a 0, b", "ham", 1)


def test_the_labels_of_a_model_tell_its_column(write):
    path = write("t0\ta very long label\nt1\tanother long label\n", "a.tsv")
    known = Layout(known=frozenset({"a very long label"}))
    assert pairs(read_labelled(path, known))[0] == ("a very long label", "t0")


def test_a_folder_a_class(tmp_path):
    for label in ("good", "bad"):
        (tmp_path / "set" / label).mkdir(parents=True)
        for n in range(3):
            (tmp_path / "set" / label / f"{n}.txt").write_text(f"{label}\ntext {n}\n")
    (tmp_path / "set" / "README").write_text("about it")
    read = read_labelled(tmp_path / "set")
    assert Counter(one.label for one in read.records) == {"good": 3, "bad": 3}
    assert read.records[0] == Labelled("bad\ntext 0", "bad")
    assert said(read)["format"] == "a folder for each class, a file for each text: bad 3, good 3; not read: README"
    with pytest.raises(DataError, match="has no folders") as caught:
        read_labelled(tmp_path / "set" / "good")
    assert caught.value.cure.startswith(f"name its files, such as --data {tmp_path}/set/good/0.txt")
    with pytest.raises(DataError, match="a folder in the folder of a class"):
        read_labelled(tmp_path)
    (tmp_path / "set").rename(tmp_path / "train")
    parts = tmp_path / "parts"
    parts.mkdir()
    (tmp_path / "train").rename(parts / "train")
    with pytest.raises(DataError, match="parts of the data") as caught:
        read_labelled(parts)
    assert caught.value.cure == f"--data train={parts}/train"


def test_a_file_a_class(write):
    good = DataFile(write("one\n\n two \n"), "good")
    assert read_class(good, Layout()).records == (Labelled("one", "good", 1), Labelled("two", "good", 3))
    table = DataFile(write("id,text\n1,one\n2,two\n", "good.csv"), "good")
    assert pairs(read_class(table, Layout())) == [("good", "one"), ("good", "two")]
    objects = DataFile(write('{"text": "one"}\n', "good.jsonl"), "good")
    assert pairs(read_class(objects, Layout())) == [("good", "one")]
    for content in ("__label__a one\n__label__b two\n", '{"text": "one", "label": "a"}\n'):
        with pytest.raises(DataError, match="labels of its own"):
            read_class(DataFile(write(content), "good"), Layout())
    tabs = DataFile(write("a\tone\nb\ttwo\n"), "good")
    with pytest.raises(DataError, match="hold tabs"):
        read_class(tabs, Layout())
    assert pairs(read_class(tabs, Layout(format="lines")))[0] == ("good", "a\tone")


def test_parquet_comes_from_the_home_of_polars(write, monkeypatch):
    columns = {"text": [text for _, text in GIVEN], "label": [label for label, _ in GIVEN]}
    tables = SimpleNamespace(read_parquet=lambda data, path: Table(columns))
    monkeypatch.setitem(sys.modules, "seqtool.data.tables", tables)
    read = read_labelled(write(b"PAR1..."))
    assert pairs(read) == GIVEN
    assert read.records[0].number == 1


@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
@pytest.mark.parametrize("names", [("label", "text"), ("Stufe", "Bericht")])
def test_tables_of_parquet_and_excel_are_read(tmp_path, kind, names):
    frame = pandas.DataFrame(GIVEN, columns=[*names])
    path = tmp_path / f"a.{kind}"
    if kind == "xlsx":
        frame.to_excel(path, index=False)
        bare = tmp_path / "bare.xlsx"
        frame.to_excel(bare, index=False, header=False)
        assert pairs(read_labelled(bare)) == GIVEN
    else:
        polars.from_dict(frame.to_dict("list")).write_parquet(path)
    read = read_labelled(path)
    assert pairs(read) == GIVEN
    assert said(read)["format"] == f"read as {'Excel' if kind == 'xlsx' else 'Parquet'}"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataError) as caught:
        read_labelled(path)
    assert caught.value.cure


def test_nan_of_parquet_is_no_label(tmp_path):
    path = tmp_path / "a.parquet"
    frame = polars.DataFrame(
        {"text": [text for _, text in GIVEN], "label": [float("nan"), *map(float, range(1, len(GIVEN)))]}
    )
    frame.write_parquet(path)
    read = read_labelled(path, Layout(label_columns=("label",)))
    assert pairs(read) == [(str(n), text) for n, (_, text) in enumerate(GIVEN)][1:]
    assert said(read)["no-label"] == "1 line without a label, line 1: left out"


SMALL = ["--max-steps", "2", "--hidden", "3", "--embedding", "3", "--at-least", "1"]


def test_check_says_that_texts_have_several_labels_and_how_to_make_one_of_them(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cells = [(("a,b", "b,c", "a,c")[n % 3], f"a text of number {n}") for n in range(40)]
    Path("cells.csv").write_text(rows('"{text}","{label}"', "text,label", cells))
    words = ["cells.csv", "--label-separator", ","]
    answer = cli("check", "classify", "--data", *words)
    what = "note several-labels: 40 of 40 records have several labels: a text is answered by any number of them"
    assert f"{what}; --label-separator none" in answer.stdout
    answer = cli("train", "classify", "--data", "cells.csv", "--label-separator", "none", *SMALL, "--out", "run")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(Path("run/encoders/encoders.json").read_text())["labels"]["names"] == ["a,b", "a,c", "b,c"]
    Path("two.csv").write_text(
        "text,angry,rude\n" + "".join(f"a text of number {n},{n % 2},{n % 3 % 2}\n" for n in range(40))
    )
    answer = cli("check", "classify", "--data", "two.csv", "--label-column", "angry,rude")
    assert "several-labels: 7 of 40 records have several labels, 14 have none" in answer.stdout
    assert "--label-column angry tells that label from the rest" in answer.stdout
    answer = cli("train", "classify", "--data", "two.csv", "--label-column", "angry", *SMALL, "--out", "angry")
    assert answer.returncode == 0, answer.stderr
    many = [(["a", "b"], ["b"], ["c", "a"])[n % 3] for n in range(40)]
    Path("lists.jsonl").write_text(
        "".join(json.dumps({"labels": labels, "text": f"text {n}"}) + "\n" for n, labels in enumerate(many))
    )
    Path("fast.txt").write_text(
        "".join(f"{' '.join('__label__' + label for label in labels)} text {n}\n" for n, labels in enumerate(many))
    )
    for name, classes in (("lists.jsonl", ["a,b", "a,c", "b"]), ("fast.txt", ["a,b", "a,c", "b"])):
        answer = cli("check", "classify", "--data", name)
        assert "answered by any number of them; --label-separator none" in answer.stdout
        answer = cli("train", "classify", "--data", name, "--label-separator", "none", *SMALL, "--out", f"{name}.run")
        assert answer.returncode == 0, answer.stderr
        assert json.loads(Path(f"{name}.run/encoders/encoders.json").read_text())["labels"]["names"] == classes
    Path("several.txt").write_text("__label__negative __label__x not good\n__label__positive good\n")
    answer = cli("evaluate", MODEL, "--data", "several.txt")
    assert answer.returncode == 2
    assert "1 of 2 records have several labels" in answer.stderr


def test_labels_of_two_lines_are_named_and_refused(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text(rows('"{label}\n1","{text}"', "label,text"))
    answer = cli("check", "classify", "--data", "a.csv")
    assert "warning unfit-names: labels with a line end" in answer.stdout
    assert "'ham\\n1', 'spam\\n1'" in answer.stdout
    answer = cli("train", "classify", "--data", "a.csv")
    assert answer.returncode == 2
    assert "would break the lines of answers: 'ham\\n1', 'spam\\n1'" in answer.stderr
    assert "where: line 2" in answer.stderr


def test_folders_and_files_a_class_train_and_are_found_again(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for label in ("good", "bad"):
        Path("set", label).mkdir(parents=True)
        for n in range(20):
            Path("set", label, f"{n}.txt").write_text(f"a {label} text of number {n}\n")
        Path(f"{label}.txt").write_text("".join(f"a {label} text of number {n}\n" for n in range(20)))
    for data, run in ((["--data", "set"], "folder"), (["--data", "good=good.txt", "--data", "bad=bad.txt"], "files")):
        answer = cli("train", "classify", *data, *SMALL, "--out", run)
        assert answer.returncode == 0, answer.stderr
        answer = cli("export", run)
        assert answer.returncode == 0, answer.stderr
        answer = cli("evaluate", f"{run}/model.onnx", *data, "--json")
        assert answer.returncode == 0, answer.stderr
        assert json.loads(answer.stdout)["texts"] == 40
    Path("set/good/0.txt").write_text("another")
    answer = cli("export", "folder")
    assert "the data has changed since the training" in answer.stderr


@pytest.mark.parametrize("name", ["Label", "Sentiment"])
def test_a_usual_name_of_labels_is_one_beside_a_question(tmp_path, name):
    path = tmp_path / "a.csv"
    rows = [f"what {n} people said of it,{'good' if n % 2 else 'bad'}\n" for n in range(60)]
    path.write_text(f"How do you feel about work?,{name}\n" + "".join(rows))
    records = pairs(read_labelled(path))
    assert len(records) == 60
    assert {label for label, _ in records} == {"good", "bad"}


def test_an_unknown_name_of_labels_beside_a_question_is_asked_about(tmp_path):
    path = tmp_path / "a.csv"
    rows = [f"what {n} people said of it,{'good' if n % 2 else 'bad'}\n" for n in range(60)]
    path.write_text("How do you feel about work?,Queue\n" + "".join(rows))
    with pytest.raises(DataError, match="may name the columns, or be a record") as caught:
        read_labelled(path)
    assert caught.value.cure == "--header yes or --header no"


def test_records_that_a_person_rejected_in_prodigy_are_left_out(tmp_path):
    path = tmp_path / "a.jsonl"
    answers = ["accept", "reject", "accept", "ignore"] * 4
    labels = ["GOOD", "BAD"] * 8
    rows_ = [{"text": f"text {n}", "label": labels[n // 2], "answer": answer} for n, answer in enumerate(answers)]
    path.write_text("\n".join(map(json.dumps, rows_)))
    read = read_labelled(path)
    assert pairs(read) == [(row["label"], row["text"]) for row in rows_ if row["answer"] == "accept"]
    assert said(read)["rejected"].startswith("8 rows left out, not accepted in the column 'answer': line 2")
    asked = read_labelled(path, Layout(label_columns=("answer",)))
    assert [record.label for record in asked.records] == answers


def test_fields_of_objects_are_no_labels_and_no_texts(tmp_path):
    path = tmp_path / "a.json"
    spans = [{"text": f"Ann met Bob {n}", "label": [[0, 3, "PERSON"]]} for n in range(9)]
    path.write_text(json.dumps(spans))
    with pytest.raises(DataError, match="the fields label hold objects or lists of their own"):
        read_labelled(path)
    given_ = [{"text": f"text {n}", "stars": n % 2, "user": {"id": n, "name": "Ann"}} for n in range(9)]
    path.write_text(json.dumps(given_))
    read = read_labelled(path)
    assert pairs(read) == [(str(n % 2), f"text {n}") for n in range(9)]
    assert said(read)["nested"] == "fields that hold objects or lists of their own are not read: user"


@pytest.mark.parametrize("kind", ["json", "python"])
def test_lists_of_words_are_texts_with_blanks_between_them(tmp_path, kind):
    texts = [f"what a {['good', 'bad'][n % 2]} day no {n}" for n in range(12)]
    if kind == "json":
        path = tmp_path / "a.jsonl"
        path.write_text("\n".join(json.dumps({"tokens": text.split(), "label": n % 2}) for n, text in enumerate(texts)))
    else:
        path = tmp_path / "a.csv"
        path.write_text("tokens,label\n" + "".join(f'"{text.split()}",{n % 2}\n' for n, text in enumerate(texts)))
    read = read_labelled(path)
    assert pairs(read) == [(str(n % 2), text) for n, text in enumerate(texts)]
    assert "lists of words" in said(read)["words"]


def test_texts_in_brackets_are_no_lists(tmp_path):
    path = tmp_path / "a.tsv"
    lines = [("[laughs] so it goes [ends]", "[1, 2]", "['a' b]")[n % 3] + f" {n}]" for n in range(12)]
    path.write_text("".join(f"{'ab'[n % 2]}\t[{line}\n" for n, line in enumerate(lines)))
    assert [text for _, text in pairs(read_labelled(path))] == [f"[{line}" for line in lines]


def labels_of(tmp_path, rows, **layout):
    """Return the labels that are read of rows of JSON, and the whole reading."""
    path = tmp_path / "rows.jsonl"
    path.write_text(
        "".join(json.dumps({"text": f"text number {n}", "labels": row}) + "\n" for n, row in enumerate(rows))
    )
    read = read_labelled(path, Layout(**layout))
    return [record.all_labels for record in read.records], read


@pytest.mark.parametrize("mark", ["", ",", "|"])
def test_a_list_is_a_list_whatever_parts_the_labels_of_other_cells(tmp_path, mark):
    rows = [["a", "b"], ["b"], [], ["c", "a"], "b", "c"] * 4
    found, _ = labels_of(tmp_path, rows, label_separator=mark)
    assert found == [tuple(row) if isinstance(row, list) else (row,) for row in rows]


def test_of_lists_no_mark_parts_the_labels_and_none_is_missed(tmp_path):
    _, read = labels_of(tmp_path, [["a", "b"], ["b"], []] * 8, label_separator=";")
    assert "label-separator" not in said(read)


def test_each_combination_is_a_class_whatever_its_order(tmp_path):
    found, _ = labels_of(tmp_path, [["a", "b"], ["b", "a"], ["b", "b"], [], "b"] * 4, label_separator="none")
    assert found[:5] == [("a,b",), ("a,b",), ("b",), ("none",), ("b",)]


def test_other_labels_are_another_combination_whatever_stands_in_their_names(tmp_path):
    rows = [["a,b"], ["a", "b"], [], ["none"], "a,b", "none", ['"a', 'b"'], ["c"]]
    found, _ = labels_of(tmp_path, rows * 3, label_separator="none")
    names = ['"a,b"', "a,b", "none", '"none"', '"a,b"', '"none"', '"\\"a","b\\""', "c"]
    assert found[: len(rows)] == [(name,) for name in names]
    path = tmp_path / "lines.txt"
    path.write_text("__label__a,b one text\n__label__a __label__b other text\n" * 3)
    records = read_labelled(path, Layout(label_separator="none")).records
    assert [record.label for record in records[:2]] == ['"a,b"', "a,b"]


def test_cells_that_are_no_lists_keep_their_names(tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text("text,label\n" + "".join(f'text number {n},"{("a,b", "none")[n % 2]}"\n' for n in range(20)))
    records = read_labelled(path, Layout(label_separator="none")).records
    assert {record.label for record in records} == {"a,b", "none"}


def test_lists_of_flags_name_no_label_and_are_refused(tmp_path):
    with pytest.raises(DataError, match="the names of the labels are not there"):
        labels_of(tmp_path, [[0, 1, 1], [1, 0, 0]] * 6)
    assert labels_of(tmp_path, [[0, 1], [1]] * 6)[0][:2] == [("0", "1"), ("1",)]  # lists of labels called so


def test_a_mark_that_stands_nowhere_is_warned_of_and_another_that_does_is_asked_for(tmp_path):
    path = tmp_path / "cells.csv"
    path.write_text("text,label\n" + "".join(f"text number {n},{'ab'[n % 2]}\n" for n in range(20)))
    assert said(read_labelled(path, Layout(label_separator="|")))["label-separator"].startswith(
        "no label has '|' in it"
    )
    path.write_text("text,label\n" + "".join(f'text number {n},"a,b"\ntext {n} more,a\n' for n in range(20)))
    with pytest.raises(DataError, match="may be one label, or several parted by ','"):
        read_labelled(path, Layout(label_separator="|"))
    path.write_text("text,label\n" + "".join(f"text number {n},a b\ntext {n} more,a\n" for n in range(20)))
    assert read_labelled(path, Layout(label_separator="blank")).records[0].all_labels == ("a", "b")


def test_texts_without_a_label_are_kept_where_a_text_may_have_none(tmp_path):
    path = tmp_path / "fast.txt"
    path.write_text(
        "".join(f"__label__a __label__b text {n}\n__label__b more {n}\nnothing here {n}\n" for n in range(9))
    )
    left = read_labelled(path)
    assert len(left.records) == 18
    assert "--multi keeps such texts" in said(left)["no-label"]
    kept = read_labelled(path, Layout(multi=True))
    assert [record.all_labels for record in kept.records[:3]] == [("a", "b"), ("b",), ()]
    assert kept.records[2].text == "nothing here 0"


def test_columns_of_flags_say_what_they_do_not_hold(tmp_path):
    path = tmp_path / "flags.csv"
    path.write_text("text,a,b,c\n" + "".join(f"text number {n},{n % 2},{'' if n < 3 else 1},0\n" for n in range(20)))
    read = read_labelled(path, Layout(label_columns=("a", "b", "c")))
    flags = [finding.text for finding in read.findings if finding.code == "flags"]
    assert flags == [
        "3 cells of the columns of 0 and 1 are empty: read as 0",
        "no row has 1 in c: no such label is learnt",
    ]


def test_marks_of_fasttext_are_told_in_any_case_and_side_by_side(tmp_path):
    path = tmp_path / "fast.txt"
    path.write_text("".join(f"__label__a,__label__c __LABEL__b text {n}\n" for n in range(12)))
    record = read_labelled(path).records[0]
    assert (record.all_labels, record.text) == (("a", "c", "b"), "text 0")
    assert labels_of(tmp_path, [["a", None], [None], ["b"]] * 4)[0][:3] == [("a",), (), ("b",)]
