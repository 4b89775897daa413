"""A baseline of many series as a model file: what it answers, scores and covers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from seqtool.families.forecasting.pooled_scores import baselines
from tests.shops import seqtool_in, shop, table, write

NAMES = ("last value", "seasonal", "drift", "ridge")
WINDOW, HORIZON = 20, 6
SMALL = (
    "--preset", "global-direct", "--window", str(WINDOW), "--horizon", str(HORIZON), "--highway", "14", "--own", "2",
    "--hidden", "4", "--max-steps", "4", "--device", "cpu",
)  # fmt: skip


@pytest.fixture(scope="module", params=["positive", "any"])
def folder(tmp_path_factory, request):
    """A folder with a run on twelve shops, of values with logarithms or without, and a table of others."""
    folder, sign = tmp_path_factory.mktemp(request.param), -1 if request.param == "any" else 1
    write(folder / "shops.csv", {f"shop {n}": (sign * shop(n, 160), 0) for n in range(12)})
    others = {f"new {n}": sign * shop(40 + n, 60 if n else 9) for n in range(5)}
    write(folder / "others.csv", {name: (values, 0) for name, values in others.items()})
    words = ("train", "forecast", "--data", "shops.csv", "--id-column", "shop", *SMALL, "--out", "run")
    seqtool_in(folder, words, ("export", "run"))
    return folder, others


@pytest.mark.parametrize("name", NAMES)
def test_a_baseline_of_many_series_is_a_file_that_answers_as_the_report_forecasts(folder, cli, monkeypatch, name):
    folder, others = folder
    monkeypatch.chdir(folder)
    exported = cli("export", "run", "--baseline", name)
    assert exported.returncode == 0, exported.stderr
    file = exported.stdout.strip()
    network, own = (json.loads(cli("evaluate", model, "--json").stdout) for model in ("run/model.onnx", file))
    for measure in ("rmse", "mase", "smape"):
        assert own["whole"]["model"][measure] == pytest.approx(network["whole"][name][measure], rel=1e-6)
    rule = baselines(json.loads(Path("run/baselines.json").read_text()), HORIZON)[name]
    answer = cli("forecast", "-m", file, "--data", "others.csv", "--quantiles")
    assert answer.returncode == 0, answer.stderr
    rows = table(answer)
    for name, values in others.items():
        history = np.full((1, max(WINDOW, len(values)), 1), np.nan)
        history[0, -len(values) :, 0] = [float(f"{value:.6g}") for value in values]
        mine = [row for row in rows if row["shop"] == name]
        found = [float(row["sales"]) for row in mine]
        np.testing.assert_allclose(found, rule(history[:, -WINDOW:], HORIZON)[0, :, 0], rtol=1e-6)
        low, high = (np.array([float(row[f"sales q{q}"]) for row in mine]) for q in ("0.1", "0.9"))
        assert (low <= found).all()
        assert (found <= high).all()


def test_its_intervals_cover_what_they_say_and_do_not_depend_on_neighbours(folder, cli, monkeypatch):
    folder, _ = folder
    monkeypatch.chdir(folder)
    assert cli("export", "run", "--baseline", "ridge", "--out", "own.onnx").returncode == 0
    scores = json.loads(cli("evaluate", "own.onnx", "--json").stdout)
    assert 0.65 < scores["coverage"]["0.8"]["path"] < 0.95
    session = onnxruntime.InferenceSession("own.onnx")
    assert [value.name for value in session.get_inputs()] == ["history", "horizon"]  # no series has a part of its own
    sign = -1 if folder.name.startswith("any") else 1
    history = sign * np.stack([shop(n, WINDOW) for n in range(200)])[..., None]
    together = session.run(None, {"history": history, "horizon": np.array(4)})
    for row in (0, 1, 77, 199):
        alone = session.run(None, {"history": history[row : row + 1], "horizon": np.array(4)})
        for one, all_of_them in zip(alone, together, strict=True):
            np.testing.assert_array_equal(one[0], all_of_them[row])


def test_it_follows_a_stream(folder, cli, monkeypatch, tmp_path):
    folder, _ = folder
    monkeypatch.chdir(folder)
    assert cli("export", "run", "--baseline", "last value", "--no-scores", "--out", "last.onnx").returncode == 0
    lines = ["shop,day,sales", "a,2024-01-01,-5", "b,2024-01-01,-7", "a,2024-01-02,-6", "b,2024-01-02,-8.5"]
    if not folder.name.startswith("any"):
        lines = [line.replace(",-", ",") for line in lines]
    (tmp_path / "lines").write_text("\n".join(lines) + "\n")
    with (tmp_path / "lines").open() as stream, monkeypatch.context() as patch:
        patch.setattr("sys.stdin", stream)
        answer = cli("forecast", "-m", "last.onnx", "--follow")
    assert answer.returncode == 0, answer.stderr
    wanted = ["", "", "", *(f"{line[0]},{line.rpartition(',')[2]}" for line in lines[3:])]
    assert answer.stdout.split("\n")[:-1] == wanted


def test_a_name_that_the_run_has_not_is_refused(folder, cli, monkeypatch):
    monkeypatch.chdir(folder[0])
    refused = cli("export", "run", "--baseline", "autoregression")
    assert refused.returncode == 2
    assert "the run has no baseline 'autoregression'" in refused.stderr
