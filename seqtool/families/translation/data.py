"""From pairs of lines to three parts, and the vocabularies that are fitted on the first."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from seqtool.data.encoders.sides import TranslationEncoders
from seqtool.data.encoders.vocabulary import EOS
from seqtool.data.kept_spans import SLOTS
from seqtool.data.languages import language
from seqtool.data.pair_check import check_pairs, refuse_other_way, refuse_wrong_way, without_long
from seqtool.data.pair_columns import Languages, Wanted
from seqtool.data.pair_copies import altered_copies
from seqtool.data.pair_table import PairFormat, TableReader
from seqtool.data.pairs import SHIFTED, Pair, read_all_pairs, read_pair_parts
from seqtool.data.records import Parts, cut
from seqtool.data.splits import LengthSampler, Sampler, Splits, evenly
from seqtool.errors import DataError
from seqtool.families.going_on import kept, with_earlier
from seqtool.families.readers import reader_of
from seqtool.families.sizes import of_share, told
from seqtool.families.translation.config import TranslationConfig, refuse
from seqtool.families.translation.sizes import Facts, sized
from seqtool.families.translation.vocabularies import VOCABULARY, extended, fitted, form_of, vocabularies_of
from seqtool.reads import DataFile, Finding
from seqtool.say import counted
from seqtool.task import Begun, Data, Task
from seqtool.types import Ids

# Of a line, a source with its EOS, a translation with its EOS, and the hypotheses. A token has a character at least,
# so nearly no line of 4,000 characters has too many, and a beam never runs for minutes on one.
LIMITS = {"characters": 4000, "tokens": 4001, "generated": 8012, "beam": 100}


@dataclass(frozen=True)
class PairPart:
    """The pairs of a part with their ids: source [T] with EOS, target [U] without BOS and EOS.

    In a training part the ids go on with those of altered copies, which are no pairs of anybody's.
    """

    pairs: tuple[Pair, ...]
    # left out of ==: the pairs determine the ids, and arrays do not compare to one truth value
    source: tuple[Ids, ...] = field(compare=False)
    target: tuple[Ids, ...] = field(compare=False)

    @classmethod
    def of(cls, pairs: Sequence[Pair], encoders: TranslationEncoders) -> PairPart:
        """Encode both sides of pairs."""
        return cls._of(pairs, encoders, [SLOTS] * len(pairs))

    @classmethod
    def to_learn(cls, pairs: Sequence[Pair], encoders: TranslationEncoders) -> PairPart:
        """Encode pairs with their spans in any slots, so that the network learns all of them."""
        if not encoders.keeps:
            return cls.of(pairs, encoders)
        dice = np.random.default_rng(0)
        return cls._of(pairs, encoders, [dice.permutation(SLOTS).tolist() for _ in pairs])

    @classmethod
    def _of(cls, pairs: Sequence[Pair], encoders: TranslationEncoders, slots: Iterable[Sequence[str]]) -> PairPart:
        sources, targets = [], []
        for pair, marks in zip(pairs, slots, strict=True):
            text, spans = encoders.read(pair.source, marks)
            sources.append(np.append(encoders.source.encode(text), EOS))
            targets.append(encoders.target.encode(encoders.read_target(pair.target, spans)))
        return cls(tuple(pairs), tuple(sources), tuple(targets))

    def few(self, share: float) -> PairPart:
        """Return about a share of the pairs, spread evenly."""
        chosen = evenly(len(self.pairs), share)
        return PairPart(self.pairs[chosen], self.source[chosen], self.target[chosen])

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
    whole = _whole(task, config, data, tables)
    settled = of_share(sized, config, Facts.of(whole.train), data.share)
    config = replace(config, **settled)
    languages = tables.languages or _named(data.files)
    splits = split(_cut(whole, config, data), config, vocabularies_of(config, data), languages, data.begun)
    return replace(splits, settled=settled)


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
    return _cut(_whole(task, config, data, _tables(config)), config, data)


def _whole(task: Task, config: TranslationConfig, data: Data, tables: TableReader) -> Parts[Pair]:
    """Read files; pairs that no file gives a part stand in the training part."""
    reader = reader_of(task, tables, Pair)
    pairs = _usable(read_pair_parts(_pairs(data.files), reader, config.encoding), config)
    refuse_wrong_way(pairs)
    _refuse_shifted(pairs, config)
    return pairs


def _cut(whole: Parts[Pair], config: TranslationConfig, data: Data) -> Parts[Pair]:
    parts = cut(whole, _key, config, data.share)

    def earlier(task: Task, config_then: TranslationConfig, data_then: Data) -> Parts[Pair]:
        before = read(task, config_then, data_then)
        refuse_other_way(before.train, parts.train, reverse=config.reverse)
        return before

    return with_earlier(parts, data.begun, earlier, _key)


def _key(pair: Pair) -> Hashable:
    return pair.key


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
    parts: Parts[Pair],
    config: TranslationConfig,
    vocabularies: Sequence[DataFile] = (),
    languages: Languages = (),
    begun: Begun | None = None,
) -> PairSplits:
    """Fit the vocabularies on the training part, or read them from `vocabularies`, and encode all parts.

    With `begun` the vocabularies are those of that run, words with new ones behind.

    Pairs that are longer than `config.longest` or differ in length by more than `config.ratio` stay out of the
    training part. Raises `DataError` where none is left or a vocabulary is impossible, `UsageError` for a vocabulary
    file that the configuration does not take.
    """
    if begun is None:
        spoken = languages[config.reverse] if languages else "en"
        form = form_of(tuple(pair.source for pair in parts.train), spoken)
        encoders = replace(fitted(parts, config, vocabularies), languages=languages, form=form)
    else:
        encoders = extended(parts, config, begun)
        encoders = replace(encoders, languages=languages or encoders.languages)
    train = _fitting(PairPart.to_learn(parts.train, encoders), config)
    if not train.pairs:
        raise DataError(
            f"all {len(parts.train):,} training pairs are too long, or their lengths do not fit",
            where=f"--longest {config.longest} tokens a side, --ratio {config.ratio:g}",
            cure="higher ones, or a larger --vocabulary: its pieces are longer",
        )
    if encoders.keeps:
        copies = _fitting(PairPart.to_learn(altered_copies(parts.train), encoders), config)
        train += replace(copies, pairs=())
    # held-out parts stay whole, so that two configurations are scored on the same pairs
    return Splits(train, PairPart.of(parts.validation, encoders), PairPart.of(parts.test, encoders), encoders)


def _fitting(part: PairPart, config: TranslationConfig) -> PairPart:
    return part.only([place for place, lengths in enumerate(part.lengths.tolist()) if _fit(lengths, config)])


def _fit(lengths: Sequence[int], config: TranslationConfig) -> bool:
    short, long = sorted(lengths)  # with EOS: never 0
    return long - 1 <= config.longest and (not config.ratio or long <= config.ratio * short)


def joined(config: TranslationConfig, splits: PairSplits) -> PairSplits:
    """Return splits that train on training and validation part; the vocabularies stay."""
    return Splits(splits.train + splits.validation, splits.validation, splits.test, splits.encoders)


def sampler(config: TranslationConfig, splits: PairSplits, seed: int) -> Sampler:
    """Read pairs of similar length together."""
    return LengthSampler(splits.train.lengths, records=config.batch, tokens=config.tokens, seed=seed)


def held_out(
    task: Task, config: TranslationConfig, encoders: TranslationEncoders, files: Sequence[DataFile]
) -> tuple[PairPart, Sequence[Finding]]:
    """Read all pairs of files, whatever their parts, as one part.

    Two files of lines named after the languages of the training, but the other way round, are turned.
    """
    reader = reader_of(task, _tables(config, encoders.languages), Pair)
    whole = read_all_pairs(_pairs(files), reader, config.encoding)
    named, findings = _named(files), list[Finding]()
    if named and named == encoders.languages[::-1]:
        config = replace(config, reverse=not config.reverse)
    if config.reverse and any(file.side for file in files):
        text = "the file of --tgt is read as the source: the model translates in that direction"
        findings.append(Finding("note", "turned", text))
    usable = _usable(Parts(whole.records, findings=whole.findings), config)
    return PairPart.of(usable.train, encoders), [*findings, *usable.findings]


encoders_from_json = TranslationEncoders.from_json


def limits(config: TranslationConfig) -> dict[str, int]:
    """Return the limits of a file: characters of a line, tokens of both sides, hypotheses."""
    return dict(LIMITS)


def check(task: Task, config: TranslationConfig, data: Data) -> list[Finding]:
    """Return findings about the data: empty sides, copies, untranslated sources, unknown tokens, long pairs."""
    refuse(config)
    whole = _whole(task, config, data, _tables(config))
    follows, config = bool(config.from_data), replace(config, **sized(config, Facts.of(whole.train)))
    parts = _cut(whole, config, data)
    splits = split(parts, config, vocabularies_of(config, data), begun=data.begun)
    left_out = len(parts.train) - len(splits.train.pairs)
    begun = [] if data.begun is None else [_kept(config, splits.encoders, data.begun)]
    sizes = [_from_data(config, splits, len(whole.train))] if follows else []
    return [*check_pairs(parts, splits.encoders.by_side, left_out, keeps=splits.encoders.keeps), *begun, *sizes]


def _from_data(config: TranslationConfig, splits: PairSplits, pairs: int) -> Finding:
    tokens = "words" if config.vocabulary_kind == "words" else "pieces"
    settings = f"{config.layers} x {config.hidden}, {splits.encoders.target.size:,} {tokens}, batch {config.batch}"
    return told(counted(pairs, "pair"), settings, config.steps(sampler(config, splits, 0).steps))


def _kept(config: TranslationConfig, encoders: TranslationEncoders, begun: Begun) -> Finding:
    before = TranslationEncoders.from_json(begun.encoders).by_side
    nouns = "words" if config.vocabulary_kind == "words" else "pieces"
    sides = {"": "source"} if encoders.source is encoders.target else {"source ": "source", "target ": "target"}
    pairs = {f"{word}{nouns}": (before[side], encoders.by_side[side]) for word, side in sides.items()}
    return kept(begun, pairs, config.vocabulary)
