"""How the tags of each field mark entities: told from the data, and the same in all of its sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from seqtool.data.entities import OUTSIDE, Scheme, Writer, have_letters, may_be_kinds, scheme_of, spans
from seqtool.data.records import Parts
from seqtool.data.tagged import Sentence
from seqtool.errors import DataError
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.encoders import TaggingEncoders
from seqtool.reads import Finding
from seqtool.say import counted, printable

SHOWN = 6
"""Tags in a message."""


def schemes_of(sentences: Sequence[Sentence], config: TaggingConfig) -> tuple[Scheme | None, ...]:
    """Return the scheme of each field, None where its tags are of words alone; () where the options want none.

    Raises `DataError` where the options name a scheme, and the main field has tags of no entities.
    """
    if config.scheme == "none":
        return ()
    told: list[Scheme | None] = []
    for number, field in enumerate(config.fields):
        rows = [tags_of(sentence, field, number) for sentence in sentences]
        own = scheme_of(rows)
        scheme = None if own is None else own.scheme
        if config.scheme != "auto":
            different = {tag for tags in rows for tag in tags}
            # who asks for kinds need not have mostly O
            fits = own is not None or (config.scheme == "io" and may_be_kinds(different))
            if not fits and number == 0:
                shown = ", ".join(map(printable, sorted(different)[:SHOWN]))
                what = f"--scheme {config.scheme}: the tags mark no entities ({shown})"
                raise DataError(what, cure="leave --scheme out, or name the column of entities with --tag-column")
            scheme = config.scheme if fits else None
        told.append(scheme)
    return tuple(told)


def tags_of(sentence: Sentence, field: str, number: int) -> tuple[str, ...]:
    """Return the tags [T] of a sentence in a field, () where it has none; the main field has the number 0."""
    return sentence.tags if number == 0 else sentence.more.get(field, ())


def in_one_scheme(parts: Parts[Sentence], config: TaggingConfig) -> Parts[Sentence]:
    """Return parts whose tags all follow the scheme of their field; what that changed is a finding."""
    whole = (*parts.train, *parts.validation, *parts.test)
    schemes = schemes_of(whole, config)
    for number, (field, scheme) in enumerate(zip(config.fields, schemes, strict=False)):
        if scheme is not None:
            different = _different(whole, field, number)
            rewrite = partial(
                _rewritten, field=field, number=number, write=Writer(different, scheme), letters=have_letters(different)
            )
            train, validation, test = (
                tuple(map(rewrite, part)) for part in (parts.train, parts.validation, parts.test)
            )
            new = (*train, *validation, *test)
            findings = (*parts.findings, *_said(zip(whole, new, strict=True), field, number, scheme))
            parts, whole = replace(parts, train=train, validation=validation, test=test, findings=findings), new
    return parts


def in_scheme_of(
    sentences: Sequence[Sentence], config: TaggingConfig, encoders: TaggingEncoders
) -> tuple[list[Sentence], list[Finding]]:
    """Return sentences with the tags of each field written as a model writes them, and what that changed."""
    findings: list[Finding] = []
    rows = [*sentences]
    for number, (field, labels) in enumerate(zip(config.fields, encoders.fields, strict=True)):
        if (scheme := encoders.scheme(number)) is not None:
            write = Writer(labels.names, scheme)
            different = _different(rows, field, number)
            # a kind may look like a letter before another, such as E-mail
            kinds = scheme == "io" and not different.isdisjoint({*labels.names} - {OUTSIDE})
            letters = False if kinds else have_letters(different)
            before, rows = rows, [_rewritten(sentence, field, number, write, letters) for sentence in rows]
            findings += _said(zip(before, rows, strict=True), field, number, scheme)
    return rows, findings


def _different(sentences: Iterable[Sentence], field: str, number: int) -> set[str]:
    return {tag for sentence in sentences for tag in tags_of(sentence, field, number)}


def _rewritten(sentence: Sentence, field: str, number: int, write: Writer, letters: bool | None) -> Sentence:
    """Return a sentence with the tags of a field written anew; letters: as `have_letters` tells of all sentences."""
    tags = tags_of(sentence, field, number)
    if letters is None:
        return sentence  # what an odd tag means nobody knows
    # tags without letters are kinds, whatever is written
    new = tuple(write(spans(tags, None if letters else "io"), len(tags)))
    if new == tags:
        return sentence
    return replace(sentence, tags=new) if number == 0 else replace(sentence, more={**sentence.more, field: new})


def _said(pairs: Iterable[tuple[Sentence, Sentence]], field: str, number: int, scheme: Scheme) -> list[Finding]:
    """Return the warning that tags were written anew, with the first of them."""
    changed, first = 0, ""
    for old, new in pairs:
        if old is not new:
            for before, after in zip(tags_of(old, field, number), tags_of(new, field, number), strict=True):
                if before != after:
                    changed += 1
                    first = first or f"{printable(before)} as {printable(after)} in sentence {old.number:,}"
    if not changed:
        return []
    what = f"{counted(changed, 'tag')} of {printable(field)} did not follow the scheme {scheme}"
    text = f"{what}: written by it, for the same entities, the first {first}"
    return [Finding("warning", "scheme", text)]
