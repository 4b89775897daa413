"""Files of tagged sentences as people have them: each kind read right, or refused with the option that decides."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from pathlib import Path

import pandas
import polars
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from seqtool.data.known_tags import PENN
from seqtool.data.tag_options import TagOptions
from seqtool.data.tagged import read_tagged
from seqtool.errors import DataError, SeqtoolError, UsageError

SENTENCES = [
    [("Mia", "NNP", "B-NP", "B-PER"), ("lives", "VBZ", "B-VP", "O"), ("in", "IN", "B-PP", "O")],
    [("Rome", "NNP", "B-NP", "B-LOC"), ("sleeps", "VBZ", "B-VP", "O")],
    [("in", "IN", "B-PP", "O"), ("Lake", "NNP", "B-NP", "B-LOC"), ("Como", "NNP", "I-NP", "I-LOC")],
    [("Mia", "NNP", "B-NP", "B-PER"), ("sleeps", "VBZ", "B-VP", "O")],
]


def wanted(column: int) -> list[list[tuple[str, str]]]:
    return [[(row[0], row[column]) for row in sentence] for sentence in SENTENCES]


def columns(*places: int, mark: str = "\t", above: str = "") -> str:
    """The sentences with these columns, an empty line between them; `above` stands above each."""
    blocks = ["".join(mark.join(row[n] for n in places) + "\n" for row in sentence) for sentence in SENTENCES]
    return "\n".join(above + block for block in blocks)


def numbered(mark: str = ",", header: str = "Sentence #,Word,POS,Tag", *, once: bool = True) -> str:
    """The sentences as a table whose first column numbers them, in the first row of each or in all rows."""
    rows = [header.replace(",", mark)]
    for n, sentence in enumerate(SENTENCES, start=1):
        for place, row in enumerate(sentence):
            rows.append(mark.join(["" if once and place else f"Sentence: {n}", row[0], row[1], row[3]]))
    return "\n".join(rows) + "\n"


def lines(separator: str, column: int = 1) -> str:
    return "".join(" ".join(row[0] + separator + row[column] for row in sentence) + "\n" for sentence in SENTENCES)


def objects(**keys: int) -> str:
    return "".join(json.dumps({key: [row[n] for row in one] for key, n in keys.items()}) + "\n" for one in SENTENCES)


@pytest.fixture
def read(tmp_path):
    def of(content: str | bytes, **options):
        path = tmp_path / "given.txt"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_tagged(path, options=TagOptions(**options))

    return of


def pairs(read) -> list[list[tuple[str, str]]]:
    assert [one.number for one in read.records] == list(range(1, len(read.records) + 1))
    return [list(zip(one.words, one.tags, strict=True)) for one in read.records]


def said(read, code: str) -> str:
    return next(one.text for one in read.findings if one.code == code)


KINDS = {
    # what is written -> the column of tags that is right
    "word and tag between tabs": (columns(0, 1), 1),
    "between blanks": (columns(0, 1, mark="  "), 1),
    "CoNLL-2000": (columns(0, 1, 2, mark=" "), 2),
    "CoNLL-2003": ("-DOCSTART- -X- -X- O\n\n" + columns(0, 1, 2, 3, mark=" "), 3),
    "a bare -DOCSTART-": ("-DOCSTART-\n" + columns(0, 1, 2, 3, mark=" ") + "-DOCSTART-\n", 3),
    "CR LF": (columns(0, 1).replace("\n", "\r\n"), 1),
    "lines of blanks between sentences": (columns(0, 1).replace("\n\n", "\n \t\n"), 1),
    "words numbered": (re.sub(r"(?m)^(?=\S)", "1\t", columns(0, 1)), 1),
    "comments of another width": (columns(0, 3, above="# id 4\tdomain=en\n"), 3),
    "comments of the same width": (columns(0, 1, 2, 3, mark=" ", above="# id ab12\tdomain=en\n"), 3),
    "comments as in CoNLL-U": (columns(0, 1, 2, mark=" ", above="# sent = 1\n#\n"), 2),
    "a header between tabs": ("Token\tPOS\n" + columns(0, 1), 1),
    "a header and an empty line": ("word tag\n\n" + columns(0, 1, mark=" "), 1),
    "word/TAG": (lines("/"), 1),
    "word_TAG": (lines("_"), 1),
    "JSON Lines": (objects(tokens=0, tags=3), 3),
    "JSON, other names": (objects(words=0, ner=3), 3),
    "a JSON array": ("[" + objects(tokens=0, tags=1).strip().replace("\n", ",") + "]", 1),
    "a sentence number in the first row": (numbered(), 3),
    "a sentence number in every row": (numbered(once=False), 3),
    "semicolons": (numbered(";"), 3),
    "bars": (numbered("|"), 3),
    "tabs": (numbered("\t"), 3),
    "UTF-16": (columns(0, 1).encode("utf-16"), 1),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_file_is_told_by_its_content(read, kind):
    content, column = KINDS[kind]
    found = read(content)
    assert pairs(found) == wanted(column)
    assert said(found, "format").startswith("read as ")


@pytest.mark.parametrize("numbered_", [True, False])
@pytest.mark.parametrize("header", [True, False])
def test_excel_is_read_a_row_a_word(read, numbered_, header):
    rows = [[*row] for sentence in SENTENCES for row in [*((str(n), *r) for n, r in enumerate(sentence)), [None] * 5]]
    if numbered_:
        rows = [[n, *row] for n, sentence in enumerate(SENTENCES) for row in sentence]
    table = io.BytesIO()
    names = ["sentence_id" if numbered_ else "n", "word", "pos", "chunk", "tag"]
    pandas.DataFrame(rows, columns=names).to_excel(table, index=False, header=header)
    options = {} if header or not numbered_ else {"sentence_column": "1"}
    found = read(table.getvalue(), **options)
    assert pairs(found) == wanted(3)
    assert said(found, "format") == "read as Excel"


def test_parquet_is_read_a_row_a_word_or_a_row_a_sentence(read):
    words = [(n, row[0], row[1]) for n, sentence in enumerate(SENTENCES) for row in sentence]
    lists = {"id": ["a", "b", "c", "d"], "tokens": [[row[0] for row in one] for one in SENTENCES]}
    lists["pos_tags"] = [[row[1] for row in one] for one in SENTENCES]
    quoted = {"tokens": [["it's", '"', "[x]"]], "tags": [[1, 2, 3]]}
    for frame in (polars.DataFrame(words, ["sentence_id", "word", "pos"], orient="row"), polars.DataFrame(lists)):
        stream = io.BytesIO()
        frame.write_parquet(stream)
        assert pairs(read(stream.getvalue())) == wanted(1)
    stream = io.BytesIO()
    polars.DataFrame(quoted).write_parquet(stream)
    assert pairs(read(stream.getvalue())) == [[("it's", "1"), ('"', "2"), ("[x]", "3")]]


def test_the_columns_are_said(read):
    assert said(read(columns(0, 1, 3)), "columns") == (
        "words from column 1, tags from column 3 ('B-PER', 'O', 'B-LOC'); not read: column 2"
    )
    note = said(read(numbered()), "columns")
    assert note.startswith("words from 'Word', tags from 'Tag', sentences by 'Sentence #'")
    assert said(read(columns(0, 3), field="a"), "field") == "the model calls these tags a: --field gives another name"
    assert "field" not in {one.code for one in read("word\tner\n" + columns(0, 3), tag_column=("ner",)).findings}


def test_a_column_is_named_or_counted(read):
    table = columns(0, 1, 2, 3, mark=" ")
    assert pairs(read(table, tag_column=("2",))) == wanted(1)
    assert pairs(read(table, tag_column=("3",), word_column="1")) == wanted(2)
    assert pairs(read(numbered(), tag_column=("POS",))) == wanted(1)
    assert pairs(read(numbered(), tag_column=("pos",))) == wanted(1)
    assert pairs(read("Satz;Wort;Art;Name\n" + numbered(";").partition("\n")[2], tag_column=("Art",), word_column="2",
                      sentence_column="Satz")) == wanted(1)  # fmt: skip
    assert pairs(read(objects(tokens=0, a=1, b=3), tag_column=("b",))) == wanted(3)
    named = "form\tupos\txpos\n" + columns(0, 3, 1)
    assert pairs(read(named)) == wanted(3)
    assert pairs(read(named, field="xpos")) == wanted(1)


def test_a_tag_that_no_treebank_knows_stays_whole(read):
    tags = {"NNP": "N|Sg", "VBZ": "V|3", "IN": "P"}
    for text in (columns(0, 1), lines("/")):
        for tag, other in tags.items():
            text = re.sub(rf"\b{tag}\b", other, text)
        assert pairs(read(text)) == [[(word, tags[tag]) for word, tag in one] for one in wanted(1)]
    assert pairs(read("a/VBG|NN 1\\/2/CD -LRB-/-LRB-\n")) == [[("a", "VBG|NN"), ("1\\/2", "CD"), ("-LRB-", "-LRB-")]]
    assert "--format penn" in said(read("a/NN 1\\/2/CD\n"), "penn-escapes")
    assert pairs(read("a/VBG|NN 1\\/2/CD -LRB-/-LRB- */-NONE-\n", format="penn", field="xpos")) == [
        [("a", "VBG"), ("1/2", "CD"), ("(", "-LRB-")]
    ]


def test_words_hold_what_they_hold(read):
    text = 'New York\tB-LOC\n"\tO\n#\tO\n\n#tag\tO\nNew York\tB-LOC\na\u00a0b\tO\n'
    assert pairs(read(text)) == [
        [("New York", "B-LOC"), ('"', "O"), ("#", "O")],
        [("#tag", "O"), ("New York", "B-LOC"), ("a\u00a0b", "O")],
    ]
    assert pairs(read("# O\nMia B-PER\n\n# O\nhe O\n")) == [[("#", "O"), ("Mia", "B-PER")], [("#", "O"), ("he", "O")]]
    quoted = 'word,tag\n"a,b",NN\n"""",``\n\n"c",NN\n'
    assert pairs(read(quoted)) == [[("a,b", "NN"), ('"', "``")], [("c", "NN")]]
    assert pairs(read(quoted.replace("a,b", "a\tb").replace(",", "\t"))) == [
        [("a\tb", "NN"), ('"', "``")],
        [("c", "NN")],
    ]


@pytest.mark.parametrize("mark", [" ", "\t"])
@pytest.mark.parametrize("tag", ["SYM", "O", "K"])
def test_a_line_as_wide_as_words_is_the_word_and_no_comment(read, mark, tag):
    blocks = [f"#{mark}{tag}\nMia{mark}NOUN\n", f"#{mark}{tag}\n1{mark}{tag}\n", f"he{mark}K\nran{mark}K\n"]
    wanted_ = [[("#", tag), ("Mia", "NOUN")], [("#", tag), ("1", tag)], [("he", "K"), ("ran", "K")]]
    assert pairs(read("\n".join(blocks), tag_column=("2",))) == wanted_
    commented = "\n".join("# text = a b c\n" + block for block in blocks)
    assert pairs(read(commented, tag_column=("2",))) == wanted_
    only = "\n".join(f"#{mark}SYM\n{word}{mark}NOUN\n" for word in ("Mia", "Rome"))
    assert pairs(read(only)) == [[("#", "SYM"), ("Mia", "NOUN")], [("#", "SYM"), ("Rome", "NOUN")]]
    with pytest.raises(DataError, match="line 1 may be a comment or the word #"):
        read("# newdoc\n" + columns(0, 1, mark=" "))


def test_a_mark_of_a_document_among_words_is_a_word(read):
    words = "Mia\tNN\n-DOCSTART-\tNN\nran\tVB\n\n-DOCSTART-\tNN\nand\tCC\n"
    assert pairs(read(words))[0][1] == pairs(read(words))[1][0] == ("-DOCSTART-", "NN")
    documents = "-DOCSTART-\tO\n\nMia\tB-PER\n\n-DOCSTART-\tO\n\nRome\tB-LOC\nran\tO\n"
    assert pairs(read(documents)) == [[("Mia", "B-PER")], [("Rome", "B-LOC"), ("ran", "O")]]
    tight = "-DOCSTART- -X- -X- O\n" + columns(0, 1, 2, 3, mark=" ")
    assert pairs(read(tight)) == wanted(3)


def test_words_that_count_are_words_where_a_header_says_so(read):
    table = "word,tag,note\n" + "".join(f"{n},CD,x\n" for n in range(3))
    assert pairs(read(table)) == [[("0", "CD"), ("1", "CD"), ("2", "CD")]]


def test_quotes_around_all_cells_are_marks(read):
    quoted = re.sub(r"[^\t\n]+", lambda cell: f'"{cell[0]}"', "word\tPOS\ttag\n" + columns(0, 1, 3))
    assert pairs(read(quoted)) == wanted(3)


def test_a_column_of_one_mark_is_no_tag_and_one_of_one_tag_may_be(read):
    marks = "\n".join(f"{word} {tag} _\n" for word, tag in zip("abcd", ["NN", "DT", "NN", "."], strict=True))
    assert pairs(read(marks))[0] == [("a", "NN")]
    assert pairs(read(marks.replace("_", "O")))[0] == [("a", "O")]
    with pytest.raises(DataError, match=r"column 2 .* or 3 "):
        read(marks.replace("_", "none"))


def test_a_last_column_of_spans_that_says_nothing_gives_way(read):
    text = re.sub(r"(?m)(?<=.)$", " O", columns(0, 3, mark=" "))
    assert pairs(read(text)) == wanted(3)
    two = re.sub(r"(?m)(?<=.)$", " O", columns(0, 2, 3, mark=" "))
    with pytest.raises(DataError, match=r"the tags may be column 2 .* or 3 ") as caught:
        read(two)
    assert caught.value.cure == "--word-column 1 --tag-column 2 or --word-column 1 --tag-column 3"
    assert pairs(read(two, tag_column=("3",))) == wanted(3)
    assert pairs(read(columns(0, 2, 3, mark=" "))) == wanted(3)


def test_an_encoding_that_is_named_is_read(read):
    text = numbered().replace("Como", "Caf\u00e9").encode("latin-1")
    with pytest.raises(DataError, match="not UTF-8: byte 0xe9 in line 9") as caught:
        read(text)
    assert "--encoding windows-1252" in caught.value.cure
    assert pairs(read(text, encoding="windows-1252"))[2][2] == ("Caf\u00e9", "I-LOC")


TINY = "a b\n"
DOUBTFUL = {
    # what is written -> words of the message, options of the cure: each must read, and the first as wanted
    "both columns could be words": (
        "".join(f"w{n}\tv{n}\n" for n in range(9)), "may both be words", [{"tag_column": ("2",)},
        {"word_column": "2", "tag_column": ("1",)}],
    ),
    "tags first": (columns(1, 0), "may both be words", [{"word_column": "2", "tag_column": ("1",)}]),
    "tags before the words": (
        columns(1, 0, 3), r"column 1 \('NNP', .* looks like tags, and column 2",
        [{"word_column": "2", "tag_column": ("1",)}, {"word_column": "2", "tag_column": ("3",)}],
    ),
    "a lemma behind the tag": (columns(0, 1, 0), "column 2 .* or 3 ", [{"tag_column": ("2",)}, {"tag_column": ("3",)}]),
    "a header of other names": (
        "Wort\tArt\n" + columns(0, 1), r"line 1 \('Wort', 'Art'\) may name", [{"header": "yes"}, {"header": "no"}]
    ),
    "a column that numbers the sentences": (
        "".join(f"s{n}\t{row[0]}\t{row[1]}\n" for n, one in enumerate(SENTENCES * 2) for row in one),
        "column 1 repeats itself", [{"sentence_column": "1"}],
    ),
    "columns of unusual names": (
        "sid,w,cat,sense\n" + "".join(f"{n},{row[0]},{row[1]},{row[1]}1\n" for n, one in enumerate(SENTENCES * 3)
        for row in one), "column sid repeats itself",
        [{"sentence_column": "sid", "word_column": "w", "tag_column": ("cat",)}],
    ),
    "a slash and an underscore": (lines("/").replace("/", "_x/"), "may be 'x/NNP' or 'NNP'|may be 'NNP' or 'x/NNP'",
        [{"separator": "/"}, {"separator": "_"}],
    ),
    "bars": (lines("|"), "may be words with tags, as in word\\|TAG", [{"separator": "|"}]),
    "one word a line": (columns(0, 1).replace("\t", "/"), "every line holds one word",
        [{"format": "columns", "separator": "/"}, {"format": "slashes"}],
    ),
    "traces": (lines("/").replace("\n", " */-NONE-\n", 1), "line 1 has the tag -NONE-",
        [{"format": "penn", "field": "xpos"}, {"format": "slashes"}],
    ),
    "several keys": (objects(tokens=0, pos_tags=1, ner_tags=3), "pos_tags, ner_tags", [{"tag_column": ("pos_tags",)}]),
    "several words": (
        "token\tform\ttag\n" + columns(0, 0, 1), "several columns may be the words",
        [{"word_column": "token"}, {"word_column": "form"}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_has_two_readings_is_refused_and_the_cure_reads_it(read, name):
    content, words, cures = DOUBTFUL[name]
    with pytest.raises(DataError, match=words) as caught:
        read(content)
    for options in cures:
        for option, value in options.items():
            shown = value[0] if isinstance(value, tuple) else value
            if option != "field":
                named = rf"--{option.replace('_', '-')} ('?|\S+ \(or ){re.escape(shown)}"
                assert re.search(named, caught.value.cure)
        assert read(content, **options).records


def test_the_first_cure_reads_what_was_meant(read):
    for name in (
        "tags first",
        "a lemma behind the tag",
        "a header of other names",
        "bars",
        "one word a line",
        "traces",
    ):
        content, _, cures = DOUBTFUL[name]
        assert pairs(read(content, **cures[0])) == wanted(1)


REFUSED = {
    "a word without a tag": ("Mia\tNNP\nsleeps\t\n.\t.\n\n" * 3, "line 2: the word 'sleeps' has no tag"),
    "a tag without a word": ("Mia\tNNP\n\tVBZ\n.\t.\n\n" * 3, "line 2: the tag 'VBZ' has no word"),
    "a short line": ("Mia\tNNP\nsleeps\n.\t.\n\n" * 3, r"line 2 \('sleeps'\) has 1 column, most lines have 2"),
    "a long line": ("New York NNP\n\n" + columns(0, 1, mark=" "), r"line 1 .* has 3 columns, most lines have 2"),
    "a word without a tag in a line": (
        "a/DT b/NN\n\na/DT cat sat/VBD\n",
        "sentence 2 in line 3: the word 'cat' has no",
    ),
    "a short row": ("sentence_id,word,tag\n1,a,DT\n1,b\n2,a,DT\n", "line 3 has 2 columns"),
    "fewer tags": ('{"tokens": ["a", "b"], "tags": ["X"]}\n', "line 1 has 2 words and 1 tags"),
    "an empty word": ('{"tokens": ["a", ""], "tags": ["X", "Y"]}\n', "line 1: a word is no text but ''"),
    "no list": ('{"tokens": ["a"], "tags": ["X"]}\n{"tokens": "a b", "tags": ["X"]}\n', "line 2 has no list 'tokens'"),
    "no tags": ('{"tokens": ["a"]}\n', "no key holds lists of tags"),
    "a sentence in two places": ("sent,word,tag\n1,a,X\n2,b,Y\n1,c,X\n", "line 4: the sentence '1' began in line 2"),
    "no end of a sentence": (columns(0, 1).replace("\n\n", "\n") * 60, "nothing parts the sentences of 600 words"),
    "prose": ("The cat sat and slept.\nIt was late.\nNobody saw it and it saw nobody.\n", "no words with tags"),
    "a comment or a word": ("# x\ty z\na b\n\n# q\nc b\nd e\n", "line 4 may be a comment or the word #"),
    "a header alone": ("word\ttag\n", "no words below the header"),
    "a header alone, with commas": ("sentence,word,tag\n", "no words below the header"),
    "no words": ("word,lemma,tag\n,a,X\n,b,Y\n", "line 2: the tag 'X' has no word"),
    "nothing": ("\n\n", "no sentences"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_broken_is_refused_with_its_line(read, name):
    content, words = REFUSED[name]
    with pytest.raises(DataError, match=words) as caught:
        read(content)
    assert caught.value.cure
    assert caught.value.where.endswith("given.txt")


CONTRADICTIONS = {
    "one column twice": (columns(0, 1, 3), {"tag_column": ("2", "2")}, "--tag-column names '2' twice"),
    "no such column": (columns(0, 1), {"tag_column": ("5",)}, "no column '5'"),
    "one column for both": (columns(0, 1), {"word_column": "1", "tag_column": ("1",)}, "both name the column"),
    "no such name": (numbered(), {"tag_column": ("NER",)}, "no column 'NER'"),
    "no such key": (objects(tokens=0, tags=1), {"word_column": "w"}, "no object has the key 'w'"),
    "columns of lines": (lines("/"), {"tag_column": ("2",)}, "it has no columns"),
    "columns of trees": ("(S (DT a))\n", {"word_column": "2"}, "it has no columns"),
    "a format of other families": (columns(0, 1), {"format": "lines"}, "not read by --format lines"),
    "a separator of a table": (numbered(), {"format": "csv", "separator": "/"}, "--separator parts"),
    "a blank": (columns(0, 1), {"separator": " "}, "--separator is a blank"),
    "two columns of CoNLL-U": (
        "1\ta" + "\t_" * 8,
        {"field": "xpos", "tag_column": ("upos",)},
        "two columns of CoNLL-U",
    ),
    "words of CoNLL-U": ("1\ta" + "\t_" * 8, {"word_column": "lemma"}, "are its column 2"),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_options_that_a_file_cannot_obey_are_refused(read, name):
    content, options, words = CONTRADICTIONS[name]
    with pytest.raises(UsageError, match=words) as caught:
        read(content, **options)
    assert caught.value.cure


def test_the_column_of_conllu_goes_by_both_names(read):
    text = "#sent_id=1\n#\n1\ta\t_\tDET\tDT" + "\t_" * 5 + "\n# x\n2\tb\t_\tNOUN\tNN" + "\t_" * 5 + "\n"
    for options in ({"field": "xpos"}, {"tag_column": ("xpos",)}, {"tag_column": ("5",), "field": "xpos"}):
        assert pairs(read(text, **options)) == [[("a", "DT"), ("b", "NN")]]
    assert pairs(read(text, tag_column=("upos",), word_column="form")) == [[("a", "DET"), ("b", "NOUN")]]
    assert TagOptions(tag_column=("ner",)).field == "ner"
    assert TagOptions(tag_column=("ner",), field="entities").field == "entities"
    assert TagOptions(tag_column=("4",)).field == ""
    # a model that calls its tags something else reads CoNLL-U too
    for options in ({"tag_column": ("5",)}, {"tag_column": ("xpos",), "field": "kind"}):
        assert pairs(read(text, **options)) == [[("a", "DT"), ("b", "NN")]]
    assert pairs(read(text, field="tags")) == pairs(read(text)) == [[("a", "DET"), ("b", "NOUN")]]


def test_tags_are_called_what_their_file_calls_them(read):
    table, key = "word\tner\n" + columns(0, 3), objects(tokens=0, ner=3)
    upos = "1\ta\t_\tDET\tDT" + "\t_" * 5 + "\n"
    for content, options, name in (
        (columns(0, 3), {}, ""),
        (lines("/"), {}, ""),
        (table, {}, "ner"),
        (key, {}, "ner"),
        (upos, {}, "upos"),
        (upos, {"tag_column": ("5",)}, "xpos"),
        ("(S (DT a))\n", {}, "xpos"),
    ):
        assert {sentence.called for sentence in read(content, **options).records} == {name}


# Round trips: an independent writer, and the reader gets everything back or says that it cannot tell.

ANY = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="\ufeff"), min_size=1, max_size=6)
WORDS = ANY.filter(lambda text: text != "#")
TAGS = st.sampled_from(["O", "B-PER", "I-PER", "N|Sg", "NN", "\u540d", "x y".replace(" ", ".")]) | ANY
FEW = st.sampled_from(sorted(PENN - {"#", '"', "-NONE-"}))


def sentences(words=WORDS, tags=TAGS):
    return st.lists(st.lists(st.tuples(words, tags), min_size=1, max_size=5), min_size=1, max_size=5)


def written(tmp_path_factory, content: str) -> Path:
    path = tmp_path_factory.getbasetemp() / "round-trip.txt"
    path.write_bytes(content.encode())
    return path


def come_back(path: Path, given, **options) -> None:
    """Assert that a file gives its sentences, by its options; and without them the same, or a refusal with a cure."""
    read = read_tagged(path, options=TagOptions(**options))
    assert pairs(read) == given
    try:
        told = read_tagged(path)
    except SeqtoolError as error:
        assert error.cure  # noqa: PT017 - to read it right is the other way
    else:
        assert pairs(told) == given


@settings(max_examples=60, deadline=None)
@given(given_=sentences(), mark=st.sampled_from(["\t", " ", "   "]))
def test_columns_come_back(tmp_path_factory, given_, mark):
    text = "\n".join("".join(f"{word}{mark}{tag}\n" for word, tag in one) for one in given_)
    assume(not re.search(r"(?m)^(-DOCSTART-)", text))
    read = read_tagged(
        written(tmp_path_factory, text), options=TagOptions(format="columns", header="no", tag_column=("2",))
    )
    assert pairs(read) == given_


@settings(max_examples=60, deadline=None)
@given(given_=sentences(tags=FEW), mark=st.sampled_from(["\t", " "]))
@example(given_=[[("PAR1", "$")]], mark="\t")
@example(given_=[[("0", "$"), ("0", "''"), ("0", "''")]], mark="\t")
def test_columns_of_known_tags_come_back_without_options(tmp_path_factory, given_, mark):
    text = "\n".join("".join(f"{word}{mark}{tag}\n" for word, tag in one) for one in given_)
    come_back(written(tmp_path_factory, text), given_, format="columns", header="no", tag_column=("2",))


@settings(max_examples=60, deadline=None)
@given(
    given_=sentences(
        ANY.filter(lambda text: not text.endswith("\\")), TAGS.filter(lambda tag: not set(tag) & set("/_|#"))
    ),
    separator=st.sampled_from(["/", "_", "|", "##"]),
)
def test_lines_of_words_with_tags_come_back(tmp_path_factory, given_, separator):
    text = "".join(" ".join(word + separator + tag for word, tag in one) + "\n" for one in given_)
    path = written(tmp_path_factory, text)
    assert pairs(read_tagged(path, options=TagOptions(format="slashes", separator=separator))) == given_


@settings(max_examples=60, deadline=None)
@given(
    given_=sentences(st.text(min_size=1).filter(str.strip), st.text(min_size=1).filter(str.strip)), array=st.booleans()
)
def test_json_comes_back_whatever_it_holds(tmp_path_factory, given_, array):
    records = [dict(zip(("tokens", "tags"), map(list, zip(*one, strict=True)), strict=True)) for one in given_]
    text = json.dumps(records) if array else "".join(json.dumps(one) + "\n" for one in records)
    come_back(written(tmp_path_factory, text), given_)


@settings(max_examples=60, deadline=None)
@given(given_=sentences(), mark=st.sampled_from([",", ";", "|"]), once=st.booleans())
def test_tables_with_a_sentence_number_come_back(tmp_path_factory, given_, mark, once):
    content = io.StringIO()
    writer = csv.writer(content, delimiter=mark, lineterminator="\n")
    writer.writerow(["Sentence #", "Word", "Tag"])
    for n, one in enumerate(given_, start=1):
        for place, (word, tag) in enumerate(one):
            writer.writerow(["" if once and place else n, word, tag])
    format = {",": "csv", ";": "semicolon", "|": "pipe"}[mark]
    come_back(written(tmp_path_factory, content.getvalue()), given_, format=format)


PIECES = st.sampled_from([*'\t\n ,;|"/_#1O{[](\\\x00', "\n\n", "# ", "-DOCSTART-"])
OPTIONS = st.sampled_from(
    [{}, {"header": "yes"}, {"header": "no"}, {"tag_column": ("2",)}, {"word_column": "2"}, {"sentence_column": "1"}]
)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), kind=st.sampled_from([name for name in KINDS if name != "UTF-16"]), options=OPTIONS)
def test_whatever_is_broken_is_said_in_words(tmp_path_factory, data, kind, options):
    broken = str(KINDS[kind][0])
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(broken)))
        broken = broken[:place] + data.draw(PIECES) + broken[place + data.draw(st.integers(0, 9)) :]
    try:
        records = read_tagged(written(tmp_path_factory, broken), options=TagOptions(**options)).records
    except SeqtoolError as error:
        assert error.cure  # noqa: PT017 - a reading that succeeds is right too
    else:
        assert all(len(one.words) == len(one.tags) > 0 and all(one.words) and all(one.tags) for one in records)


@pytest.mark.data
def test_the_emerging_entities_have_their_published_counts():
    folder = Path(os.environ["SEQTOOL_MIRROR"]) / "wnut17"
    sizes = {
        "wnut17train.conll": (3394, 62730),
        "emerging.dev.conll": (1009, 15733),
        "emerging.test.annotated": (1287, 23394),
    }
    for name, size in sizes.items():
        records = read_tagged(folder / name).records
        assert (len(records), sum(len(one.words) for one in records)) == size
        assert len({tag for one in records for tag in one.tags}) == 13


def test_a_list_of_columns_in_a_message_ends(read):
    wide = "word\ttag\t" + "\t".join(f"c{n}" for n in range(99)) + "\n"
    found = read(wide + "".join(f"w{n}\tNN\t" + "\t".join("x" * 99) + "\n" for n in range(9)))
    assert said(found, "columns").endswith("'c18', 'c19' and 79 more")
    with pytest.raises(UsageError) as caught:
        read(wide + "w\tNN" + "\tx" * 99, tag_column=("other",))
    assert caught.value.cure.endswith("c16, c17 and 81 more")
    keys = {f"key {n}": ["x"] for n in range(40)} | {"tokens": ["x"]}
    with pytest.raises(UsageError) as caught:
        read(json.dumps(keys), tag_column=("other",))
    assert caught.value.cure.endswith("key 19 and 21 more")


@pytest.mark.parametrize("mark", ["\t", " ", ",", ";"])
@pytest.mark.parametrize("header", ["", "'word'{mark}'pos'\n"])
def test_single_quotes_around_every_cell_are_no_part_of_words_and_tags(read, mark, header):
    rows = [[(word, tag) for word, tag, *_ in one if word != ","] for one in SENTENCES]
    text = "\n".join("".join(f"'{word}'{mark}'{tag}'\n" for word, tag in one) for one in rows)
    found = read(header.format(mark=mark) + text)
    assert pairs(found) == rows
    assert "single-quotes" in [finding.code for finding in found.findings]
