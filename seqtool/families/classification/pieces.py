"""Long texts in pieces: a network reads each piece alone, and the answer to the text is pooled from theirs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from seqtool.types import Array, Floats, Ids

LEAST = 1e-12
"""The least probability of a piece: one piece that is sure of a class must not decide against all others."""
Outputs = Callable[[Sequence[Ids]], dict[str, Array]]
"""From N texts, or pieces, given as ids [T] to each output [N,C] of a model, by name."""


def count(length: int, most: int) -> int:
    """Return in how many pieces of at most `most` tokens a text is read; 0: it is read whole."""
    return -(-length // most) if most else 1


def cut(ids: Ids, most: int) -> list[Ids]:
    """Cut the ids [T] of a text into as few pieces as there can be of at most `most`, of lengths that differ by 1."""
    return [ids] if len(ids) <= most or not most else np.array_split(ids, count(len(ids), most))


def all_cut(texts: Sequence[Ids], most: int) -> tuple[list[Ids], Ids]:
    """Return the pieces of N texts given as ids [T], and how many each text has [N]."""
    parts = [cut(ids, most) for ids in texts]
    return [piece for pieces in parts for piece in pieces], np.array([len(pieces) for pieces in parts])


def weights(pieces: Sequence[Ids], counts: Ids) -> Floats:
    """Return how much each of P pieces counts in a training, [P]: all texts alike, and 1 in the mean."""
    lengths = np.array([len(piece) for piece in pieces], dtype=np.float64)
    texts = np.add.reduceat(lengths, np.cumsum(counts) - counts)
    found: Floats = lengths / np.repeat(texts, counts)
    return found * len(pieces) / len(counts)


def pooling(outputs: Outputs, most: int, *, multi: bool = False) -> Outputs:
    """Return a model that reads texts of more than `most` tokens in pieces; others it answers to the last bit alike.

    multi: whether a text may have several labels.
    """

    def pooled(texts: Sequence[Ids]) -> dict[str, Array]:
        if all(len(ids) <= most for ids in texts):
            return outputs(texts)
        pieces, counts = all_cut(texts, most)
        return {name: joined(rows, pieces, counts, multi=multi) for name, rows in outputs(pieces).items()}

    return pooled


def joined(rows: Array, pieces: Sequence[Ids], counts: Ids, *, multi: bool = False) -> Array:
    """Pool probabilities [P,C] of pieces to those of texts [N,C]: the mean of their logarithms, longer pieces more.

    Of several labels (`multi`) the mean of their log-odds.
    """
    starts = np.cumsum(counts) - counts
    found: Array = rows[starts]
    for text in np.flatnonzero(counts > 1):  # each alone: a sum over all would depend on the other texts
        own = slice(starts[text], starts[text] + counts[text])
        found[text] = (_mean_odds if multi else _mean)(rows[own], np.array([len(piece) for piece in pieces[own]]))
    return found


def _mean(rows: Array, lengths: Ids) -> Floats:
    """Return the probabilities [C] whose logarithms are the mean of those of rows [P,C], weighted by lengths [P]."""
    logits: Floats = lengths @ np.log(np.maximum(rows.astype(np.float64), LEAST)) / lengths.sum()
    raw: Floats = np.exp(logits - logits.max())
    chances: Floats = raw / raw.sum()
    return chances


def _mean_odds(rows: Array, lengths: Ids) -> Floats:
    """Return the probabilities [C] whose log-odds are the mean of those of rows [P,C], weighted by lengths [P]."""
    sure = np.clip(rows.astype(np.float64), LEAST, 1 - LEAST)
    logits: Floats = lengths @ (np.log(sure) - np.log1p(-sure)) / lengths.sum()
    chances: Floats = 1 / (1 + np.exp(-logits))
    return chances
