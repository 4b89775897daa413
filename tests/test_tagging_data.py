"""Tagged sentences that cannot be trained on: each refused in words, with its place."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from seqtool.data.records import Parts
from seqtool.data.tagged import Sentence
from seqtool.errors import DataError, SeqtoolError, without_options
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.data import check, held_out, load, read, split
from seqtool.families.tagging.encoders import TaggingEncoders
from seqtool.families.tagging.part import TagPart, tag_ids, unseen
from seqtool.reads import DataFile, Read
from seqtool.task import Data, Task

TASK = Task("toys", "", "tagging")
ROW = "{}\t{}\t_\t{}\t{}\t_\t_\t_\t_\t_\n"


def data(*paths):
    return Data(tuple(map(DataFile, paths)))


def conllu(*sentences):
    blocks = []
    for sentence in sentences:
        items = [item.split("/") for item in sentence.split()]
        blocks.append("".join(ROW.format(n, *item) for n, item in enumerate(items, start=1)))
    return "\n".join(blocks)


def test_words_and_tags_that_differ_in_number_name_the_sentence():
    with pytest.raises(DataError, match="sentence 7 has 3 words and 2 tags"):
        TagPart.of([Sentence(("a", "b", "c"), ("X", "Y"), 7)])
    with pytest.raises(DataError, match="sentence 7 has 3 words and 0 tags"):
        TagPart.of([Sentence(("a", "b", "c"), (), 7)])


def test_a_word_without_a_tag_names_the_sentence(tmp_path):
    (tmp_path / "a.txt").write_text("the/DT cat/NN\nthe/DT cat sat/VBD\n")
    with pytest.raises(DataError, match=r"sentence 2.*cat"):
        read(TASK, TaggingConfig(field="xpos"), data(tmp_path / "a.txt"))


def test_a_field_that_the_file_has_not_is_named_with_the_one_it_has(tmp_path):
    (tmp_path / "a.txt").write_text("(S (DT the) (NN cat))\n" * 3)
    with pytest.raises(DataError, match="upos") as refused:
        read(TASK, TaggingConfig(field="upos"), data(tmp_path / "a.txt"))
    assert refused.value.cure == "--field xpos"


def test_one_tag_for_all_words_is_nothing_to_learn():
    sentences = tuple(Sentence((str(n),), ("X",), n) for n in range(9))
    with pytest.raises(DataError, match="nothing to tell apart"):
        split(Parts(sentences, sentences, sentences), TaggingConfig())


def test_a_tag_that_training_never_had_is_told_and_never_right(tmp_path):
    (tmp_path / "train.conllu").write_text(conllu("a/X/x b/Y/y", "b/Y/y a/X/x"))
    (tmp_path / "dev.conllu").write_text(conllu("a/X/x c/Y/y"))
    (tmp_path / "test.conllu").write_text(conllu("a/X/x b/Z/z", "d/X/x"))
    config = TaggingConfig()
    files = data(*(tmp_path / f"{name}.conllu" for name in ("train", "dev", "test")))
    found = {one.code: one for one in check(TASK, config, files)}
    assert found["unseen-labels"].level == "warning"
    assert "has no Z" in found["unseen-labels"].text
    splits = load(TASK, config, files)
    assert tag_ids(splits.test.tags[0], splits.encoders.tags).tolist() == [0, -1]
    assert unseen(splits.test, splits.encoders).tolist() == [False, False, True]
    again, _ = held_out(TASK, config, splits.encoders, files.files[2:])
    assert again == splits.test
    assert TaggingEncoders.from_json(json.loads(json.dumps(splits.encoders.to_json()))) == splits.encoders


def test_a_reader_of_the_task_stands_in_the_place_of_the_family_s(tmp_path):
    def reader(path):
        lines = path.read_text().splitlines()
        return Read(tuple(Sentence(tuple(line), tuple(line.upper()), n) for n, line in enumerate(lines, start=1)))

    (tmp_path / "a.txt").write_text("ab\nba\nabc\ncc\naa\n")
    splits = load(replace(TASK, read=reader), TaggingConfig(test=0.2, validation=0.2), data(tmp_path / "a.txt"))
    assert set(splits.encoders.tags.names) <= set("ABC")
    assert sum(len(part.words) for part in (splits.train, splits.validation, splits.test)) == 5


def test_all_copies_of_a_sentence_are_in_one_part(tmp_path):
    some = [f"w{n}/X/x v{n}/Y/y" for n in range(40)]
    (tmp_path / "all.conllu").write_text(conllu(*some, *some[:20], *some[10:30]))
    parts = read(TASK, TaggingConfig(validation=0.2, test=0.2), data(tmp_path / "all.conllu"))
    each = [{one.words for one in part} for part in (parts.train, parts.validation, parts.test)]
    assert [len(words) for words in each] == [24, 8, 8]
    assert not each[0] & each[1]
    assert not each[0] & each[2]
    assert not each[1] & each[2]


def test_a_plugins_reader_may_give_lists_without_numbers(tmp_path):
    sentences = [Sentence([f"w{n}", "is"], ["NOUN", "VERB"]) for n in range(50)]
    parts = read(replace(TASK, read=lambda path: Read(tuple(sentences))), TaggingConfig(), data(tmp_path))
    assert sorted(sentence.words for part in parts.by_name.values() for sentence in part) == sorted(
        (f"w{n}", "is") for n in range(50)
    )


def broken(path):
    raise ValueError("no such column")


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        (broken, "fails: ValueError: no such column"),
        (lambda path: exit(5), "fails: SystemExit: 5"),
        (lambda path: [Sentence(("a",), ("X",))], "returns a list, not a Read"),
        (lambda path: Read((3,)), "record 1 is a int, not a Sentence"),
    ],
)
def test_a_plugins_reader_that_fails_is_named(tmp_path, reader, said):
    with pytest.raises(SeqtoolError, match=said) as refused:
        read(replace(TASK, read=reader), TaggingConfig(), data(tmp_path))
    assert "'toys'" in refused.value.what


def test_a_tag_that_breaks_the_line_of_an_answer_is_named_and_refused(tmp_path):
    tags = ["X", "two\nlines", "a\tb", "c\u2028"]
    rows = [{"tokens": [f"w{n}", "is", "it", "so"], "tags": tags} for n in range(30)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = {one.code: one for one in check(TASK, TaggingConfig(), data(tmp_path / "a.jsonl"))}
    assert found["unfit-names"].level == "warning"
    assert found["unfit-names"].text.endswith(r"refuses: 'a\tb', 'c\u2028', 'two\nlines'")
    with pytest.raises(DataError, match="would break the lines of answers") as refused:
        load(TASK, TaggingConfig(), data(tmp_path / "a.jsonl"))
    assert refused.value.cure
    assert refused.value.where.startswith("sentence ")


@pytest.mark.parametrize("text", ["w{n}\tDT\n", "w{n}/DT "])
def test_one_sentence_of_all_words_has_no_ends_of_sentences(tmp_path, text):
    (tmp_path / "a.txt").write_text("".join(text.format(n=n) for n in range(90)) + "x" + text.format(n=1)[2:])
    with pytest.raises(DataError, match="nothing parts the sentences: there is one, of 91 words") as refused:
        check(TASK, TaggingConfig(), data(tmp_path / "a.txt"))
    assert refused.value.where.endswith("a.txt")
    assert "an empty line between sentences" in refused.value.cure


def test_a_tag_with_a_slash_is_said_and_learnt(tmp_path):
    rows = [{"tokens": [f"w{n}", "is"], "tags": ["ADJ/ADV", "of two"]} for n in range(30)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = {one.code: one.text for one in check(TASK, TaggingConfig(), data(tmp_path / "a.jsonl"))}
    assert found["unfit-tags"].endswith("with --json alone: 'ADJ/ADV', 'of two'")
    assert load(TASK, TaggingConfig(), data(tmp_path / "a.jsonl")).encoders.tags.names == ("ADJ/ADV", "of two")


def test_the_options_of_reading_are_those_of_the_configuration(tmp_path):
    (tmp_path / "a.txt").write_text("".join(f"w{n} DT B-X\nv{n} NN O\n\n" for n in range(30)))
    config = TaggingConfig(tag_column=("2",), field="kind", format="columns")
    assert load(TASK, config, data(tmp_path / "a.txt")).encoders.tags.names == ("DT", "NN")
    assert config.field == "kind"
    assert TaggingConfig(tag_column=("ner",)).field == "ner"


def test_a_file_that_is_scored_is_read_by_the_options_of_the_model(tmp_path):
    (tmp_path / "a.txt").write_text("".join(f"w{n} DT B-X\nv{n} NN O\n\n" for n in range(30)))
    (tmp_path / "b.conllu").write_text(conllu("a/X/x b/Y/y"))
    config = TaggingConfig(tag_column=("2",), field="kind")
    splits = load(TASK, config, data(tmp_path / "a.txt"))
    part, _ = held_out(TASK, config, splits.encoders, data(tmp_path / "a.txt").files)
    assert part.tags[0] == ("DT", "NN")
    with (
        pytest.raises(SeqtoolError, match="is tagged in 2") as refused,
        without_options(kept=["tag-column"]),
    ):
        held_out(TASK, config, splits.encoders, data(tmp_path / "b.conllu").files)
    assert refused.value.cure == "--tag-column upos (it has upos and xpos)"  # `evaluate` has no --field


NAMED = {
    "no name": ("{} DT B-x\nv DT O\n", {"tag_column": ("3",)}, "tags"),
    "its column": ("{} DT B-x\nv NN O\n", {"head": "word pos ner"}, "ner"),
    "the options": ("{} DT B-x\nv NN O\n", {"head": "word pos ner", "field": "kind"}, "kind"),
    "as before": ("{} DT B-x\nv NN O\n", {"tag_column": ("3",), "field": "upos"}, "upos"),
    "several": ("{} DT B-x\nv NN O\n", {"tag_column": ("3", "2")}, "3,2"),
    "several, named": ("{} DT B-x\nv NN O\n", {"head": "word pos ner", "tag_column": ("3", "pos")}, "ner,pos"),
}


@pytest.mark.parametrize("name", NAMED)
def test_a_training_keeps_what_the_file_calls_its_tags_and_reads_it_so_again(tmp_path, name):
    row, options, wanted = NAMED[name]
    rows = "\n".join(row.format(f"w{n}") for n in range(30))
    head = options.pop("head", "")
    (tmp_path / "a.txt").write_text(f"{head}\n" * bool(head) + rows)
    config = TaggingConfig(format="columns", **options)
    splits = load(TASK, config, data(tmp_path / "a.txt"))
    assert splits.settled["field"] == wanted
    again = load(TASK, replace(config, **splits.settled), data(tmp_path / "a.txt"))
    assert (again.train, again.encoders) == (splits.train, splits.encoders)
