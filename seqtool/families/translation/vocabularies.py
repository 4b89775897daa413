"""The vocabularies of the two sides: fitted on the training part, read from files, or those of an earlier run."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from seqtool.data.answer_names import refuse_breaking
from seqtool.data.encoders.letter_case import Casing
from seqtool.data.encoders.sides import SideEncoder, SourceForm, TranslationEncoders, parted_source, parted_target
from seqtool.data.encoders.subwords import Model, Normalisation, Spelled, Subwords
from seqtool.data.encoders.vocabulary import TokenWords
from seqtool.data.pair_check import refuse_misfit
from seqtool.data.pairs import Pair
from seqtool.data.records import Parts
from seqtool.errors import UsageError
from seqtool.families.translation.config import Kind, TranslationConfig
from seqtool.reads import DataFile, Side
from seqtool.task import Begun, Data

VOCABULARY = "vocabulary"  # label of a file that holds a vocabulary of words instead of pairs
COUNTED = 5_000  # sources, evenly spread, whose sentences are counted
SINGLE = 0.9  # of the sources are one sentence where a line is split into its sentences


def vocabularies_of(config: TranslationConfig, data: Data) -> list[DataFile]:
    """Return the files that hold vocabularies, as far as the configuration takes them; raises `UsageError`."""
    # a named source always brings its vocabularies along, wanted or not; a file that a person names is wanted
    takes = not data.source or (config.vocabulary_kind == "words" and not config.joint)
    if data.begun is not None and (named := [file for file in data.files if file.label == VOCABULARY]):
        if not data.source:
            what = f"a vocabulary file, and the vocabulary is that of {data.begun.name}"
            cure = "leave it out: new words come behind those of the run"
            raise UsageError(what, where=str(named[0].path), cure=cure)
        return []
    return [file for file in data.files if takes and file.label == VOCABULARY]


def extended(parts: Parts[Pair], config: TranslationConfig, begun: Begun) -> TranslationEncoders:
    """Return the vocabularies of a run: pieces as they are, words with those of the training part behind."""
    before = TranslationEncoders.from_json(begun.encoders)
    lines = {"source": tuple(pair.source for pair in parts.train), "target": tuple(pair.target for pair in parts.train)}
    if before.source is before.target:
        joint = _more(before.source, lines["source"] + lines["target"], config.vocabulary)
        return replace(before, source=joint, target=joint)
    source, target = (_more(side, lines[name], config.vocabulary) for name, side in before.by_side.items())
    return replace(before, source=source, target=target)


def _more(encoder: SideEncoder, lines: tuple[str, ...], size: int) -> SideEncoder:
    if not isinstance(encoder, TokenWords):
        return encoder
    words = _fitted(lines, Wish("words", size))
    assert isinstance(words, TokenWords), "as asked for"
    return encoder.extended(words.words, size)


def fitted(parts: Parts[Pair], config: TranslationConfig, vocabularies: Sequence[DataFile]) -> TranslationEncoders:
    """Fit the vocabularies on the training part, or read them from `vocabularies`; raises `DataError`, `UsageError`."""
    lines = {
        "source": tuple(parted_source(pair.source) for pair in parts.train),
        "target": tuple(parted_target(pair.target) for pair in parts.train),
    }
    wish = Wish(config.vocabulary_kind, config.vocabulary, config.spelled, config.normalisation)
    paths = _by_side(config, vocabularies)
    if config.joint:
        joint = _fitted(lines["source"] + lines["target"], wish)
        return TranslationEncoders(joint, joint)
    read = {side: TokenWords.read(path) for side, path in paths.items()}
    source, target = (read.get(side) or _fitted(texts, wish) for side, texts in lines.items())
    for side, path in paths.items():
        refuse_misfit(side, read, lines[side], str(path))
    return TranslationEncoders(source, target)


@functools.lru_cache(maxsize=2)
def form_of(lines: tuple[str, ...], language: str) -> SourceForm:
    """Return how sources are written."""
    from seqtool.data.sentences import sentences

    some = lines[:: math.ceil(len(lines) / COUNTED)]
    single = sum(len(sentences(line, language)) <= 1 for line in some)
    return SourceForm(single >= SINGLE * len(some), Casing.fit(lines))


def _by_side(config: TranslationConfig, vocabularies: Sequence[DataFile]) -> dict[str, Path]:
    if vocabularies and (config.vocabulary_kind != "words" or config.joint):
        raise UsageError(
            "a vocabulary file holds the words of one side",
            where=str(vocabularies[0].path),
            cure="--vocabulary-kind words --no-joint --tied output, or leave it out",
        )
    sides: list[Side] = [file.side for file in vocabularies]
    if config.reverse:  # as `read` has turned the pairs
        turned: dict[Side, Side] = {"source": "target", "target": "source", "": ""}
        sides = [turned[side] for side in sides]
    if "" in sides or len(set(sides)) < len(sides):
        raise UsageError(
            "a side has several vocabularies, or a vocabulary no side",
            where=", ".join(file.path.name for file in vocabularies),
            cure="--src vocabulary=FILE --tgt vocabulary=FILE",
        )
    return {side: file.path for side, file in zip(sides, vocabularies, strict=True)}


class Wish(NamedTuple):
    """How a vocabulary is to be fitted: the settings of these names."""

    kind: Kind
    size: int
    spelled: Spelled = "frequent"
    normalisation: Normalisation = "nfkc"


# Both sides are kept: the check of the data and the training need the same vocabularies.
@functools.lru_cache(maxsize=2)
def _fitted(lines: tuple[str, ...], wish: Wish) -> SideEncoder:
    if wish.kind == "words":
        words = TokenWords.fit(lines, wish.size)
        refuse_breaking(words.words, "words")
        return words
    model: Model = "bpe" if wish.kind == "bpe" else "unigram"
    return Subwords.fit(lines, wish.size, model, wish.spelled, wish.normalisation)
