"""From a series to three parts: split in time order first, windows cut inside each part afterwards."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from seqtool.data.answer_names import refuse_breaking
from seqtool.data.calendar import calendar, future_times
from seqtool.data.encoders.inputs import Input
from seqtool.data.encoders.scaler import BY_WINDOW, POSITIVE, Scaler, extent, positive
from seqtool.data.grid import WEEK, Cycle, Grid
from seqtool.data.reading import Reading
from seqtool.data.season import detect, seasons
from seqtool.data.series import Series, rows
from seqtool.data.splits import Sampler, Splits, Streams, in_time_order
from seqtool.errors import DataError, SeqtoolError, UsageError, damaged
from seqtool.families.forecasting import public_holidays
from seqtool.families.forecasting.auto_scaling import scaling_findings, settled
from seqtool.families.forecasting.bounds import check_bounds
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.dead_columns import dead_findings, living
from seqtool.families.forecasting.distribution import check_distribution
from seqtool.families.forecasting.effects import inputs_of
from seqtool.families.forecasting.encoders import ForecastingEncoders
from seqtool.families.forecasting.fitting import PARTS, check_window, lost_steps, refuse_short, with_history
from seqtool.families.forecasting.history import USUAL, from_files
from seqtool.families.forecasting.inputs import input_findings
from seqtool.families.forecasting.many_findings import never_seen
from seqtool.families.forecasting.pooled import (
    VALUE,
    check_beside,
    check_own,
    check_pooled,
    is_pooled,
    pooled_findings,
    pooled_scaler,
    scorable,
)
from seqtool.families.forecasting.sizes import Facts, fitted, sized, validation_share
from seqtool.families.forecasting.statistical import require
from seqtool.families.forecasting.windows import Windows, windows
from seqtool.families.sizes import of_share, told
from seqtool.reads import DataFile, Finding
from seqtool.say import counted, printable
from seqtool.task import WHOLE, Data, Share, Task
from seqtool.types import Floats

WINDOWS = 512  # of the training part whose range is taken, where each is scaled by itself
MOST_SERIES = 64  # of one vector; more are taken only by name
VOTERS = 64  # series of a table in which a season is looked for
ANY_HORIZON = 10_000  # the largest horizon of a model whose loop could go on for ever

Parts = Splits[Windows, ForecastingEncoders]


def read(task: Task, config: ForecastingConfig, data: Data) -> Series:
    """Read files as one series; raises `DataError`, `NotFound` or `UsageError`."""
    from seqtool.data.tables import read_series

    usual = task.columns or USUAL
    return read_series(
        data.files,
        columns=config.columns,
        preferred=usual,
        id_column=config.id_column,
        reading=Reading.of(config),
        many={"joint": False, "pooled": True, "auto": None}[config.several],
    )


def load(task: Task, config: ForecastingConfig, data: Data) -> Parts:
    """Read, split in time order, fit the scaler on the training part, cut windows."""
    return split(read(task, config, data), config, data.share)


def check(task: Task, config: ForecastingConfig, data: Data) -> list[Finding]:
    """Return the findings of reading, the season where the configuration has none, and the sizes of the parts."""
    require(config.baselines)  # before a training of hours
    public_holidays.require(config.holidays)
    series = read(task, config, data)
    parts = split(series, config)
    stamps = series.stamps()
    sizes = f"training {len(parts.train)}, validation {len(parts.validation)}, test {len(parts.test)}"
    facts = f"{len(stamps)} rows of {', '.join(parts.encoders.columns)}, {stamps[0]} to {stamps[-1]}; windows: {sizes}"
    beside = input_findings(parts.encoders.inputs, series, len(parts.train.values))
    pooled = [] if parts.train.members is None else pooled_findings(parts.train)
    calendar = [] if series.grid is None else [_calendar_finding(series, series.grid, stamps, parts.encoders.season)]
    season = _season_findings(config.season, parts.encoders, parts.train.values)
    chosen = [*dead_findings(series, parts.test.series.columns), *scaling_findings(config, parts.test.series)]
    findings = [*series.findings, *calendar, *season, *chosen, *beside, *pooled, Finding("note", "sizes", facts)]
    if not config.from_data:
        return findings
    return [*findings, _from_data(replace(config, **parts.settled), parts, len(stamps))]


def _from_data(config: ForecastingConfig, parts: Parts, steps: int) -> Finding:
    settings = f"window {config.window}, horizon {config.horizon}, highway {config.highway}, batch {config.batch}"
    return told(counted(steps, "step"), settings, config.steps(sampler(config, parts, 0).steps))


def _calendar_finding(series: Series, grid: Grid, stamps: Sequence[str], season: int) -> Finding:
    missing = int(np.isnan(series.values).all(axis=1).sum())
    text = f"{grid}, {stamps[0]} to {stamps[-1]}, {len(stamps)} steps, {missing or 'none'} missing"
    if season > 1:
        text += f"; season {season} ({grid.length(season)})"
    return Finding("note", "calendar", text)


def _season_findings(wanted: int | Cycle, encoders: ForecastingEncoders, values: Floats) -> list[Finding]:
    """Say which season was taken, and which others the training part [T,F] shows."""
    season, grid = encoders.season, encoders.grid
    cycle = _cycle(wanted, grid)
    others = [other for other in shown_seasons(values, grid.seasons() if grid else ()) if other != season]
    more = [f"; also of {_in_words(other, grid)}" for other in others[:3] if grid]
    if cycle == season and not isinstance(wanted, str):
        if wanted == season:
            return []
        text = f"{wanted} steps were a week with every day; here a week has {season}, and they are the season"
        return [Finding("note", "season", text)]
    if cycle == season and not more:
        return []
    steps = f"the training part shows a season of {_in_words(season, grid)}" if season > 1 else "no season was found"
    if cycle not in (0, season):
        steps = f"the training part shows no {wanted}: {steps}"
    return [Finding("note", "season", f"{steps}{''.join(more)}; --season N sets another")]


def _in_words(season: int, grid: Grid | None) -> str:
    return f"{season} steps" + (f" ({grid.length(season)})" if grid else "")


def held_out(
    task: Task, config: ForecastingConfig, encoders: ForecastingEncoders, files: Sequence[DataFile]
) -> tuple[Windows, Sequence[Finding]]:
    """Read a series of the model's columns and cut all its windows."""
    series = from_files(
        files, encoders.columns, vars(config), encoders.reading, encoders.grid
    )  # as `forecast` reads it, by the model's columns
    pooled = config.several == "pooled"
    part = whole(series, config.window, config.horizon, config.calendar, encoders.inputs, pooled=pooled)
    part, lacking = scorable(part, encoders.scaler.kind)
    return part, (*series.findings, *never_seen(series.columns, encoders.ids), *lacking)


def whole(
    series: Series, window: int, horizon: int, names: Sequence[str], inputs: Sequence[Input] = (), *, pooled: bool
) -> Windows:
    """Cut all windows of a series; names: of the model's calendar inputs; inputs: the columns beside the values."""
    part = windows(series, slice(0, None), window, horizon, "whole", pooled=pooled).with_inputs(inputs)
    return replace(part, calendar=calendar(future_times(series, 0), names)) if names else part


def split(series: Series, config: ForecastingConfig, share: Share = WHOLE) -> Parts:
    """Split a series in time order, fit the scaler on the training part, cut the windows of each part.

    Of the training part the newest `share` is read, whatever its draw: a shorter history.

    Raises `UsageError` where the window is too short for the scaling or the highway, or a scaling by season finds none.
    """
    if config.skip >= len(series.values):
        raise DataError(f"--skip {config.skip} leaves nothing of {len(series.values)} rows", cure="lower --skip")
    series = rows(series, slice(config.skip, None))
    _refuse_many(config, series)
    refuse_breaking(series.columns, "series" if series.panel else "columns")
    parts = in_time_order(len(series.values), validation_share(config, len(series.values)), config.test)
    if not is_pooled(config, series):  # such a model serves series that begin later
        series = living(series, parts[0])
    check_bounds(config, series)
    settings = settled(config, series)
    config = replace(config, **settings)
    if config.several == "pooled":
        check_pooled(config)
    check_own(config)
    check_beside(config)
    _check_network(config)  # before anything is computed
    # A season is detected once, here, and kept in the encoders: whatever needs it reads it there.
    season = _season(config.season, series.values[parts[0]], series.grid, config.scaling)
    lost = lost_steps(config.scaling, season)
    facts = Facts(len(series.values), season, lost, len(series.columns) if config.several == "pooled" else 1)
    settings |= fitted(config, of_share(sized, config, facts, share), parts, lost)
    config = replace(config, **settings)
    check_window(config, season)
    codes = calendar(future_times(series, 0), config.calendar) if config.calendar else None
    if older := round((1 - share.size) * parts[0].stop):
        series = rows(series, slice(older, None))
        first, second, third = (slice(max(0, part.start - older), part.stop - older) for part in parts)
        parts = first, second, third
    refuse_short(config, parts, lost)
    pooled = config.several == "pooled"
    cut = (with_history(part, config) for part in parts)
    train, validation, test = (
        replace(windows(series, part, config.window, config.horizon, name, pooled=pooled), calendar=codes)
        for part, name in zip(cut, PARTS, strict=True)
    )
    assert config.scaling != "auto"
    if config.scaling in POSITIVE:
        # every part is checked before a training of hours
        positive(series.values, series.columns, config.scaling, pooled=config.several == "pooled")
    names = (series.reading.value or VALUE,) if config.several == "pooled" else series.columns
    inputs, values = inputs_of(config, train, season)
    if config.several == "pooled":
        scaler = pooled_scaler(config, train, season)
    else:
        scaler = Scaler.fit(config.scaling, values, names, config.scale_factor, season)
    train, validation, test = (part.with_inputs(inputs) for part in (train, validation, test))
    encoders = ForecastingEncoders(
        scaler,
        names,
        season,
        series.grid,
        reading=series.reading,
        seen=seen_in(scaler, train),
        ids=series.columns if config.own else (),
        inputs=inputs,
    )
    return Splits(train, validation, test, encoders, settings)


def _refuse_many(config: ForecastingConfig, series: Series) -> None:
    """Raise `DataError` where a vector would hold more series than anybody named."""
    if series.panel and not (is_pooled(config, series) or config.columns) and len(series.columns) > MOST_SERIES:
        what = f"{len(series.columns)} series are too many to take them all in one vector ({MOST_SERIES})"
        cure = f"choose some: --columns {','.join(map(printable, series.columns[:2]))}; or --several pooled"
        raise DataError(what, cure=cure)


def seen_in(scaler: Scaler, train: Windows) -> tuple[tuple[float, float], ...]:
    """Return the least and the greatest of what a network sees of each column in training."""
    chosen = np.unique(np.linspace(0, len(train) - 1, WINDOWS).astype(np.int64))
    # the other scalings see the same of a step in each of its windows
    by_window = scaler.kind in BY_WINDOW or train.members is not None
    history = train.batch(chosen)[0] if by_window else train.values[None]
    low, high = extent(scaler.seen(history))
    return tuple(zip(low.tolist(), high.tolist(), strict=True))


def joined(config: ForecastingConfig, splits: Parts) -> Parts:
    """Return splits whose training part is the training and validation part; the encoders stay as they are."""
    series = splits.validation.series
    # No gap is left between the two: in a refit the validation part chooses nothing.
    pooled = splits.train.members is not None
    train = windows(series, slice(0, None), config.window, config.horizon, "training and validation", pooled=pooled)
    train = train.with_inputs(splits.encoders.inputs)
    return replace(splits, train=replace(train, calendar=splits.validation.calendar))


def sampler(config: ForecastingConfig, splits: Parts, seed: int) -> Sampler:
    """Shuffle windows, or read the chunks of streams in order."""
    if config.stateful:
        return Sampler(streams(config, splits.train).chunks, 1, seed, shuffled=False)  # each chunk continues the last
    return Sampler(len(splits.train), config.batch, seed)


def streams(config: ForecastingConfig, train: Windows) -> Streams:
    """Cut the training part into as many streams as a batch has rows, a window at a time."""
    return Streams.of(len(train.values), config.batch, config.window)


def encoders_from_json(stored: Mapping[str, Any]) -> ForecastingEncoders:
    """Rebuild the encoders of a run; raises `SeqtoolError` where parts are missing or wrong."""
    with damaged(SeqtoolError("the stored encoders are damaged", cure="train again")):
        return ForecastingEncoders.from_json(stored)


def limits(config: ForecastingConfig) -> dict[str, int]:
    """Return what a file of this configuration promises at most."""
    horizon = config.horizon if config.network == "direct" else ANY_HORIZON
    return {"window": config.window, "horizon": horizon}


def _cycle(wanted: int | Cycle, grid: Grid | None) -> int:
    """Return the season that a configuration wants, 0 to find one; a week is one of the days that have rows."""
    if isinstance(wanted, str):
        return grid.cycle(wanted) if grid else 0
    if grid is None or not grid.open or wanted * grid.seconds != WEEK:
        return wanted
    return len(grid.slots)


def _season(wanted: int | Cycle, values: Floats, grid: Grid | None, scaling: str) -> int:
    """Return the season of the series [T,F]: a number as it is, a cycle where they show it, else what they show."""
    cycle = _cycle(wanted, grid)
    if cycle and (not isinstance(wanted, str) or shown_seasons(values, (cycle,)) == [cycle]):
        return cycle
    usual = grid.seasons() if grid else ()
    each = [detect(column, usual) for column in _some(values).T]
    season = max(sorted(set(each), reverse=True), key=each.count)  # `max` keeps the first of equals
    if season > 1 or scaling != "seasonal-difference":
        return season
    if not cycle:
        raise UsageError(
            "no season was found in the training part, and the scaling takes differences from a season ago",
            cure="--season N says how many steps it has; or another --scaling",
        )
    return cycle


def _some(values: Floats) -> Floats:
    """Return at most `VOTERS` of the series [T,F], evenly spread: a season is what most of them show."""
    count = values.shape[1]
    return values[:, np.unique(np.linspace(0, count - 1, min(count, VOTERS)).round().astype(np.int64))]


def shown_seasons(values: Floats, usual: Sequence[int]) -> list[int]:
    """Return the seasons that at least half of the series [T,F] show, the shortest first."""
    values = _some(values)
    counts = Counter(itertools.chain.from_iterable(set(seasons(column, usual)) for column in values.T))
    return sorted(season for season, count in counts.items() if 2 * count >= values.shape[1])


def _check_network(config: ForecastingConfig) -> None:
    if config.network == "autoregressive" and config.bidirectional:
        reason = "an autoregressive network cannot read backwards: the future would be its past"
        raise UsageError(reason, cure="leave out --bidirectional, or --network seq2seq")
    if config.residual and config.network != "autoregressive":
        raise UsageError("only an autoregressive network forecasts changes", cure="leave out --residual")
    check_distribution(config)
    if not config.stateful:
        return
    allowed = {
        "network": ("autoregressive",), "scaling": ("standard", "min-max"), "highway": (0,), "loss": ("squared",)
    }  # fmt: skip
    wrong = {name: choices for name, choices in allowed.items() if getattr(config, name) not in choices}
    if wrong:
        named = " and ".join(f"{name} {getattr(config, name)}" for name in wrong)
        needs = f"{named} need{'s' if len(wrong) == 1 else ''} more than that"
        cure = " ".join(f"--{name} {choices[0]}" for name, choices in wrong.items())
        cure += ", or --scaling min-max" if "scaling" in wrong else ""
        raise UsageError(f"a stateful model reads one step at a time: {needs}", cure=cure)
