"""The hyper-parameters of a text classifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from seqtool.config import Opt
from seqtool.data.layout import Layout
from seqtool.errors import UsageError
from seqtool.families.recurrent import RecurrentConfig
from seqtool.families.vector_options import Frozen, KeptWords, VectorFile, hold
from seqtool.task_config import RecordConfig


@dataclass(frozen=True)
class ClassificationConfig(RecurrentConfig, RecordConfig):
    """Data, network and training of a text classifier; each field is an option of `train`."""

    NETWORK: ClassVar[tuple[str, ...]] = (
        "multi", "encoder", "lower", "embedding", "cell", "hidden", "layers", "bidirectional", "pooling", "wide",
        "wide_characters",
    )  # fmt: skip
    INHERITED: ClassVar[tuple[str, ...]] = ("vocabulary", "at_least", "at_once")
    FROM_DATA: ClassVar[tuple[str, ...]] = ("batch", "epochs", "evaluate_every")
    separator: Annotated[
        Literal["auto", "tab", "blank"], Opt("what separates a label from its text; auto: a tab where there are tabs")
    ] = "auto"
    text_column: Annotated[str, Opt("column of the texts, by name or number; empty: as the file says")] = ""
    label_column: Annotated[
        tuple[str, ...], Opt("column of the labels, by name or number; or several of 0 and 1, one for each label")
    ] = ()
    label_separator: Annotated[
        str, Opt("mark between several labels of a record; none: there are no several; empty: as the file says")
    ] = ""
    multi: Annotated[
        bool, Opt("a text may have several labels, or none; on by itself where texts of the data have so many")
    ] = False
    encoder: Annotated[
        Literal["auto", "words", "sentencepiece", "characters"],
        Opt("what one token of the text is; auto: words, characters where no blanks part the words"),
    ] = "auto"
    lower: Annotated[bool, Opt("lower-case the text first")] = True
    vocabulary: Annotated[int, Opt("most words or pieces; other words are unknown", ge=1, le=200_000)] = 20_000
    at_least: Annotated[int, Opt("least occurrences of a word in the training part", ge=1, le=1000)] = 2
    at_once: Annotated[
        int, Opt("most tokens that are read at once; of longer texts pieces; 0: as many as suit", ge=0, le=50_000)
    ] = 0
    embedding: Annotated[
        int, Opt("size of a token's vector; 0: that of --vectors", ge=0, le=4096, unless="vectors")
    ] = 100
    vectors: VectorFile = ""
    keep_words: KeptWords = ""
    freeze_vectors: Frozen = False
    bidirectional: Annotated[bool, Opt("read the text from both ends")] = True
    pooling: Annotated[
        Literal["last", "max", "attention"],
        Opt("how steps become one vector: the last state, the maximum of each unit, or a learned weighted mean"),
    ] = "max"
    wide: Annotated[
        int,
        Opt("buckets for pairs of words in a linear part beside the network; 0: no such part", ge=0, le=1 << 20),
    ] = 0
    wide_characters: Annotated[bool, Opt("the linear part reads the characters of words too")] = True
    dropout: Annotated[float, Opt("dropout between layers and before the output", ge=0, lt=1)] = 0.5
    embedding_dropout: Annotated[
        float, Opt("dropout on the tokens' vectors, of the same units at all steps of a text", ge=0, lt=1)
    ] = 0.0
    word_dropout: Annotated[float, Opt("share of tokens read as unknown in training", ge=0, lt=1)] = 0.0
    weight_drop: Annotated[float, Opt("dropout on the weights from hidden to hidden", ge=0, lt=1)] = 0.0
    label_smoothing: Annotated[float, Opt("share of each label that is spread over all classes", ge=0, lt=1)] = 0.0
    class_weights: Annotated[
        Literal["none", "balanced"], Opt("balanced: every class weighs the same in the loss, however rare")
    ] = "none"
    threshold: Annotated[float, Opt("of two classes the second is the answer above this probability", ge=0, lt=1)] = 0.5

    def __post_init__(self) -> None:
        hold(self)


def layout(config: ClassificationConfig) -> Layout:
    """Return what options say of how files are written."""
    return Layout(
        separator=config.separator, format=config.format, encoding=config.encoding, header=config.header,
        text_column=config.text_column, label_columns=config.label_column, label_separator=config.label_separator,
        multi=config.multi,
    )  # fmt: skip


def refuse(config: ClassificationConfig, classes: int) -> None:
    """Raise `UsageError` where settings contradict each other or the number of classes."""
    if config.word_dropout and config.encoder == "sentencepiece":
        raise UsageError(
            "pieces of sentencepiece are never unknown, so word dropout has no id for them", cure="--word-dropout 0"
        )
    if config.multi and config.threshold != 0.5:
        what = "the validation part chooses the thresholds of several labels"
        raise UsageError(what, cure="leave --threshold out; classify --threshold sets another one")
    if config.multi and config.class_weights != "none":
        raise UsageError("balanced weights are for one label a text", cure="--class-weights none")
    # of more than two classes the most likely is the answer, whatever its probability
    if config.threshold != 0.5 and classes != 2:
        raise UsageError(f"a threshold needs two classes; there are {classes}", cure="leave --threshold out")


Config = ClassificationConfig
