"""A run goes on, and is exported, by the configuration and the records that it was trained by, or not at all."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from seqtool.data.pairs import Pair
from seqtool.data.part_sums import part_sum
from seqtool.families.tagging.part import TagPart

SMALL = ("--hidden", "4", "--max-steps", "4", "--evaluate-every", "2", "--out", "run")
READERS = {
    "translation": "from seqtool import Pair as R\ndef made(n): return R(f'one {n}', f'eins {n}')",
    "tagging": "from seqtool import Sentence as R\ndef made(n): return R(('a', f'w{n}'), ('D', 'N' if n % 3 else 'V'))",
    "classification": "from seqtool import Labelled as R\ndef made(n): return R(label='ab'[n % 2], text=f'word {n}')",
}
PLUGIN = """
import os
from seqtool import Read, Task, hookimpl
{reader}
def read(path):
    numbers = [int(line) for line in path.read_text().split()]
    turn = int(os.environ.get("TURN", "0"))
    return Read(tuple(made(n) for n in numbers[turn:] + numbers[:turn]))
@hookimpl
def register_task():
    return Task("turning", "records in an order of its own", family="{family}", read=read)
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("family", READERS)
def test_a_reader_that_gives_other_records_than_at_the_training_is_named(install, cli, monkeypatch, family):
    source = PLUGIN.format(family=family, reader=READERS[family])
    install("turning-reader", "1.4", {"turning": source}, tasks={"turning": "turning"})
    Path("n.txt").write_text("\n".join(map(str, range(1, 121))))
    trained = cli("train", "turning", "--data", "n.txt", *SMALL, "--embedding", "4")
    assert trained.returncode == 0, trained.stderr
    assert cli("export", "run").returncode == 0
    monkeypatch.setenv("TURN", "7")
    for command in (("export", "run", "--out", "o.onnx"), ("train", "turning", "--resume", "run")):
        answer = cli(*command)
        assert answer.returncode == 2, answer.stderr
        for said in ("other records than at the training", "test", "turning-reader 1.4", "same order"):
            assert said in answer.stderr
    assert not Path("o.onnx").exists()
    assert cli("export", "run", "--no-scores").returncode == 0
    record = json.loads(Path("run/run.json").read_text())
    record["parts"]["reader"] = "turning-reader 1.3"
    Path("run/run.json").write_text(json.dumps(record))
    assert "turning-reader 1.3 then, by turning-reader 1.4 now" in cli("export", "run").stderr


def test_a_run_of_an_earlier_version_has_no_sums_and_is_not_refused(cli):
    assert cli("train", "tag", "--sample", *SMALL, "--embedding", "4").returncode == 0
    record = json.loads(Path("run/run.json").read_text())
    assert record.pop("parts")
    assert record.pop("config")
    Path("run/run.json").write_text(json.dumps(record))
    assert cli("export", "run").returncode == 0


EDITS = {
    "translate": [("fold", "1"), ("reverse", "true")],
    "tag": [("fold", "1")],
    "classify": [("fold", "1")],
    "generate": [("test", "0.3"), ("window", "29")],
    "forecast": [("test", "0.4"), ("validation", "0.3"), ("window", "29"), ("horizon", "2"), ("scaling", '"standard"')],
}


@pytest.mark.parametrize("task", EDITS)
def test_a_configuration_that_was_edited_after_the_training_is_refused(cli, task):
    sizes = ("--window", "30") if task in ("forecast", "generate") else ("--embedding", "4")
    sizes += ("--network", "direct") if task == "forecast" else ()
    trained = cli("train", task, "--sample", *SMALL, *sizes)
    assert trained.returncode == 0, trained.stderr
    own = Path("run/config.toml").read_text()
    before = {path: path.read_bytes() for path in Path("run").glob("*.json")}
    for name, value in EDITS[task]:
        lines = [f"{name} = {value}" if line.startswith(f"{name} =") else line for line in own.splitlines()]
        Path("run/config.toml").write_text("\n".join(lines))
        for command in (("export", "run"), ("train", task, "--resume", "run")):
            answer = cli(*command)
            assert answer.returncode == 1, answer.stderr
            assert f"config.toml was changed after the training: {name}" in answer.stderr
            assert f"put back what it had ({name} = " in answer.stderr
    assert {path: path.read_bytes() for path in Path("run").glob("*.json")} == before
    Path("run/config.toml").write_text("# mine\n" + own)
    assert cli("export", "run").returncode == 0


def test_encoders_that_were_edited_are_refused_and_written_anew(cli):
    days = [date(2021, 1, 1) + timedelta(n) for n in range(400)]
    Path("s.csv").write_text("\n".join(["date,sold", *(f"{day},{10 + day.day % 7}" for day in days)]))
    shape = ("--network", "direct", "--scaling", "standard", "--window", "30", "--horizon", "2")
    assert cli("train", "forecast", "--data", "s.csv", *SMALL, *shape).returncode == 0
    file = Path("run/encoders/encoders.json")
    own = json.loads(file.read_text())
    other = json.loads(file.read_text().replace("[1", "[3", 1))
    assert other != own
    file.write_text(json.dumps(other))
    answer = cli("export", "run")
    assert answer.returncode == 1
    assert "encoders.json was changed after the training" in answer.stderr
    assert cli("train", "forecast", "--resume", "run").returncode == 0
    assert json.loads(file.read_text()) == own
    file.write_text(json.dumps(own, indent=3))
    assert cli("export", "run").returncode == 0


def test_a_series_is_known_by_its_values_and_stamps(cli):
    days = [date(2021, 1, 1) + timedelta(n) for n in range(400)]
    rows = [f"{day},{10 + day.day % 7}" for day in days]
    Path("s.csv").write_text("\n".join(["date,sold", *rows]))
    assert cli("train", "forecast", "--data", "s.csv", *SMALL, "--window", "30", "--horizon", "2").returncode == 0
    assert cli("export", "run").returncode == 0
    record = json.loads(Path("run/run.json").read_text())
    record["parts"]["test"] = record["parts"]["train"]
    Path("run/run.json").write_text(json.dumps(record))
    answer = cli("export", "run")
    assert answer.returncode == 2
    assert "the files are the same: test" in answer.stderr


def test_equal_parts_have_equal_sums_and_others_have_others():
    first = TagPart((("a", "b"), ("c",)), (("X", "Y"), ("X",)))
    assert part_sum(first) == part_sum(TagPart((("a", "b"), ("c",)), (("X", "Y"), ("X",))))
    # as runs of earlier versions hold it
    assert part_sum(first) == "c0e48f3fe74e01189117732887441c091700fc6d932dbd6953b6cc61819836f8"
    others = [
        TagPart((("a",), ("b", "c")), (("X",), ("Y", "X"))),
        TagPart((("c",), ("a", "b")), (("X",), ("X", "Y"))),
        TagPart((("a", "b"), ("c",)), (("X", "Y"), ("Y",))),
        TagPart(first.words, first.tags, (first.tags,)),
    ]
    assert len({part_sum(part) for part in (first, *others)}) == 5
    assert part_sum("\ud800") != part_sum("\ud801")
    assert part_sum((Pair("ab", "c"),)) != part_sum((Pair("a", "bc"),))
    times = np.array(["2020-01-01", "2020-02-01"], "datetime64[s]")
    assert part_sum(times) == part_sum(times.copy()) != part_sum(times[::-1])
    assert part_sum(np.zeros((2, 3))) != part_sum(np.zeros((3, 2)))
    assert part_sum([np.zeros(2)]) != part_sum([np.ones(2)])
    assert part_sum(object()) == ""  # a plugin's own class, which cannot be written down
