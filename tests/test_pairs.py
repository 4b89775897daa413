"""Pairs of lines: two files, tables, parts, and what is wrong with them."""

from __future__ import annotations

import functools
import gzip
import os
import random
from pathlib import Path

import pytest

from seqtool.data.pair_check import exchanged, refuse_wrong_way, without_long
from seqtool.data.pair_table import PairFormat, read_table
from seqtool.data.pairs import Pair, first_suspicious, read_all_pairs, read_pair_parts, read_two
from seqtool.data.records import Parts
from seqtool.errors import DataError, UsageError
from seqtool.reads import DataFile

TABLE = functools.partial(read_table, how=PairFormat())


def laid(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def both(folder: Path, source: str, target: str) -> tuple[Path, Path]:
    return laid(folder, "a.de", source), laid(folder, "a.en", target)


def test_line_n_of_one_file_belongs_to_line_n_of_the_other(tmp_path):
    read = read_two(*both(tmp_path, "ein Hund\nzwei \u2028 Hunde\u2029\n", "a dog\ntwo dogs"))
    assert read.records == (Pair("ein Hund", "a dog", 1), Pair("zwei \u2028 Hunde", "two dogs", 2))
    assert read.findings == ()


def test_an_empty_side_is_left_out_and_counted_and_two_are_no_pair(tmp_path):
    read = read_two(*both(tmp_path, "a\n\n \nd\ne\n", "1\n2\n\n \n5\n"))
    assert [(pair.source, pair.number) for pair in read.records] == [("a", 1), ("e", 5)]
    assert [(found.code, found.level) for found in read.findings] == [
        ("empty-source", "warning"),
        ("empty-target", "warning"),
    ]
    assert "1 line with an empty source, line 2" in read.findings[0].text
    assert "line 4" in read.findings[1].text


def test_files_of_unequal_length_are_refused_with_both_counts_and_the_first_suspicious_pair(tmp_path):
    lines, others = _sides(400)
    del lines[149]
    with pytest.raises(DataError) as error:
        read_two(*both(tmp_path, "\n".join(lines), "\n".join(others)))
    assert "a.de has 399 lines and a.en 400" in error.value.what
    place = int(error.value.where.split("line ")[1].split(":")[0])
    assert 140 <= place <= 160


@pytest.mark.parametrize("missing", [30, 200, 350])
@pytest.mark.parametrize("side", [0, 1])
def test_the_place_of_a_missing_line_is_found(missing, side):
    sides = _sides(400)
    del sides[side][missing - 1]
    assert abs(first_suspicious(*sides) - missing) <= 10


def test_a_file_that_only_ends_early_fits_to_its_end():
    lines, others = _sides(400)
    assert first_suspicious(lines[:-7], others) == 394


def _sides(count: int) -> tuple[list[str], list[str]]:
    """Lines of many lengths, and translations about as long."""
    dice = random.Random(1)
    lengths = [dice.randint(3, 120) for _ in range(count)]
    return ["x" * n for n in lengths], ["y" * round(n * dice.uniform(0.8, 1.2)) for n in lengths]


@pytest.mark.data
def test_the_place_of_a_missing_line_is_found_in_multi30k():
    folder = Path(os.environ["SEQTOOL_MIRROR"]) / "multi30k"
    lines, others = (
        gzip.decompress((folder / f"train.{s}.gz").read_bytes()).decode().split("\n") for s in ("de", "en")
    )
    del lines[9999]
    assert abs(first_suspicious(lines, others) - 10_000) <= 50


def test_a_table_has_two_columns_or_three(tmp_path):
    text = "Go.\tVa !\nRun!\tCours !\tCC-BY tatoeba.org\n\nbare\n\tempty\nempty\t \na\tb\tc\td\nHi\tSalut\u202f!\n"
    read = TABLE(laid(tmp_path, "fra.txt", text))
    assert [(pair.source, pair.target, pair.number) for pair in read.records] == [
        ("Go.", "Va !", 1),
        ("Run!", "Cours !", 2),
        ("Hi", "Salut\u202f!", 8),
    ]
    assert read.findings[0].text == (
        "read as TSV, tabs between the columns: column 1 is the source, column 2 the target"
    )
    assert {found.code: found.text.split(" that")[0].split(" with")[0] for found in read.findings[1:]} == {
        "third-column": "1 line has a third column, the first is line 2:",
        "no-pair": "2 lines", "empty-source": "1 line", "empty-target": "1 line",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["one\ntwo\nthree\tdrei\n", "\t\n\t\n"])
def test_a_file_without_pairs_is_refused(tmp_path, text):
    with pytest.raises(DataError) as error:
        TABLE(laid(tmp_path, "x.tsv", text))
    assert "--src" in error.value.cure


def test_files_become_parts_by_their_labels(tmp_path):
    files = []
    for part in ("train", "validation", "test"):
        for side, end in (("source", "de"), ("target", "en")):
            files.append(DataFile(laid(tmp_path, f"{part[:2]}.{end}", f"{part} {end}\n"), part, side=side))
    files.append(DataFile(laid(tmp_path, "more.tsv", "x\ty\n"), "train"))
    parts = read_pair_parts(files, TABLE)
    assert [(pair.source, pair.target) for pair in parts.train] == [("train de", "train en"), ("x", "y")]
    assert [pair.target for pair in (*parts.validation, *parts.test)] == ["validation en", "test en"]


def test_files_become_parts_by_their_names(tmp_path):
    files = []
    for part in ("train", "dev", "test"):
        files.append(DataFile(laid(tmp_path, f"{part}.de", f"{part} de\n"), side="source"))
        files.append(DataFile(laid(tmp_path, f"{part}.en", f"{part} en\n"), side="target"))
    parts = read_pair_parts(files, TABLE)
    assert [part[0].target for part in (parts.train, parts.validation, parts.test)] == ["train en", "dev en", "test en"]
    assert [found.code for found in parts.findings] == ["parts-by-name"]


def test_a_side_without_its_other_is_refused(tmp_path):
    source, target = both(tmp_path, "a\n", "b\n")
    with pytest.raises(UsageError, match="source files: 1, target files: 0") as error:
        read_pair_parts([DataFile(source, side="source")], TABLE)
    assert "--tgt FILE" in error.value.cure
    with pytest.raises(UsageError, match="the part train: source") as error:
        read_pair_parts([DataFile(source, "train", side="source"), DataFile(target, "test", side="target")], TABLE)
    assert "--tgt train=FILE" in error.value.cure
    with pytest.raises(UsageError, match="twice"):
        read_pair_parts([DataFile(source, side="source"), DataFile(source, side="target")], TABLE)


def test_a_part_that_is_the_wrong_way_round_is_refused():
    train = tuple(Pair(f"ein Hund {n}", f"a dog {n}", n) for n in range(9))
    right, wrong = Pair("ein Hund", "a dog", 1), Pair("a dog", "ein Hund", 1)
    refuse_wrong_way(Parts(train, (right,), (right,)))
    with pytest.raises(DataError, match="the validation part is the wrong way round"):
        refuse_wrong_way(Parts(train, (wrong,), (right,)))
    with pytest.raises(DataError, match="the test part"):
        refuse_wrong_way(Parts(train, (right,), (wrong,)))


def test_translations_in_the_language_of_the_sources_are_told():
    pairs = [Pair("der Hund sieht", "the dog sees", 1), Pair("die Katze", "the cat", 2)]
    assert not exchanged(["the cat sees", "a dog"], pairs)
    assert not exchanged(["", ""], pairs)
    assert not exchanged(["der the", "nothing"], pairs)
    assert exchanged(["der Hund", "nothing"], pairs)


def test_one_language_on_both_sides_has_no_wrong_way():
    train = tuple(Pair(f"1 2 {n}", f"{n} 2 1", n) for n in range(9))
    refuse_wrong_way(Parts(train, (Pair("3 2 9", "2 3 0", 1),), (Pair("2", "8", 1),)))


def test_copies_have_one_key_whatever_their_white_space():
    assert Pair(" a \t b", "x", 1).key == Pair("a b", "y", 2).key
    assert Pair("a", "b", 3).turned == Pair("b", "a", 3)


def test_lines_longer_than_a_translator_reads_are_left_out_and_said():
    short, long = Pair("ein Hund", "a dog", 1), Pair("ein Hund", "dog " * 10_000, 7)
    found = without_long(Parts((short, long), (short,), (long, short)), 4000)
    assert (found.train, found.validation, found.test) == ((short,), (short,), (short,))
    assert "2 pairs have a side of more than 4,000 characters, the first is line 7" in found.findings[0].text
    with pytest.raises(DataError, match="every pair of a part"):
        without_long(Parts((short,), (long,)), 4000)


def test_all_files_are_read_whole_whatever_their_parts(tmp_path):
    names = [
        ("test", "b.de", "source"),
        ("train", "a.de", "source"),
        ("train", "a.en", "target"),
        ("test", "b.en", "target"),
    ]
    files = [DataFile(laid(tmp_path, name, f"{name} 1\n{name} 2\n"), part, side=side) for part, name, side in names]
    found = read_all_pairs(files, TABLE)
    assert [(pair.source, pair.target) for pair in found.records[:3:2]] == [("b.de 1", "b.en 1"), ("a.de 1", "a.en 1")]


def test_one_encoding_for_both_files_leaves_the_one_that_is_utf_8_alone(tmp_path):
    source, target = both(tmp_path, "", "it\u2019s green\n")
    source.write_bytes("gr\u00fcn\n".encode("cp1252"))
    read = read_two(source, target, "windows-1252")
    assert (read.records[0].source, read.records[0].target) == ("gr\u00fcn", "it\u2019s green")
    assert "a.en: the text is UTF-8, and was read so, not as CP1252" in [found.text for found in read.findings]
