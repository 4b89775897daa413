"""`seqtool tag`: words and tags of lines and of CoNLL-U; what it refuses, and what lines may do to it."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from seqtool.data.conllu import FIELDS
from seqtool.data.slashes import read_slashes
from seqtool.data.tokenize import tokenize
from seqtool.errors import DataError, UsageError
from seqtool.families.tagging.pipe import Lines, blocks, blocks_verb, columns_of, verb
from seqtool.families.tagging.runner import BUDGET, ROWS, Runner, between_blanks
from seqtool.runtime.first_line import warned_of_first
from seqtool.runtime.first_rows import tagged
from seqtool.runtime.model import open_model
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Output, answer_all

MODEL = Path(__file__).parent / "models" / "tiny-pos.onnx"
TAG = ("tag", "-m", MODEL)
TAGS = {"ADP", "DET", "NOUN", "PUNCT", "VERB"}


@pytest.fixture(scope="module")
def runner():
    return Runner(open_model(MODEL, device="cpu", threads=1))


def answers(verb, *texts, json=False):
    """What is written for each text, and what is said."""
    written, said = [], []
    records = [Record(number, text) for number, text in enumerate(texts, start=1)]
    answer_all(verb, records, Output(written.append, lambda: None, said.append, json=json))
    return written, said


def pairs(line):
    return [tuple(item.rsplit("/", 1)) for item in line.split(" ")]


def test_each_word_gets_a_tag_and_a_slash_in_a_word_stays(seqtool_cmd):
    line = "The cat 1/2 and/or / // b\u00fcrste \U0001f30a ."
    done = seqtool_cmd(*TAG, stdin=line + "\n\n \ncat\n")
    first, *empty, last = done.stdout.splitlines()
    assert [word for word, _ in pairs(first)] == line.split()
    assert {tag for _, tag in pairs(first)} <= TAGS
    assert empty == ["", ""]
    assert pairs(last)[0][0] == "cat"
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029", "\x0c"])
def test_what_ends_lines_elsewhere_parts_words_as_in_classify(runner, end):
    written, _ = answers(verb(runner, json=True), f"the{end}cat sat", json=True)
    assert written[0]["words"] == tokenize(f"the{end}cat sat") == ["the", "cat", "sat"]
    assert between_blanks("New\u00a0York") == ["New\u00a0York"]
    assert [pair for line in read_slashes([f"a/X{end}b/Y"], "/", "x") for pair in line] == [("a", "X"), ("b", "Y")]


def test_tags_that_a_line_does_not_hold_are_answered_by_json_alone(runner):
    names = {"pos": ("ADJ/ADV", "NN", "of two")}
    other = SimpleNamespace(field="pos", fields=names, model=runner.model, longest=9)
    with pytest.raises(UsageError, match=r"a slash or a blank: 'ADJ/ADV', 'of two'") as caught:
        verb(other, json=False)
    assert caught.value.cure.startswith("--json")
    assert verb(other, json=True)


def test_json_has_words_tags_and_probabilities(seqtool_cmd):
    done = seqtool_cmd(*TAG, "--json", stdin="The cat sat .\n\n")
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["words"] == ["The", "cat", "sat", "."]
    assert len(first["tags"]) == 4
    assert set(first["tags"]) <= TAGS
    assert all(1 / len(TAGS) < score <= 1 for score in first["scores"])
    assert second == {}


def test_tabs_and_other_blanks_of_ascii_part_words_and_other_blanks_do_not(runner):
    text = "The\tcat  sat\v.\fa\u00a0b\u3000c \x01 x\x1cy"
    assert between_blanks(text) == ["The", "cat", "sat", ".", "a\u00a0b\u3000c", "\x01", "x\x1cy"]
    (written,), said = answers(Lines(runner).verb(), text)
    assert [word for word, _ in pairs(written)] == between_blanks(text)
    assert not said


CONLLU = """# sent_id = 1
# text = it's a mat
1-2\tit's\t_\t_\t_\t_\t_\t_\t_\t_
1\tit\tit\tX\tY\t_\t0\troot\t_\tSpaceAfter=No
2\t's\tbe\tX\tY\t_\t1\tcop\t_\t_
2.1\tghost\t_\tX\tY\t_\t_\t_\t_\t_
3\ta\ta\tX\tY\t_\t_\t_\t_\t_
4\tmat\tmat\tX\tY\t_\t_\t_\t_\t_
"""


def test_conllu_comes_back_with_one_column_replaced(seqtool_cmd):
    comments = "# newdoc\n# id = 9\n"
    other = "1\tcat\t_\t_\t_\t_\t_\t_\t_\t_\n"
    done = seqtool_cmd(*TAG, "--conllu", stdin=f"\n{comments}\n\n\n{CONLLU}\n{other}")
    first, second, third, *rest = done.stdout.split("\n\n")
    assert (first + "\n", rest) == (comments, [""])
    column = FIELDS["upos"]
    for line, was in zip(second.split("\n"), CONLLU.splitlines(), strict=True):
        cells, before = line.split("\t"), was.split("\t")
        if before[0].isdecimal():
            assert cells[column] in TAGS
            before[column] = cells[column]
        assert cells == before
    given = {item.split("\t")[1]: item.split("\t")[column] for item in second.split("\n") if item[0] in "1234"}
    plain = seqtool_cmd(*TAG, stdin="it 's a mat\n").stdout
    assert pairs(plain.strip()) == [(word, given[word]) for word in ("it", "'s", "a", "mat")]
    assert third.split("\t")[column] in TAGS
    assert (done.returncode, done.stderr) == (0, "")


def test_a_block_that_is_no_conllu_is_counted_or_stops(seqtool_cmd):
    text = f"{CONLLU}\n1\tcat\n\n{CONLLU}"
    done = seqtool_cmd(*TAG, "--conllu", stdin=text)
    assert done.returncode == 0
    assert done.stdout.count("# sent_id") == 2
    assert "1 record was not CoNLL-U (the first: line 10): answered by an empty line" in done.stderr
    strict = seqtool_cmd(*TAG, "--conllu", "--strict", stdin=text)
    assert strict.returncode == 2
    assert "line 10 has 2 columns, not 10" in strict.stderr
    assert strict.stdout.count("# sent_id") == 1


def test_a_block_is_cut_at_its_limit_and_a_pause_goes_through(runner):
    lines = [Record(1, "a" * 10), None, Record(2, "b" * 10), Record(3, "c" * 10), Record(4, ""), Record(5, "d")]
    assert list(blocks(lines, limit=25)) == [None, Record(1, "a" * 10 + "\n" + "b" * 10, cut=True), Record(5, "d")]
    assert list(blocks([])) == []
    (written,), _ = answers(blocks_verb(runner, {"upos": "upos"}), CONLLU.strip())
    assert written.endswith("\n")
    assert not written.endswith("\n\n")


REFUSED = {
    "another field": (["--field", "xpos"], "this model gives upos, not xpos", "--field xpos"),
    "an unknown field": (["--field", "ner"], "this model gives upos, not ner", "--field ner"),
    "json of blocks": (["--conllu", "--json"], "--json cannot go with it", ""),
    "words of blocks": (["--conllu", "--tokenize"], "--tokenize cannot go with it", ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_in_words(name, cli):
    options, said, cure = REFUSED[name]
    done = cli(*TAG, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert cure in done.stderr
    assert "Traceback" not in done.stderr


def test_the_field_of_the_model_may_be_named(seqtool_cmd):
    assert seqtool_cmd(*TAG, "--field", "upos", stdin="cat\n").returncode == 0


def test_another_family_is_refused(cli):
    done = cli("tag", "-m", MODEL.with_name("tiny-chargen.onnx"))
    assert done.returncode == 2
    assert "a generation model" in done.stderr


def test_a_word_of_a_megabyte_and_control_characters_are_words_too(seqtool_cmd):
    data = b"x" * 499_990 + b" cat\n\x00\x07 cat\n" + b"y" * 1_048_576 + b"\ncat\n"
    done = seqtool_cmd(*TAG, stdin=data)
    first, second, third, last = done.stdout.split("\n")[:-1]
    assert [len(word) for word, _ in pairs(first)] == [499_990, 3]
    assert [word for word, _ in pairs(second)] == ["\x00\x07", "cat"]
    assert len(pairs(third)[0][0]) == 500_000
    assert pairs(last)[0][0] == "cat"
    assert "1 record was longer than 500,000 characters (the first: line 3): cut there" in done.stderr


def test_a_sentence_of_40_000_words_is_a_batch_of_its_own(runner):
    calls = []

    class Watched(Runner):
        def call(self, words, lengths):
            calls.append((len(lengths), max(lengths)))
            return super().call(words, lengths)

    line = " ".join(["cat", "mat", "new"] * 13_334)
    begun = time.monotonic()
    written, said = answers(Lines(Watched(runner.model)).verb(), *["The cat sat ."] * 50, line, *["a mat"] * 50)
    assert time.monotonic() - begun < 60
    assert not said
    assert len(pairs(written[50])) == 40_002
    assert (1, 40_002) in calls
    assert all(count * longest <= BUDGET for count, longest in calls if count > 1)
    alone, _ = answers(Lines(runner).verb(), "The cat sat .", "a mat")
    assert set(written[:50]) == {alone[0]}
    assert set(written[51:]) == {alone[1]}


def test_more_words_than_the_limit_are_refused_and_their_neighbours_are_not(runner):
    written, said = answers(Lines(runner).verb(), "cat", "a " * 50_001, "mat")
    assert written[1] == ""
    assert written[0].startswith("cat/")
    assert written[2].startswith("mat/")
    assert said == ["1 record was longer than 50,000 words (the first: line 2): answered by an empty line"]


def test_short_lines_do_not_make_a_call_of_thousands_of_rows(runner):
    calls = []

    class Watched(Runner):
        def call(self, words, lengths):
            calls.append(len(lengths))
            return super().call(words, lengths)

    answers(Lines(Watched(runner.model)).verb(), *["cat"] * 1000)
    assert max(calls) <= ROWS


def test_raw_text_is_cut_into_words_first(seqtool_cmd):
    done = seqtool_cmd(*TAG, "--tokenize", stdin="The cat didn't sit, did it?\n")
    assert [word for word, _ in pairs(done.stdout.strip())] == [
        "The", "cat", "did", "n't", "sit", ",", "did", "it", "?",
    ]  # fmt: skip


def test_lines_are_answered_alike_in_any_order(runner):
    rng = np.random.default_rng(1)
    texts = [" ".join(rng.choice(["The", "cat", "new", "x1", "mat", "."], rng.integers(1, 40))) for _ in range(300)]
    together, _ = answers(Lines(runner).verb(), *texts)
    backwards, _ = answers(Lines(runner).verb(), *texts[::-1])
    assert together == backwards[::-1]
    assert together[::30] == [answers(Lines(runner).verb(), text)[0][0] for text in texts[::30]]


TEXTS = ["The cat sat on a mat .", "cat", "a\tmat  1/2 x", "new " * 300, "b\u00fcrste a\u00a0b", "cat"]


def test_the_method_of_python_answers_as_the_pipe_does(runner):
    answered = runner.tag(TEXTS)
    plain, _ = answers(verb(runner, json=False), *TEXTS)
    assert [" ".join(map("/".join, zip(one.words, one.tags, strict=True))) for one in answered] == plain
    objects, _ = answers(verb(runner, json=True), *TEXTS, json=True)
    for one, described in zip(answered, objects, strict=True):
        assert (list(one.words), one.tags) == (described["words"], described["tags"])
        assert np.round(one.scores, 4).tolist() == described["scores"]
    assert answered == [runner.tag([text])[0] for text in TEXTS]
    assert runner.tag([]) == []
    assert set(runner.labels) == TAGS


def test_the_method_of_python_takes_words_as_they_are(runner):
    words = [between_blanks(text) for text in TEXTS]
    assert runner.tag(words) == runner.tag(TEXTS)
    (given,) = runner.tag([("a mat", "cat")])
    assert given.words == ("a mat", "cat")
    assert len(given.tags) == len(given.scores) == 2
    assert runner.tag(["a\nmat"]) == runner.tag([["a", "mat"]])


def test_many_sentences_are_tagged_in_several_calls_with_the_answers_of_each_alone(runner):
    rng = np.random.default_rng(2)
    sentences = [rng.choice(["The", "cat", "new", "x1", "mat"], rng.integers(1, 30)).tolist() for _ in range(200)]
    assert runner.tag(sentences) == [runner.tag([words])[0] for words in sentences]
    for words, answer in zip(runner.tag(sentences), runner.predict(sentences)[0], strict=True):
        assert words.tags == [runner.labels[number] for number in answer.ids]


def test_threads_that_call_at_the_same_time_get_their_own_answers(runner):
    sentences = [["The", "cat", *["mat"] * count] for count in range(60)]
    expected = [runner.tag([words]) for words in sentences]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda words: runner.tag([words]), sentences)) == expected


@pytest.mark.parametrize(
    ("sentence", "what"),
    [
        ("", "is empty"),
        ([], "has no words"),
        (None, "is neither a text nor a sequence of words"),
        (["a", ""], "has a word that is empty"),
        (["a", 3], "has a word that is empty or not a text"),
        (["a", "b\ud800"], "has a word that is empty or not a text"),
        ("a\ud800", "is not a text"),
        ("a" * 500_001, "has 500,001 characters, more than 500,000"),
        ("a " * 50_001, "has 50,001 words, more than 50,000"),
        (["a"] * 50_001, "has 50,001 words, more than 50,000"),
    ],
)
def test_a_sentence_that_cannot_be_tagged_is_named_by_its_place(runner, sentence, what):
    with pytest.raises(DataError, match=rf"^sentences\[1\] {what}"):
        runner.tag(["cat", sentence])


def test_a_single_text_is_not_taken_for_a_list_of_characters(runner):
    with pytest.raises(UsageError, match="one text was given"):
        runner.tag("The cat")


def test_comments_of_any_form_stay_as_they_are(seqtool_cmd):
    text = "#sent_id = 1\n#\n# newdoc\n1\tcat" + "\t_" * 8 + "\n#text\n2\tsat" + "\t_" * 8 + "\n\n"
    done = seqtool_cmd(*TAG, "--conllu", stdin=text)
    assert [line for line in done.stdout.split("\n") if line.startswith("#")] == [
        "#sent_id = 1",
        "#",
        "# newdoc",
        "#text",
    ]
    assert [line.split("\t")[1] for line in done.stdout.split("\n") if "\t" in line] == ["cat", "sat"]
    assert (done.returncode, done.stderr) == (0, "")


def test_entities_are_not_written_into_the_column_of_parts_of_speech(runner):
    entities = ("B-PER", "I-PER", "O")
    assert columns_of(runner.fields) == {"upos": "upos"}
    assert columns_of({"pos": ("ADJ", "X"), "ner": entities}) == {"upos": "pos"}
    assert columns_of({"tag": ("JJ", "NN"), "xpos": ("JJ", "NN")}) == {"xpos": "xpos"}
    for fields, said in (
        ({"upos": entities}, "not those of the column upos, but 'B-PER', 'I-PER', 'O'"),
        ({"tags": entities, "pos": ("NN", "JJ")}, "no column for tags and pos"),
    ):
        with pytest.raises(UsageError, match=said) as refused:
            columns_of(fields)
        assert "--field xpos" in refused.value.cure


WITH_TAGS = {
    "# sent_id = 1\n# text = The cat\n1\tThe\tthe\tDET\t_\t_\t_\t_\t_\t_\n": "CoNLL-U",
    "1\tThe\tthe\tDET\tDT\t_\t2\tdet\t_\t_\n": "--conllu reads it",
    "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n": "a word with its tag in each line",
    "The\tDET\ncat\tNOUN\n\n": "a word with its tag in each line",
    "Berlin B-LOC\nis O\nold O\n": "a word with its tag in each line",
    "the/dt cat/nn sat/vbd ./.\n": "give the words alone",
    "The_DT cat_NN\n": "give the words alone",
    "Sentence #,Word,POS,Tag\nSentence: 1,The,DT,O\n": "the words of a sentence belong in one line",
}


@pytest.mark.parametrize("lines", WITH_TAGS)
def test_lines_of_a_training_file_are_warned_of(lines):
    records = [Record(number, line) for number, line in enumerate(lines.split("\n"), start=1)]
    with pytest.MonkeyPatch.context() as patch:
        said = []
        patch.setattr("seqtool.runtime.first_line.warn", said.append)
        assert list(warned_of_first(records, tagged(sorted(TAGS)))) == records
    assert len(said) == 1
    assert WITH_TAGS[lines] in said[0]


@pytest.mark.parametrize(
    "lines", ["The cat\nThe dog\nA man", "It rained .\nHe saw X .\nSo did I .", "either and/or both", "1/2 of 3/4 cups"]
)
def test_sentences_are_not_warned_of(lines):
    said = tagged(sorted(TAGS))(lines.split("\n"))
    assert said == ""


def test_two_texts_that_end_in_a_letter_are_no_rows_of_words_and_tags():
    assert tagged(["B", "E", "S"])(["plan B", "vitamin B"]) == ""
    assert "a word with its tag" in tagged(["B", "E", "S"])(["plan B", "of S", "vitamin E"])


def test_conllu_without_the_option_is_answered_line_by_line(seqtool_cmd):
    row = "1\tcat\tcat\tNOUN\tNN\t_\t0\troot\t_\t_\n"
    done = seqtool_cmd(*TAG, stdin=row * 2)
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr.count("--conllu reads it") == 1
