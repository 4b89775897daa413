"""How a few validation sources are translated while a network is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seqtool.data.splits import Splits
from seqtool.families.translation.data import PairPart
from seqtool.paths import append_text
from seqtool.report.tables import cut_middle

SHOWN = 3
"""Pairs, evenly spread over the validation part."""
FILE = "samples.txt"
WIDTH = 60
"""Characters of a side in the line that a person sees."""


def append(network: Any, splits: Splits[PairPart], run: Path, step: int) -> str:
    """Add to `run`/samples.txt what the network makes of a few sources; return the first as a line.

    Raises `SeqtoolError` where it cannot write.
    """
    from seqtool.families.translation.greedy import translator_of

    pairs = splits.validation.pairs
    shown = pairs[:: -(-len(pairs) // SHOWN)]
    translations = translator_of(network, splits.encoders)([pair.source for pair in shown])
    lines = [f"--- step {step} ---\n"]
    for pair, translation in zip(shown, translations, strict=True):
        lines.append(f"source       {pair.source}\nreference    {pair.target}\ntranslation  {translation}\n\n")
    append_text(run / FILE, "".join(lines))
    return f"  {cut_middle(shown[0].source, WIDTH)} -> {cut_middle(translations[0], WIDTH)}"
