"""What a person should know of pairs before training on them: copies, unchanged sources, unknown words, sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

import numpy as np

from seqtool.data.encoders.sides import SideEncoder
from seqtool.data.encoders.vocabulary import UNK
from seqtool.data.line_marks import marks_around
from seqtool.data.pair_sides import SAMPLE, exchanged_pairs
from seqtool.data.pairs import Pair
from seqtool.data.record_check import by_share, copies
from seqtool.data.records import Parts
from seqtool.data.text_marks import find_marks
from seqtool.errors import DataError
from seqtool.reads import Finding
from seqtool.say import listing

MISFIT = 0.5  # a vocabulary that lacks more of the training words was made for other data
CLEARLY = 2  # times as many words shared with the wrong side: related languages share many with both
ABOUT_HALF = 0.4  # of the pairs: which half is right, nothing tells
MARKS = frozenset(".,:;?!()%")  # without them and digits a translation says something else
MOST_NAMED = 12  # symbols that a vocabulary lacks
MANY_UNKNOWN = 0.05  # a larger share of unknown tokens is a warning


def check_pairs(
    parts: Parts[Pair], encoders: Mapping[str, SideEncoder], left_out: int, *, keeps: bool = False
) -> list[Finding]:
    """Return the findings of reading `parts`, and what they look like; `left_out` training pairs are not used.

    keeps: unknown characters pass the network in slots.
    """
    findings = [
        *parts.findings,
        *copies(*([pair.key for pair in part] for part in parts.by_name.values())),
        *_unchanged([*parts.train, *parts.validation, *parts.test]),
        *_exchanged([*parts.train, *parts.validation, *parts.test]),
        *_several(parts.train),
        *_marks(parts),
    ]
    if left_out:
        text = f"{left_out:,} of {len(parts.train):,} training pairs are too long or of too different lengths: left out"
        findings.append(by_share(left_out / len(parts.train), "unfit-lengths", text))
    findings += [_unknown(side, encoder, parts, keeps) for side, encoder in encoders.items()]
    findings += [_lengths(side, encoder, parts.train) for side, encoder in encoders.items()]
    return [*findings, Finding("note", "sizes", parts.sizes("pairs"))]


def without_long(parts: Parts[Pair], longest: int) -> Parts[Pair]:
    """Leave out the pairs that have a side of more than `longest` characters, and say so.

    Raises `DataError` where nothing is left of a part.
    """
    # A model file cuts such a line, and one in the validation part takes minutes and gigabytes at each evaluation.
    whole = parts.by_name.values()
    long = [pair for part in whole for pair in part if _length(pair) > longest]
    if not long:
        return parts
    left = [tuple(pair for pair in part if _length(pair) <= longest) for part in whole]
    if any(part and not rest for part, rest in zip(whole, left, strict=True)):
        what = f"every pair of a part has a side of more than {longest:,} characters"
        raise DataError(what, cure="write a sentence a line, or a few")
    pairs = "1 pair has" if len(long) == 1 else f"{len(long):,} pairs have"
    text = f"{pairs} a side of more than {longest:,} characters, the first is line {_first(long):,}: left out"
    return Parts(left[0], left[1], left[2], (*parts.findings, Finding("warning", "long-lines", text)))


def _length(pair: Pair) -> int:
    return max(len(pair.source), len(pair.target))


def refuse_wrong_way(parts: Parts[Pair]) -> None:
    """Raise `DataError` where the validation or test part has source and target exchanged.

    Its sides then share clearly more words with the other training side. Languages that share most words are never
    refused.
    """
    for name, pairs in (("validation", parts.validation), ("test", parts.test)):
        if where := _wrong_way(parts.train, pairs):
            cure = f"exchange the two sides of the {name} part"
            raise DataError(f"the {name} part is the wrong way round", where=where, cure=cure)


def refuse_other_way(before: Sequence[Pair], pairs: Sequence[Pair], *, reverse: bool) -> None:
    """Raise `DataError` where pairs go the other way than those that a model was trained on before.

    reverse: whether `--reverse` has turned them.
    """
    if where := _wrong_way(before, pairs):
        cure = "leave --reverse out" if reverse else "--reverse"
        what = "the pairs go the other way than those of the run that this training begins with"
        raise DataError(what, where=where, cure=f"{cure}, or a run of that direction")


def _wrong_way(train: Sequence[Pair], pairs: Sequence[Pair]) -> str:
    """Return what shows that pairs go the other way than those of a training part, "" where nothing does."""
    known = [set(_words(pair.source for pair in train)), set(_words(pair.target for pair in train))]
    sides = [list(_words(pair.source for pair in pairs)), list(_words(pair.target for pair in pairs))]
    right = [_shared(words, known[n]) for n, words in enumerate(sides)]
    wrong = [_shared(words, known[1 - n]) for n, words in enumerate(sides)]
    if sum(wrong) <= CLEARLY * sum(right):
        return ""
    places = f"in the training targets, {right[0]:.0%} in the training sources"
    return f"{wrong[0]:.0%} of the words of its sources stand {places}"


def exchanged(translations: Sequence[str], pairs: Sequence[Pair]) -> bool:
    """Tell whether a model's translations have the words of the sources rather than those of the targets."""
    words = list(_words(translations))
    sides = (set(_words(pair.source for pair in pairs)), set(_words(pair.target for pair in pairs)))
    wrong, right = (_shared(words, side) for side in sides)
    return wrong > CLEARLY * right


def _words(lines: Iterable[str]) -> Iterator[str]:
    return (word for line in lines for word in line.split())


def _shared(words: Sequence[str], side: Set[str]) -> float:
    return sum(word in side for word in words) / max(1, len(words))


def refuse_misfit(side: str, encoders: Mapping[str, SideEncoder], lines: Sequence[str], where: str) -> None:
    """Raise `DataError` where the vocabulary that the user gave for a side lacks most words of its training lines."""
    lacking = _share(encoders[side], lines)
    if lacking <= MISFIT:
        return
    opposite = "target" if side == "source" else "source"
    cure = "give one made of such text, or none: it is then made of the training part"
    if opposite in encoders and _share(encoders[opposite], lines) <= MISFIT:
        cure = "exchange the two sides: the other vocabulary fits better"
    what = f"the vocabulary does not fit: it lacks {lacking:.0%} of the words of the {side} side"
    raise DataError(what, where=where, cure=cure)


def _text(pair: Pair, side: str) -> str:
    return pair.source if side == "source" else pair.target


def _share(encoder: SideEncoder, lines: Sequence[str]) -> float:
    """Return the share of tokens that a vocabulary cannot say."""
    ids = np.concatenate([encoder.encode(line) for line in lines])
    return float((ids == UNK).mean()) if len(ids) else 0.0


def _unchanged(pairs: Sequence[Pair]) -> list[Finding]:
    same = [pair for pair in pairs if pair.key == pair.turned.key]
    if not same:
        return []
    share = len(same) / len(pairs)
    text = f"{len(same):,} of {len(pairs):,} pairs ({share:.1%}) have a target equal to the source, the first is"
    return [by_share(share, "source-is-target", f"{text} line {_first(same):,}: a model learns to copy them")]


def _exchanged(pairs: Sequence[Pair]) -> list[Finding]:
    wrong = exchanged_pairs(pairs)
    if not wrong:
        return []
    number = "1 pair looks" if len(wrong) == 1 else f"{len(wrong):,} pairs look"
    text = f"{number} exchanged, the first is line {_first(wrong):,}: the source has the words of the other targets"
    if ABOUT_HALF * len(pairs) < len(wrong) and len(pairs) <= SAMPLE:
        text = f"about half of the pairs look exchanged against the others, the first at line {_first(wrong):,}"
    return [Finding("warning", "exchanged-sides", text)]


def _first(pairs: Sequence[Pair]) -> int:
    """Return the line of the first of pairs, which a cut has put in another order."""
    return min(pair.number for pair in pairs)


def _marks(parts: Parts[Pair]) -> list[Finding]:
    """Return the warnings of marks in and around the texts, those aside that reading the files has found."""
    whole = [*parts.train, *parts.validation, *parts.test]
    whole.sort(key=lambda pair: pair.number)  # numbers in front of them grow
    findings, known = [], {finding.code for finding in parts.findings}
    for side in ("source", "target"):
        findings += find_marks(((pair.number, _text(pair, side)) for pair in whole), f"the {side}s")
        around = marks_around([_text(pair, side) for pair in whole], f" of the {side}s")
        findings += [finding for finding in around if finding.code not in known]
    return findings


def _several(pairs: Sequence[Pair]) -> list[Finding]:
    targets: dict[str, set[str]] = {}
    for pair in pairs:
        targets.setdefault(pair.key, set()).add(pair.target)
    several = sum(len(texts) > 1 for texts in targets.values())
    text = f"{several:,} of {len(targets):,} different training sources have several targets"
    return [Finding("note", "several-targets", text)] if several else []


def _unknown(side: str, encoder: SideEncoder, parts: Parts[Pair], keeps: bool) -> Finding:
    shares = {}
    for name, part in (("validation", parts.validation), ("test", parts.test)):
        shares[name] = _share(encoder, [_text(pair, side) for pair in part])
    rates = ", ".join(f"{share:.2%} of the {name} part" for name, share in shares.items())
    text = f"{rates}: what the vocabulary of {encoder.size:,} lacks on the {side} side"
    lacking: Counter[str] = Counter()
    for part in parts.by_name.values():
        for pair in part:
            lacking.update(encoder.unknown(_text(pair, side)))
    if lacking:
        named = listing([f"{symbol} ({count:,})" for symbol, count in lacking.most_common()], MOST_NAMED)
        text += f", in all parts {named}" + ("; it comes through as it is" if keeps else "")
    altering = not keeps and any(symbol.isdecimal() or symbol in MARKS for symbol in lacking)
    return by_share(1.0 if altering else max(shares.values()), f"unknown-{side}", text, MANY_UNKNOWN)


def _lengths(side: str, encoder: SideEncoder, pairs: Sequence[Pair]) -> Finding:
    lengths = np.array([len(encoder.encode(_text(pair, side))) for pair in pairs])
    longest = int(lengths.argmax())
    text = f"{lengths[longest]:,} tokens on the {side} side (line {pairs[longest].number:,} of its file); "
    return Finding("note", f"longest-{side}", f"{text}95 % have at most {np.percentile(lengths, 95):,.0f}")
