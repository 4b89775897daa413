"""Sample paths: what a model with a distribution draws for the steps to come, in batches of bounded size.

A path is a copy of a history that is fed noise. The noise depends on the seed, the name of the series, the number of
the path and the step alone: a path is the same whatever else is asked for.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seqtool.errors import UsageError
from seqtool.families.forecasting.many import BATCH, continued, unfit, unknown_ahead, windows_of
from seqtool.families.forecasting.runner import refuse_infinite
from seqtool.families.forecasting.windows import places
from seqtool.families.texts import require_seed
from seqtool.reads import Finding
from seqtool.runtime.noise import Key, normal
from seqtool.types import Array, Flags, Floats, Ids, Json

if TYPE_CHECKING:
    from seqtool.data.series import Series
    from seqtool.families.forecasting.runner import Runner

Batch = tuple[Ids, Ids, Floats]  # of R paths: the series [R], from 0, their numbers [R], from 1, and values [R,N,F]

MOST = 10_000  # paths of a series
NUMBERS = 1 << 21  # of the histories and steps of a batch, at most


@dataclass(frozen=True)
class Paths:
    """Sample paths of B series, path by path: stamps [B][N] of the steps; names [B], None for one vector.

    header: the names of all columns. digits: how many of them a number shows. batches: read once.
    """

    header: Sequence[str]
    names: Sequence[str] | None
    stamps: Sequence[Sequence[str]]
    digits: int
    batches: Iterator[Batch]

    def csv(self) -> Iterator[str]:
        """Yield a table of text, a batch at a time; a cell is empty where a series cannot be continued."""
        head = [list(self.header)]
        for batch in self.batches:
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerows(head)
            for place, numbers in self._rows(batch):
                writer.writerow([*place, *("" if np.isnan(x) else f"{x:.{self.digits}g}" for x in numbers)])
            head = []
            yield text.getvalue().rstrip("\n")

    def records(self) -> Iterator[Json]:
        """Yield each path and step as a JSON object, null where a series cannot be continued."""
        for batch in self.batches:
            for place, numbers in self._rows(batch):
                values = [None if np.isnan(x) else x for x in numbers]
                yield dict(zip(self.header, [*place, *values], strict=True))

    def frame(self) -> dict[str, Sequence[str] | Array]:
        """Return the columns of a DataFrame, a row for each path and step."""
        batches = list(self.batches)
        series, paths = (np.concatenate([batch[n] for batch in batches]) for n in (0, 1))
        values = np.concatenate([batch[2] for batch in batches])
        steps = values.shape[1]
        columns: list[Sequence[str] | Array] = [[stamp for number in series for stamp in self.stamps[number]]]
        if self.names is not None:
            columns.insert(0, [self.names[number] for number in series for _ in range(steps)])
        columns += [np.repeat(paths, steps), *values.reshape(-1, values.shape[2]).T]
        return dict(zip(self.header, columns, strict=True))

    def _rows(self, batch: Batch) -> Iterator[tuple[list[str | int], list[float]]]:
        """Yield what names each row, and its values [F]."""
        for number, path, steps in zip(*batch, strict=True):
            before = [] if self.names is None else [self.names[number]]
            for stamp, values in zip(self.stamps[number], steps.tolist(), strict=True):
                yield [*before, stamp, int(path)], values


@dataclass(frozen=True)
class Seen:
    """What is copied for the paths of B series: history [B,T,F], covariates [B,T+N,C], ids and the names' keys [B].

    fit [B]: which of them can be continued.
    """

    history: Floats
    covariates: Array | None
    ids: Ids | None
    keys: Sequence[int]
    fit: Flags


def check(runner: Runner, count: int, seed: int) -> None:
    """Raise `UsageError` for a model without a distribution, and for a count or a seed that cannot be."""
    if not runner.samples:
        cure = "train a model with --network autoregressive --distribution gaussian"
        raise UsageError("the model draws no sample paths: it was trained without a distribution", cure=cure)
    if not isinstance(count, (int, np.integer)) or not 1 <= count <= MOST:
        raise UsageError(f"{count} sample paths cannot be drawn", cure=f"--paths 1 to {MOST}")
    require_seed(seed)


def drawn(runner: Runner, series: Series, steps: int, count: int, seed: int) -> tuple[Paths, list[Finding]]:
    """Draw `count` paths of the steps after each series of a table; return them and what is to be said of the series.

    The caller has checked runner, count and seed. Raises `DataError` where nothing can be continued.
    """
    if not runner.pooled:
        history, covariates = runner.inputs(series, steps)
        seen = Seen(history, covariates, None, [0], np.ones(1, dtype=np.bool_))
        head = [_free(name, series.columns) for name in ("time", "path")]
        batches = _batches(runner, seen, steps, count, seed)
        return Paths([*head, *series.columns], None, [series.future(steps)], runner.digits, batches), []
    many, findings = continued(runner, series, steps, ())
    history, last = windows_of(runner, series)
    fit, ids = ~unfit(runner, history), places(series.columns, runner.encoders.ids)
    fit[unknown_ahead(runner, series, last, fit, steps)] = False
    known = runner.covariates(series, last[fit], np.flatnonzero(fit), runner.window, steps)
    covariates = None
    if known is not None:
        covariates = np.full((len(fit), *known.shape[1:]), np.nan)
        covariates[fit] = known
    seen = Seen(history, covariates, ids, [_key(name) for name in series.columns], fit)
    ident, time, value = many.header
    header = [ident, time, _free("path", many.header), value]
    return Paths(header, many.names, many.stamps, runner.digits, _batches(runner, seen, steps, count, seed)), findings


def _batches(runner: Runner, seen: Seen, steps: int, count: int, seed: int) -> Iterator[Batch]:
    """Yield `count` paths of each series in turn, some at a time."""
    series, length, features = seen.history.shape
    size = max(1, min(BATCH, NUMBERS // ((length + steps) * features)))
    for begin in range(0, series * count, size):
        rows = np.arange(begin, min(begin + size, series * count))
        number, path = np.divmod(rows, count)
        values = np.full((len(rows), steps, features), np.nan)
        fit = seen.fit[number]
        if fit.any():
            values[fit] = _values(runner, seen, steps, number[fit], path[fit], seed)
        yield number, path + 1, values


def _values(runner: Runner, seen: Seen, steps: int, number: Ids, path: Ids, seed: int) -> Floats:
    """Return paths [R,N,F] of the series `number` [R]."""
    history, features = seen.history[number], seen.history.shape[2]
    keys = [Key(seen.keys[one], which) for one, which in zip(number.tolist(), path.tolist(), strict=True)]
    noise = normal(seed, keys, steps * features).reshape(-1, steps, features)
    covariates, ids = (None if part is None else part[number] for part in (seen.covariates, seen.ids))
    prediction = runner.forecast_batch(history, steps, covariates=covariates, ids=ids, noise=noise)
    refuse_infinite(prediction, history)
    return prediction.forecast


def _key(name: str) -> int:
    """Return 64 bits that stand for the name of a series."""
    return int.from_bytes(hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=8).digest(), "big")


def _free(name: str, taken: Sequence[str]) -> str:
    while name in taken:  # a series may be called so
        name += "_"
    return name
