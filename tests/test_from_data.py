"""Settings that follow the data: which ones, what the rules give, and that a run holds their numbers."""

from __future__ import annotations

import dataclasses
import functools
import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file

from seqtool.config import load
from seqtool.data.pairs import Pair
from seqtool.errors import UsageError
from seqtool.families import sizes
from seqtool.families.family import configured, find, presets_of
from seqtool.families.generation.data import split, streams
from seqtool.families.generation.sizes import Facts as Text
from seqtool.families.generation.sizes import sized as of_text
from seqtool.families.translation.sizes import Facts as Pairs
from seqtool.families.translation.sizes import sized as of_pairs
from seqtool.plugins import load_task
from seqtool.runs import read_metrics
from seqtool.training import checkpoint

RULES = {"generation": of_text, "translation": of_pairs}
SHAKESPEARE = Text(1_115_394)
MULTI30K = Pairs(29_000, 1_772_238, 100)


@functools.cache
def usual(family, **options):
    preset = find(family).presets / "default.toml"
    return load(find(family).config, preset=preset, options=options)


def facts(family, amount):
    """Facts of a text of so many characters, or of so many pairs of 60."""
    return Text(amount) if family == "generation" else Pairs(amount, 60 * amount, 60)


def settled(family, known, **options):
    config = usual(family, **options)
    return dataclasses.replace(config, **RULES[family](config, known))


both = pytest.mark.parametrize("family", RULES)


@both
def test_a_preset_names_every_rule_and_no_other(family):
    config = usual(family)
    assert (
        set(config.from_data) == set(config.FROM_DATA) == set(RULES[family](config, facts(family, 500))) - {"from_data"}
    )


@pytest.mark.parametrize(("family", "known"), [("generation", SHAKESPEARE), ("translation", MULTI30K)])
def test_the_whole_of_a_shared_set_has_the_numbers_of_the_preset(family, known):
    preset = tomllib.loads((find(family).presets / "default.toml").read_text(encoding="utf-8"))
    config = settled(family, known)
    assert config.from_data == ()
    del preset["from_data"]
    assert {name: getattr(config, name) for name in preset} == preset
    assert config.evaluate_every == 0


@both
@given(one=st.integers(5000, 10**8), other=st.integers(5000, 10**8))
def test_more_data_never_have_a_smaller_network_or_fewer_steps(family, one, other):
    amounts = sorted((one, other))
    less, more = (settled(family, facts(family, amount)) for amount in amounts)
    for name in ("hidden", "layers", "batch", "window", "embedding", "vocabulary"):
        assert getattr(less, name, 0) <= getattr(more, name, 0), name
    assert less.validation >= more.validation
    pairs = zip((less, more), amounts, strict=True)
    first, second = (config.epochs * amount / config.batch for config, amount in pairs)
    assert first <= 1.1 * second, "steps, as near as whole epochs and batches allow"


@both
@given(amount=st.integers(10, 10**9))
def test_every_number_is_one_that_a_person_may_give(family, amount):
    config = usual(family)
    numbers = RULES[family](config, facts(family, amount))
    del numbers["from_data"]
    load(find(family).config, options=numbers)


@given(length=st.integers(30, 20_000))
def test_a_short_text_has_room_for_its_streams(length):
    config = usual("generation")
    splits = split("abcdefghij" * (length // 10), config)
    config = dataclasses.replace(config, **splits.settled)
    cut = streams(config, splits)
    assert cut.chunks >= 2
    assert config.epochs * cut.chunks >= 600  # whatever the length, enough steps to learn something


def test_what_a_person_gives_is_heeded_by_the_other_settings():
    short = settled("generation", Text(10_000), window=10, batch=2)
    assert (short.window, short.batch) == (10, 2)
    # a step reads 20 symbols in the place of 200: as many steps are fewer epochs
    assert short.epochs < settled("generation", Text(10_000)).epochs
    assert settled("generation", Text(10_000), epochs=3).epochs == 3


def test_an_alphabet_has_room_in_the_vocabulary():
    assert settled("translation", Pairs(200, 3000, 900)).vocabulary == 1800
    assert Pairs.of([Pair("ab", "ac"), Pair("a", "d")]) == Pairs(2, 3, 4)


def test_a_line_through_two_points_is_level_outside():
    small, large = (100, 8), (10_000, 32)
    values = [sizes.on_line(amount, small, large) for amount in (0, 100, 1000, 10_000, 10**9)]
    assert values == pytest.approx([8, 8, 16, 32, 32])
    assert sizes.on_line(1000, (100, 0.1), (10_000, 0.02)) == pytest.approx(0.06)
    assert [sizes.whole(value, 8) for value in (0.1, 11, 13)] == [8, 8, 16]


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "layer",
    [
        {"options": {"hidden": 5}},
        {"assignments": ["hidden=5"]},
        {"kept": {"hidden": 5}},
        {"options": {"hidden": 5, "from_data": "hidden,layers"}},
    ],
)
def test_a_stronger_layer_gives_the_number(layer, tmp_path):
    bottom = write(tmp_path / "preset.toml", "hidden = 9\nlayers = 2\nfrom_data = ['hidden', 'layers']")
    config = load(find("generation").config, preset=bottom, **layer)
    assert (config.hidden, config.from_data) == (5, ("layers",))


def test_a_file_and_an_option_name_settings_as_a_preset_does(tmp_path):
    kind = find("generation").config
    bottom = write(tmp_path / "preset.toml", "hidden = 9\nfrom_data = ['hidden', 'batch']")
    above = write(tmp_path / "file.toml", "hidden = 7\nfrom-data = ['hidden', 'evaluate-every']")
    assert load(kind, preset=bottom, file=above).from_data == ("hidden", "evaluate_every")
    assert load(kind, preset=bottom, file=above, options={"from_data": "window"}).from_data == ("window",)
    assert load(kind, preset=bottom, options={"from_data": ""}).from_data == ()
    assert load(kind, preset=bottom, file=write(tmp_path / "exact.toml", "from_data = []")).from_data == ()


@pytest.mark.parametrize(
    ("family", "name"), [("generation", "hiden"), ("tagging", "embedding"), ("generation", "seed")]
)
def test_a_name_without_a_rule_is_a_fault(family, name):
    with pytest.raises(UsageError, match=f"from_data names '{name}', which follows no data here"):
        load(find(family).config, options={"from_data": name})


@pytest.mark.parametrize("task", ["chargen", "nmt"])
def test_the_presets_of_recipes_are_exact(task):
    task = load_task(task)
    for name, path in presets_of(task).items():
        assert bool(configured(task, preset=path).from_data) == (name == "default"), name


TEXT = "the cat sat on the mat, and the dog on the log. " * 12
TINY = ["train", "generate", "--data", "text.txt", "--hidden", "32", "--max-steps", "400", "--threads", "1"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A folder with a text of 576 characters and a run of it, `whole`."""
    from seqtool.cli import run

    folder = tmp_path_factory.mktemp("tiny")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEQTOOL_CACHE", str(folder / "cache"))
        patch.chdir(folder)
        Path("text.txt").write_text(TEXT)
        assert run([*TINY, "--out", "whole"]) == 0
    return folder


def weights(run):
    step = checkpoint.index(run / "checkpoints").last
    return load_file(run / "checkpoints" / str(step) / "network.safetensors")


def test_a_tiny_text_is_learnt(tiny):
    bits = min(line["bits_per_character"] for line in read_metrics(tiny / "whole"))
    assert bits < 0.5, "a text that repeats itself has next to none"


def test_a_run_holds_the_numbers_and_goes_on_bit_for_bit(tiny, cli, interrupted, monkeypatch):
    monkeypatch.chdir(tiny)
    held = tomllib.loads(Path("whole/config.toml").read_text())
    assert (held["from_data"], held["hidden"]) == ([], 32)
    rule = settled("generation", Text(len(TEXT)), hidden=32)
    assert {name: held[name] for name in rule.FROM_DATA} == {name: getattr(rule, name) for name in rule.FROM_DATA}
    assert json.loads(Path("whole/run.json").read_text())["config"] == held
    with interrupted(held["evaluate_every"] + 5):
        assert cli(*TINY, "--out", "cut").returncode != 0
    assert cli("train", "generate", "--resume", "cut").returncode == 0
    for name, tensor in weights(Path("whole")).items():
        np.testing.assert_array_equal(weights(Path("cut"))[name], tensor)


def test_a_training_that_begins_with_a_run_keeps_its_network(tiny, cli, monkeypatch):
    monkeypatch.chdir(tiny)
    Path("more.txt").write_text("the dog sat on the cat, and the mat on the log. " * 200)
    begin = ["generate", "--data", "more.txt", "--init-from", "whole"]
    told = cli("check", *begin).stdout
    assert "note from-data: 9,600 characters: 1 x 32, batch " in told
    assert cli("train", *begin, "--max-steps", "2", "--out", "second").returncode == 0
    refused = cli("train", *begin, "--from-data", "hidden")
    assert "--from-data names what the run has settled: hidden" in refused.stderr


def test_check_says_what_was_chosen(tmp_path, cli):
    rows = "".join(f"rot {n} blau\tred {n} blue\n" for n in range(120))
    path = write(tmp_path / "pairs.tsv", rows)
    told = cli("check", "translate", "--data", path).stdout
    assert "note from-data: 120 pairs: 1 x 256, " in told
    assert "from-data" not in cli("check", "translate", "--data", path, "--from-data", "").stdout


TABLES = {"generation": "What follows the length of the text", "translation": "What follows the number of pairs"}


def row(family: str, amount: int) -> str:
    known = Text(amount) if family == "generation" else Pairs(amount, 62 * amount, 60)
    config = settled(family, known)
    shape = f"| {amount:,} | {config.layers} x {config.hidden} | "
    if family == "generation":
        steps = config.epochs * int(amount * (0.9 - config.validation) / config.batch / config.window)
        return f"{shape}{config.batch} | {config.window} | {steps:,} | {config.validation:.1%} |"
    steps = config.epochs * round(amount / config.batch)
    sizes = f"{config.embedding} | {config.vocabulary:,} | {config.batch} | {steps:,}"
    return f"{shape}{sizes} | {config.validation:.1%} |"


@both
def test_the_page_of_a_family_has_what_its_rule_gives(family):
    page = (Path(__file__).parent.parent / "docs" / f"{family}.md").read_text(encoding="utf-8")
    _, _, section = page.partition(f"# {TABLES[family]}\n")
    rows = [line for line in section.partition("\n#")[0].splitlines() if line[:3].strip("| ").isdecimal()]
    assert len(rows) >= 5
    assert rows == [row(family, int(line.split("|")[1].replace(",", ""))) for line in rows]
