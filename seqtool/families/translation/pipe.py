"""A translator in a pipe: lines answered by their translations, pairs by their likelihoods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqtool.data.encoders.vocabulary import UNK
from seqtool.families.texts import Totals
from seqtool.families.translation.lines import Line
from seqtool.families.translation.reading import NOTHING
from seqtool.families.translation.runner import BUDGET, LEAST, Runner
from seqtool.families.translation.search import Pair, Request, Source, Translation
from seqtool.runtime.records import Record
from seqtool.runtime.stream import Answer, Refusal, Verb

if TYPE_CHECKING:
    from seqtool.types import Json

WINDOW = 1024
SEVERAL = Refusal("several tabs: a source, one tab and a prefix are asked for", "of several tabs")
NO_PAIR = Refusal("no source, one tab and a translation", "not a source, one tab and a translation")


class Sources:
    """Reads lines as sources and counts what the model does not know. torn: lines with a sentence that was torn.

    column: a prefix of its translation may stand behind a source and a tab.
    """

    def __init__(self, runner: Runner, *, column: bool = False) -> None:
        self._runner, self._column = runner, column
        self.unseen: Counter[str] = Counter()
        self.torn: list[int] = []

    def line(self, text: str, number: int, request: Request) -> Line | Refusal:
        """Return line `number` as the sources of its sentences, or why it cannot be translated."""
        text, _, prefix = text.partition("\t") if self._column else (text, "", request.prefix)
        if "\t" in prefix:
            return SEVERAL
        line = self._runner.reader.line(text, number, request, prefix)
        if isinstance(line, Line):
            self._count(*line.parts)
            if line.torn:
                self.torn.append(number)
            for kept in filter(str.strip, line.gaps):  # sentences of which nothing is known
                self._count(kept)
        elif line is NOTHING:
            self._count(text)
        return line

    def _count(self, *texts: Source | str) -> None:
        for text in texts:
            if isinstance(text, str) or UNK in text.ids:
                self.unseen.update(self._runner.source.unknown(text if isinstance(text, str) else text.read))

    def read(self, text: str, number: int) -> Source | Refusal:
        """Return the source of pair `number`, or why it cannot be scored."""
        read = self._runner.reader.read(text, number, self._runner.most, recase=False)
        if read is NOTHING:
            self._count(text)
        elif isinstance(read, Source):
            self._count(read)
        return read

    def read_pair(self, text: str, number: int) -> Pair | Refusal:
        """Return line `number` as a pair, or why it cannot be scored."""
        source, *rest = text.split("\t")
        if len(rest) != 1 or not source.strip() or not rest[0].strip():
            return NO_PAIR
        read = self.read(source, number)
        pair = read if isinstance(read, Refusal) else self._runner.reader.pair(read, rest[0])
        if isinstance(pair, Pair) and UNK in pair.target:  # the score is of the mark that stands for all such words
            self.unseen.update(self._runner.target.unknown(rest[0]))
        return pair


@dataclass(frozen=True)
class Wanted:
    """What an answer shows. scores: in text. alignment: in JSON. pictured: keep the first translation."""

    scores: bool = False
    alignment: bool = False
    pictured: bool = False
    json: bool = False


def verb(runner: Runner, *, json: bool) -> Verb:
    """Return the verb that translates each line by the usual beam."""
    request = Request()
    return Lines(runner, Sources(runner), request, Wanted(json=json)).verb()


class Lines:
    """Answers each line by its translation. first: number and translation of the first, kept for a picture.

    lost: what translations lack of their sources.
    """

    def __init__(self, runner: Runner, sources: Sources, request: Request, wanted: Wanted) -> None:
        self._runner, self._sources, self._request, self._wanted = runner, sources, request, wanted
        self._read: dict[int, Line | Refusal] = {}
        self.first: tuple[int, Translation] | None = None
        self.lost: Counter[str] = Counter()

    def verb(self) -> Verb:
        """Return the verb."""
        budget = self._runner.budget(self._request)
        # `_shown` compares and sets `first`, which two threads must not do at the same time
        workers = 1 if self._wanted.pictured else self._runner.model.workers
        return Verb(self, self._runner.reader.longest_line(self._request), self.cost, budget, WINDOW, workers=workers)

    def cost(self, record: Record) -> int:
        """Read a line and return its tokens."""
        # read here, once: the cost is asked for first, and `__call__` needs the ids too
        line = self._read[record.number] = self._sources.line(record.text, record.number, self._request)
        return LEAST if isinstance(line, Refusal) else sum(max(LEAST, len(source.ids)) for source in line.parts)

    def __call__(self, records: Sequence[Record]) -> list[Answer]:
        """Translate a batch of lines."""
        read = [self._read.pop(record.number) for record in records]
        translations = iter(self._runner.answer_lines([line for line in read if isinstance(line, Line)], self._request))
        return [line if isinstance(line, Refusal) else self._shown(line, next(translations)) for line in read]

    def _shown(self, line: Line, translation: Translation) -> Answer:
        if self._wanted.pictured and (self.first is None or line.number < self.first[0]):
            self.first = line.number, translation
        self.lost.update(translation.lost)
        if not self._wanted.json:
            text = translation.translation
            return f"{text}\t{translation.score:.4f}" if self._wanted.scores else text
        if translation.translations:
            listed = list(map(self._described, translation.translations))
            return {"source": line.text, "translations": listed, **line.marks}
        return {"source": line.text, **self._described(translation), **line.marks}

    def _described(self, translation: Translation) -> Json:
        described: Json = {"translation": translation.translation, "score": round(translation.score, 4)}
        if translation.lost:
            described["lost"] = list(translation.lost)
        if self._wanted.alignment:
            described["tokens"], described["source_tokens"] = translation.tokens, translation.source_tokens
            described["alignment"] = translation.alignment
        return described


class PairScores:
    """Answers lines, each a source, a tab and a translation, by their likelihoods, and adds these up."""

    def __init__(self, runner: Runner, sources: Sources, *, json: bool) -> None:
        self._runner, self._sources, self._json = runner, sources, json
        self._read: dict[int, Pair | Refusal] = {}
        self.totals = Totals()

    def verb(self) -> Verb:
        """Return the verb; a line holds two texts."""
        # one worker: the totals are added up line by line
        return Verb(self, 2 * self._runner.longest, self.cost, BUDGET)

    def cost(self, record: Record) -> int:
        """Read a line and return the tokens of its longer side."""
        pair = self._read[record.number] = self._sources.read_pair(record.text, record.number)
        return LEAST if isinstance(pair, Refusal) else max(LEAST, pair.longest)

    def __call__(self, records: Sequence[Record]) -> list[Answer]:
        """Score a batch of pairs."""
        read = [self._read.pop(record.number) for record in records]
        usable = [pair for pair in read if isinstance(pair, Pair)]
        scores = self._runner.likelihoods(usable) if usable else []
        answers = iter([self.totals.answer(score, json=self._json) for score in scores])
        return [pair if isinstance(pair, Refusal) else next(answers) for pair in read]
