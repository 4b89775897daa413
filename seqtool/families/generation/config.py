"""The hyper-parameters of a language model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from seqtool.config import Opt
from seqtool.errors import UsageError
from seqtool.task_config import TaskConfig

LARGEST_ONE_HOT = 4096


@dataclass(frozen=True)
class GenerationConfig(TaskConfig):
    """Data, network and training of a language model; each field is an option of `train`."""

    encoder: Annotated[
        Literal["characters", "bytes", "bigrams", "words", "sentencepiece"], Opt("what one symbol of the text is")
    ] = "characters"
    vocabulary: Annotated[
        int, Opt("symbols at most (words, sentencepiece); rarer ones are spelled", ge=10, le=50_000)
    ] = 2000
    lower: Annotated[bool, Opt("lower-case the text first")] = False
    ascii: Annotated[bool, Opt("write quotes, dashes and accents in ASCII; leave the rest out")] = False
    join_lines: Annotated[bool, Opt("join the lines of the text, a blank between them")] = False
    validation: Annotated[float, Opt("share of the text for validation", gt=0, lt=1)] = 0.05
    test: Annotated[float, Opt("share of the text, its end, for the test", gt=0, lt=1)] = 0.1
    window: Annotated[
        int, Opt("symbols of a chunk: backpropagation goes no further back, the state does", ge=1, le=10_000)
    ] = 100
    embedding: Annotated[int, Opt("size of a symbol's vector; 0: one-hot", ge=0, le=4096)] = 64
    embedding_dropout: Annotated[float, Opt("dropout on the symbols' vectors", ge=0, lt=1)] = 0.0
    cell: Annotated[
        Literal["lstm", "gru", "rnn", "peephole", "scrn"],
        Opt("recurrent cell; peephole: LSTM whose gates see the cell; scrn: RNN with slow context units (RNN-CF)"),
    ] = "lstm"
    hidden: Annotated[int, Opt("hidden units of a layer", ge=1, le=4096)] = 128
    layers: Annotated[int, Opt("recurrent layers", ge=1, le=16)] = 1
    dropout: Annotated[float, Opt("dropout between layers and before the output", ge=0, lt=1)] = 0.0
    weight_drop: Annotated[float, Opt("dropout on the weights from hidden to hidden", ge=0, lt=1)] = 0.0
    context: Annotated[int, Opt("context units of a layer (scrn)", ge=1, le=4096)] = 64
    alpha: Annotated[float, Opt("share of the context that stays from step to step (scrn)", ge=0, lt=1)] = 0.95
    tied: Annotated[bool, Opt("the output's weights are the symbols' vectors")] = False
    initial_deviation: Annotated[
        float, Opt("first weights from a normal of this deviation cut at two; 0: PyTorch's own", ge=0, le=1)
    ] = 0.0


def refuse(config: GenerationConfig, vocabulary: int) -> None:
    """Raise `UsageError` where no network of this configuration can be built for so many symbols."""
    if config.tied and not config.embedding:
        raise UsageError("a one-hot input has no weights to tie the output to", cure="--embedding 64, or --no-tied")
    if not config.embedding and vocabulary > LARGEST_ONE_HOT:
        raise UsageError(
            f"{vocabulary} symbols are too many for a one-hot input, at most {LARGEST_ONE_HOT}", cure="--embedding 256"
        )
