"""The hyper-parameters of a tagger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from seqtool.config import Opt
from seqtool.families.recurrent import RecurrentConfig
from seqtool.task_config import RecordConfig


@dataclass(frozen=True)
class TaggingConfig(RecurrentConfig, RecordConfig):
    """Data, network and training of a tagger; each field is an option of `train`."""

    field: Annotated[str, Opt("which tags of CoNLL-U: upos (universal) or xpos (the treebank's own)")] = "upos"
    network: Annotated[
        Literal["tagger", "encoder-decoder"],
        Opt("tagger: each step gives a tag; encoder-decoder: one vector of the sentence gives all tags"),
    ] = "tagger"
    lower: Annotated[bool, Opt("lower-case words before they are looked up; their characters stay")] = True
    vocabulary: Annotated[int, Opt("most words with a vector of their own", ge=1, le=200_000)] = 50_000
    at_least: Annotated[int, Opt("least occurrences of such a word in the training part", ge=1, le=1000)] = 1
    embedding: Annotated[int, Opt("size of a word's vector", ge=1, le=4096)] = 100
    characters: Annotated[int, Opt("size of a character's vector; 0: words are not spelled", ge=0, le=1024)] = 50
    character_hidden: Annotated[int, Opt("LSTM units that spell a word, each way", ge=1, le=1024)] = 50
    hidden: Annotated[int, Opt("hidden units of a layer, each way", ge=1, le=4096)] = 200
    bidirectional: Annotated[bool, Opt("read sentences from both ends")] = True
    embedding_dropout: Annotated[float, Opt("dropout on the words' vectors", ge=0, lt=1)] = 0.0
    word_dropout: Annotated[float, Opt("share of words read as unknown in training", ge=0, lt=1)] = 0.0
    weight_drop: Annotated[float, Opt("dropout on the weights from hidden to hidden", ge=0, lt=1)] = 0.0


Config = TaggingConfig
