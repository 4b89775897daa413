"""The hyper-parameters of a translator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from seqtool.config import Opt
from seqtool.data.encoders.subwords import Normalisation, Spelled
from seqtool.errors import UsageError
from seqtool.families.recurrent import RecurrentConfig
from seqtool.task_config import RecordConfig

Kind = Literal["sentencepiece", "bpe", "words"]


@dataclass(frozen=True)
class TranslationConfig(RecurrentConfig, RecordConfig):
    """Data, network and training of a translator; each field is an option of `train`."""

    NETWORK: ClassVar[tuple[str, ...]] = (
        "vocabulary_kind", "spelled", "normalisation", "joint", "embedding", "cell", "hidden", "layers",
        "bidirectional", "residual", "bridge", "attention", "input_feeding", "tied",
    )  # fmt: skip
    INHERITED: ClassVar[tuple[str, ...]] = ("vocabulary",)
    FROM_DATA: ClassVar[tuple[str, ...]] = (
        "validation", "vocabulary", "embedding", "hidden", "layers", "batch", "epochs", "evaluate_every",
    )  # fmt: skip
    source_column: Annotated[
        str, Opt("the source of a table, JSON or TMX: name, number or language; empty: as the file says")
    ] = ""
    target_column: Annotated[str, Opt("the target, likewise")] = ""
    trust_alignment: Annotated[bool, Opt("train on pairs whose sides look shifted against each other")] = False
    reverse: Annotated[bool, Opt("translate from the second language to the first")] = False
    vocabulary_kind: Annotated[
        Kind, Opt("tokens: pieces by sentencepiece's unigram model, by byte pair encoding, or words between blanks")
    ] = "sentencepiece"
    spelled: Annotated[
        Spelled,
        Opt("characters with a piece: all, and numbers and addresses are kept; or the frequent 99.99 % of the text"),
    ] = "frequent"
    normalisation: Annotated[
        Normalisation, Opt("none: pieces of the text as it is; nfkc: compatibility forms are written plain (½, …)")
    ] = "nfkc"
    vocabulary: Annotated[int, Opt("pieces or words of a side at most", ge=10, le=200_000)] = 5000
    joint: Annotated[bool, Opt("one vocabulary of both sides")] = True
    longest: Annotated[int, Opt("tokens of a side that a training pair has at most", ge=1, le=4000)] = 100
    ratio: Annotated[float, Opt("largest ratio of the lengths of a training pair; 0: any", ge=0, le=1000)] = 0.0
    embedding: Annotated[int, Opt("size of a token's vector", ge=1, le=4096)] = 256
    hidden: Annotated[int, Opt("hidden units of a layer, both directions together", ge=2, le=4096)] = 512
    layers: Annotated[int, Opt("recurrent layers, each side", ge=1, le=4)] = 2
    bidirectional: Annotated[bool, Opt("the encoder reads from both ends, half of the units each way")] = True
    residual: Annotated[bool, Opt("add a layer's input to its output where they are as wide")] = False
    bridge: Annotated[
        Literal["copy", "dense", "zero"],
        Opt("the decoder's first state: the encoder's last, tanh of a linear map of it, or zeros"),
    ] = "copy"
    attention: Annotated[
        Literal["none", "dot", "luong", "scaled_luong", "bahdanau", "normed_bahdanau"],
        Opt("how the decoder looks at the source (Luong 2015, Bahdanau 2015)"),
    ] = "luong"
    input_feeding: Annotated[bool, Opt("the decoder also reads what attention made of the step before; slow")] = False
    tied: Annotated[
        Literal["none", "output", "all"],
        Opt("the output's weights are the target tokens' vectors; all: the source's too (needs a joint vocabulary)"),
    ] = "all"
    dropout: Annotated[float, Opt("dropout between layers and before the output", ge=0, lt=1)] = 0.3
    embedding_dropout: Annotated[float, Opt("dropout on the tokens' vectors", ge=0, lt=1)] = 0.3
    label_smoothing: Annotated[float, Opt("share of a target spread over all tokens (Szegedy 2016)", ge=0, lt=1)] = 0.1
    initial_range: Annotated[float, Opt("first weights from -a to a, biases zero; 0: PyTorch's own", ge=0, le=1)] = 0.0
    forget_bias: Annotated[float, Opt("added to the first biases of LSTM forget gates", ge=0, le=10)] = 0.0
    tokens: Annotated[int, Opt("tokens a step of both sides, with their padding, at most", ge=1, le=10_000_000)] = 8000
    validation: Annotated[float, Opt("share of the pairs for validation", gt=0, lt=1)] = 0.05
    test: Annotated[float, Opt("share of the pairs for the test", gt=0, lt=1)] = 0.05


def refuse(config: TranslationConfig) -> None:
    """Raise `UsageError` where this configuration gives no network."""
    if config.bidirectional and config.hidden % 2:
        fault = f"{config.hidden} units cannot be shared by two directions"
        raise UsageError(fault, cure="an even --hidden, or --no-bidirectional")
    # a row of the shared matrix belongs to one id, which has to be the same token on both sides
    if config.tied == "all" and not config.joint:
        raise UsageError("two vocabularies cannot share their vectors", cure="--tied output, or --joint")
    if config.input_feeding and config.attention == "none":
        raise UsageError("without attention there is nothing to feed", cure="--attention luong, or --no-input-feeding")


Config = TranslationConfig
