"""Forecasts from a model file: numpy and ONNX Runtime only."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

import numpy as np

from seqtool.data.encoders.scaler import POSITIVE
from seqtool.errors import DataError, ModelError, UsageError, damaged
from seqtool.families.forecasting.encoders import ForecastingEncoders, as_name, names_of, whole_number
from seqtool.modelfile.manifest import after_of
from seqtool.runtime import runner as base

if TYPE_CHECKING:
    from seqtool.data.series import Series
    from seqtool.families.forecasting.inputs import Around
    from seqtool.families.forecasting.many import Many
    from seqtool.families.forecasting.sample_paths import Paths
    from seqtool.families.forecasting.windows import Forecasts, Windows
    from seqtool.runtime.model import Model
    from seqtool.types import Array, Floats, Ids, Singles

Table = TypeVar("Table")  # a polars or pandas DataFrame
State: TypeAlias = "dict[str, Singles]"

DIGITS = {"float32": 8, "float64": 12}  # that are shown, by the type of a file's forecast
MOST_STEPS = 1_000_000  # whatever horizon a file promises: its outputs take memory


class Prediction(NamedTuple):
    """The answer of a call: forecast [B,N,F] in raw units, and the state after the history, each tensor [L,B,H].

    quantiles: [B,N,F,Q] where the file gives them, NaN at steps and levels for which the training had too few errors.
    digits: how many of them a number of the file has.
    """

    forecast: Floats
    state: State
    quantiles: Floats | None = None
    digits: int = DIGITS["float64"]


class Runner(base.Runner):
    """A forecaster's file.

    columns [F]; window, season and the trained horizon in steps; grid of time stamps or None; calendar: the names of
    its C calendar inputs; stateful: whether it carries a state from call to call; levels [Q] of its quantiles, ()
    without; samples: whether it draws sample paths; digits of its numbers. Raises `ModelError` where the manifest lacks
    any of them.
    """

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        config, limits = model.manifest.config, model.manifest.limits
        with damaged(ModelError("the manifest does not say what a forecaster needs", cure="export the model again")):
            self.encoders = ForecastingEncoders.from_json(model.manifest.encoders)
            self.direct: bool = config["network"] == "direct"
            self.window = whole_number(limits["window"], least=2)
            self.largest_horizon = min(whole_number(limits["horizon"], least=1), MOST_STEPS)
            self.calendar = tuple(map(as_name, config["calendar"]))
            for name in ("time_column", "id_column"):
                list(map(as_name, names_of(config, name)))  # asked for where a table is read
            self.levels = _levels(model)
            self.horizon = min(whole_number(config["horizon"], least=1), self.largest_horizon)
            self._zeros = _zeros(model)
            self.digits = DIGITS[{spec.name: spec.dtype for spec in model.file.outputs}["forecast"]]
        self.columns, self.grid, self.season = self.encoders.columns, self.encoders.grid, self.encoders.season
        self.needs_positive = self.encoders.scaler.kind in POSITIVE
        self.stateful = bool(self._zeros)
        self.pooled = config.get("several") == "pooled"
        self.samples = "noise" in {spec.name for spec in model.file.inputs}

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the columns that it forecasts."""
        return self.columns

    def forecast(
        self, table: Table, horizon: int | None = None, quantiles: bool = False, *, paths: int | None = None,
        seed: int = 0,
    ) -> Table:  # fmt: skip
        """Continue a table: a polars or pandas DataFrame, read as `seqtool forecast` reads a file.

        The table has a column of time stamps (in pandas it may be the index; without stamps, rows are steps) and the
        model's columns; a single one may have any name. Returns a table of the same kind: `time`, as text, and the
        columns; with `quantiles` beside each column its quantiles, such as `Close q0.1`, missing where the training
        had too few errors. horizon in steps, None: as trained. paths: so many sample paths, drawn by `seed`, instead: a
        row for each path and step (`sample_paths`). Raises `DataError` or `UsageError`.
        """
        from seqtool.data.series import without_empty_end
        from seqtool.families.forecasting.continuation import Continuation
        from seqtool.families.forecasting.table import like, read_frame

        steps = self.horizon if horizon is None else horizon
        self.check_horizon(steps)
        if paths is not None:
            from seqtool.families.forecasting.sample_paths import check, drawn

            check(self, paths, seed)
            if quantiles:
                raise UsageError("sample paths have no quantiles beside them", cure="leave paths or quantiles out")
        levels = self.known_levels() if quantiles else ()
        series = read_frame(table, self.columns, self.config, self.encoders.reading, self.grid)
        series = without_empty_end(series)
        for text in self.doubts(series):
            if not text.startswith(("missing-values", "empty-end")):  # a frame shows its own
                warnings.warn(text, stacklevel=2)
        answer: Many | Paths
        if paths is not None:
            answer, findings = drawn(self, series, steps, paths, seed)
        elif self.pooled:
            from seqtool.families.forecasting.many import continued

            answer, findings = continued(self, series, steps, levels)
        else:
            return like(table, Continuation.of(series, self.continuation(series, steps), levels).columns_by_name())
        for finding in findings:
            if finding.level == "warning":
                warnings.warn(f"{finding.code}: {finding.text}", stacklevel=2)
        return like(table, answer.frame())

    def doubts(self, series: Series) -> list[str]:
        """Return what speaks against continuing a series: its reading, another step, values far out of range."""
        texts = [f"{finding.code}: {finding.text}" for finding in series.findings if finding.level == "warning"]
        if series.times is None and self.grid is not None:
            texts.append("no-time: the table has no time stamps, and the training had: steps are numbered")
        if series.beside is not None:
            from seqtool.data.encoders.inputs import doubts

            texts += doubts(series.beside, self.encoders.inputs, len(series.values) - self.window)
        if self.pooled:
            from seqtool.families.forecasting.many import half_known, windows_of

            return texts + self.encoders.strange(half_known(windows_of(self, series)[0]))
        return texts + self.encoders.strange(series.values[None, -self.window :])

    def predict(self, part: Windows) -> Forecasts:
        """Forecast the windows of a part."""
        from seqtool.families.forecasting.windows import predictor  # a forecast of one series needs no windows

        self.check_horizon(part.horizon)
        if self.encoders.baseline:  # it sees the values alone
            part = replace(part, calendar=None, inputs=None)
        return predictor(self._run, self.first_state(), self.window, self.encoders.ids)(part)

    def first_state(self) -> State:
        """Return the state before the first step, each tensor [L,1,H]; {} where the model has none."""
        return self._zeros

    def known_levels(self) -> tuple[float, ...]:
        """Return the levels of the quantiles; raises `UsageError` where the model gives none."""
        if not self.levels:
            cure = "export a finished training whose configuration names some"
            raise UsageError("the model gives no quantiles", cure=cure)
        return self.levels

    def check_horizon(self, horizon: int) -> None:
        """Raise `UsageError` for a horizon that the model cannot do."""
        if not isinstance(horizon, (int, np.integer)):
            raise UsageError(f"a horizon is a whole number, not a {type(horizon).__name__}", cure="give an int")
        if horizon < 1:
            raise UsageError(f"a horizon of {horizon} asks for nothing", cure="--horizon 1 or more")
        if horizon > self.largest_horizon:
            limit = f"the model forecasts {self.largest_horizon} steps at most, not {horizon}"
            reason, cure = "that is the limit of the file", f"--horizon {self.largest_horizon} or less"
            if self.direct:
                reason = "it forecasts all its steps at once"
                cure += ", or train with --network seq2seq, which takes any"
            raise UsageError(f"{limit}: {reason}", cure=cure)

    def forecast_batch(
        self,
        history: Floats,
        horizon: int,
        *,
        covariates: Array | None = None,
        state: Mapping[str, Singles] | None = None,
        ids: Ids | None = None,
        noise: Singles | None = None,
    ) -> Prediction:
        """Map raw history [B,T,F] (NaN = missing) to the forecast [B,N,F], raw units.

        covariates [B,T+N,C]: the codes of the calendar (`data.calendar`), then the columns beside the values as the
        training coded them (`inputs.coded`), NaN = missing, where the model has some. state: that of an earlier
        prediction of a stateful model, None: the first state. ids [B]: the places of the series among `encoders.ids`,
        None: none of them. noise [B,N,F]: how many deviations from its mean each step lies, None: each is the mean.
        Raises `UsageError`.
        """
        self.check_horizon(horizon)
        feeds: dict[str, Array] = {"history": history, "horizon": np.array(horizon, dtype=np.int64)}
        feeds |= self._covariates(covariates, history.shape[1] + horizon)
        if self.encoders.ids:
            feeds["ids"] = np.full(len(history), len(self.encoders.ids), np.int64) if ids is None else ids
        if noise is not None:
            feeds["noise"] = noise
        if self.stateful:
            feeds |= state or {name: np.repeat(zeros, len(history), axis=1) for name, zeros in self._zeros.items()}
        outputs = self._run(feeds)
        shape = (len(history), horizon, len(self.columns))
        for name, wanted in (("forecast", shape), ("quantiles", (*shape, len(self.levels)))):
            if name in outputs and outputs[name].shape != wanted:  # a stranger's graph may give anything
                what = f"the graph gives {name} of shape {list(outputs[name].shape)}, not {list(wanted)}"
                raise ModelError(what, cure="export the model again")
        after = {name: outputs[after_of(name)] for name in self._zeros}
        quantiles = outputs["quantiles"].astype(np.float64) if "quantiles" in outputs else None
        return Prediction(outputs["forecast"].astype(np.float64), after, quantiles, self.digits)

    def _run(self, feeds: Mapping[str, Array]) -> Mapping[str, Array]:
        """Run the graph, with each input in the type that the file takes: older ones take float32."""
        if self.samples and "noise" not in feeds:
            shape = len(feeds["history"]), int(feeds["horizon"]), len(self.columns)
            feeds = {**feeds, "noise": np.zeros(shape, np.float32)}
        types = {spec.name: spec.dtype for spec in self.model.file.inputs}
        return self.model.run({name: np.asarray(feed, types.get(name)) for name, feed in feeds.items()})

    def _covariates(self, codes: Array | None, length: int) -> dict[str, Array]:
        beside = tuple(one.name for one in self.encoders.inputs)
        if not (self.calendar or beside):
            return {}
        names = ", ".join((*self.calendar, *beside))
        if codes is None:
            what = "the calendar" if self.calendar and not beside else "what is known beside the values"
            raise UsageError(f"the model reads {what} ({names})", cure="give covariates of history and horizon")
        if codes.shape[1:] != (length, len(self.calendar) + len(beside)):
            reason = f"covariates of shape {list(codes.shape)} do not cover {length} steps of {names}"
            raise UsageError(reason, cure="give one code a name for every step of the history and of the horizon")
        return {"covariates": codes}

    def continuation(self, series: Series, horizon: int, state: Mapping[str, Singles] | None = None) -> Prediction:
        """Forecast the `horizon` steps after the last row of a series, from its window or from `state`.

        Raises `DataError` where the series cannot serve or the forecast is no number, `UsageError` for a horizon that
        the model cannot do.
        """
        history, covariates = self.inputs(series, horizon)
        prediction = self.forecast_batch(history, horizon, covariates=covariates, state=state)
        refuse_infinite(prediction, history)
        return prediction

    def inputs(self, series: Series, horizon: int) -> tuple[Floats, Array | None]:
        """Return the window [1,T,F] and the covariates [1,T+N,C] of the steps after a series; raises `DataError`."""
        history = self.last_window(series.values, series.columns)
        last = np.array([len(series.values) - 1])
        return history, self.covariates(series, last, None, history.shape[1], horizon)

    def covariates(self, series: Series, last: Ids, members: Ids | None, length: int, horizon: int) -> Array | None:
        """Return what is known beside the rows up to `last` [B] of series `members` [B], and after them: [B,T+N,C].

        Raises `DataError` where a column that is known of the future lacks a value there.
        """
        known = self.around(series, last, members, horizon)
        return None if known is None else known.at(last, members, length, horizon)

    def around(self, series: Series, last: Ids, members: Ids | None, horizon: int) -> Around | None:
        """Return of what covariates are cut, None for a model that reads none; raises what `covariates` raises."""
        if not (self.calendar or self.encoders.inputs):
            return None
        from seqtool.families.forecasting.inputs import around

        return around(series, self.calendar, self.encoders.inputs, last, members, horizon)

    def last_window(self, values: Floats, columns: Sequence[str]) -> Floats:
        """Return the newest window [1,T,F] of a series [T,F], all of it for a stateful model; raises `DataError`."""
        if self.stateful:
            return values[None]
        if len(values) < self.window:
            reason = f"the model sees {self.window} steps, the series has {len(values)}"
            raise DataError(reason, cure="give a longer history")
        history = values[-self.window :]  # as long as the windows of the training
        for name, column in zip(columns, history.T, strict=True):
            numbers = column[np.isfinite(column)]
            if len(numbers) < 2:
                reason = f"column {name!r} has {len(numbers)} known values in the last {self.window} steps"
                raise DataError(reason, cure="give a history with fewer gaps")
            if self.needs_positive and (numbers <= 0).any():  # the graph would answer NaN without a reason
                unit = POSITIVE[self.encoders.scaler.kind]
                reason = f"column {name!r} holds {numbers.min():g}: a model on {unit} needs values above zero"
                raise DataError(reason, cure="mend the data, or train with --scaling standard")
        return history[None]


def refuse_infinite(prediction: Prediction, history: Floats) -> None:
    """Raise `DataError` where a forecast, or a quantile that is known, left the range of numbers."""
    known = prediction.quantiles is None or not np.isinf(prediction.quantiles).any()
    if not (known and np.isfinite(prediction.forecast).all()):
        furthest = f"{np.nanmax(np.abs(history)):.6g}"
        what = f"the forecast is no number: the values are too large for the model, up to {furthest}"
        raise DataError(what, cure="give values in the unit of the training data, or train on this series")


def _zeros(model: Model) -> State:
    """Return the first state that a file takes; raises `ValueError` where its shape is not [L,B,H]."""
    zeros: State = {}
    for spec in model.file.inputs:
        if spec.name.startswith("state_"):
            layers, _, hidden = spec.shape
            zeros[spec.name] = np.zeros((whole_number(layers, least=1), 1, whole_number(hidden, least=1)), np.float32)
    return zeros


def _levels(model: Model) -> tuple[float, ...]:
    """Return the levels of the quantiles that a file gives; raises `ValueError` where it does not say which."""
    shapes = [spec.shape for spec in model.file.outputs if spec.name == "quantiles"]
    if not shapes:
        return ()
    levels = tuple(map(float, model.manifest.config["quantiles"]))
    if len(levels) != shapes[0][-1] or list(levels) != sorted(levels) or not all(0 < level < 1 for level in levels):
        raise ValueError(f"{levels!r:.40} are not the levels of its quantiles")
    return levels
