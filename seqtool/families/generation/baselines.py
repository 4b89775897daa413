"""What a language model has to beat: the frequencies of symbols, a smoothed 5-gram model, and xz."""

from __future__ import annotations

import lzma
from dataclasses import dataclass

import numpy as np

from seqtool.errors import SeqtoolError
from seqtool.families.generation.data import TextPart
from seqtool.run_check import is_counts
from seqtool.types import Array, Floats, Ids, Json

ORDER = 5
BLOCK = 1 << 20  # symbols that are counted at a time
ZERO, GRAM, XZ = "order-0", f"{ORDER}-gram", "xz"
USUAL = (0.5, 1.0, 1.5)  # discounts where a text has too few n-grams to estimate them
LEAST = 0.05  # smallest discount: some probability is always left for unseen symbols


def fitted(train: TextPart) -> Json:
    """Return the counts of the training text's symbols; JSON, kept in the run and in the model file."""
    return {"counts": counted(train.ids, train.encoder.size).tolist()}


def counted(ids: Array, size: int) -> Ids:
    """Count the symbols of ids [T]: [V]."""
    # in blocks: NumPy makes eight bytes of each symbol to count it
    counts = np.zeros(size, dtype=np.int64)
    for start in range(0, len(ids), BLOCK):
        counts += np.bincount(ids[start : start + BLOCK], minlength=size)
    return counts


def rivals(stored: Json, part: TextPart, before: TextPart | None) -> dict[str, Floats]:
    """Return each baseline's -log p of the symbols of a part but the first: [T-1].

    Without the text `before` the part only order-0 of the stored counts; raises `SeqtoolError` for a wrong vocabulary.
    """
    given = stored.get("counts", [])
    counts = np.array(given if is_counts(given) else [], dtype=np.float64)
    size = part.encoder.size
    if counts.shape != (size,):
        raise SeqtoolError("the stored baselines belong to another vocabulary", cure="train and export again")
    if before is None:
        return {ZERO: order_0(counts, part.ids)}
    # fitted anew at each scoring: the counts of all n-grams would be larger than the model
    seen = counted(before.ids, size)
    return {ZERO: order_0(seen, part.ids), GRAM: NGram.fit(before.ids, size, ORDER).nats(part.ids)}


def order_0(counts: Array, ids: Array) -> Floats:
    """Return -log p of each symbol of ids [T] but the first, from counts [V] with add-one smoothing."""
    chances = (counts + 1) / (counts.sum() + len(counts))
    return np.asarray(-np.log(chances[ids[1:]]))


def xz(part: TextPart, before: TextPart | None) -> float:
    """Return the bits a character that xz needs for a part, after it has read the text before the part."""
    head = before.text.encode() if before else b""
    return 8 * (_size(head + part.text.encode()) - _size(head)) / part.characters


def _size(data: bytes) -> int:
    return len(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))


@dataclass(frozen=True)
class _Level:
    """The n-grams of one length: their keys [G] and discounted shares of their contexts [G].

    left [C]: the share of each context that is left to shorter n-grams; 1 for a context that nothing ever followed.
    """

    keys: Ids
    share: Floats
    left: Floats

    def find(self, keys: Ids) -> Ids:
        """Return the numbers of keys, -1 for unseen ones."""
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, -1)


@dataclass(frozen=True)
class NGram:
    """Interpolated modified Kneser-Ney smoothing (Chen and Goodman 1999): from single symbols to the longest n-grams.

    The longest n-grams are counted by their occurrences, shorter ones by the different symbols before them.
    """

    levels: tuple[_Level, ...]
    vocabulary: int

    @classmethod
    def fit(cls, ids: Array, vocabulary: int, order: int) -> NGram:
        """Count the n-grams of ids [T] up to `order` symbols."""
        # The n-grams of each length are numbered. The key of one of length k is the number of its first k-1 symbols
        # * V + its last symbol: no key leaves 64 bits at any order and vocabulary, and numpy counts a million a second.
        numbers = np.zeros(len(ids), dtype=np.int64)  # of the empty n-gram that ends everywhere
        keys, occurrences, suffixes = [], [], []
        for length in range(1, min(order, len(ids)) + 1):
            shorter, numbers = numbers, np.full(len(ids), -1)
            ends = slice(length - 1, None)
            before = shorter[length - 2 : -1] if length > 1 else shorter
            grams, first, inverse, counts = np.unique(
                before * vocabulary + ids[ends], return_index=True, return_inverse=True, return_counts=True
            )
            numbers[ends] = inverse
            keys.append(grams)
            occurrences.append(counts)
            suffixes.append(shorter[first + length - 1])  # the same n-gram without its first symbol
        levels = []
        for place, grams in enumerate(keys):
            last = place == len(keys) - 1
            counts = occurrences[place] if last else np.bincount(suffixes[place + 1], minlength=len(grams))
            levels.append(_level(grams, counts, len(keys[place - 1]) if place else 1, vocabulary))
        return cls(tuple(levels), vocabulary)

    def nats(self, ids: Array) -> Floats:
        """Return -log p of each symbol of ids [T] but the first, from the symbols of `ids` before it: [T-1]."""
        chances = np.full(len(ids), 1 / self.vocabulary)
        context = np.zeros(len(ids), dtype=np.int64)
        for level in self.levels:
            seen = context >= 0
            number = np.where(seen, level.find(context * self.vocabulary + ids), -1)
            chances *= np.where(seen, level.left[context], 1.0)
            chances += np.where(number >= 0, level.share[number], 0.0)
            context = np.concatenate([[-1], number[:-1]])
        return np.asarray(-np.log(chances[1:]))


def _level(keys: Ids, counts: Ids, contexts: int, vocabulary: int) -> _Level:
    context = keys // vocabulary
    discounts = _discounts(counts)[np.minimum(counts, 3)]
    totals = np.bincount(context, counts, minlength=contexts)
    taken = np.bincount(context, discounts, minlength=contexts)
    divide = np.maximum(totals, 1)
    return _Level(keys, (counts - discounts) / divide[context], np.where(totals > 0, taken / divide, 1.0))


def _discounts(counts: Ids) -> Floats:
    """Return the discount of a count of 0, 1, 2, and 3 or more (Chen and Goodman 1999, equation 17)."""
    once, twice, thrice, four = (int((counts == number).sum()) for number in (1, 2, 3, 4))
    if not (once and twice and thrice):
        return np.array([0.0, *USUAL])
    ratio = once / (once + 2 * twice)
    estimates = (1 - 2 * ratio * twice / once, 2 - 3 * ratio * thrice / twice, 3 - 4 * ratio * four / thrice)
    return np.array([0.0, *(min(max(value, LEAST), most) for most, value in enumerate(estimates, start=1))])
