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


@dataclass(frozen=True)
class TaggingEncoders:
    """Words with a vector of their own; forms (words as written) whose spelling the file stores; tags; characters.

    characters: None where words are not spelled.
    """

    words: Vocabulary
    forms: Vocabulary
    tags: Labels
    characters: Vocabulary | None = None

    def to_json(self) -> Json:
        """Return the encoders as a JSON object."""
        stored = {"words": self.words.to_json(), "forms": self.forms.to_json(), "tags": self.tags.to_json()}
        # left out, not null: files of the first versions are like that
        return stored if self.characters is None else {**stored, "characters": self.characters.to_json()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> TaggingEncoders:
        """Rebuild what `to_json` gave; raises `ModelError` where it is damaged."""
        try:
            words, forms = (Vocabulary.from_json(stored[name]) for name in ("words", "forms"))
            letters = stored.get("characters")  # absent where words are not spelled
            characters = None if letters is None else Vocabulary.from_json(letters)
            return cls(words, forms, Labels.from_json(stored["tags"]), characters)
        except KeyError as error:
            raise ModelError(f"the stored encoders lack {error}", cure="export the model again") from error

    def spell(self, word: str, letters: int = LETTERS) -> Ids:
        """Return the ids [M] of a word's first `letters` characters; for an empty word the unknown id alone."""
        assert self.characters is not None, "words are not spelled"
        # an LSTM needs a step: an empty row would end the process in ONNX Runtime
        return self.characters.encode(list(word[:letters]) or [""])
