"""What a language model has to beat: the frequencies of symbols, a smoothed 5-gram model, and xz."""

from __future__ import annotations

import lzma
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.encoders.encoder import Encoder
from seqtool.errors import SeqtoolError
from seqtool.families.generation.data import TextPart
from seqtool.families.generation.ngram import NGram

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]

ORDER = 5
ZERO, GRAM, XZ = "order-0", f"{ORDER}-gram", "xz"
SPELLING = float(np.log(0x110000))
"""Nats to name a character among all of Unicode: the price of one that the vocabulary lacks, for every model."""


def fitted(train: TextPart) -> dict[str, Any]:
    """Return the counts of the training text's symbols; JSON, kept in the run and in the model file."""
    return {"counts": np.bincount(train.ids, minlength=train.encoder.size).tolist()}


def rivals(stored: Mapping[str, Any], part: TextPart, known: TextPart | None) -> dict[str, Floats]:
    """Return each baseline's -log p of the symbols of a part but the first: [T-1].

    `known` is the text before the part; without it there is the order-0 model of the stored counts alone.
    Raises `SeqtoolError` where these are of another vocabulary.
    """
    counts = np.array(stored.get("counts", ()), dtype=np.float64)
    size = part.encoder.size
    if counts.shape != (size,):
        raise SeqtoolError("the stored baselines are of another vocabulary", cure="train and export again")
    if known is None:
        return {ZERO: order_0(counts, part.ids)}
    seen = np.bincount(known.ids, minlength=size)
    return {ZERO: order_0(seen, part.ids), GRAM: NGram.fit(known.ids, size, ORDER).nats(part.ids)}


def order_0(counts: NDArray[Any], ids: Ids) -> Floats:
    """Return -log p of each symbol of ids [T] but the first from counts [V] alone, each one more than seen."""
    chances = (counts + 1) / (counts.sum() + len(counts))
    return np.asarray(-np.log(chances[ids[1:]]))


def spelled(nats: Floats, ids: Ids, encoder: Encoder) -> Floats:
    """Add to nats [T-1] what it takes to say which unseen character each `unk` of ids [T] is."""
    return nats if encoder.unk is None else nats + SPELLING * (ids[1:] == encoder.unk)


def xz(part: TextPart, known: TextPart | None) -> float:
    """Return the bits a character of a part that xz needs, after the text before it."""
    before = known.text.encode() if known else b""
    return 8 * (_size(before + part.text.encode()) - _size(before)) / part.characters


def _size(data: bytes) -> int:
    return len(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))
