"""Tags from a model file: numpy and ONNX Runtime only."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seqtool.data.batches import Padded
from seqtool.data.encoders.vocabulary import UNK
from seqtool.errors import DataError, ModelError, damaged
from seqtool.families.tagging.encoders import Answer, TaggingEncoders, outputs
from seqtool.runtime import runner as base
from seqtool.runtime.model import Model, is_text
from seqtool.runtime.runner import as_list, refuse_text

if TYPE_CHECKING:
    from seqtool.data.entities import Scheme
    from seqtool.families.tagging.candidates import Candidates
    from seqtool.families.tagging.found import Entity
    from seqtool.types import Array, Flags, Ids

Words = Sequence[str]
# the layers' outputs for such a call fit the processor's cache: larger calls are slower
ROWS, BUDGET = 64, 512
"""Most sentences, and most words with their padding, of a call."""
between_blanks: Callable[[str], list[str]] = re.compile(r"[^ \t\n\v\f\r\x85\u2028\u2029]+").findall
"""Returns the words of a tokenised text, between blanks and ends of lines of Unicode; U+00A0 is part of a word."""


class Tags(NamedTuple):
    """Tags [T] of a sentence, and their probabilities [T].

    top: of each word the likeliest tags with their probabilities; sets: tags that hold the true one as often as asked.
    """

    tags: list[str]
    scores: list[float]
    top: list[dict[str, float]] | None = None
    sets: list[list[str]] | None = None


class Tagged(NamedTuple):
    """The words [T] of a sentence, their tags [T], and the tags' probabilities [T]; more: those of the other fields.

    top, sets: as in `Tags`, where they are asked for.
    """

    words: Words
    tags: list[str]
    scores: list[float]
    more: Mapping[str, Tags] = {}
    top: list[dict[str, float]] | None = None
    sets: list[list[str]] | None = None

    def entities(self, scheme: Scheme | None = None) -> list[Entity]:
        """Return the entities that the tags mark, in order, each with its words and its probability; [] for others.

        scheme: "io" for tags without letters, of which each is a kind.
        """
        from seqtool.families.tagging.found import entities  # tags alone need none of it

        return entities(self.tags, self.scores, scheme)

    def places(self, text: str) -> list[tuple[int, int]]:
        """Return where the words stand in the text that was given: `text[start:end]` is the word."""
        from seqtool.data.places import places

        return [*zip(*places(text, self.words), strict=True)]


class Runner(base.Runner):
    """A tagger's file. Raises `ModelError` where the manifest lacks what it needs.

    fields: which tags it gives, such as "upos", and their names, the main ones first. longest: most characters of a
    text; most: most words of a sentence.
    """

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        manifest = model.manifest
        with damaged(ModelError("the manifest does not say what a tagger needs", cure="export the model again")):
            self.encoders = TaggingEncoders.from_json(manifest.encoders)
            # the name of an only field may hold a comma
            names = str(manifest.config["field"]).rsplit(",", len(self.encoders.more_tags))
            self.fields = {name: labels.names for name, labels in zip(names, self.encoders.fields, strict=True)}
            if len(self.fields) < len(names):
                raise ValueError("two fields of one name")
            self.spelled = "characters" in {spec.name for spec in model.file.inputs}
            if self.spelled and self.encoders.characters is None:
                raise ValueError("its encoders have no characters")
            # letters: the file's own limit, by which its table of spellings was made
            self.longest, self.most, self._letters = map(manifest.limit, ("characters", "words", "letters"))
        self._names = [np.array(labels, dtype=object) for labels in self.fields.values()]

    @property
    def field(self) -> str:
        """Which tags it gives in the first place."""
        return next(iter(self.fields))

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of those tags."""
        return self.encoders.tags.names

    def by_field(self, answer: Tagged) -> dict[str, Tags]:
        """Return the tags of each field of an answer."""
        return {self.field: Tags(answer.tags, answer.scores, answer.top, answer.sets), **answer.more}

    def candidates(self, top: int, sets: float | None) -> Candidates | None:
        """Return what names other tags of words, as `tag` says; None for none.

        Raises `UsageError` for what the file cannot tell.
        """
        if not top and sets is None:
            return None
        from seqtool.families.tagging.candidates import Candidates, no_chances  # few ask for them

        if not {outputs(field).chances for field in range(len(self.fields))} <= {
            spec.name for spec in self.model.file.outputs
        }:
            raise no_chances()
        return Candidates(list(self.fields.values()), top, sets, self.scores)

    def tag(self, sentences: Iterable[str | Words], *, top: int = 0, sets: float | None = None) -> list[Tagged]:
        """Tag sentences: texts with words between blanks, or sequences of words.

        top: so many of the likeliest tags of each word are named; sets: each word has a set of tags too, which holds
        the true one with this probability. Raises `DataError` for the first sentence without words, with a word that is
        empty or not a `str`, or too long for the file, and `UsageError` for what the file cannot tell.
        """
        words = [self._words_of(sentence, f"sentences[{place}]") for place, sentence in enumerate(as_list(sentences))]
        answers: dict[int, Tagged] = {}
        candidates = self.candidates(top, sets)
        for places, told in self._calls(words):
            first, *rest = (self._named(field, answer, candidates) for field, answer in enumerate(told))
            others = dict(zip(list(self.fields)[1:], rest, strict=True))
            end = 0
            for place in places:
                start, end = end, end + len(words[place])
                tags, scores, likeliest, held = _part(first, start, end)
                more = {name: _part(own, start, end) for name, own in others.items()}
                answers[place] = Tagged(words[place], tags, scores, more, likeliest, held)
        return [answers[place] for place in range(len(words))]

    def _named(self, field: int, answer: Answer, candidates: Candidates | None) -> Tags:
        """Return the names of the tags of a call's words."""
        tags, scores = self._names[field][answer.ids].tolist(), answer.scores.tolist()
        if candidates is None:
            return Tags(tags, scores)
        return Tags(tags, scores, candidates.top(field, answer), candidates.sets(field, answer))

    def _words_of(self, sentence: str | Words, name: str) -> Words:
        """Return the words of a sentence; name: its name in messages."""
        if isinstance(sentence, str):
            refuse_text(sentence, name, self.longest)
            words: Words = between_blanks(sentence)
        elif not isinstance(sentence, Sequence):
            raise DataError(f"{name} is neither a text nor a sequence of words", cure="give a str or a list of words")
        else:
            words = sentence
            if not _are_words(words):
                raise DataError(f"{name} has a word that is empty or not a text in Unicode", cure="give words as str")
        if not words:
            raise DataError(f"{name} has no words", cure="leave it out")
        if len(words) > self.most:
            raise DataError(f"{name} has {len(words):,} words, more than {self.most:,}", cure="cut it")
        return words

    def predict(self, sentences: Sequence[Words]) -> list[list[Answer]]:
        """Return the answer to the words [T] of each sentence, of each field."""
        answers: list[dict[int, Answer]] = [{} for _ in self.fields]
        for places, told in self._calls(sentences):
            ends = np.cumsum([len(sentences[place]) for place in places])[:-1]
            for field, answer in zip(answers, told, strict=True):
                field.update(zip(places, answer.split(ends), strict=True))
        return [[field[place] for place in range(len(sentences))] for field in answers]

    def _calls(self, sentences: Sequence[Words]) -> Iterator[tuple[list[int], list[Answer]]]:
        """Tag sentences, similar lengths together; yield for each call the places of its sentences, and its answers."""
        if not sentences:
            return
        lengths = np.array([len(words) for words in sentences])
        # the batch of a pipe is one call already: to sort it again would take as long as a small model does
        if len(sentences) == 1 or (len(sentences) <= ROWS and len(sentences) * lengths.max() <= BUDGET):
            yield list(range(len(sentences))), self.call(list(itertools.chain.from_iterable(sentences)), lengths)
            return
        from seqtool.data.splits import LengthSampler  # a batch of a pipe is one call

        sampler = LengthSampler(lengths, records=ROWS, tokens=BUDGET, seed=0)
        for _ in range(sampler.steps):
            places = sampler.order()[sampler.next()].tolist()
            yield places, self.call([word for place in places for word in sentences[place]], lengths[places])

    def call(self, words: Words, lengths: Sequence[int] | Ids) -> list[Answer]:
        """Tag B sentences of `lengths` [B], at least 1 word each, given as their N words one after another.

        Return the answers of each field. Raises `ModelError` for ids without names.
        """
        ends = np.cumsum(lengths)
        if self.model.reads_texts:
            return self._tag_texts([list(words[end - length : end]) for end, length in zip(ends, lengths, strict=True)])
        tokens, spelling = self._read(words)
        batch = Padded.of(np.split(tokens, ends[:-1]))
        told = self.model.run({"tokens": batch.values, "lengths": batch.lengths, **spelling})
        real = real_places(batch.lengths)
        answers: list[Answer] = []
        for field, names in enumerate(self._names):
            tags, scores, chances = outputs(field)
            ids: Ids = told[tags][real]
            # the file may be a stranger's: an id of its own choice would end in an `IndexError`
            if not (ids.min() >= 0 and ids.max() < len(names)):
                raise ModelError("the file gives tags that it has no names for", cure="export the model again")
            answers.append(Answer(ids, told[scores][real], told[chances][real] if chances in told else None))
        return answers

    def _tag_texts(self, sentences: Sequence[Words]) -> list[Answer]:
        """Tag sentences by a file that reads texts."""
        # the graph cuts at blanks, and lower-cases A to Z alone: other words are prepared here
        lower = self.encoders.words.lower
        texts = [" ".join(word.replace(" ", "\u00a0") for word in words) for words in sentences]
        feed = np.array([text.lower() if lower else text for text in texts], dtype=object)
        told = self.model.run({"text": feed})
        real = real_places(np.array([len(words) for words in sentences]))
        keys = map(outputs, range(len(self.fields)))
        return [
            Answer(
                labels.encode(told[key.tags][real].tolist()),
                told[key.scores][real],
                told[key.chances][real] if key.chances in told else None,
            )
            for labels, key in zip(self.encoders.fields, keys, strict=True)
        ]

    def _read(self, words: Words) -> tuple[Ids, dict[str, Array]]:
        """Return the tokens [N] of words [N], and the inputs that spell words which the file does not store."""
        if not self.spelled:
            return self.encoders.words.encode(words), {}
        forms = self.encoders.forms
        tokens = forms.encode(words)
        places: dict[str, int] = {}
        # a word that stands several times in a call is spelled once
        for place in np.flatnonzero(tokens == UNK).tolist():
            tokens[place] = forms.size + places.setdefault(words[place], len(places))
        new = list(places) or [""]  # an input may not be empty
        spelled = Padded.of([self.encoders.spell(word, self._letters) for word in new])
        return tokens, {
            "characters": spelled.values,
            "character_lengths": spelled.lengths,
            "words": self.encoders.words.encode(new),
        }


def _part(tags: Tags, start: int, end: int) -> Tags:
    """Return the tags of the words from `start` to `end`."""
    top = None if tags.top is None else tags.top[start:end]
    sets = None if tags.sets is None else tags.sets[start:end]
    return Tags(tags.tags[start:end], tags.scores[start:end], top, sets)


def _are_words(words: Words) -> bool:
    """Whether all are texts in Unicode and none is empty."""
    # joined: to look at each word would take a tenth of the time of a small model
    try:
        return is_text("".join(words)) and all(words)
    except TypeError:
        return False


def real_places(lengths: Array) -> Flags:
    """Return flags [B,T] of rows of `lengths` [B]: False in padding."""
    return np.asarray(np.arange(lengths.max()) < lengths[:, None])
