"""One model for many series: a window is of one series, whatever it is called, and is scaled by itself."""

from __future__ import annotations

import numpy as np

from seqtool.data.encoders.scaler import POSITIVE, Kind, Scaler, returns
from seqtool.data.series import Series
from seqtool.errors import DataError, UsageError
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.windows import Windows, rolling_count
from seqtool.reads import Finding
from seqtool.say import counted, listing
from seqtool.types import Floats

SCALINGS = ("log-window", "window", "mean", "log-return")  # in whose units series of any level and size are alike
VALUE = "value"  # what is forecast, where the table does not name it


def is_pooled(config: ForecastingConfig, series: Series) -> bool:
    """Tell whether a configuration wants one model for each series of a table alone.

    auto: where ids or rows name series, unless a person named a single one: a model of it answers for it.
    """
    if config.several == "auto":
        return (series.panel or bool(config.id_column)) and not _is_named_alone(config, series)
    return config.several == "pooled"


def _is_named_alone(config: ForecastingConfig, series: Series) -> bool:
    named = {name.casefold() for name in config.columns}  # the column of values may be among them
    return len(series.columns) == 1 and series.columns[0].casefold() in named


def check_own(config: ForecastingConfig) -> None:
    """Raise `UsageError` for parts of their own where no series is known, or nothing stands beside them."""
    if config.own and not (config.several == "pooled" and config.network == "direct" and config.highway):
        what = f"--own {config.own} lies beside the highway of a pooled direct network"
        raise UsageError(what, cure="--several pooled --network direct --highway N, or --own 0")


def check_beside(config: ForecastingConfig) -> None:
    """Raise `UsageError` for columns beside the values that tell nothing."""
    if config.static and config.several != "pooled":
        what = "--static tells one series from another, and a joint vector always holds the same ones"
        raise UsageError(what, cure="leave --static out, or --several pooled")


def check_pooled(config: ForecastingConfig) -> None:
    """Raise `UsageError` for what a pooled model cannot have."""
    if config.stateful:
        cure = "leave out --stateful, or --several joint"
        raise UsageError("a pooled model reads a window of any series: it carries no state", cure=cure)
    if config.scaling not in SCALINGS:
        what = f"--scaling {config.scaling} has one unit for all series, and a pooled model serves any"
        raise UsageError(what, cure=f"--scaling {', '.join(SCALINGS[:-1])} or {SCALINGS[-1]}; or --several joint")
    if config.baselines:
        raise UsageError("a pooled model takes no --baselines yet", cure="leave --baselines out, or --several joint")
    for name in ("floor", "ceiling"):
        if len(getattr(config, name)) > 1:
            raise UsageError(f"--{name} gives several values, a pooled model has one for all", cure="give one value")


def pooled_scaler(config: ForecastingConfig, train: Windows, season: int) -> Scaler:
    """Fit the scaling of any one series: the unit of the smallest is the least that a window may move."""
    values = train.values
    if config.scaling == "log-return":
        changes = returns(values)
        return Scaler("log-return", (float(np.nanmean(changes)),), (float(np.nanstd(changes)),), season=season)
    assert config.scaling in ("window", "log-window", "mean")
    moved = deviations(np.log(values) if config.scaling == "log-window" else values)
    least = float(moved[moved > 0].min(initial=np.inf))
    return Scaler(config.scaling, (0.0,), (least if np.isfinite(least) else 1.0,), config.scale_factor, season)


def deviations(values: Floats) -> Floats:
    """Return the standard deviation of what is known of each series [T,F], 0 where nothing is: [F]."""
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0.0).sum(axis=0) / count
    return np.asarray(np.sqrt(np.where(known, (values - mean) ** 2, 0.0).sum(axis=0) / count))


def window_units(values: Floats, window: int, factor: float, kind: Kind) -> Floats:
    """Return the unit that a window of each series [T,F] has on average, 0 where it has none: [F].

    A series that climbs moves less in a window than as a whole.
    """
    known = np.isfinite(values)
    apart = np.where(known, values - np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1), 0.0)
    count, total, square = (_rolling(part, window) for part in (known.astype(np.float64), apart, apart**2))
    some = count >= 2  # of one value no window has a deviation
    count = np.maximum(count, 1.0)
    deviation = np.sqrt(np.maximum(square / count - (total / count) ** 2, 0.0))
    if kind == "mean":
        deviation = _rolling(np.where(known, np.abs(values), 0.0), window) / count
    return np.asarray(factor * np.where(some, deviation, 0.0).sum(axis=0) / np.maximum(some.sum(axis=0), 1))


def _rolling(values: Floats, window: int) -> Floats:
    """Return the sums of [T,F] over each window, of the whole where it is shorter."""
    sums = np.concatenate([np.zeros((1, values.shape[1])), values.cumsum(axis=0)])
    window = min(window, len(values))
    return np.asarray(sums[window:] - sums[:-window])


def pooled_findings(train: Windows) -> list[Finding]:
    """Say of how many series the training has windows, and which are too short."""
    assert train.members is not None
    names = train.series.columns
    seen = np.unique(train.members)
    text = f"one model for each of {counted(len(names), 'series', 'series')} alone, any other one too"
    findings = [Finding("note", "pooled", text)]
    lacking = [name for number, name in enumerate(names) if number not in {*seen.tolist()}]
    if lacking:
        text = (
            f"{counted(len(lacking), 'series has', 'series have')} no window in the training part: {listing(lacking)}"
        )
        findings.append(Finding("warning", "short-series", text))
    return findings


def scorable(part: Windows, scaling: str) -> tuple[Windows, list[Finding]]:
    """Leave out windows that a model of a scaling cannot continue; say which series have such, or no window at all.

    A part whose windows are of all series stays as it is. Raises `DataError` where no window is left.
    """
    if part.members is None:
        return part, []
    names, findings = part.series.columns, list[Finding]()
    seen = set(part.members.tolist())
    if lacking := [name for number, name in enumerate(names) if number not in seen]:
        text = f"{counted(len(lacking), 'series has', 'series have')} no window, and no score: {listing(lacking)}"
        findings.append(Finding("warning", "short-series", text))
    if scaling not in POSITIVE:
        return part, findings
    below = rolling_count(part.values <= 0, part.window)[part.starts, part.members] > 0
    if below.all():
        what = "every window holds a value of zero or less, and the model takes logarithms"
        raise DataError(what, cure="give values above zero, or train with --scaling window")
    if below.any():
        text = (
            f"{counted(int(below.sum()), 'window')} with values of zero or less, which have no logarithm, not scored: "
        )
        text += listing([names[number] for number in np.unique(part.members[below])])
        findings.append(Finding("warning", "not-continued", text))
    return part.some(np.flatnonzero(~below)), findings
