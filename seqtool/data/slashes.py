"""Lines of word/TAG or word_TAG, a sentence each; every word and tag as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from seqtool.data.known_tags import are_known
from seqtool.errors import DataError
from seqtool.say import printable

SEPARATORS = ("/", "_")
"""What may stand between a word and its tag without being named."""
# The blanks of a pipe's lines, and what ends lines elsewhere: others, such as U+00A0, belong to a word.
BETWEEN_BLANKS = re.compile(r"[^ \t\v\f\x85\u2028\u2029]+")
PENN_ESCAPE = re.compile(r"\\[/*]|-[LR][RCS]B-")
"""How the Penn Treebank writes a slash, an asterisk and a bracket in a word."""
_CLOSED = re.compile(r"[^\[\]]+\][^\[\]]*")  # the tag of the last word in brackets: n]nt
_TRACE = "-NONE-"
_SAMPLE = 2000  # lines that tell the separator

Pairs = list[tuple[str, str]]


def separator_of(lines: Sequence[str], where: str) -> tuple[str, float]:
    """Return the separator that most words hold before a tag, and the share of these words.

    Raises `DataError` where both separators part every word.
    """
    items = _items(lines)
    shares = {mark: _share(items, mark) for mark in SEPARATORS}
    if set(shares.values()) == {1.0}:
        tags = " or ".join(f"'{printable(items[0].rpartition(mark)[2])}'" for mark in SEPARATORS)
        what = f"every word holds a slash and an underscore: the tag of '{printable(items[0])}' may be {tags}"
        raise DataError(what, where=where, cure="--separator / or --separator _")
    best = max(SEPARATORS, key=lambda mark: shares[mark])
    return best, shares[best]


def _items(lines: Sequence[str]) -> list[str]:
    return [item for line in lines[:_SAMPLE] for item in BETWEEN_BLANKS.findall(line)]


def _share(items: Sequence[str], mark: str) -> float:
    return sum(_pair(item, mark) is not None for item in items) / max(len(items), 1)


def refuse_bars(lines: Sequence[str], where: str) -> None:
    """Raise `DataError` where bars may part words from tags, or the cells of a table."""
    if _share(_items(lines), "|") == 1 and any(len(BETWEEN_BLANKS.findall(line)) > 1 for line in lines[:_SAMPLE]):
        widths = {line.count("|") for line in lines if line.strip()}
        table, cure = (", or a table parted by vertical bars", " or --format pipe") if len(widths) == 1 else ("", "")
        what = f"the lines may be words with tags, as in word|TAG word|TAG{table}"
        raise DataError(what, where=where, cure=f"--separator '|'{cure}")


def refuse_doubtful(lines: Sequence[str], separator: str, where: str) -> None:
    """Raise `DataError` where every line is one word with its tag: the sentences may be longer than a line."""
    words = [len(BETWEEN_BLANKS.findall(line)) for line in lines]
    if max(words) == 1 < sum(words):
        what = "every line holds one word: a sentence may be a line, or the lines between two empty ones"
        cure = f"--format slashes or --format columns --separator '{separator}'"
        raise DataError(what, where=where, cure=cure)


def read_slashes(lines: Sequence[str], separator: str, where: str, *, traces: bool = False) -> Iterator[Pairs]:
    """Yield the words and tags of each line that is not empty; the tag follows the last separator.

    Raises `DataError` with the line of a word without a tag, and of a trace of the Penn Treebank unless `traces`.
    """
    sentence = 0
    for number, line in enumerate(lines, start=1):
        items = BETWEEN_BLANKS.findall(line)
        sentence += bool(items)
        pairs = Pairs()
        for item in items:
            pair = _pair(item, separator)
            if pair is None:
                what = f"sentence {sentence:,} in line {number:,}: the word '{printable(item)}' has no tag"
                cure = f"write word{separator}TAG, blanks between them, one sentence a line"
                raise DataError(what, where=where, cure=cure)
            pairs.append(pair)
        if not traces and any(tag == _TRACE for _, tag in pairs):
            what = f"line {number:,} has the tag {_TRACE}, by which the Penn Treebank marks a place without a word"
            cure = "--format penn leaves these out; --format slashes reads them as words"
            raise DataError(what, where=where, cure=cure)
        if pairs:
            yield pairs


def refuse_other_parts(sentences: Sequence[Sequence[Sequence[str]]], separator: str, where: str) -> None:
    """Raise `DataError` where every word has more than one tag, or tags stand in front of words.

    sentences: words and tags of each.
    """
    words = [word for sentence in sentences for word in sentence[0]]
    tags = {tag for sentence in sentences for tag in sentence[1]}
    keeps = f"--format slashes takes what stands behind the last '{separator}' as the tag"
    _refuse_marks_around(sentences, separator, where, keeps)
    if len(words) > 1 and all(separator in word[1:-1] for word in words):
        example = printable(f"{words[0]}{separator}{sentences[0][1][0]}")
        what = f"every word has more than two parts, as in '{example}': one mark parts a word from its tag"
        cure = f"write word{separator}TAG, or a word a line with a column for each part and --tag-column; {keeps}"
        raise DataError(what, where=where, cure=cure)
    if are_known(words) and not are_known(tags):
        example = printable(f"{words[0]}{separator}{sentences[0][1][0]}")
        what = f"tags seem to stand in front of words, as in '{example}'"
        cure = f"write word{separator}TAG, or TAG<TAB>word with --tag-column 1 --word-column 2; {keeps}"
        raise DataError(what, where=where, cure=cure)


def _refuse_marks_around(sentences: Sequence[Sequence[Sequence[str]]], separator: str, where: str, keeps: str) -> None:
    """Raise `DataError` where tags of XML stand around words, or brackets around several, with a tag behind them."""
    pairs = [pair for sentence in sentences for pair in zip(*sentence, strict=True)]
    tagged = [(word, tag) for word, tag in pairs if word.endswith("<") and tag.endswith(">")]
    if 2 * len(tagged) > len(pairs):
        example = printable(separator.join(tagged[0]))
        cure = f"write word{separator}TAG, blanks between them; {keeps}"
        raise DataError(f"tags of XML stand around the words, as in '{example}'", where=where, cure=cure)
    closed = next((pair for pair in pairs if _CLOSED.fullmatch(pair[1])), None)
    if closed and any(word.startswith("[") and len(word) > 1 for word, _ in pairs):
        what = (
            f"brackets stand around several words, with a tag behind them, as in '{printable(separator.join(closed))}'"
        )
        cure = f"remove the brackets and the tags behind them; {keeps}"
        raise DataError(what, where=where, cure=cure)


def _pair(item: str, separator: str) -> tuple[str, str] | None:
    word, _, tag = item.rpartition(separator)
    escaped = separator == "/" and word.endswith("\\")  # 1\/2 is a fraction of the Penn Treebank without a tag
    return (word, tag) if word and tag and not escaped else None
