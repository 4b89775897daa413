"""Whether a window and its horizon fit into the three parts of a series, and which do where they do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from seqtool.data.splits import in_time_order
from seqtool.errors import DataError, UsageError
from seqtool.families.forecasting.config import ForecastingConfig

PARTS = ("training", "validation", "test")
MOST_ROWS = 100_000  # that are tried in vain before a cure says that shares or gap are too small


class Fit(NamedTuple):
    """A window, a horizon and a highway that fit."""

    window: int
    horizon: int
    highway: int

    def options(self) -> str:
        """Return them as options to type."""
        return f"--window {self.window} --horizon {self.horizon}" + f" --highway {self.highway}" * bool(self.highway)


def with_history(part: slice, config: ForecastingConfig) -> slice:
    """Return the rows of a part and of the history before it that its windows may reach back into."""
    # The gap left out is one window: the first window of a part is history only, and no two parts share a step.
    reach = 0 if config.gap < 0 else config.window - config.gap
    return slice(max(0, part.start - reach), part.stop)


def has_room(part: slice, config: ForecastingConfig) -> bool:
    """Tell whether a window and its horizon fit into a part."""
    rows = with_history(part, config)
    return bool(rows.stop - rows.start >= config.window + config.horizon)


def refuse_short(config: ForecastingConfig, parts: Sequence[slice], lost: int) -> None:
    """Raise `DataError` where a part has no room for a window; lost: steps of a window that the scaling takes.

    The cure names a window, a horizon and a highway that fit all parts, or how many rows there have to be.
    """
    for name, part in zip(PARTS, parts, strict=True):
        if not has_room(part, config):
            rows = with_history(part, config)
            what = f"no window of {config.window} + {config.horizon} steps fits into the {name} part of "
            raise DataError(f"{what}{rows.stop - rows.start}", cure=_cure(config, parts, lost))


def _cure(config: ForecastingConfig, parts: Sequence[slice], lost: int) -> str:
    reaching = replace(config, gap=0)
    gap = ""
    if config.gap and all(_steps(part, config.window, reaching) >= config.horizon for part in parts):
        gap = "--gap 0 (histories reach back into the part before), or "
    if fit := fitting(config, parts, lost):
        return f"{gap}{fit.options()}, or a longer series"
    if config.gap and (fit := fitting(reaching, parts, lost)):
        return f"{gap}{fit.options()} --gap 0, or a longer series"
    rows = _rows_needed(config, parts[-1].stop, lost)
    if not rows:
        return "raise --validation and --test, or lower --gap"
    more = f" and {config.skip} to skip" if config.skip else ""
    return f"give {rows} rows at least{more}; fewer have no room for three parts"


def fitting(config: ForecastingConfig, parts: Sequence[slice], lost: int, fixed: Sequence[str] = ()) -> Fit | None:
    """Return a window and a horizon as near to those of a configuration as fit all parts, None where none do.

    They leave half of the training part, and half of the shortest other one, to more windows where that can be.
    fixed: names of those that stay as they are.
    """
    for share in (2, 1):
        fits = [fit for horizon in range(1, config.horizon + 1) if (fit := _fit(config, parts, lost, horizon, share))]
        if fits := [fit for fit in fits if all(getattr(fit, name) == getattr(config, name) for name in fixed)]:
            return max(fits, key=lambda fit: min(fit.window / config.window, fit.horizon / config.horizon))
    return None


def _fit(config: ForecastingConfig, parts: Sequence[slice], lost: int, horizon: int, share: int) -> Fit | None:
    """Return the longest window that fits beside a horizon; share: what the room for both is divided by."""
    least = min(part.stop - part.start for part in parts) // share
    room = least if config.gap < 0 else parts[0].stop // share  # histories reach back into the part before
    if least - max(0, config.gap) < horizon:
        return None
    window = min(room - horizon, config.window)
    return Fit(window, horizon, min(config.highway, window - lost)) if window >= max(2, lost + 1) else None


def _steps(part: slice, window: int, config: ForecastingConfig) -> int:
    """Return how many steps a part leaves to a horizon."""
    rows = with_history(part, replace(config, window=window))
    return int(rows.stop - rows.start) - window


def _rows_needed(config: ForecastingConfig, count: int, lost: int) -> int:
    """Return how many rows there have to be for any window, 0 where more do not help."""
    for rows in range(count + 1, count + MOST_ROWS):
        try:
            parts = in_time_order(rows, config.validation, config.test)
        except DataError:  # nothing is left to train on
            continue
        if fitting(replace(config, window=max(2, lost + 1), horizon=1), parts, lost):
            return rows
    return 0


def lost_steps(scaling: str, season: int) -> int:
    """Return how many steps of a history the scaling consumes."""
    return {"log-return": 1, "seasonal-difference": season}.get(scaling, 0)


def check_window(config: ForecastingConfig, season: int) -> None:
    """Raise `UsageError` for a window that the scaling, or the highway, leaves no steps of."""
    lost = lost_steps(config.scaling, season)
    if config.highway and config.network == "seq2seq":
        cure = "--network direct or autoregressive, or --highway 0"
        raise UsageError("an encoder-decoder has no highway beside it", cure=cure)
    if config.window <= lost:
        reason = f"a window of {config.window} leaves no differences from {lost} steps ago"
        beside = f", {config.highway} of it for the highway" if config.highway else ""
        cure = f"--window {lost + max(1, config.highway)} or more{beside}; or a shorter --season"
        raise UsageError(reason, cure=cure)
    if config.highway > (left := config.window - lost):
        reason = f"the highway reads {config.highway} steps, a window of {config.window} gives {left}"
        raise UsageError(reason, cure=f"--highway {left} or less, or a longer --window")
