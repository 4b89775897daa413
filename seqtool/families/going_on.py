"""What families of text take over from the run that a training begins with: records read again, and what is said."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar, cast

import numpy as np

from seqtool.data.encoders.symbols import Symbols
from seqtool.data.encoders.vocabulary import TokenWords, Vocabulary
from seqtool.data.record_check import by_share
from seqtool.data.records import SEED, Parts
from seqtool.reads import Finding
from seqtool.say import listing, printable
from seqtool.task import Begun, Data, Task
from seqtool.task_config import TaskConfig

R = TypeVar("R")
C = TypeVar("C", bound=TaskConfig)


class Sized(Protocol):
    """An encoder."""

    @property
    def size(self) -> int:
        """Ids in all, V."""


Encoders = Mapping[str, tuple[Sized, Sized]]
"""What symbols are called, in the plural, and their encoder as it was and is."""


def with_earlier(
    parts: Parts[R], begun: Begun | None, read: Callable[[Task, C, Data], Parts[R]], key: Callable[[R], Hashable]
) -> Parts[R]:
    """Return parts whose training part has the replayed records of earlier trainings too, behind its own.

    They come from the training parts of those trainings alone, and none is a copy of a held-out record. The findings
    say so, and which records stand on both sides of a cut. read: as the family reads any data. key: of copies the same.
    """
    if begun is None:
        return parts
    held = {key(record) for record in (*parts.validation, *parts.test)}
    train, findings = [*parts.train], [*lost(begun)]
    for earlier in begun.earlier:
        before = read(earlier.task, cast("C", earlier.config), earlier.data)
        findings += leaks(earlier.name, _keys(parts, key), _keys(before, key))
        chosen = drawn(len(before.train), begun.replay)
        again = [record for record in (before.train[place] for place in chosen) if key(record) not in held]
        train += again
        if begun.replay:
            findings.append(replayed(earlier.name, f"{len(again):,} of {len(before.train):,} training records"))
    return replace(parts, train=tuple(train), findings=(*parts.findings, *findings))


def drawn(count: int, share: float) -> list[int]:
    """Return the places of a share of `count` records, in order; the same ones each time."""
    order = np.random.default_rng(SEED).permutation(count)
    return sorted(order[: round(share * count)].tolist())


def replayed(name: str, what: str) -> Finding:
    """Return the note that `what` of an earlier run is trained on again."""
    text = f"{what} of {printable(name)} are trained on again; validation and test part are of the new data alone"
    return Finding("note", "replay", text)


def lost(begun: Begun) -> list[Finding]:
    """Return the note that nobody can tell of records which stood in data that are gone."""
    if not begun.lost:
        return []
    text = f"the data of {listing(begun.lost)} are gone or changed: whether its records are held out here, or those"
    return [Finding("note", "earlier-data", f"{text} held out there are trained on here, nobody can tell")]


def _keys(parts: Parts[R], key: Callable[[R], Hashable]) -> tuple[list[Hashable], list[Hashable]]:
    return [*map(key, parts.train)], [*map(key, (*parts.validation, *parts.test))]


def leaks(
    name: str, now: tuple[Sequence[Hashable], Sequence[Hashable]], then: tuple[Sequence[Hashable], Sequence[Hashable]],
    noun: str = "records",
) -> list[Finding]:  # fmt: skip
    """Return findings on records that one training learns and the other holds out: keys of (training, held out)."""
    (train, held), (train_then, held_then), run = now, then, printable(name)
    learnt, learning = set(train_then), set(train)
    findings = []
    if count := sum(key in learnt for key in held):
        text = f"{count:,} of {len(held):,} {noun} of the validation and test part stand in the training part of {run}"
        text += ": a score counts what was learnt by heart"
        findings.append(by_share(count / len(held), "held-out-was-trained", text))
    if count := sum(key in learning for key in held_then):
        text = f"{count:,} of {len(held_then):,} {noun} that {run} holds out stand in the training part"
        findings.append(Finding("warning", "trained-was-held-out", f"{text}: scores on those will count them"))
    return findings


def count(encoder: Sized) -> int:
    """Return the symbols of an encoder, without the ids of none."""
    match encoder:
        case Vocabulary():
            return len(encoder.tokens)
        case TokenWords():
            return len(encoder.words)
        case Symbols():
            return len(encoder.symbols)
    return encoder.size


def kept(begun: Begun, encoders: Encoders, most: int) -> Finding:
    """Return the note of what vocabularies keep and add; most: words of a vocabulary by the options."""
    told = []
    for noun, (before, now) in encoders.items():
        told.append(f"keeps {count(before):,} {noun}, adds {count(now) - count(before):,}")
        # of texts that are spelled the limit counts the id of unknown characters too
        if noun.endswith("words") and (now.size if isinstance(now, Symbols) else count(now)) >= most:
            told[-1] += f" (--vocabulary {most} leaves no room for more)"
    return Finding("note", "begun", f"goes on from {printable(begun.name)}: {'; '.join(told)}")
