"""Configuration: which layer wins, what is refused, and that every fault is told at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.config import Opt, fields, load, preset, preset_files, preset_summary, to_dict
from seqtool.errors import NotFound, SeqtoolError, UsageError


@dataclass(frozen=True)
class Config:
    hidden: Annotated[int, Opt("hidden units", ge=1, le=4096)] = 64
    rate: Annotated[float, Opt("learning rate", gt=0, le=1)] = 0.1
    cell: Annotated[Literal["lstm", "gru"], Opt("cell")] = "lstm"
    columns: Annotated[tuple[str, ...], Opt("columns")] = ()
    levels: Annotated[tuple[float, ...], Opt("levels", gt=0, lt=1, increasing=True)] = (0.1, 0.9)
    inputs: Annotated[tuple[Literal["hour", "month"], ...], Opt("inputs")] = ()
    shuffle: Annotated[bool, Opt("shuffle")] = True
    name: Annotated[str, Opt("name")] = ""
    season: Annotated[int | Literal["day", "week"], Opt("season", ge=0)] = 0


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def faults(**layers) -> str:
    with pytest.raises(UsageError) as caught:
        load(Config, **layers)
    return caught.value.what


def test_each_layer_is_stronger_than_the_one_before(tmp_path):
    bottom = write(tmp_path / "preset.toml", "hidden = 1\nrate = 0.2\ncell = 'gru'\nname = 'preset'")
    file = write(tmp_path / "file.toml", "hidden = 2\nrate = 0.3\nname = 'file'")
    merged = load(
        Config,
        preset=bottom,
        file=file,
        assignments=["hidden=3", "name=set"],
        options={"hidden": 4, "rate": None},
    )
    assert merged == Config(hidden=4, rate=0.3, cell="gru", name="set")


@pytest.mark.parametrize(
    ("assignment", "expected"),
    [
        ("hidden=128", Config(hidden=128)),
        ("rate=1e-3", Config(rate=0.001)),
        ("rate=1", Config(rate=1.0)),
        ("cell=gru", Config(cell="gru")),
        ('cell="gru"', Config(cell="gru")),
        ("columns=open, close", Config(columns=("open", "close"))),
        ('columns=["a,b", "c"]', Config(columns=("a,b", "c"))),
        ("shuffle=false", Config(shuffle=False)),
        ("name=a=b", Config(name="a=b")),
        ("name=", Config(name="")),
        ("levels=0.25, 0.75", Config(levels=(0.25, 0.75))),
        ("levels=[0.25, 0.75]", Config(levels=(0.25, 0.75))),
        ("levels=0.5", Config(levels=(0.5,))),
        ("levels=", Config(levels=())),
    ],
)
def test_forms_of_set(assignment, expected):
    assert load(Config, assignments=[assignment]) == expected


@pytest.mark.parametrize("text", ["hidden", "=3", ""])
def test_a_set_without_a_key_or_a_value_is_refused(text):
    with pytest.raises(UsageError, match="no assignment"):
        load(Config, assignments=[text])


def test_every_fault_of_a_file_is_told_at_once(tmp_path):
    file = write(
        tmp_path / "bad.toml",
        "hiden = 3\nhidden = 0\nrate = 'fast'\ncell = 'rnn'\nshuffle = 1\ncolumns = [1, 2]\n"
        "levels = ['low']\ninputs = ['day']",
    )
    said = faults(file=file)
    assert f"unknown option 'hiden' in {file}: did you mean 'hidden'?" in said
    assert "hidden = 0 must be at least 1" in said
    assert "rate = 'fast' must be a number" in said
    assert "cell = 'rnn' must be one of lstm, gru" in said
    assert "shuffle = 1 must be true or false" in said
    assert "columns = [1, 2] must be a list of texts" in said
    assert "levels = ['low'] must be a list of numbers" in said
    assert "inputs = ['day'] must be a list of hour, month" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"hidden": 4097}, "at most 4,096"),
        ({"hidden": True}, "a whole number"),
        ({"levels": "0.1,1"}, "must be below 1, each of them"),
        ({"levels": (0.5, 0.5)}, "must increase"),
        ({"levels": "0.9,0.1"}, "must increase"),
        ({"levels": "0.1,high"}, "a list of numbers"),
        ({"levels": True}, "a list of numbers"),
        ({"hidden": 3.5}, "a whole number"),
        ({"rate": 0.0}, "above 0"),
        ({"rate": 1.5}, "at most 1"),
        ({"rate": float("nan")}, "must be a finite number"),
        ({"rate": float("inf")}, "must be a finite number"),
        ({"name": 3}, "a text"),
        ({"columns": {"open": 1}}, "a list of texts"),
        ({"rate": 10**400}, "a number"),
        ({"cell": ["gru"]}, "one of lstm, gru"),
        ({"season": "fortnight"}, "a whole number, or one of day, week"),
        ({"season": "7.5"}, "a whole number, or one of day, week"),
        ({"season": "-3"}, "at least 0"),
        ({"season": True}, "a whole number, or one of day, week"),
    ],
)
def test_ranges_and_types(options, said):
    assert said in faults(options=options)


@pytest.mark.parametrize(("said", "season"), [("week", "week"), ("12", 12), (12, 12), ("0", 0)])
def test_a_number_or_a_word(said, season):
    assert load(Config, options={"season": said}).season == season
    assert load(Config, assignments=[f"season={said}"]).season == season


def test_a_file_that_is_no_toml_is_told_with_its_place(tmp_path):
    with pytest.raises(UsageError, match="line 2") as caught:
        load(Config, file=write(tmp_path / "x.toml", "hidden = 3\nrate = = 4\n"))
    assert caught.value.where == str(tmp_path / "x.toml")
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe4"')
    with pytest.raises(UsageError, match="not valid TOML"):
        load(Config, file=tmp_path / "latin.toml")
    with pytest.raises(NotFound):
        load(Config, file=tmp_path / "none.toml")
    with pytest.raises(NotFound):
        load(Config, file=tmp_path)


configs = st.builds(
    Config,
    hidden=st.integers(1, 4096),
    rate=st.floats(0, 1, exclude_min=True),
    cell=st.sampled_from(["lstm", "gru"]),
    columns=st.lists(st.text(st.characters(codec="utf-8")), max_size=3).map(tuple),
    levels=st.sets(st.floats(0, 1, exclude_min=True, exclude_max=True), max_size=3).map(sorted).map(tuple),
    inputs=st.sampled_from([(), ("hour",), ("month", "hour")]),
    shuffle=st.booleans(),
    name=st.text(st.characters(codec="utf-8")),
    season=st.one_of(st.integers(0, 2**40), st.sampled_from(["day", "week"])),
)


@given(config=configs)
@settings(max_examples=50, deadline=None)
def test_a_configuration_written_as_toml_reads_back_the_same(tmp_path_factory, config):
    path = tmp_path_factory.getbasetemp() / "round-trip.toml"
    path.write_bytes(tomli_w.dumps(to_dict(config)).encode())
    assert load(Config, file=path) == config


def test_presets_are_the_toml_files_of_a_folder(tmp_path):
    write(tmp_path / "small.toml", "# For a laptop.\nhidden = 8")
    write(tmp_path / "default.toml", "hidden = 16")
    write(tmp_path / "notes.txt", "")
    assert list(preset_files(tmp_path)) == ["default", "small"]
    assert preset_summary(tmp_path / "small.toml") == "For a laptop."
    with pytest.raises(UsageError, match="did you mean 'small'"):
        preset(preset_files(tmp_path), "smal")
    assert preset_files(tmp_path / "none") == {}


def test_fields_give_choices_and_lists():
    found = {field.name: field for field in fields(Config)}
    assert found["cell"].choices == ("lstm", "gru")
    assert found["columns"].is_list
    assert found["hidden"].choices == ()
    assert found["season"].choices == ("day", "week")


def test_a_field_of_two_types_is_a_mistake_of_the_plugin():
    @dataclass(frozen=True)
    class Two:
        both: int | str = 3

    Two.__annotations__["both"] = int | str
    with pytest.raises(SeqtoolError, match="no number, text, flag, Literal or list"):
        fields(Two)
