"""From pairs of lines to three parts, and the vocabularies that are fitted on the first."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from seqtool.data.check import Finding
from seqtool.data.encoders.encoder import Ids
from seqtool.data.encoders.sides import SideEncoder
from seqtool.data.encoders.subwords import Subwords
from seqtool.data.encoders.token_words import TokenWords
from seqtool.data.encoders.vocabulary import EOS
from seqtool.data.pair_check import check_pairs, refuse_misfit, refuse_wrong_way, without_long
from seqtool.data.pairs import Pair, read_all_pairs, read_pair_parts
from seqtool.data.records import Parts, Read, cut
from seqtool.data.splits import Splits
from seqtool.errors import DataError, UsageError
from seqtool.families.translation.config import TranslationConfig, refuse
from seqtool.families.translation.limits import LIMITS
from seqtool.task import Data, DataFile

VOCABULARY = "vocabulary"
"""The label of a file that is a vocabulary of words, not pairs."""


@dataclass(frozen=True)
class PairPart:
    """The pairs of a part with their ids: source [T] with EOS, target [U] without BOS and EOS."""

    pairs: tuple[Pair, ...]
    source: tuple[Ids, ...] = field(compare=False)
    target: tuple[Ids, ...] = field(compare=False)

    @classmethod
    def of(cls, pairs: Sequence[Pair], encoders: Mapping[str, SideEncoder]) -> PairPart:
        """Encode both sides of pairs."""
        source, target = encoders["source"], encoders["target"]
        return cls(
            tuple(pairs),
            tuple(np.append(source.encode(pair.source), EOS) for pair in pairs),
            tuple(target.encode(pair.target) for pair in pairs),
        )

    @property
    def size(self) -> int:
        """Target tokens in all, EOS of each counted."""
        return sum(len(ids) + 1 for ids in self.target)

    def only(self, chosen: Sequence[int]) -> PairPart:
        """Take some pairs, by their places."""
        return PairPart(
            tuple(self.pairs[n] for n in chosen),
            tuple(self.source[n] for n in chosen),
            tuple(self.target[n] for n in chosen),
        )

    def __add__(self, other: PairPart) -> PairPart:
        return PairPart(self.pairs + other.pairs, self.source + other.source, self.target + other.target)


def read(files: Sequence[DataFile], config: TranslationConfig) -> Parts[Pair]:
    """Read files and cut their pairs into three parts, the direction as configured.

    Raises `DataError`, `NotFound` or `UsageError`.
    """
    plain = [file for file in files if file.label != VOCABULARY]
    given = _lines(read_pair_parts(plain), reverse=config.reverse)
    refuse_wrong_way(given)
    return cut(given, lambda pair: pair.key, config)


def read_whole(files: Sequence[DataFile], *, reverse: bool) -> Read[Pair]:
    """Read all pairs of files, whatever their parts; raises what `read` raises."""
    read = read_all_pairs([file for file in files if file.label != VOCABULARY])
    parts = _lines(Parts(read.records, findings=read.findings), reverse=reverse)
    return Read(parts.train, parts.findings)


def _lines(parts: Parts[Pair], *, reverse: bool) -> Parts[Pair]:
    """Turn pairs as asked; leave out what is longer than a translator's line: validation would take minutes for one."""
    return without_long(_turned(parts, reverse), LIMITS["characters"])


def _turned(parts: Parts[Pair], reverse: bool) -> Parts[Pair]:
    if not reverse:
        return parts
    train, validation, test = (
        tuple(pair.turned for pair in part) for part in (parts.train, parts.validation, parts.test)
    )
    return Parts(train, validation, test, parts.findings)


def split(parts: Parts[Pair], config: TranslationConfig, files: Sequence[DataFile] = ()) -> Splits[PairPart]:
    """Fit the vocabularies on the training part, or read those that `files` give, and encode all parts.

    Pairs that are too long or whose lengths do not fit (`config.longest`, `config.ratio`) stay out of the training
    part. Raises `DataError` where none is left or a vocabulary cannot be had, `UsageError` for one that is not asked
    for.
    """
    encoders = _encoders(parts, config, files)
    train, validation, test = (PairPart.of(part, encoders) for part in (parts.train, parts.validation, parts.test))
    chosen = [n for n in range(len(train.pairs)) if not _unfit(train, n, config)]
    if not chosen:
        raise DataError(
            f"all {len(train.pairs):,} training pairs are too long, or their lengths do not fit",
            where=f"--longest {config.longest} tokens a side, --ratio {config.ratio:g}",
            cure="higher ones, or a larger --vocabulary: its pieces are longer",
        )
    return Splits(train.only(chosen), validation, test, encoders)


def _unfit(part: PairPart, place: int, config: TranslationConfig) -> bool:
    """Tell whether a pair has too many tokens, or sides of too different length (EOS counted, so never of none)."""
    source, target = len(part.source[place]), len(part.target[place]) + 1
    return max(source, target) - 1 > config.longest or bool(
        config.ratio and max(source, target) > config.ratio * min(source, target)
    )


def load(config: TranslationConfig, data: Data) -> Splits[PairPart]:
    """Read, cut into three parts, fit the vocabularies on the first."""
    refuse(config)
    return split(read(data.files, config), config, _files(config, data))


def _files(config: TranslationConfig, data: Data) -> list[DataFile]:
    """Return the files; the vocabularies of a source only where the configuration takes such, a person's always."""
    takes = not data.source or (config.vocabulary_kind == "words" and not config.joint)
    return [file for file in data.files if takes or file.label != VOCABULARY]


def joined(splits: Splits[PairPart]) -> Splits[PairPart]:
    """Take training and validation part for training; the vocabularies stay."""
    return Splits(splits.train + splits.validation, splits.validation, splits.test, splits.encoders)


def check(config: TranslationConfig, data: Data) -> list[Finding]:
    """Say what a person should know: empty sides, copies, sources left as they are, what is left out, unknown, long."""
    refuse(config)
    parts = read(data.files, config)
    splits = split(parts, config, _files(config, data))
    left_out = len(parts.train) - len(splits.train.pairs)
    return check_pairs(parts, splits.encoders, left_out)


def _encoders(parts: Parts[Pair], config: TranslationConfig, files: Sequence[DataFile]) -> dict[str, Any]:
    """Return the encoders `source` and `target`: one object where they are joint."""
    lines = {"source": tuple(pair.source for pair in parts.train), "target": tuple(pair.target for pair in parts.train)}
    kind, size = config.vocabulary_kind, config.vocabulary
    paths = _given(config, files)
    if config.joint:
        both = _fitted(lines["source"] + lines["target"], kind, size)
        return {"source": both, "target": both}
    given = {side: TokenWords.read(path) for side, path in paths.items()}
    encoders = {side: given.get(side) or _fitted(some, kind, size) for side, some in lines.items()}
    for side, path in paths.items():
        refuse_misfit(side, given, lines[side], str(path))
    return encoders


def _given(config: TranslationConfig, files: Sequence[DataFile]) -> dict[str, Path]:
    """Return the vocabulary files by their side; raises `UsageError` where the configuration takes none."""
    some = [file for file in files if file.label == VOCABULARY]
    if some and (config.vocabulary_kind != "words" or config.joint):
        raise UsageError(
            "a vocabulary file holds the words of one side",
            where=str(some[0].path),
            cure="--vocabulary-kind words --no-joint, or leave it out",
        )
    sides = [_turned_side(file, config.reverse) for file in some]
    if "" in sides or len(set(sides)) < len(sides):
        raise UsageError(
            "a side has several vocabularies, or a vocabulary no side",
            where=", ".join(file.path.name for file in some),
            cure="--src vocabulary=FILE --tgt vocabulary=FILE",
        )
    return {side: file.path for side, file in zip(sides, some, strict=True)}


def _turned_side(file: DataFile, reverse: bool) -> str:
    turned = {"source": "target", "target": "source", "": ""}
    return turned[file.side] if reverse else file.side


@functools.lru_cache(maxsize=2)
def _fitted(lines: tuple[str, ...], kind: Literal["sentencepiece", "bpe", "words"], size: int) -> SideEncoder:
    """Fit a vocabulary; the last two are kept, because the check of the data and the training need the same."""
    if kind == "words":
        return TokenWords.fit(lines, size)
    return Subwords.fit(lines, size, "bpe" if kind == "bpe" else "unigram")
