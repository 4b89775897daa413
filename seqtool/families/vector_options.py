"""The options by which the vectors of words come from a file, for families that have such vectors."""

from __future__ import annotations

from typing import Annotated, Protocol

from seqtool.config import Opt
from seqtool.errors import UsageError

VectorFile = Annotated[
    str, Opt("file of vectors that the words begin with: text of word2vec, GloVe or fastText, .gz or not")
]
KeptWords = Annotated[
    str, Opt("file of words, one a line, that get a vector of --vectors though the training part lacks them")
]
Frozen = Annotated[bool, Opt("the vectors of --vectors stay as they are; off: they are trained with the rest")]


class WithVectors(Protocol):
    """What a configuration says of vectors from outside."""

    @property
    def vectors(self) -> str:
        """The file; once a run has begun its name alone."""

    @property
    def keep_words(self) -> str:
        """The file of words; once a run has begun its name alone."""

    @property
    def freeze_vectors(self) -> bool:
        """Whether the vectors are not trained."""

    @property
    def embedding(self) -> int:
        """The size of a vector, 0 for that of the file."""

    @property
    def lower(self) -> bool:
        """Whether words are lower-cased before they are looked up."""

    @property
    def refit(self) -> bool:
        """Whether there is a second training, which begins with the same vectors."""


def hold(config: WithVectors) -> None:
    """Raise `UsageError` for options that mean nothing without a file of vectors."""
    if config.vectors:
        return
    if not config.embedding:
        raise UsageError("vectors need a size: embedding is 0", cure="--embedding 100, or --vectors FILE")
    for name in ("keep_words", "freeze_vectors"):
        if getattr(config, name):
            word = f"--{name.replace('_', '-')}"
            what = f"{word} is about a file of vectors, and there is none"
            raise UsageError(what, cure=f"--vectors FILE, or leave {word} out")
