"""`--scaling auto`: the scaling that the data allow, where neither a person nor a preset names one."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqtool.data.series import Series
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.pooled import is_pooled
from seqtool.reads import Finding
from seqtool.say import printable


def settled(config: ForecastingConfig, series: Series) -> dict[str, Any]:
    """Return the settings that a configuration leaves to the data: `several` and `scaling`, as far as it says auto."""
    pooled = is_pooled(config, series)
    settings: dict[str, Any] = {"several": "pooled" if pooled else "joint"} if config.several == "auto" else {}
    if config.scaling != "auto":
        return settings
    if config.stateful:  # it reads one step at a time
        return {**settings, "scaling": "standard"}
    if (series.values <= 0).any():
        return {**settings, "scaling": "window"}
    return {**settings, "scaling": "log-window" if pooled else "log-return"}


def scaling_findings(config: ForecastingConfig, series: Series) -> list[Finding]:
    """Return a note that names a value without a logarithm, where `auto` takes no log-returns for it."""
    if settled(config, series).get("scaling") != "window":
        return []
    rows, columns = np.nonzero(series.values <= 0)
    name, value = printable(series.columns[columns[0]]), series.values[rows[0], columns[0]]
    none = "logarithm" if is_pooled(config, series) else "log-return"
    text = f"'{name}' has {value:.6g} at {series.stamps()[rows[0]]}, which has no {none}: each window is scaled"
    return [Finding("note", "scaling", f"{text} by its own mean and deviation (--scaling window)")]
