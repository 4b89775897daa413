"""What is asked of every text that a model writes, and what of it the graph is given: the same for all families."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from seqtool.data.banned import FORBIDDEN, Table, automaton
from seqtool.errors import UsageError
from seqtool.families.texts import require
from seqtool.runtime.runner import as_list

if TYPE_CHECKING:
    from seqtool.types import Array

STRONGEST = 100.0  # a penalty that leaves nothing of any logit
LONGEST_GRAM = 100  # symbols of an n-gram: all places of a text are compared with its end, symbol by symbol


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Settings of a request.

    repetition_penalty: by which the logits of symbols that the text has already lose (1: off; Keskar et al. 2019).
    no_repeat: the n of n-grams of symbols that come once (0: off). min_length: symbols at least. ban: texts that no
    answer contains.
    """

    repetition_penalty: float = 1.0
    no_repeat: int = 0
    min_length: int = 0
    ban: tuple[str, ...] = ()

    @property
    def asked(self) -> list[str]:
        """The options that are on and need a graph with rules."""
        penalty = self.repetition_penalty != 1
        values = {"--repetition-penalty": penalty, "--no-repeat": self.no_repeat, "--ban": self.ban}
        return [name for name, value in values.items() if value]


def bans(texts: Iterable[str]) -> tuple[str, ...]:
    """Return banned texts without blanks around them; raises `UsageError` for what is no list of texts."""
    listed = as_list(texts)
    if not all(isinstance(text, str) for text in listed):
        raise UsageError("ban holds what is no text", cure="give a list of str")
    return tuple(dict.fromkeys(text.strip() for text in listed if text.strip()))


class Ruled:
    """A graph with rules, or one of an earlier version, without.

    inputs: names of the graph's. spelled: the UTF-8 of each of V `symbols`. never: symbols that are not written. join:
    the spelling of a mark that goes with the blank behind it.
    """

    def __init__(
        self, inputs: Iterable[str], symbols: int, spelled: Callable[[], Sequence[bytes]], never: Sequence[int],
        join: str = "",
    ) -> None:  # fmt: skip
        self.known = "no_repeat" in set(inputs)
        self._symbols, self._spelled, self._never, self._join = symbols, spelled, list(never), join.encode()
        self.table = lru_cache(maxsize=2)(self._table)

    def check(self, rules: Rules, asked: Sequence[str]) -> None:
        """Raise `UsageError` for rules that cannot be, and for those `asked` of a graph that knows none."""
        penalty, once = rules.repetition_penalty, rules.no_repeat
        fault = f"a repetition penalty of {penalty:g} cannot be"
        require(1 <= penalty <= STRONGEST, fault, f"--repetition-penalty 1 (none) to {STRONGEST:g}")
        fault = f"n-grams of {once:,} symbols cannot be kept from coming again"
        require(0 <= once <= LONGEST_GRAM, fault, f"--no-repeat 1 to {LONGEST_GRAM}, or 0: off")
        fault = f"this file knows no {', '.join(asked)}: an earlier version exported it"
        require(self.known or not asked, fault, "seqtool export again, then use that file")
        self.table(rules.ban)

    def _table(self, ban: tuple[str, ...]) -> Table:
        """Return the automaton of banned texts; raises `UsageError` where there cannot be one."""
        if ban:
            return automaton(ban, self._spelled(), self._never, self._join)
        table = np.zeros((1, self._symbols), np.int32)  # most requests ban nothing: nothing is spelled for them
        table[:, self._never] = FORBIDDEN
        return table

    def feeds(self, rules: Rules) -> Mapping[str, Array]:
        """Return what the graph is given."""
        if not self.known:
            return {}
        return {
            "repetition_penalty": np.array(rules.repetition_penalty, np.float32),
            "no_repeat": np.array(rules.no_repeat, np.int64),
            "banned": self.table(rules.ban),
        }
