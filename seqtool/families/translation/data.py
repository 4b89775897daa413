"""From pairs of lines to three parts, and the vocabularies that are fitted on the first."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from seqtool.data.answer_names import refuse_breaking
from seqtool.data.encoders.letter_case import Casing
from seqtool.data.encoders.sides import SideEncoder, SourceForm, TranslationEncoders, parted_source, parted_target
from seqtool.data.encoders.subwords import Subwords
from seqtool.data.encoders.vocabulary import EOS, TokenWords
from seqtool.data.languages import language
from seqtool.data.pair_check import check_pairs, refuse_misfit, refuse_wrong_way, without_long
from seqtool.data.pair_columns import Languages, Wanted
from seqtool.data.pair_table import PairFormat, TableReader
from seqtool.data.pairs import SHIFTED, Pair, read_all_pairs, read_pair_parts
from seqtool.data.records import Parts, cut
from seqtool.data.splits import LengthSampler, Sampler, Splits
from seqtool.errors import DataError, UsageError
from seqtool.families.readers import reader_of
from seqtool.families.translation.config import Kind, TranslationConfig, refuse
from seqtool.reads import DataFile, Finding, Side
from seqtool.task import Data, Task
from seqtool.types import Ids

VOCABULARY = "vocabulary"  # label of a file that holds a vocabulary of words instead of pairs
COUNTED = 5_000  # sources, evenly spread, whose sentences are counted
SINGLE = 0.9  # of the sources are one sentence where a line is split into its sentences
# Of a line, a source with its EOS, a translation with its EOS, and the hypotheses. A token has a character at least,
# so nearly no line of 4,000 characters has too many, and a beam never runs for minutes on one.
LIMITS = {"characters": 4000, "tokens": 4001, "generated": 8012, "beam": 100}


@dataclass(frozen=True)
class PairPart:
    """The pairs of a part with their ids: source [T] with EOS, target [U] without BOS and EOS."""

    pairs: tuple[Pair, ...]
    # left out of ==: the pairs determine the ids, and arrays do not compare to one truth value
    source: tuple[Ids, ...] = field(compare=False)
    target: tuple[Ids, ...] = field(compare=False)

    @classmethod
    def of(cls, pairs: Sequence[Pair], encoders: TranslationEncoders) -> PairPart:
        """Encode both sides of pairs."""
        return cls(
            tuple(pairs),
            tuple(np.append(encoders.source.encode(encoders.source_text(pair.source)), EOS) for pair in pairs),
            tuple(encoders.target.encode(encoders.target_text(pair.target)) for pair in pairs),
        )

    @property
    def size(self) -> int:
        """Number of target tokens, each EOS counted."""
        return sum(len(ids) + 1 for ids in self.target)

    @property
    def lengths(self) -> Ids:
        """The lengths [N,2] of targets and sources, EOS counted."""
        # targets first, which decide on the order of batches: a step of a target costs more than one of a source
        sides = zip(self.target, self.source, strict=True)
        return np.array([(len(target) + 1, len(source)) for target, source in sides])

    def only(self, places: Sequence[int]) -> PairPart:
        """Return the pairs at `places`."""
        source, target = tuple(self.source[place] for place in places), tuple(self.target[place] for place in places)
        return PairPart(tuple(self.pairs[place] for place in places), source, target)

    def __add__(self, more: PairPart) -> PairPart:
        return PairPart(self.pairs + more.pairs, self.source + more.source, self.target + more.target)


PairSplits = Splits[PairPart, TranslationEncoders]


def load(task: Task, config: TranslationConfig, data: Data) -> PairSplits:
    """Read the files, cut three parts, fit the vocabularies; raises `DataError`, `NotFound` or `UsageError`."""
    refuse(config)
    tables = _tables(config)
    parts = _read(task, config, data, tables)
    return split(parts, config, _vocabularies(config, data), tables.languages or _named(data.files))


def _named(files: Sequence[DataFile]) -> Languages:
    """Return the languages of the sides where all names of files say them: `train.de`, `de.txt`."""
    codes: dict[str, set[str]] = {}
    for file in files:
        if file.side:
            codes.setdefault(file.side, set()).add(language(file.path.suffix[1:]) or language(file.path.stem))
    source, target = codes.get("source", set()), codes.get("target", set())
    if len(source) != 1 or len(target) != 1:
        return ()
    (first,), (second,) = source, target
    return (first, second) if first and second and first != second else ()


def read(task: Task, config: TranslationConfig, data: Data) -> Parts[Pair]:
    """Read files by the task's reader, else by the family's, and cut their pairs into three parts."""
    return _read(task, config, data, _tables(config))


def _read(task: Task, config: TranslationConfig, data: Data, tables: TableReader) -> Parts[Pair]:
    reader = reader_of(task, tables, Pair)
    pairs = _usable(read_pair_parts(_pairs(data.files), reader, config.encoding), config)
    refuse_wrong_way(pairs)
    _refuse_shifted(pairs, config)
    return cut(pairs, lambda pair: pair.key, config)


def _tables(config: TranslationConfig, languages: Languages = ()) -> TableReader:
    """Return what reads files that hold both sides, where the task has no reader; `languages`: those of the model."""
    wanted = Wanted(config.source_column, config.target_column)
    return TableReader(PairFormat(config.format, config.encoding, config.header, wanted, languages))


def _refuse_shifted(parts: Parts[Pair], config: TranslationConfig) -> None:
    for finding in parts.findings:
        if finding.code == SHIFTED and not config.trust_alignment:
            cure = "mend the file, or --trust-alignment if the pairs are right"
            raise DataError("the two sides are shifted against each other", where=finding.text, cure=cure)


def _pairs(files: Sequence[DataFile]) -> list[DataFile]:
    return [file for file in files if file.label != VOCABULARY]


def _usable(parts: Parts[Pair], config: TranslationConfig) -> Parts[Pair]:
    if config.reverse:
        turned = [tuple(pair.turned for pair in part) for part in (parts.train, parts.validation, parts.test)]
        parts = Parts(turned[0], turned[1], turned[2], parts.findings)
    # a file cuts longer lines, and one in the validation part takes minutes and gigabytes at each evaluation
    return without_long(parts, LIMITS["characters"])


def split(
    parts: Parts[Pair], config: TranslationConfig, vocabularies: Sequence[DataFile] = (), languages: Languages = ()
) -> PairSplits:
    """Fit the vocabularies on the training part, or read them from `vocabularies`, and encode all parts.

    Pairs that are longer than `config.longest` or differ in length by more than `config.ratio` stay out of the
    training part. Raises `DataError` where none is left or a vocabulary is impossible, `UsageError` for a vocabulary
    file that the configuration does not take.
    """
    encoders = replace(_encoders(parts, config, vocabularies), languages=languages)
    spoken = languages[config.reverse] if languages else "en"
    encoders = replace(encoders, form=_form(tuple(pair.source for pair in parts.train), spoken))
    train, validation, test = (PairPart.of(part, encoders) for part in (parts.train, parts.validation, parts.test))
    # held-out parts stay whole, so that two configurations are scored on the same pairs
    places = [place for place, lengths in enumerate(train.lengths.tolist()) if _fit(lengths, config)]
    if not places:
        raise DataError(
            f"all {len(train.pairs):,} training pairs are too long, or their lengths do not fit",
            where=f"--longest {config.longest} tokens a side, --ratio {config.ratio:g}",
            cure="higher ones, or a larger --vocabulary: its pieces are longer",
        )
    return Splits(train.only(places), validation, test, encoders)


def _fit(lengths: Sequence[int], config: TranslationConfig) -> bool:
    short, long = sorted(lengths)  # with EOS: never 0
    return long - 1 <= config.longest and (not config.ratio or long <= config.ratio * short)


def _vocabularies(config: TranslationConfig, data: Data) -> list[DataFile]:
    # a named source always brings its vocabularies along, wanted or not; a file that a person names is wanted
    takes = not data.source or (config.vocabulary_kind == "words" and not config.joint)
    return [file for file in data.files if takes and file.label == VOCABULARY]


def _encoders(parts: Parts[Pair], config: TranslationConfig, vocabularies: Sequence[DataFile]) -> TranslationEncoders:
    lines = {
        "source": tuple(parted_source(pair.source) for pair in parts.train),
        "target": tuple(parted_target(pair.target) for pair in parts.train),
    }
    kind, size = config.vocabulary_kind, config.vocabulary
    paths = _by_side(config, vocabularies)
    if config.joint:
        joint = _fitted(lines["source"] + lines["target"], kind, size)
        return TranslationEncoders(joint, joint)
    read = {side: TokenWords.read(path) for side, path in paths.items()}
    source, target = (read.get(side) or _fitted(texts, kind, size) for side, texts in lines.items())
    for side, path in paths.items():
        refuse_misfit(side, read, lines[side], str(path))
    return TranslationEncoders(source, target)


@functools.lru_cache(maxsize=2)
def _form(lines: tuple[str, ...], language: str) -> SourceForm:
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


# Both sides are kept: the check of the data and the training need the same vocabularies.
@functools.lru_cache(maxsize=2)
def _fitted(lines: tuple[str, ...], kind: Kind, size: int) -> SideEncoder:
    if kind == "words":
        words = TokenWords.fit(lines, size)
        refuse_breaking(words.words, "words")
        return words
    return Subwords.fit(lines, size, "bpe" if kind == "bpe" else "unigram")


def joined(config: TranslationConfig, splits: PairSplits) -> PairSplits:
    """Return splits that train on training and validation part; the vocabularies stay."""
    return Splits(splits.train + splits.validation, splits.validation, splits.test, splits.encoders)


def sampler(config: TranslationConfig, splits: PairSplits, seed: int) -> Sampler:
    """Read pairs of similar length together."""
    return LengthSampler(splits.train.lengths, records=config.batch, tokens=config.tokens, seed=seed)


def held_out(
    task: Task, config: TranslationConfig, encoders: TranslationEncoders, files: Sequence[DataFile]
) -> tuple[PairPart, Sequence[Finding]]:
    """Read all pairs of files, whatever their parts, as one part."""
    reader = reader_of(task, _tables(config, encoders.languages), Pair)
    whole = read_all_pairs(_pairs(files), reader, config.encoding)
    usable = _usable(Parts(whole.records, findings=whole.findings), config)
    return PairPart.of(usable.train, encoders), usable.findings


encoders_from_json = TranslationEncoders.from_json


def limits(config: TranslationConfig) -> dict[str, int]:
    """Return the limits of a file: characters of a line, tokens of both sides, hypotheses."""
    return dict(LIMITS)


def check(task: Task, config: TranslationConfig, data: Data) -> list[Finding]:
    """Return findings about the data: empty sides, copies, untranslated sources, unknown tokens, long pairs."""
    refuse(config)
    parts = read(task, config, data)
    splits = split(parts, config, _vocabularies(config, data))
    left_out = len(parts.train) - len(splits.train.pairs)
    return check_pairs(parts, splits.encoders.by_side, left_out)
