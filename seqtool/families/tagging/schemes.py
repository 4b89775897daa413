"""How the tags of each field mark entities: told from the data, and the same in all of its sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial

from seqtool.data.entities import (
    OUTSIDE,
    Scheme,
    Writer,
    are_entities,
    has_kind,
    have_letters,
    is_odd,
    may_be_kinds,
    odd_tags,
    scheme_of,
    spans,
)
from seqtool.data.records import Parts
from seqtool.data.tag_options import of_field
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
                raise _no_entities(config.scheme, different)
            scheme = config.scheme if fits else None
        told.append(scheme)
    return tuple(told)


def _no_entities(scheme: str, different: AbstractSet[str]) -> DataError:
    """Return the error for a scheme that was asked of tags which mark no entities."""
    if odd := odd_tags(different):
        shown = ", ".join(map(printable, odd[:SHOWN]))
        what = f"--scheme {scheme}: not all tags are O or a letter before a kind, such as B-person: {shown}"
        return DataError(what, cure="write these tags so, or leave --scheme out: each tag then stands for itself")
    shown = ", ".join(map(printable, sorted(different)[:SHOWN]))
    what = f"--scheme {scheme}: the tags mark no entities ({shown})"
    return DataError(what, cure="leave --scheme out, or name the column of entities with --tag-column")


def tags_of(sentence: Sentence, field: str, number: int) -> tuple[str, ...]:
    """Return the tags [T] of a sentence in a field, () where it has none; the main field has the number 0."""
    return sentence.tags if number == 0 else sentence.more.get(field, ())


def in_one_scheme(parts: Parts[Sentence], config: TaggingConfig) -> Parts[Sentence]:
    """Return parts whose tags all follow the scheme of their field in the training part; what that changed is found."""
    old = (parts.train, parts.validation, parts.test)
    findings = [*parts.findings]
    for number, (field, scheme) in enumerate(zip(config.fields, schemes_of(parts.train, config), strict=False)):
        whole = [sentence for part in old for sentence in part]
        different = _different(whole, field, number)
        if scheme is None:
            findings += _odd(whole, field, number, others_read=False) or _perhaps_kinds(different, field)
            continue
        write = Writer(_different(parts.train, field, number), scheme)
        letters = have_letters(different)
        if scheme == "io":  # kinds, unless all of them stand behind letters
            letters = are_entities(different) and any(map(has_kind, different))
        rewrite = partial(_rewritten, field=field, number=number, write=write, letters=letters)
        train, validation, test = (tuple(map(rewrite, part)) for part in old)
        findings += _odd(whole, field, number, others_read=True) if letters is None else []
        pairs = zip(whole, (*train, *validation, *test), strict=True)
        findings += _said(pairs, field, number, scheme) or [_taken(field, scheme)]
        old = (train, validation, test)
    train, validation, test = old
    return replace(parts, train=train, validation=validation, test=test, findings=tuple(findings))


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
            findings += _odd(rows, field, number, others_read=True) if letters is None else []
            before, rows = rows, [_rewritten(sentence, field, number, write, letters) for sentence in rows]
            findings += _said(zip(before, rows, strict=True), field, number, scheme)
    return rows, findings


def _different(sentences: Iterable[Sentence], field: str, number: int) -> set[str]:
    return {tag for sentence in sentences for tag in tags_of(sentence, field, number)}


def _rewritten(sentence: Sentence, field: str, number: int, write: Writer, letters: bool | None) -> Sentence:
    """Return a sentence with the tags of a field written anew; letters: as `have_letters` tells of all sentences."""
    tags = tags_of(sentence, field, number)
    # tags without letters are kinds, whatever is written
    new = tuple(write(spans(tags, "io" if letters is False else None), len(tags)))
    if letters is None:  # what an odd tag means nobody knows: it stays
        new = tuple(own if is_odd(own) else tag for own, tag in zip(tags, new, strict=True))
    if new == tags:
        return sentence
    return replace(sentence, tags=new) if number == 0 else replace(sentence, more={**sentence.more, field: new})


def _odd(sentences: Iterable[Sentence], field: str, number: int, *, others_read: bool) -> list[Finding]:
    """Return the warning of tags that have no letter beside others that have, with the first of them.

    others_read: whether the others are entities nevertheless, as the scheme is known.
    """
    rows = [(sentence, tags_of(sentence, field, number)) for sentence in sentences]
    odd = odd_tags({tag for _, tags in rows for tag in tags})
    if not odd:
        return []
    count = sum(tag in odd for _, tags in rows for tag in tags)
    first = next(sentence.number for sentence, tags in rows if not {*odd}.isdisjoint(tags))
    shown = ", ".join(map(printable, odd[:SHOWN])) + (" ..." if len(odd) > SHOWN else "")
    what = f"tags{of_field(field)} that are neither O nor a letter before a kind, such as B-person: {shown}"
    places = f"{counted(count, 'word')}, the first in sentence {first:,}"
    end = "they stay as they are" if others_read else "others look so: until all do, none is read as that of an entity"
    return [Finding("warning", "odd-tags", f"{what} ({places}); {end}")]


def _taken(field: str, scheme: Scheme) -> Finding:
    """Return the note that says by which scheme tags are read, which they all follow."""
    text = f"the tags{of_field(field)} mark entities by the scheme {scheme}: --scheme none takes each for itself"
    return Finding("note", "scheme", text)


def _perhaps_kinds(different: AbstractSet[str], field: str) -> list[Finding]:
    """Return the note that tags may be kinds of entities, which too few O leave open."""
    if not may_be_kinds(different):
        return []
    text = f"the tags{of_field(field)} are taken as those of words: --scheme io, if all but O are kinds of entities"
    return [Finding("note", "scheme", text)]


def _said(pairs: Iterable[tuple[Sentence, Sentence]], field: str, number: int, scheme: Scheme) -> list[Finding]:
    """Return the warning that tags were written anew, with the first of them."""
    changed, joined, first = 0, 0, ""
    for old, new in pairs:
        if old is not new:
            before, after = tags_of(old, field, number), tags_of(new, field, number)
            places = [place for place, tag in enumerate(before) if tag != after[place]]
            changed += len(places)
            joined += _joined(before, after) if scheme == "io" else 0
            own = f"{printable(before[places[0]])} as {printable(after[places[0]])} in sentence {old.number:,}"
            first = first or own
    if not changed:
        return []
    what = f"{counted(changed, 'tag')}{of_field(field)} did not follow the scheme {scheme}"
    same = "" if joined else "for the same entities, "
    lost = f"; {counted(joined, 'entity', 'entities')} cannot be told from the one before" if joined else ""
    return [Finding("warning", "scheme", f"{what}: written by it, {same}the first {first}{lost}")]


def _joined(before: Sequence[str], after: Sequence[str]) -> int:
    """Return how many entities of the tags `before` go on the one in front of them in `after`, tags of `io`."""
    return sum(start > 0 and after[start - 1] == after[start] for _, start, _ in spans(before))
