"""Train, validation and test; and the one sampler, which can stop and go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import DataError, UsageError

P = TypeVar("P")


@dataclass(frozen=True)
class Splits(Generic[P]):
    """The three parts of a data set and the encoders that were fitted on the first."""

    train: P
    validation: P
    test: P
    encoders: Mapping[str, Any]


def in_time_order(count: int, validation: float, test: float) -> tuple[slice, slice, slice]:
    """Cut `count` time steps into train, validation and test, oldest first.

    `validation` and `test` are shares below 1, or numbers of steps. Windows are cut inside each part
    afterwards, so no two parts share a step, and the first target of a part lies one window after the
    last target of the part before: the first window of history is the gap.
    """
    sizes = [round(share * count) if share < 1 else int(share) for share in (validation, test)]
    stop = count - sum(sizes)
    if stop < 2:
        raise DataError(
            f"{count} time steps are too few for {sizes[0]} of validation and {sizes[1]} of test",
            cure="use a longer file, or lower --validation and --test",
        )
    return slice(0, stop), slice(stop, stop + sizes[0]), slice(stop + sizes[0], count)


@dataclass(frozen=True)
class Streams:
    """A sequence cut into B contiguous streams that are read side by side, `chunk` steps at a time.

    Stream b begins at starts[b] [B]; chunk k of all streams holds the steps starts + k * chunk + (0..chunk-1), so
    each chunk continues the last, and the step after each is its target.
    """

    starts: NDArray[np.int64]
    chunk: int
    chunks: int

    @classmethod
    def of(cls, length: int, rows: int, chunk: int) -> Streams:
        """Cut a sequence of `length` steps into whole chunks; what does not fill one is left out at the beginning.

        Raises `UsageError` where not one chunk a stream fits.
        """
        chunks = (length - 1) // (rows * chunk)
        if chunks < 1:
            most = (length - 1) // chunk
            cure = f"--batch {most} or less" if most else f"--window {max(1, length - 1)} or less"
            raise UsageError(
                f"{length} steps are too few for {rows} streams in chunks of {chunk}", cure=f"{cure}, or a longer file"
            )
        first = length - 1 - rows * chunks * chunk
        return cls(first + np.arange(rows) * chunks * chunk, chunk, chunks)


class Sampler:
    """Batches of indices for ever, shuffled or in order, the last of an epoch as short as it comes.

    The order of an epoch depends on the seed and the epoch's number alone, so `state_dict` is two numbers.
    """

    on_host: ClassVar[bool] = False
    """Whether the objective must know on the host which records it gets: their lengths give a batch its shape."""

    def __init__(self, count: int, batch: int, seed: int, *, shuffled: bool = True) -> None:
        self.count, self.batch, self.seed, self.shuffled = count, batch, seed, shuffled
        self.epoch, self.position = 0, 0
        self._order = self._new_order()

    @property
    def steps(self) -> int:
        """Batches an epoch."""
        return -(-self.count // self.batch)

    @property
    def at_epoch_end(self) -> bool:
        """True after the last batch of an epoch."""
        return self.position >= self.count

    def _new_order(self) -> NDArray[np.int64]:
        if not self.shuffled:
            return np.arange(self.count)
        return np.random.default_rng([self.seed, self.epoch]).permutation(self.count)

    def order(self) -> NDArray[np.int64]:
        """Return the order [count] of the epoch to come or under way, for a copy on a device."""
        return self._order

    def next(self) -> slice:
        """Return the next batch as a slice of `order()`, entering a new epoch where the last has ended."""
        if self.at_epoch_end:
            self.epoch, self.position = self.epoch + 1, 0
            self._order = self._new_order()
        start = self.position
        self.position = self._end_of_batch(start)
        return slice(start, self.position)

    def _end_of_batch(self, start: int) -> int:
        return min(start + self.batch, self.count)

    def state_dict(self) -> dict[str, int]:
        """Return where the sampler stands."""
        return {"epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Stand where `state_dict` stood."""
        self.epoch, self.position = state["epoch"], state["position"]
        self._order = self._new_order()


class LengthSampler(Sampler):
    """Batches of records of similar length, in shuffled order: at most `records`, and `tokens` with their padding.

    A record may have several sequences, such as a sentence and its translation: the length of the first orders the
    records, that of the next those among them. A longer record is a batch of its own. Which records of one length
    share a batch, and the order of the batches, are drawn anew each epoch; how long the batches are is not.
    """

    on_host: ClassVar[bool] = True

    def __init__(self, lengths: Sequence[int] | NDArray[Any], *, records: int, tokens: int, seed: int) -> None:
        """Take lengths [N], or [N,S] of the S sequences of each record."""
        given = np.asarray(lengths, dtype=np.int64)
        self._lengths = given if given.ndim == 2 else given[:, None]
        self._cuts = _cut(self._lengths[self._sorted()], records, tokens)
        super().__init__(len(self._lengths), records, seed)

    @property
    def steps(self) -> int:
        """Batches an epoch."""
        return len(self._cuts) - 1

    def _sorted(self, order: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """Return the places [N] of lengths in ascending order; ties stay as they are, or in `order`."""
        lengths = self._lengths if order is None else self._lengths[order]
        return np.lexsort(lengths.T[::-1])

    def _new_order(self) -> NDArray[np.int64]:
        dice = np.random.default_rng([self.seed, self.epoch])
        order = dice.permutation(len(self._lengths))
        batches = np.split(order[self._sorted(order)], self._cuts[1:-1])
        chosen = [batches[number] for number in dice.permutation(self.steps)]
        self._ends = np.cumsum([len(batch) for batch in chosen])
        return np.concatenate(chosen)

    def _end_of_batch(self, start: int) -> int:
        return int(self._ends[np.searchsorted(self._ends, start, side="right")])


def _cut(lengths: NDArray[np.int64], records: int, tokens: int) -> NDArray[np.int64]:
    """Return where batches of sorted lengths [N,S] begin, and N."""
    starts, longest = [0], np.zeros(lengths.shape[1], np.int64)
    for place, own in enumerate(lengths):
        count = place - starts[-1]
        longest = np.maximum(longest, own)
        if count and (count == records or (count + 1) * longest.sum() > tokens):
            starts.append(place)
            longest = own
    return np.array([*starts, len(lengths)])
