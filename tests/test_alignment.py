"""Sides that are shifted against each other are found, and right ones are left alone."""

from __future__ import annotations

import gzip
import os
import random
from pathlib import Path

import pytest

from seqtool.data.alignment import find_shift, fits, unordered
from seqtool.data.pairs import SHIFTED, read_two


def sides(count: int, seed: int = 1) -> tuple[list[str], list[str]]:
    """Sentences of many lengths, and translations about as long."""
    dice = random.Random(seed)
    lengths = [dice.randint(10, 120) for _ in range(count)]
    return ["x" * n for n in lengths], ["y" * round(n * dice.uniform(0.7, 1.3)) for n in lengths]


@pytest.mark.parametrize("count", [20, 200, 2000])
def test_right_pairs_are_left_alone(count):
    assert all(find_shift(*sides(count, seed)) is None for seed in range(20))


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize("lines", [1, 3, 10])
def test_lines_that_are_missing_are_found_where_they_are_missing(side, lines):
    both = sides(1000)
    del both[side][299 : 299 + lines]
    both[side].extend(["z" * 50] * lines)
    shift = find_shift(*both)
    assert shift is not None
    assert shift.certain
    assert shift.lag == (-lines if side else lines)
    assert abs(shift.first - 299) <= 10


SPEAKERS = ["Anna", "Bernd", "Clara", "David", "Emil", "Frieda", "Gustav", "Hanna", "Igor", "Jana"]


def talk(count: int, seed: int) -> tuple[list[str], list[str]]:
    """Lines with names, numbers and marks, and translations that keep them."""
    dice = random.Random(seed)
    source, target = [], []
    for length in (dice.randint(1, 8) for _ in range(count)):
        name, number, mark = dice.choice(SPEAKERS), dice.randint(1, 99), dice.choice(".?!")
        source.append(f"{name} {'sagt ' * length}{number}{mark}")
        target.append(f"{number} {'says ' * length}{name}{mark}")
    return source, target


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("side", [0, 1])
def test_forty_pairs_are_enough_to_see_a_shift_by_names_numbers_and_lengths(seed, side):
    both = talk(41, seed)
    assert find_shift(*both) is None
    del both[side][11]
    both[1 - side].pop()
    shift = find_shift(*both)
    assert shift is not None
    assert not shift.certain
    assert shift.lag == (-1 if side else 1)
    assert abs(shift.first - 11) <= 2


def test_sorted_lines_fit_at_several_places_and_are_left_alone():
    for seed in range(20):
        source, target = sides(60, seed)
        order = sorted(range(60), key=lambda n: len(source[n]))
        assert find_shift([source[n] for n in order], [target[n] for n in order]) is None


@pytest.mark.parametrize("count", [40, 300, 3000])
def test_targets_in_random_order_are_seen_and_ordered_ones_left_alone(count):
    seen = 0
    for seed in range(20):
        source, target = talk(count, seed)
        assert not unordered(source, target)
        random.Random(seed).shuffle(target)
        seen += unordered(source, target)
    assert seen >= 18


@pytest.mark.parametrize("count", [39, 400])
def test_few_lines_and_lines_of_one_length_tell_no_order(count):
    source = [f"{n % 7}" * 9 if count > 40 else "a " * n for n in range(count)]
    assert not unordered(source, random.Random(1).sample(source, count))


def test_labels_for_targets_have_no_order_to_lose():
    source, _ = talk(200, 1)
    assert not unordered(source, random.Random(1).choices(["yes", "no", "perhaps", "not at all"], k=200))


def test_what_is_in_no_order_is_said(tmp_path):
    source, target = talk(60, 3)
    random.Random(3).shuffle(target)
    (tmp_path / "a.de").write_text("\n".join(source))
    (tmp_path / "a.en").write_text("\n".join(target))
    (finding,) = read_two(tmp_path / "a.de", tmp_path / "a.en").findings
    assert (finding.level, finding.code) == ("warning", "perhaps-unordered")


def test_a_line_too_many_and_a_line_too_few_later_bound_the_shift():
    source, target = sides(1000)
    source.insert(200, "z" * 60)
    del source[700]
    shift = find_shift(source, target)
    assert shift is not None
    assert abs(shift.first - 200) <= 10
    assert abs(shift.end - 700) <= 10


def test_lines_of_one_length_are_told_by_their_numbers():
    source = [f"Wagen {1000 + 37 * n % 900} ist rot" for n in range(300)]
    target = [f"Truck {1000 + 37 * n % 900} is red" for n in range(300)]
    assert find_shift(source, target) is None
    shift = find_shift(source, [target[-1], *target[:-1]])
    assert shift is not None
    assert shift.lag == 1
    assert shift.certain


@pytest.mark.parametrize("lines", [["", ""], ["a"] * 50, [""] * 50])
def test_what_tells_nothing_is_no_shift(lines):
    assert find_shift(lines, lines) is None


def test_files_of_equal_length_are_looked_at(tmp_path):
    source, target = sides(400)
    del source[149]
    (tmp_path / "a.de").write_text("\n".join([*source, "z" * 40]))
    (tmp_path / "a.en").write_text("\n".join(target))
    finding = read_two(tmp_path / "a.de", tmp_path / "a.en").findings[-1]
    assert finding.code == SHIFTED
    assert "fit the targets 1 line further down better than their own" in finding.text
    place = int(finding.text.rsplit(" ", 1)[1])
    assert abs(place - 150) <= 5


SETS = {
    "multi30k": ("multi30k/train.de.gz", "multi30k/train.en.gz"),
    "iwslt": ("iwslt15-en-vi/tst2012.en", "iwslt15-en-vi/tst2012.vi"),
}


def lines(name: str) -> list[str]:
    data = (Path(os.environ["SEQTOOL_MIRROR"]) / name).read_bytes()
    return (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).decode().splitlines()


@pytest.mark.data
@pytest.mark.parametrize("name", SETS)
def test_real_pairs_are_left_alone_and_one_missing_line_of_500_is_found(name):
    both = [lines(file) for file in SETS[name]]
    assert find_shift(*both) is None
    dice = random.Random(5)
    for _ in range(20):
        start, place = dice.randrange(len(both[0]) - 500), dice.randrange(50, 450)
        source, target = (side[start : start + 500] for side in both)
        assert find_shift(source, target) is None
        shift = find_shift([*source[:place], *source[place + 1 :], both[0][0]], target)
        assert shift is not None
        assert abs(shift.first - place) <= 25


@pytest.mark.data
@pytest.mark.parametrize("name", ["tatoeba/fra.txt.gz", "tatoeba/vie.txt"])
def test_pairs_sorted_by_length_are_left_alone(name):
    rows = [line.split("\t") for line in lines(name)]
    assert find_shift([row[0] for row in rows], [row[1] for row in rows]) is None


@pytest.mark.data
@pytest.mark.parametrize("name", ["multi30k", "iwslt", "tatoeba/vie.txt"])
@pytest.mark.parametrize("count", [40, 200])
def test_windows_of_real_pairs_are_left_alone(name, count):
    if name in SETS:
        pairs = list(zip(*(lines(file) for file in SETS[name]), strict=True))
    else:
        pairs = [tuple(line.split("\t")[:2]) for line in lines(name)]
    dice = random.Random(count)
    for start in (dice.randrange(len(pairs) - count) for _ in range(100)):
        source, target = map(list, zip(*pairs[start : start + count], strict=True))
        assert find_shift(source, target) is None
        assert not unordered(source, target)


@pytest.mark.parametrize("count", [100, 1000])
def test_sides_in_reverse_order_are_said_to_be(tmp_path, count):
    source, target = talk(count, 1)
    paths = [tmp_path / "a", tmp_path / "b"]
    paths[0].write_text("\n".join(source) + "\n")
    paths[1].write_text("\n".join(target[::-1]) + "\n")
    (finding,) = read_two(*paths).findings
    assert finding.code == "perhaps-unordered"
    assert "tac FILE" in finding.text
    paths[1].write_text("\n".join(target) + "\n")
    assert read_two(*paths).findings == ()


def test_a_shift_that_fits_by_chance_alone_is_none():
    source, target = sides(100, 32)
    shift = find_shift(source, target[::-1])
    assert shift is not None
    assert not fits(source, target[::-1], shift)
    source, target = talk(100, 1)
    shift = find_shift(source[1:], target[:-1])
    assert shift is not None
    assert fits(source[1:], target[:-1], shift)


@pytest.mark.parametrize("side", [0, 1])
def test_empty_lines_at_the_end_of_one_side_are_left_out(tmp_path, side):
    both = talk(40, 1)
    both[side].extend(["", " "])
    paths = [tmp_path / "a", tmp_path / "b"]
    for path, lines in zip(paths, both, strict=True):
        path.write_text("\n".join(lines) + "\n")
    read = read_two(*paths)
    assert len(read.records) == 40
    assert "2 empty lines at the end left out" in read.findings[0].text
