"""`forecast` and `evaluate`: the same table gives the same rows, whichever way it comes in."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import seqtool_bitcoin

from seqtool import Source, SourceFile
from seqtool.graph.model import to_bytes
from seqtool.runtime.model import open_model

MODEL = Path("runs/tiny/model.onnx")
PROBE = """
import os, sys
leave = os._exit
def show(code):
    print("\\n".join(sorted(sys.modules)), file=sys.stderr, flush=True)
    leave(code)
os._exit = show
sys.argv = ["seqtool", *sys.argv[1:]]
from seqtool.cli import main
main()
"""


@pytest.fixture
def sample(project) -> bytes:
    """The table that the model was trained on: 1500 days up to 2024-02-08."""
    return next((project / "cache" / "samples").glob("*.csv")).read_bytes()


@pytest.fixture
def forecast(cli, project, monkeypatch):
    """Return `forecast("--horizon", "3", stdin=b"...")`: the rows on stdout, of a command that must succeed."""

    def run(*args, stdin: bytes | None = None) -> list[str]:
        if stdin is None:
            answer = cli("forecast", *args)
        else:
            Path("pipe").write_bytes(stdin)
            with Path("pipe").open() as stream, monkeypatch.context() as patch:
                patch.setattr("sys.stdin", stream)
                answer = cli("forecast", *args)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.splitlines()

    return run


@pytest.fixture
def wanted(forecast, sample) -> list[str]:
    """What every way in must give."""
    return forecast("--horizon", "3", stdin=sample)


def values(rows: list[str]) -> list[str]:
    return [row.split(",")[1] for row in rows[1:]]


def test_the_rows_go_on_where_the_table_ends(wanted, sample):
    assert [row.split(",")[0] for row in wanted] == ["time", "2024-02-09", "2024-02-10", "2024-02-11"]
    assert wanted[0] == "time,Close"
    last = float(sample.decode().splitlines()[-1].split(",")[1])
    assert all(0.8 * last < float(value) < 1.25 * last for value in values(wanted))


def test_file_source_and_training_data_give_the_rows_of_the_pipe(forecast, wanted, sample, monkeypatch):
    Path("mine.csv").write_bytes(sample)
    assert forecast("--horizon", "3", "--data", "mine.csv") == wanted
    assert forecast("bitcoin", "--horizon", "3") == wanted  # nothing is piped: the sample it was trained on
    mirror = Path("mirror/set")
    mirror.mkdir(parents=True)
    (mirror / "prices.csv").write_bytes(sample)
    file = SourceFile("set/prices.csv", hashlib.sha256(sample).hexdigest(), len(sample))
    source = Source("prices", "", "https://example.org", "CC0-1.0", (file,))
    monkeypatch.setattr(seqtool_bitcoin, "BITCOIN", replace(seqtool_bitcoin.BITCOIN, sources=(source,)))
    monkeypatch.setenv("SEQTOOL_MIRROR", "mirror")
    model = onnx.load(MODEL)
    del model.metadata_props[:]
    manifest = open_model(MODEL).manifest
    data = {**manifest.data, "sample": False, "source": "prices"}
    Path("named.onnx").write_bytes(to_bytes(model, replace(manifest, data=data)))
    assert forecast("-m", "named.onnx", "--horizon", "3") == wanted


def shapes(sample: bytes) -> dict[str, bytes]:
    """The same prices, as other people write them."""
    header, *rows = sample.decode().splitlines()
    back = "\n".join([header, *reversed(rows), ""])
    return {
        "CRLF": sample.replace(b"\n", b"\r\n"),
        "a byte-order mark": b"\xef\xbb\xbf" + sample,
        "semicolons": sample.replace(b",", b";"),
        "the newest first": back.encode(),
        "no last newline": sample.rstrip(b"\n"),
        "no header": "\n".join(rows).encode(),
        "another name": sample.replace(b"Close", b"price"),
        "more columns": "\n".join(
            [f"Open,{header},Volume", *(f"{number},{row},9" for number, row in enumerate(rows))]
        ).encode(),
    }


SHAPES = list(shapes(b"Date,Close\n"))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_prices_in_another_shape(forecast, wanted, sample, shape):
    table = shapes(sample)[shape]
    Path("shape.csv").write_bytes(table)
    for rows in (forecast("--horizon", "3", stdin=table), forecast("--horizon", "3", "--data", "shape.csv")):
        assert [row.split(",") for row in rows[1:]] == [row.split(",") for row in wanted[1:]]


def test_bare_numbers_are_steps(forecast, wanted, sample):
    numbers = b"\n".join(line.split(b",")[1] for line in sample.splitlines()[1:])
    rows = forecast("--horizon", "3", stdin=numbers)
    assert values(rows) == values(wanted)
    assert [row.split(",")[0] for row in rows[1:]] == ["1501", "1502", "1503"]


def test_an_hourly_table_is_refused_by_a_model_of_days(cli, project, sample):
    start = datetime.datetime(2024, 1, 1)
    prices = [row.split(",")[1] for row in sample.decode().splitlines()[1:101]]
    rows = [f"{start + datetime.timedelta(hours=n)},{price}" for n, price in enumerate(prices)]
    Path("hours.csv").write_text("\n".join(["Date,Close", *rows]))
    answer = cli("forecast", "--data", "hours.csv", "--horizon", "2")
    assert answer.returncode == 2
    assert "the table is hourly, the model was trained on a series that is daily" in answer.stderr


def test_json_rows_hold_the_same_numbers(forecast, wanted):
    objects = [json.loads(row) for row in forecast("bitcoin", "--horizon", "3", "--json")]
    assert [list(one) for one in objects] == [["time", "Close"]] * 3
    np.testing.assert_allclose([one["Close"] for one in objects], [float(v) for v in values(wanted)], rtol=1e-7)


def test_at_forgets_what_came_later_and_the_picture_shows_it(forecast, cli, sample):
    from matplotlib.image import imread

    cut = sample[: sample.index(b"2023-06-01")] + b"2023-06-01,20000\n"
    rows = forecast("bitcoin", "--at", "2023-05-31", "--plot", "cut.png")
    assert rows == forecast(stdin=sample[: sample.index(b"2023-06-01")])
    assert rows != forecast(stdin=cut)
    assert rows[1].startswith("2023-06-01,")
    assert len(rows) == 41  # as many steps as it was trained for
    pixels = imread("cut.png")
    assert min(pixels.shape[:2]) > 200
    assert len(np.unique(pixels.reshape(-1, pixels.shape[2]), axis=0)) > 10
    assert "picture: cut.png" in cli("forecast", "bitcoin", "--plot", "cut.png").stderr


def test_an_encoder_decoder_goes_on_beyond_its_training(forecast, cli, wanted):
    rows = forecast("bitcoin", "--horizon", "365")
    assert len(rows) == 366
    assert rows[:4] == wanted
    assert rows[-1].startswith("2025-02-07,")
    assert np.isfinite([float(value) for value in values(rows)]).all()
    assert cli("forecast", "bitcoin", "--horizon", "10001").returncode == 2


def test_the_ways_to_name_a_model(forecast, wanted, monkeypatch):
    shutil.copy(MODEL, "copy.onnx")
    three = ("--horizon", "3")
    for way in (("bitcoin",), ("-m", "runs/tiny"), ("-m", "copy.onnx"), ()):
        assert forecast(*way, *three) == wanted
    Path("runs/latest.json").unlink()
    monkeypatch.setenv("SEQTOOL_MODEL", "copy.onnx")
    assert forecast(*three) == wanted


def test_a_model_of_a_sample_says_so_each_time(cli, project):
    said = "warning: this model was trained on a simulated sample"
    assert said in cli("forecast", "bitcoin").stderr
    assert said not in cli("forecast", "bitcoin").stdout


def loaded(project, *args, stdin) -> tuple[list[str], set[str]]:
    """Return stdout's lines and the modules that the program had loaded at its end."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROBE, *args], stdin=stdin, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines(), set(done.stderr.split())


def test_a_forecast_from_a_pipe_loads_little_and_prints_the_table_alone(project, sample, wanted):
    Path("table").write_bytes(sample)
    with Path("table").open() as stream:
        out, modules = loaded(project, "forecast", "bitcoin", "--horizon", "3", stdin=stream)
    assert out == wanted
    heavy = {"pluggy", "polars", "http.client", "rich", "torch", "onnx", "spox", "matplotlib", "importlib.metadata"}
    assert not modules & heavy
    assert {"numpy", "onnxruntime"} <= modules


def test_the_help_loads_nothing(project):
    _, modules = loaded(project, "forecast", "--help", stdin=subprocess.DEVNULL)
    assert not modules & {"numpy", "onnxruntime", "pluggy", "rich", "polars", "seqtool.plugins"}


def test_dev_null_is_no_table(project, seqtool_cmd, wanted):
    done = subprocess.run(
        [sys.executable, "-P", "-m", "seqtool", "forecast", "--horizon", "3"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines() == wanted


@pytest.mark.skipif(os.name == "nt", reason="no shell of this kind")
def test_head_gets_its_line_and_nobody_complains(project, sample):
    Path("table").write_bytes(sample)
    program = f'"{sys.executable}" -P -m seqtool forecast --horizon 300'
    done = subprocess.run(f"{program} <table | head -1", shell=True, capture_output=True, text=True, check=True)
    assert done.stdout == "time,Close\n"
    assert done.stderr.splitlines() == [
        "warning: this model was trained on a simulated sample: its forecasts say nothing about real data"
    ]


def test_evaluate_shows_what_the_export_measured(cli, project):
    stored = json.loads(cli("evaluate", "--json").stdout)
    assert stored == json.loads(Path("runs/tiny/scores.json").read_text())["test"]
    shown = cli("evaluate", "bitcoin").stdout
    assert "test split of built-in sample (simulated)" in shown
    assert all(sentence in shown for sentence in stored["verdict"])


def test_evaluate_measures_again_on_other_data(cli, project, sample, forecast):
    header, *rows = sample.decode().splitlines()
    Path("part.csv").write_text("\n".join([header, *rows[-100:]]))
    scores = json.loads(cli("evaluate", "--data", "part.csv", "--json").stdout)
    assert (scores["origins"], scores["from"], scores["to"]) == (21, rows[-60][:10], rows[-1][:10])
    truth = np.array([float(row.split(",")[1]) for row in rows])
    errors = [  # by hand: forty steps from each origin, the last of them
        float(values(forecast(stdin="\n".join([header, *rows[: -40 - back]]).encode()))[-1]) - truth[-1 - back]
        for back in range(21)
    ]
    measured = scores["horizons"]["40"]
    assert measured["model"]["mae"] == pytest.approx(np.mean(np.abs(errors)), rel=1e-5)
    last = [truth[-41 - back] - truth[-1 - back] for back in range(21)]
    assert measured["last value"]["mae"] == pytest.approx(np.mean(np.abs(last)), rel=1e-9)


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        (("prices.csv",), "--data prices.csv"),
        (("-m", "named.onnx", "prices.csv"), "--data prices.csv"),
        (("named.onnx",), "-m named.onnx"),
        (("-m", "named.onnx", "sine"), "leave sine out"),
    ],
)
def test_a_file_in_the_place_of_the_task_is_never_passed_over(cli, project, sample, words, cure):
    shutil.copy(MODEL, "named.onnx")
    Path("prices.csv").write_bytes(sample)
    answer = cli("forecast", *words)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert f"cure: {cure}" in answer.stderr


def test_a_task_is_meant_where_a_file_has_its_name(forecast, wanted, sample):
    Path("bitcoin").write_text("notes\n")
    assert forecast("bitcoin", "--horizon", "3") == wanted
