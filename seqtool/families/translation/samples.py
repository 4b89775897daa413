"""How a few validation sources are translated while a network is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seqtool.data.splits import Splits
from seqtool.errors import SeqtoolError
from seqtool.families.translation.data import PairPart

SHOWN = 3
"""Pairs, evenly spread over the validation part."""
FILE = "samples.txt"


def append(network: Any, splits: Splits[PairPart], run: Path, step: int) -> None:
    """Add to `run`/samples.txt what the network makes of a few sources; raises `SeqtoolError` where it cannot."""
    from seqtool.families.translation.greedy import translator_of

    pairs = splits.validation.pairs
    shown = pairs[:: -(-len(pairs) // SHOWN)]
    translations = translator_of(network, splits.encoders)([pair.source for pair in shown])
    lines = [f"--- step {step} ---\n"]
    for pair, translation in zip(shown, translations, strict=True):
        lines.append(f"source       {pair.source}\nreference    {pair.target}\ntranslation  {translation}\n\n")
    try:
        with (run / FILE).open("a", encoding="utf-8", newline="") as stream:
            stream.write("".join(lines))
    except OSError as error:
        raise SeqtoolError(f"cannot write: {error.strerror}", where=str(run / FILE), cure="free space") from error
