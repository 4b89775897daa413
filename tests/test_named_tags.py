"""Several columns of tags, as data sets of Hugging Face have: the one that is named for the task; tags as numbers."""

from __future__ import annotations

import json

import pytest

from seqtool.data.tag_options import TagOptions
from seqtool.data.tagged import read_tagged
from seqtool.data.word_names import named_for
from seqtool.errors import DataError

WORDS = [("Mia", "runs"), ("Rome", "and", "Bob"), ("so", "it", "was", "Bob"), ("Bob", "left")]
TAGS = {
    "pos_tags": lambda word: "NOUN" if word.istitle() else "VERB",
    "chunk_tags": lambda word: "B-NP" if word.istitle() else "O",
    "ner_tags": lambda word: "B-PER" if word in ("Mia", "Bob") else "O",
}
POS = TagOptions(task="pos")


@pytest.fixture
def write(tmp_path):
    def of(form: str, *names: str):
        records = [
            {"id": n, "tokens": [*words], **{name: [*map(TAGS[name], words)] for name in names}}
            for n, words in enumerate(WORDS * 9)
        ]
        keys = list(records[0])
        if form == "jsonl":
            text = "".join(json.dumps(record) + "\n" for record in records)
        elif form == "lists":
            rows = [[f'"{record[key]}"' for key in keys] for record in records]
            text = "\n".join([",".join(keys), *map(",".join, rows)]) + "\n"
        else:
            rows = [[n, word, *(TAGS[name](word) for name in names)] for n, ws in enumerate(WORDS * 9) for word in ws]
            head = ["sentence", "word", *(name.partition("_")[0] for name in names)]
            text = "\n".join([",".join(head), *(",".join(map(str, row)) for row in rows)]) + "\n"
        path = tmp_path / f"a.{form}"
        path.write_text(text)
        return path

    return of


@pytest.mark.parametrize("form", ["jsonl", "lists", "csv"])
def test_the_column_named_for_the_task_is_taken_and_the_others_are_named(write, form):
    read = read_tagged(write(form, *TAGS), options=POS)
    assert read.records[1].tags == ("NOUN", "VERB", "NOUN")
    (said,) = [finding.text for finding in read.findings if finding.code == "named-for-task"]
    ner = "ner" if form == "csv" else "ner_tags"
    assert f"--tag-column {ner} takes another" in said
    other = read_tagged(write(form, *TAGS), options=TagOptions(task="pos", tag_column=(ner,)))
    assert other.records[1].tags == ("O", "O", "B-PER")
    assert not [finding for finding in other.findings if finding.code == "named-for-task"]


def test_other_tasks_ask_as_before(write):
    with pytest.raises(DataError, match="several keys may hold the tags") as raised:
        read_tagged(write("jsonl", *TAGS), options=TagOptions(task="tag"))
    assert raised.value.cure == "--tag-column pos_tags or --tag-column chunk_tags or --tag-column ner_tags"
    with pytest.raises(DataError, match="several keys"):
        read_tagged(write("jsonl", "chunk_tags", "ner_tags"), options=POS)
    assert read_tagged(write("csv", "pos_tags", "ner_tags")).records[1].tags == ("O", "O", "B-PER")  # spans, as ever


def test_names_of_a_task():
    assert named_for("pos", ["ner_tags", "UPOS"]) == "UPOS"
    assert named_for("ner", ["POS tags", "NER tags"]) == "NER tags"
    assert named_for("pos", ["pos", "upos"]) == named_for("", ["pos"]) == ""


def test_numbers_as_tags_are_said(cli, tmp_path):
    rows = "".join(json.dumps({"tokens": [f"w{n}", "so"], "ner_tags": [n % 3, 10]}) + "\n" for n in range(40))
    (tmp_path / "a.jsonl").write_text(rows)
    answer = cli("check", "pos", "--data", tmp_path / "a.jsonl")
    assert answer.returncode == 0
    assert "note numbered-tags: the tags are numbers (0, 1, 2, 10), not names" in answer.stdout + answer.stderr
