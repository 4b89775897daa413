"""A rolling origin over series of other ids: by hand, and by brute force over windows cut one by one."""

from __future__ import annotations

import json

import numpy as np
import onnxruntime
import pytest

from seqtool.errors import DataError
from seqtool.families.forecasting.pooled_scores import score_pooled
from seqtool.families.forecasting.report import Report
from seqtool.families.forecasting.windows import Forecasts, windows
from seqtool.report.report import MODEL
from tests.shops import seqtool_in, write
from tests.test_pooled import SMALL, panel, shop


def by_hand(errors):
    """Score series k = 1, 2, ... whose unit is k, whose season errs by k, and whose model errs by `errors` times k."""
    k = np.arange(1.0, len(errors) + 1)
    values = np.stack([0 * k, 0 * k, k, k, 0 * k, 0 * k, k, k, 2 * k])
    part = windows(panel(values), slice(6, None), 2, 1, "test", pooled=True)
    assert len(part) == len(errors)  # one window each: k, k and then 2 k, where a season ago was k
    forecast = (2 * k + np.array(errors) * k)[part.members]
    return score_pooled(
        lambda of: Forecasts(forecast[:, None, None]), part, {"season": 2}, values[:8], split="test", data="t",
        reported=(1,),
    )  # fmt: skip


def test_the_mean_the_share_and_the_worst_by_hand():
    report = by_hand([0.5, 0.5, 2.0, 0.5] * 3)
    assert report.whole["seasonal"]["mase"] == 1
    assert report.whole[MODEL]["mase"] == pytest.approx((3 * 0.5 + 2) / 4)
    assert report.changes["seasonal"][0] == pytest.approx(-0.125)
    assert list(report.series) == ["s2", "s6", "s10", "s0", "s1", "s3", "s4", "s5", "s7", "s8"]
    assert report.series["s6"][MODEL]["mase"] == 2
    assert report.series["s6"][MODEL]["rmse"] == 14  # s6 has k = 7
    assert report.verdict[0].startswith("The model does not beat the seasonal baseline one step ahead: its mean")
    assert "differs by -12.5 % (95 % interval" in report.verdict[0]
    assert report.verdict[0].endswith("%, 12 series).")
    assert report.verdict[1] == "It has the smaller error in 75 % of the series."
    lines = Report.from_json(json.loads(json.dumps(report.to_json()))).lines()
    named = [line.split()[0] for line in lines if line.startswith("s") and line[1].isdigit()]
    assert named == list(report.series)
    assert any(line.startswith("worst of 12 series") for line in lines)
    assert not any("more series" in line for line in lines)


def test_the_interval_is_that_of_drawing_whole_series():
    """Against a bootstrap of single series, by its own draws: a tenth of the width apart at most."""
    errors = np.random.default_rng(3).uniform(0, 1.5, 200)
    _, low, high = by_hand(errors).changes["seasonal"]
    draws = np.random.default_rng(4).choice(errors, (4000, 200)).mean(axis=1) - 1
    np.testing.assert_allclose([low, high], np.quantile(draws, [0.025, 0.975]), atol=0.1 * np.ptp([low, high]))


def test_series_that_never_change_have_no_unit_and_that_is_said():
    values = np.full((9, 3), 5.0)
    part = windows(panel(values), slice(6, None), 2, 1, "test", pooled=True)
    with pytest.raises(DataError, match="no series ever changes"):
        score_pooled(lambda of: Forecasts(np.ones((3, 1, 1))), part, {"season": 2}, values, split="test", data="t")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder with a model of ten shops, and a table of twelve others: one with a zero, one that is too short."""
    folder = tmp_path_factory.mktemp("shops")
    write(folder / "shops.csv", {f"shop {n}": (shop(n, 120), n) for n in range(10)})
    others = {f"new {n}": (shop(70 + n, 60 + n), n) for n in range(12)}
    others["new 3"][0][30] = 0
    write(folder / "others.csv", {**others, "young": (shop(99, 8), 40)})
    ids = ("--data", "shops.csv", "--id-column", "shop")
    words = ("train", "forecast", *ids, *SMALL, "--scaling", "log-window", "--out", "run")
    seqtool_in(folder, words, ("export", "run"))
    return folder, others


@pytest.mark.parametrize("words", [("--backtest",), ("--backtest", "--stride", "5"), ()])
def test_other_ids_by_brute_force(project, cli, monkeypatch, words):
    folder, others = project
    monkeypatch.chdir(folder)
    answer = cli("evaluate", "run", "--data", "others.csv", *words, "--json")
    assert answer.returncode == 0, answer.stderr
    assert "warning: short-series: 1 series has no window, and no score: young" in answer.stderr
    assert "with values of zero or less, which have no logarithm, not scored: new 3" in answer.stderr
    found = json.loads(answer.stdout)
    stride = 5 if "--stride" in words else 1
    session = onnxruntime.InferenceSession(folder / "run" / "model.onnx")
    lost, origins = {}, 0
    for name, (values, first) in others.items():
        whole = np.concatenate(
            [np.full(first, np.nan), [float(f"{value:.6g}") for value in values], np.full(80, np.nan)]
        )[:82]
        unit = np.nanmean(np.abs(whole[7:] - whole[:-7]))
        sizes = {MODEL: [], "seasonal": []}
        for start in range(0, 82 - 26 + 1, stride):
            history, truth = np.split(whole[start : start + 26], [20])
            if np.isfinite(history).sum() < 10 or np.isnan(truth).all() or (history <= 0).any():
                continue
            origins += 1
            feeds = {"history": history[None, :, None], "horizon": np.array(6)}
            sizes[MODEL] += [np.abs(session.run(["forecast"], feeds)[0][0, :, 0] - truth) / unit]
            filled = history.copy()  # a day without a value has that of the day before
            for day in range(1, 20):
                filled[day] = filled[day - 1] if np.isnan(filled[day]) else filled[day]
            last = np.where(np.isnan(filled), filled[-1], filled)
            sizes["seasonal"] += [np.abs(last[13:19] - truth) / unit]
        lost[name] = {rival: np.nanmean(each) for rival, each in sizes.items()}
    assert found["origins"] == origins
    assert found["scored"] == 12
    for rival in (MODEL, "seasonal"):
        np.testing.assert_allclose(
            found["whole"][rival]["mase"], np.mean([one[rival] for one in lost.values()]), rtol=1e-6
        )
    assert len(found["series"]) == 10
    for name, rows in found["series"].items():
        np.testing.assert_allclose(rows[MODEL]["mase"], lost[name][MODEL], rtol=1e-6)
    behind = [rows[MODEL]["mase"] - rows[found["best_baseline"]]["mase"] for rows in found["series"].values()]
    assert behind == sorted(behind, reverse=True)
    share = np.mean([one[MODEL] < one["seasonal"] for one in lost.values()])
    assert f"It has the smaller error in {100 * share:.0f} % of the series." in found["verdict"]


def test_the_rolling_origin_of_its_own_test_part_has_the_rivals_of_the_export(project, cli, monkeypatch):
    folder, _ = project
    monkeypatch.chdir(folder)
    scores = json.loads(cli("evaluate", "run", "--json").stdout)
    again = json.loads(cli("evaluate", "run", "--backtest", "--json").stdout)
    assert again["whole"] == scores["whole"]
    assert list(scores["whole"]) == [MODEL, "last value", "seasonal", "drift", "ridge", "autoregression"]
