"""Files that hold both sides: every kind is read right, or refused with the option that decides."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.languages import language
from seqtool.data.pair_columns import Wanted
from seqtool.data.pair_table import PairFormat, TableReader, read_table
from seqtool.errors import DataError, UsageError, without_options

PAIRS = [
    ("Ein Haus, ein Hof; ein Tor.", "A house, a yard; a gate."),
    ('Sie rief: "Halt!"', 'She called: "Stop!"'),
    ("Rot | Grün", "Red | green"),
    ("Das kostet 11,50 Euro.", "That is 11.50 euros."),
    ("Noch ein Satz.", "One more sentence."),
    ("Und der letzte.", "And the last."),
]
MARKS = {"csv": ",", "semicolon": ";", "pipe": "|", "tsv": "\t"}


def laid(folder: Path, text: str | bytes, name: str = "pairs.txt") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def table(rows, mark: str = ",", end: str = "\n") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=mark, lineterminator=end).writerows(rows)
    return text.getvalue()


def texts(read) -> list[tuple[str, str]]:
    return [(pair.source, pair.target) for pair in read.records]


def note(read) -> str:
    return next(found.text for found in read.findings if found.code == "format")


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
@pytest.mark.parametrize("names", [("source", "target"), ("Deutsch", "English"), ("text_de", "text_en"), ()])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tables_of_every_mark_with_and_without_a_header(tmp_path, mark, names, end):
    read = read_table(laid(tmp_path, table([names, *PAIRS] if names else PAIRS, mark, end)), PairFormat())
    assert texts(read) == PAIRS
    assert [pair.number for pair in read.records] == list(range(1 + bool(names), 7 + bool(names)))


def test_what_was_taken_is_said(tmp_path):
    read = read_table(
        laid(tmp_path, table([("id", "de", "en"), *((n, *pair) for n, pair in enumerate(PAIRS))])), PairFormat()
    )
    assert texts(read) == PAIRS
    assert "'de' is the source, 'en' the target; --reverse exchanges them" in note(read)


def test_quotes_between_tabs_are_text_unless_they_are_marks(tmp_path):
    as_text = 'Er sagte: "Ja."\tHe said: "Yes."\n"Nein" ist kurz\t"No" is short\n5" Rohr\t5" pipe\n'
    assert texts(read_table(laid(tmp_path, as_text), PairFormat()))[1] == ('"Nein" ist kurz', '"No" is short')
    as_marks = 'source\ttarget\n"Er sagte: ""Ja."""\t"He said: ""Yes."""\nNein\tNo\n'
    assert texts(read_table(laid(tmp_path, as_marks), PairFormat())) == [
        ('Er sagte: "Ja."', 'He said: "Yes."'), ("Nein", "No"),
    ]  # fmt: skip
    lines = read_table(laid(tmp_path, as_marks), PairFormat(format="lines"))
    assert texts(lines)[1] == ('"Er sagte: ""Ja."""', '"He said: ""Yes."""')


def test_tatoebas_four_columns_are_told_by_their_numbers(tmp_path):
    rows = [(str(900 + n), source, str(70 + n), target) for n, (source, target) in enumerate(PAIRS)]
    text = "".join("\t".join(row) + "\n" for row in rows)
    read = read_table(laid(tmp_path, text), PairFormat())
    assert texts(read) == PAIRS
    assert "Tatoeba" in note(read)


IDS = {
    "scores": lambda n: f"0.{80 - n}",
    "percent": lambda n: f"{80 - n} %",
    "numbers": lambda n: str(17 + n),
    "ids": lambda n: f"doc-{n}",
    "stamps": lambda n: f"2024-01-{n + 1:02d} 12:00:0{n % 7}",
    "addresses": lambda n: f"https://a.example/{'xyz'[n % 3]}",
    "some missing": lambda n: "" if n % 3 else f"-1.{n}e-3",
    "the first unknown": lambda n: f"0.{n}" if n else "nan",
}


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("kind", IDS)
def test_numbers_and_ids_beside_two_texts_are_no_side(tmp_path, kind, place):
    pairs = [(f"{a} {n}", f"{b} {n}") for n in range(5) for a, b in PAIRS]
    rows = [[*pair[:place], IDS[kind](n), *pair[place:]] for n, pair in enumerate(pairs)]
    for header in ((), ["x", "x", "x"]):
        how = PairFormat(header="yes" if header else "auto")
        read = read_table(laid(tmp_path, table([header, *rows] if header else rows, "\t")), how)
        assert texts(read) == pairs
        assert f"column {place + 1} holds numbers or ids: not read" in note(read)


def test_the_third_of_three_texts_says_who_wrote_it(tmp_path):
    rows = [(*pair, f"CC-BY 2.0 #{n} (someone)") for n, pair in enumerate(PAIRS)]
    assert texts(read_table(laid(tmp_path, table(rows, "\t")), PairFormat())) == PAIRS


def test_two_columns_of_numbers_or_codes_are_read_as_they_stand(tmp_path):
    sums = [(f"{n} + {n}", str(2 * n)) for n in range(9)]
    dates = [(f"{n} May 2010", f"2010-05-0{n}") for n in range(1, 9)]
    for rows in (sums, [(a.replace(" ", ""), b) for a, b in sums], [(b, b * 2) for _, b in sums], dates):
        assert texts(read_table(laid(tmp_path, table(rows, "\t")), PairFormat())) == rows


def test_columns_are_named_or_numbered(tmp_path):
    rows = [("who", "hier", "dort"), *(("me", *pair) for pair in PAIRS)]
    path = laid(tmp_path, table(rows))
    for names in (("hier", "dort"), ("Hier", "3"), ("hier", "3")):
        assert texts(read_table(path, PairFormat(columns=Wanted(*names))))[-1] == PAIRS[-1]
    with pytest.raises(UsageError, match="no column 'da'") as error:
        read_table(path, PairFormat(header="yes", columns=Wanted("da", "dort")))
    assert "columns who, hier, dort" in error.value.where
    bare = laid(tmp_path, table([("me", *pair) for pair in PAIRS]))
    assert texts(read_table(bare, PairFormat(columns=Wanted("3", "2"))))[0] == PAIRS[0][::-1]
    assert texts(read_table(laid(tmp_path, table(PAIRS)), PairFormat(columns=Wanted(source="2"))))[0] == PAIRS[0][::-1]


def test_the_header_is_as_a_person_says(tmp_path):
    path = laid(tmp_path, table([("hier", "dort"), *PAIRS]))
    assert len(read_table(path, PairFormat(header="yes")).records) == 6
    assert len(read_table(path, PairFormat(header="no")).records) == 7
    assert len(read_table(laid(tmp_path, table([("de", "en"), *PAIRS])), PairFormat(header="no")).records) == 7


SENTENCES = [(f"Das ist der Satz mit der Nummer {n}.", f"This is the sentence number {n}.") for n in range(30)]
HEADERS = [
    ("Frage", "Antwort"), ("DE", "EN"), ("Deutsch", "Englisch"), ("input", "output"), ("question", "answer_text"),
    ("Text", "Ergebnis"), ("Satz", "Translated sentence"), ("Français", "neu"),
]  # fmt: skip


@pytest.mark.parametrize("names", HEADERS)
@pytest.mark.parametrize("mark", ["\t", "|"])
def test_names_of_columns_are_no_pair(tmp_path, names, mark):
    read = read_table(laid(tmp_path, table([names, *SENTENCES], mark)), PairFormat())
    assert texts(read) == SENTENCES
    assert f"'{names[0]}' is the source, '{names[1]}' the target" in note(read)
    rows = [(f"{n}", *pair) for n, pair in enumerate(SENTENCES)]
    for above in ("x", ""):
        assert texts(read_table(laid(tmp_path, table([(above, *names), *rows], mark)), PairFormat())) == SENTENCES


def test_upper_case_codes_name_the_columns_of_a_list_of_words(tmp_path):
    words = [("Hund", "dog"), ("Katze", "cat"), ("Haus", "house")]
    assert texts(read_table(laid(tmp_path, table([("DE", "EN"), *words], "\t")), PairFormat())) == words


def test_a_field_that_is_called_source_comes_before_its_language(tmp_path):
    record = {"source_lang": "de", "source": "ein Hund", "target": "a dog", "target_lang": "en"}
    assert texts(read_table(laid(tmp_path, json.dumps(record)), PairFormat())) == [("ein Hund", "a dog")]


@pytest.mark.parametrize("first", [("Einleitung", "Introduction"), ("Spalte A", "Spalte B")])
def test_a_short_first_row_may_be_a_header_or_a_pair(tmp_path, first):
    path = laid(tmp_path, table([first, *SENTENCES], "\t"))
    with pytest.raises(DataError, match="may name the columns, or be a pair") as error:
        read_table(path, PairFormat())
    assert error.value.cure == "--header yes or --header no"
    assert [len(read_table(path, PairFormat(header=header)).records) for header in ("yes", "no")] == [30, 31]


LISTED = [("Hund", "dog"), ("Katze", "cat"), ("Haus", "house"), ("Tor", "gate"), ("Baum", "tree"), ("rot", "red")]
LIST_NAMES = [
    ("word", "pronunciation"), ("Singular", "Plural"), ("base form", "past_tense"), ("misspelling", "correction"),
    ("question", "sql"), ("English", "Klingon"), ("pirate", "english"), ("Wort", "Bedeutung"), ("text", "summary"),
    ("col1", "col2"), ("column_1", "column_2"), ("A", "B"), ("grapheme", "phoneme"),
]  # fmt: skip


@pytest.mark.parametrize("names", LIST_NAMES)
@pytest.mark.parametrize("count", [2, 6])
def test_names_above_a_list_of_words_may_be_a_header_or_a_pair(tmp_path, names, count):
    path = laid(tmp_path, table([names, *LISTED[:count]]))
    with pytest.raises(DataError, match="may name the columns, or be a pair") as error:
        read_table(path, PairFormat())
    assert error.value.cure == "--header yes or --header no"
    assert texts(read_table(path, PairFormat(header="yes"))) == LISTED[:count]


@pytest.mark.parametrize("names", [("text", "translation"), ("Source sentence", "target sentence"), ("word", "output")])
def test_a_text_beside_its_translation_names_the_columns_of_a_list(tmp_path, names):
    assert texts(read_table(laid(tmp_path, table([names, *LISTED])), PairFormat())) == LISTED


@pytest.mark.parametrize(
    "rows",
    [
        [("Wort", "word"), ("Satz", "sentence"), ("word", "Wort")],  # each stands below
        [("Danish", "Dänisch"), ("English", "Englisch"), ("cat", "Katze")],
        [("Englisch", "English"), ("Katze", "cat")],
        [("a", "b"), ("c", "d"), ("Hund", "dog")],
        [("past", "vorbei"), ("word", "Wort"), ("cat", "Katze")],
    ],
)
def test_lists_of_words_that_begin_with_a_pair_stay_whole(tmp_path, rows):
    assert texts(read_table(laid(tmp_path, table(rows)), PairFormat())) == rows


@pytest.mark.parametrize(
    "first",
    [("Hallo", "Hello"), ("Geh!", "Go!"), ("Das ist lang genug", "This is long enough"), (SENTENCES[3][0], "Text")],
)
def test_a_short_first_pair_among_others_is_a_pair(tmp_path, first):
    rows = [first, *SENTENCES, ("Ja", "Yes"), ("Danke", "Thanks"), ("Hallo", "Hello")]
    assert texts(read_table(laid(tmp_path, table(rows, "\t")), PairFormat())) == rows


REFUSED = {
    "five columns": (table([("a b", "c d", "e f", "g h", "i j")] * 6), "which of 5 columns", Wanted("1", "2")),
    "numbers first of two": (
        table([(n, source) for n, (source, _) in enumerate(PAIRS)]), "holds numbers: is it a text", Wanted("1", "2"),
    ),
    "a language before each text": (
        table([(n, "deu", a, n, "eng", b) for n, (a, b) in enumerate(PAIRS)]), "which of 6", Wanted("3", "6"),
    ),
    "one language in all rows": (
        table([("de", *pair) for pair in PAIRS]), "which of 3 columns", Wanted("2", "3"),
    ),
    "a number, a language, a text": (
        table([(900 + n, "de", source) for n, (source, _) in enumerate(PAIRS)]), "which of 3", Wanted("1", "2"),
    ),
    "three languages": (
        table([("de", "en", "fr"), *((*pair, "Oui") for pair in PAIRS)]), "more than two languages", Wanted("de", "en"),
    ),
    "fields of unknown names": (
        "".join(json.dumps({"a": a, "b": b}) + "\n" for a, b in PAIRS), "which fields", Wanted("a", "b"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_guess_that_is_not_certain_is_refused_and_its_cure_works(tmp_path, case):
    text, said, cure = REFUSED[case]
    path = laid(tmp_path, text)
    with pytest.raises(DataError, match=said) as error:
        read_table(path, PairFormat())
    assert "--source-column" in error.value.cure
    assert len(read_table(path, PairFormat(columns=cure)).records) == 6


def test_words_that_are_codes_of_languages_are_no_certain_header(tmp_path):
    path = laid(tmp_path, "it\tes\nhe\tél\nwe\tnosotros\n")
    with pytest.raises(DataError, match="may be a header or words: it, es") as error:
        read_table(path, PairFormat())
    assert error.value.cure == "--header yes or --header no"
    assert [len(read_table(path, PairFormat(header=header)).records) for header in ("yes", "no")] == [2, 3]
    phrases = laid(tmp_path, "ja\tda\nguten Tag!\tbuna ziua!\nbis bald!\tpe curand!\n")
    with pytest.raises(DataError, match="may be a header or words: ja, da"):
        read_table(phrases, PairFormat())


CODES = {
    "blanks": ("de,en", [("zu Haus", "at home"), ("im Bett", "in bed"), ("am See", "by a lake")]),
    "marks": ("de,en", [("Ja!", "Yes!"), ("Nein.", "No."), ("Gut!", "Good!")]),
    "capitals of buttons": ("en,de", [("Save", "Speichern"), ("Cancel", "Abbruch"), ("Open", "Auf")]),
    "capital codes": ("EN,DE", [("Save", "Speichern"), ("OK", "OK"), ("Cancel", "Abbruch"), ("Open", "Auf")]),
}


@pytest.mark.parametrize("case", CODES)
def test_codes_of_languages_above_phrases_are_a_header(tmp_path, case):
    names, rows = CODES[case]
    path = laid(tmp_path, "\n".join([names, *(",".join(row) for row in rows)]) + "\n")
    assert [(pair.source, pair.target) for pair in read_table(path, PairFormat()).records] == rows


def test_codes_beside_another_name_are_a_header(tmp_path):
    path = laid(tmp_path, "key,en,de\nb.save,save,sichern\nb.open,open,auf\nb.quit,quit,ende\n")
    pairs = [(pair.source, pair.target) for pair in read_table(path, PairFormat()).records]
    assert pairs == [("save", "sichern"), ("open", "auf"), ("quit", "ende")]


def test_a_small_file_has_the_header_of_the_first(tmp_path):
    long = "".join(f"das Haus mit der Nummer {n},the house of number {n}\n" for n in range(30))
    first, second = tmp_path / "train.csv", tmp_path / "test.csv"
    first.write_text(f"de,en\n{long}")
    second.write_text("de,en\nhaus,house\nrot,red\n")
    with pytest.raises(DataError, match="header or words"):
        read_table(second, PairFormat())
    reader = TableReader(PairFormat())
    reader(first)
    assert [(pair.source, pair.target) for pair in reader(second).records] == [("haus", "house"), ("rot", "red")]


def test_a_comma_without_quotes_is_refused_with_its_line(tmp_path):
    rows = table([("source", "target"), *PAIRS * 4]) + "Ja, gut,Yes\n"
    with pytest.raises(DataError, match="line 26 has 3 columns, the others 2") as error:
        read_table(laid(tmp_path, rows), PairFormat())
    assert "quotes" in error.value.cure
    mended = rows.replace("Ja, gut,Yes", '"Ja, gut",Yes')
    assert len(read_table(laid(tmp_path, mended), PairFormat()).records) == 25


def test_a_quote_that_is_never_closed_is_refused_where_it_was_opened(tmp_path):
    rows = 'source,target\nEins,One\n"Zwei,Two\nDrei,Three\n'
    with pytest.raises(DataError, match="a quote is opened in line 3"):
        read_table(laid(tmp_path, rows), PairFormat())


@pytest.mark.parametrize("form", ["lines", "array", "translation"])
def test_json(tmp_path, form):
    records = [{"de": source, "en": target} for source, target in PAIRS]
    if form == "translation":
        records = [{"id": n, "translation": record} for n, record in enumerate(records)]
    text = json.dumps(records) if form == "array" else "".join(json.dumps(record) + "\n" for record in records)
    assert texts(read_table(laid(tmp_path, text), PairFormat())) == PAIRS
    turned = read_table(laid(tmp_path, text), PairFormat(columns=Wanted("en", "de")))
    assert texts(turned) == [pair[::-1] for pair in PAIRS]


def test_a_field_that_is_no_text_is_refused(tmp_path):
    with pytest.raises(DataError, match="the field 'en' of record 2 is no text"):
        read_table(laid(tmp_path, '{"de":"a","en":"b"}\n{"de":"c","en":["d"]}\n'), PairFormat())


def memory(*units: str, head: str = "", header: str = '<header srclang="de"/>') -> str:
    body = "\n".join(f"<tu>{unit}</tu>" for unit in units)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}<tmx version="1.4">{header}<body>\n{body}\n</body></tmx>\n'


def said(language: str, text: str) -> str:
    return f'<tuv xml:lang="{language}"><seg>{text}</seg></tuv>'


def test_translation_memories(tmp_path):
    text = memory(
        said("de-DE", "Tom &amp; Eva") + said("en-US", "Tom &amp; Eve"),
        said("en-US", "<bpt i='1'>{\\b </bpt>big<ept i='1'>}</ept> <hi>red</hi>") + said("de-DE", "groß rot"),
        said("de-DE", "allein"),
        header='<header srclang="de-DE"/>',
    )
    for encoding in ("utf-8", "utf-16"):
        read = read_table(laid(tmp_path, text.encode(encoding), "m.tmx"), PairFormat())
        assert texts(read) == [("Tom & Eva", "Tom & Eve"), ("groß rot", "big red")]
        assert [pair.number for pair in read.records] == [3, 4]
    assert "'de-DE' is the source, 'en-US' the target" in note(read)
    assert "line 5" in read.findings[-1].text
    turned = read_table(laid(tmp_path, text), PairFormat(columns=Wanted("en", "de")))
    assert texts(turned)[0] == ("Tom & Eve", "Tom & Eva")


def test_of_several_languages_the_first_two_are_read_and_the_others_named(tmp_path):
    path = laid(tmp_path, memory(said("de", "Haus") + said("en", "house") + said("fr", "maison")))
    read = read_table(path, PairFormat())
    assert texts(read) == [("Haus", "house")]
    assert "not read: fr" in note(read)
    assert texts(read_table(path, PairFormat(columns=Wanted("fr", "de")))) == [("maison", "Haus")]


MIXED = [("de", "en"), ("DE", "en-US"), ("de_AT", "EN"), ("de-DE", "en-GB")]


@pytest.mark.parametrize("source", ["de", "de-DE", "*all*"])
def test_a_language_may_be_written_in_several_ways(tmp_path, source):
    units = [said(a, f"Haus {n}") + said(b, f"house {n}") for n, (a, b) in enumerate(MIXED)]
    path = laid(tmp_path, memory(*units, header=f'<header srclang="{source}"/>'))
    read = read_table(path, PairFormat())
    assert texts(read) == [(f"Haus {n}", f"house {n}") for n in range(4)]
    assert "'de' (and DE, de_AT, de-DE) is the source, 'en' (and en-US, EN, en-GB) the target" in note(read)
    turned = read_table(path, PairFormat(columns=Wanted("en-GB", "de")))
    assert texts(turned)[0] == ("house 0", "Haus 0")


def test_two_kinds_of_one_language_are_two(tmp_path):
    units = [said("en-GB", "colour") + said("en-US", "color"), said("EN-us", "gray") + said("en-GB", "grey")]
    read = read_table(laid(tmp_path, memory(*units, header='<header srclang="en-US"/>')), PairFormat())
    assert texts(read) == [("color", "colour"), ("gray", "grey")]


def test_units_without_both_languages_are_counted(tmp_path):
    both = said("de", "Haus") + said("en", "house")
    units = [both, said("de", "allein"), said("fr", "seul") + said("it", "solo"), "<tuv><seg>?</seg></tuv>", both]
    read = read_table(laid(tmp_path, memory(*units)), PairFormat())
    assert texts(read) == [("Haus", "house")] * 2
    (finding,) = (found for found in read.findings if found.level == "warning")
    assert "3 lines where a unit without both languages begins, the first is line 4: left out" in finding.text


def test_a_memory_may_name_its_grammar_but_declare_no_entities(tmp_path):
    unit = said("de", "Haus") + said("en", "house")
    named = memory(unit, head='<!DOCTYPE tmx SYSTEM "tmx14.dtd">\n')
    assert texts(read_table(laid(tmp_path, named), PairFormat())) == [("Haus", "house")]
    bomb = memory(unit, head='<!DOCTYPE tmx [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>\n')
    with pytest.raises(DataError, match="declares the entity 'a'"):
        read_table(laid(tmp_path, bomb), PairFormat())


@pytest.mark.parametrize("cut", [60, 200])
def test_a_damaged_memory_is_refused_with_its_line(tmp_path, cut):
    text = memory(said("de", "Haus") + said("en", "house"), said("de", "Hof") + said("en", "yard"))
    with pytest.raises(DataError, match="damaged in line"):
        read_table(laid(tmp_path, text[:cut]), PairFormat())


def test_a_line_end_in_a_cell_parts_no_sentence(tmp_path):
    read = read_table(laid(tmp_path, 'source,target\n"ein\nHund",a dog\neine Katze,"a\n\ncat"\n'), PairFormat())
    assert texts(read) == [("ein Hund", "a dog"), ("eine Katze", "a cat")]


def test_another_encoding_is_read_when_it_is_named(tmp_path):
    text = "".join(f"{source}\t{target}\n" for source, target in PAIRS)
    path = laid(tmp_path, text.encode("cp1252"))
    with pytest.raises(DataError, match="not UTF-8") as error:
        read_table(path, PairFormat())
    assert "--encoding" in error.value.cure
    assert texts(read_table(path, PairFormat(encoding="windows-1252"))) == PAIRS


@pytest.mark.parametrize("text", ["", "Ein Satz, allein.\nNoch einer, und mehr, ja.\nDrei.\n" * 9, "a\nb\n"])
def test_prose_is_no_table(tmp_path, text):
    with pytest.raises(DataError):
        read_table(laid(tmp_path, text), PairFormat())


PROSE = {
    "sentences": "Als er kam, war es spät.\nSie ging, und er blieb.\nWenn es regnet, dann lesen wir alle.\n" * 5,
    "verses": "The wood is dark, and very deep\nThe road is long, the hill is steep\n" * 9,
    "speech": 'He came in, "and then?" she said.\n"No one spoke," he said.\n' * 9,
    "semicolons": "He came late; she had gone by then.\nIt rained all day; we read a book.\n" * 9,
    "two commas": "Well, he came, and she left.\nNow, he said, we all go.\n" * 9,
}


@pytest.mark.parametrize("case", PROSE)
def test_a_comma_in_each_sentence_makes_no_pairs(tmp_path, case):
    path = laid(tmp_path, PROSE[case])
    with pytest.raises(DataError, match="no pairs") as error:
        read_table(path, PairFormat())
    format = "semicolon" if case == "semicolons" else "csv"
    assert f"--format {format}" in error.value.cure
    if case != "speech":
        assert read_table(path, PairFormat(format=format)).records


@pytest.mark.parametrize(
    "rows",
    [
        [("der Hund", "the dog"), ("die Katze", "the cat"), ("laufen", "to run")],
        [("Es ist spät.", "It is late."), ("Wer kommt?", "Who comes?"), ("Na gut!", "Well then!")],
    ],
)
def test_a_blank_after_the_comma_may_part_pairs(tmp_path, rows):
    assert texts(read_table(laid(tmp_path, "".join(f"{a}, {b}\n" for a, b in rows)), PairFormat())) == rows
    quoted = "".join(f'"{a}, x", "{b}, y"\n' for a, b in rows)
    assert len(read_table(laid(tmp_path, quoted), PairFormat()).records) == 3


@pytest.mark.parametrize("names", [(), ("de", "en")])
def test_three_bars_part_the_sides(tmp_path, names):
    rows = [names, *SENTENCES] if names else SENTENCES
    text = "".join(f"{a} ||| {b}\n" for a, b in rows)
    read = read_table(laid(tmp_path, text + "allein |||\n"), PairFormat())
    assert texts(read) == SENTENCES
    sides = "'de' is the source, 'en' the target" if names else "column 1 is the source, column 2 the target"
    assert f"lines of source ||| target: {sides}" in note(read)
    assert [found.code for found in read.findings] == ["format", "empty-target"]
    turned = read_table(laid(tmp_path, text), PairFormat(columns=Wanted("2", "1")))
    assert texts(turned)[-1] == SENTENCES[-1][::-1]


def test_a_line_without_one_mark_of_three_bars_is_refused(tmp_path):
    text = "".join(f"{a} ||| {b}\n" for a, b in SENTENCES)
    for wrong, count in (("ein Hund a dog\n", 0), ("ein Hund ||| a dog ||| 0-0 1-1\n", 2)):
        with pytest.raises(DataError, match=f"line 31 has {count} marks"):
            read_table(laid(tmp_path, text + wrong), PairFormat())


def test_languages_are_known_by_code_and_name():
    names = ("de", "German", "en-US", "text_fr", "日本語", "deutsch", "pt_BR", "English sentence")
    assert [language(name) for name in names] == ["de", "de", "en", "fr", "ja", "de", "pt", "en"]
    assert [language(name) for name in ("", "id", "The house is red now", "German English", "42")][2:] == ["", "", ""]


CELL = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30).map(str.strip).filter(bool)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL), min_size=3, max_size=12),
    dialect=st.sampled_from(["csv", "semicolon", "pipe", "tsv", "jsonl"]),
    end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    named=st.booleans(),
)
def test_what_was_written_is_read_back_or_refused(tmp_path_factory, rows, dialect, end, encoding, named):
    """With the dialect named it is read back; by itself it is read back, or refused, never read wrong."""
    if dialect == "jsonl":
        text = "".join(json.dumps({"src": a, "tgt": b}) + end for a, b in rows)
    else:
        text = table([("source", "target"), *rows], MARKS[dialect], end)
    path = laid(tmp_path_factory.mktemp("pairs"), text.encode(encoding))
    how = PairFormat(format=dialect, header="yes") if named else PairFormat()
    if named and dialect != "tsv":
        assert texts(read_table(path, how)) == rows
        return
    with contextlib.suppress(DataError):
        assert texts(read_table(path, how)) == rows


@pytest.mark.parametrize("form", ["array", "indented", "lines"])
def test_json_arrays_of_two_texts_are_pairs(tmp_path, form):
    whole = json.dumps(PAIRS, indent=2 if form == "indented" else None)
    text = "".join(json.dumps(pair) + "\n" for pair in PAIRS) if form == "lines" else whole
    read = read_table(laid(tmp_path, text), PairFormat())
    assert texts(read) == PAIRS
    assert note(read).startswith("read as JSON Lines" if form == "lines" else "read as a JSON array")
    with pytest.raises(DataError, match="array 2 is not of two texts") as error:
        read_table(laid(tmp_path, '["a", "b"]\n["a", "b", "c"]\n'), PairFormat())
    assert texts(read_table(laid(tmp_path, '{"source": "a", "target": "b"}\n'), PairFormat())) == [("a", "b")]
    assert error.value.cure == 'write {"source": "...", "target": "..."}, one a line'


def test_lines_that_begin_like_an_array_are_lines(tmp_path):
    rows = [('["Halt"] rief er', '["Stop"] he called'), ('["Ja"]', '["Yes"]')]
    text = "".join("\t".join(row) + "\n" for row in rows)
    assert texts(read_table(laid(tmp_path, text), PairFormat())) == rows


def test_a_chat_in_one_field_has_a_cure_that_works(tmp_path):
    turns = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    with pytest.raises(DataError, match="which fields") as error:
        read_table(laid(tmp_path, (json.dumps(turns) + "\n") * 2), PairFormat())
    assert error.value.cure == 'write {"source": "...", "target": "..."} in each record'


@pytest.mark.parametrize("how", [PairFormat(), PairFormat(format="csv"), PairFormat(format="csv", header="yes")])
@pytest.mark.parametrize("names", ["de,en", "source,target"])
def test_commas_of_texts_below_names_are_refused_with_the_line(tmp_path, names, how):
    text = f"{names}\nKein Komma,No comma\n" + "Ja, gut,Yes, good\nEin Haus, ein Hof,A house\n" * 5
    with pytest.raises(DataError, match="line 3 has 4 columns, the others 2") as error:
        read_table(laid(tmp_path, text), how)
    assert error.value.cure == 'put "quotes" around a text with commas in it'


@pytest.mark.parametrize("empty", [0, 1, 2])
def test_an_empty_column_is_no_side(tmp_path, empty):
    rows = [[*pair[:empty], "", *pair[empty:]] for pair in PAIRS]
    read = read_table(laid(tmp_path, "".join("\t".join(row) + "\n" for row in rows)), PairFormat())
    assert texts(read) == PAIRS


def test_the_columns_of_a_cure_are_quoted(tmp_path):
    rows = [("english text", "german text", "french text"), *((*pair, "Oui") for pair in PAIRS)]
    with pytest.raises(DataError, match="more than two languages") as error:
        read_table(laid(tmp_path, table(rows)), PairFormat())
    assert error.value.cure == "--source-column 'english text' --target-column 'german text' (or others)"
    with pytest.raises(DataError) as bare, without_options():
        read_table(laid(tmp_path, table(rows)), PairFormat())
    assert bare.value.cure == "write the data as that of the training: its form, its columns, its numbers"


def test_an_instruction_is_a_source_and_beside_an_input_a_question(tmp_path):
    rows = [{"instruction": f"Sag {n}.", "output": f"Say {n}."} for n in range(8)]
    both = [row | {"input": f"Zahl {n}" if n % 2 else ""} for n, row in enumerate(rows)]
    read = read_table(laid(tmp_path, "".join(json.dumps(row) + "\n" for row in rows)), PairFormat())
    assert texts(read) == [(row["instruction"], row["output"]) for row in rows]
    path = laid(tmp_path, "".join(json.dumps(row) + "\n" for row in both))
    with pytest.raises(DataError, match="source"):
        read_table(path, PairFormat())
    wanted = PairFormat(columns=Wanted("instruction", "output"))
    assert texts(read_table(path, wanted)) == texts(read)


def test_lists_of_words_are_texts_with_blanks_between_them(tmp_path):
    rows = [(f"Das ist Nummer {n}", f"This is number {n}") for n in range(8)]
    lists = [tuple(str(side.split()) for side in row) for row in rows]
    read = read_table(laid(tmp_path, table([("source", "target"), *lists])), PairFormat())
    assert texts(read) == rows
    assert "words" in [finding.code for finding in read.findings]
    odd = [*rows, ("[Er lacht]", "[He laughs]")]
    assert texts(read_table(laid(tmp_path, table(odd, "\t")), PairFormat())) == odd


def test_tabs_in_half_of_the_lines_and_commas_in_all_are_asked_for(tmp_path):
    rows = [("a cat", "eine Katze\tda"), ("a dog", 'ein "Hund";'), ("a\tcow", "eine Kuh;"), ("the\tsun", "die Sonne")]
    path = laid(tmp_path, table(rows))
    with pytest.raises(DataError, match="tabs may part the sides, or commas") as error:
        read_table(path, PairFormat())
    assert error.value.cure == "--format csv or --format tsv"
    assert texts(read_table(path, PairFormat(format="csv"))) == rows


def test_xliff_is_named_with_a_cure(tmp_path):
    unit = "<trans-unit id='1'><source>green, red</source><target>grün, rot</target></trans-unit>\n"
    text = f"<?xml version='1.0'?>\n<xliff version='1.2'><file><body>\n{unit * 9}</body></file></xliff>\n"
    with pytest.raises(DataError, match="the file is XLIFF") as error:
        read_table(laid(tmp_path, text, "a.xlf"), PairFormat())
    assert "TMX" in error.value.cure


@pytest.mark.parametrize("count", [1, 3, 9])
def test_columns_of_numbers_make_no_words_of_codes_of_languages(tmp_path, count):
    others = [f"c{n}" for n in range(count)]
    rows = [
        (f"die Lampe {n} fiel um", f"the lamp {n} fell", *(str(n + place) for place in range(count))) for n in range(9)
    ]
    path = tmp_path / "a.csv"
    path.write_text("".join(",".join(row) + "\n" for row in [("de", "en", *others), *rows]))
    assert [(pair.source, pair.target) for pair in read_table(path, PairFormat()).records] == [row[:2] for row in rows]
