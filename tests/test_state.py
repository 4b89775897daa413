"""`forecast --state`: a stream in pieces against the whole, and files that are not a state."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from seqtool.cli import run as run_in_process
from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.errors import DataError, NotFound, UsageError
from seqtool.families.forecasting.history import go_on
from seqtool.families.load import runner_of
from seqtool.runtime.model import open_model
from seqtool.runtime.state import Stream, read_stream, write_stream

ZEROS = {"state_h": np.zeros((2, 1, 3), np.float32), "state_c": np.zeros((2, 1, 3), np.float32)}
MODEL = "ab" * 32


@pytest.fixture(scope="session")
def stateful(tmp_path_factory):
    """A folder with a stateful model of hourly values with a calendar, and its data: read, do not write."""
    folder = tmp_path_factory.mktemp("stateful")
    rng = np.random.default_rng(0)
    hours = np.datetime64("2024-01-01T00", "h") + np.arange(400)
    load = 100 + 30 * np.sin(np.arange(400) * np.pi / 12) + rng.normal(0, 3, 400)
    (folder / "meter.csv").write_text(
        "time,load\n" + "".join(f"{h}:00,{v:.2f}\n" for h, v in zip(hours, load, strict=True))
    )
    settings = [
        "--network",
        "autoregressive",
        "--stateful",
        "--scaling",
        "standard",
        "--window",
        "24",
        "--horizon",
        "3",
    ]
    settings += ["--calendar", "hour,weekday", "--batch", "2", "--epochs", "2", "--hidden", "8", "--season", "24"]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SEQTOOL_CACHE", str(folder / "cache"))
        words = ["train", "electricity", "--data", "meter.csv"]
        assert run_in_process([*words, "--preset", "stateless", *settings, "--source", "", "--out", "run"]) == 0
        assert run_in_process(["export", "run"]) == 0
    return folder


def piece(folder, begin, stop):
    header, *lines = (folder / "meter.csv").read_text().splitlines(keepends=True)
    return header + "".join(lines[begin:stop])


def test_a_stream_in_pieces_forecasts_what_the_whole_does(stateful, seqtool_cmd, tmp_path):
    """Pieces that overlap, and one of a single row; the answers are equal to the last digit."""
    words = ["forecast", "-m", stateful / "run", "--horizon", "5"]
    whole = seqtool_cmd(*words, stdin=piece(stateful, 0, 300))
    assert whole.returncode == 0, whole.stderr
    assert whole.stdout.startswith("time,load\n2024-01-13T12:00:00,")
    for begin, stop in ((0, 100), (0, 250), (240, 299), (299, 300)):
        found = seqtool_cmd(*words, "--state", "meter.state", stdin=piece(stateful, begin, stop))
        assert found.returncode == 0, found.stderr
    assert found.stdout == whole.stdout
    assert "goes on after 2024-01-13T10:00:00 with 1 row\n" in found.stderr


def test_rows_that_are_missing_between_two_pieces_are_missing_values(stateful, cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    header, *lines = (stateful / "meter.csv").read_text().splitlines()
    Path("a.csv").write_text("\n".join([header, *lines[:100]]))
    Path("b.csv").write_text("\n".join([header, *lines[103:120]]))
    gap = [line.split(",")[0] + "," for line in lines[100:103]]
    Path("whole.csv").write_text("\n".join([header, *lines[:100], *gap, *lines[103:120]]))
    words = ["forecast", "-m", stateful / "run"]
    assert cli(*words, "--data", "a.csv", "--state", "s").returncode == 0
    second = cli(*words, "--data", "b.csv", "--state", "s")
    assert "3 steps are missing after 2024-01-05T03:00:00" in second.stderr
    assert second.stdout == cli(*words, "--data", "whole.csv").stdout


def test_nothing_new_is_said_and_the_state_stays(stateful, cli, tmp_path):
    words = ["forecast", "-m", stateful / "run", "--data", stateful / "meter.csv", "--state", tmp_path / "s"]
    assert cli(*words).returncode == 0
    before = (tmp_path / "s").read_bytes()
    again = cli(*words)
    assert (again.returncode, again.stdout) == (2, "")
    assert "nothing is new: the stream has read up to 2024-01-17T15:00:00" in again.stderr
    assert (tmp_path / "s").read_bytes() == before


def test_a_model_without_state_refuses_one(exported, cli, tmp_path, monkeypatch):
    monkeypatch.setenv("SEQTOOL_CACHE", str(exported / "cache"))
    answer = cli("forecast", "-m", exported / "runs/tiny", "--state", tmp_path / "s")
    assert answer.returncode == 2
    assert "carries no state" in answer.stderr
    assert not (tmp_path / "s").exists()


def test_the_state_of_another_model_is_refused_and_kept(stateful, cli, tmp_path):
    path = tmp_path / "s"
    zeros = {name: np.zeros((1, 1, 8), np.float32) for name in ("state_h", "state_c")}
    write_stream(path, Stream(zeros), MODEL)
    before = path.read_bytes()
    answer = cli("forecast", "-m", stateful / "run", "--data", stateful / "meter.csv", "--state", path)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "the state belongs to another model" in answer.stderr
    assert path.read_bytes() == before


def test_a_state_comes_back_as_it_was(tmp_path):
    rng = np.random.default_rng(0)
    tensors = {name: rng.normal(size=zeros.shape).astype(np.float32) for name, zeros in ZEROS.items()}
    write_stream(tmp_path / "s", Stream(tensors, "2024-01-01T00:00:00"), MODEL)
    found = read_stream(tmp_path / "s", ZEROS, MODEL)
    assert found.last == "2024-01-01T00:00:00"
    for name, value in tensors.items():
        np.testing.assert_array_equal(found.tensors[name], value)


def packed(**arrays):
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


GOOD = {"format": np.array(1), "model": np.array(MODEL), "last": np.array(""), **ZEROS}


def bomb():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("format.npy", bytes(1 << 20) * 300)
    return stream.getvalue()


@pytest.mark.parametrize(("content", "said"), [
    (b"", "damaged"),
    (b"PK\x03\x04 no archive", "damaged"),
    (packed(**GOOD)[:-30], "damaged"),
    (packed(**{**GOOD, "format": np.array(2)}), "no state file of this"),
    (packed(**ZEROS), "no state file of this"),
    (packed(**{**GOOD, "state_h": np.zeros((2, 1, 4), np.float32)}), "damaged"),
    (packed(**{**GOOD, "state_h": np.zeros((2, 1, 3))}), "damaged"),
    (packed(**{**GOOD, "state_c": np.full((2, 1, 3), np.nan, np.float32)}), "damaged"),
    (packed(**{name: value for name, value in GOOD.items() if name != "state_c"}), "damaged"),
    (packed(**{**GOOD, "last": np.array([{"a": 1}], dtype=object)}), "damaged"),
    (bomb(), "too large"),
])  # fmt: skip
def test_what_is_no_state_is_refused_in_words(content, said, tmp_path):
    (tmp_path / "s").write_bytes(content)
    with pytest.raises(DataError, match=said) as caught:
        read_stream(tmp_path / "s", ZEROS, MODEL)
    assert str(tmp_path / "s") in str(caught.value)


def test_a_missing_file_and_a_folder_are_errors(tmp_path):
    with pytest.raises(NotFound, match="no such state file"):
        read_stream(tmp_path / "s", ZEROS, MODEL)
    with pytest.raises(DataError, match="a folder, not a file"):
        read_stream(tmp_path, ZEROS, MODEL)


def test_a_state_of_another_model_says_so(tmp_path):
    write_stream(tmp_path / "s", Stream(ZEROS), "cd" * 32)
    with pytest.raises(UsageError, match="another model"):
        read_stream(tmp_path / "s", ZEROS, MODEL)


def test_inspect_shows_the_state(stateful, cli):
    lines = cli("inspect", stateful / "run/model.onnx").stdout.splitlines()
    said = [" ".join(line.split()) for line in lines]
    assert "input covariates float32 [B, T+N, 2]" in said
    assert "input state_h float32 [1, B, 8]" in said
    assert "output state_c_out float32 [1, B, 8]" in said


def test_covariates_that_are_too_short_or_not_there_are_refused(stateful):
    runner = runner_of(open_model(stateful / "run/model.onnx"), "forecasting")
    history, codes = np.full((2, 5, 1), 100.0), np.zeros((2, 7, 2), np.int64)
    with pytest.raises(UsageError, match=r"covariates of shape \[2, 7, 2\] do not cover 8 steps of hour, weekday"):
        runner.forecast_batch(history, 3, covariates=codes)
    with pytest.raises(UsageError, match=r"reads the calendar \(hour, weekday\)"):
        runner.forecast_batch(history, 3)
    assert runner.forecast_batch(history, 2, covariates=codes).forecast.shape == (2, 2, 1)


def test_a_table_without_time_stamps_is_refused_by_a_model_that_reads_the_calendar(stateful, cli, tmp_path):
    (tmp_path / "values.csv").write_text("load\n" + "\n".join(map(str, range(40))) + "\n")
    answer = cli("forecast", "-m", stateful / "run", "--data", tmp_path / "values.csv")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "calendar inputs need time stamps, and the table has none" in answer.stderr


def test_a_stream_says_where_it_stands_as_the_table_writes_its_stamps(tmp_path, capsys):
    texts = [f"2022-05-03T{hour:02d}:00:00+02:00" for hour in range(20)]
    rows = [f"{text},{place}.5" for place, text in enumerate(texts)]
    series = clean(parse_table("\n".join(["when,load", *rows])))
    runner = SimpleNamespace(stateful=True, first_state=dict, model=SimpleNamespace(sha256="ab"))
    write_stream(tmp_path / "a.state", Stream({}, str(series.times[9])), "ab")
    assert len(go_on(runner, series, tmp_path / "a.state")[0].values) == 10
    assert "goes on after 2022-05-03T09:00:00+02:00 with 10 rows" in capsys.readouterr().err
