"""Labelled texts that were read wrong without a word, or refused though they are fine."""

from __future__ import annotations

import json

import pytest

from seqtool.data.label_classes import read_class
from seqtool.data.labelled import read_labelled
from seqtool.data.layout import Layout
from seqtool.errors import DataError, UsageError
from seqtool.reads import DataFile

TOPICS = ("boats", "trains")
TEXTS = [(TOPICS[n % 2], f"the harbour number {n} was quiet that evening") for n in range(30)]


def records(read) -> list[tuple[str, str]]:
    return [(record.label, record.text) for record in read.records]


def test_a_field_of_labels_is_not_left_out_for_another(tmp_path):
    objects = [{"id": n, "text": text, "label": label, "who": n % 3} for n, (label, text) in enumerate(TEXTS)]
    objects[7] = {**objects[7], "label": {"choices": ["boats", "ships"]}}
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in objects))
    with pytest.raises(DataError, match="the field 'label' of line 8 holds an object"):
        read_labelled(path)
    named = read_labelled(path, Layout(label_columns=("who",)))
    assert {record.label for record in named.records} == {"0", "1", "2"}


@pytest.mark.parametrize("form", ["2025-03-0{day} 07:00:11 WARN {text}", "[2025-03-0{day} 07:00] WARN: {text}"])
def test_dates_in_front_of_lines_are_no_labels(tmp_path, form):
    path = tmp_path / "log.txt"
    path.write_text("".join(form.format(day=1 + n % 3, text=text) + "\n" for n, (_, text) in enumerate(TEXTS)))
    with pytest.raises(DataError, match="begin with dates"):
        read_labelled(path)


@pytest.mark.parametrize("names", [(), ("Gruppe",)])
def test_a_named_column_is_found_under_the_mark_that_makes_it(tmp_path, names):
    path = tmp_path / "a.csv"
    rows = [f"{n},{n % 10}5;{text};{label}" for n, (label, text) in enumerate(TEXTS)]
    path.write_text("\n".join(["Preis;Text;Gruppe", *rows]) + "\n")
    assert records(read_labelled(path, Layout(label_columns=names))) == TEXTS
    with pytest.raises(UsageError) as error:
        read_labelled(path, Layout(label_columns=("Grupe",)))
    assert "Preis, Text, Gruppe" in error.value.cure


def test_an_empty_column_is_no_label(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["text,label,sentiment", *(f"{text},,{label}" for label, text in TEXTS)]) + "\n")
    assert records(read_labelled(path)) == TEXTS


@pytest.mark.parametrize("line", ['"{text}, again",4', '4;"{text}"'])
def test_cells_in_quotes_are_no_lines_of_a_class(tmp_path, line):
    path = tmp_path / "boats.txt"
    path.write_text("".join(line.format(text=text) + "\n" for _, text in TEXTS))
    with pytest.raises(DataError, match="cells in quotes"):
        read_class(DataFile(path, "boats"), Layout())
    lines = read_class(DataFile(path, "boats"), Layout(format="lines"))
    assert lines.records[0].text == line.format(text=TEXTS[0][1])
    if "," in line:  # the cure
        cells = read_class(DataFile(path, "boats"), Layout(format="csv"))
        assert cells.records[0].text == f"{TEXTS[0][1]}, again"


def test_speech_in_quotes_is_a_line_of_a_class(tmp_path):
    path = tmp_path / "talk.txt"
    path.write_text('"Stop!" he said, and left.\n"Where to?" she asked.\n"Home."\n')
    assert len(read_class(DataFile(path, "talk"), Layout()).records) == 3


@pytest.mark.parametrize(("label", "head"), [("book_flight", "book a"), ("booking", "Book"), ("goodbye", "good")])
def test_words_with_which_the_name_of_a_class_begins_are_of_the_texts(tmp_path, label, head):
    path = tmp_path / "a.txt"
    path.write_text("".join(f"{head} {text}\n" for _, text in TEXTS[:8]))
    assert read_class(DataFile(path, label), Layout()).records[0].text == f"{head} {TEXTS[0][1]}"


@pytest.mark.parametrize("head", ["boats: ", "boats ", "[boats] ", "Boat\u00a0- ", "0 ", "neg "])
def test_lines_of_a_class_that_begin_with_its_label_are_refused(tmp_path, head):
    path = tmp_path / "boats.txt"
    path.write_text("".join(f"{head}{text}\n" for _, text in TEXTS))
    with pytest.raises(DataError, match="in front of the lines, and --data gives") as error:
        read_class(DataFile(path, "boats"), Layout())
    assert "--format lines takes" in error.value.cure
    assert read_class(DataFile(path, "boats"), Layout(format="lines")).records[0].text.startswith(head[:3].strip())
    if head.endswith((": ", "] ", "0 ", "neg ")):  # else the words are not surely labels, and that is said
        assert {label for label, _ in records(read_labelled(path))} == {head.strip("[]: ")}


def test_lines_of_a_class_that_begin_alike_are_texts(tmp_path):
    path = tmp_path / "q.txt"
    path.write_text("".join(f"What {text}\n" for _, text in TEXTS))
    assert len(read_class(DataFile(path, "question"), Layout()).records) == len(TEXTS)


def test_folders_with_an_empty_file_and_texts_without_a_class(tmp_path):
    for label, text in TEXTS:
        (tmp_path / label).mkdir(exist_ok=True)
        (tmp_path / label / f"{len(text)}{abs(hash(text))}.txt").write_text(text)
    (tmp_path / "boats" / "empty.txt").write_text("")
    read = read_labelled(tmp_path)
    assert sorted(records(read)) == sorted(TEXTS)
    assert "no-text" in {finding.code for finding in read.findings}
    assert "1 file without a text (boats/empty.txt): left out" in {finding.text for finding in read.findings}
    assert "unlabelled-folder" not in {finding.code for finding in read.findings}
    (tmp_path / "unsup").mkdir()
    (tmp_path / "unsup" / "1.txt").write_text("who knows")
    (warning,) = [found for found in read_labelled(tmp_path).findings if found.code == "unlabelled-folder"]
    assert warning.level == "warning"
    assert "unsup" in warning.text


@pytest.mark.parametrize(
    "front", ["---\ntitle: a\nlabel: {label}\n---\n", '+++\ntitle = "a"\nlabel = "{label}"\n+++\n']
)
def test_front_matter_and_files_of_systems_are_no_texts_of_a_class(tmp_path, front):
    for n, (label, text) in enumerate(TEXTS):
        (tmp_path / label).mkdir(exist_ok=True)
        (tmp_path / label / f"{n:02d}.md").write_text(f"{front.format(label=label)}\n{text}\n")
    (tmp_path / "boats" / "desktop.ini").write_text("[.ShellClassInfo]\n")
    (tmp_path / "__MACOSX").mkdir()
    read = read_labelled(tmp_path)
    assert sorted(records(read)) == sorted(TEXTS)
    assert "00.md and maybe more: front matter" in next(f.text for f in read.findings if f.code == "front-matter")
    assert "html" not in {finding.code for finding in read.findings}
    ruled = "---\nno front: matter here, but a rule\n---\nand a text"
    (tmp_path / "boats" / "a.md").write_text(ruled)
    assert ("boats", ruled) in records(read_labelled(tmp_path))
    (tmp_path / "boats" / "b.html").write_text("<html><body><p>a <b>boat</b></p></body></html>")
    assert ("warning", "html") in {(found.level, found.code) for found in read_labelled(tmp_path).findings}


def test_strings_of_json_in_the_file_of_a_class_are_read_as_what_they_say(tmp_path):
    texts = [f'a "good" film\nnumber {n}' for n in range(5)]
    path = tmp_path / "a.txt"
    path.write_text("\n".join(map(json.dumps, texts)) + "\n")
    assert [record.text for record in read_class(DataFile(path, "good"), Layout()).records] == texts
    kept = read_class(DataFile(path, "good"), Layout(format="lines"))
    assert kept.records[0].text == json.dumps(texts[0])


@pytest.mark.parametrize("command", ["check", "train"])
def test_where_lines_without_a_label_leave_one_label_the_refusal_says_so(tmp_path, cli, command):
    rows = [f"{'boats' if n % 2 else ''}\t{text}\n" for n, (_, text) in enumerate(TEXTS)]
    (tmp_path / "half.tsv").write_text("label\ttext\n" + "".join(rows))
    answer = cli(command, "classify", "--data", str(tmp_path / "half.tsv"))
    assert answer.returncode == 2
    assert "has the label 'boats'" in answer.stderr
    assert "15 lines without a label, the first is line 2: left out" in answer.stderr
