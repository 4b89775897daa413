"""Baselines of statistics, by the library statsforecast: exponential smoothing, Theta and ARIMA, chosen by themselves.

Each is fitted once, to the end of the training part, and then reads the history before each origin with the parameters
it has: what the other baselines and the model do too. Hyndman and Khandakar 2008 (AutoARIMA, AutoETS), Assimakopoulos
and Nikolopoulos 2000 (Theta). No graph exists of them, so no model file holds one.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, TypeAlias, get_args

import numpy as np

from seqtool.errors import MissingExtra, UsageError, did_you_mean
from seqtool.families.forecasting.autoregression import fill_forward
from seqtool.families.forecasting.baselines import Baseline, Rule
from seqtool.families.forecasting.config import Statistic
from seqtool.say import note, warn
from seqtool.types import Floats

Fitted: TypeAlias = Any  # statsforecast has no types

NAMES: tuple[Statistic, ...] = get_args(Statistic)
SHORT = 24  # steps of the longest season that all three have themselves; a longer one is taken off before
LEAST = 1000  # steps of history that are read, or ten seasons: ARIMA needs minutes for more


def named(text: str) -> tuple[Statistic, ...]:
    """Return the baselines of a list with commas; raises `UsageError` for another name."""
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    for name in wanted:
        if name not in NAMES:
            raise UsageError(f"--baselines: no baseline {name!r}", cure=did_you_mean(name, NAMES))
    return tuple(known for known in NAMES if known in wanted)


def require(names: Sequence[Statistic]) -> None:
    """Raise `MissingExtra` where baselines are asked for and statsforecast is not installed."""
    if names:
        _library(names[0])


def _library(name: Statistic) -> Any:
    try:
        from statsforecast import models
    except ImportError as error:
        cure = 'pip install "seqtool[stats]", or leave out --baselines'
        raise MissingExtra(f"the baseline {name} needs statsforecast", cure=cure) from error
    return models


def statistical(names: Sequence[Statistic], train: Floats, season: int) -> dict[str, Baseline]:
    """Fit baselines to each column of the training values [T,F] alone; one that cannot be fitted is left out and said.

    season in steps, 1 for none.
    """
    reach = max(LEAST, 10 * season)
    seen = fill_forward(train[None, -reach:])[0]
    if len(seen) < 2 * season:
        season = 1
    ready: dict[str, Baseline] = {}
    for name in names:
        note(f"fitting the baseline {name}: {len(seen):,} steps, {seen.shape[1]} series")
        try:
            models = [_fitted(name, values[np.isfinite(values)], season) for values in seen.T]
        except Exception as error:
            warn(f"baselines: {name} is left out: it cannot be fitted ({error})")
            continue
        ready[name] = Baseline(_rule(models), reach)
    return ready


def _fitted(name: Statistic, values: Floats, season: int) -> Fitted:
    with _quiet():
        return _unfitted(name, season).fit(values)


def _unfitted(name: Statistic, season: int) -> Fitted:
    models = _library(name)
    own = season if season <= SHORT else 1
    if name == "ets":
        model = models.AutoETS(season_length=own, model="ZZZ" if own > 1 else "ZZN")
    elif name == "theta":
        model = models.AutoTheta(season_length=own)
    else:
        model = models.AutoARIMA(season_length=own)
    # STL takes the season off and puts its last one back (Cleveland et al. 1990).
    return model if season == own else models.MSTL(season_length=season, trend_forecaster=model)


def _rule(models: Sequence[Fitted]) -> Rule:
    """Return the rule that continues column f of a history by models[f]."""

    def forecast(history: Floats, horizon: int) -> Floats:
        filled = fill_forward(history)
        with _quiet():
            paths = [[_path(model, row, horizon) for model, row in zip(models, rows.T, strict=True)] for rows in filled]
        return np.array(paths).transpose(0, 2, 1)

    return forecast


def _path(model: Fitted, values: Floats, horizon: int) -> Floats:
    return np.asarray(model.forward(values[np.isfinite(values)], h=horizon)["mean"], dtype=np.float64)


def _quiet() -> warnings.catch_warnings[None]:
    """Keep the library's advice on its own options to itself."""
    return warnings.catch_warnings(action="ignore")
