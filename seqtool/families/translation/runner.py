"""Translations and scores of pairs from a model file: numpy and ONNX Runtime only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from seqtool.data.encoders.sides import TranslationEncoders
from seqtool.data.encoders.vocabulary import EOS
from seqtool.data.kept_spans import restored
from seqtool.errors import DataError, ModelError, UsageError, damaged
from seqtool.families.rules import bans
from seqtool.families.texts import SPELLING, Likelihood, in_batches, require, require_draws, require_kinds, require_seed
from seqtool.families.translation import lines
from seqtool.families.translation.lines import Line
from seqtool.families.translation.reading import Reader, Room
from seqtool.families.translation.search import (
    LIMIT_EXTRA,
    Graph,
    Pair,
    Request,
    Source,
    Translation,
)
from seqtool.families.translation.writing import END, Writer
from seqtool.runtime import runner as base
from seqtool.runtime.noise import Key
from seqtool.runtime.runner import as_list, refuse_text
from seqtool.runtime.stream import Refusal

if TYPE_CHECKING:
    from seqtool.report.beam_tree import Node
    from seqtool.runtime.model import Model

T = TypeVar("T")

ROWS, BUDGET = 32, 1024  # sentences, and tokens with their padding, of a call with the usual beam
LEAST = BUDGET // ROWS  # tokens that a short sentence counts at least, so that a call has at most `ROWS` of them
USUAL_BEAM = 5
STRONGEST = 10  # power of the length: of 4,000 tokens a higher one is no number in float32
PIECE = 100  # tokens of a piece of a torn sentence, where the configuration does not say what was learnt
SAMPLES = 10_000  # of a text at most: they are all in memory at the same time
MOST = 1_000_000  # bound on the limits that a file names: outputs are allocated by them


class Runner(base.Runner):
    """A translator's file with its contract.

    source, target: encoders. longest: characters of a line. most: tokens of a source with its EOS. generated: tokens of
    a translation. beam: hypotheses. Raises `ModelError` where the manifest lacks them.
    """

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        manifest = model.manifest
        with damaged(ModelError("the manifest does not say what a translator needs", cure="export the model again")):
            self.encoders = TranslationEncoders.from_json(manifest.encoders)
            limits = [manifest.limit(name) for name in ("characters", "tokens", "generated", "beam")]
        self.longest, self.most, self.generated, self.beam = (min(limit, MOST) for limit in limits)
        self.source, self.target = self.encoders.source, self.encoders.target
        self.graph = Graph(model, self.target, self.generated)
        learnt, turned = self.config.get("longest"), self.config.get("reverse") is True
        piece = learnt if isinstance(learnt, int) and learnt > 0 else PIECE
        self.reader = Reader(self.encoders, self.graph, Room(self.longest, self.most, piece), turned)
        self.writer = Writer(self.encoders)

    def translate(
        self, texts: Iterable[str], *, beam: int = USUAL_BEAM, length_penalty: float = 1.0, max_length: int = 0,
        n_best: int = 0, attention: bool = False, replace_unknown: bool = False,
        sample: bool = False, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0, seed: int = 0,
        repetition_penalty: float = 1.0, no_repeat: int = 0, min_length: int = 0, ban: Iterable[str] = (),
        prefix: str | Sequence[str] = "", split: bool = True, language: str = "",
    ) -> list[Translation]:  # fmt: skip
        """Translate texts, as `seqtool translate` does with the options of these names.

        ban: texts. prefix: of every translation, or a list of one for each text. `sample` needs a file exported with
        --sampling, `attention` and `replace_unknown` one with --attention. Raises `UsageError` for what the file cannot
        do, and `DataError` naming the first text that cannot be translated.
        """
        request = Request(
            beam, length_penalty, max_length, temperature, seed, top_k=top_k, top_p=top_p,
            sample=sample, n_best=n_best, attention=attention, replace_unknown=replace_unknown,
            repetition_penalty=repetition_penalty, no_repeat=no_repeat, min_length=min_length, ban=bans(ban),
            prefix=prefix if isinstance(prefix, str) else "", split=split, language=language,
        )  # fmt: skip
        texts = as_list(texts)
        prefixes = [prefix] * len(texts) if isinstance(prefix, str) else as_list(prefix)
        fault = f"{len(prefixes):,} prefixes for {len(texts):,} texts"
        require(len(prefixes) == len(texts), fault, "give one for each text, or one str for all")
        self.check(request, prefixed=any(prefixes))
        read = []
        for place, (text, beginning) in enumerate(zip(texts, prefixes, strict=True)):
            refuse_text(text, f"texts[{place}]", self.reader.longest_line(request))
            read.append(_usable(self.reader.line(text, place + 1, request, beginning), f"texts[{place}]"))
        return self.answer_lines(read, request)

    def score(self, pairs: Iterable[Sequence[str]]) -> list[Likelihood]:
        """Score pairs of a source and its translation; raises `DataError` naming the first that cannot be scored."""
        read = []
        for place, pair in enumerate(as_list(pairs)):
            if not isinstance(pair, (list, tuple)) or len(pair) != 2:
                raise DataError(f"pairs[{place}] is not a source and its translation", cure="give two texts")
            for side, text in enumerate(pair):
                # a line of the pipe has room for two texts, however they share it
                refuse_text(text, f"pairs[{place}][{side}]", 2 * self.longest)
            source = _usable(self.reader.read(pair[0], place + 1, self.most, recase=False), f"pairs[{place}]")
            read.append(_usable(self.reader.pair(source, pair[1]), f"pairs[{place}]"))
        return in_batches(read, [pair.longest for pair in read], BUDGET, LEAST, self.likelihoods)

    def check(self, request: Request, *, prefixed: bool = False) -> None:
        """Raise `UsageError` for what the file cannot do. prefixed: a text may have a prefix of its own."""
        require_kinds(vars(request), vars(Request()))
        require_seed(request.seed)
        most = SAMPLES if request.sample else max(1, request.beam)
        what, more = ("samples", "") if request.sample else (f"a beam of {request.beam}", ", or a larger --beam")
        fault = f"--n-best {request.n_best} of {what} cannot be"
        require(0 <= request.n_best <= most, fault, f"--n-best 1 to {most}{more}")
        fault = "this file gives no attention, which alignment, picture and replacement of words need"
        looks = request.attention or request.replace_unknown
        require(self.graph.attends or not looks, fault, "seqtool export --attention, then use that file")
        fault, cure = "this file searches, it does not draw", "seqtool export --sampling, then use that file"
        require(self.graph.samples or not request.sample, fault, cure)
        fault = "--replace-unknown copies from the source, where banned texts may stand"
        require(not (request.ban and request.replace_unknown), fault, "leave out --ban or --replace-unknown")
        beam, penalty = request.beam, request.length_penalty
        require(1 <= beam <= self.beam, f"a beam of {beam:,} cannot be", f"--beam 1 (greedy) to {self.beam:,}")
        require(0 <= penalty <= STRONGEST, f"a length penalty of {penalty:g} cannot be", f"0 (none) to {STRONGEST}")
        cure = f"--max-length 1 to {self.generated:,}, or 0: twice the source and {LIMIT_EXTRA}"
        fault = f"translations of {request.max_length:,} tokens cannot be"
        require(0 <= request.max_length <= self.generated, fault, cure)
        fault = f"{request.language!r:.40} is no code of a language"
        code = not request.language or re.fullmatch("[a-z]{2,3}", request.language) is not None
        require(code, fault, "a code of ISO 639, such as en, de or fr")
        most = (request.max_length or self.generated) - 1
        fault = f"--min-length {request.min_length:,} leaves no room for the end of a translation"
        require(0 <= request.min_length <= most, fault, f"--min-length 0 to {most:,} tokens, or a larger --max-length")
        require_draws(request.temperature, request.top_k, request.top_p, self.target.size)
        fault, cure = "this file cuts no draws: an earlier version exported it", "seqtool export --sampling again"
        require(self.graph.cuts or (request.top_k, request.top_p) == (0, 1), fault + " (--top-k, --top-p)", cure)
        asked = [*request.asked, *(["--prefix"] if prefixed and not request.prefix else [])]
        self.graph.rules.check(request, asked)
        if request.prefix and isinstance(refusal := self.reader.prefix(request.prefix, request), Refusal):
            raise UsageError(f"--prefix: {refusal.reason}", cure="give another one")

    def budget(self, request: Request) -> int:
        """Return the tokens of a call: fewer where a sentence has more hypotheses than usual."""
        return max(1, BUDGET * USUAL_BEAM // max(USUAL_BEAM, request.width))

    def answer_lines(self, read: Sequence[Line], request: Request) -> list[Translation]:
        """Translate lines, in one call where each is one sentence."""
        sources = [source for line in read for source in line.parts]
        # an answer does not depend on its batch, so similar lengths go together and need the least padding
        lengths = [len(source.ids) for source in sources]
        found = in_batches(sources, lengths, self.budget(request), LEAST, lambda batch: self.answer(batch, request))
        answers = iter(found)
        return [lines.joined(line, [next(answers) for _ in line.parts], request.length_penalty) for line in read]

    def answer(self, sources: Sequence[Source], request: Request) -> list[Translation]:
        """Translate sources in one call."""
        rows, width = [source.ids for source in sources], request.width
        prefixes = [source.prefix for source in sources]
        if request.sample:
            keys = [Key(source.number, source.part * SAMPLES + sample) for source in sources for sample in range(width)]
            each = [[row for row in of_sources for _ in range(width)] for of_sources in (rows, prefixes)]
            drawn = self.graph.draw(each[0], keys, request, each[1])
            hypotheses = [drawn[start : start + width] for start in range(0, len(drawn), width)]
        else:
            hypotheses = self.graph.search(rows, request, prefixes)
        return [
            self.writer.translation(source, beam, request) for source, beam in zip(sources, hypotheses, strict=True)
        ]

    def beam_tree(self, text: str, request: Request) -> tuple[list[list[Node]], int]:
        """Return the hypotheses of the search for a text after each step, and the number of steps (see `beam_tree`).

        Of a text of several sentences it is the first.
        """
        from seqtool.families.translation.beam_tree import beam_tree  # most calls draw nothing

        source = _usable(self.reader.line(text, 1, request, request.prefix), "the text").parts[0]

        def name(token: int) -> str:
            return END if token == EOS else restored(self.target.pieces([token])[0], source.spans)

        return beam_tree(self.graph, source, request, name)

    def likelihoods(self, pairs: Sequence[Pair]) -> list[Likelihood]:
        """Score pairs in one call."""
        scores = self.graph.log_probabilities([pair.source for pair in pairs], [pair.target for pair in pairs])
        rows = zip(pairs, scores, strict=True)
        # what the vocabulary cannot say costs its spelling beside the token that stands for it
        return [Likelihood(SPELLING * pair.unknown - float(row.sum()), len(row), pair.characters) for pair, row in rows]

    def predict(self, texts: Sequence[str], request: Request | None = None) -> list[str]:
        """Translate any number of texts as `translate` does; one that it refuses as too long is cut."""
        request = request or Request()
        room, read = self.reader.room(request), []
        for number, text in enumerate(texts, start=1):
            line = self.reader.line(text, number, request)
            if isinstance(line, Refusal):
                kept, case = self.reader.kept(text, recase=True)
                ids = np.append(self.source.encode(kept.text)[: room - 1], EOS)
                line = Line(text, (Source(text, number, ids, read=kept.text, case=case, spans=kept.spans),))
            read.append(line)
        return [answer.translation for answer in self.answer_lines(read, request)]


def _usable(read: T | Refusal, place: str) -> T:
    if isinstance(read, Refusal):
        raise DataError(f"{place}: {read.reason}", cure="change it, or leave it out")
    return read
