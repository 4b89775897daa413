"""The facts about its series that a forecaster's file keeps: names, scaling, season and step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from seqtool.data.encoders.scaler import Kind, Scaler, extent
from seqtool.data.grid import Grid
from seqtool.data.reading import BEFORE, Reading
from seqtool.say import printable

if TYPE_CHECKING:
    from seqtool.data.encoders.inputs import Input
    from seqtool.types import Floats, Json

# Offsets [N][F][Q] of quantiles from a forecast, in the units of `nn.scaling`; None where too few errors are known.
Offsets = Sequence[Sequence[Sequence[float | None]]]


WHOLE = 0.1  # of the range of the training by which a whole window may lie beside it

_SEEN: dict[Kind, str] = {  # what a network sees, by the scaling
    "standard": "column '{0}' is at",
    "min-max": "column '{0}' is at",
    "log-return": "a log-return of column '{0}' is",
    "seasonal-difference": "a change of column '{0}' over {1} steps is",
    "log-window": "the logarithm of a value of column '{0}', in deviations of the others of its window, is",
    "mean": "a value of column '{0}', in deviations of the others of its window, is",
    "window": "a value of column '{0}', in deviations of the others of its window, is",
}


class Local(NamedTuple):
    """How the widths of intervals follow the movement of a window (`nn.local_scale`): usual movement [F], power [F].

    half_life, changes: how the movement is measured; the values of older files are the defaults.
    """

    usual: tuple[float, ...]
    power: tuple[float, ...]
    half_life: float = math.inf
    changes: bool = False

    def to_json(self) -> Json:
        """Return what `from_json` takes; without what older files lack."""
        stored: Json = {"usual": list(self.usual), "power": list(self.power)}
        return stored if math.isinf(self.half_life) else {
            **stored, "half_life": self.half_life, "changes": self.changes
        }  # fmt: skip

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Local:
        """Rebuild what `to_json` gave."""
        usual, power = (tuple(map(float, stored[name])) for name in ("usual", "power"))
        return cls(usual, power, float(stored.get("half_life", math.inf)), bool(stored.get("changes", False)))


@dataclass(frozen=True)
class ForecastingEncoders:
    """The names of F columns and their scaling; the season in steps, 1 for none; the grid of time stamps.

    grid: None where the training data has no time stamps. offsets: None before the training has ended. local: None
    where the offsets are those of every window. reading: how the training table is written, so that later ones are read
    alike. seen: the least and the greatest of what the network saw of each column in training (`Scaler.seen`), () in
    files of earlier versions. by_others: how that was measured. baseline: its name where the file holds one, else "".
    ids: the series that have a part of their own, in the order of the graph's input `ids`. spreads: how large their
    errors are, as multiples of the usual size that the offsets have. inputs: the columns beside the values.
    """

    scaler: Scaler
    columns: tuple[str, ...]
    season: int = 1
    grid: Grid | None = None
    offsets: Offsets | None = None
    local: Local | None = None
    reading: Reading = BEFORE
    seen: tuple[tuple[float, float], ...] = ()
    by_others: bool = True
    baseline: str = ""
    ids: tuple[str, ...] = ()
    spreads: tuple[float, ...] = ()
    inputs: tuple[Input, ...] = ()

    def strange(self, history: Floats) -> list[str]:
        """Return for each column of raw windows [B,T,F] that lies far outside of the training part what is there.

        Far is a value beyond the range of the training by more than that range is wide, or a window of which every
        value is beyond it by more than a tenth of that. What counts is what the network sees: where each window is
        scaled by itself, or changes are forecast, the level may be any.
        """
        if self.baseline:  # a rule without a network knows no range
            return []
        lowest, highest = (end.tolist() for end in extent(self.scaler.seen(history, by_others=self.by_others)))
        texts = []
        for (low, high), least, most, name in zip(self.seen, lowest, highest, self.columns, strict=False):
            below, above = low - least, most - high
            whole = max(low - most, least - high)
            known = least <= most
            if known and (max(below, above) > high - low or whole > WHOLE * (high - low)):
                what = _SEEN[self.scaler.kind].format(printable(name), self.scaler.season)
                reached = most if above > below else least
                text = f"{what} {_number(reached)}; the training part went from {_number(low)} to {_number(high)}"
                texts.append(f"out-of-range: {text}")
        return texts

    def to_json(self) -> Json:
        """Return the encoders as a JSON object."""
        stored = {"scaler": self.scaler.to_json(), "columns": list(self.columns), "season": self.season}
        # a plain step is written as before version 0.2
        stored["step"] = self.grid.seconds or None if self.grid else None
        if self.grid is not None and self.grid != Grid(seconds=self.grid.seconds or 1):
            stored["grid"] = self.grid.to_json()
        if self.baseline:
            stored["baseline"] = self.baseline
        if self.reading != BEFORE:  # of an older run: its files stay as they are
            stored["reading"] = self.reading.to_json()
        if self.seen:
            stored["seen"] = list(map(list, self.seen))
            stored["by_others"] = self.by_others
        if self.ids:
            stored["ids"] = list(self.ids)
        if self.spreads:
            stored["spreads"] = list(self.spreads)
        if self.inputs:
            stored["inputs"] = [one.to_json() for one in self.inputs]
        if self.offsets is not None:
            stored["offsets"] = self.offsets
        if self.local is not None:
            stored["local"] = self.local.to_json()
        return stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ForecastingEncoders:
        """Rebuild what `to_json` gave; raises `KeyError`, `TypeError` or `ValueError` for anything else."""
        return cls(
            scaler=Scaler.from_json(stored["scaler"]),
            columns=_columns(stored["columns"]),
            season=whole_number(stored["season"], least=1),
            grid=_grid(stored),
            offsets=stored.get("offsets"),
            local=Local.from_json(stored["local"]) if "local" in stored else None,
            reading=Reading.from_json(stored["reading"]) if "reading" in stored else BEFORE,
            seen=tuple((float(low), float(high)) for low, high in stored.get("seen", ())),
            by_others=bool(stored.get("by_others", False)),
            ids=tuple(map(as_name, stored.get("ids", ()))),
            spreads=tuple(map(float, stored.get("spreads", ()))),
            inputs=_inputs(stored["inputs"]) if "inputs" in stored else (),
            baseline=as_name(stored.get("baseline", "")),
        )


def _columns(stored: Sequence[object]) -> tuple[str, ...]:
    names = tuple(map(as_name, stored))
    if all(map(str.isprintable, names)):  # nearly always
        return names
    from seqtool.data.answer_names import fit_names

    return fit_names(names)


def _inputs(stored: Sequence[Mapping[str, Any]]) -> tuple[Input, ...]:
    from seqtool.data.encoders.inputs import Input  # few models have any

    return tuple(map(Input.from_json, stored))


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1e6 else f"{value:,.6g}"


def _grid(stored: Mapping[str, Any]) -> Grid | None:
    if "grid" in stored:
        return Grid.from_json(stored["grid"])
    return None if stored["step"] is None else Grid(seconds=whole_number(stored["step"], least=1))


def whole_number(value: object, *, least: int) -> int:
    """Return a stored value as it is; raises `ValueError` for anything but a whole number of at least `least`."""
    if type(value) is not int or value < least:  # `True` is an int to Python, and no count
        raise ValueError(f"{value!r:.40} is not a whole number of at least {least}")
    return value


def as_name(value: object) -> str:
    """Return a stored name as it is; raises `TypeError` for anything but a text."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is not a name")
    return value


def names_of(config: Json, field: str) -> tuple[str, ...]:
    """Return names out of a configuration; before version 0.2 it held one name, "" for none."""
    value = config.get(field, ())
    return tuple(filter(None, [value])) if isinstance(value, str) else tuple(value)
