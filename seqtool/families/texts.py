"""What language models and translators share: how likely texts are, and texts answered in batches."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from seqtool.data.splits import LengthSampler
from seqtool.errors import UsageError
from seqtool.run_check import SEEDS
from seqtool.say import counted

T = TypeVar("T")
R = TypeVar("R")
SPELLING = math.log(0x110000)  # nats to name one of Unicode's characters, for one that the vocabulary lacks
MOST_NATS = 700.0  # nats a symbol beyond which the perplexity is no finite number


@dataclass(frozen=True)
class Likelihood:
    """How likely a text is to a model: -log p of all its symbols, the number of symbols, and of their characters."""

    nats: float
    symbols: int
    characters: int

    @property
    def bits_per_character(self) -> float:
        """Bits a character: comparable between models whose symbols differ."""
        return self.nats / math.log(2) / max(1, self.characters)

    @property
    def perplexity(self) -> float:
        """The perplexity of a symbol."""
        return math.exp(min(self.nats / self.symbols, MOST_NATS))

    def to_json(self) -> dict[str, float]:
        """Return the object that `seqtool score --json` writes."""
        return {"nats": self.nats, "bits_per_character": self.bits_per_character, "perplexity": self.perplexity}

    def written(self) -> str:
        """Return the line that `seqtool score` writes, a tab between the measures."""
        return "\t".join(f"{value:.6g}" for value in self.to_json().values())


@dataclass
class Totals:
    """Adds up the likelihoods of lines."""

    lines: int = 0
    whole: Likelihood = Likelihood(0.0, 0, 0)

    def answer(self, line: Likelihood, *, json: bool) -> str | dict[str, float]:
        """Add a line; return what `seqtool score` writes for it."""
        whole = self.whole
        symbols, characters = whole.symbols + line.symbols, whole.characters + line.characters
        self.lines, self.whole = self.lines + 1, Likelihood(whole.nats + line.nats, symbols, characters)
        return line.to_json() if json else line.written()

    def summary(self) -> str:
        """Return the score of all lines in words; "" where there were none."""
        if not self.lines:
            return ""
        whole = self.whole
        lines = counted(self.lines, "line")
        return (
            f"{lines}, {whole.characters:,} characters: {whole.nats:.6g} nats, "
            f"{whole.bits_per_character:.4f} bits per character, perplexity {whole.perplexity:.4f}"
        )


HOTTEST = 1e6
"""The highest temperature: draws are even long before, and the graph multiplies noise by it in float32."""


def require(valid: bool, fault: str, cure: str) -> None:
    """Raise `UsageError` unless a setting is `valid`."""
    if not valid:
        raise UsageError(fault, cure=cure)


_KINDS: dict[type, tuple[tuple[type, ...], str]] = {
    bool: ((bool, np.bool_), "flag"),
    int: ((int, np.integer), "whole number"),
    float: ((int, float, np.number), "number"),
    str: ((str,), "text"),
    tuple: ((tuple,), "list of texts"),
}


def require_kinds(settings: Mapping[str, object], defaults: Mapping[str, object]) -> None:
    """Raise `UsageError` for a setting from Python of another kind than its default; numpy's numbers will do."""
    for name, default in defaults.items():
        kind, words = _KINDS[type(default)]
        require(isinstance(settings[name], kind), f"{name} is a {type(settings[name]).__name__}", f"give a {words}")


def require_seed(seed: int) -> None:
    """Raise `UsageError` for a seed that a word of 64 bits does not hold: it would draw what another seed draws."""
    require(0 <= seed < SEEDS, f"a seed of {seed} cannot be", f"--seed 0 to {SEEDS - 1}")


def require_draws(temperature: float, top_k: int, top_p: float, symbols: int) -> None:
    """Raise `UsageError` for draws among V `symbols` that cannot be."""
    require(0 <= temperature <= HOTTEST, f"a temperature of {temperature:g} cannot be", "--temperature 0 to 1e6")
    fault = f"--top-k {top_k:,} cannot be: the model knows {symbols:,} symbols"
    require(0 <= top_k <= symbols, fault, f"--top-k 1 to {symbols:,}, or 0: all")
    # in float32, as the graph has it: there 1e-50 is 0
    valid = bool(np.float32(top_p) > 0) and top_p <= 1
    require(valid, f"--top-p {top_p:g} is not a share", "above 0, up to 1: all")


def in_batches(
    items: Sequence[T], lengths: Sequence[int], budget: int, least: int, answer: Callable[[Sequence[T]], Sequence[R]]
) -> list[R]:
    """Answer items in calls of similar lengths: at most `budget` tokens a call, and `budget` // `least` items."""
    answers: dict[int, R] = {}
    if items:
        # each row of a call costs as much as the longest
        sampler = LengthSampler(lengths, records=max(1, budget // least), tokens=budget, seed=0)
        for _ in range(sampler.steps):
            places = sampler.order()[sampler.next()].tolist()
            answers.update(zip(places, answer([items[place] for place in places]), strict=True))
    return [answers[place] for place in range(len(items))]
