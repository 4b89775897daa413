"""From labelled texts to three parts of token ids and labels."""

from __future__ import annotations

import itertools
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from seqtool.data.answer_names import listed, refuse_breaking
from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.sentencepiece import SentencePiece
from seqtool.data.encoders.symbols import Symbols
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.data.folding import fold
from seqtool.data.label_classes import read_class
from seqtool.data.label_lines import CURE
from seqtool.data.labelled import Labelled, read_labelled
from seqtool.data.records import (
    FileReader,
    Parts,
    classes_of,
    cut,
    named_findings,
    part_by_name,
    read_all,
    read_parts,
    refuse_one_label,
    saying,
)
from seqtool.data.splits import LengthSampler, Sampler, Splits
from seqtool.data.token_vectors import TokenVectors
from seqtool.data.tokenize import tokenize
from seqtool.data.word_vectors import read_word_vectors
from seqtool.errors import DataError, UsageError
from seqtool.families import vectors
from seqtool.families.classification import at_once, linear, pieces
from seqtool.families.classification.config import ClassificationConfig, layout, refuse
from seqtool.families.classification.encoder_choice import chosen
from seqtool.families.classification.encoders import LIMITS, ClassificationEncoders, Reader
from seqtool.families.classification.findings import findings, unseen_labels
from seqtool.families.classification.part import TextPart, TextSplits, plain
from seqtool.families.classification.sizes import sized
from seqtool.families.going_on import kept, with_earlier
from seqtool.families.readers import reader_of
from seqtool.families.sizes import told
from seqtool.reads import DataFile, Finding, Read
from seqtool.say import counted, listing
from seqtool.task import Begun, Data, Task


def load(task: Task, config: ClassificationConfig, data: Data) -> TextSplits:
    """Read the files and cut three parts; fit the encoder and the labels on the first.

    Raises `DataError` where the training part has only one label, and `UsageError` for settings that contradict.
    """
    parts = read(task, config, data)
    settled = sized(config, len(parts.train))
    splits = split(parts, replace(config, **settled), data.run, data.begun)
    return replace(splits, settled={**splits.settled, **settled})


def read(task: Task, config: ClassificationConfig, data: Data) -> Parts[Labelled]:
    """Read files and cut their texts into three parts; all copies of a text go to one of them."""
    if (classes := _classes(config, data.files)) is not None:
        parts = Parts(classes.records, findings=classes.findings)
    else:
        with _naming_classes(data.files):
            parts = read_parts(data.files, _reader(task, config), partial(_reader_like, task, config))
    return with_earlier(cut(parts, _key, config, data.share), data.begun, read, _key)


def _key(record: Labelled) -> str:
    return plain(record.text)


def _classes(config: ClassificationConfig, files: Sequence[DataFile]) -> Read[Labelled] | None:
    """Return the records of files that are a class each, None where they are not."""
    if not classes_of(files):
        return None
    reads = [read_class(file, layout(config)) for file in files]
    records = [record for read in reads for record in read.records]
    return Read(tuple(records), named_findings(files, reads))


@contextmanager
def _naming_classes(files: Sequence[DataFile]) -> Iterator[None]:
    """Add to the cure of files without labels, of which each may be a class, how to say so."""
    try:
        yield
    except DataError as error:
        options = {file.path.name.partition(".")[0]: str(file.path) for file in files}
        parts = any(part_by_name(file) for file in files)
        if CURE in error.cure and len(options) == len(files) > 1 and not (parts or any(file.label for file in files)):
            named = " ".join(f"--data {shlex.quote(f'{name}={path}')}" for name, path in options.items())
            error.cure += f"; if each file is a class: {named}"
        raise


def _reader(task: Task, config: ClassificationConfig, known: Sequence[str] = ()) -> FileReader[Labelled]:
    how = replace(layout(config), known=frozenset(known))
    return reader_of(task, partial(read_labelled, layout=how), Labelled)


def _reader_like(task: Task, config: ClassificationConfig, training: Sequence[Labelled]) -> FileReader[Labelled]:
    """Return what reads the other parts: in a few lines, the labels of the training part tell where labels stand."""
    labels = [record.all_labels for record in training]
    several = config.multi or any(len(own) != 1 for own in labels)
    return _reader(task, replace(config, multi=several), [label for own in labels for label in own])


def refuse_several(records: Sequence[Labelled], cure: str) -> None:
    """Raise `DataError` with a cure where records have several labels, or none of several."""
    several = [record for record in records if len(record.all_labels) > 1]
    none = [record for record in records if not record.all_labels]
    if not several and not none:
        return
    what = f"{len(several):,} of {len(records):,} records have several labels"
    if none:
        what += f", {len(none):,} have none"
    example = listing((several or none)[0].all_labels)
    where = f"such as {example}" if several else ""
    raise DataError(f"{what}: the model answers one label a text", where=where, cure=cure)


def split(
    parts: Parts[Labelled], config: ClassificationConfig, run: Path | None = None, begun: Begun | None = None
) -> TextSplits:
    """Encode the parts; `run` and `begun`: as in `Data`. Raises as `load` does."""
    whole = [(record, label) for part in parts.by_name.values() for record in part for label in record.all_labels]
    refuse_breaking([label for _, label in whole], "labels", lambda place: _line(whole[place][0]))
    return encoded(parts, config, run, begun)


def _line(record: Labelled) -> str:
    return f"line {record.number:,}" if record.number else ""


def encoded(
    parts: Parts[Labelled], config: ClassificationConfig, run: Path | None = None, begun: Begun | None = None
) -> TextSplits:
    """Encode the parts; raises as `load` does where there is one label or no word."""
    before = None if begun is None else ClassificationEncoders.from_json(begun.encoders)
    multi = config.multi or has_several(parts)
    if before is not None and multi != before.multi:
        what = "texts of the data have several labels, or none, and the model of that run answers one label a text"
        raise UsageError(what, cure="--label-separator none, or leave --init-from out")
    settled: dict[str, Any] = {"multi": True} if multi != config.multi else {}
    config = replace(config, multi=multi)
    with saying(parts.findings):
        labels = _fitted(parts.train)
        labels = labels if before is None else before.labels.extended(labels.names)
        refuse(config, labels.size)
        reader, outside = _reader_of([record.text for record in parts.train], config, run, before)
    train, validation, test = (
        TextPart.of(part, reader, _with_unseen(labels, part), multi=config.multi)
        for part in (parts.train, parts.validation, parts.test)
    )
    tall = any("\n" in record.text for record in parts.train)
    encoders = ClassificationEncoders(reader.encoder, labels, tall or (before is not None and before.tall), multi)
    sizes = at_once.settled(config, (*train.ids, *validation.ids, *test.ids))
    # the linear part of a run that a training begins with stays as large as it is
    wide = linear.settled(config, train) if before is None else {}
    settled |= {"encoder": reader.tokens, **sizes, **wide, **vectors.settled(outside)}
    return Splits(train, validation, test, encoders, settled, outside)


def _reader_of(
    texts: Sequence[str], config: ClassificationConfig, run: Path | None, before: ClassificationEncoders | None
) -> tuple[Reader, TokenVectors | None]:
    """Return as `_fitted_reader` does; with `before`, encoders of another run, new tokens come behind those."""
    if before is not None and isinstance(before.encoder, SentencePiece):
        return before.reader(lower=config.lower), None
    reader, outside = _fitted_reader(texts, config, run)
    if before is None:
        return reader, outside
    new, encoder = reader.encoder, before.encoder
    assert isinstance(encoder, (Vocabulary, Symbols)), "words or characters"
    tokens = new.tokens if isinstance(new, Vocabulary) else new.symbols if isinstance(new, Symbols) else ()
    return Reader(encoder.extended(tokens, config.vocabulary), config.lower), outside


def _fitted_reader(
    texts: Sequence[str], config: ClassificationConfig, run: Path | None
) -> tuple[Reader, TokenVectors | None]:
    """Return what reads the texts, and the vectors of tokens that come from outside."""
    if not config.vectors:
        return Reader.fit(texts, config), None
    if run is not None:
        stored, outside = vectors.of_run(config, run)
        return ClassificationEncoders.from_json(stored).reader(lower=config.lower), outside
    kind = chosen(config, texts)
    if kind == "words":
        return _of_words(texts, config)
    if kind == "sentencepiece" or config.keep_words:
        what = "--keep-words is for words" if kind == "characters" else "--vectors is for words or characters"
        raise UsageError(f"{what}, and the tokens are {kind}", cure="--encoder words, or leave that out")
    reader = Reader.fit(texts, config)
    assert isinstance(reader.encoder, Symbols), "characters are symbols"
    counts = Counter(itertools.chain.from_iterable(fold(text, lower=config.lower) for text in texts))
    file = read_word_vectors(Path(config.vectors), reader.encoder.symbols)
    return reader, vectors.of_tokens(config, file, reader.encoder.symbols, counts, first=1, unit="characters")


def _of_words(texts: Sequence[str], config: ClassificationConfig) -> tuple[Reader, TokenVectors]:
    def tokens(text: str) -> list[str]:
        return tokenize(fold(text, lower=config.lower))

    counts = Counter(itertools.chain.from_iterable(map(tokens, texts)))
    kept = vectors.kept_words(config, tokens)
    words, outside = vectors.vocabulary(config, counts, config.vocabulary, config.at_least, kept)
    return Reader(Vocabulary(words), config.lower), outside


def has_several(parts: Parts[Labelled]) -> bool:
    """Tell whether some record has several labels, or none of several."""
    return any(len(record.all_labels) != 1 for part in parts.by_name.values() for record in part)


def _fitted(records: Sequence[Labelled]) -> Labels:
    """Return the labels of the training part; raises `DataError` where they are not at least two."""
    labels = [label for record in records for label in record.all_labels]
    if len(set(labels)) == 1 < len(records) and len(labels) < len(records):
        what = f"{labels[0]!r} is the only label, of {len(labels):,} of {len(records):,} records of the training part"
        raise DataError(what, cure="give the other records a label too, such as 'other'")
    refuse_one_label(labels)
    return Labels.fit(labels)


def _with_unseen(labels: Labels, records: Sequence[Labelled]) -> Labels:
    """Return labels of the training part, and behind them those that only records have: the model is wrong on them."""
    unseen = {label for record in records for label in record.all_labels}.difference(labels.names)
    return Labels((*labels.names, *sorted(unseen)))


def joined(config: ClassificationConfig, splits: TextSplits) -> TextSplits:
    """Train on the training and validation part together; the encoders stay."""
    return replace(splits, train=splits.train + splits.validation)


def sampler(config: ClassificationConfig, splits: TextSplits, seed: int) -> Sampler:
    """Batch texts of similar length: the longest decides how much padding the others get."""
    lengths = [len(piece) for piece in pieces.all_cut(splits.train.ids, config.at_once)[0]]
    return LengthSampler(lengths, records=config.batch, tokens=config.tokens, seed=seed)


def held_out(
    task: Task, config: ClassificationConfig, encoders: ClassificationEncoders, files: Sequence[DataFile]
) -> tuple[TextPart, Sequence[Finding]]:
    """Read all texts of files as one part. Labels that training never had come last in `labels`: always wrong."""
    names = encoders.labels.names
    content = _classes(config, files) or read_all(files, _reader(task, config, names))
    if not config.multi:
        refuse_several(content.records, "write each record with one label, or train a model on texts of several")
    own = sorted({label for record in content.records for label in record.all_labels})
    if not {*own} & {*names}:
        cure = f"give a file with the labels of the model: {listed(names)}"
        raise DataError(f"none of its labels is one of the model's: {listed(own)}", cure=cure)
    labels = _with_unseen(encoders.labels, content.records)
    part = TextPart.of(content.records, encoders.reader(lower=config.lower), labels, multi=config.multi)
    return part, (*content.findings, *unseen_labels(part, labels.names[len(names) :]))


encoders_from_json = ClassificationEncoders.from_json


def limits(config: ClassificationConfig) -> dict[str, int]:
    """Return the most characters of a text that a file takes, and the most tokens that any file reads at once."""
    return dict(LIMITS)


def check(task: Task, config: ClassificationConfig, data: Data) -> list[Finding]:
    """Return what a person should know of the texts before training on them."""
    parts = read(task, config, data)
    # the vocabulary of the training, not all its words: `at_least` and `vocabulary` decide what is unknown
    splits = encoded(parts, config, None, data.begun)
    said = [*findings(config, parts, splits), *_kept(config, splits, data.begun)]
    if not config.from_data:
        return said
    config = replace(config, **splits.settled, **sized(config, len(parts.train)))
    steps = config.steps(sampler(config, splits, 0).steps)
    return [*said, told(counted(len(parts.train), "training text"), f"batch {config.batch}", steps)]


def _kept(config: ClassificationConfig, splits: TextSplits, begun: Begun | None) -> list[Finding]:
    if begun is None:
        return linear.findings(config, splits.train)
    before, now = ClassificationEncoders.from_json(begun.encoders), splits.encoders
    noun = splits.train.reader.tokens
    pairs = {"pieces" if noun == "sentencepiece" else noun: (before.encoder, now.encoder)}
    return [kept(begun, {**pairs, "labels": (before.labels, now.labels)}, config.vocabulary)]
