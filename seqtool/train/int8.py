"""Whether an int8 file may be written, and whether it should be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqtool.errors import SeqtoolError

FASTER = 1.3
"""How many times as fast an int8 file has to be for it to be recommended."""


def judge(costs: Mapping[str, Any]) -> None:
    """Raise `SeqtoolError` where int8 costs more than the family's tolerance."""
    lost = costs["int8"] - costs["float"]
    if not lost <= costs["tolerance"]:  # NaN is no quality either
        raise SeqtoolError(
            f"int8 costs {lost:.3g} {costs['unit']} on the validation part, more than {costs['tolerance']:g}",
            where="nothing was written",
            cure="export without --int8",
        )


def in_words(costs: Mapping[str, Any]) -> str:
    """Return what int8 loses and gains, and whether it should be used."""
    scores = f"{costs['int8']:.4f} {costs['unit']} against {costs['float']:.4f} on the validation part"
    advice = "recommended" if costs["speed"] >= FASTER else "not recommended: below 1.3 export without --int8"
    return f"int8: {scores}; {costs['speed']:.3g} times as fast on this machine ({advice})"
