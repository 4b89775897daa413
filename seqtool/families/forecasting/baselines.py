"""What a forecast has to beat: last value, seasonal last value, drift, and a linear autoregression."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqtool.errors import SeqtoolError
from seqtool.families.forecasting.autoregression import MOST_LAG, Autoregression, fit_autoregression
from seqtool.families.forecasting.data import Windows
from seqtool.families.forecasting.naive import Floats, Rule, drift, last_value, seasonal

CHUNK = 256


@dataclass(frozen=True)
class Baseline:
    """A rule from history [B,T,F] to forecast [B,N,F]; `reach`: the rows of history that it needs at least."""

    rule: Rule
    reach: int = 0

    def over(self, part: Windows) -> Floats:
        """Forecast every window of a part: [W,N,F], from a history that may be longer than the window."""
        length = max(part.window, self.reach)
        chunks = [np.arange(start, min(start + CHUNK, len(part))) for start in range(0, len(part), CHUNK)]
        return np.concatenate([self.rule(part.context(chosen, length), part.horizon) for chosen in chunks])


def fitted(train: Windows, validation: Windows, season: int) -> dict[str, Any]:
    """Fit what needs fitting, on train, chosen on validation; JSON, kept in the run."""
    both = np.concatenate([part.values[np.isfinite(part.values)] for part in (train, validation)])
    model = fit_autoregression(train, validation, season, logarithm=bool((both > 0).all()))
    return {**unfitted(train.values, season), "autoregression": model.to_json()}


def refitted(stored: Mapping[str, Any], both: Windows) -> dict[str, Any]:
    """Fit what `fitted` chose again, on training and validation; the unit of MASE stays."""
    model = Autoregression.from_json(stored["autoregression"])
    return {**stored, "autoregression": model.refitted(both.values).to_json()}


def unfitted(values: Floats, season: int) -> dict[str, Any]:
    """Return what `baselines` takes where nothing was fitted, for values [T,F]."""
    return {"season": season, "mase_scale": mean_step(values)}


def mean_step(values: Floats) -> list[float]:
    """Return the mean absolute step from each known value of [T,F] to the next: F numbers, the unit of MASE."""
    return [float(np.abs(np.diff(series[np.isfinite(series)])).mean()) for series in values.T]


def baselines(stored: Mapping[str, Any], features: int) -> dict[str, Baseline]:
    """Return the baselines of F series by name, in the order of a table, as far as there is a season and a fit.

    Raises `SeqtoolError` where `stored` is not what `fitted` gave for as many series.
    """
    with _damaged():
        season = int(stored["season"])
        if not 1 <= season <= MOST_LAG:
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
    return named


def mase_scale(stored: Mapping[str, Any], features: int) -> Floats:
    """Return the stored unit of MASE [F]; raises `SeqtoolError` where it is not one of as many series."""
    with _damaged():
        scale = np.array(stored["mase_scale"], dtype=np.float64)
        if scale.shape != (features,) or not (scale > 0).all():
            raise ValueError("the unit of MASE")
    return scale


@contextlib.contextmanager
def _damaged() -> Iterator[None]:
    """Turn what a file of another form raises into words."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise SeqtoolError(f"the stored baselines are damaged ({error})", cure="train and export again") from error
