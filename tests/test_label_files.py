"""Files that are no records as they stand: frames of pandas, quotes, flat folders, control characters; their cures."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import openpyxl
import pytest

from seqtool.data.json_lines import read_objects
from seqtool.data.label_classes import read_class
from seqtool.data.labelled import read_labelled
from seqtool.data.layout import Layout
from seqtool.data.tagged import read_tagged
from seqtool.data.text import read_text
from seqtool.data.text_records import TextFormat
from seqtool.errors import DataError
from seqtool.families.classification.config import ClassificationConfig
from seqtool.families.classification.data import read as read_files
from seqtool.reads import DataFile
from seqtool.task import Data, Task

TEXTS = [("ham" if n % 2 else "spam", f"the lamp number {n} fell over") for n in range(24)]


def pairs(read) -> list[tuple[str, str]]:
    return [(record.label, record.text) for record in read.records]


@pytest.fixture
def write(tmp_path):
    def of(content: str, name: str = "a.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8", newline="")
        return path

    return of


columns = {"text": [text for _, text in TEXTS], "label": [label for label, _ in TEXTS]}
FRAMES = {
    "columns": {name: {str(n): cell for n, cell in enumerate(cells)} for name, cells in columns.items()},
    "index": {str(n): {"text": text, "label": label} for n, (label, text) in enumerate(TEXTS)},
    "split": {
        "columns": [*columns],
        "index": [*range(24)],
        "data": [[*row] for row in zip(*columns.values(), strict=True)],
    },
}


@pytest.mark.parametrize("orient", FRAMES)
@pytest.mark.parametrize("read", [read_labelled, read_tagged])
def test_a_frame_in_one_object_is_refused_in_words(write, orient, read):
    with pytest.raises(DataError, match="as pandas writes a frame") as caught:
        read(write(json.dumps(FRAMES[orient]), "a.json"))
    assert "orient='records', lines=True" in caught.value.cure


def test_one_object_of_other_shapes_stays(write):
    for value in ({"translation": {"de": "Hut", "en": "hat"}}, {"a": {"x": 1}, "b": {"y": 2}}, {"a": {}, "b": {}}):
        objects = read_objects(json.dumps(value), "here")
        assert objects is not None
        assert objects.records == [value]
    tagged = {"tokens": ["It", "rained"], "tags": ["PRON", "VERB"]}
    assert read_tagged(write(json.dumps(tagged), "a.json")).records[0].words == ("It", "rained")


def test_whole_columns_in_one_object_are_no_record(write):
    with pytest.raises(DataError, match="whole columns"):
        read_labelled(write(json.dumps(columns), "a.json"))


@pytest.mark.parametrize("head", ["'label','text'\n", "label,text\n", ""])
def test_single_quotes_around_all_cells_of_a_column_are_left_out(write, head):
    path = write(head + "".join(f"'{label}','{text}, it''s true'\n".replace(",  ", ",") for label, text in TEXTS))
    with pytest.raises(DataError, match="cell in single quotes that holds commas"):
        read_labelled(path)
    path = write(head + "".join(f"'{label}','{text}: it''s true'\n" for label, text in TEXTS))
    assert pairs(read_labelled(path)) == [(label, f"{text}: it's true") for label, text in TEXTS]


def test_quotes_around_some_cells_stay(write):
    texts = [f"'{text}'" if n else text for n, (_, text) in enumerate(TEXTS)]
    path = write("label,text\n" + "".join(f"{label},{text}\n" for (label, _), text in zip(TEXTS, texts, strict=True)))
    assert [text for _, text in pairs(read_labelled(path))] == texts


def test_a_column_is_no_way_out_where_rows_have_several_widths(write):
    rows = [f"{label},{text}, so, there" for label, text in TEXTS]
    rows[3] = "ham,short"
    with pytest.raises(DataError, match="the texts hold commas") as caught:
        read_labelled(write("\n".join(rows)))
    assert "--text-column" not in caught.value.cure


def test_a_flat_folder_of_numbered_classes_names_the_folders_to_make(write, tmp_path):
    for n, (label, text) in enumerate(TEXTS):
        write(text, f"flat/{label}_{n}.txt")
    with pytest.raises(DataError, match="no folders") as caught:
        read_labelled(tmp_path / "flat")
    assert caught.value.cure.endswith(f"{tmp_path / 'flat' / 'ham'}, {tmp_path / 'flat' / 'spam'}")
    for path in sorted((tmp_path / "flat").glob("*.txt")):
        label = path.name.partition("_")[0]
        (tmp_path / "flat" / label).mkdir(exist_ok=True)
        path.rename(tmp_path / "flat" / label / path.name)
    assert sorted(pairs(read_labelled(tmp_path / "flat"))) == sorted(TEXTS)


def test_files_without_labels_may_be_a_class_each(write, cli):
    paths = [write("\n".join(text for _, text in TEXTS), name) for name in ("good ones.txt", "bad.txt")]
    refused = cli("check", "classify", *(f"--data={path}" for path in paths))
    assert refused.returncode == 2
    options = shlex.split(refused.stderr.rpartition("if each file is a class: ")[2])
    assert options[1::2] == [f"good ones={paths[0]}", f"bad={paths[1]}"]
    assert cli("check", "classify", *options).returncode == 0


def test_files_that_are_called_as_parts_are_no_class_each(write, cli):
    paths = [write("\n".join(text for _, text in TEXTS), name) for name in ("train.txt", "test.txt")]
    refused = cli("check", "classify", *(f"--data={path}" for path in paths))
    assert refused.returncode == 2
    assert "if each file is a class" not in refused.stderr


def test_many_control_characters_are_named_and_next_line_ends_no_text(write):
    rows = "\n".join(f"{label}\t\x1b[1m{text}\x1b[0m" for label, text in TEXTS)
    with pytest.raises(DataError, match=r"48 control characters, the first \\x1b in line 2") as caught:
        read_labelled(write(f"ham\tno mark\n{rows}", "a.tsv"))
    assert "remove its control characters" in caught.value.cure
    next_line = "\n".join(f"{label}\t{text}\x85" for label, text in TEXTS)
    assert pairs(read_labelled(write(next_line, "a.tsv"), Layout())) == TEXTS


@pytest.mark.parametrize("read", [read_labelled, read_tagged])
def test_a_message_names_the_sheet_that_was_read(tmp_path, read):
    pytest.importorskip("fastexcel")
    book = openpyxl.Workbook()
    book.active.title = "readme"
    for _ in range(200):  # a short one would be passed over
        book.active.append(["about these data"])
    page = book.create_sheet("records")
    for row in zip(*columns.values(), strict=True):
        page.append(row)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(DataError) as caught:
        read(tmp_path / "a.xlsx")
    assert "the sheet 'readme' was read; others are not: records" in caught.value.where
    assert "put the sheet that is meant first" in caught.value.cure


@pytest.mark.parametrize("label", ["{label}", "__label__{label}"])
@pytest.mark.parametrize("mark", [",", ";", "::", "/", "@", "#", "*", "~", ">>", "+++$+++", "-", "→"])
def test_a_mark_between_label_and_text_is_no_part_of_the_text(write, mark, label):
    given = [(("neg", "pos")[n % 2], f"A film number {n}{(', so', '; so', ' it is')[n % 3]} to say") for n in range(40)]
    lines = [f"{label.format(label=name)} {mark} {text}" for name, text in given]
    read = read_labelled(write("\n".join(lines), "a.txt"))
    assert [(one.label, one.text) for one in read.records] == given
    lines[7] = lines[7].replace(f" {mark} ", " ", 1)
    read = read_labelled(write("\n".join(lines), "a.txt"))
    assert [(one.label, one.text) for one in read.records] == given


def test_a_mark_behind_the_labels_of_a_model_is_left_out_too(write):
    lines = "\n".join(f"{name} - {text}" for name, text in TEXTS)
    known = Layout(known=frozenset(name for name, _ in TEXTS))
    assert pairs(read_labelled(write(lines, "a.txt"), known)) == TEXTS


@pytest.mark.parametrize("mark", ["//", "$", "#", "-"])
@pytest.mark.parametrize("form", ["{label}\t{text}", "{text}\t{label}", "{label},{text}"])
def test_a_mark_behind_a_tab_or_in_a_cell_belongs_to_the_text(write, mark, form):
    given = [(label, f"{mark} {text}") for label, text in TEXTS]
    lines = "\n".join(form.format(label=label, text=text) for label, text in given)
    assert pairs(read_labelled(write(lines, "a.txt"))) == given


@pytest.mark.parametrize("form", ["{text}\t{label}", "{text}, so\t{label}", "{text},{label}"])
def test_a_small_part_is_read_by_the_labels_of_the_training_part(write, form):
    training = [(("neg", "pos", "odd")[n % 3], f"the lamp number {n} fell over") for n in range(30)]
    parts = {"train": training, "test": training[3:6]}
    files = [
        DataFile(write("\n".join(form.format(label=label, text=text) for label, text in rows), f"{name}.tsv"))
        for name, rows in parts.items()
    ]
    read = read_files(Task("toys", "", "classification"), ClassificationConfig(), Data(tuple(files)))
    assert [record.label for record in read.test] == [label for label, _ in training[3:6]]
    assert all(record.text.startswith("the lamp number") for record in read.test)


@pytest.mark.parametrize("label", ["{n}. ", "{n}) "])
def test_a_full_stop_behind_numbers_is_no_part_of_the_label(write, label):
    lines = [f"{label.format(n=n % 2)}A film number {n}" for n in range(40)]
    assert {one.label for one in read_labelled(write("\n".join(lines), "a.txt")).records} == {"0", "1"}


@pytest.mark.parametrize("form", ["{n} |text a film of {m}", "{n} 1.0 |text a film of {m}"])
def test_lines_of_vowpal_wabbit_are_refused(write, form):
    path = write("\n".join(form.format(n=n % 2, m=n) for n in range(40)), "a.txt")
    with pytest.raises(DataError, match="Vowpal Wabbit"):
        read_labelled(path)
    bars = "\n".join(f"{n % 2} |a{n} film of {n}" for n in range(40))
    assert len(read_labelled(write(bars, "a.txt")).records) == 40


@pytest.mark.parametrize("ends", [";", ";;"])
def test_semicolons_that_a_spreadsheet_puts_behind_a_table_of_commas_are_left_out(write, ends):
    given = [("ab"[n % 2], f"A film, number {n}") for n in range(20)]
    lines = ["text,label", *(f'"{text}",{label}' for label, text in given)]
    read = read_labelled(write("".join(f"{line}{ends}\n" for line in lines), "a.csv"))
    assert [(one.label, one.text) for one in read.records] == given
    assert "semicolons" in {found.code for found in read.findings}
    read = read_labelled(write("\n".join([lines[0], *(line + ends for line in lines[1:])]), "a.csv"))
    assert {one.label for one in read.records} == {"a" + ends, "b" + ends}


@pytest.mark.parametrize("label", ["js", "1"])
@pytest.mark.parametrize("text", ["call({0}, 1);", "a &lt; {0} &amp;", "INSERT INTO t VALUES({0}, 'a');;"])
def test_semicolons_of_a_text_stay(write, label, text):
    texts = [text.format(n) for n in range(12)]
    quote = "" if "amp" in text else '"'
    rows = [f"{label if n % 3 else 'c'},{quote}{text}{quote}" for n, text in enumerate(texts)]
    read = read_labelled(write("\n".join(rows) + "\n", "a.csv"))
    assert [record.text for record in read.records] == texts
    assert "semicolons" not in {found.code for found in read.findings}


@pytest.mark.parametrize("mark", ["/", "+", " & "])
def test_labels_joined_of_labels_that_stand_alone_are_refused(write, mark):
    names = ["Comedy", "Drama", f"Comedy{mark}Drama", "Sci/Tech", "C++", "R&B"]
    lines = ["text,label", *(f"a film of number {n},{names[n % len(names)]}" for n in range(30))]
    path = write("\n".join(lines), "a.csv")
    with pytest.raises(DataError, match="may be one label, or several") as error:
        read_labelled(path)
    assert f"--label-separator '{mark.strip()}'" in error.value.cure
    parted, whole = (read_labelled(path, Layout(label_separator=said)).records for said in (mark.strip(), "none"))
    assert ("Comedy", "Drama") in {one.all_labels for one in parted}
    assert {one.label for one in whole} == set(names)
    others = write("\n".join([*lines[:3], *(line for line in lines[3:] if "Comedy" + mark not in line)]), "b.csv")
    assert {one.label for one in read_labelled(others).records} == {*names} - {names[2]}


@pytest.mark.parametrize("mark", ["\t", ",", ";"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_names_of_rows_that_the_header_does_not_name_are_read(write, mark, quote):
    given = [("ab"[n % 2], f"a film of number {n}") for n in range(20)]
    rows = [["text", "label"], *([str(n), text, label] for n, (label, text) in enumerate(given, start=1))]
    content = "".join(mark.join(f"{quote}{cell}{quote}" for cell in row) + "\n" for row in rows)
    path = write(content, "a.tsv" if mark == "\t" else "a.csv")
    assert [(one.label, one.text) for one in read_labelled(path).records] == given
    assert read_text([DataFile(path)], TextFormat()).text.split("\n\n")[1] == given[1][1]


def test_a_field_of_empty_lists_is_no_column_of_texts(write):
    lines = [{"id": n, "text": f"a film of number {n}", "label": ["ab"[n % 2]], "Comments": []} for n in range(20)]
    read = read_labelled(write("\n".join(map(json.dumps, lines)), "a.jsonl"))
    assert (read.records[1].text, read.records[1].label) == ("a film of number 1", "b")


@pytest.mark.parametrize("form", ["['{a}', 'x, y']", "['{a}']", '["{a}"]'])
def test_labels_in_lists_as_python_writes_them_are_read(write, form):
    rows = [f"{form.format(a='ab'[n % 2])}\ta film of number {n}" for n in range(20)]
    read = read_labelled(write("\n".join(["label\ttext", *rows]), "a.tsv"))
    assert read.records[1].all_labels == (("b", "x, y") if "y" in form else ("b",))
    broken = write("\n".join(["label\ttext", *rows, "[a]\tno list"]), "b.tsv")
    with pytest.raises(DataError, match="'\\[a\\]' is none of JSON or Python"):
        read_labelled(broken)


@pytest.mark.parametrize(
    ("head", "rule", "row", "end"),
    [
        (" label | text ", "-------+------", " {} | {} ", "(20 rows)"),
        ("| label | text |", "|-------+------|", "| {} | {} |", "|-------+------|"),
        ("| label | text |", "|:------|------|", "| {} | {} |", "|-------|------|"),
        ("+---+---+\n| label | text |", "+---+---+", "| {} | {} |", "+---+---+"),
    ],
)
def test_rules_that_programs_draw_between_rows_are_left_out(write, head, rule, row, end):
    given = [("ab"[n % 2], f"a film of number {n}") for n in range(20)]
    read = read_labelled(write("\n".join([head, rule, *(row.format(*pair) for pair in given), end, ""])))
    assert [(one.label, one.text) for one in read.records] == given
    assert "rule-lines" in {found.code for found in read.findings}


def test_a_folder_of_a_file_a_class_or_of_a_class_is_named_as_what_it_is(tmp_path):
    folder = tmp_path / "csvs"
    folder.mkdir()
    for name in ("negative", "positive"):
        (folder / f"{name}.txt").write_text(f"a {name} film\n" * 3)
    with pytest.raises(DataError, match="has no folders") as error:
        read_labelled(folder)
    options = re.findall(r"--data (\w+)=(\S+)", error.value.cure)
    assert [read_class(DataFile(Path(path), name), Layout()).records[0].label for name, path in options] == [
        "negative",
        "positive",
    ]
    login = tmp_path / "login"
    login.mkdir()
    for n in range(30):
        (login / f"{n}.txt").write_text(f"a mail {n}")
    with pytest.raises(DataError, match="has no folders") as error:
        read_labelled(login)
    assert error.value.cure.endswith(f"--data login={login}")
    assert len(read_class(DataFile(login, "login"), Layout()).records) == 30


@pytest.mark.parametrize("name", ["SentenceId", "sentence_id", "ID"])
def test_numbers_of_records_are_no_labels(write, name):
    rows = [f"{n},{n // 3},a film of number {n}" for n in range(60)]
    path = write("\n".join([f"n,{name},text", *rows]), "test.csv")
    with pytest.raises(
        DataError, match="20 different numbers, such as '0': they are no labels; the file may have none"
    ):
        read_labelled(path)
    assert len(read_labelled(path, Layout(label_columns=(name,))).records) == 60
    other = write("\n".join(["n,grid,text", *rows]), "a.csv")
    assert {one.label for one in read_labelled(other).records} == set(map(str, range(20)))
