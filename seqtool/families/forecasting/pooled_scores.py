"""Scores of a pooled model: each series by itself in its own unit, then the mean over the series."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from typing import cast

import numpy as np

from seqtool.data.bootstrap import Difference, relative
from seqtool.errors import DataError, damaged
from seqtool.families.forecasting import baselines as rivals
from seqtool.families.forecasting.measures import measures, rmse, skill
from seqtool.families.forecasting.own_ridge import best_pull, forecasts
from seqtool.families.forecasting.quantile_scores import coverages, interval_scores, losses
from seqtool.families.forecasting.report import Loss, Report
from seqtool.families.forecasting.window_ridge import WindowRidge, fit_window_ridge, refitted
from seqtool.families.forecasting.windows import Predictor, Windows
from seqtool.families.reporting import interval
from seqtool.report.report import MODEL, Row
from seqtool.types import Floats, Ids, Json

WORST = 10  # series that the report names
OWN = "autoregression"  # of each series by itself
ByName = Mapping[str, Floats]


def fitted(train: Windows, validation: Windows, season: int) -> Json:
    """Fit the linear rivals on the windows of all series; return JSON that the run keeps.

    Of the one that each series has by itself it holds the pull: `own_ridge` fits it again.
    """
    ridge = fit_window_ridge(train, validation)
    stored: Json = {"season": season, "pooled": True}
    if ridge is None:
        return stored
    return {**stored, "ridge": ridge.to_json(), "pull": best_pull(ridge, train.values, validation)}


def refitted_to(stored: Json, train: Windows) -> Json:
    """Fit the form that `fitted` chose to the training part of a refit."""
    if "ridge" not in stored:
        return stored
    return {**stored, "ridge": refitted(WindowRidge.from_json(stored["ridge"]), train).to_json()}


def baselines(stored: Json, horizon: int) -> dict[str, rivals.Baseline]:
    """Return the baselines of any one series by name; raises `SeqtoolError` for what `fitted` never gave."""
    named = rivals.baselines({name: value for name, value in stored.items() if name != "ridge"}, 1, horizon)
    with damaged(rivals.unusable()):
        if "ridge" in stored:
            ridge = WindowRidge.from_json(stored["ridge"])
            if horizon <= ridge.horizon:
                named["ridge"] = rivals.Baseline(ridge, ridge.reach)
    return rivals.bounded(named, stored, 1)


def _own_forecasts(stored: Json, values: Floats | None, part: Windows) -> dict[str, Floats]:
    """Return the forecasts [W,N,1] of each series' own autoregression, {} where none was chosen, or no values known."""
    if values is None or "pull" not in stored:
        return {}
    with damaged(rivals.unusable()):
        ridge, pull = WindowRidge.from_json(stored["ridge"]), float(stored["pull"])
        if not pull > 0:
            raise ValueError(f"a pull of {pull}")
    if part.horizon > ridge.horizon:
        return {}
    last = rivals.bounded({OWN: rivals.Baseline(rivals.last_value)}, stored, 1)[OWN]
    return {OWN: last.within(forecasts(ridge, pull, values, part))}


def units(values: Floats, season: int) -> tuple[int, Floats]:
    """Return m and the unit of MASE of each series [F] from its training part [T,F]; NaN where it never changes."""
    m = season if 1 < season < len(values) else 1
    changes = np.abs(values[m:] - values[:-m])
    known = np.isfinite(changes)
    total, count = np.where(known, changes, 0.0).sum(axis=0), known.sum(axis=0)
    return m, np.where((count > 0) & (total > 0), total / np.maximum(count, 1), np.nan)


def score_pooled(
    predict: Predictor, part: Windows, stored: Json, train: Floats, *, split: str, data: str,
    levels: Sequence[float] = (), reported: Sequence[int] = (), own: Floats | None = None,
    seeing: ByName | None = None,
) -> Report:  # fmt: skip
    """Score a pooled model over the windows of a part, beside its baselines.

    train [T,F]: the values that give each series its unit of MASE. A series without a unit is not scored. own [T,F]:
    those to which an autoregression of each series is fitted, None without such a rival. seeing: the forecasts [W,N,1]
    of rivals that see the known columns.
    """
    m, unit = units(train, int(stored["season"]))
    assert part.members is not None
    scored = np.flatnonzero(np.isfinite(unit[part.members]))
    part = part.some(scored)
    if not len(part):
        what = "no series ever changes from a step, or a season, to the next: errors have no unit"
        raise DataError(what, cure="give series that change")
    members = cast(Ids, part.members)
    scale = unit[members]
    truth = part.truth()
    answer = predict(part)
    named = baselines(stored, part.horizon)
    by_name = {MODEL: answer.values, **{name: baseline.over(part) for name, baseline in named.items()}}
    by_name |= _own_forecasts(stored, own, part)
    by_name |= {name: values[scored] for name, values in (seeing or {}).items()}
    whole = _table(by_name, truth, scale, members)
    best = _best(whole)
    sizes = {name: np.abs(values - truth) / scale[:, None, None] for name, values in by_name.items()}
    lost = {name: by_series(values, members) for name, values in sizes.items()}
    stamps, quantiles = part.series.stamps(), answer.quantiles
    return Report(
        split=split,
        data=data,
        first=stamps[int(part.origins.min())],
        last=stamps[int(part.origins.max()) + part.horizon - 1],
        origins=len(part),
        horizons={str(h): _table(_at(by_name, h), truth[:, h - 1 : h], scale, members) for h in reported},
        whole=whole,
        path={name: row["rmse"] for name, row in whole.items()},
        series=_worst(by_name, truth, scale, members, lost, best, part.series.columns),
        by_step={name: [*map(rmse, v.swapaxes(0, 1), truth.swapaxes(0, 1))] for name, v in by_name.items()},
        wql=None if quantiles is None else losses(quantiles, truth, levels, reported),
        coverage=None if quantiles is None else coverages(quantiles, truth, levels, reported),
        msis=None if quantiles is None else _interval_scores(quantiles, truth, levels, reported, scale),
        best_baseline=best,
        differences={},
        changes={name: interval(_change(lost[MODEL], lost[name])) for name in {best, "seasonal"} & {*lost}},
        verdict=_verdict(lost, best, part.horizon, named),
        mase_season=m,
        scored=len(np.unique(members)),
    )


def _interval_scores(
    quantiles: Floats, truth: Floats, levels: Sequence[float], reported: Sequence[int], scale: Floats
) -> dict[str, Loss]:
    """Return the scaled interval scores of windows [W], each in a unit of its own: they take the place of series."""
    return interval_scores(quantiles.swapaxes(0, 2), truth.swapaxes(0, 2), levels, reported, scale)


def _at(forecasts: ByName, horizon: int) -> dict[str, Floats]:
    return {name: values[:, horizon - 1 : horizon] for name, values in forecasts.items()}


def _table(forecasts: ByName, truth: Floats, scale: Floats, members: Ids) -> dict[str, Row]:
    """Return RMSE and MAE in raw units, MASE and sMAPE as means over the series, skill by MASE."""
    rows = {name: pooled_measures(values, truth, scale, members) for name, values in forecasts.items()}
    best = rows[_best(rows)]["mase"]
    return {name: {**row, "skill": skill(row["mase"], best)} for name, row in rows.items()}


def pooled_measures(values: Floats, truth: Floats, scale: Floats, members: Ids) -> dict[str, float | None]:
    """Return the measures of forecasts [W,N,1] of the series `members` [W], in their units of MASE `scale` [W]."""
    size = np.abs(values - truth)
    total = np.abs(values) + np.abs(truth)
    symmetric = np.where(total > 0, 200 * size / np.where(total > 0, total, 1), 0 * size)
    raw = measures(values, truth, np.ones(1))
    means = {"mase": by_series(size / scale[:, None, None], members), "smape": by_series(symmetric, members)}
    return {**raw, **{key: float(np.nanmean(each)) for key, each in means.items()}}


def _best(rows: Mapping[str, Row]) -> str:
    """Return the baseline of the smallest MASE."""
    return min((name for name in rows if name != MODEL), key=lambda name: rows[name]["mase"] or np.inf)


def by_series(values: Floats, members: Ids) -> Floats:
    """Return the mean of what is known in values [W,N,1] for each series that has windows [S]."""
    known = np.isfinite(values)
    sums = np.where(known, values, 0.0).sum(axis=(1, 2))
    _, place = np.unique(members, return_inverse=True)
    total, count = np.bincount(place, sums), np.bincount(place, known.sum(axis=(1, 2)))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _worst(
    forecasts: ByName, truth: Floats, scale: Floats, members: Ids, lost: ByName, best: str, names: Sequence[str]
) -> dict[str, dict[str, Row]]:  # fmt: skip
    """Return the rows of the series in which the model is furthest behind the best baseline, the worst first."""
    present = np.unique(members)
    behind = lost[MODEL] - lost[best]
    rows: dict[str, dict[str, Row]] = {}
    for place in np.argsort(-np.nan_to_num(behind, nan=-np.inf), kind="stable")[:WORST]:
        own = members == present[place]
        table = _table({name: values[own] for name, values in forecasts.items()}, truth[own], scale[own], members[own])
        rows[names[present[place]]] = {
            name: {key: row[key] for key in ("rmse", "mase", "skill")} for name, row in table.items()
        }
    return rows


def _change(model: Floats, rival: Floats) -> Difference:
    """Return the change of the mean loss over series as a share; the series are drawn (a cluster bootstrap)."""
    known = np.isfinite(model) & np.isfinite(rival)
    order = np.random.default_rng(0).permutation(np.flatnonzero(known))  # no neighbours: each series stands alone
    return relative(model[order], rival[order], block=1)


def _verdict(lost: ByName, best: str, horizon: int, files: Collection[str]) -> list[str]:
    """Return sentences on the mean over series and on the share of series, against the season and the best baseline.

    files: the baselines that a model file can hold.
    """
    steps = f"over {horizon} steps" if horizon > 1 else "one step ahead"
    ahead = _change(lost[MODEL], lost[best])
    owned = f"seqtool export RUN --baseline {shlex.quote(best)}" if best in files else "no model file holds it"
    told = f"The best forecast {steps} is that of a baseline: {best} ({owned})."
    sentences = [told] if np.isfinite(ahead.low) and ahead.mean > 0 else []
    for name in dict.fromkeys(["seasonal" if "seasonal" in lost else "last value", best]):
        known = np.isfinite(lost[MODEL]) & np.isfinite(lost[name])
        change = _change(lost[MODEL], lost[name])
        called = f"the best baseline ({name})" if name == best else f"the {name} baseline"
        worse = " and is worse" if change.worse else ""
        claim = f"The model {'beats' if change.better else 'does not beat'} {called}{worse} {steps}"
        if not np.isfinite(change.low):
            sentences.append(f"{claim}: there are too few series to tell.")
            continue
        share, low, high = (100 * value for value in (change.mean, change.low, change.high))
        sentences.append(
            f"{claim}: its mean absolute scaled error differs by {share:+.1f} % (95 % interval {low:+.1f} to "
            f"{high:+.1f} %, {int(known.sum()):,} series)."
        )
        better = float((lost[MODEL] < lost[name])[known].mean())
        sentences.append(f"It has the smaller error in {100 * better:.0f} % of the series.")
    return sentences
