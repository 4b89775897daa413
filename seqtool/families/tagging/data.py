"""From tagged sentences to three parts and the encoders that are fitted on the first."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from seqtool.data.answer_names import listed, refuse_breaking
from seqtool.data.encoders.alphabet import MOST_CHARACTERS
from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.data.entities import Scheme
from seqtool.data.records import FileReader, Parts, cut, read_all, read_parts, refuse_one_label
from seqtool.data.splits import LengthSampler, Sampler, Splits
from seqtool.data.tag_options import UNNAMED, of_field
from seqtool.data.tagged import Sentence, read_tagged
from seqtool.data.token_vectors import TokenVectors
from seqtool.errors import DataError, UsageError
from seqtool.families import vectors
from seqtool.families.going_on import with_earlier
from seqtool.families.readers import reader_of
from seqtool.families.sizes import told
from seqtool.families.tagging import crf
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.encoders import LIMITS, TaggingEncoders
from seqtool.families.tagging.findings import findings, numbered
from seqtool.families.tagging.part import TagPart, TagSplits, Texts
from seqtool.families.tagging.schemes import in_one_scheme, in_scheme_of, schemes_of
from seqtool.families.tagging.sizes import Facts, sized
from seqtool.reads import DataFile, Finding
from seqtool.say import counted, printable
from seqtool.task import Begun, Data, Task

MOST_FORMS = 100_000
"""Most forms (words as written) whose spelling a file stores; the most frequent ones stay."""
RARE_CHARACTER = 2
"""Least occurrences of a character with an id of its own: the others teach the vector of unknown characters."""


def load(task: Task, config: TaggingConfig, data: Data) -> TagSplits:
    """Read the files, cut three parts and fit the encoders; raises as `split` does."""
    if config.baselines:
        crf.require()  # before a training
    parts = read(task, config, data)
    settled = sized(config, Facts.of(parts.train))
    splits = split(parts, replace(config, **settled), data.run, data.begun)
    return replace(splits, settled={**splits.settled, **settled})


def read(task: Task, config: TaggingConfig, data: Data) -> Parts[Sentence]:
    """Read files and cut their sentences into three parts.

    Raises `DataError` where they have one sentence alone, and `UsageError` where the options name another number of
    columns of tags than the run has that a training begins with.
    """
    before = None if data.begun is None else TaggingEncoders.from_json(data.begun.encoders)
    if before is not None:
        _hold_fields(config, before)
    parts = read_parts(data.files, _reader(task, config))
    whole = (*parts.train, *parts.validation, *parts.test)
    if len(whole) == 1 and len(whole[0].words) > 1:
        what = f"nothing parts the sentences: there is one, of {len(whole[0].words):,} words"
        cure = (
            "put an empty line between sentences of a word a line, or number them in a column: --sentence-column NAME; "
            "write each sentence of word/TAG in a line of its own"
        )
        raise DataError(
            what, where=", ".join(str(file.path) for file in data.files), cure=f"{cure}; or give more sentences"
        )
    config = named(config, parts.train)
    parts = replace(parts, findings=(*parts.findings, *numbered(whole, config.fields)))
    parts = in_one_scheme(parts, config) if before is None else _as_before(parts, config, before)
    return with_earlier(cut(parts, _words_of, config, data.share), data.begun, read, _words_of)


def _words_of(sentence: Sentence) -> tuple[str, ...]:
    return sentence.words


def _as_before(parts: Parts[Sentence], config: TaggingConfig, encoders: TaggingEncoders) -> Parts[Sentence]:
    """Return parts whose tags follow the schemes of the run that the training begins with."""
    whole = (parts.train, parts.validation, parts.test)
    written = [in_scheme_of(part, config, encoders) for part in whole]
    train, validation, test = (tuple(sentences) for sentences, _ in written)
    findings = [finding for _, more in written for finding in more]
    return Parts(train, validation, test, (*parts.findings, *findings))


def named(config: TaggingConfig, sentences: Sequence[Sentence]) -> TaggingConfig:
    """Return a configuration whose main field has a name: that of the options, else that of the files."""
    first, *others = config.fields
    if first:
        return config
    called = next((sentence.called for sentence in sentences if sentence.called), "")
    if others:  # commas part the names
        called = called.replace(",", " ")
        called = config.tag_column[0] if called in ("", *others) else called
    return replace(config, field=",".join((called or UNNAMED, *others)))


def _reader(task: Task, config: TaggingConfig) -> FileReader[Sentence]:
    return reader_of(task, partial(read_tagged, options=replace(config.reading, task=task.name)), Sentence)


def split(
    parts: Parts[Sentence], config: TaggingConfig, run: Path | None = None, begun: Begun | None = None
) -> TagSplits:
    """Fit the encoders on the training part; `run` and `begun`: as in `Data`.

    Raises `DataError` where tags are missing, all the same, or break the lines of answers.
    """
    config = named(config, parts.train)
    train, validation, test = (TagPart.of(part, config.fields) for part in (parts.train, parts.validation, parts.test))
    numbers = [sentence.number for sentence in parts.train for _ in sentence.tags]
    labels, *more_tags = (
        _fitted([tag for tags in part for tag in tags], field, numbers)
        for field, part in zip(config.fields, train.fields, strict=True)
    )
    # the validation part adds nothing: its new words must be as unknown as those of a user
    words, outside = _words(train.words, config, run)
    encoders = TaggingEncoders(
        words=words,
        forms=Vocabulary.fit(train.words, MOST_FORMS),
        tags=labels,
        more_tags=tuple(more_tags),
        schemes=_known(schemes_of(parts.train, config)),
    )
    if config.characters:
        letters = itertools.chain.from_iterable(train.words)
        encoders = replace(encoders, characters=Vocabulary.fit(letters, MOST_CHARACTERS, RARE_CHARACTER))
    settled = {"field": config.field, **vectors.settled(outside)}
    if begun is not None:
        encoders = TaggingEncoders.from_json(begun.encoders).extended(encoders, config.vocabulary, MOST_FORMS)
    return Splits(train, validation, test, encoders, settled, outside)


def _words(
    sentences: Sequence[Sequence[str]], config: TaggingConfig, run: Path | None
) -> tuple[Vocabulary, TokenVectors | None]:
    """Return the words with a vector of their own, and the vectors that come from outside."""
    if not config.vectors:
        return Vocabulary.fit(sentences, config.vocabulary, config.at_least, config.lower), None
    if run is not None:
        stored, outside = vectors.of_run(config, run)
        return TaggingEncoders.from_json(stored).words, outside
    lowered = str.lower if config.lower else str
    counts = Counter(lowered(word) for words in sentences for word in words)
    kept = vectors.kept_words(config, lambda word: [lowered(word)])
    tokens, outside = vectors.vocabulary(config, counts, config.vocabulary, config.at_least, kept)
    return Vocabulary(tokens, config.lower), outside


def _known(schemes: tuple[Scheme | None, ...]) -> tuple[Scheme | None, ...]:
    """Return () for fields without any entities: files of words alone are as they were."""
    return schemes if any(schemes) else ()


def _fitted(tags: Sequence[str], field: str, numbers: Sequence[int]) -> Labels:
    """Return the different tags of a field; `numbers` are those of the sentences of its words."""
    try:
        refuse_one_label(tags)
    except DataError as error:
        raise DataError(error.what, where=f"the tags{of_field(field)}", cure=error.cure) from error
    refuse_breaking(tags, "tags", lambda place: f"sentence {numbers[place]:,}" if numbers[place] else "")
    return Labels.fit(tags)


def joined(config: TaggingConfig, splits: TagSplits) -> TagSplits:
    """Train on the training and validation part together; the encoders stay."""
    return replace(splits, train=splits.train + splits.validation)


def sampler(config: TaggingConfig, splits: TagSplits, seed: int) -> Sampler:
    """Batch sentences of similar length."""
    lengths = [len(words) for words in splits.train.words]
    return LengthSampler(lengths, records=config.batch, tokens=config.tokens, seed=seed)


def held_out(
    task: Task, config: TaggingConfig, encoders: TaggingEncoders, files: Sequence[DataFile]
) -> tuple[TagPart, Sequence[Finding]]:
    """Read all sentences of files as one part, by the options that the model was trained with.

    Raises `UsageError` where options name another number of columns than the model has fields.
    """
    _hold_fields(config, encoders)
    wanted = len(encoders.fields)
    try:
        content = read_all(files, _reader(task, config))
    except (DataError, UsageError) as error:
        if wanted == 1:
            raise
        cure = f"give a file with {' and '.join(map(printable, config.fields))}"
        raise type(error)(error.what, where=error.where, cure=f"{cure}: the model tells them all") from error
    sentences, findings = in_scheme_of(content.records, config, encoders)
    part, written = (TagPart.of(rows, config.fields) for rows in (sentences, content.records))
    for given, labels, own in zip(part.fields, encoders.fields, written.fields, strict=True):
        if _different(given).isdisjoint(labels.names):
            cure = f"give a file with the tags of the model: {listed(labels.names)}"
            raise DataError(f"none of its tags is one of the model's: {listed(sorted(_different(own)))}", cure=cure)
    # the names are the model's: nothing chooses them here
    return part, [finding for finding in (*content.findings, *findings) if finding.code != "field"]


def _different(rows: Texts) -> set[str]:
    return {tag for tags in rows for tag in tags}


def _hold_fields(config: TaggingConfig, encoders: TaggingEncoders) -> None:
    wanted = len(encoders.fields)
    if len(config.fields) != wanted:
        cure = f"name {counted(wanted, 'column')} of tags, in the order of the model's, between commas"
        raise UsageError(f"--tag-column: the model tells {wanted} kinds of tags of each word", cure=cure)


encoders_from_json = TaggingEncoders.from_json


def limits(config: TaggingConfig) -> dict[str, int]:
    """Return the most characters of a line, words of a sentence and letters of a word that a file reads."""
    return dict(LIMITS)


def check(task: Task, config: TaggingConfig, data: Data) -> list[Finding]:
    """Return the reader's findings, then copies, conflicting tags, unseen tags, unfit tags, unknown words and sizes."""
    parts = read(task, config, data)
    config = named(config, parts.train)
    outside = _words([sentence.words for sentence in parts.train], config, None)[1] if config.vectors else None
    now = None if data.begun is None else split(parts, config, None, data.begun).encoders
    said = findings(config, parts, outside.findings if outside else (), now, data.begun)
    return [*said, *_from_data(config, parts)]


def _from_data(config: TaggingConfig, parts: Parts[Sentence]) -> list[Finding]:
    """Return the note of the settings that follow the sentences."""
    if not config.from_data:
        return []
    facts = Facts.of(parts.train)
    config = replace(config, **sized(config, facts))
    lengths = LengthSampler(
        [len(sentence.words) for sentence in parts.train], records=config.batch, tokens=config.tokens, seed=0
    )
    settings = f"{config.layers} x {config.hidden}, batch {config.batch}"
    amount = f"{counted(facts.words, 'word')} of {counted(facts.sentences, 'sentence')}"
    return [told(amount, settings, config.steps(lengths.steps))]
