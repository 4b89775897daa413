"""The windows of a series, and forecasts over all of them: by a network or by a model file, the same way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from seqtool.data.encoders.inputs import Input
from seqtool.data.series import Series, rows
from seqtool.errors import DataError
from seqtool.modelfile.manifest import after_of
from seqtool.types import Array, Flags, Floats, Ids

Arrays = Mapping[str, Array]
Call = Callable[[Arrays], Arrays]  # a model file: its inputs by name -> its outputs by name

CHUNK = 256  # windows that are forecast in one call


@dataclass(frozen=True)
class Windows:
    """The usable windows of one part of a series.

    series: every row up to the part's last, raw (NaN = missing), so that a baseline may read more than a window;
    starts [W]: the first row of each window; calendar: the codes [T,C] of every row's calendar inputs, None without.
    members [W]: the series that each window is of, where one model forecasts each series alone; None where a window
    holds all of them. So F is 1 or the number of series. inputs [T+M,S,C]: the columns beside the values, coded, in the
    rows that follow too; S is 1 where all series share a row. past [C]: which of them the future has not.
    """

    series: Series
    starts: Ids
    window: int
    horizon: int
    calendar: Ids | None = field(default=None, compare=False)
    members: Ids | None = field(default=None, compare=False)
    inputs: Floats | None = field(default=None, compare=False)
    past: Flags | None = field(default=None, compare=False)

    @property
    def features(self) -> int:
        """The number F of series in a window."""
        return self.values.shape[1] if self.members is None else 1

    def with_inputs(self, inputs: Sequence[Input]) -> Windows:
        """Return the windows with the columns beside the values as the training had them."""
        if not inputs:
            return self
        from seqtool.families.forecasting.inputs import columns_of, of_the_past  # few models have any

        return replace(self, inputs=columns_of(self.series, inputs), past=of_the_past(inputs))

    def some(self, chosen: Ids) -> Windows:
        """Return the windows of some numbers."""
        members = None if self.members is None else self.members[chosen]
        return replace(self, starts=self.starts[chosen], members=members)

    def few(self, share: float) -> Windows:
        """Return about a share of the windows, spread evenly."""
        from seqtool.data.splits import evenly  # a pipe needs none

        return self.some(np.arange(len(self))[evenly(len(self), share)])

    def _rows(self, places: Ids, chosen: Ids) -> Floats:
        """Return the values [B,L,F] at rows [B,L] of the chosen windows."""
        if self.members is None:
            return np.asarray(self.values[places])
        return np.asarray(self.values[places, self.members[chosen][:, None]][..., None])

    @property
    def values(self) -> Floats:
        """The values [T,F] from the series' first row to the part's last."""
        return self.series.values

    @property
    def origins(self) -> Ids:
        """The first row [W] to be forecast of each window."""
        return self.starts + self.window

    def __len__(self) -> int:
        return len(self.starts)

    def batch(self, chosen: Ids) -> tuple[Floats, Floats]:
        """Return history [B,T,F] and future [B,U,F] of the chosen windows."""
        steps = self._rows(self.starts[chosen][:, None] + np.arange(self.window + self.horizon), chosen)
        return steps[:, : self.window], steps[:, self.window :]

    def truth(self) -> Floats:
        """Return the future [W,U,F] of all windows, whose histories would take many times the memory."""
        everything = np.arange(len(self))
        return self._rows(self.origins[:, None] + np.arange(self.horizon), everything)

    def context(self, chosen: Ids, length: int) -> Floats:
        """Return the `length` rows before the targets of the chosen windows [B,length,F], NaN before the first row."""
        places = self.origins[chosen][:, None] + np.arange(-length, 0)
        seen = self._rows(np.maximum(places, 0), chosen)
        seen[places < 0] = np.nan  # to numpy row -1 is the newest one
        return seen

    def covariates(self, chosen: Ids, length: int = 0) -> dict[str, Array]:
        """Return `covariates` [B,T+N,C] of the last `length` rows (0: a window) and the targets, {} without any."""
        if self.calendar is None and self.inputs is None:
            return {}
        places = self.origins[chosen][:, None] + np.arange(-(length or self.window), self.horizon)
        members = None if self.members is None else self.members[chosen]
        return {"covariates": self.covariates_at(places, members, self.horizon)}

    def covariates_at(self, places: Ids, members: Ids | None, ahead: int) -> Array:
        """Return the codes and columns [B,L,C] at rows [B,L], the last of which are `ahead`, of series [B]."""
        parts = [] if self.calendar is None else [self.calendar[places]]
        if self.inputs is not None:
            own = 0 if members is None or self.inputs.shape[1] == 1 else members[:, None]
            there = np.clip(places, 0, len(self.inputs) - 1)
            columns = np.where((places == there)[..., None], self.inputs[there, own], np.nan)
            columns[:, places.shape[1] - ahead :, self.past] = np.nan
            parts.append(columns)
        both: Array = np.concatenate(parts, axis=2)
        # float32 would lose a small change of a large number
        return both.astype(np.float32 if self.inputs is None else np.float64)

    def chunks(self) -> Iterator[Ids]:
        """Yield the numbers of all windows, `CHUNK` at a time."""
        for start in range(0, len(self), CHUNK):
            yield np.arange(start, min(start + CHUNK, len(self)))


def windows(series: Series, part: slice, window: int, horizon: int, name: str, *, pooled: bool = False) -> Windows:
    """Cut the windows of one part; raises `DataError` where none is usable.

    A window is usable when every column has two known values in the history and some target is known. pooled: a window
    is of one series, of which at least half of the history is known.
    """
    first, stop, _ = part.indices(len(series.values))
    valid = np.isfinite(series.values[first:stop])
    count = len(valid) - window - horizon + 1
    if count < 1:
        cure = f"lower --window or --horizon to {len(valid)} steps together, raise the part's share, "
        cure += "or use a longer series"
        raise DataError(f"no window of {window} + {horizon} steps fits into the {name} part of {len(valid)}", cure=cure)
    history = rolling_count(valid, window)[:count]  # [W,F]
    future = rolling_count(valid, horizon)[window : window + count]
    # from one value no scaling can tell a deviation
    least = max(2, window // 2) if pooled else 2
    usable = (history >= least) & (future > 0) if pooled else _both(history >= least, future > 0)
    if not usable.any():
        alone = "--several pooled forecasts each series alone; or choose some that overlap: --columns NAME,NAME"
        cure = alone if series.panel and not pooled else "use a series with fewer gaps"
        raise DataError(f"no window of the {name} part has enough known values", cure=cure)
    starts, *members = np.nonzero(usable)
    part_of = rows(series, slice(0, stop))
    return Windows(part_of, first + starts, window, horizon, members=members[0] if pooled else None)


def _both(history: Flags, future: Flags) -> Flags:
    """Tell of which windows [W] all histories and any target are known, by flags [W,F]."""
    return np.asarray(history.all(axis=1) & future.any(axis=1))


def rolling_count(flags: Flags, length: int) -> Ids:
    """Count the true values in every run of `length` rows of [T,F]."""
    total = np.concatenate([np.zeros((1, flags.shape[1]), np.int64), flags.cumsum(axis=0)])
    return np.asarray(total[length:] - total[:-length])


@dataclass(frozen=True)
class Forecasts:
    """The forecasts of W windows: values [W,N,F], and quantiles [W,N,F,Q] of a calibrated model."""

    values: Floats
    quantiles: Floats | None = None


Predictor = Callable[[Windows], Forecasts]


def predictor(call: Call, state: Arrays | None = None, length: int = 0, known: Sequence[str] = ()) -> Predictor:
    """Return a function that forecasts a part by `call`; `state`: a stateful model's first state, each [L*D,1,H].

    length: the rows of history that it sees at least, where that is more than a window. known: the series that have a
    part of their own.
    """

    def predict(part: Windows) -> Forecasts:
        answers = list(
            _streamed(call, part, state) if state else _windowed(call, part, max(length, part.window), known)
        )
        quantiles = [answer["quantiles"] for answer in answers if "quantiles" in answer]
        return Forecasts(
            np.concatenate([answer["forecast"] for answer in answers]).astype(np.float64),
            np.concatenate(quantiles).astype(np.float64) if quantiles else None,
        )

    return predict


def _windowed(call: Call, part: Windows, length: int, known: Sequence[str]) -> Iterator[Arrays]:
    horizon = np.array(part.horizon, dtype=np.int64)
    ids = places(part.series.columns, known) if known and part.members is not None else None
    for chosen in part.chunks():
        feeds: dict[str, Array] = {"history": part.context(chosen, length), "horizon": horizon}
        feeds |= part.covariates(chosen, length)
        if ids is not None and part.members is not None:
            feeds["ids"] = ids[part.members[chosen]]
        yield call(feeds)


def places(names: Sequence[str], known: Sequence[str]) -> Ids:
    """Return the place of each name [F] among the known ones, their number for any other name."""
    table = {name: place for place, name in enumerate(known)}
    return np.array([table.get(name, len(known)) for name in names], dtype=np.int64)


def _streamed(call: Call, part: Windows, zeros: Arrays) -> Iterator[Arrays]:
    """Read the series once from its first row, carrying the state; forecast at each origin."""
    horizon = np.array(part.horizon, dtype=np.int64)
    states = list(_states(call, part, zeros))  # one pass over the series, whatever the number of origins
    for chosen in part.chunks():
        # The last row before each origin is read here, so that all origins of a chunk run free in one call.
        history = part.values[part.origins[chosen] - 1, None]
        state = {name: np.concatenate([states[number][name] for number in chosen], axis=1) for name in zeros}
        yield call({"history": history, "horizon": horizon, **part.covariates(chosen, length=1), **state})


def _states(call: Call, part: Windows, state: Arrays) -> Iterator[Arrays]:
    """Yield the state before the last row of each origin's history."""
    values, begin = part.values, 0
    for origin in part.origins:
        if origin - 1 > begin:  # between neighbours there is nothing to read
            feeds = {"history": values[None, begin : origin - 1], "horizon": np.array(1), **state}
            if part.calendar is not None or part.inputs is not None:
                feeds["covariates"] = part.covariates_at(np.arange(begin, origin)[None], None, 1)
            answer = call(feeds)
            state, begin = {name: answer[after_of(name)].astype(np.float32) for name in state}, int(origin) - 1
        yield state
