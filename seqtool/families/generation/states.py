"""What a language model carries from call to call."""

from __future__ import annotations

from typing import Any

CELLS = {"lstm": "hc", "peephole": "hc", "scrn": "hs"}
"""The tensors of a cell, where there is more than h."""


def state_shapes(network: Any) -> dict[str, tuple[int, str, int]]:
    """Return the names and shapes [L,B,H] (of SCRN's s [L,B,S]) of a `LanguageModel`'s state in its file."""
    letters = CELLS.get(network.config.cell, "h")
    return {
        f"state_{letter}": (network.config.layers, "B", width)
        for letter, width in zip(letters, network.recurrent.widths, strict=True)
    }
