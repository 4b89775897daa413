"""What a tagger's file stores and tells: ids and spelling of words, the names of tags; ids of tags, probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.errors import ModelError, damaged

if TYPE_CHECKING:
    from seqtool.data.entities import Scheme
    from seqtool.types import Flags, Ids, Json, Singles

LETTERS = 20
"""Only the first characters of a word are read: as many as this."""
# At 200 units each way a sentence of 50,000 words takes 1.5 GB while it is read.
LIMITS = {"characters": 500_000, "words": 50_000, "letters": LETTERS}
"""Most characters of a line, words of a sentence and letters of a word that a file reads."""


class Answer(NamedTuple):
    """The ids [N] of the tags of words, their probabilities [N], and those of all tags [N,C]; None in older files."""

    ids: Ids
    scores: Singles
    chances: Singles | None = None

    def split(self, ends: Ids) -> list[Answer]:
        """Return the answers to the words of each sentence; `ends` are those of all but the last."""
        ids, scores = np.split(self.ids, ends), np.split(self.scores, ends)
        chances = [None] * len(ids) if self.chances is None else np.split(self.chances, ends)
        return [*map(Answer, ids, scores, chances)]


class Outputs(NamedTuple):
    """Names of a file's outputs for a field: ids of tags, their probabilities, the probabilities of all tags."""

    tags: str
    scores: str
    chances: str


def outputs(field: int) -> Outputs:
    """Return the names of a file's outputs for a field, from 0; by number: a field may be called as it likes."""
    number = "" if field == 0 else f"_{field + 1}"
    return Outputs(f"tags{number}", f"scores{number}", f"probabilities{number}")


@dataclass(frozen=True)
class TaggingEncoders:
    """Words with a vector of their own; forms (words as written) whose spelling the file stores; tags; characters.

    characters: None where words are not spelled. more_tags: those of each field behind the first. schemes: how the tags
    of each field mark entities, None for tags of words alone, of which any may follow any; () for no such field.
    """

    words: Vocabulary
    forms: Vocabulary
    tags: Labels
    characters: Vocabulary | None = None
    more_tags: tuple[Labels, ...] = ()
    schemes: tuple[Scheme | None, ...] = ()

    @property
    def fields(self) -> tuple[Labels, ...]:
        """The tags of each field, the main one first."""
        return (self.tags, *self.more_tags)

    @property
    def alphabet(self) -> tuple[str, ...]:
        """The character of each id, "" for padding and for unknown ones; () where words are not spelled."""
        return () if self.characters is None else ("", "", *self.characters.tokens)

    def scheme(self, field: int = 0) -> Scheme | None:
        """Return how the tags of a field mark entities; None for others, and in files that do not say it."""
        return self.schemes[field] if self.schemes else None

    def allowed(self, field: int = 0) -> Flags | None:
        """Return which tag may follow which, as `nn.BestPath` takes it [C+1,C+1]; None where any may follow any."""
        scheme = self.scheme(field)
        if scheme is None or scheme == "io":
            return None
        from seqtool.data.entities import may_follow  # a pipe reads what the graph holds already

        names = [*self.fields[field].names, None]
        return np.array([[may_follow(before, after, scheme) for after in names] for before in names])

    def extended(self, new: TaggingEncoders, words: int, forms: int) -> TaggingEncoders:
        """Return these encoders with what `new` has beside them behind: an id keeps its word, character or tag.

        words, forms: the most of them. The schemes stay. Fields and spelling are as in `new`.
        """
        characters = self.characters
        if characters is not None and new.characters is not None:
            characters = characters.extended(new.characters.tokens, characters.size + new.characters.size)
        tags, *more = (old.extended(labels.names) for old, labels in zip(self.fields, new.fields, strict=True))
        return TaggingEncoders(
            self.words.extended(new.words.tokens, words), self.forms.extended(new.forms.tokens, forms),
            tags, characters, tuple(more), self.schemes,
        )  # fmt: skip

    def to_json(self) -> Json:
        """Return the encoders as a JSON object."""
        stored: Json = {"words": self.words.to_json(), "forms": self.forms.to_json(), "tags": self.tags.to_json()}
        # left out, not null: files of the first versions are like that
        if self.characters is not None:
            stored["characters"] = self.characters.to_json()
        if self.more_tags:
            stored["more_tags"] = [labels.to_json() for labels in self.more_tags]
        return {**stored, "schemes": list(self.schemes)} if self.schemes else stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> TaggingEncoders:
        """Rebuild what `to_json` gave; raises `ModelError` where it is damaged."""
        with damaged(ModelError("the stored encoders are damaged", cure="export the model again")):
            words, forms = (Vocabulary.from_json(stored[name]) for name in ("words", "forms"))
            letters = stored.get("characters")  # absent where words are not spelled
            characters = None if letters is None else Vocabulary.from_json(letters)
            more_tags = tuple(Labels.from_json(labels) for labels in stored.get("more_tags") or ())
            schemes = _schemes(stored.get("schemes"), 1 + len(more_tags))
            return cls(words, forms, Labels.from_json(stored["tags"]), characters, more_tags, schemes)

    def spell(self, word: str, letters: int = LETTERS) -> Ids:
        """Return the ids [M] of a word's first `letters` characters; for an empty word the unknown id alone."""
        assert self.characters is not None, "words are not spelled"
        # an LSTM needs a step: an empty row would end the process in ONNX Runtime
        return self.characters.encode(list(word[:letters]) or [""])


def _schemes(stored: object, fields: int) -> tuple[Scheme | None, ...]:
    """Return the schemes of a file; raises `ModelError` where they are none."""
    if stored is None:
        return ()
    from seqtool.data.entities import SCHEMES  # tags of words alone need none of it

    known = isinstance(stored, list) and len(stored) == fields
    if not known or not all(scheme is None or scheme in SCHEMES for scheme in cast("list[object]", stored)):
        raise ModelError("the stored schemes of tags are damaged", cure="train and export again")
    return tuple(cast("list[Scheme | None]", stored))
