"""What a forecaster knows of the columns beside its values: what they hold, how they are scaled, what they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from seqtool.data.answer_names import fit_names
from seqtool.say import listing, printable
from seqtool.types import Floats, Json

if TYPE_CHECKING:
    from seqtool.data.beside import Beside

UNSEEN = -1.0  # the code of a level that the training did not have: no indicator is set
_SCALE = {"mean": 0.0, "deviation": 1.0, "low": 0.0, "high": 0.0}
ROUNDING = 1e-10  # of the largest value: what a deviation is at least


@dataclass(frozen=True)
class Input:
    """One column beside the values.

    known: whether the future has it; static: whether it is one value a series. levels: the texts of a category, () of
    numbers and flags, whose mean and deviation are those of the training part, and whose range is low to high. effect
    [K][F]: what one deviation, or each level, adds to each series: in raw units, to the logarithm where the scaling
    takes one, in deviations of the window where a pooled model scales each. days: of holidays, which no table holds;
    first, last: the years that are known of them.
    """

    name: str
    known: bool = False
    static: bool = False
    levels: tuple[str, ...] = ()
    effect: tuple[tuple[float, ...], ...] = ()
    mean: float = 0.0
    deviation: float = 1.0
    low: float = 0.0
    high: float = 0.0
    days: tuple[str, ...] = ()
    first: int = 0
    last: int = 0

    @property
    def size(self) -> int:
        """The number K of its indicators: its levels, 1 for a number."""
        return len(self.levels) or 1

    def to_json(self) -> Json:
        """Return plain JSON values."""
        stored: Json = {"name": self.name, "known": self.known, "static": self.static}
        if self.levels:
            stored["levels"] = list(self.levels)
        else:
            stored |= {"mean": self.mean, "deviation": self.deviation, "low": self.low, "high": self.high}
        if self.last:
            stored |= {"days": list(self.days), "first": self.first, "last": self.last}
        return {**stored, "effect": [list(row) for row in self.effect]} if self.effect else stored

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Input:
        """Rebuild what `to_json` gave; raises `KeyError`, `TypeError` or `ValueError` for anything else."""
        numbers = {name: float(value.get(name, _SCALE[name])) for name in _SCALE}
        (name,) = fit_names((value["name"],))
        if not all(map(np.isfinite, numbers.values())) or numbers["deviation"] <= 0:
            raise ValueError(f"the input {printable(name)} has no scale")
        effect = tuple(tuple(map(float, row)) for row in value.get("effect", ()))
        levels = tuple(map(str, value.get("levels", ())))
        if effect and len(effect) != (len(levels) or 1):
            raise ValueError(f"the effects of {printable(name)} do not fit")
        days = tuple(map(str, value.get("days", ())))
        np.array(days, dtype="datetime64[D]")  # raises `ValueError` for what is none
        years = int(value.get("first", 0)), int(value.get("last", 0))
        known, static = bool(value["known"]), bool(value["static"])
        return cls(name, known, static, levels, effect, **numbers, days=days, first=years[0], last=years[1])


def fitted(
    names: Sequence[str], values: Floats, levels: Sequence[tuple[str, ...]], known: int, past: int
) -> tuple[Input, ...]:
    """Return what the rows of the training [T,S,C] say of each column; the first ones are known, then past.

    levels: the texts of each category.
    """
    inputs = []
    for place, (name, texts) in enumerate(zip(names, levels, strict=True)):
        seen = values[:, :, place][np.isfinite(values[:, :, place])]
        ahead, static = place < known, place >= known + past
        if texts:
            there = np.unique(seen).astype(np.int64).tolist()
            inputs.append(Input(name, ahead, static, tuple(texts[level] for level in there)))
        else:
            inputs.append(scaled(Input(name, ahead, static), seen))
    return tuple(inputs)


def scaled(one: Input, seen: Floats) -> Input:
    """Give an input the scale of the known numbers of the training."""
    if not seen.size:
        return one
    deviation, varies = float(seen.std()), seen.std() > ROUNDING * np.abs(seen).max()
    low, high, mean = float(seen.min()), float(seen.max()), float(seen.mean())
    return replace(one, mean=mean, deviation=deviation if varies else 1.0, low=low, high=high)


def coded(beside: Beside, inputs: Sequence[Input]) -> Floats:
    """Return the columns [T+M,S,C] with the places of levels as the training had them, `UNSEEN` for any other."""
    values = beside.values.copy()
    for place, (own, one) in enumerate(zip(beside.levels, inputs, strict=True)):
        if not one.levels:
            if own:  # a category of which the training had no level: its places are no numbers
                values[:, :, place] = np.nan
            continue
        table = {text: float(number) for number, text in enumerate(one.levels)}
        codes = np.array([*(table.get(text, UNSEEN) for text in own), UNSEEN])
        column = values[:, :, place]
        values[:, :, place] = codes[np.where(np.isfinite(column), column, len(own)).astype(np.int64)]
    return values


def indicators(values: Floats, inputs: Sequence[Input]) -> Floats:
    """Return what a network reads of coded columns [...,C]: [...,K], the twin of `nn.covariates`."""
    parts = []
    for place, one in enumerate(inputs):
        column = values[..., place, None]
        if one.levels:
            parts.append((column == np.arange(len(one.levels))).astype(np.float64))
        else:
            parts.append(np.nan_to_num((column - one.mean) / one.deviation, nan=0.0))
    return np.concatenate(parts, axis=-1) if parts else np.empty((*values.shape[:-1], 0))


def doubts(beside: Beside, inputs: Sequence[Input], begin: int) -> list[str]:
    """Say which columns hold, from row `begin` on, what the training had not: other levels, or values far away."""
    texts = []
    for place, (levels, one) in enumerate(zip(beside.levels, inputs, strict=False)):  # holidays are in no table
        seen = beside.values[max(0, begin) :, :, place]
        seen = seen[np.isfinite(seen)]
        name = printable(one.name)
        if one.levels or levels:
            new = [
                levels[level] for level in np.unique(seen).astype(np.int64).tolist() if levels[level] not in one.levels
            ]
            if new:
                what = f"unseen-category: column '{name}' has {listing(new, 5)}, which the training had not"
                texts.append(f"{what}: read as none of its categories")
        elif seen.size and (seen.max() > 2 * one.high - one.low or seen.min() < 2 * one.low - one.high):
            far = seen.max() if seen.max() - one.high > one.low - seen.min() else seen.min()
            went = f"the training part went from {one.low:,.6g} to {one.high:,.6g}"
            texts.append(f"out-of-range: column '{name}' is at {far:,.6g}; {went}")
    return texts
