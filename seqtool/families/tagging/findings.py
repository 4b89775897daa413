"""What a person should know of tagged sentences before training on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from seqtool.data.answer_names import unparsed_finding
from seqtool.data.record_check import check_records
from seqtool.data.records import Parts
from seqtool.data.slashes import BETWEEN_BLANKS
from seqtool.data.tagged import Sentence
from seqtool.families.going_on import Sized, kept
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.encoders import TaggingEncoders
from seqtool.families.tagging.part import TagPart, tags_of
from seqtool.reads import Finding
from seqtool.say import counted, listing, printable
from seqtool.task import Begun

SHOWN = 5  # tags that a note lists
OF_TAGS = ("conflicting-labels", "unseen-labels", "unfit-names", "labels-alike", "labels", "unfit-tags")
"""The findings that differ from field to field."""


def findings(
    config: TaggingConfig, parts: Parts[Sentence], of_vectors: Sequence[Finding], now: TaggingEncoders | None,
    begun: Begun | None,
) -> list[Finding]:  # fmt: skip
    """Return the reader's findings, then copies, conflicting tags, unseen tags, unfit tags, unknown words and sizes.

    config: with names for its fields. now: the encoders of a training that begins with the run of `begun`.
    """
    first, *others = ([*_about(parts, field, n == 0)] for n, field in enumerate(config.fields))
    more = [
        replace(finding, text=f"{printable(field)}: {finding.text}")
        for field, findings in zip(config.fields[1:], others, strict=True)
        for finding in findings
        if finding.code in OF_TAGS
    ]
    whole = (*parts.train, *parts.validation, *parts.test)
    taken_over = [] if now is None or begun is None else [_kept(config, now, begun)]
    return [*first, *of_vectors, *_blanks(whole), *more, *taken_over]


def numbered(sentences: Sequence[Sentence], fields: Sequence[str]) -> list[Finding]:
    """Return the notes that all tags are numbers, as data sets store the ids of names that stand elsewhere."""
    findings = []
    for part in TagPart.of(sentences, fields).fields:
        tags = {tag for sentence in part for tag in sentence}
        if tags and all(tag.lstrip("-").isdecimal() for tag in tags):
            shown = listing(sorted(tags, key=int), SHOWN)
            text = f"the tags are numbers ({shown}), not names: the model answers with numbers"
            findings.append(Finding("note", "numbered-tags", f"{text}; write the names if they are ids"))
    return findings


def _kept(config: TaggingConfig, now: TaggingEncoders, begun: Begun) -> Finding:
    before = TaggingEncoders.from_json(begun.encoders)
    pairs: dict[str, tuple[Sized, Sized]] = {"words": (before.words, now.words)}
    if now.characters is not None and before.characters is not None:
        pairs["characters"] = before.characters, now.characters
    names = ("tags",) if len(config.fields) == 1 else tuple(f"tags {printable(field)}" for field in config.fields)
    pairs |= dict(zip(names, zip(before.fields, now.fields, strict=True), strict=True))
    return kept(begun, pairs, config.vocabulary)


def _about(parts: Parts[Sentence], field: str, main: bool) -> Iterator[Finding]:
    """Yield what is found in the sentences and in their tags of a field."""

    def tags(sentence: Sentence) -> Sequence[str]:
        return tags_of(sentence, field, main)

    def words(sentence: Sentence) -> Sequence[str]:
        return sentence.words

    yield from check_records(parts, key=lambda sentence: sentence.words, words=words, labels=tags, noun="tags")
    yield from unparsed_finding(tag for part in parts.by_name.values() for sentence in part for tag in tags(sentence))


def _blanks(sentences: Sequence[Sentence]) -> list[Finding]:
    """Return the warning that words hold blanks, at which a pipe parts its lines."""
    words = [word for sentence in sentences for word in sentence.words if BETWEEN_BLANKS.fullmatch(word) is None]
    if not words:
        return []
    what = f"{counted(len(words), 'word')} with blanks inside, such as '{printable(words[0], 30)}'"
    text = f"{what}: seqtool tag parts its lines at blanks and never sees them; write a word a row"
    return [Finding("warning", "words-with-blanks", text)]
