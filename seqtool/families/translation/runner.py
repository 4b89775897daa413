"""Translations and scores of pairs from a model file: numpy and ONNX Runtime only."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from seqtool.data.banned import FORBIDDEN, walked
from seqtool.data.encoders.letter_case import Case
from seqtool.data.encoders.letter_case import restored as recased
from seqtool.data.encoders.sides import TranslationEncoders
from seqtool.data.encoders.vocabulary import EOS, UNK
from seqtool.data.kept_spans import SLOTS, Kept, restored
from seqtool.errors import DataError, ModelError, UsageError
from seqtool.families.rules import bans
from seqtool.families.texts import SPELLING, Likelihood, in_batches, require, require_draws, require_kinds, require_seed
from seqtool.families.translation import lines
from seqtool.families.translation.lines import Line
from seqtool.families.translation.search import (
    LIMIT_EXTRA,
    LIMIT_FACTOR,
    NO_SPANS,
    Graph,
    Pair,
    Request,
    Source,
    Translation,
)
from seqtool.runtime import runner as base
from seqtool.runtime.noise import Key
from seqtool.runtime.runner import as_list, refuse_text
from seqtool.runtime.stream import Refusal
from seqtool.say import listing, printable

if TYPE_CHECKING:
    from seqtool.families.translation.search import Hypothesis
    from seqtool.report.beam_tree import Node
    from seqtool.runtime.model import Model
    from seqtool.types import Ids, Singles

T = TypeVar("T")

NOTHING = Refusal("nothing in it that the model knows", "nothing that the model knows")
END = "</s>"  # the name of EOS
ROWS, BUDGET = 32, 1024  # sentences, and tokens with their padding, of a call with the usual beam
LEAST = BUDGET // ROWS  # tokens that a short sentence counts at least, so that a call has at most `ROWS` of them
USUAL_BEAM = 5
STRONGEST = 10  # power of the length: of 4,000 tokens a higher one is no number in float32
PIECE = 100  # tokens of a piece of a torn sentence, where the configuration does not say what was learnt
SIGNS = "()[]?!"  # as many in a translation as in its source
SAMPLES = 10_000  # of a text at most: they are all in memory at the same time
SEEN = 1 << 25  # attention weights of a sentence at most: the graph holds a dozen times as much, 1.6 GB
MOST = 1_000_000  # bound on the limits that a file names: outputs are allocated by them


class Runner(base.Runner):
    """A translator's file with its contract.

    source, target: encoders. longest: characters of a line. most: tokens of a source with its EOS. generated: tokens of
    a translation. beam: hypotheses. Raises `ModelError` where the manifest lacks them.
    """

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        manifest = model.manifest
        try:
            self.encoders = TranslationEncoders.from_json(manifest.encoders)
            limits = [manifest.limit(name) for name in ("characters", "tokens", "generated", "beam")]
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"the manifest does not say what a translator needs ({error})", cure="export the model again"
            ) from error
        self.longest, self.most, self.generated, self.beam = (min(limit, MOST) for limit in limits)
        self.source, self.target = self.encoders.source, self.encoders.target
        spoken = self.encoders.languages
        self.language = spoken[self.config.get("reverse") is True] if spoken else "en"
        learnt = self.config.get("longest")
        self._piece = learnt if isinstance(learnt, int) and learnt > 0 else PIECE
        self.graph = Graph(model, self.target, self.generated)

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
            refuse_text(text, f"texts[{place}]", self.longest_line(request))
            read.append(_usable(self.line(text, place + 1, request, beginning), f"texts[{place}]"))
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
            source = _usable(self.read(pair[0], place + 1, self.most, recase=False), f"pairs[{place}]")
            read.append(_usable(self.pair(source, pair[1]), f"pairs[{place}]"))
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
        if request.prefix and isinstance(refusal := self.prefix(request.prefix, request), Refusal):
            raise UsageError(f"--prefix: {refusal.reason}", cure="give another one")

    def room(self, request: Request) -> int:
        """Return the largest number of tokens of a source, EOS counted."""
        if not self.graph.attends:
            return self.most
        # A file with attention keeps K * U * T weights of K hypotheses of U tokens over T of the source: at most
        # `SEEN`. With U = LIMIT_FACTOR * T + LIMIT_EXTRA, T is the root of a quadratic equation.
        each = SEEN // request.beam
        root = math.isqrt(LIMIT_EXTRA**2 + 4 * LIMIT_FACTOR * each)
        room = each // request.max_length if request.max_length else (root - LIMIT_EXTRA) // (2 * LIMIT_FACTOR)
        room = min(room, each // (request.min_length + 1))
        return min(self.most, max(room, 1))

    def budget(self, request: Request) -> int:
        """Return the tokens of a call: fewer where a sentence has more hypotheses than usual."""
        return max(1, BUDGET * USUAL_BEAM // max(USUAL_BEAM, request.width))

    def splits(self, request: Request) -> bool:
        """Tell whether the sentences of a line are translated apart: the training's lines were one sentence each."""
        return request.split and self.encoders.form is not None and self.encoders.form.single

    def longest_line(self, request: Request) -> int:
        """Return the most characters of a line."""
        return lines.LONGEST if self.splits(request) else self.longest

    def line(self, text: str, number: int, request: Request, prefix: str = "") -> Line | Refusal:
        """Return text `number` as the sources of its sentences, or why it cannot be translated.

        prefix: what the translation begins with.
        """
        line = self._line(text, number, request)
        if isinstance(line, Refusal) or not prefix.strip():
            return line
        first = self.begun(line.parts[0], prefix, request)
        return first if isinstance(first, Refusal) else line._replace(parts=(first, *line.parts[1:]))

    def _line(self, text: str, number: int, request: Request) -> Line | Refusal:
        room = self.room(request)
        if not self.splits(request):
            source = self.read(text, number, room)
            return source if isinstance(source, Refusal) else Line(text, (source,))

        def size(part: str) -> int:
            return len(self.source.encode(self._kept(part, recase=True)[0].text))

        language, piece = request.language or self.language, min(room - 1, self._piece)
        cut = lines.cut(text, language, size, room - 1, self.longest, piece)
        sources: list[Source] = []
        gaps = [""]
        for part, gap in zip(cut.parts, (*cut.gaps, ""), strict=True):
            source = self.read(part, number, room, len(sources))
            if isinstance(source, Source):
                sources.append(source)
                gaps.append(gap)
            elif len(cut.parts) == 1:
                return source
            else:  # nothing in it is known: it stays as it is
                gaps[-1] += part + gap
        return Line(text, tuple(sources), tuple(gaps), cut.torn) if sources else NOTHING

    def read(self, text: str, number: int, room: int, part: int = 0, *, recase: bool = True) -> Source | Refusal:
        """Return text `number`, or a part of it, as ids, or why it cannot be translated, such as too many for `room`.

        recase: read a text in capitals or Title Case as a sentence, where the training had few such texts.
        """
        kept, case = self._kept(text, recase)
        ids = np.append(self.source.encode(kept.text), EOS)
        if len(ids) > room:
            return Refusal(f"{len(ids):,} tokens, more than {room:,}", f"longer than {room:,} tokens")
        # a decoder writes a fluent sentence even for a text in which it knows nothing
        if len(ids) == 1 or (UNK in ids and not self.source.decode(ids[ids != UNK]).strip()):
            return NOTHING
        as_is = bool(kept.spans) and not any(map(str.isalpha, kept.text))
        return Source(text, number, ids, part, kept.text, case, kept.spans, as_is=as_is)

    def _kept(self, text: str, recase: bool) -> tuple[Kept, Case]:
        """Return a text as the network reads it, and the case that was undone in it."""
        kept = self.encoders.read(text)
        casing = self.encoders.form.casing if self.encoders.form is not None else None
        case = casing.case_of(kept.text) if casing and recase else ""
        if not casing or not case:
            return kept, ""
        kept = self.encoders.read(text, recased=True)
        return kept._replace(text=casing.as_sentence(kept.text, case)), case

    def begun(self, source: Source, prefix: str, request: Request) -> Source | Refusal:
        """Return a source with what its translation begins with, or why it cannot."""
        ids, limit = self.prefix(prefix, request, source.spans), int(self.graph.limits([source.ids], request)[0])
        if isinstance(ids, Refusal):
            return ids
        if len(ids) >= limit:
            more = "; --max-length makes them longer"
            what = f"a prefix of {len(ids):,} tokens, where translations have at most {limit:,} with their end{more}"
            return Refusal(what, "with a prefix too long")
        return source._replace(prefix=ids, as_is=False)

    def prefix(self, text: str, request: Request, spans: Mapping[str, str] = NO_SPANS) -> Ids | Refusal:
        """Return what a translation begins with as ids [P], white space as a blank, or why it cannot be written.

        spans: of the source.
        """
        text = " ".join(text.split())
        read = self.encoders.read_target(text, spans)
        ids = self.target.encode(read)
        if unknown := self.target.unknown(read):
            what = f"the model cannot write {listing(list(unknown), 5)} of the prefix"
            return Refusal(what, "with an unknown prefix")
        if (written := self.encoders.written(ids, spans)) != text:
            return Refusal(f"the model writes the prefix as '{printable(written)}'", "with a prefix written otherwise")
        if walked(self.graph.rules.table(request.ban), 0, ids.tolist()) == FORBIDDEN:
            return Refusal("what is banned stands in the prefix", "with a banned prefix")
        return ids

    def pair(self, source: Source, target: str) -> Pair | Refusal:
        """Return a source and its translation as ids, or why the translation cannot be scored."""
        text, most = self.encoders.read_target(target, source.spans), self.generated
        ids = self.target.encode(text)
        if len(ids) >= most:
            return Refusal(f"a translation of {len(ids):,} tokens, {most:,} or more", f"of {most:,} tokens or more")
        # of white space that the encoder joins nothing is scored
        unknown = sum(len(symbol) * count for symbol, count in self.target.unknown(text).items()) if UNK in ids else 0
        return Pair(source.ids, ids, len(" ".join(target.split())), unknown)

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
        return [self._ranked(source, beam, request) for source, beam in zip(sources, hypotheses, strict=True)]

    def _ranked(self, source: Source, hypotheses: Sequence[Hypothesis], request: Request) -> Translation:
        if self.encoders.keeps and not request.sample:
            # the first that has the spans, brackets and marks of the source, and no others
            hypotheses = sorted(hypotheses, key=lambda hypothesis: self._amiss(source, hypothesis))
        ranked = [self._written(source, hypothesis, request) for hypothesis in hypotheses[: max(1, request.n_best)]]
        return ranked[0]._replace(translations=tuple(ranked)) if request.n_best else ranked[0]

    def _amiss(self, source: Source, hypothesis: Hypothesis) -> int:
        """Count the slots, brackets and marks of a source that a hypothesis lacks, and those that it has too many."""
        written = self.target.decode(hypothesis.ids)
        signs = sum(abs(written.count(sign) - source.read.count(sign)) for sign in SIGNS)
        return signs + len((set(written) & set(SLOTS)) ^ set(source.spans))

    def _written(self, source: Source, hypothesis: Hypothesis, request: Request) -> Translation:
        if source.as_is and not request.attention:
            return Translation(source.text, source.text.strip(), 0.0)
        translation = self._answered(source, hypothesis, request)
        lost = self.encoders.lost(source.text, translation.translation, recased=bool(source.case))
        return translation._replace(lost=tuple(lost))

    def _answered(self, source: Source, hypothesis: Hypothesis, request: Request) -> Translation:
        ids, score, weights, steps = hypothesis
        if weights is None or not (request.attention or request.replace_unknown):
            return Translation(source.text, self._text(source, self.target.decode(ids)), score, steps=steps)
        replaced = request.replace_unknown
        written = self._text(source, self._replaced(source, ids, weights) if replaced else self.target.decode(ids))
        if not request.attention:
            return Translation(source.text, written, score, steps=steps)
        alignment = np.argmax(weights, axis=1).tolist() if len(weights) else []
        sides = self.target.pieces(ids), [*self.source.tokens(source.read), END]
        tokens, looked = ([restored(token, source.spans) for token in side] for side in sides)
        return Translation(source.text, written, score, tokens, looked, alignment, weights, steps=steps)

    def _text(self, source: Source, written: str) -> str:
        """Return a translation in the case of its source, with its spans."""
        return restored(recased(written, source.case), source.spans)

    def beam_tree(self, text: str, request: Request) -> tuple[list[list[Node]], int]:
        """Return the hypotheses of the search for a text after each step, and the number of steps (see `beam_tree`).

        Of a text of several sentences it is the first.
        """
        from seqtool.families.translation.beam_tree import beam_tree  # most calls draw nothing

        source = _usable(self.line(text, 1, request, request.prefix), "the text").parts[0]

        def name(token: int) -> str:
            return END if token == EOS else restored(self.target.pieces([token])[0], source.spans)

        return beam_tree(self.graph, source, request, name)

    def _replaced(self, source: Source, ids: Ids, weights: Singles) -> str:
        """Write ids [U] with what stands in the source in place of UNK; weights: of attention [U,T]."""
        # Luong et al. (2015), Addressing the Rare Word Problem, with attention in place of their alignment model: copy
        # the source word with the most attention. EOS, the last step of the source, is not a word.
        words, copied = self.source.tokens(source.read), self.target.pieces(ids)
        places = np.arange(len(words))
        if self.target.kind == "subwords":
            # a piece stands for a word or a part of it: of a source in pieces only characters that have none are copied
            places = np.flatnonzero(self.source.encode(source.read) == UNK)
        for place in np.flatnonzero(ids == UNK).tolist() if len(places) else ():
            copied[place] = words[places[int(weights[place, places].argmax())]]
        return self.target.joined(copied)

    def likelihoods(self, pairs: Sequence[Pair]) -> list[Likelihood]:
        """Score pairs in one call."""
        scores = self.graph.log_probabilities([pair.source for pair in pairs], [pair.target for pair in pairs])
        rows = zip(pairs, scores, strict=True)
        # what the vocabulary cannot say costs its spelling beside the token that stands for it
        return [Likelihood(SPELLING * pair.unknown - float(row.sum()), len(row), pair.characters) for pair, row in rows]

    def predict(self, texts: Sequence[str], request: Request | None = None) -> list[str]:
        """Translate any number of texts as `translate` does; one that it refuses as too long is cut."""
        request = request or Request()
        room, read = self.room(request), []
        for number, text in enumerate(texts, start=1):
            line = self.line(text, number, request)
            if isinstance(line, Refusal):
                kept, case = self._kept(text, recase=True)
                ids = np.append(self.source.encode(kept.text)[: room - 1], EOS)
                line = Line(text, (Source(text, number, ids, read=kept.text, case=case, spans=kept.spans),))
            read.append(line)
        return [answer.translation for answer in self.answer_lines(read, request)]


def _usable(read: T | Refusal, place: str) -> T:
    if isinstance(read, Refusal):
        raise DataError(f"{place}: {read.reason}", cure="change it, or leave it out")
    return read
