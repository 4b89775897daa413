"""Sentences of words and tags that stand otherwise than word/TAG: two cells a row, several parts, tags in front."""

from __future__ import annotations

import json

import pytest

from seqtool.data.tag_options import TagOptions
from seqtool.data.tagged import read_tagged
from seqtool.errors import DataError

SENTENCES = [
    [("Ann", "PROPN", "B-PER"), ("saw", "VERB", "O"), ("Rome", "PROPN", "B-LOC")],
    [("It", "PRON", "O"), ("rained", "VERB", "O"), ("there", "ADV", "O"), ("again", "ADV", "O")],
] * 4
WORDS = [tuple(word for word, _, _ in sentence) for sentence in SENTENCES]
TAGS = [tuple(tag for _, tag, _ in sentence) for sentence in SENTENCES]
SPANS = [tuple(span for _, _, span in sentence) for sentence in SENTENCES]


@pytest.fixture
def write(tmp_path):
    def of(lines, name: str = "a.csv"):
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return of


def content(path, options=None):
    read = read_tagged(path, options=options)
    return [sentence.words for sentence in read.records], [sentence.tags for sentence in read.records]


def numpy_list(items) -> str:
    return "[" + " ".join(map(repr, items)) + "]"


WRITTEN = {"blanks": " ".join, "python": lambda items: str(list(items)), "numpy": numpy_list}


def test_slots_beside_texts_and_intents_are_tags(tmp_path):
    rows = [f"play song {n},O B-track I-track,music" for n in range(4)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["text,slots,intent", *rows, ""]))
    sentences = read_tagged(path).records
    assert [sentence.words for sentence in sentences] == [("play", "song", str(n)) for n in range(4)]
    assert {sentence.tags for sentence in sentences} == {("O", "B-track", "I-track")}


@pytest.mark.parametrize("tags", WRITTEN)
@pytest.mark.parametrize("words", WRITTEN)
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("name", ["sentence", "text"])
def test_a_sentence_and_its_tags_in_two_cells(write, words, tags, mark, name):
    rows = zip(range(8), map(WRITTEN[words], WORDS), map(WRITTEN[tags], TAGS), strict=True)
    lines = [mark.join(f'"{cell}"' for cell in row) for row in rows]
    assert content(write([mark.join(("id", name, "tags")), *lines])) == (WORDS, TAGS)


def test_two_cells_without_names_or_with_json_lists(write):
    plain = [f"{' '.join(words)}\t{' '.join(tags)}" for words, tags in zip(WORDS, TAGS, strict=True)]
    assert content(write(plain, "a.tsv")) == (WORDS, TAGS)
    listed = [f"{' '.join(words)}\t{json.dumps(tags)}" for words, tags in zip(WORDS, TAGS, strict=True)]
    assert content(write(["words\ttags", *listed], "a.tsv")) == (WORDS, TAGS)


def test_of_two_columns_of_tags_the_named_one_is_taken(write):
    rows = [",".join(map(" ".join, row)) for row in zip(WORDS, TAGS, SPANS, strict=True)]
    path = write(["sentence,pos,ner", *rows])
    assert content(path, TagOptions(tag_column=("ner",))) == (WORDS, SPANS)
    assert content(path, TagOptions(tag_column=("pos",))) == (WORDS, TAGS)


def test_a_row_with_fewer_tags_than_words_is_refused_with_its_line(write):
    rows = [f"{' '.join(words)},{' '.join(tags)}" for words, tags in zip(WORDS * 20, TAGS * 20, strict=True)]
    rows[140] = "Ann saw Rome,PROPN VERB"
    with pytest.raises(DataError, match="line 142 has not as many words as tags: 3 in 'sentence', 2 in 'tags'"):
        content(write(["sentence,tags", *rows]))


UNEVEN = {
    "id,sentence,POS,Tag": '{0},"{1}","{2}","{3}"',
    "id,sentence,Tag": "{0},{1},{3}",
    "text,labels": "{1},{3}",
    "text\tlabels": "{1}\t{3}",
}


@pytest.mark.parametrize("head", UNEVEN)
@pytest.mark.parametrize("more", [1, -1])
def test_one_word_too_many_among_the_first_rows_makes_no_words_of_tags(write, head, more):
    rows = list(zip(map(list, WORDS), TAGS, SPANS, strict=True))
    rows[4] = (list("abcd")[: 3 + more], *rows[4][1:])
    lines = [UNEVEN[head].format(n, *map(" ".join, row)) for n, row in enumerate(rows)]
    with pytest.raises(DataError, match=rf"line 6 has not as many words as tags: {3 + more} in '(sentence|text)', 3 "):
        content(write([head, *lines]))


def test_columns_of_whole_sentences_are_named_or_counted(write):
    rows = [list(map(" ".join, row)) for row in zip(WORDS, TAGS, SPANS, strict=True)]
    rows[0][1] += " X"  # a column that is not asked for does not matter
    path = write(["id,sentence,POS,Tag", *(",".join((str(n), *row)) for n, row in enumerate(rows))])
    for word, tag in (("sentence", "Tag"), ("2", "4")):
        assert content(path, TagOptions(word_column=word, tag_column=(tag,))) == (WORDS, SPANS)
    with pytest.raises(DataError, match="3 in 'sentence', 4 in 'POS'"):
        content(path, TagOptions(word_column="sentence", tag_column=("POS",)))


def test_numbers_of_words_that_begin_again_part_sentences(write):
    rows = [f"{n},{word},{tag}" for sentence in SENTENCES for n, (word, tag, _) in enumerate(sentence, start=1)]
    assert content(write(["id,word,pos", *rows])) == (WORDS, TAGS)
    assert content(write([row.replace(",", "\t") for row in ["id,word,pos", *rows]], "a.tsv")) == (WORDS, TAGS)
    once = [f"{n},{row.partition(',')[2]}" for n, row in enumerate(rows)]
    assert len(content(write(["id,word,pos", *once]))[0]) == 1


@pytest.mark.parametrize("head", ["doc,sent,token,pos", "token,pos,document_id,sentence_id"])
def test_sentences_are_numbered_in_each_document(write, head):
    rows = []
    for n, sentence in enumerate(SENTENCES):
        for word, tag, _ in sentence:
            cells = [f"d{n // 4}", str(n % 4), word, tag]
            rows.append(",".join(cells if head.startswith("doc") else cells[2:] + cells[:2]))
    assert content(write([head, *rows])) == (WORDS, TAGS)


def lines_of(form: str) -> list[str]:
    return [" ".join(form.format(*part, low=part[0].lower()) for part in sentence) for sentence in SENTENCES]


@pytest.mark.parametrize("form", ["{0}/{low}/{1}", "{0}/{1}/{2}", "{0}_{low}_{1}"])
def test_words_of_three_parts_are_refused_and_read_on_demand(write, form):
    path = write(lines_of(form), "a.txt")
    with pytest.raises(DataError, match=r"every word has more than two parts, as in 'Ann[/_]") as caught:
        content(path)
    assert "--format slashes" in caught.value.cure
    words, _ = content(path, TagOptions(format="slashes", separator=form[3]))
    assert words[0][0] == form.rpartition(form[3])[0].format(*SENTENCES[0][0], low="ann")


def test_a_slash_in_some_words_stays(write):
    lines = [*lines_of("{0}/{1}"), "and/or/CCONJ so/ADV"]
    assert content(write(lines, "a.txt"))[0][-1] == ("and/or", "so")


@pytest.mark.parametrize("form", ["{1}/{0}", "{1}_{0}"])
def test_tags_in_front_of_words_are_refused(write, form):
    path = write(lines_of(form), "a.txt")
    with pytest.raises(DataError, match=r"tags seem to stand in front of words, as in 'PROPN[/_]Ann'"):
        content(path)
    columns = [line.replace(form[3], "\t") for text in lines_of(form) for line in (*text.split(), "")]
    swapped = TagOptions(tag_column=("1",), word_column="2")
    assert content(write(columns, "b.tsv"), swapped) == (WORDS, TAGS)


@pytest.mark.parametrize("form", ["({0}, {1})", "('{0}', '{1}')", "[('{0}', '{1}')]"])
def test_pairs_in_brackets_are_no_trees(write, form):
    with pytest.raises(DataError, match="the words stand with their tags in brackets") as caught:
        content(write(lines_of(form), "a.txt"))
    assert caught.value.cure.startswith("write word/TAG")


def test_bars_are_no_table_where_lines_have_several_widths(write):
    path = write(lines_of("{0}|{1}"), "a.txt")
    with pytest.raises(DataError, match="word") as caught:
        content(path)
    assert caught.value.cure == "--separator '|'"
    assert content(path, TagOptions(separator="|")) == (WORDS, TAGS)


def test_lists_of_numbers_as_numpy_prints_them_are_tags(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("tokens,ner_tags\n\"['Ann' 'left']\",[1 0]\n\"['So' 'did'\n 'Bob']\",\"[0 0\n 1]\"\n" * 3)
    read = read_tagged(path)
    assert [(one.words, one.tags) for one in read.records[:2]] == [
        (("Ann", "left"), ("1", "0")), (("So", "did", "Bob"), ("0", "0", "1")),
    ]  # fmt: skip
