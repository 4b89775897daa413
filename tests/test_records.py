"""Three parts of records: by files, or at random with every copy on one side."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.data.labelled import read_labelled
from seqtool.data.records import (
    Parts,
    classes_of,
    cut,
    find_parts,
    read_all,
    read_parts,
    refuse_one_label,
)
from seqtool.errors import DataError, UsageError
from seqtool.reads import DataFile, Finding


@dataclass(frozen=True)
class Cuts:
    validation: float = 0.2
    test: float = 0.2
    split: Literal["distinct", "random"] = "distinct"
    fold: int = 0


def three(parts: Parts) -> list[tuple]:
    return [parts.train, parts.validation, parts.test]


def same(record):
    return record


@settings(max_examples=30, deadline=None)
@given(copies=st.lists(st.integers(1, 6), min_size=10, max_size=40), fold=st.integers(0, 4), data=st.data())
def test_copies_stay_together_and_nothing_is_lost(copies, fold, data):
    records = tuple(data.draw(st.permutations([n for n, count in enumerate(copies) for _ in range(count)])))
    parts = three(cut(Parts(records), same, Cuts(fold=fold)))
    assert Counter(records) == sum(map(Counter, parts), Counter())
    sides = [set(part) for part in parts]
    assert sum(map(len, sides)) == len(copies)  # no key on two sides
    assert abs(len(sides[2]) - 0.2 * len(copies)) <= 1
    for part in parts:
        places = iter(records)
        assert all(record in places for record in part)  # a part keeps the order


def test_folds_are_a_whole_and_the_cut_is_fixed():
    records = tuple("abcdefghijklmnopqrstuvw")
    tests = [cut(Parts(records), same, Cuts(fold=fold)).test for fold in range(5)]
    assert sorted("".join(map("".join, tests))) == sorted(records)
    assert tests[0] == cut(Parts(records), same, Cuts()).test != records[:5]
    with pytest.raises(UsageError, match=r"no fold 5: 5 parts of 0\.2"):
        cut(Parts(records), same, Cuts(fold=5))


def test_at_random_copies_are_on_both_sides():
    records = ("a", "b", "c") * 20
    parts = cut(Parts(records), same, Cuts(split="random"))
    assert [len(part) for part in three(parts)] == [36, 12, 12]
    assert set(parts.test) <= set(parts.train)


def test_parts_that_are_files_stay_and_the_rest_is_cut():
    records = tuple(range(100))
    parts = cut(Parts(records, test=(7, 7, 200)), same, Cuts(validation=0.1))
    assert (len(parts.train), len(parts.validation), parts.test) == (90, 10, (7, 7, 200))
    parts = cut(Parts(records, (1,), (2,)), same, Cuts())
    assert three(parts) == [records, (1,), (2,)]
    with pytest.raises(UsageError, match="file of its own"):
        cut(Parts(records, (1,), (2,)), same, Cuts(fold=1))


@pytest.mark.parametrize(("count", "part"), [(1, "validation"), (2, "validation"), (0, "training")])
def test_too_few_records_are_refused(count, part):
    with pytest.raises(DataError, match=f"none is left for the {part} part"):
        cut(Parts(tuple(range(count)) * 3), same, Cuts())


def test_copies_that_leave_a_part_empty_are_named_with_the_option_that_parts_them():
    parts = Parts(("a", "b", "a", "b") * 10)
    with pytest.raises(DataError, match="2 different records are too few, of 40 with all copies") as caught:
        cut(parts, lambda record: record, Cuts())
    assert caught.value.cure.startswith("--split random ")
    whole = cut(parts, lambda record: record, Cuts(split="random"))
    assert all(whole.by_name.values())
    with pytest.raises(DataError, match=r"^1 different record is too few, of 40"):
        cut(Parts(("a",) * 40), lambda record: record, Cuts())
    with pytest.raises(DataError, match=r"^1 record is too few: none"):
        cut(Parts(("a",)), lambda record: record, Cuts())


def test_what_was_read_is_said_where_a_part_stays_empty():
    found = (Finding("note", "format", "read as CSV"), Finding("note", "columns", "words from 'b'"))
    found = (*found, Finding("note", "bom", "a mark"), Finding("warning", "no-label", "9 lines left out"))
    with pytest.raises(DataError) as caught:
        cut(Parts(("a", "b") * 20, findings=found), same, Cuts())
    assert caught.value.where == "read as CSV; words from 'b'; 9 lines left out"


def test_one_label_is_nothing_to_learn():
    refuse_one_label(["a", "b"])
    with pytest.raises(DataError, match="has the label 'a'"):
        refuse_one_label(["a", "a"])


def parts_of(*names: str) -> dict[str, list[str]]:
    files = [
        DataFile(Path(name.partition("=")[2] or name), name.partition("=")[0] if "=" in name else "") for name in names
    ]
    return {part: [file.path.name for file in some] for part, some in find_parts(files)[0].items()}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a.tsv"], {"train": ["a.tsv"]}),
        (["a.tsv", "b.tsv"], {"train": ["a.tsv", "b.tsv"]}),
        (["dev.tsv"], {"train": ["dev.tsv"]}),  # alone: to be cut
        (["test.tsv", "train.tsv"], {"train": ["train.tsv"], "test": ["test.tsv"]}),
        (["stsa.binary.train", "stsa.binary.dev"], {"train": ["stsa.binary.train"], "validation": ["stsa.binary.dev"]}),
        (["x-ud-train.conllu", "x-ud-test.conllu"], {"train": ["x-ud-train.conllu"], "test": ["x-ud-test.conllu"]}),
        (["train.tsv", "more.tsv"], {"train": ["train.tsv", "more.tsv"]}),  # one name says nothing
        (["train.tsv", "testdata.txt"], {"train": ["train.tsv", "testdata.txt"]}),
        (["test=train.tsv", "train=test.tsv"], {"train": ["test.tsv"], "test": ["train.tsv"]}),
        (["train=a", "train=b", "valid=c"], {"train": ["a", "b"], "validation": ["c"]}),
    ],
)
def test_files_are_parts_by_their_labels_or_names(names, expected):
    assert parts_of(*names) == expected


def test_what_was_taken_from_names_is_said():
    _, (finding,) = find_parts([DataFile(Path("train.tsv")), DataFile(Path("x/dev.tsv"))])
    assert finding.text == "parts by the names of the files: train.tsv is train, dev.tsv is validation"


@pytest.mark.parametrize("names", [["text=a.tsv"], ["train=a.tsv", "b.tsv"], ["test=a.tsv"]])
def test_labels_that_are_no_parts_are_refused(names):
    with pytest.raises(UsageError) as caught:
        parts_of(*names)
    assert caught.value.cure


def classes(*names: str) -> bool:
    return classes_of([DataFile(Path(name.partition("=")[2] or name), name.partition("=")[0]) for name in names])


def test_names_of_no_part_are_classes():
    assert classes("good=a.txt", "bad=b.txt")
    assert classes("good=a.txt")
    assert not classes("train=a.txt", "bad=b.txt")
    assert not classes_of([DataFile(Path("a.txt")), DataFile(Path("b.txt"), "bad")])
    assert not classes_of([])
    with pytest.raises(UsageError, match="'trian' may be a class, or the part 'train' misspelt"):
        classes("trian=a.txt", "bad=b.txt")


@pytest.mark.parametrize(
    "names", ["de en", "rain sun", "rest work", "ok invalid", "valid invalid", "valid invalid odd"]
)
def test_names_near_those_of_parts_are_classes_where_no_training_part_is_meant(names):
    assert classes(*(f"{name}=a.txt" for name in names.split()))


@pytest.mark.parametrize("names", ["trian dev", "train invalid", "valid test", "valid invalid train"])
def test_names_of_parts_are_no_classes(names):
    assert not classes(*(f"{name}=a.txt" for name in names.split()))


@pytest.mark.parametrize("names", ["trian tset", "tran good"])
def test_slips_in_names_of_parts_are_refused(names):
    with pytest.raises(UsageError, match="misspelt"):
        classes(*(f"{name}=a.txt" for name in names.split()))


def test_files_are_read_into_their_parts(tmp_path):
    for name, text in (("train.tsv", "1\ta\n0\n"), ("test.tsv", "0\tb\n1\tc\n")):
        (tmp_path / name).write_text(text)
    files = [DataFile(tmp_path / "test.tsv"), DataFile(tmp_path / "train.tsv")]
    given = read_parts(files, read_labelled)
    assert [[one.text for one in part] for part in three(given)] == [["a"], [], ["b", "c"]]
    assert {found.code for found in given.findings} == {"parts-by-name", "format", "no-label"}
    assert any(found.text.startswith("train.tsv: 1 line without a label") for found in given.findings)
    assert [one.text for one in read_all(files, read_labelled).records] == ["b", "c", "a"]


def test_the_training_part_tells_how_the_other_parts_are_read(tmp_path):
    for name, text in (("train.tsv", "1\ta\n0\tb\n"), ("test.tsv", "0\tb\n1\tc\n")):
        (tmp_path / name).write_text(text)
    files = [DataFile(tmp_path / "test.tsv"), DataFile(tmp_path / "train.tsv")]
    seen = []
    given = read_parts(files, read_labelled, lambda records: seen.extend(records) or read_labelled)
    assert [one.text for one in seen] == ["a", "b"]
    assert [[one.text for one in part] for part in three(given)] == [["a", "b"], [], ["b", "c"]]


@pytest.mark.data
def test_the_umich_set_by_distinct_sentence():
    files = [DataFile(Path(os.environ["SEQTOOL_MIRROR"]) / "si650/training.txt")]
    given = read_parts(files, read_labelled)
    parts = cut(given, lambda one: one.text, Cuts(validation=0.1))
    assert [len({one.text for one in part}) for part in three(parts)] == [987, 141, 282]
    assert sum(map(len, three(parts))) == 7086
