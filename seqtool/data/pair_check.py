"""What a person should know of pairs before training on them: copies, unchanged sources, unknown words, sizes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from seqtool.data.check import Finding
from seqtool.data.encoders.sides import SideEncoder
from seqtool.data.encoders.vocabulary import UNK
from seqtool.data.pairs import Pair
from seqtool.data.record_check import MANY, copies
from seqtool.data.records import Parts
from seqtool.errors import DataError

MISFIT = 0.5
"""Unknown words of the training part above which a vocabulary belongs to other data."""
CLEARLY = 2
"""Times as many words that a side shares with another one than with its own: the two are exchanged."""
MANY_UNKNOWN = 0.05
"""A share of unknown tokens above this is a warning."""


def check_pairs(parts: Parts[Pair], encoders: Mapping[str, SideEncoder], left_out: int) -> list[Finding]:
    """Return the findings of reading `parts`, and what they look like; `left_out` training pairs are not used."""
    sources = [[pair.key for pair in part] for part in (parts.train, parts.validation, parts.test)]
    found = [
        *parts.findings,
        *copies("test", sources[2], {*sources[0], *sources[1]}),
        *copies("validation", sources[1], set(sources[0])),
        *_unchanged([*parts.train, *parts.validation, *parts.test]),
        *_several(parts.train),
    ]
    if left_out:
        text = f"{left_out:,} of {len(parts.train):,} training pairs are too long or of too different lengths: left out"
        found.append(_by_share(left_out / len(parts.train), "unfit-lengths", text))
    found += [_unknown(side, encoder, parts) for side, encoder in encoders.items()]
    found += [_lengths(side, encoder, parts.train) for side, encoder in encoders.items()]
    named = {"training": parts.train, "validation": parts.validation, "test": parts.test}
    sizes = ", ".join(f"{name} {len(part):,}" for name, part in named.items())
    return [*found, Finding("note", "sizes", f"{sum(map(len, named.values())):,} pairs ({sizes})")]


def without_long(parts: Parts[Pair], longest: int) -> Parts[Pair]:
    """Leave out the pairs that have a side of more than `longest` characters, and say so.

    Raises `DataError` where nothing is left of a part.
    """
    given = (parts.train, parts.validation, parts.test)
    long = [pair for part in given for pair in part if _length(pair) > longest]
    if not long:
        return parts
    left = [tuple(pair for pair in part if _length(pair) <= longest) for part in given]
    if any(part and not some for part, some in zip(given, left, strict=True)):
        raise DataError(
            f"every pair of a part has a side of more than {longest:,} characters",
            cure="write a sentence a line, or a few",
        )
    pairs = "1 pair has" if len(long) == 1 else f"{len(long):,} pairs have"
    text = f"{pairs} a side of more than {longest:,} characters, the first is line {long[0].number:,}: left out"
    return Parts(left[0], left[1], left[2], (*parts.findings, Finding("warning", "long-lines", text)))


def _length(pair: Pair) -> int:
    return max(len(pair.source), len(pair.target))


def refuse_wrong_way(parts: Parts[Pair]) -> None:
    """Raise `DataError` where the sides of the validation or test part share their words with the other training side.

    A pair of languages that share most words (or one language) is never refused: it has to fit twice as well.
    """
    known = [set(_words(pair.source for pair in parts.train)), set(_words(pair.target for pair in parts.train))]
    for name, pairs in (("validation", parts.validation), ("test", parts.test)):
        sides = [list(_words(pair.source for pair in pairs)), list(_words(pair.target for pair in pairs))]
        right = [_known(words, known[n]) for n, words in enumerate(sides)]
        wrong = [_known(words, known[1 - n]) for n, words in enumerate(sides)]
        if sum(wrong) > CLEARLY * sum(right):
            raise DataError(
                f"the {name} part is the wrong way round",
                where=f"{wrong[0]:.0%} of the words of its sources stand in the training targets, {right[0]:.0%} in "
                "the training sources",
                cure=f"exchange the two sides of the {name} part",
            )


def exchanged(translations: Sequence[str], pairs: Sequence[Pair]) -> bool:
    """Tell whether a model's translations have the words of the sources rather than those of the targets."""
    words = list(_words(translations))
    sides = (set(_words(pair.source for pair in pairs)), set(_words(pair.target for pair in pairs)))
    wrong, right = (_known(words, known) for known in sides)
    return wrong > CLEARLY * right


def _words(lines: Iterable[str]) -> Iterator[str]:
    return (word for line in lines for word in line.split())


def _known(words: Sequence[str], known: set[str]) -> float:
    return sum(word in known for word in words) / max(1, len(words))


def refuse_misfit(side: str, given: Mapping[str, SideEncoder], lines: Sequence[str], where: str) -> None:
    """Raise `DataError` where the vocabulary given for a side lacks most words of its training lines."""
    lacking = _share(given[side], lines)
    if lacking <= MISFIT:
        return
    other = "target" if side == "source" else "source"
    turned = other in given and _share(given[other], lines) <= MISFIT
    raise DataError(
        f"the vocabulary does not fit: it lacks {lacking:.0%} of the words of the {side} side",
        where=where,
        cure="exchange the two sides: the other vocabulary fits better"
        if turned
        else "give one made of such text, or none: it is then made of the training part",
    )


def _text(pair: Pair, side: str) -> str:
    return pair.source if side == "source" else pair.target


def _share(encoder: SideEncoder, lines: Sequence[str]) -> float:
    """Return the share of tokens that a vocabulary cannot say."""
    ids = np.concatenate([encoder.encode(line) for line in lines])
    return float((ids == UNK).mean()) if len(ids) else 0.0


def _by_share(share: float, code: str, text: str, many: float = MANY) -> Finding:
    return Finding("warning" if share > many else "note", code, text)


def _unchanged(pairs: Sequence[Pair]) -> list[Finding]:
    same = [pair for pair in pairs if pair.key == pair.turned.key]
    if not same:
        return []
    share = len(same) / len(pairs)
    text = f"{len(same):,} of {len(pairs):,} pairs ({share:.1%}) have a target equal to the source, the first is"
    return [_by_share(share, "source-is-target", f"{text} line {same[0].number:,}: a model learns to copy them")]


def _several(pairs: Sequence[Pair]) -> list[Finding]:
    targets: dict[str, set[str]] = {}
    for pair in pairs:
        targets.setdefault(pair.key, set()).add(pair.target)
    several = sum(len(some) > 1 for some in targets.values())
    text = f"{several:,} of {len(targets):,} different training sources have several targets"
    return [Finding("note", "several-targets", text)] if several else []


def _unknown(side: str, encoder: SideEncoder, parts: Parts[Pair]) -> Finding:
    named = {"validation": parts.validation, "test": parts.test}
    shares = {name: _share(encoder, [_text(pair, side) for pair in part]) for name, part in named.items()}
    rates = ", ".join(f"{share:.2%} of the {name} part" for name, share in shares.items())
    text = f"{rates}: what the vocabulary of {encoder.size:,} lacks on the {side} side"
    return _by_share(max(shares.values()), f"unknown-{side}", text, MANY_UNKNOWN)


def _lengths(side: str, encoder: SideEncoder, pairs: Sequence[Pair]) -> Finding:
    lengths = np.array([len(encoder.encode(_text(pair, side))) for pair in pairs])
    longest = int(lengths.argmax())
    text = f"{lengths[longest]:,} tokens on the {side} side (line {pairs[longest].number:,} of its file); "
    return Finding("note", f"longest-{side}", f"{text}95 % have at most {np.percentile(lengths, 95):,.0f}")
