"""Files and runs that earlier versions made still open, answer, score, compare, export and go on.

tests/golden/make.py made them. What they hold is never made anew to please a later version: that would hide a break.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
TASKS = {
    "forecasting": "bitcoin",
    "generation": "chargen",
    "classification": "sentiment",
    "tagging": "pos",
    "translation": "nmt",
}
VERSIONED = ("tokens_per_second", "verdict", "signatures")
"""Keys of scores that tell of the machine, are prose, or name the version of a library."""
THREADS = ("--threads", "1")


@pytest.fixture(params=TASKS)
def family(request) -> str:
    return request.param


@pytest.fixture
def golden(family, tmp_path, monkeypatch) -> Path:
    """A copy of what was made for the family, as the working folder."""
    folder = tmp_path / "golden"
    shutil.copytree(GOLDEN / family, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def answers_as_then(golden, seqtool_cmd):
    """Return `answers_as_then(model)`: hold a file's answers to all that was asked then against those."""
    data = next(golden.glob("data.*")).name
    asked = json.loads((golden / "expected.json").read_text(encoding="utf-8"))

    def hold(model: str) -> None:
        for one in asked:
            args = [{"MODEL": model, "DATA": data}.get(arg, arg) for arg in one["args"]]
            answer = seqtool_cmd(*args, *THREADS, stdin=one["stdin"], cwd=golden)
            assert answer.returncode == 0, answer.stderr
            hold_texts(one["stdout"], answer.stdout, as_json="--json" in args)

    return hold


def hold_texts(then: str, now: str, *, as_json: bool) -> None:
    """Hold one stdout against another: words are equal, numbers nearly so."""
    assert now.count("\n") == then.count("\n"), now
    for before, after in zip(then.splitlines(), now.splitlines(), strict=True):
        if as_json:
            hold_values(json.loads(before), json.loads(after))
        else:
            hold_values(*([number(field) for field in re.split("[,\t]", line)] for line in (before, after)))


def number(field: str) -> float | str:
    try:
        return float(field)
    except ValueError:
        return field


def _means(differences: dict) -> dict:
    return {name: mean for name, (mean, _, _) in differences.items()}


def hold_values(then, now, rel: float = 1e-3, place: str = "", left_out: tuple[str, ...] = VERSIONED) -> None:
    """Hold a JSON value against an earlier one: what was there is there; a later version may say more.

    MASE of a season, which is said beside it, has another unit than it had then: its own tests hold it.
    """
    if isinstance(then, dict):
        assert isinstance(now, dict), place
        if now.get("mase_season") is not None and "mase_season" not in then:
            left_out = (*left_out, "mase")
        for key in then.keys() - set(left_out):
            assert key in now, f"{place} {key}"
            if key == "differences" and "texts" in then:
                # classifiers had another interval then, which missed the true difference too often
                hold_values(_means(then[key]), _means(now[key]), rel, f"{place} {key}")
                continue
            hold_values(then[key], now[key], rel, f"{place} {key}", left_out)
    elif isinstance(then, list):
        assert len(now) == len(then), place
        for before, after in zip(then, now, strict=True):
            hold_values(before, after, rel, place, left_out)
    elif isinstance(then, float):
        assert now == pytest.approx(then, rel=rel, abs=2e-4), place
    else:
        assert now == then, place


def read(file: str) -> dict:
    return json.loads(Path(file).read_text(encoding="utf-8"))


def test_a_file_answers_and_scores_as_it_did(answers_as_then):
    answers_as_then("run/model.onnx")


def test_a_file_tells_what_it_is_and_how_good(family, golden, cli):
    task = TASKS[family]
    shown = cli("inspect", "run/model.onnx")
    assert shown.returncode == 0, shown.stderr
    assert f"{task} ({family})" in shown.stdout
    told = cli("inspect", "run", "--json")
    manifest = json.loads(told.stdout)["manifest"]
    assert (manifest["task"], manifest["family"]) == (task, family)
    assert manifest["data"]["files"][0]["sha256"] == read("run/run.json")["data"]["files"][0]["sha256"]
    scores = cli("evaluate", "run/model.onnx", "--json")
    assert scores.returncode == 0
    hold_values(read("run/scores.json")["test"], json.loads(scores.stdout))
    table = cli("evaluate", "run")
    assert table.returncode == 0
    assert "test split of built-in sample (simulated)" in table.stdout


def test_a_run_is_exported_again_and_compared(golden, cli, answers_as_then):
    before = read("run/scores.json")
    shutil.copytree("run", "copy")
    Path("copy/model.onnx").unlink()
    exported = cli("export", "copy")
    assert exported.returncode == 0, exported.stderr
    assert exported.stdout == f"{Path('copy/model.onnx')}\n"
    hold_values(before, read("copy/scores.json"))
    answers_as_then("copy/model.onnx")
    compared = cli("compare", "run", "copy")
    assert compared.returncode == 0
    assert "test scores" in compared.stdout
    records = [json.loads(line) for line in cli("compare", "run", "copy", "--json").stdout.splitlines()]
    assert [record["run"] for record in records] == ["run", "copy"]
    for record in records:
        assert record["configuration"] == {}  # nothing differs
        hold_values(before["test"], record["scores"])


def test_an_interrupted_training_goes_on_to_its_end(family, golden, cli):
    """Its last bits depend on the processor, and every step adds to that: losses are held, not answers."""
    early = cli("export", "interrupted", "--no-scores", "--out", "early.onnx")
    assert early.returncode == 0, early.stderr
    resumed = cli("train", TASKS[family], "--resume", "interrupted")
    assert resumed.returncode == 0, resumed.stderr
    assert resumed.stdout == "interrupted\n"
    then, now = (
        [json.loads(line) for line in Path(run, "metrics.jsonl").read_text().splitlines()]
        for run in ("run", "interrupted")
    )
    assert [one["step"] for one in now] == [one["step"] for one in then]
    for before, after in zip(then, now, strict=True):
        for loss in ("loss", "train_loss"):
            assert after[loss] == pytest.approx(before[loss], rel=2e-2)
    compared = cli("compare", "run", "interrupted", "--json")
    costs = [json.loads(line)["cost"]["steps"] for line in compared.stdout.splitlines()]
    assert costs == [then[-1]["step"]] * 2
    assert cli("export", "interrupted").returncode == 0
    assert read("interrupted/scores.json").keys() == read("run/scores.json").keys()
