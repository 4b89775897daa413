"""One model for many series: a window is of one series, whatever it is called, and is scaled by itself."""

from __future__ import annotations

import numpy as np

from seqtool.data.encoders.scaler import Scaler, returns
from seqtool.data.series import Series
from seqtool.errors import UsageError
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.windows import Windows
from seqtool.reads import Finding
from seqtool.say import counted, listing
from seqtool.types import Floats

SCALINGS = ("log-window", "window", "log-return")  # in whose units series of any level and size are alike
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


def check_pooled(config: ForecastingConfig) -> None:
    """Raise `UsageError` for what a pooled model cannot have."""
    if config.stateful:
        cure = "leave out --stateful, or --several joint"
        raise UsageError("a pooled model reads a window of any series: it carries no state", cure=cure)
    if config.scaling not in SCALINGS:
        what = f"--scaling {config.scaling} has one unit for all series, and a pooled model serves any"
        raise UsageError(what, cure=f"--scaling {', '.join(SCALINGS[:-1])} or {SCALINGS[-1]}; or --several joint")
    for name in ("calendar", "baselines"):
        if getattr(config, name):
            raise UsageError(f"a pooled model takes no --{name} yet", cure=f"leave --{name} out, or --several joint")
    for name in ("floor", "ceiling"):
        if len(getattr(config, name)) > 1:
            raise UsageError(f"--{name} gives several values, a pooled model has one for all", cure="give one value")


def pooled_scaler(config: ForecastingConfig, train: Windows, season: int) -> Scaler:
    """Fit the scaling of any one series: the unit of the smallest is the least that a window may move."""
    values = train.values
    if config.scaling == "log-return":
        changes = returns(values)
        return Scaler("log-return", (float(np.nanmean(changes)),), (float(np.nanstd(changes)),), season=season)
    assert config.scaling in ("window", "log-window")
    moved = deviations(np.log(values) if config.scaling == "log-window" else values)
    least = float(moved[moved > 0].min(initial=np.inf))
    return Scaler(config.scaling, (0.0,), (least if np.isfinite(least) else 1.0,), config.scale_factor, season)


def deviations(values: Floats) -> Floats:
    """Return the standard deviation of what is known of each series [T,F], 0 where nothing is: [F]."""
    known = np.isfinite(values)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, values, 0.0).sum(axis=0) / count
    return np.asarray(np.sqrt(np.where(known, (values - mean) ** 2, 0.0).sum(axis=0) / count))


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
