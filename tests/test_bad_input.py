"""Bad input of every kind: three lines that say what, where and the cure; the right exit code; nothing written."""

from __future__ import annotations

import datetime
import errno
import shutil
from dataclasses import replace
from pathlib import Path

import onnx
import pytest

from seqtool.graph.model import to_bytes
from seqtool.runtime.model import open_model

RUN = Path("runs/tiny")
MODEL = RUN / "model.onnx"


def table(prices, header="Date,Close") -> bytes:
    """A daily table of these prices."""
    days = (datetime.date(2024, 1, 1) + datetime.timedelta(days=n) for n in range(len(prices)))
    return "\n".join([header, *(f"{day},{price}" for day, price in zip(days, prices, strict=True)), ""]).encode()


def wave(count: int) -> list[float]:
    return [100 + n % 7 + n / 10 for n in range(count)]


def changed(values: list[float], place: int, cell: object) -> list[object]:
    return [*values[:place], cell, *values[place + 1 :]]


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


SHORT = ["--window", "10", "--horizon", "5"]
RETURNS = ["--scaling", "log-return"]
DATA = {
    "empty file": (b"", [], 2, ["the file is empty", "prices.csv"]),
    "header alone": (b"Date,Close\n", [], 2, ["no rows"]),
    "one row": (table([1]), [], 2, ["one row is no series"]),
    "wrong column": (table(wave(90)), ["--columns", "Clos"], 2, ["no column 'Clos'", "did you mean 'Close'?"]),
    "wrong time column": (table(wave(90)), ["--time-column", "Dat"], 2, ["no column 'Dat'", "did you mean 'Date'?"]),
    "text for a price": (table(changed(wave(90), 41, "much")), [], 2, ["line 43", "'much'", "'Close'"]),
    "numbers of two readings": (b"Date;Close\n2024-01-01;1.500\n2024-01-02;1.700\n", [], 2, ["'1.500'", "--decimal"]),
    "infinite": (table(changed(wave(90), 41, "inf")), [], 2, ["line 43", "infinite"]),
    "constant": (table([7] * 90), [], 2, ["constant (7)"]),
    "all missing": (table([""] * 90), [], 2, ["no value"]),
    "a stamp twice": (table(wave(90)) + b"2024-01-09,5\n", [], 2, ["2024-01-09", "more than once"]),
    "a broken date": (table(wave(90)).replace(b"2024-01-09", b"2024-13-09"), [], 2, ["line 10", "2024-13-09"]),
    "no regular step": (table(wave(90)).replace(b"2024-01-09", b"2024-01-09 05:00"), [], 2, ["no regular step"]),
    "a zero price": (
        table(changed(wave(200), 20, 0)),
        [*SHORT, *RETURNS],
        2,
        ["above zero", "row 21", "--scaling standard"],
    ),
    "a negative price": (table(changed(wave(200), 20, -3)), [*SHORT, *RETURNS], 2, ["above zero", "row 21: -3"]),
    "a window too long": (table(wave(90)), ["--window", "500"], 2, ["500 + 40 steps", "--window 3 --horizon 1"]),
    "too short for the split": (table(wave(30)), [], 2, ["--window 2 --horizon 1"]),
    "skips everything": (table(wave(90)), ["--skip", "90"], 2, ["--skip 90", "lower --skip"]),
    "broken UTF-8": (table(wave(90)).replace(b"Close", b"Cl\xf6se"), [], 2, ["not UTF-8", "0xf6"]),
    "a binary file": (b"\x7fELF\0\0\1\1" * 20, [], 2, ["the file is binary"]),
    "a damaged gzip": (b"\x1f\x8b\x08\0" + b"junk" * 9, [], 2, ["damaged gzip"]),
    "a damaged Parquet": (b"PAR1" + b"junk" * 9 + b"PAR1", [], 2, ["damaged Parquet"]),
    "a row too long": (table(wave(90)) + b"2024-04-01,5,6\n", [], 2, ["line 92 has 3 cells"]),
    "a quote left open": (table(wave(90)) + b'"2024-04-01,5\n2024-04-02,5\n', [], 2, ["never closed"]),
}


@pytest.mark.parametrize("command", ["check", "train"])
@pytest.mark.parametrize("case", DATA)
def test_bad_data_is_refused_by_check_and_train_alike(refused, here, command, case):
    content, options, code, said = DATA[case]
    (here / "prices.csv").write_bytes(content)
    refused(command, "bitcoin", "--data", "prices.csv", *options, code=code, said=said)


WORDS = {
    "no such file": (["train", "bitcoin", "--data", "gone.csv"], 3, ["no such file", "gone.csv"]),
    "a folder": (["train", "bitcoin", "--data", "."], 2, ["a folder, not a file"]),
    "a horizon of 0": (["train", "bitcoin", "--horizon", "0"], 2, ["horizon = 0 must be at least 1"]),
    "a horizon below 0": (["train", "bitcoin", "--horizon", "-1"], 2, ["horizon = -1 must be at least 1"]),
    "an unknown command": (["trian", "bitcoin"], 2, ["'trian'", "Did you mean 'train'?"]),
    "an unknown task": (["train", "bitcon"], 2, ["'bitcon'", "did you mean 'bitcoin'?"]),
    "an unknown task to check": (["check", "bitcon"], 2, ["did you mean 'bitcoin'?"]),
    "an unknown preset": (
        ["train", "bitcoin", "--preset", "gru-seq"],
        2,
        ["unknown preset 'gru-seq'", "did you mean 'gru-seq2seq'?"],
    ),
    "an unknown option": (["train", "bitcoin", "--hiden", "3"], 2, ["--hiden", "--hidden", "train bitcoin --help"]),
    "an unknown choice": (["train", "bitcoin", "--cell", "lsmt"], 2, ["'lsmt' is not one of", "'lstm'"]),
    "text for a number": (["train", "bitcoin", "--hidden", "many"], 2, ["'many' is not a valid int"]),
    "an unknown source": (["train", "bitcoin", "--source", "btc-us"], 2, ["'btc-us'", "did you mean 'btc-usd'?"]),
    "an unknown source to fetch": (["sources", "fetch", "btc-us"], 2, ["did you mean 'btc-usd'?"]),
    "two data sets": (["train", "bitcoin", "--sample", "--data", "x.csv"], 2, ["two data sets"]),
    "--set without =": (["train", "bitcoin", "--set", "hidden"], 2, ["--set 'hidden' is no assignment"]),
    "--set of nothing": (["train", "bitcoin", "--set", "=3"], 2, ["no assignment"]),
    "--set of an unknown": (["train", "bitcoin", "--set", "hiden=3"], 2, ["'hiden'", "did you mean 'hidden'?"]),
    "--set of garbage": (["train", "bitcoin", "--set", "hidden=[[1"], 2, ["hidden = '[[1' must be a whole number"]),
    "--config that is none": (["train", "bitcoin", "--config", "gone.toml"], 3, ["gone.toml"]),
    "no run to resume": (["train", "bitcoin", "--resume", "gone"], 3, ["no run folder", "gone"]),
    "no run to export": (["export"], 3, ["no run here yet", "seqtool train TASK"]),
    "no such run to export": (["export", "gone"], 3, ["no run folder", "gone"]),
    "no model": (["forecast", "bitcoin"], 3, ["no exported model of bitcoin", "seqtool export"]),
    "no model at all": (["forecast"], 3, ["no exported model"]),
    "no such model": (["forecast", "-m", "gone.onnx"], 3, ["gone.onnx"]),
    "no model to evaluate": (["evaluate"], 3, ["no exported model"]),
}


@pytest.mark.parametrize("case", WORDS)
def test_a_wrong_command_line_is_refused(refused, here, case):
    args, code, said = WORDS[case]
    refused(*args, code=code, said=said)


def test_a_folder_that_holds_something_is_left_alone(refused, here):
    (here / "mine").mkdir()
    (here / "mine" / "thesis.txt").write_text("years of work")
    refused("train", "bitcoin", "--sample", "--out", "mine", code=2, said=["not empty", "mine", "another --out"])


def test_a_run_folder_that_cannot_be_made(refused, here):
    (here / "file").write_text("")
    refused("train", "bitcoin", "--sample", "--out", "file/run", code=1, said=["file/run", "another --out"])


FORECASTS = {
    "a horizon of 0": (["--horizon", "0"], ["horizon of 0"]),
    "a horizon below 0": (["--horizon", "-3"], ["horizon of -3"]),
    "a horizon beyond the limit": (["--horizon", "10001"], ["10000 steps at most", "--horizon 10000 or less"]),
    "a stamp that no row bears": (["--at", "1999-01-01"], ["1999-01-01", "2020-01-01 to 2024-02-08"]),
    "a history too short": (["--data", "short.csv"], ["sees 40 steps, the series has 39"]),
    "a history with gaps": (["--data", "gaps.csv"], ["1 known values in the last 40"]),
    "a price of zero": (["--data", "zero.csv"], ["holds 0", "above zero"]),
    "text for a price": (["--data", "text.csv"], ["line 43", "'much'"]),
    "an empty table": (["--data", "empty.csv"], ["the file is empty"]),
    "no time for --horizon": (["--horizon", "soon"], ["'soon' is not a valid int"]),
}


@pytest.mark.parametrize("case", FORECASTS)
def test_a_forecast_that_cannot_be(refused, project, case):
    args, said = FORECASTS[case]
    Path("short.csv").write_bytes(table(wave(39)))
    Path("gaps.csv").write_bytes(table([*wave(50), *[""] * 39, 5]))
    Path("zero.csv").write_bytes(table(changed(wave(90), 60, 0)))
    Path("text.csv").write_bytes(table(changed(wave(90), 41, "much")))
    Path("empty.csv").write_bytes(b"")
    refused("forecast", "bitcoin", *args, code=2, said=said)


PIPED = {
    "nothing": (b"", ["standard input is empty"]),
    "broken UTF-8": (b"Date,Close\n2024-01-01,\xff\n", ["not UTF-8", "as that of the training"]),
    "binary": (b"\0\1\2\3" * 99, ["standard input"]),
    "prose": (b"once upon a time\nthere was a price\n", ["standard input"]),
    "short": (table(wave(5)), ["sees 40 steps, the series has 5"]),
}


@pytest.mark.parametrize("case", PIPED)
def test_a_pipe_that_holds_no_table(refused, project, monkeypatch, case):
    content, said = PIPED[case]
    Path("pipe").write_bytes(content)
    with Path("pipe").open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        refused("forecast", code=2, said=said)


def test_a_direct_model_names_the_network_that_takes_any_horizon(refused, project, cli):
    small = ["--sample", "--epochs", "1", "--hidden", "4", "--max-steps", "2"]
    direct = ["--network", "direct", "--horizon", "1", "--scaling", "standard", "--window", "7"]
    assert cli("train", "bitcoin", *small, *direct, "--out", "runs/direct").returncode == 0
    assert cli("export").returncode == 0
    assert cli("forecast", "bitcoin", "--horizon", "1").returncode == 0
    said = ["1 steps at most, not 2", "all its steps at once", "--network seq2seq"]
    refused("forecast", "bitcoin", "--horizon", "2", code=2, said=said)


def rewrite(path: str, **changes) -> None:
    """Write the model with another manifest, sealed anew."""
    model = onnx.load(MODEL)
    del model.metadata_props[:]
    Path(path).write_bytes(to_bytes(model, replace(open_model(MODEL).manifest, **changes)))


def test_a_model_of_another_family(refused, project):
    rewrite("translator.onnx", family="translation", task="nmt", encoders={}, config={}, limits={})
    refused("forecast", "-m", "translator.onnx", code=2, said=["translation model"])
    rewrite("other.onnx", family="parsing", task="parse", encoders={}, config={}, limits={})
    refused("evaluate", "other.onnx", "--data", "x.csv", code=2, said=["unknown family 'parsing'"])


@pytest.mark.parametrize(
    "changes",
    [
        {"encoders": {}},
        {"encoders": {"columns": [1], "step": None, "scaler": {"kind": "standard"}}},
        {"encoders": {"columns": ["Close"], "step": "day", "scaler": {"kind": "standard"}}},
        {"encoders": {"columns": ["Close"], "step": None, "season": 0, "scaler": {"kind": "standard"}}},
        {"config": {}},
        {"config": {"network": "direct", "horizon": "long"}},
        {"limits": {"window": 0, "horizon": 40}},
    ],
)
def test_a_manifest_that_is_no_forecaster_s(refused, project, changes):
    rewrite("odd.onnx", **changes)
    for command in (["forecast", "-m", "odd.onnx"], ["evaluate", "odd.onnx", "--data", "x.csv"]):
        refused(*command, code=2, said=["does not say what a forecaster needs"])


@pytest.mark.parametrize("damage", ["truncated", "flipped", "text", "empty", "folder"])
@pytest.mark.parametrize("command", [["forecast", "-m"], ["evaluate"]])
def test_a_damaged_model(refused, project, damage, command):
    data, path = MODEL.read_bytes(), Path("bad.onnx")
    middle = len(data) // 2
    contents = {
        "truncated": data[:middle],
        "flipped": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
        "text": b"this is no model",
        "empty": b"",
    }
    path.mkdir() if damage == "folder" else path.write_bytes(contents[damage])
    refused(*command, "bad.onnx", code=3 if damage == "folder" else 2, said=["bad.onnx"])


def test_evaluation_needs_enough_data(refused, project):
    Path("short.csv").write_bytes(table(wave(79)))
    refused("evaluate", "--data", "short.csv", code=2, said=["40 + 40 steps", "79", "longer series"])
    refused("evaluate", "--data", "gone.csv", code=3, said=["gone.csv"])


BROKEN = {
    "run.json cut short": ("run.json", '{"task": "bit', 1, ["run.json"]),
    "run.json of nothing": ("run.json", "[]", 1, ["run.json"]),
    "run.json without its parts": ("run.json", '{"task": "bitcoin"}', 1, ["run.json"]),
    "run.json in another code": ("run.json", b"\xff\xfe{", 1, ["run.json"]),
    "config.toml cut short": ("config.toml", "window = ", 2, ["not valid TOML", "config.toml"]),
    "config.toml of another version": ("config.toml", "windows = 3\n", 2, ["'windows'", "did you mean 'window'?"]),
    "config.toml of another network": (
        "config.toml",
        "hidden = 5\nwindow = 40\n",
        1,
        ["config.toml was changed", "put back"],
    ),
    "index.json cut short": ("checkpoints/index.json", "{", 1, ["index is damaged"]),
    "index.json without its steps": ("checkpoints/index.json", "{}", 1, ["index is damaged"]),
    "weights cut short": ("checkpoints/10/network.safetensors", b"\x08", 1, ["checkpoint is damaged"]),
    "a state without its parts": ("checkpoints/10/state.json", "[]", 1, ["checkpoint is damaged"]),
    "a state of another shape": ("checkpoints/10/state.json", '{"step": "x"}', 1, ["checkpoint is damaged"]),
    "baselines cut short": ("baselines.json", "{", 1, ["baselines.json"]),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_damaged_run_is_not_exported(refused, project, case):
    name, content, code, said = BROKEN[case]
    MODEL.unlink()
    (RUN / name).write_bytes(content.encode() if isinstance(content, str) else content)
    refused("export", code=code, said=said)
    if name != "baselines.json":  # a training fits them anew
        refused("train", "bitcoin", "--resume", RUN, code=code, said=said)


@pytest.mark.parametrize(
    "content", ["{", "[]", "{}", '{"scaler": {"kind": "log-return"}, "columns": ["Close"]}', "\xff"]
)
def test_a_run_with_damaged_encoders_is_not_exported(refused, project, content):
    (RUN / "encoders" / "encoders.json").write_text(content, encoding="latin-1")
    refused("export", code=1, said=["encoders", "train again"])


def test_a_run_without_checkpoint_is_not_exported(refused, project):
    shutil.rmtree(RUN / "checkpoints")
    refused("export", code=3, said=["no checkpoint yet", "--resume"])


def test_a_training_that_did_not_finish_is_not_scored(refused, project):
    (RUN / "baselines.json").unlink()
    refused("export", code=3, said=["did not finish", "--resume", "--no-scores"])


@pytest.mark.parametrize("content", ["{", "[]", '{"models": 3}', '{"models": [{"task": "bitcoin"}]}', "\xff"])
def test_a_damaged_list_of_runs(refused, project, content):
    Path("runs/latest.json").write_text(content, encoding="latin-1")
    for command in (["forecast", "bitcoin"], ["evaluate"], ["export"]):
        refused(*command, code=1, said=["list of runs is damaged", "latest.json", "delete that file"])


def test_data_that_has_changed_since_the_training(refused, project, cli):
    Path("mine.csv").write_bytes(table(wave(900)))
    small = ["--epochs", "1", "--hidden", "4", "--max-steps", "2"]
    assert cli("train", "bitcoin", "--data", "mine.csv", *small, "--out", "runs/mine").returncode == 0
    Path("mine.csv").write_bytes(table(wave(901)))
    refused("export", code=2, said=["has changed", "mine.csv", "--no-scores"])
    Path("mine.csv").unlink()
    refused("export", code=3, said=["mine.csv", "--no-scores"])


def test_a_full_disk_leaves_no_model_behind(refused, project, monkeypatch):
    """The old file stays as it was, too: a new one takes its place whole or not at all."""

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    refused("export", code=1, said=["No space left on device", "model.onnx", "free space"])
    refused("export", "--out", "new.onnx", code=1, said=["new.onnx"])
    refused("forecast", "bitcoin", "--plot", "new.png", code=1, said=["new.png"])
