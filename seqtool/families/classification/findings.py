"""What a person should know of labelled texts before training on them, and of those that a file is scored on."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.data.label_leaks import label_in_text
from seqtool.data.labelled import Labelled
from seqtool.data.layout import WHOLE
from seqtool.data.record_check import MOST_LABELS, check_records
from seqtool.data.records import Parts
from seqtool.families.classification import at_once, encoder_choice
from seqtool.families.classification.config import ClassificationConfig
from seqtool.families.classification.encoders import Reader
from seqtool.families.classification.part import TextPart, TextSplits, plain
from seqtool.reads import Finding
from seqtool.say import counted, listing


def findings(config: ClassificationConfig, parts: Parts[Labelled], splits: TextSplits) -> list[Finding]:
    """Return the reader's findings, then copies, conflicting labels, unseen labels, unknown words and sizes,
    and texts that hold their label.

    parts, splits: the records, and what they are encoded as.
    """
    train, reader = splits.train, splits.train.reader
    words, vocabulary = _tokens(reader)
    found = check_records(
        parts,
        key=lambda record: plain(record.text),
        words=lambda record: words(record.text),
        labels=lambda record: sorted(record.all_labels),
        vocabulary=vocabulary,
        unit=reader.tokens,
        by_record=True,
    )
    texts = (*train.ids, *splits.validation.ids, *splits.test.ids)
    long = at_once.findings(splits.settled["at_once"], texts, reader.tokens)
    script = encoder_choice.findings(config, train.texts)
    leaks = label_in_text([record for part in parts.by_name.values() for record in part])
    outside = () if splits.vectors is None else splits.vectors.findings
    own = (*_absent(parts), *leaks)
    return [*_several(parts, config), *found, *script, *outside, *long, *own]


def _tokens(reader: Reader) -> tuple[Callable[[str], Sequence[str]], Container[str]]:
    """Return what cuts a text into the tokens of an encoder, and those that it knows."""
    if isinstance(reader.encoder, Vocabulary):
        return reader.words, frozenset(reader.encoder.tokens)
    # by their ids: a piece has no text of its own
    known = {str(number) for number in range(reader.encoder.size) if number != reader.unknown}
    return (lambda text: [str(number) for number in reader.read(text)]), known


def _absent(parts: Parts[Labelled]) -> list[Finding]:
    """Return the warnings that the validation or the test part has no text of some labels of the training part."""
    labels = {name: {label for record in part for label in record.all_labels} for name, part in parts.by_name.items()}
    return [
        Finding("warning", "absent-labels", f"the {name} part has no text of {listing(absent, MOST_LABELS)}: {words}")
        for name, words in (("validation", "it chooses no weights for them"), ("test", "scores say nothing about them"))
        if (absent := sorted(labels["training"] - labels[name]))
    ]


def _several(parts: Parts[Labelled], config: ClassificationConfig) -> list[Finding]:
    """Return how many records have several labels, or none of several."""
    counts = [len(record.all_labels) for part in parts.by_name.values() for record in part]
    several, none = sum(count > 1 for count in counts), counts.count(0)
    if not several and not none:
        return []
    also = f", {none:,} have none" if none else ""
    what = f"{several:,} of {len(counts):,} records have several labels{also}: a text is answered by any number of them"
    return [Finding("note", "several-labels", f"{what}; {_one_label(config)}")]


def _one_label(config: ClassificationConfig) -> str:
    if len(config.label_column) > 1:
        return f"--label-column {config.label_column[0]} tells that label from the rest"
    return f"--label-separator {WHOLE} makes each combination a class of its own"


def unseen_labels(part: TextPart, labels: Sequence[str]) -> list[Finding]:
    """Return what to say of texts with labels that training never had."""
    if not labels:
        return []
    known = part.labels.size - len(labels)
    count = int((part.gold[:, known:].any(axis=1) if part.multi else part.gold >= known).sum())
    shown = listing(labels, MOST_LABELS)
    some = f"{count:,} of {counted(len(part.gold), 'text')}"
    text = f"{some} have labels that training never had ({shown}): counted as wrong"
    return [Finding("warning", "unseen-labels", text)]
