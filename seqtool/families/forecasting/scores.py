"""Scores of a forecaster: in raw units beside the baselines, with the verdict and pictures."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from seqtool.data.bootstrap import Difference, paired, relative
from seqtool.data.splits import Splits
from seqtool.errors import SeqtoolError
from seqtool.families.forecasting import baselines as rivals
from seqtool.families.forecasting import known_rivals, pooled_scores
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.data import shown_seasons
from seqtool.families.forecasting.encoders import ForecastingEncoders
from seqtool.families.forecasting.measures import measures, rmse, skill
from seqtool.families.forecasting.pictures import windows_picture
from seqtool.families.forecasting.pooled_pictures import ranked_picture
from seqtool.families.forecasting.pooled_scores import score_pooled
from seqtool.families.forecasting.quantile_scores import coverages, interval_scores, losses
from seqtool.families.forecasting.report import Report
from seqtool.families.forecasting.runner import Runner
from seqtool.families.forecasting.statistical import NAMES, statistical
from seqtool.families.forecasting.windows import Forecasts, Predictor, Windows
from seqtool.families.phases import Int8
from seqtool.families.reporting import interval
from seqtool.report.report import MODEL, Row
from seqtool.types import Floats, Json

INT8: Int8[Runner, Windows] | None = None

HORIZONS = (1, 7, 40)
LAST = "last value"
ByName = Mapping[str, Floats]  # the model and each baseline -> its forecasts of all windows [W,N,F], or a part of them


def baselines(config: ForecastingConfig, splits: Splits[Windows, ForecastingEncoders], stored: Json | None) -> Json:
    """Fit the baselines on the training part; with `stored` ones keep the lags and the penalty chosen before."""
    pooled, season = splits.train.members is not None, splits.encoders.season
    if stored is not None:
        again = pooled_scores.refitted_to(stored, splits.train) if pooled else rivals.refitted(stored, splits.train)
        return {**again, **known_rivals.refitted(stored, splits)}
    more = {**_bounds(config), **known_rivals.fitted(splits)}
    if pooled:
        return {**pooled_scores.fitted(splits.train, splits.validation, season), **more}
    grid = splits.encoders.grid
    others = [other for other in shown_seasons(splits.train.values, grid.seasons() if grid else ()) if other != season]
    return {**rivals.fitted(splits.train, splits.validation, season, others), **more}


def _bounds(config: ForecastingConfig) -> Json:
    """Return the floor and the ceiling of a model, which its baselines keep too."""
    bounds = {"floor": config.floor, "ceiling": config.ceiling}
    return {name: list(bound) for name, bound in bounds.items() if bound}


def score(
    predict: Predictor, splits: Splits[Windows, ForecastingEncoders], split: Literal["validation", "test"],
    stored: Json, config: ForecastingConfig, data: str,
) -> Report:  # fmt: skip
    """Score a forecaster over the windows of the validation or the test part."""
    part = splits.validation if split == "validation" else splits.test
    # a refit has seen both parts, and so do its rivals
    seen = splits.validation if config.refit and split == "test" else splits.train
    seeing = known_rivals.over(stored, part, splits.encoders, known_rivals.unit_of(splits.encoders, splits.train))
    if part.members is not None:
        return score_pooled(
            predict, part, stored, splits.train.values, split=split, data=data, levels=config.quantiles,
            reported=horizons(part.horizon), own=seen.values, seeing=seeing,
        )  # fmt: skip
    more = statistical(config.baselines, seen.values, splits.encoders.season)
    return score_part(predict, part, stored, split=split, data=data, levels=config.quantiles, more=more, seeing=seeing)


def score_again(
    predict: Predictor, part: Windows, encoders: ForecastingEncoders, stored: Json | None, config: ForecastingConfig,
    data: str,
) -> Report:  # fmt: skip
    """Score a file over all windows of a series, beside unfitted baselines; the unit of MASE is of that series."""
    if part.members is not None:
        plain = {"season": encoders.season, **_bounds(config)}
        return score_pooled(
            predict, part, plain, part.values, split="whole", data=data, levels=config.quantiles,
            reported=horizons(part.horizon),
        )  # fmt: skip
    plain = {**rivals.unfitted(part.values, encoders.season), **_bounds(config)}
    return score_part(predict, part, plain, split="whole", data=data, levels=config.quantiles)


def score_part(
    predict: Predictor, part: Windows, stored: Json, *, split: str, data: str, levels: Sequence[float] = (),
    more: Mapping[str, rivals.Baseline] | None = None, seeing: ByName | None = None,
) -> Report:  # fmt: skip
    """Score a model over the windows of a part, beside the stored baselines and `more` that no file keeps.

    levels [Q]: those of its quantiles. seeing: the forecasts [W,N,F] of rivals that see the known columns.
    """
    truth = part.truth()
    forecasts = predict(part)
    _refuse_not_finite(forecasts)  # before the baselines, which take longer
    count = truth.shape[2]
    named = {**rivals.baselines(stored, count, part.horizon), **rivals.bounded(more or {}, stored, count)}
    by_name = {MODEL: forecasts.values, **{name: baseline.over(part) for name, baseline in named.items()}}
    by_name |= seeing or {}
    scale = rivals.mase_scale(stored, truth.shape[2])
    whole = _table(by_name, truth, scale)
    best, reported = _best_baseline(whole), horizons(part.horizon)
    quantiles, steps = forecasts.quantiles, truth.swapaxes(0, 1)
    compared = compare(by_name, truth, best, part, scale)
    stamps = part.series.stamps()
    return Report(
        split=split,
        data=data,
        first=stamps[int(part.origins[0])],
        last=stamps[int(part.origins[-1]) + part.horizon - 1],
        origins=len(part),
        horizons={str(h): _table(_at(by_name, h), truth[:, h - 1], scale) for h in reported},
        whole=whole,
        path={name: row["rmse"] for name, row in whole.items()},
        series={name: _of_series(by_name, truth, scale, n) for n, name in enumerate(part.series.columns)},
        by_step={name: [*map(rmse, values.swapaxes(0, 1), steps)] for name, values in by_name.items()},
        wql=None if quantiles is None else losses(quantiles, truth, levels, reported),
        coverage=None if quantiles is None else coverages(quantiles, truth, levels, reported),
        msis=None if quantiles is None else interval_scores(quantiles, truth, levels, reported, scale),
        best_baseline=best,
        differences=compared.differences,
        changes=compared.changes,
        verdict=compared.verdict,
        mase_season=rivals.mase_season(stored),
    )


def pictures(
    predict: Predictor, splits: Splits[Windows, ForecastingEncoders], config: ForecastingConfig, folder: Path,
    title: str,
) -> list[Path]:  # fmt: skip
    """Draw windows of the validation part: past, true and forecast."""
    path, levels = folder / "windows.png", config.quantiles
    if splits.validation.members is not None:
        train, season = splits.train.values, splits.encoders.season
        return [ranked_picture(predict, splits.validation, train, season, path, title, levels)]
    return [windows_picture(predict, splits.validation, path, title, levels)]


def horizons(trained: int) -> list[int]:
    """Return the horizons to report: those of 1, 7 and 40 within the trained one, and the trained one."""
    return sorted({*(h for h in HORIZONS if h <= trained), trained})


def _refuse_not_finite(forecasts: Forecasts) -> None:
    bad = np.flatnonzero(~np.isfinite(forecasts.values).all(axis=(1, 2)))
    if bad.size:
        cure = "look for values that its scaling cannot take (zero or less for log-returns), or train again"
        raise SeqtoolError(f"{len(bad)} of {len(forecasts.values)} forecasts of the model are not finite", cure=cure)


def _at(forecasts: ByName, horizon: int) -> dict[str, Floats]:
    """Return the forecasts [W,F] of the step `horizon`."""
    return {name: values[:, horizon - 1] for name, values in forecasts.items()}


def _table(forecasts: ByName, truth: Floats, scale: Floats) -> dict[str, Row]:
    """Return the measures of forecasts [...,F], `skill` among them; scale [F]: the unit of MASE."""
    rows = {name: measures(values, truth, scale) for name, values in forecasts.items()}
    best = rows[_best_baseline(rows)]["rmse"]
    return {name: {**row, "skill": skill(row["rmse"], best)} for name, row in rows.items()}


def _best_baseline(rows: Mapping[str, Row]) -> str:
    """Return the baseline of the smallest RMSE."""

    def error(name: str) -> float:
        rmse = rows[name]["rmse"]
        return np.inf if rmse is None else rmse

    return min((name for name in rows if name != MODEL), key=error)


def _of_series(forecasts: ByName, truth: Floats, scale: Floats, number: int) -> dict[str, Row]:
    """Return RMSE, MASE and skill over one series alone."""
    column = slice(number, number + 1)  # a slice keeps the axis of series, as the measures want it
    alone = {name: values[..., column] for name, values in forecasts.items()}
    rows = _table(alone, truth[..., column], scale[column])
    return {name: {key: row[key] for key in ("rmse", "mase", "skill")} for name, row in rows.items()}


class Compared(NamedTuple):
    """How the squared error differs from that of some baselines: as a number, as a share, and in words."""

    differences: Mapping[str, Sequence[float | None]]
    changes: Mapping[str, Sequence[float | None]]
    verdict: list[str]


def compare(forecasts: ByName, truth: Floats, best: str, part: Windows, scale: Floats) -> Compared:
    """Compare the model with the last value and the best baseline.

    scale [F]: the units in which series of different scales are put together.
    """
    # Whole paths are compared, paired: the squared error of each origin, over all steps and series that are known.
    squares = {name: (forecasts[name] - truth) ** 2 for name in (MODEL, LAST, best)}
    raw = {name: np.nanmean(values, axis=(1, 2)) for name, values in squares.items()}
    scaled = {name: np.nanmean(values / scale**2, axis=(1, 2)) for name, values in squares.items()}
    apart = int(np.median(np.diff(part.starts))) if len(part) > 1 else 1  # steps from one origin to the next
    # Neighbouring origins share most of their paths, so blocks of twice the horizon in steps are drawn.
    block = max(1, -(-2 * part.horizon // apart))
    differences = {name: interval(paired(raw[MODEL], raw[name], block=block)) for name in (LAST, best)}
    changes = {name: _change(scaled[MODEL], scaled[name], block) for name in (LAST, best)}
    sentences = verdict(changes, best, part.horizon)
    if truth.shape[2] > 1:
        known = np.flatnonzero(np.isfinite(truth).any(axis=(0, 1))).tolist()
        pairs = [[_of_one(squares[name], number) for name in (MODEL, best)] for number in known]
        sentences.append(_one_by_one([_change(model, rival, block) for model, rival in pairs], best))
    shares = {name: [None] * 3 if change is None else interval(change) for name, change in changes.items()}
    return Compared(differences, shares, sentences)


def _of_one(squares: Floats, number: int) -> Floats:
    """Return the loss of each origin at which the truth of a series is known."""
    known = squares[..., number]
    return np.asarray(np.nanmean(known[np.isfinite(known).any(axis=1)], axis=1))


def _change(model: Floats, rival: Floats, block: int) -> Difference | None:
    """Return the difference of two losses [W] as a share of the rival's, None where that makes no error."""
    return relative(model, rival, block=block) if rival.any() else None


def verdict(changes: Mapping[str, Difference | None], best: str, horizon: int) -> list[str]:
    """Return sentences: that a baseline is best where one is, then against the last value and the best baseline."""
    steps = f"over {horizon} steps" if horizon > 1 else "one step ahead"
    change = changes[best]
    owned = (
        "no model file holds it"
        if best in NAMES or best.endswith(known_rivals.WITH)
        else f"seqtool export RUN --baseline {shlex.quote(best)}"
    )
    told = f"The best forecast {steps} is that of a baseline: {best} ({owned})."
    opening = [told] if change is None or change.mean > 0 else []
    first = _sentence(f"the {LAST}", changes[LAST], steps)
    if best == LAST:
        return [*opening, first, f"The best baseline is the {LAST} itself: {_word(change, 'it')}."]
    return [*opening, first, _sentence(f"the best baseline ({best})", change, steps)]


def _word(change: Difference | None, rival: str) -> str:
    if change is not None and change.better:
        return f"the model beats {rival}"
    worse = " and is worse" if change is not None and change.worse else ""
    return f"the model does not beat {rival}{worse}"


def _sentence(rival: str, change: Difference | None, steps: str) -> str:
    claim = f"{_word(change, rival)} {steps}".replace("the", "The", 1)
    if change is None:
        return f"{claim}: that makes no error at all."
    if not np.isfinite(change.low):
        return f"{claim}: there are too few origins to tell."
    share, low, high = (100 * value for value in (change.mean, change.low, change.high))
    return f"{claim}: its mean squared error differs by {share:+.1f} % (95 % interval {low:+.1f} to {high:+.1f} %)."


def _one_by_one(each: Sequence[Difference | None], best: str) -> str:
    """Return the sentence on series judged one by one against the best baseline of all."""
    better = sum(change is not None and change.better for change in each)
    worse = sum(change is not None and change.worse for change in each)
    return f"Of {len(each)} series, each by itself, it beats the {best} baseline in {better} and is worse in {worse}."
