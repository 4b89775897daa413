"""Tags from a model file: numpy and ONNX Runtime only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.data.batches import Padded
from seqtool.data.conllu import FIELDS
from seqtool.data.encoders.vocabulary import UNK, Vocabulary
from seqtool.data.splits import LengthSampler
from seqtool.errors import ModelError
from seqtool.families.tagging.words import encoders_from_json, spell

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]

ROWS, BUDGET = 64, 512
"""Sentences, and words with their padding, of a call: what a layer computes of them fits the cache."""


class Runner:
    """A tagger's file with its contract.

    field: the tags that it tells, "upos" or "xpos"; tags: their names; longest: characters of a line; most: words of a
    sentence. Raises `ModelError` where the manifest does not give what a tagger needs.
    """

    def __init__(self, model: Any) -> None:
        self.model = model
        manifest = model.manifest
        try:
            self.field: str = manifest.config["field"]
            if self.field not in FIELDS:
                raise ValueError(f"a field {self.field!r:.40}")
            self.encoders: Mapping[str, Any] = encoders_from_json(manifest.encoders)
            self.spelled = "characters" in {spec.name for spec in model.file.inputs}
            limits = (manifest.limit(name) for name in ("characters", "words", "letters"))
            self.longest, self.most, self._letters = limits
            self._forms: Vocabulary = self.encoders["forms"]
            self._words: Vocabulary = self.encoders["words"]
            self._characters: Vocabulary | None = self.encoders["characters"] if self.spelled else None
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(
                f"the manifest does not say what a tagger needs ({error})", cure="export the model again"
            ) from error
        self.tags = np.array(self.encoders["tags"].names, dtype=object)

    def tag(self, words: Sequence[str], lengths: Sequence[int] | Ids) -> tuple[Ids, Floats]:
        """Tag B sentences of `lengths` [B], at least 1 word each, whose N words stand one after another.

        Return the ids [N] of their tags, in the order of the words, and the tags' probabilities [N]. Raises
        `ModelError` where the file tells tags that it does not name.
        """
        ends = np.cumsum(lengths)
        if self.model.reads_texts:
            return self._tag_texts([list(words[end - length : end]) for end, length in zip(ends, lengths, strict=True)])
        tokens, others = self._read(words)
        batch = Padded.of(np.split(tokens, ends[:-1]))
        outputs = self.model.run({"tokens": batch.values, "lengths": batch.lengths, **others})
        real = real_places(batch.lengths)
        ids: Ids = outputs["tags"][real]
        if not (ids.min() >= 0 and ids.max() < len(self.tags)):
            raise ModelError("the file tells tags that it has no names for", cure="export the model again")
        return ids, outputs["scores"][real]

    def _tag_texts(self, sentences: Sequence[Sequence[str]]) -> tuple[Ids, Floats]:
        """Tag sentences by a file that reads texts: a word's own blanks would part it."""
        lower = self._words.lower
        texts = [" ".join(word.replace(" ", "\u00a0") for word in words) for words in sentences]
        feed = np.array([text.lower() if lower else text for text in texts], dtype=object)
        outputs = self.model.run({"text": feed})
        real = real_places(np.array([len(words) for words in sentences]))
        return self.encoders["tags"].encode(outputs["tags"][real]), outputs["scores"][real]

    def _read(self, words: Sequence[str]) -> tuple[Ids, dict[str, NDArray[Any]]]:
        """Return the tokens [N] of words [N], and the inputs that tell the words that the file does not know."""
        if self._characters is None:
            return self._words.encode(words), {}
        tokens = self._forms.encode(words)
        places: dict[str, int] = {}
        for place in np.flatnonzero(tokens == UNK).tolist():
            tokens[place] = self._forms.size + places.setdefault(words[place], len(places))
        new = list(places) or [""]  # an input may not be empty
        spelled = Padded.of([spell(word, self._characters, self._letters) for word in new])
        return tokens, {
            "characters": spelled.values,
            "character_lengths": spelled.lengths,
            "words": self._words.encode(new),
        }

    def tag_all(self, sentences: Sequence[Sequence[str]]) -> list[Ids]:
        """Return the ids [T] of the tags of any number of sentences, those of one length together."""
        lengths = np.array([len(words) for words in sentences])
        found: list[Ids] = [np.zeros(0, np.int64)] * len(sentences)
        sampler = LengthSampler(lengths, records=ROWS, tokens=BUDGET, seed=0)
        for _ in range(sampler.steps):
            some = sampler.order()[sampler.next()]
            ids, _ = self.tag([word for place in some for word in sentences[place]], lengths[some])
            for place, row in zip(some, np.split(ids, np.cumsum(lengths[some])[:-1]), strict=True):
                found[place] = row
        return found


def real_places(lengths: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which places of rows of `lengths` [B] are no padding: [B,T]."""
    return np.asarray(np.arange(lengths.max()) < lengths[:, None])
