"""The hyper-parameters of a tagger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from seqtool.config import Opt
from seqtool.task_config import RecordConfig

Field = Literal["upos", "xpos"]


@dataclass(frozen=True)
class TaggingConfig(RecordConfig):
    """Data, network and training of a tagger; each field is an option of `train`."""

    field: Annotated[Field, Opt("which tags: upos (universal) or xpos (the treebank's own)")] = "upos"
    network: Annotated[
        Literal["tagger", "encoder-decoder"],
        Opt("tagger: a tag from each step; encoder-decoder: all tags from one vector of the sentence"),
    ] = "tagger"
    lower: Annotated[bool, Opt("lower-case words before they are looked up; their characters stay")] = True
    vocabulary: Annotated[int, Opt("words with a vector of their own at most", ge=1, le=200_000)] = 50_000
    at_least: Annotated[int, Opt("times that such a word occurs in the training part at least", ge=1, le=1000)] = 1
    embedding: Annotated[int, Opt("size of a word's vector", ge=1, le=4096)] = 100
    characters: Annotated[int, Opt("size of a character's vector; 0: words are not spelled", ge=0, le=1024)] = 50
    character_hidden: Annotated[int, Opt("LSTM units that spell a word, each way", ge=1, le=1024)] = 50
    cell: Annotated[
        Literal["lstm", "gru", "rnn", "peephole"], Opt("recurrent cell; peephole: LSTM whose gates see the cell")
    ] = "lstm"
    hidden: Annotated[int, Opt("hidden units of a layer, each way", ge=1, le=4096)] = 200
    layers: Annotated[int, Opt("recurrent layers", ge=1, le=16)] = 1
    bidirectional: Annotated[bool, Opt("read sentences from both ends")] = True
    dropout: Annotated[float, Opt("dropout between layers and before the output", ge=0, lt=1)] = 0.0
    embedding_dropout: Annotated[float, Opt("dropout on the words' vectors", ge=0, lt=1)] = 0.0
    word_dropout: Annotated[float, Opt("share of words read as unknown in training", ge=0, lt=1)] = 0.0
    weight_drop: Annotated[float, Opt("dropout on the weights from hidden to hidden", ge=0, lt=1)] = 0.0
