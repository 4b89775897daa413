"""A linear autoregression on levels or differences, which may look back as far as the model; chosen on validation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from seqtool.families.forecasting.windows import Windows
from seqtool.types import Floats, Json

LAGS = (0, 1, 2, 7, 14, 28)
MOST_LAGS = 1024  # of one candidate; they double from 28 up to the model's window
DENSE = 512  # a longer season does not have all its lags tried
WORK = 5e10  # multiplications of one regression at most: of a longer series the newest rows are taken
PENALTIES = (0.01, 1.0, 100.0, 10_000.0)
ORIGINS, EFFORT = 512, 200_000  # validation origins, and numbers that are forecast, at most for one candidate
ROWS = 1 << 15
MOST_LAG = 1_000_000  # of a stored model: its lags decide how much memory is taken


def fill_forward(history: Floats) -> Floats:
    """Replace each missing value of [B,T,F] by the value before it; leading ones stay missing."""
    steps = np.arange(history.shape[1])[None, :, None]
    before = np.maximum.accumulate(np.where(np.isfinite(history), steps, 0), axis=1)
    return np.take_along_axis(history, before, axis=1)


@dataclass(frozen=True)
class Autoregression:
    """Ridge regression of the next level or difference on earlier ones, run forward to any horizon.

    `difference`: the steps between the two values of a difference, 1 or a season, 0 for levels; of logarithms with
    `logarithm`. `weights` [F, lags], `intercept` [F]; without lags this is the mean difference. An unknown difference
    counts as zero, an unknown level as the last one. A history without a logarithm is continued by its last value.
    `penalty`: that of the regression.
    """

    logarithm: bool
    difference: int
    lags: tuple[int, ...]
    weights: tuple[tuple[float, ...], ...]
    intercept: tuple[float, ...]
    penalty: float = 0.0

    @property
    def reach(self) -> int:
        """The rows of history that it reads."""
        return max(self.lags, default=0) + self.difference

    def __call__(self, history: Floats, horizon: int) -> Floats:
        """Map history [B,T,F] (NaN = missing) to a forecast [B,N,F]."""
        filled = fill_forward(history)
        # A history with a zero in it has no logarithm.
        fits = ~(filled <= 0).any(axis=1, keepdims=True) | (not self.logarithm)
        levels = np.log(np.where(fits, filled, 1.0)) if self.logarithm else filled
        with np.errstate(over="ignore", invalid="ignore"):  # a horizon far beyond the trained one may explode
            path = self._path(levels, horizon)
            return np.where(fits, np.exp(path) if self.logarithm else path, filled[:, -1:])

    def _path(self, levels: Floats, horizon: int) -> Floats:
        """Continue levels [B,T,F] by [B,N,F]."""
        # A history that is too short has a forecast too: what lies before it is missing.
        lacking = max(0, self.reach - levels.shape[1])
        seen = np.pad(levels, ((0, 0), (lacking, 0), (0, 0)), constant_values=np.nan)[:, -self.reach :]
        seen = np.where(np.isnan(seen), levels[:, -1:], seen) if not self.difference else seen
        ahead = np.empty((horizon, len(levels), levels.shape[2]))
        if not self.difference:
            return self._run(np.concatenate([seen.swapaxes(0, 1), ahead]), horizon).swapaxes(0, 1)
        steps = np.nan_to_num(seen[:, self.difference :] - seen[:, : -self.difference])
        base = np.where(np.isnan(seen), levels[:, -1:], seen)[:, -self.difference :]
        past, path = (np.concatenate([start.swapaxes(0, 1), ahead]) for start in (steps, base))  # [T,B,F]
        changes = self._run(past, horizon)
        for step in range(horizon):
            path[self.difference + step] = path[step] + changes[step]
        return path[self.difference :].swapaxes(0, 1)

    def _run(self, past: Floats, horizon: int) -> Floats:
        """Fill the last N steps of `past` [T+N,B,F], each from those before; return them [N,B,F]."""
        weights, intercept, lags = np.array(self.weights), np.array(self.intercept), np.array(self.lags, np.int64)
        first = len(past) - horizon
        for step in range(first, len(past)):
            past[step] = np.einsum("lbf,fl->bf", past[step - lags], weights) + intercept
        return past[first:]

    def to_json(self) -> Json:
        """Return a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Json) -> Autoregression:
        """Rebuild what `to_json` gave; raises `KeyError`, `TypeError` or `ValueError` for anything else."""
        weights = np.array(value["weights"], dtype=np.float64)
        lags, intercept = tuple(map(int, value["lags"])), tuple(map(float, value["intercept"]))
        difference = int(value["difference"])
        if weights.shape != (len(intercept), len(lags)) or not all(
            1 <= n <= MOST_LAG for n in (difference or 1, *lags)
        ):
            raise ValueError("lags and weights of an autoregression do not fit")
        penalty = float(value["penalty"])
        return cls(bool(value["logarithm"]), difference, lags, tuple(map(tuple, weights.tolist())), intercept, penalty)

    def refitted(self, values: Floats) -> Autoregression:
        """Fit the same differences, lags and penalty to values [T,F]."""
        steps = _differences(values, self.difference, self.logarithm)
        return next(_ridges(steps, self.difference, self.lags, self.logarithm, (self.penalty,)))


def fit_autoregression(
    train: Windows, validation: Windows, season: int, *, logarithm: bool, others: Sequence[int] = ()
) -> Autoregression:
    """Fit every candidate on the training part; return the one with the least error on validation.

    The candidates differ in the difference (0, 1 or `season`), the lags (`lag_sets`) and the penalty. They are
    judged on evenly spread validation windows, each with as long a history as it needs. others: more seasons, whose
    lags are tried too.
    """
    most = int(np.clip(EFFORT // (validation.horizon * validation.values.shape[1]), 1, ORIGINS))
    chosen = np.unique(np.linspace(0, len(validation) - 1, most).round().astype(np.int64))
    history, future = validation.batch(chosen)
    # No period (prices grow) and no series may outweigh the rest.
    unit = fill_forward(history)[:, -1:] ** 2 if logarithm else np.nanvar(train.values, axis=0)

    def error(candidate: Autoregression) -> float:
        context = validation.context(chosen, max(validation.window, candidate.reach))
        with np.errstate(over="ignore", invalid="ignore"):  # a candidate that explodes is not chosen
            return float(np.nanmean((candidate(context, validation.horizon) - future) ** 2 / unit))

    return min(_candidates(train.values, season, others, validation.window, logarithm), key=error)


def lag_sets(season: int, window: int, others: Sequence[int] = ()) -> list[tuple[int, ...]]:
    """Return the lags that are tried: recent ones up to the window, with three around each season, or all of a season.

    A rival that may look back less than the model would flatter it.
    """
    around = [lag for one in (season, *others) if one > 1 for lag in range(one - 1, one + 2)]
    most = min(window, MOST_LAGS)
    longer = [count for count in (56, 112, 224, 448, 896) if count < most]
    counts = [*LAGS, *longer, *([most] if most > LAGS[-1] else [])]
    recent = [tuple(sorted({*range(1, count + 1), *(around if count else ())} - {0})) for count in counts]
    whole = [tuple(range(1, season + 2))] if 1 < season <= DENSE else []
    return list(dict.fromkeys(recent + whole))


def _candidates(
    values: Floats, season: int, others: Sequence[int], window: int, logarithm: bool
) -> Iterator[Autoregression]:
    """Yield every candidate; the first is the mean difference, which any data can give."""
    for difference in dict.fromkeys((1, season, 0)):
        steps = _differences(values, difference, logarithm)
        for lags in lag_sets(season, window, others):
            rows = len(steps) - max(lags, default=0)
            if (difference, lags) == (1, ()) or rows > 2 * len(lags) + 2:  # fewer rows would be fitted with their noise
                penalties = PENALTIES if lags else PENALTIES[:1]  # without lags there is nothing to shrink
                yield from _ridges(steps, difference, lags, logarithm, penalties)


def _differences(values: Floats, difference: int, logarithm: bool) -> Floats:
    filled = fill_forward(values[None])[0]  # as in a forecast: no row is lost where each week has gaps
    filled = filled[np.isfinite(filled).all(axis=1)]
    levels = np.log(filled) if logarithm else filled
    return np.asarray(levels[difference:] - levels[:-difference] if difference else levels)


def _ridges(
    steps: Floats, difference: int, lags: tuple[int, ...], logarithm: bool, penalties: Sequence[float]
) -> Iterator[Autoregression]:
    """Fit levels or differences [T,F] by ridge regression for each penalty, in units of each series' own variance."""
    reach = max(lags, default=0)
    steps = steps[-(reach + int(WORK / (1 + len(lags)) ** 2)) :]
    mean = steps.mean(axis=0)  # taken off first: a level far from zero would drown its own changes
    deviation = np.maximum(steps[reach:].std(axis=0), 1e-150)  # a series may not change at all
    products = [_products(series, lags) for series in ((steps - mean) / deviation).T]
    shrunk = np.diag([*np.ones(len(lags)), 0.0])  # the weights, not the intercept
    for penalty in penalties:
        solutions = np.stack([np.linalg.solve(gram + penalty * shrunk, cross) for gram, cross in products])
        weights = solutions[:, :-1]
        intercept = solutions[:, -1] * deviation + mean * (1 - weights.sum(axis=1))
        rows = tuple(map(tuple, weights.tolist()))
        yield Autoregression(logarithm, difference, lags, rows, tuple(intercept.tolist()), penalty)


def _products(series: Floats, lags: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Return X'X and X'y of the regression of a series [T] on its lags and a constant."""
    gram, cross = np.zeros((len(lags) + 1, len(lags) + 1)), np.zeros(len(lags) + 1)
    # A slice of rows at a time: X of a long series with many lags would not fit into memory.
    for start in range(max(lags, default=0), len(series), ROWS):
        rows = np.arange(start, min(start + ROWS, len(series)))
        x = np.ones((len(rows), len(lags) + 1))
        x[:, :-1] = series[rows[:, None] - np.array(lags, np.int64)]
        gram += x.T @ x
        cross += x.T @ series[rows]
    return gram, cross
