"""`evaluate`: a rolling origin against a walk by hand, the picture by step, the exit code, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from seqtool.families.choose import checksum
from seqtool.families.evaluate import trained_on
from seqtool.families.load import runner_of
from seqtool.graph.model import to_bytes
from seqtool.plugins import load_task
from seqtool.reads import DataFile
from seqtool.runtime.model import open_model

MODEL = Path("runs/tiny/model.onnx")
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def prices():
    """The closing prices of the built-in sample."""
    rows = load_task("bitcoin").sample().decode().splitlines()[1:]
    return np.array([float(row.split(",")[1]) for row in rows])


@pytest.fixture
def evaluated(cli, project):
    """Return `evaluated("--backtest", ...)`: the scores of the tiny model as JSON."""

    def run(*args):
        answer = cli("evaluate", *args, "--json")
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    return run


def walked(prices, origins, horizon):
    """The model's errors [W,N] and whether its 80 % interval holds the truth, one call of the graph an origin."""
    runner = runner_of(open_model(MODEL, device="cpu"), "forecasting")
    histories = [prices[None, origin - runner.window : origin, None] for origin in origins]
    made = [runner.forecast_batch(history, horizon) for history in histories]
    truth = np.array([prices[origin : origin + horizon] for origin in origins])
    low, _, high = np.stack([one.quantiles[0, :, 0] for one in made]).transpose(2, 0, 1)  # [W,N] each
    return np.array([one.forecast[0, :, 0] for one in made]) - truth, (truth >= low) & (truth <= high)


def test_without_options_it_is_what_the_export_measured(evaluated):
    walk, stored = evaluated("--backtest"), evaluated()
    assert walk.pop("stride") == 1
    assert walk == stored


@pytest.mark.parametrize(("stride", "horizon"), [(1, 3), (17, 40), (10, 55)])
def test_the_rolling_origin_by_brute_force(evaluated, prices, stride, horizon):
    """The test part is the last fifth; its first window is history only. The horizon may exceed the trained one."""
    found = evaluated("--backtest", "--stride", str(stride), "--horizon", str(horizon))
    first = len(prices) - round(0.2 * len(prices)) + 40
    origins = np.arange(first, len(prices) - horizon + 1, stride)
    assert (found["origins"], found["stride"]) == (len(origins), stride)
    error, inside = walked(prices, origins, horizon)
    np.testing.assert_allclose(found["by_step"]["model"], np.sqrt(np.mean(error**2, axis=0)), rtol=1e-4)
    last = prices[origins - 1][:, None] - [prices[origin : origin + horizon] for origin in origins]
    np.testing.assert_allclose(found["by_step"]["last value"], np.sqrt(np.mean(last**2, axis=0)), rtol=1e-9)
    assert found["path"]["model"] == pytest.approx(np.sqrt(np.mean(error**2)), rel=1e-4)
    shares = found["coverage"]["0.8"]["by_step"]
    told = [step for step, share in enumerate(shares) if share is not None]
    assert len(told) >= min(horizon, 40)
    np.testing.assert_allclose(np.array(shares, float)[told], inside.mean(axis=0)[told], atol=1e-12)
    assert found["horizons"].keys() == {str(h) for h in (1, 7, 40, horizon) if h <= horizon}
    assert "autoregression" in found["path"]


def test_over_other_data_with_what_was_fitted_in_training(evaluated, prices):
    Path("part.csv").write_text("Close\n" + "\n".join(map(str, prices[:150])) + "\n")
    found = evaluated("--backtest", "--data", "part.csv", "--horizon", "5", "--stride", "2")
    assert (found["split"], found["data"], found["origins"]) == ("whole", "part.csv", 53)
    np.testing.assert_allclose(
        found["by_step"]["model"],
        np.sqrt(np.mean(walked(prices, np.arange(40, 146, 2), 5)[0] ** 2, axis=0)),
        rtol=1e-4,
    )
    assert "autoregression" in found["path"]
    assert "autoregression" not in evaluated("--data", "part.csv")["path"]


def test_a_file_without_scores_has_the_baselines_that_need_no_fitting(cli, evaluated):
    assert cli("export", "--no-scores").returncode == 0
    found = evaluated("--backtest", "--stride", "20")
    assert list(found["path"]) == ["model", "last value", "drift"]  # the sample shows no season


def test_the_picture_by_step(cli, project):
    answer = cli("evaluate", "--backtest", "--stride", "20", "--plot", "steps.png")
    assert answer.returncode == 0
    assert "origins, one every 20 steps" in answer.stdout.splitlines()[0]
    assert "picture: steps.png" in answer.stderr
    assert Path("steps.png").read_bytes().startswith(PNG)
    assert cli("evaluate", "--plot", "stored.png").returncode == 0
    assert Path("stored.png").read_bytes().startswith(PNG)


@pytest.mark.parametrize("again", [(), ("--backtest", "--stride", "20")])
def test_a_skill_too_low_ends_with_1(cli, evaluated, again):
    """An untrained model is worse than the best baseline; the scores are shown all the same."""
    skill = evaluated(*again)["whole"]["model"]["skill"]
    assert -1 < skill < 1
    assert cli("evaluate", *again, "--fail-under", f"{skill - 0.001:.6f}").returncode == 0
    answer = cli("evaluate", *again, "--fail-under", f"{skill + 0.001:.6f}")
    assert answer.returncode == 1
    assert f"the skill over the whole path is {skill:+.3f}, under" in answer.stderr
    assert "whole path" in answer.stdout


@pytest.mark.parametrize("label", ["", "test"])
def test_the_test_part_is_no_data_of_the_training(tmp_path, label):
    paths = [tmp_path / "train.tsv", tmp_path / "test.tsv"]
    for path in paths:
        path.write_text(path.name)
    labels = ["train", "test"] if label else ["", ""]
    pairs = zip(paths, labels, strict=True)
    stored = [{"name": path.name, "label": label, "sha256": checksum(path)} for path, label in pairs]
    files = [DataFile(path) for path in paths]
    assert trained_on(stored, files[1:], parts_by_name=True) == []
    (warning,) = trained_on(stored, files, parts_by_name=True)
    assert "trained on train.tsv," in warning.text
    # The columns of several files are joined: there the name says nothing.
    assert bool(trained_on(stored, files[1:], parts_by_name=False)) is not bool(label)


def test_the_whole_path_and_the_user_s_own_file_from_the_run(cli, project, prices):
    """A run knows where its file lies; the model file does not."""
    Path("own.csv").write_text("Close\n" + "\n".join(map(str, prices)) + "\n")
    small = ["--epochs", "1", "--hidden", "2", "--max-steps", "2"]
    assert cli("train", "bitcoin", "--data", "own.csv", *small, "--out", "own").returncode == 0
    assert cli("export", "own").returncode == 0
    assert cli("evaluate", "own", "--backtest", "--stride", "50").returncode == 0
    Path("alone.onnx").write_bytes(Path("own/model.onnx").read_bytes())
    again, part = cli("evaluate", "alone.onnx", "--data", "own.csv"), Path("part.csv")
    assert "warning: trained-on: the model was trained on own.csv, all of it or a part" in again.stderr
    part.write_text("Close\n" + "\n".join(map(str, prices[:200])) + "\n")
    assert "trained-on" not in cli("evaluate", "alone.onnx", "--data", part).stderr
    answer = cli("evaluate", "alone.onnx", "--backtest")
    assert answer.returncode == 3
    assert "not to be found" in answer.stderr
    assert "--data FILE" in answer.stderr
    with Path("own.csv").open("a") as file:
        file.write("12\n")
    answer = cli("evaluate", "own", "--backtest")
    assert answer.returncode == 2
    assert "the data has changed since the training" in answer.stderr
    assert "or give --data FILE" in answer.stderr
    Path("own.csv").unlink()
    answer = cli("evaluate", "own", "--backtest")
    assert answer.returncode == 3
    assert "or give --data FILE" in answer.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--stride", "2"], 2, ["--stride is for a rolling origin", "add --backtest"]),
        (["--horizon", "2", "--data", "part.csv"], 2, ["--horizon is for a rolling origin"]),
        (["--backtest", "--stride", "0"], 2, ["--stride"]),
        (["--backtest", "--horizon", "0"], 2, ["asks for nothing"]),
        (["--backtest", "--horizon", "300"], 2, ["no window of 40 + 300 steps fits into the test part"]),
        (["--backtest", "--horizon", "100000"], 2, ["steps at most, not 100000"]),
        (["--backtest", "--data", "gone.csv"], 3, ["gone.csv"]),
        (["--backtest", "--data", "two.csv"], 2, ["columns of numbers", "as that of the training"]),
        (["--backtest", "--data", "words.csv"], 2, ["words.csv"]),
    ],
)
def test_what_cannot_be_evaluated_is_said(cli, project, words, code, said):
    Path("two.csv").write_text("this,that\n" + "\n".join(f"{n},{n}.5" for n in range(1, 200)) + "\n")
    Path("words.csv").write_text("name\n" + "one\ntwo\n" * 50)
    before = sorted(Path().rglob("*"))
    answer = cli("evaluate", *words)
    assert answer.returncode == code, answer.stderr
    assert all(text in answer.stderr for text in said), answer.stderr
    assert "Traceback" not in answer.stderr
    assert sorted(Path().rglob("*")) == before


def test_a_direct_model_of_two_series(cli, evaluated, prices):
    """Each series has its row; a longer horizon, other columns and fewer of them are refused."""
    rows = [f"{one},{two}" for one, two in zip(prices, prices[::-1], strict=True)]
    Path("two.csv").write_text("\n".join(["east,west", *rows]) + "\n")
    Path("one.csv").write_text("\n".join(["east", *map(str, prices)]) + "\n")
    words = ["--columns", "east,west", "--network", "direct", "--window", "20", "--horizon", "5", "--hidden", "2"]
    assert cli("train", "bitcoin", "--data", "two.csv", *words, "--max-steps", "2", "--out", "two").returncode == 0
    assert cli("export", "two").returncode == 0
    found = evaluated("two", "--backtest", "--horizon", "4", "--stride", "3")
    assert list(found["series"]) == ["east", "west"]
    assert len(found["by_step"]["model"]) == 4
    refusals = {
        ("--horizon", "6"): "the model forecasts 5 steps at most, not 6: it forecasts all its steps at once",
        ("--data", "one.csv"): "the table has no columns west",
    }
    for more, said in refusals.items():
        answer = cli("evaluate", "two", "--backtest", *more)
        assert answer.returncode == 2
        assert said in answer.stderr


def test_a_file_that_holds_the_test_part_gives_its_scores(cli, evaluated):
    """The calendar of a file is read from its stamps, as that of the training data is."""
    small = ["--network", "autoregressive", "--calendar", "weekday", "--scaling", "standard", "--window", "20"]
    words = ["--sample", *small, "--horizon", "3", "--hidden", "3", "--max-steps", "3", "--out", "week"]
    assert cli("train", "bitcoin", *words).returncode == 0
    assert cli("export", "week").returncode == 0
    header, *rows = load_task("bitcoin").sample().decode().splitlines()
    Path("end.csv").write_text("\n".join([header, *rows[-round(0.2 * len(rows)) :]]) + "\n")
    test, file = evaluated("week", "--backtest"), evaluated("week", "--backtest", "--data", "end.csv")
    assert file["origins"] == test["origins"]
    assert file["by_step"]["model"] == pytest.approx(test["by_step"]["model"], rel=1e-6)
    assert file["by_step"]["last value"] == pytest.approx(test["by_step"]["last value"], rel=1e-12)


TINY = Path(__file__).parent / "models" / "tiny-forecast.onnx"


def test_older_scores_are_shown_as_far_as_they_go(cli, tmp_path, monkeypatch):
    """The file has two horizons and an RMSE, neither the whole path nor each step."""
    monkeypatch.chdir(tmp_path)
    answer = cli("evaluate", TINY)
    assert answer.returncode == 0
    tables = [line.split() for line in answer.stdout.splitlines() if line.startswith(("horizon", "model", "whole"))]
    assert [words[:2] for words in tables] == [["horizon", "1"], ["model", "564"], ["horizon", "4"], ["model", "2,805"]]
    for words in (["--plot", "steps.png"], ["--json", "--plot", "steps.png"]):
        answer = cli("evaluate", TINY, *words)
        assert answer.returncode == 2
        assert "the stored scores have no error of each step" in answer.stderr
    assert not list(tmp_path.iterdir())
    answer = cli("evaluate", TINY, "--json", "--fail-under", "0")
    assert answer.returncode == 1
    assert "is not known" in answer.stderr


@pytest.mark.parametrize("scores", [{"horizons": 7}, {"horizons": {"1": [3]}}, {"horizons": {}, "verdict": 4}])
def test_scores_of_another_form_are_said(cli, tmp_path, monkeypatch, scores):
    """A stranger's file: its scores are JSON of any kind."""
    monkeypatch.chdir(tmp_path)
    model = onnx.load(TINY)
    del model.metadata_props[:]
    manifest = replace(open_model(TINY, device="cpu").manifest, scores={"test": scores})
    Path("odd.onnx").write_bytes(to_bytes(model, manifest))
    for words in ([], ["--plot", "steps.png"], ["--json", "--plot", "steps.png"]):
        answer = cli("evaluate", "odd.onnx", *words)
        assert answer.returncode == 2
        assert "Traceback" not in answer.stderr
        assert "the stored scores have " in answer.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["odd.onnx"]


def test_two_sides_are_for_models_of_pairs(project, cli):
    answer = cli("evaluate", "--src", "a.de", "--tgt", "a.en")
    assert answer.returncode == 2
    assert "this is a forecasting model" in answer.stderr
