"""A report of scores from end to end, its JSON of any version, and the verdict's words."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import mean_squared_error

from seqtool.data.bootstrap import Difference
from seqtool.data.grid import Grid
from seqtool.data.series import Series
from seqtool.errors import ModelError, SeqtoolError
from seqtool.families.forecasting.baselines import Baseline, fitted, last_value, unfitted
from seqtool.families.forecasting.measures import interval_score
from seqtool.families.forecasting.report import Report
from seqtool.families.forecasting.scores import horizons, score_part, verdict
from seqtool.families.forecasting.windows import Forecasts, windows

NAN = np.nan


def score(*args, **named):
    """The JSON of a report."""
    return score_part(*args, **named).to_json()


def forecast_scores(stored):
    """The lines of stored scores."""
    return Report.from_json(json.loads(json.dumps(stored))).lines()


def over(forecast):
    """Score a function of histories as if it were a model."""
    return lambda part: Forecasts(predictions(forecast, part))


def predictions(forecast, part):
    """The forecasts of a rule that sees the model's window."""
    return Baseline(forecast).over(part)


@pytest.mark.parametrize(
    ("trained", "reported"),
    [(1, [1]), (5, [1, 5]), (7, [1, 7]), (30, [1, 7, 30]), (40, [1, 7, 40]), (90, [1, 7, 40, 90])],
)
def test_the_horizons_of_a_report(trained, reported):
    assert horizons(trained) == reported


def walk(rows=500, features=1, seed=0):
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.02, (rows, features)), axis=0))


def parts(values, window=20, horizon=8, dated=True, names=("a", "b", "c")):
    times = np.datetime64("2024-01-01", "s") + np.arange(len(values)) * np.timedelta64(1, "D") if dated else None
    series = Series(tuple(names[: values.shape[1]]), values, times, Grid(seconds=86400) if dated else None, ())
    cut = len(values) // 2
    return [windows(series, part, window, horizon, "test") for part in (slice(0, cut), slice(cut, None))]


def copied(history, horizon):
    """A model that is the last value itself."""
    return np.repeat(history[:, -1:], horizon, axis=1)


def against_last(report):
    return next(sentence for sentence in report["verdict"] if "beat the last value" in sentence)


def test_a_report_from_end_to_end():
    train, test = parts(walk(1200, 2))
    stored = fitted(train, test, 7)
    report = score(over(copied), test, stored, split="test", data="toy")
    json.dumps(report, allow_nan=False)
    assert report["origins"] == len(test) == 600 - 28 + 1
    assert (report["from"], report["to"]) == ("2025-09-12", "2027-04-14")  # rows 620 and 1199
    assert list(report["horizons"]) == ["1", "7", "8"]
    _, truth = test.batch(np.arange(len(test)))
    for horizon, rows in report["horizons"].items():
        assert list(rows) == ["model", "last value", "seasonal", "drift", "autoregression", "ridge"]
        assert rows["model"] == rows["last value"]
        step = int(horizon) - 1
        made = predictions(copied, test)[:, step]
        assert rows["model"]["rmse"] == pytest.approx(np.sqrt(mean_squared_error(truth[:, step], made)))
        best = min(row["rmse"] for name, row in rows.items() if name != "model")
        assert rows["seasonal"]["skill"] == pytest.approx(1 - rows["seasonal"]["rmse"] / best)
        assert max(row["skill"] for name, row in rows.items() if name != "model") == 0
    assert report["differences"]["last value"] == [0, 0, 0]
    assert against_last(report).startswith("The model does not beat the last value over 8 steps:")
    lines = forecast_scores(report)
    assert lines[0] == "test split of toy: 2025-09-12 to 2027-04-14, 573 origins"
    assert lines[-len(report["verdict"]) :] == report["verdict"]
    assert [line.split()[:2] for line in lines if line.startswith("horizon")] == [["horizon", h] for h in "178"]


def test_windows_are_forecast_in_chunks_as_they_are_at_once():
    _, test = parts(walk(1400))
    assert len(test) > 600  # more than two chunks
    np.testing.assert_array_equal(predictions(copied, test), copied(test.batch(np.arange(len(test)))[0], 8))


def test_unknown_truth_counts_neither_for_nor_against():
    values = walk(600)
    values[320::5] = NAN
    train, test = parts(values)
    report = score(over(last_value), test, fitted(train, train, 7), split="test", data="toy")
    history, truth = test.batch(np.arange(len(test)))
    known = np.isfinite(truth[:, 0, 0])
    assert 0 < known.sum() < len(known)
    error = np.sqrt(mean_squared_error(truth[known, 0], last_value(history, 1)[known, 0]))
    assert report["horizons"]["1"]["model"]["rmse"] == pytest.approx(error)
    assert report["differences"]["last value"] == [0, 0, 0]


def test_one_that_knows_the_future_beats_and_one_that_knows_nothing_is_worse():
    values = walk(1200)
    train, test = parts(values)
    stored = fitted(train, test, 7)
    _, truth = test.batch(np.arange(len(test)))
    told = iter(np.array_split(truth, range(256, len(truth), 256)))
    good = score(over(lambda history, horizon: next(told)), test, stored, split="test", data="toy")
    assert all(row["model"]["skill"] == 1 for row in good["horizons"].values())
    assert all(sentence.startswith("The model beats the ") for sentence in good["verdict"][:1])
    assert "differs by -100.0 %" in good["verdict"][0]
    bad = score(over(lambda history, horizon: 3 * copied(history, horizon)), test, stored, split="test", data="toy")
    assert "does not beat the last value and is worse over 8 steps" in against_last(bad)
    assert all(row["model"]["skill"] < -1 for row in bad["horizons"].values())


def test_too_few_origins_are_said_and_stored_as_unknown():
    values = walk(600)
    train, _ = parts(values)
    _, short = parts(values[540:], window=20, horizon=8)
    assert len(short) < 24  # fewer than three blocks
    report = score(over(lambda h, n: 2 * copied(h, n)), short, fitted(train, train, 7), split="test", data="toy")
    assert against_last(report) == (
        "The model does not beat the last value over 8 steps: there are too few origins to tell."
    )
    assert report["differences"]["last value"][1:] == [None, None]


BETTER, UNSURE, WORSE = Difference(-0.2, -0.3, -0.1), Difference(-0.2, -0.5, 0.1), Difference(0.2, 0.1, 0.3)
UNKNOWN = Difference(-0.2, -np.inf, np.inf)


@pytest.mark.parametrize(
    ("difference", "word", "numbers"),
    [
        (BETTER, "The model beats {}", "differs by -20.0 % (95 % interval -30.0 to -10.0 %)."),
        (UNSURE, "The model does not beat {}", "differs by -20.0 % (95 % interval -50.0 to +10.0 %)."),
        (WORSE, "The model does not beat {} and is worse", "differs by +20.0 % (95 % interval +10.0 to +30.0 %)."),
        (UNKNOWN, "The model does not beat {}", None),
    ],
)
@pytest.mark.parametrize(("horizon", "steps"), [(1, "one step ahead"), (40, "over 40 steps")])
def test_the_two_sentences_of_the_verdict(difference, word, numbers, horizon, steps):
    first, second = verdict({"last value": difference, "drift": BETTER}, "drift", horizon)
    said = numbers and f"its mean squared error {numbers}"
    assert first == f"{word.format('the last value')} {steps}: {said or 'there are too few origins to tell.'}"
    assert second.startswith(f"The model beats the best baseline (drift) {steps}: ")


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        (BETTER, "the model beats it."),
        (UNSURE, "the model does not beat it."),
        (WORSE, "the model does not beat it and is worse."),
    ],
)
def test_the_last_value_as_the_best_baseline_is_said_once(difference, said):
    *opening, _, last = verdict({"last value": difference}, "last value", 40)
    assert last == f"The best baseline is the last value itself: {said}"
    is_best = [
        "The best forecast over 40 steps is that of a baseline: last value "
        "(seqtool export RUN --baseline 'last value')."
    ]
    assert opening == (is_best if difference is WORSE else [])


def test_series_of_other_scales_count_alike_and_are_judged_one_by_one():
    """The model knows the future of a series in thousandths and doubles the error of one in millions."""
    values = np.concatenate([walk(1500, 1) / 1e3, 1e6 * walk(1500, 2)[:, 1:]], axis=1)
    train, test = parts(values)
    _, truth = test.batch(np.arange(len(test)))
    copies = copied(*[test.batch(np.arange(len(test)))[0], 8])
    answers = np.stack([truth[..., 0], truth[..., 1] + 2 * (copies[..., 1] - truth[..., 1])], axis=2)
    told = iter(np.array_split(answers, range(256, len(truth), 256)))
    report = score(over(lambda history, horizon: next(told)), test, fitted(train, test, 1), split="test", data="toy")
    assert report["verdict"][-1].startswith("Of 2 series, each by itself, it beats the ")
    assert report["verdict"][-1].endswith(" baseline in 1 and is worse in 1.")
    errors = [((answers - truth)[..., n] / scale) ** 2 for n, scale in enumerate(fitted(train, test, 1)["mase_scale"])]
    rival = [((copies - truth)[..., n] / scale) ** 2 for n, scale in enumerate(fitted(train, test, 1)["mase_scale"])]
    assert report["changes"]["last value"][0] == pytest.approx(np.mean(errors) / np.mean(rival) - 1)


def test_a_baseline_without_an_error_is_said_to_be_one():
    flat = np.concatenate([walk(300), np.full((300, 1), 7.0)])
    train, test = parts(flat)
    report = score(over(lambda h, n: copied(h, n) + 1), test, fitted(train, train, 1), split="test", data="toy")
    assert against_last(report) == "The model does not beat the last value over 8 steps: that makes no error at all."
    assert report["changes"]["last value"] == [None, None, None]


def test_a_season_longer_than_the_window_stands_in_the_table():
    values = np.tile(np.random.default_rng(0).normal(size=11), 8)[:, None]
    part = windows(Series(("a",), values, None, None, ()), slice(20, None), 10, 2, "whole")
    scores = score(over(last_value), part, unfitted(values, 11), split="test", data="wave")
    assert scores["path"]["seasonal"] == 0
    assert scores["best_baseline"] == "seasonal"
    assert scores["whole"]["model"]["skill"] is None  # against a perfect one there is no share
    json.dumps(scores, allow_nan=False)


def test_every_step_series_and_the_whole_path_are_scored():
    train, test = parts(walk(900, 3))
    report = score(over(copied), test, fitted(train, test, 7), split="test", data="toy")
    _, truth = test.batch(np.arange(len(test)))
    made = predictions(copied, test)
    for step, found in enumerate(report["by_step"]["model"]):
        assert found == pytest.approx(np.sqrt(mean_squared_error(truth[:, step], made[:, step])))
    assert report["by_step"]["drift"][6] == report["horizons"]["7"]["drift"]["rmse"]
    assert list(report["series"]) == ["a", "b", "c"]
    for number, rows in enumerate(report["series"].values()):
        one = np.sqrt(mean_squared_error(truth[:, :, number], made[:, :, number]))
        assert rows["model"]["rmse"] == pytest.approx(one)
        best = min(row["rmse"] for name, row in rows.items() if name != "model")
        assert rows["model"]["skill"] == pytest.approx(1 - one / best)
    whole = np.sqrt(np.mean((made - truth) ** 2))
    assert report["whole"]["model"]["rmse"] == report["path"]["model"] == pytest.approx(whole)
    lines = forecast_scores(report)
    shown = lines[lines.index(next(line for line in lines if line.startswith("series, whole path"))) :]
    assert [line.split()[0] for line in shown[:4]] == ["series,", "a", "b", "c"]


def test_eight_series_are_shown_and_the_others_counted():
    train, test = parts(walk(300, 10), names=[f"client {number}" for number in range(10)])
    lines = forecast_scores(score(over(copied), test, unfitted(train.values, 7), split="test", data="toy"))
    assert sum(line.startswith("client ") for line in lines) == 8
    assert "and 2 more series" in lines


def test_quantiles_give_their_loss_and_the_coverage_of_each_interval():
    """A walk whose steps are normal: the quantiles of its h-step change are known."""
    from statistics import NormalDist

    steps = np.random.default_rng(1).normal(0, 1, (4000, 1))
    train, test = parts(1000 + np.cumsum(steps, axis=0), dated=False)
    levels = (0.05, 0.1, 0.5, 0.9, 0.95)
    spread = np.sqrt(np.arange(1, 9))[:, None] * np.array([NormalDist().inv_cdf(level) for level in levels])

    def model(part):
        values = predictions(copied, part)
        return Forecasts(values, values[..., None] + spread[:, None, :])

    report = score(model, test, unfitted(train.values, 7), split="test", data="walk", levels=levels)
    json.dumps(report, allow_nan=False)
    assert list(report["coverage"]) == ["0.9", "0.8"]
    for nominal, found in report["coverage"].items():
        assert found["path"] == pytest.approx(float(nominal), abs=0.04)
        assert found["by_step"][0] == found["horizons"]["1"] == pytest.approx(float(nominal), abs=0.03)
    assert list(report["wql"]["horizons"]) == list(report["horizons"])
    assert report["wql"]["horizons"]["1"] < report["wql"]["path"] < report["wql"]["horizons"]["8"]
    lines = forecast_scores(report)
    share = 100 * report["coverage"]["0.8"]["path"]
    assert any(line.startswith(f"80 % interval: covers {share:.1f} % of the truth (horizon 1 ") for line in lines)
    header, row, rival = lines[2:5]
    assert header.split("  ")[-3:] == ["WQL", "MSIS 90 %", "MSIS 80 %"]
    shown = [report["wql"], report["msis"]["0.9"], report["msis"]["0.8"]]
    assert row.split()[-3:] == [f"{loss['horizons']['1']:.4g}" for loss in shown]
    assert rival.split()[-3:] == ["-", "-", "-"]


def test_the_interval_score_is_the_sum_of_two_pinball_losses():
    """The score of an interval is 2 / alpha times the pinball losses of its ends (Gneiting and Raftery 2007, 4.4)."""
    rng = np.random.default_rng(6)
    truth = rng.normal(size=(40, 5, 2))
    low, high = np.sort(rng.normal(size=(2, 40, 5, 2)), axis=0)
    truth[3], low[7, 2] = NAN, NAN
    scale = np.array([0.5, 20.0])

    def pinball(end, level):
        return np.where(truth >= end, level * (truth - end), (1 - level) * (end - truth))

    by_hand = (pinball(low, 0.025) + pinball(high, 0.975)) * 2 / 0.05 / scale
    assert interval_score(low, high, truth, 0.95, scale) == pytest.approx(np.nanmean(by_hand))
    one = np.array([[[1.0]]])  # from 3 to 5, truth 1: 2 and 2 / 0.2 times 2, in units of 4
    assert interval_score(3 * one, 5 * one, one, 0.8, np.array([4.0])) == pytest.approx(5.5)
    assert interval_score(low * NAN, high, truth, 0.8, scale) is None


def test_quantiles_of_unknown_levels_are_refused():
    train, test = parts(walk(300))
    made = predictions(copied, test)
    with pytest.raises(ModelError, match="the model gives 2 quantiles, its configuration names 3"):
        score(
            lambda part: Forecasts(made, np.stack([made, made], axis=-1)), test, unfitted(train.values, 7),
            split="test", data="toy", levels=(0.1, 0.5, 0.9),
        )  # fmt: skip


def test_a_model_that_gives_no_numbers_gets_no_scores():
    train, test = parts(walk(300))
    made = predictions(copied, test)
    made[[1, 5, 8], 2] = [[NAN], [np.inf], [NAN]]
    with pytest.raises(SeqtoolError, match="3 of 123 forecasts of the model are not finite"):
        score(lambda part: Forecasts(made), test, unfitted(train.values, 7), split="test", data="toy")


def test_a_step_whose_truth_is_never_known_is_unknown():
    """Trading days, and origins a week apart: the same step is always a Saturday."""
    values = walk(600)
    values[np.arange(600) % 7 >= 5] = NAN
    train, test = parts(values)
    test = replace(test, starts=test.starts[::7])
    report = score(over(last_value), test, unfitted(train.values, 7), split="test", data="toy")
    json.dumps(report, allow_nan=False)
    unknown = [step for step, found in enumerate(report["by_step"]["model"]) if found is None]
    assert unknown == [step for step in range(8) if (int(test.origins[0]) + step) % 7 >= 5]
    assert forecast_scores(report)


def test_origins_far_apart_are_no_fewer_blocks():
    """Neighbours whose paths do not overlap are blocks of one: 50 origins can tell what 50 blocks can."""
    train, test = parts(walk(1200))
    apart = replace(test, starts=test.starts[::16])
    bad = score(over(lambda h, n: 3 * copied(h, n)), apart, unfitted(train.values, 7), split="test", data="toy")
    assert 30 < len(apart) < 40
    assert "and is worse over 8 steps" in against_last(bad)


KEYS = [
    "split", "data", "from", "to", "origins", "horizons", "whole", "path", "series", "by_step", "wql", "coverage",
    "msis", "best_baseline", "differences", "verdict", "mase_season", "changes",
]  # fmt: skip


@pytest.fixture(scope="module")
def measured():
    """The JSON of a report of three series with quantiles."""
    train, test = parts(walk(600, 3))
    values = predictions(copied, test)
    spread = Forecasts(values, values[..., None] + np.array([-5.0, 0, 5]))
    named = {"split": "validation", "data": "toy", "levels": (0.1, 0.5, 0.9)}
    return json.loads(json.dumps(score_part(lambda part: spread, test, fitted(train, test, 7), **named).to_json()))


def test_a_report_comes_back_from_its_json(measured):
    assert measured.keys() == set(KEYS)
    report = Report.from_json(measured)
    assert report.to_json() == measured
    assert (report.first, report.last) == (measured["from"], measured["to"])
    walked = replace(report, stride=1, refit=True)
    assert walked.to_json() == {**measured, "stride": 1, "refit": True}
    assert Report.from_json(walked.to_json()) == walked
    assert report.rows()[1, "horizon 1 RMSE"] == f"{measured['horizons']['1']['model']['rmse']:.4g}"
    assert report.brief()[1].startswith("horizon 1: RMSE ")
    assert report.gist().startswith("whole path: RMSE ")


@pytest.mark.parametrize("key", [key for key in KEYS if key != "horizons"])
def test_scores_without_a_key_of_newer_versions_are_read(measured, key):
    older = {name: value for name, value in measured.items() if name != key}
    report = Report.from_json(older)
    assert {name: value for name, value in report.to_json().items() if name in older} == older
    assert report.lines()
    assert report.brief()
    assert report.rows()


def test_scores_with_keys_of_a_later_version_are_read(measured):
    row = {**measured["whole"]["model"], "crps": 1.5}
    newer = {**measured, "whole": {**measured["whole"], "model": row}, "calibration": {"slope": 2}, "first": 7}
    report = Report.from_json(newer)
    assert report == replace(Report.from_json(measured), whole=newer["whole"])
    assert {"sMAPE", "crps"} <= {word for line in report.lines() for word in line.split()}
    assert report.rows()[np.inf, "path crps"] == "1.5"


def test_the_first_models_had_no_measures_over_the_whole_path_but_the_error(measured):
    older = {key: measured[key] for key in ("split", "data", "from", "to", "origins", "horizons", "path", "verdict")}
    report = Report.from_json({**older, "best_baseline": "drift"})
    shown = report.rows()
    assert shown[np.inf, "path RMSE"] == f"{measured['path']['model']:.4g}"
    assert shown[np.inf, "its path RMSE"] == f"{measured['path']['drift']:.4g}"
    assert not {label for _, label in shown} & {"path MAE", "path skill"}
    assert any(line.startswith("whole path") for line in report.lines())


@pytest.mark.parametrize(
    "stored", [[1], [], None, {}, {"accuracy": 0.5}, {"horizons": 3}, {"horizons": {"1": {}}, "verdict": 1}]
)
def test_what_is_no_report_is_refused(stored):
    with pytest.raises(ModelError, match="another form"):
        Report.from_json(stored)


def test_every_baseline_is_in_the_picture(measured, tmp_path, monkeypatch):
    """Colours begin again after the last: a fifth baseline was left out."""
    from seqtool.families.forecasting import pictures

    drawn = []
    monkeypatch.setattr(pictures, "save", lambda figure, path: drawn.append(figure))
    steps = measured["by_step"]
    many = {**steps, **{f"rival {number}": steps["drift"] for number in range(5)}}
    pictures.steps_picture(Report.from_json({**measured, "by_step": many}), tmp_path / "steps.png")
    labels = [line.get_label() for line in drawn[0].axes[0].lines]
    assert labels == [*many]
