"""What a forecast has to beat: last value, seasonal last value, drift, a linear autoregression and a direct ridge.

The rules map history [B,T,F] (NaN = missing) to a forecast [B,N,F] in raw units (Hyndman and Athanasopoulos,
Forecasting: Principles and Practice, 5.2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from seqtool.errors import SeqtoolError, damaged
from seqtool.families.forecasting.autoregression import MOST_LAG, Autoregression, fill_forward, fit_autoregression
from seqtool.families.forecasting.direct_ridge import DirectRidge, fit_direct_ridge
from seqtool.families.forecasting.windows import Windows
from seqtool.types import Floats, Json

Rule = Callable[[Floats, int], Floats]


def last_value(history: Floats, horizon: int) -> Floats:
    """Repeat the last known value."""
    return np.repeat(fill_forward(history)[:, -1:], horizon, axis=1)


def seasonal(season: int) -> Rule:
    """Repeat the last season; the last value where nothing is known from a season ago."""

    def forecast(history: Floats, horizon: int) -> Floats:
        lacking = max(0, season - history.shape[1])
        # A day without a value a season ago has that of the day before.
        filled = fill_forward(np.pad(history, ((0, 0), (lacking, 0), (0, 0)), constant_values=np.nan))
        last = np.where(np.isfinite(filled), filled, filled[:, -1:])[:, -season:]
        return np.asarray(last[:, np.arange(horizon) % season])

    return forecast


def drift(history: Floats, horizon: int) -> Floats:
    """Continue the line from the first to the last known value of the history, as if they were its two ends."""
    first = np.take_along_axis(history, np.isfinite(history).argmax(axis=1)[:, None, :], axis=1)
    last = fill_forward(history)[:, -1:]
    slope = (last - first) / max(1, history.shape[1] - 1)
    return np.asarray(last + slope * np.arange(1, horizon + 1)[None, :, None])


@dataclass(frozen=True)
class Baseline:
    """A rule from history [B,T,F] to forecast [B,N,F]; `reach`: the rows of history that it needs at least.

    floor, ceiling: the bounds of the model, which hold for its rivals too: one value, or one for each series; () none.
    """

    rule: Rule
    reach: int = 0
    floor: tuple[float, ...] = ()
    ceiling: tuple[float, ...] = ()

    def __call__(self, history: Floats, horizon: int) -> Floats:
        """Forecast within the bounds: [B,N,F]."""
        return self.within(self.rule(history, horizon))

    def within(self, values: Floats) -> Floats:
        """Cut values [...,F] at the bounds."""
        return np.clip(values, self.floor or -np.inf, self.ceiling or np.inf)

    def over(self, part: Windows) -> Floats:
        """Forecast every window of a part: [W,N,F], from a history that may be longer than the window."""
        # A rival cut to the model's window would flatter the model. Only what lies before the origin is seen.
        length = max(part.window, self.reach)
        return np.concatenate([self(part.context(chosen, length), part.horizon) for chosen in part.chunks()])


def fitted(train: Windows, validation: Windows, season: int, others: Sequence[int] = ()) -> Json:
    """Fit the linear rivals on train, their forms chosen on validation; return JSON that the run keeps.

    others: seasons beside the one of the model.
    """
    # Prices grow by shares: logarithms wherever every value has one.
    positive = all((part.values[np.isfinite(part.values)] > 0).all() for part in (train, validation))
    model = fit_autoregression(train, validation, season, logarithm=positive, others=others)
    stored = {**unfitted(train.values, season), "autoregression": model.to_json()}
    ridge = fit_direct_ridge(train, validation, season, logarithm=positive)
    return stored if ridge is None else {**stored, "ridge": ridge.to_json()}


def refitted(stored: Json, train: Windows) -> Json:
    """Fit the form that `fitted` chose to the training part of a refit; the unit of MASE stays."""
    model = Autoregression.from_json(stored["autoregression"])
    again = {**stored, "autoregression": model.refitted(train.values).to_json()}
    if "ridge" in stored:
        again["ridge"] = DirectRidge.from_json(stored["ridge"]).refitted(train.values).to_json()
    return again


def unfitted(values: Floats, season: int) -> Json:
    """Return what `baselines` takes where nothing was fitted, for values [T,F]."""
    lag, scale = naive_error(values, season)
    return {"season": season, "mase_season": lag, "mase_scale": scale}


def naive_error(values: Floats, season: int) -> tuple[int, list[float]]:
    """Return m and the mean absolute change of [T,F] over m steps, F numbers: the unit of MASE.

    m is the season (Hyndman and Koehler 2006, as the M4 competition took it); one step, from each known value to the
    next, where a series has no change over a season.
    """
    if 1 < season < len(values):
        changes = np.abs(values[season:] - values[:-season])
        known = np.isfinite(changes)
        if known.any(axis=0).all() and np.nansum(changes, axis=0).all():
            return season, np.nanmean(changes, axis=0).tolist()
    return 1, [float(np.abs(np.diff(series[np.isfinite(series)])).mean()) for series in values.T]


def baselines(stored: Json, features: int, horizon: int) -> dict[str, Baseline]:
    """Return the baselines of F series over a horizon by name, in the order of a table; some need a season or a fit.

    Raises `SeqtoolError` where `stored` is not what `fitted` gave for F series.
    """
    with damaged(unusable()):
        season = int(stored["season"])
        if not 1 <= season <= MOST_LAG:  # the file's season decides how much memory is taken
            raise ValueError(f"a season of {season}")
        named = {"last value": Baseline(last_value)}
        if season > 1:  # else it is the last value
            named["seasonal"] = Baseline(seasonal(season), season)
        named["drift"] = Baseline(drift)
        if "autoregression" in stored:
            model = Autoregression.from_json(stored["autoregression"])
            if len(model.intercept) != features:
                raise ValueError(f"an autoregression of {len(model.intercept)} series, not {features}")
            named["autoregression"] = Baseline(model, model.reach)
        if "ridge" in stored:
            ridge = DirectRidge.from_json(stored["ridge"])
            if len(ridge.mean) != features:
                raise ValueError(f"a ridge of {len(ridge.mean)} series, not {features}")
            if horizon <= ridge.horizon:  # it has no step beyond those that it was fitted to
                named["ridge"] = Baseline(ridge, ridge.reach)
    return bounded(named, stored, features)


def bounded(named: Mapping[str, Baseline], stored: Json, features: int) -> dict[str, Baseline]:
    """Hold baselines of F series to the stored bounds of their model."""
    with damaged(unusable()):
        floor, ceiling = (_bound(stored.get(name, ()), features) for name in ("floor", "ceiling"))
    return {name: replace(baseline, floor=floor, ceiling=ceiling) for name, baseline in named.items()}


def _bound(stored: Sequence[float], features: int) -> tuple[float, ...]:
    if len(stored) not in (0, 1, features):
        raise ValueError(f"{len(stored)} bounds of {features} series")
    return tuple(map(float, stored))


def mase_season(stored: Json) -> int | None:
    """Return m of the stored unit of MASE, None in files of the first versions; raises `SeqtoolError` for no number."""
    with damaged(unusable()):
        season = stored.get("mase_season")
        return season if season is None else int(season)


def mase_scale(stored: Json, features: int) -> Floats:
    """Return the stored unit of MASE [F]; raises `SeqtoolError` where it is not one of F series."""
    with damaged(unusable()):
        scale = np.array(stored["mase_scale"], dtype=np.float64)
        if scale.shape != (features,) or not (scale > 0).all():
            raise ValueError("the unit of MASE")
    return scale


def unusable() -> SeqtoolError:
    """Return the error for stored baselines that cannot be read."""
    return SeqtoolError("the stored baselines are damaged", cure="train and export again")
