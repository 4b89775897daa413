"""Texts out of tables and JSON: the column of the texts is read, or which one it is is asked."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from seqtool.data.text import read_text
from seqtool.data.text_marks import find_marks
from seqtool.data.text_records import TextFormat
from seqtool.errors import DataError, UsageError
from seqtool.reads import DataFile

TEXTS = ['A mill, "old" and still.\nIt stood by a river.', "Another one; short.", "The third, with a tab\there."]
WHOLE = "\n\n".join(TEXTS) + "\n"


def laid(folder: Path, text: str | bytes, name: str) -> list[DataFile]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [DataFile(path)]


def table(mark: str, header: tuple[str, ...] = ("id", "text")) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=mark).writerows([header, *enumerate(TEXTS)])
    return text.getvalue()


@pytest.mark.parametrize(
    ("name", "text", "how"),
    [
        ("a.jsonl", "".join(json.dumps({"n": n, "text": text}) + "\n" for n, text in enumerate(TEXTS)), TextFormat()),
        ("a.json", json.dumps([{"n": n, "text": text} for n, text in enumerate(TEXTS)]), TextFormat()),
        ("a.txt", "".join(json.dumps(text) + "\n" for text in TEXTS), TextFormat()),
        ("a.txt", json.dumps([{"a": "x", "b": text} for text in TEXTS]), TextFormat(column="b")),
        ("a.csv", table(","), TextFormat()),
        ("a.tsv", table("\t"), TextFormat()),
        ("a.csv", table(";"), TextFormat()),
        ("a.txt", table("|"), TextFormat(column="text")),
        ("a.txt", table(",", ("n", "what")), TextFormat(column="What")),
        ("a.txt", table(",", ("n", "text")), TextFormat(format="csv", column="2")),
    ],
)
def test_the_records_are_joined_by_a_blank_line(tmp_path, name, text, how):
    document = read_text(laid(tmp_path, text, name), how)
    assert document.text == WHOLE
    assert "is the text, a blank line between two records" in " ".join(found.text for found in document.findings)


@pytest.mark.parametrize("name", ["quote", "text", "Spruch"])
@pytest.mark.parametrize("texts", [TEXTS, ["no mark in this one", "nor in that", "nor here"]])
def test_a_single_column_is_a_table_where_its_name_stands_above(tmp_path, name, texts):
    text = io.StringIO()
    csv.writer(text).writerows([[name], *([text] for text in texts)])
    document = read_text(laid(tmp_path, text.getvalue(), "a.csv"), TextFormat())
    assert document.text == "\n\n".join(texts) + "\n"
    assert f"'{name}' is the text" in " ".join(found.text for found in document.findings)


def test_lines_in_a_file_called_csv_are_lines(tmp_path):
    for text in ("One line.\nAnother one.\nThe third.\n", '"Come in," he said.\nNo one came.\nNot even Tom.\n'):
        assert read_text(laid(tmp_path, text, "a.csv"), TextFormat()).text == text


def test_the_cure_names_the_columns_as_the_header_does(tmp_path):
    files = laid(tmp_path, table(",", ("author", "saying")), "a.csv")
    with pytest.raises(DataError) as error:
        read_text(files, TextFormat())
    assert error.value.where.endswith("columns author, saying")
    for column in ("saying", "2"):
        assert read_text(files, TextFormat(column=column)).text == WHOLE


@pytest.mark.parametrize("mark", ["\n", "\r\n", "\r"])
def test_line_ends_inside_a_field_are_those_of_a_text(tmp_path, mark):
    text = json.dumps({"text": f"one{mark}two"}) + "\n" + json.dumps({"text": f"three{mark}four"}) + "\n"
    wanted = "one\ntwo\n\nthree\nfour\n" if mark != "\r" else "one two\n\nthree four\n"
    assert read_text(laid(tmp_path, text, "a.jsonl"), TextFormat()).text == wanted


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_prose_with_commas_is_no_table(tmp_path, name):
    text = "One, two.\nThree, four.\nFive, six.\n"
    assert read_text(laid(tmp_path, text, name), TextFormat()).text == text
    assert read_text(laid(tmp_path, table(","), name), TextFormat(format="lines")).text.startswith("id,text\n")


@pytest.mark.parametrize(
    ("name", "text"), [("a.jsonl", '{"a": "x", "b": "y"}\n'), ("a.csv", "a,b\nx y,z w\nq r,s t\n")]
)
def test_which_column_is_the_text_is_asked_and_both_cures_work(tmp_path, name, text):
    files = laid(tmp_path, text, name)
    with pytest.raises(DataError, match="is the text") as error:
        read_text(files, TextFormat())
    assert error.value.cure == "--text-column NAME, or --format lines to read the file as it stands"
    assert read_text(files, TextFormat(column="b")).text in ("y\n", "z w\n\ns t\n")
    assert read_text(files, TextFormat(format="lines")).text == text


def test_a_column_that_is_not_there_and_a_field_that_is_no_text_are_refused(tmp_path):
    files = laid(tmp_path, '{"text": "x"}\n{"text": 5}\n', "a.jsonl")
    with pytest.raises(UsageError, match="no column 'body'"):
        read_text(files, TextFormat(column="body"))
    with pytest.raises(DataError, match="the field 'text' of line 2 is no text"):
        read_text(files, TextFormat())


def test_records_without_a_text_are_counted(tmp_path):
    document = read_text(laid(tmp_path, '{"text": "x"}\n{"text": null}\n{"text": " "}\n', "a.jsonl"), TextFormat())
    assert document.text == "x\n"
    assert "2 lines without a text, the first is line 2: left out" in document.findings[-1].text


def test_another_encoding_is_read_when_it_is_named(tmp_path):
    files = laid(tmp_path, "Müller grüßt\n".encode("cp1252"), "a.txt")
    assert read_text(files, TextFormat(encoding="cp1252")).text == "Müller grüßt\n"


def test_quotes_around_every_line_are_said(tmp_path):
    lines = [f'"Line {n} of the mill."' for n in range(9)]
    found = read_text(laid(tmp_path, "\n".join(lines), "a.txt"), TextFormat()).findings
    assert any(finding.text.startswith("quotes stand around every line") for finding in found)
    spoken = ["So she said:", *lines]
    assert read_text(laid(tmp_path, "\n".join(spoken), "b.txt"), TextFormat()).findings == ()


def test_marks_of_programs_are_counted_with_the_first_line():
    lines = [(7, "fine & good; a@b.org"), (8, "he said &quot; yes &quot;"), (9, "a @-@ b &#39;s"), (12, "un@@ done")]
    found = find_marks(lines, "the sources")
    assert [(one.level, one.code) for one in found] == [("warning", "html-entities"), ("warning", "tokeniser-marks")]
    assert "2 lines (first 8) of the sources" in found[0].text
    assert "&quot; 2 times, &#39; 1 times" in found[0].text
    assert "2 lines (first 9)" in found[1].text


NAMED = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


@pytest.mark.parametrize("mark", NAMED.values(), ids=NAMED)
def test_a_table_whose_names_say_so_is_read_by_any_name_of_the_file(tmp_path, mark):
    path, quote = tmp_path / "reviews.txt", '"' * (mark == ",")
    rows = "".join(f"{quote}Film {n}, wieder gut{quote}{mark}{n % 5}\n" for n in range(9))
    path.write_text(f"review{mark}stars\n{rows}")
    document = read_text([DataFile(path)], TextFormat())
    assert document.text == "\n\n".join(f"Film {n}, wieder gut" for n in range(9)) + "\n"
    assert "'review' is the text" in document.findings[0].text
    assert read_text([DataFile(path)], TextFormat(format="lines")).text == path.read_text()


@pytest.mark.parametrize(
    "text",
    [
        "Text, poem\n\nIt was, so to say, a day.\nAnd so on.\n",
        "Story, verse\n" + "".join(f"One {n}, two\nand three\n" for n in range(9)),
        "verse|quote\n",
        'text,"label\nmore, of it\nand, more\nand, more\nand, more\n',
    ],
)
def test_prose_below_a_line_of_names_is_read_as_it_stands(tmp_path, text):
    (tmp_path / "a.txt").write_text(text)
    assert read_text([DataFile(tmp_path / "a.txt")], TextFormat()).text == text


def test_a_text_whose_lines_have_as_many_tabs_is_said(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("".join(f"good\tThe film {n}\n" for n in range(9)))
    document = read_text([DataFile(path)], TextFormat())
    assert document.text == path.read_text()
    assert [finding.code for finding in document.findings if finding.level == "warning"] == ["table-in-text"]
    assert read_text([DataFile(path)], TextFormat(column="2")).text.startswith("The film 0\n\nThe film 1\n")
    path.write_text("".join("\t" * (n % 2) + f"line {n}\n" for n in range(9)))
    assert not read_text([DataFile(path)], TextFormat()).findings


@pytest.mark.parametrize("author", ["Kant", "Kant, Immanuel", "von Ebner, Marie, geboren, sagt man"])
def test_commas_of_sentences_are_no_marks_beside_semicolons(tmp_path, author):
    path = tmp_path / "quotes.csv"
    path.write_text("quote;author\n" + "".join(f"Sei still, sagte er {n}.;{author}\n" for n in range(9)))
    assert read_text([DataFile(path)], TextFormat()).text.startswith("Sei still, sagte er 0.\n\nSei still, sagte er 1.")


def test_two_marks_without_blanks_are_still_asked_about(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text,a;label,b\n" + "".join(f"red,{n};blue,{n}\n" for n in range(9)))
    with pytest.raises(DataError, match="equally well"):
        read_text([DataFile(path)], TextFormat())


def test_the_messages_of_a_chat_are_its_lines(tmp_path):
    turns = [{"role": "user", "content": "How far?"}, {"role": "assistant", "content": "Ten miles."}]
    path = tmp_path / "chat.jsonl"
    path.write_text((json.dumps({"messages": turns}) + "\n") * 2)
    assert read_text([DataFile(path)], TextFormat()).text == "How far?\nTen miles.\n\nHow far?\nTen miles.\n"
    path.write_text(json.dumps({"messages": [{"role": "user", "content": ["?"]}]}) + '\n{"messages": "x"}\n')
    with pytest.raises(DataError, match="the field 'messages' of line 1 is no text"):
        read_text([DataFile(path)], TextFormat())


@pytest.mark.parametrize("name", ["both.csv", "both.txt"])
def test_a_header_that_comes_again_is_no_text(tmp_path, name):
    part = ",text\n" + "".join(f'{n},"One, and {n}"\n' for n in range(5))
    (tmp_path / name).write_text(part * 2)
    document = read_text([DataFile(tmp_path / name)], TextFormat())
    assert document.text == "\n\n".join(f"One, and {n}" for n in [*range(5)] * 2) + "\n"
    warning = next(finding.text for finding in document.findings if finding.code == "header-again")
    assert warning == "1 line with the column names again, line 7: left out"


SAYINGS = [f'The "old" mill {n}, they said, was still' for n in range(8)]


def test_a_column_of_quoted_cells_without_a_name_is_read_as_cells(tmp_path):
    lines = "".join('"' + saying.replace('"', '""') + '"\n' for saying in SAYINGS)
    assert read_text(laid(tmp_path, lines, "a.csv"), TextFormat()).text == "\n\n".join(SAYINGS) + "\n"
    speech = "".join(f'"Go, {n}," he said. "Now!"\n' for n in range(8))
    assert read_text(laid(tmp_path, speech, "b.csv"), TextFormat()).text == speech
    assert read_text(laid(tmp_path, lines, "a.txt"), TextFormat()).text == lines  # a text may be all speech


@pytest.mark.parametrize("how", [TextFormat(), TextFormat(format="pipe"), TextFormat(column="text")])
def test_a_table_of_markdown_has_neither_rules_nor_blanks_around_cells(tmp_path, how):
    rows = "".join(f"| {n} | {saying} |\n" for n, saying in enumerate(SAYINGS))
    files = laid(tmp_path, f"| no | text |\n|:---|----:|\n{rows}", "a.md")
    assert read_text(files, how).text == "\n\n".join(SAYINGS) + "\n"


def test_a_poem_whose_lines_end_in_commas_is_no_table(tmp_path):
    poem = "Story,\n" + "".join(f"the wind {n} blew,\n" for n in range(9))
    assert read_text(laid(tmp_path, poem, "poem.txt"), TextFormat()).text == poem


@pytest.mark.parametrize("name", ["name", "Title", "words"])
def test_a_name_above_names_in_a_csv_is_none_of_them(tmp_path, name):
    names = ["Anna", "Bob", "Clara", "Dave"] * 9
    document = read_text(laid(tmp_path, "\n".join([name, *names]) + "\n", "a.csv"), TextFormat())
    assert document.text == "\n\n".join(names) + "\n"
    again = "\n".join([*names, name, *names]) + "\n"
    assert read_text(laid(tmp_path, again, "b.csv"), TextFormat()).text == again
    assert read_text(laid(tmp_path, f"{name}\n" + again, "c.csv"), TextFormat()).text == f"{name}\n" + again


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_prose_with_commas_and_semicolons_is_read_as_the_cure_says(tmp_path, name):
    prose = "".join(f"It was late; we left, and slept {n}.\nThen, as ever; it rained.\n" for n in range(20))
    files = laid(tmp_path, prose, name)
    with pytest.raises(DataError, match="equally well") as error:
        read_text(files, TextFormat())
    assert error.value.cure.endswith("--format lines to read the file as it stands")
    assert read_text(files, TextFormat(format="lines")).text == prose


def test_prose_without_tabs_in_a_file_called_tsv_stays_in_lines(tmp_path):
    prose = "".join(f"It was late, we went home {n}.\nThen, as ever it rained.\n" for n in range(20))
    assert read_text(laid(tmp_path, prose, "a.tsv"), TextFormat()).text == prose


def doubled(lines: list[str]) -> str:
    return "".join('"' + line.replace('"', '""') + '"\n' for line in lines)


@pytest.mark.parametrize("name", ["text", '"text"', '"headline"'])
def test_a_named_column_of_quoted_cells_is_a_table_whatever_the_name_of_the_file(tmp_path, name):
    document = read_text(laid(tmp_path, f"{name}\n{doubled(SAYINGS)}", "a.txt"), TextFormat())
    assert document.text == "\n\n".join(SAYINGS) + "\n"
    assert [finding.code for finding in document.findings] == ["format"]


def test_a_speech_in_quotes_below_a_word_stays_as_it_is(tmp_path):
    speech = "Story\n" + "".join(f'"Go, {n}," he said. "Now!"\n' for n in range(8))
    assert read_text(laid(tmp_path, speech, "a.txt"), TextFormat()).text == speech


def test_quoted_lines_without_a_name_are_warned_of_and_read_by_the_cure(tmp_path):
    files = laid(tmp_path, doubled(SAYINGS), "a.txt")
    (warning,) = read_text(files, TextFormat()).findings
    assert (warning.code, warning.text.rpartition("; ")[2]) == ("quotes-in-lines", "--format csv reads the cells")
    assert read_text(files, TextFormat(format="csv")).text == "\n\n".join(SAYINGS) + "\n"
    escaped = doubled([f"{saying} \\d" for saying in SAYINGS]).replace('""', '\\"')
    (warning,) = read_text(laid(tmp_path, escaped, "b.txt"), TextFormat()).findings
    assert (warning.code, "as R writes" in warning.text) == ("quotes-in-lines", True)


def test_one_column_of_r_is_read_without_its_name(tmp_path):
    escaped = '"text"\n' + doubled(SAYINGS).replace('""', '\\"')
    assert read_text(laid(tmp_path, escaped, "a.txt"), TextFormat()).text == "\n\n".join(SAYINGS) + "\n"


@pytest.mark.parametrize("end", [";", ","])
def test_lines_below_a_name_may_all_end_in_a_mark(tmp_path, end):
    lines = [f"and the lamp {n} fell{end}" for n in range(9)]
    document = read_text(laid(tmp_path, "\n".join(["text", *lines]) + "\n", "a.csv"), TextFormat())
    assert document.text == "\n\n".join(lines) + "\n"
    rows = "".join(f"lamp{n}{end}and the lamp fell\n" for n in range(9))
    with pytest.raises(DataError):
        read_text(laid(tmp_path, f"text\n{rows}", "b.csv"), TextFormat())


def test_numbers_of_sentences_are_no_text(tmp_path):
    files = laid(tmp_path, "sentence,word,tag\n" + "".join(f"{n // 3},w{n},N\n" for n in range(12)), "a.csv")
    with pytest.raises(DataError, match="which of its columns is the text"):
        read_text(files, TextFormat())
    assert read_text(files, TextFormat(column="word")).text.startswith("w0\n\nw1\n\n")
    assert read_text(files, TextFormat(column="1")).text.startswith("0\n\n0\n\n")
