"""Lines of several sentences: cut into parts that are translated apart, and joined to one answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from seqtool.data.languages import SOLID
from seqtool.families.translation.search import Source, Translation
from seqtool.types import Singles

LONGEST = 100_000
"""Characters of a line that is split, at most: one without ends of sentences takes a minute."""
SPELLING = 4  # tokens of a character, nearly always at most: its bytes
_MARK, _WORD = re.compile(r"[^\w\s,;'\u2019\"()-]"), re.compile(r"\w")
_SOLID = re.compile(rf"{SOLID.pattern}|[\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f]")
_BLANK = re.compile(r"[^\S\xa0\u2007\u202f]")


class Line(NamedTuple):
    """A text as the sources of its sentences [N], and what stands before, between and behind them [N+1].

    torn: sentences that were too long.
    """

    text: str
    parts: tuple[Source, ...]
    gaps: tuple[str, ...] = ("", "")
    torn: int = 0

    @property
    def number(self) -> int:
        """The number of the line, from 1."""
        return self.parts[0].number

    @property
    def marks(self) -> dict[str, object]:
        """What is said of it in JSON: its parts where they are several, cases that were undone, sentences torn."""
        cases = [part.case for part in self.parts]
        same = len(set(cases)) == 1
        said = {"parts": len(self.parts) if len(cases) > 1 else 0, "torn": self.torn}
        said_case: str | list[str] = cases[0] if same else [*cases]
        return {name: value for name, value in {**said, "case": said_case}.items() if value}


class Cut(NamedTuple):
    """The parts of a text, the blanks between them, and how many sentences were torn."""

    parts: list[str]
    gaps: list[str]
    torn: int


def cut(text: str, language: str, size: Callable[[str], int], most: int, longest: int, piece: int) -> Cut:
    """Cut a text into its sentences; one of more than `most` tokens or `longest` characters into pieces of `piece`.

    size: the number of tokens of a text.
    """

    def fits(part: str) -> bool:
        return len(part) <= longest and (SPELLING * len(part) < most or size(part) <= most)

    text = text.strip()
    mark = _MARK.search(text)
    if fits(text) and not (mark and _WORD.search(text, mark.end())):
        return Cut([text], [], 0)  # no mark stands inside: no library has to be loaded to say that it is one sentence
    from seqtool.data.sentences import sentences, torn

    spans, long = [], 0
    for start, end in sentences(text, language) or [(0, len(text))]:
        if fits(text[start:end]):
            spans.append((start, end))
            continue
        long += 1
        spans += [(start + first, start + last) for first, last in torn(text[start:end], size, piece)]
    gaps = [_BLANK.sub(" ", text[end:start]) for (_, end), (start, _) in pairwise(spans)]
    return Cut([text[start:end] for start, end in spans], gaps, long)


def joined(line: Line, answers: Sequence[Translation], penalty: float) -> Translation:
    """Return the translation of a line by those of its parts; penalty: the power of the length in its score."""
    if len(answers) == 1 and not any(line.gaps):
        return answers[0]._replace(source=line.text)
    if not answers[0].translations:
        return _together(line, answers, penalty)
    ranks = zip(*(answer.translations for answer in answers), strict=False)
    ranked = [_together(line, rank, penalty) for rank in ranks]
    return ranked[0]._replace(translations=tuple(ranked))


def _together(line: Line, answers: Sequence[Translation], penalty: float) -> Translation:
    """Join translations; the score is log p of all their tokens, divided by the power of their number."""
    steps = sum(answer.steps for answer in answers)
    log_p = sum(answer.score * max(1, answer.steps) ** penalty for answer in answers)
    text = "".join(_texts(line, answers))
    lost = tuple(dict.fromkeys(span for answer in answers for span in answer.lost))
    whole = Translation(line.text, text, log_p / max(1, steps) ** penalty, steps=steps, lost=lost)
    return whole if answers[0].attention is None else _aligned(whole, answers)


def _texts(line: Line, answers: Sequence[Translation]) -> Iterator[str]:
    """Yield the translations and what stands between them."""
    before, copied = "", False
    for gap, part, answer in zip(line.gaps, line.parts, answers, strict=False):
        text = answer.translation
        # a language such as Chinese has no blanks between sentences, others need one; a torn number has none either
        beside = before[-1:] + text[:1]
        yield gap or (" " if len(beside) > 1 and not _SOLID.search(beside) and not (copied and part.as_is) else "")
        yield text
        before, copied = text or before, part.as_is
    yield line.gaps[-1]


def _aligned(whole: Translation, answers: Sequence[Translation]) -> Translation:
    """Add tokens and attention: each part looks at itself alone."""
    tokens: list[str] = []
    source_tokens: list[str] = []
    alignment: list[int] = []
    for answer in answers:
        alignment += [len(source_tokens) + place for place in answer.alignment or ()]
        tokens += answer.tokens or ()
        source_tokens += answer.source_tokens or ()
    return whole._replace(
        tokens=tokens, source_tokens=source_tokens, alignment=alignment,
        attention=_diagonal([answer.attention for answer in answers if answer.attention is not None]),
    )  # fmt: skip


def _diagonal(blocks: Sequence[Singles]) -> Singles:
    rows, columns = (sum(block.shape[axis] for block in blocks) for axis in (0, 1))
    whole = np.zeros((rows, columns), np.float32)
    row = column = 0
    for block in blocks:
        whole[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return whole
