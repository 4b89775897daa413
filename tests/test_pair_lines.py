"""What stands beside texts, above them and in a third column is said, or refused; texts like it are read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from seqtool.data.pair_columns import Wanted
from seqtool.data.pair_table import PairFormat, read_table
from seqtool.data.pairs import read_two
from seqtool.errors import DataError

GERMAN = [f"Die Frau {['hat', 'rief', 'sah'][n % 3]} das {n}. Buch." for n in range(30)]
ENGLISH = [f"The woman {['had', 'called', 'saw'][n % 3]} the book {n}." for n in range(30)]
BOOKS = {
    "names": lambda n: f"Genesis 1:{n + 1}",
    "short": lambda n: f"Gen. {n // 10 + 1}:{n % 10 + 1}",
    "numbered": lambda n: f"1. Mose {n + 1},{n + 2}",
    "english": lambda n: f"2 Samuel 3:{n + 1}",
    "verses": lambda n: f"{n // 10 + 1}:{n % 10 + 1}",
}


def laid(folder: Path, name: str, lines) -> Path:
    path = folder / name
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def warned(read) -> list[str]:
    return [finding.code for finding in read.findings if finding.level == "warning"]


@pytest.mark.parametrize("kind", BOOKS)
def test_a_place_in_a_book_is_no_side(tmp_path, kind):
    rows = [f"{BOOKS[kind](n)}\t{text}" for n, text in enumerate(GERMAN)]
    path = laid(tmp_path, "one.tsv", rows)
    with pytest.raises(DataError, match="column 1 of two holds places in a book") as error:
        read_table(path, PairFormat())
    assert "--source-column 1 --target-column 2" in error.value.cure
    assert len(read_table(path, PairFormat(columns=Wanted("1", "2"))).records) == 30
    with pytest.raises(DataError, match="the column 'source' holds places in a book, not texts"):
        read_table(laid(tmp_path, "two.tsv", ["source\ttarget", *rows]), PairFormat())
    both = laid(tmp_path, "three.tsv", [f"{row}\t{text}" for row, text in zip(rows, ENGLISH, strict=True)])
    assert [pair[:2] for pair in read_table(both, PairFormat()).records] == list(zip(GERMAN, ENGLISH, strict=True))


def test_times_and_their_words_are_pairs(tmp_path):
    clock = [(f"{7 * n % 24}:{11 * n % 60:02d}", f"the minute {n} of {text}") for n, text in enumerate(ENGLISH)]
    read = read_table(laid(tmp_path, "clock.tsv", ["\t".join(pair) for pair in clock]), PairFormat())
    assert [pair[:2] for pair in read.records] == clock
    both = [(f"um {n % 24}:00", f"at {n % 24}:00") for n in range(30)]
    assert len(read_table(laid(tmp_path, "at.tsv", ["\t".join(pair) for pair in both]), PairFormat()).records) == 30


@pytest.mark.parametrize(
    "form",
    [
        "{n}\t{text}",
        "{n}. {text}",
        "3:{n} {text}",
        "Ruth 1:{n}\t{text}",
        "{n},{text}",
        "utt{n:04d} {text}",
        "{n}|||{text}",
        "[{n}] {text}",
        "00:00:{n:02d} {text}",
        "84-121-{n:04d}  {text}",
    ],
)
def test_numbers_before_the_lines_of_two_files_are_said(tmp_path, form):
    numbered = [form.format(n=n + 1, text=text) for n, text in enumerate(GERMAN)]
    read = read_two(laid(tmp_path, "a.de", numbered), laid(tmp_path, "a.en", ENGLISH))
    assert "columns-in-lines" in warned(read)
    assert any(finding.text.startswith("a.de: nearly every line") for finding in read.findings)


@pytest.mark.parametrize(
    "names", [("source", "target"), ("de", "en"), ("German", "English"), ("question", "answer"), ("text", "text")]
)
def test_names_above_two_files_are_said(tmp_path, names):
    files = [
        laid(tmp_path, f"a.{n}", [name, *text]) for n, name, text in zip("st", names, (GERMAN, ENGLISH), strict=True)
    ]
    assert "names-above" in warned(read_two(*files))


def test_plain_files_have_no_warning(tmp_path):
    german, english = [*GERMAN, "12 Uhr ist Mittag."], [*ENGLISH, "Noon is at 12."]
    assert warned(read_two(laid(tmp_path, "a.de", german), laid(tmp_path, "a.en", english))) == []
    words = (["Deutsch", "Hund", "Katze"], ["German", "dog", "cat"])
    assert warned(read_two(*(laid(tmp_path, f"b.{n}", words[n]) for n in range(2)))) == []


@pytest.mark.parametrize("form", ["<2de> {text}", "CO2 {text}", "{ten} + {one} {text}"])
def test_numbers_that_do_not_grow_from_line_to_line_are_of_the_texts(tmp_path, form):
    german = [form.format(text=text, ten=n // 10, one=n % 10) for n, text in enumerate(GERMAN)]
    assert warned(read_two(laid(tmp_path, "a.de", german), laid(tmp_path, "a.en", ENGLISH))) == []


def test_a_third_text_is_named(tmp_path):
    third = laid(tmp_path, "t.tsv", [f"{a}\t{b}\tCeci est {b}" for a, b in zip(GERMAN, ENGLISH, strict=True)])
    read = read_table(third, PairFormat())
    assert "column 3 is not read, such as 'Ceci est The woman" in read.findings[0].text
    named = laid(tmp_path, "n.tsv", ["de\ten\tby", *(f"{a}\t{b}\tme" for a, b in zip(GERMAN, ENGLISH, strict=True))])
    assert "not read: by" in read_table(named, PairFormat()).findings[0].text


def test_a_third_column_in_some_lines_is_a_warning(tmp_path):
    lines = [f"{a}\t{b}" for a, b in zip(GERMAN, ENGLISH, strict=True)]
    lines[7] += "\tand more"
    read = read_table(laid(tmp_path, "t.tsv", lines), PairFormat())
    assert next(finding.text for finding in read.findings if finding.code == "third-column") == (
        "1 line has a third column, the first is line 8: that column is not read"
    )


@pytest.mark.parametrize(
    ("form", "mark"),
    [
        ("{n}\n00:01:{n:02d},100 --> 00:01:{n:02d},900\n{text}\n", "-->"),
        ("01:{n:02d}.100 --> 01:{n:02d}.900\n{text}\n", "-->"),
        ("0:01:{n:02d}.100,0:01:{n:02d}.900\n{text}\n", ","),
    ],
)
def test_subtitles_are_no_pairs_of_lines(tmp_path, form, mark):
    german, english = (
        laid(tmp_path, name, [form.format(n=n, text=text) for n, text in enumerate(lines)])
        for name, lines in (("a.de", GERMAN), ("a.en", ENGLISH))
    )
    with pytest.raises(DataError, match=rf"the file is of subtitles: line \d is a time, '.*{mark}"):
        read_two(german, english)
    said_alone = [laid(tmp_path, f"{path.name}.txt", lines) for path, lines in ((german, GERMAN), (english, ENGLISH))]
    assert len(read_two(*said_alone).records) == 30


FORMS = {
    "json": lambda text: '{"text": "' + text + '"}',
    "microdvd": lambda text: "{10}{40}" + text,
    "mpl2": lambda text: "[10][40]" + text,
    "lrc": lambda text: f"[01:40.20]{text}",
    "ass": lambda text: f"Dialogue: 0,0:00:01.20,0:00:02.20,Default,,0,0,0,,{text}",
    "wmt": lambda text: f'<seg id="3">{text}</seg>',
}


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("side", [0, 1])
def test_lines_of_another_form_are_refused_beside_a_file_of_texts(tmp_path, kind, side):
    both = [list(GERMAN), list(ENGLISH)]
    both[side] = [FORMS[kind](text) for text in both[side]]
    paths = [laid(tmp_path, name, lines) for name, lines in zip(("a.txt", "b.txt"), both, strict=True)]
    with pytest.raises(DataError, match="most of its lines are") as error:
        read_two(*paths)
    assert error.value.where == str(paths[side])


def test_tags_and_quotes_in_lines_are_said(tmp_path):
    talk = ["<url>http://x.org/1</url>", "<speaker>Ann</speaker>"]
    paths = [laid(tmp_path, "a.txt", talk + GERMAN), laid(tmp_path, "b.txt", talk + ENGLISH)]
    read = read_two(*paths)
    assert warned(read).count("tags-in-lines") == 2
    paths = [laid(tmp_path, "a.txt", GERMAN), laid(tmp_path, "b.txt", [f'"{text}"' for text in ENGLISH])]
    assert "quotes-in-lines" in warned(read_two(*paths))
    paths = [laid(tmp_path, "a.txt", GERMAN), laid(tmp_path, "b.txt", [f'"{ENGLISH[0]}"', *ENGLISH[1:]])]
    assert not {"quotes-in-lines", "tags-in-lines"} & set(warned(read_two(*paths)))


CATALOGUES = {
    "a catalogue of gettext": lambda texts: [
        line for n, text in enumerate(texts) for line in (f"#: a.c:{n}", f'msgid "text {n}"', f'msgstr "{text}"', "")
    ],
    "a list of names with their texts": lambda texts: ["# menu", *(f"menu.{n}={text}" for n, text in enumerate(texts))],
    "JSON over many lines": lambda texts: json.dumps(texts, indent=2).split("\n"),
}


@pytest.mark.parametrize("kind", CATALOGUES)
def test_files_of_texts_among_other_things_are_named(tmp_path, kind):
    paths = [laid(tmp_path, f"a.{n}", CATALOGUES[kind](texts)) for n, texts in enumerate((GERMAN, ENGLISH))]
    with pytest.raises(DataError, match=f"the file is {kind}.* not a text a line"):
        read_two(*paths)


def test_statements_of_a_program_are_texts(tmp_path):
    code = [f"{'xy'[n % 2]} = f({n})" for n in range(30)]
    assert len(read_two(laid(tmp_path, "a.en", ENGLISH), laid(tmp_path, "a.py", code)).records) == 30


def test_strings_of_json_are_read_as_what_they_say(tmp_path):
    said = [f'"Halt", sagte\ner. {text}' for text in GERMAN]
    written = laid(tmp_path, "a.de", [*map(json.dumps, said)])
    read = read_two(written, laid(tmp_path, "a.en", [json.dumps(text) for text in ENGLISH]))
    assert read.records[0][:2] == (f'"Halt", sagte er. {GERMAN[0]}', ENGLISH[0])
    plain = read_two(written, laid(tmp_path, "b.en", [*ENGLISH[:-1], '"so"']))
    assert plain.records[-1].target == '"so"'
    quoted = [
        laid(tmp_path, f"c.{n}", [json.dumps(text) for text in texts]) for n, texts in enumerate((GERMAN, ENGLISH))
    ]
    assert warned(read_two(*quoted)) == ["quotes-in-lines"] * 2  # no backslash says that it is JSON
