"""What a tagger's file stores: ids and spelling of words, the names of tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.vocabulary import Vocabulary
from seqtool.errors import ModelError

if TYPE_CHECKING:
    from seqtool.types import Ids, Json

LETTERS = 20
"""Only the first characters of a word are read: as many as this."""
# At 200 units each way a sentence of 50,000 words takes 1.5 GB while it is read.
LIMITS = {"characters": 500_000, "words": 50_000, "letters": LETTERS}
"""Most characters of a line, words of a sentence and letters of a word that a file reads."""


def outputs(field: int) -> tuple[str, str]:
    """Return the names of a file's outputs of ids and of probabilities for a field, from 0.

    By number: a field may be called as it likes.
    """
    number = "" if field == 0 else f"_{field + 1}"
    return f"tags{number}", f"scores{number}"


@dataclass(frozen=True)
class TaggingEncoders:
    """Words with a vector of their own; forms (words as written) whose spelling the file stores; tags; characters.

    characters: None where words are not spelled. more_tags: those of each field behind the first.
    """

    words: Vocabulary
    forms: Vocabulary
    tags: Labels
    characters: Vocabulary | None = None
    more_tags: tuple[Labels, ...] = ()

    @property
    def fields(self) -> tuple[Labels, ...]:
        """The tags of each field, the main one first."""
        return (self.tags, *self.more_tags)

    def to_json(self) -> Json:
        """Return the encoders as a JSON object."""
        stored = {"words": self.words.to_json(), "forms": self.forms.to_json(), "tags": self.tags.to_json()}
        # left out, not null: files of the first versions are like that
        if self.characters is not None:
            stored["characters"] = self.characters.to_json()
        return {**stored, "more_tags": [labels.to_json() for labels in self.more_tags]} if self.more_tags else stored

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> TaggingEncoders:
        """Rebuild what `to_json` gave; raises `ModelError` where it is damaged."""
        try:
            words, forms = (Vocabulary.from_json(stored[name]) for name in ("words", "forms"))
            letters = stored.get("characters")  # absent where words are not spelled
            characters = None if letters is None else Vocabulary.from_json(letters)
            more_tags = tuple(Labels.from_json(labels) for labels in stored.get("more_tags") or ())
            return cls(words, forms, Labels.from_json(stored["tags"]), characters, more_tags)
        except KeyError as error:
            raise ModelError(f"the stored encoders lack {error}", cure="export the model again") from error

    def spell(self, word: str, letters: int = LETTERS) -> Ids:
        """Return the ids [M] of a word's first `letters` characters; for an empty word the unknown id alone."""
        assert self.characters is not None, "words are not spelled"
        # an LSTM needs a step: an empty row would end the process in ONNX Runtime
        return self.characters.encode(list(word[:letters]) or [""])
