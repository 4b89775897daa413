"""How a text becomes token ids, the same in training and in a pipe; the names of the labels."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from seqtool.data.encoders import texts as text_encoders
from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.texts import Encoder
from seqtool.data.encoders.vocabulary import UNK, Vocabulary
from seqtool.data.folding import fold
from seqtool.data.tokenize import tokenize
from seqtool.errors import DataError, ModelError, UsageError, damaged
from seqtool.run_check import is_number
from seqtool.types import Ids, Json

if TYPE_CHECKING:
    from seqtool.families.classification.config import ClassificationConfig

UNKNOWN = "\x01"
"""A word that no vocabulary has: `tokenize` drops control characters."""
LIMITS = {"characters": 1_000_000, "tokens": 50_000}
"""The longest text that a file takes, and the most tokens that any file reads at once."""


@dataclass(frozen=True)
class Reader:
    """How a text is read: lower-cased or not, cut into tokens, and numbered by the encoder."""

    encoder: Vocabulary | Encoder
    lower: bool

    @classmethod
    def fit(cls, texts: Sequence[str], config: ClassificationConfig) -> Reader:
        """Fit the configured encoder to the training texts; raises `DataError` where the vocabulary stays empty."""
        from seqtool.families.classification.encoder_choice import chosen  # a pipe fits no encoder

        folded = [fold(text, lower=config.lower) for text in texts]
        if (encoder := chosen(config, texts)) != "words":
            return cls(text_encoders.fit(encoder, "\n".join(folded), config.vocabulary), config.lower)
        words = Vocabulary.fit(map(tokenize, folded), config.vocabulary, config.at_least)
        if not words.tokens:
            raise DataError(
                f"no word occurs {config.at_least} times in the training part", cure="give more texts, or --at-least 1"
            )
        return cls(words, config.lower)

    @property
    def unknown(self) -> int | None:
        """The id of unknown tokens; None where the encoder can spell every text."""
        return UNK if isinstance(self.encoder, Vocabulary) else self.encoder.unk

    @property
    def tokens(self) -> str:
        """What a token is, in the plural."""
        return "words" if isinstance(self.encoder, Vocabulary) else self.encoder.kind

    def words(self, text: str) -> list[str]:
        """Return the words of a text, whichever encoder numbers its tokens."""
        return tokenize(fold(text, lower=self.lower))

    def read(self, text: str) -> Ids:
        """Return the ids [T] of a text; for a text without tokens the unknown id alone."""
        if isinstance(self.encoder, Vocabulary):
            ids = self.encoder.encode(self.words(text))
        else:
            ids = self.encoder.encode(fold(text, lower=self.lower))
        # ONNX Runtime ends the process on an empty row, so every text has a token
        return ids if len(ids) else np.array([self.unknown or 0], dtype=np.int64)


@dataclass(frozen=True)
class Mix:
    """How the logits of a linear part and of the network are joined: by the network's share, then all times `scale`."""

    share: float
    scale: float

    def __post_init__(self) -> None:
        if not (is_number(self.share) and is_number(self.scale) and 0 <= self.share <= 1 and 0 < self.scale < 1e6):
            raise TypeError("no mix")


@dataclass(frozen=True)
class ClassificationEncoders:
    """What numbers the tokens, and the names of the classes; tall: whether texts of the training had line ends.

    multi: whether a text may have several labels: weights of that kind are no weights of one label a text.
    mix: of a linear part beside the network, from the end of a training on. thresholds: of several labels, above which
    probabilities [C] each is answered, by the output of the graph; from then on too.
    """

    encoder: Vocabulary | Encoder
    labels: Labels
    tall: bool = False
    multi: bool = False
    mix: Mix | None = None
    thresholds: Mapping[str, Sequence[float]] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        for row in self.thresholds.values():
            if len(row) != self.labels.size or not all(is_number(value) and 0 <= value <= 1 for value in row):
                raise TypeError("no thresholds of the labels")

    # `lower` is not kept here but in the configuration: files of the first versions have it there alone
    def to_json(self) -> Json:
        """Return the encoders as a JSON object."""
        stored: Json = {"encoder": self.encoder.to_json(), "labels": self.labels.to_json()}
        stored |= {name: True for name in ("tall", "multi") if getattr(self, name)}
        stored |= {"thresholds": dict(self.thresholds)} if self.thresholds else {}
        return stored | ({} if self.mix is None else {"mix": dataclasses.asdict(self.mix)})

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> ClassificationEncoders:
        """Rebuild what `to_json` gave; raises `ModelError` where it is damaged."""
        with damaged(ModelError("the stored encoders are damaged", cure="export the model again")):
            encoder = stored["encoder"]
            rebuild = Vocabulary.from_json if encoder["kind"] == Vocabulary.kind else text_encoders.from_json
            mix = None if stored.get("mix") is None else Mix(**stored["mix"])
            labels, thresholds = Labels.from_json(stored["labels"]), dict(stored.get("thresholds", {}))
            tall, multi = (stored.get(name) is True for name in ("tall", "multi"))
            return cls(rebuild(encoder), labels, tall, multi, mix, thresholds)

    def reader(self, *, lower: bool) -> Reader:
        """Return how texts are read; lower: as in the configuration."""
        return Reader(self.encoder, lower)

    def words(self, *, lower: bool) -> Vocabulary:
        """Return the vocabulary for a file that reads texts; raises `UsageError` where tokens are not words."""
        if isinstance(self.encoder, Vocabulary):
            # texts come to such a file as they are, so that the vocabulary has to lower-case them
            return Vocabulary(self.encoder.tokens, lower)
        raise UsageError(f"a file cuts texts into words only, not {self.encoder.kind}", cure="leave --text-input out")
