"""The hyper-parameters of a language model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from seqtool import cells
from seqtool.config import Opt
from seqtool.errors import UsageError
from seqtool.families.recurrent import RecurrentConfig

LARGEST_ONE_HOT = 4096  # a vector of a number for each symbol: the first layer's weights grow with it


@dataclass(frozen=True)
class GenerationConfig(RecurrentConfig):
    """Data, network and training of a language model; each field is an option of `train`."""

    NETWORK: ClassVar[tuple[str, ...]] = (
        "encoder", "embedding", "cell", "hidden", "layers", "context", "alpha", "tied",
    )  # fmt: skip
    INHERITED: ClassVar[tuple[str, ...]] = ("vocabulary", "lower", "ascii", "join_lines")
    FROM_DATA: ClassVar[tuple[str, ...]] = (
        "validation", "hidden", "layers", "window", "batch", "epochs", "evaluate_every",
    )  # fmt: skip
    text_column: Annotated[
        str, Opt("of tables and JSON: the column that holds the texts, by name or number; empty: as the file says")
    ] = ""
    encoder: Annotated[
        Literal["characters", "bytes", "bigrams", "words", "sentencepiece"], Opt("what one symbol of the text is")
    ] = "characters"
    vocabulary: Annotated[int, Opt("most symbols (words, sentencepiece); others are spelled", ge=10, le=50_000)] = 2000
    lower: Annotated[bool, Opt("lower-case the text first")] = False
    ascii: Annotated[bool, Opt("write quotes, dashes and accents in ASCII; leave the rest out")] = False
    join_lines: Annotated[bool, Opt("join the lines of the text, a blank between them")] = False
    validation: Annotated[float, Opt("share of the text for validation", gt=0, lt=1)] = 0.05
    test: Annotated[float, Opt("share of the text, its end, for the test", gt=0, lt=1)] = 0.1
    window: Annotated[int, Opt("a chunk's symbols: how far backpropagation goes, not the state", ge=1, le=10_000)] = 100
    embedding: Annotated[int, Opt("size of a symbol's vector; 0: one-hot", ge=0, le=4096)] = 64
    embedding_dropout: Annotated[float, Opt("dropout on the symbols' vectors", ge=0, lt=1)] = 0.0
    cell: Annotated[str, Opt("recurrent cell", choices=cells.every)] = "lstm"
    hidden: Annotated[int, Opt("hidden units of a layer", ge=1, le=4096)] = 128
    weight_drop: Annotated[float, Opt("dropout on the weights from hidden to hidden", ge=0, lt=1)] = 0.0
    context: Annotated[int, Opt("context units of a layer (scrn)", ge=1, le=4096)] = 64
    alpha: Annotated[float, Opt("share of the context that stays from step to step (scrn)", ge=0, lt=1)] = 0.95
    tied: Annotated[bool, Opt("the output's weights are the symbols' vectors")] = False
    initial_deviation: Annotated[float, Opt("deviation of first weights, truncated normal; 0: off", ge=0, le=1)] = 0.0


def refuse(config: GenerationConfig, vocabulary: int) -> None:
    """Raise `UsageError` where this configuration gives no network for `vocabulary` symbols."""
    if config.tied and not config.embedding:
        raise UsageError("a one-hot input has no weights to tie the output to", cure="--embedding 64, or --no-tied")
    if not config.embedding and vocabulary > LARGEST_ONE_HOT:
        fault = f"{vocabulary} symbols are too many for a one-hot input, at most {LARGEST_ONE_HOT}"
        raise UsageError(fault, cure="--embedding 256")


Config = GenerationConfig
