"""The three parts of a data set, and the samplers of training, which can stop and go on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np

from seqtool.errors import DataError, UsageError
from seqtool.types import Array, Ids, Json

if TYPE_CHECKING:
    from seqtool.data.token_vectors import TokenVectors


class Encoders(Protocol):
    """What a family fits on the training part and keeps in the run and in the model file."""

    def to_json(self) -> Json:
        """Return the encoders as a JSON object."""


P = TypeVar("P")
E = TypeVar("E", bound=Encoders)


@dataclass(frozen=True)
class Splits(Generic[P, E]):
    """The three parts of a data set and the encoders that were fitted on the first.

    settled: the settings that the configuration left to the data. vectors: of tokens, from outside.
    """

    train: P
    validation: P
    test: P
    encoders: E
    settled: Mapping[str, Any] = field(default_factory=dict)
    vectors: TokenVectors | None = None


def evenly(count: int, share: float, least: int = 50) -> slice:
    """Return about a share of `count` places, spread evenly, `least` of them where there are so many."""
    return slice(None, None, max(1, count // max(least, round(share * count))))


def in_time_order(count: int, validation: float, test: float) -> tuple[slice, slice, slice]:
    """Cut `count` time steps into train, validation and test, oldest first.

    `validation` and `test` are shares below 1, or numbers of steps. Raises `DataError` where nothing is left to train.
    """
    # Windows are cut inside each part afterwards: no two parts share a step. The first window of a part serves as
    # history only, and is the gap to the last target of the part before.
    sizes = [round(share * count) if share < 1 else int(share) for share in (validation, test)]
    stop = count - sum(sizes)
    if stop < 2:
        what = f"{count} time steps are too few for {sizes[0]} of validation and {sizes[1]} of test"
        raise DataError(what, cure="use a longer file, or lower --validation and --test")
    return slice(0, stop), slice(stop, stop + sizes[0]), slice(stop + sizes[0], count)


@dataclass(frozen=True)
class Streams:
    """A sequence cut into B contiguous streams that are read side by side, `chunk` steps at a time.

    Stream b begins at starts[b] [B]; chunk k of all streams holds the steps starts + k * chunk + (0..chunk-1), so
    each chunk continues the last, and the step after each is its target.
    """

    starts: Ids
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
            what = f"{length} steps are too few for {rows} streams in chunks of {chunk}"
            raise UsageError(what, cure=f"{cure}, or a longer file")
        first = length - 1 - rows * chunks * chunk
        return cls(first + np.arange(rows) * chunks * chunk, chunk, chunks)


class Sampler:
    """Batches of indices for ever, shuffled or in order, the last of an epoch as short as it comes.

    The order of an epoch depends on the seed and the epoch's number alone, so `state_dict` is two numbers.
    """

    on_host: ClassVar[bool] = False
    """Whether the host must know which records a batch has: their lengths give it its shape."""

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

    def _new_order(self) -> Ids:
        if not self.shuffled:
            return np.arange(self.count)
        return np.random.default_rng([self.seed, self.epoch]).permutation(self.count)

    def order(self) -> Ids:
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

    def spread(self, count: int) -> list[Ids]:
        """Return the records of `count` batches at most, spread evenly from the shortest records to the longest."""
        batches = self._sorted()
        count = min(count, len(batches))
        places = ((np.arange(count) + 0.5) * len(batches) / count).astype(int)
        return [batches[place] for place in places]

    def _sorted(self) -> list[Ids]:
        return np.split(np.arange(self.count), range(self.batch, self.count, self.batch))

    def state_dict(self) -> dict[str, int]:
        """Return where the sampler stands."""
        return {"epoch": self.epoch, "position": self.position}

    def load_state_dict(self, state: Mapping[str, int]) -> None:
        """Stand where `state_dict` stood."""
        self.epoch, self.position = state["epoch"], state["position"]
        self._order = self._new_order()


class LengthSampler(Sampler):
    """Batches of records of similar length, in shuffled order: at most `records`, and `tokens` with their padding.

    A record may have several sequences, such as a sentence and its translation: records are sorted by the first length,
    then by the next. A record of more than `tokens` is a batch of its own. Each epoch draws anew which records of one
    length share a batch, and the order of the batches, but not their sizes.
    """

    on_host: ClassVar[bool] = True

    def __init__(self, lengths: Sequence[int] | Array, *, records: int, tokens: int, seed: int) -> None:
        """Take lengths [N], or [N,S] of the S sequences of each record."""
        array = np.asarray(lengths, dtype=np.int64)
        self._lengths = array if array.ndim == 2 else array[:, None]
        self._cuts = _cut(self._lengths[_ascending(self._lengths)], records, tokens)
        super().__init__(len(self._lengths), records, seed)

    @property
    def steps(self) -> int:
        """Batches an epoch."""
        return len(self._cuts) - 1

    def _new_order(self) -> Ids:
        dice = np.random.default_rng([self.seed, self.epoch])
        order = dice.permutation(len(self._lengths))
        # the sort is stable: the permutation decides which records of one length share a batch
        batches = np.split(order[_ascending(self._lengths[order])], self._cuts[1:-1])
        chosen = [batches[number] for number in dice.permutation(self.steps)]
        self._ends = np.cumsum([len(batch) for batch in chosen])
        return np.concatenate(chosen)

    def _sorted(self) -> list[Ids]:
        return np.split(_ascending(self._lengths), self._cuts[1:-1])

    def _end_of_batch(self, start: int) -> int:
        return int(self._ends[np.searchsorted(self._ends, start, side="right")])


def _ascending(lengths: Ids) -> Ids:
    return np.lexsort(lengths.T[::-1])  # the last key is the first to sort by


def _cut(lengths: Ids, records: int, tokens: int) -> Ids:
    """Return where batches of sorted lengths [N,S] begin, and N."""
    starts, longest = [0], np.zeros(lengths.shape[1], np.int64)
    for place, sizes in enumerate(lengths):
        count = place - starts[-1]
        longest = np.maximum(longest, sizes)
        if count and (count == records or (count + 1) * longest.sum() > tokens):
            starts.append(place)
            longest = sizes
    return np.array([*starts, len(lengths)])
