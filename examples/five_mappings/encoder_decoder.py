"""Many in, many out, all read before the first is written: letters, turned round."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Annotated, Literal

from seqtool import Opt, TranslationConfig, TranslationTask, hookimpl


@dataclass(frozen=True)
class EncoderDecoderConfig(TranslationConfig):
    vocabulary_kind: Annotated[Literal["sentencepiece", "bpe", "words"], Opt("a letter is a word")] = "words"
    learning_rate: Annotated[float, Opt("learning rate", gt=0, le=1)] = 5e-3
    embedding: Annotated[int, Opt("size of a letter's vector", ge=1, le=256)] = 16
    hidden: Annotated[int, Opt("hidden units", ge=2, le=256)] = 64
    layers: Annotated[int, Opt("recurrent layers", ge=1, le=4)] = 1


class EncoderDecoder(TranslationTask):
    name, summary, config = "encoder-decoder", "letters in, the same letters backwards out", EncoderDecoderConfig

    def sample(self) -> bytes:
        dice = random.Random(0)
        texts = ["".join(dice.choices("abcdef", k=dice.randint(2, 8))) for _ in range(3000)]
        return "".join(f"{' '.join(text)}\t{' '.join(reversed(text))}\n" for text in texts).encode()


@hookimpl
def register_task() -> EncoderDecoder:
    return EncoderDecoder()
