"""The hyper-parameters of a tagger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from seqtool.config import Opt
from seqtool.data.tag_options import TagOptions, names_of_tags
from seqtool.errors import UsageError
from seqtool.families.recurrent import RecurrentConfig
from seqtool.families.vector_options import Frozen, KeptWords, VectorFile, hold
from seqtool.task_config import RecordConfig


@dataclass(frozen=True)
class TaggingConfig(RecurrentConfig, RecordConfig):
    """Data, network and training of a tagger; each field is an option of `train`."""

    NETWORK: ClassVar[tuple[str, ...]] = (
        "scheme", "network", "lower", "embedding", "characters", "character_hidden", "affixes", "cell", "hidden",
        "layers", "bidirectional",
    )  # fmt: skip
    INHERITED: ClassVar[tuple[str, ...]] = ("field", "vocabulary", "at_least")
    FROM_DATA: ClassVar[tuple[str, ...]] = ("hidden", "layers", "batch", "epochs", "evaluate_every")
    field: Annotated[
        str,
        Opt("name of the tags; of CoNLL-U upos (universal) or xpos (the treebank's own); empty: as the file has it"),
    ] = ""
    word_column: Annotated[str, Opt("column of the words: a name or a number from 1; empty: as the content says")] = ""
    tag_column: Annotated[
        tuple[str, ...],
        Opt("column of the tags, or several to learn: names or numbers from 1; empty: as the content says"),
    ] = ()
    sentence_column: Annotated[
        str, Opt("column that numbers the sentences: a name or a number from 1; empty: empty lines part them")
    ] = ""
    separator: Annotated[str, Opt("what parts a word from its tag in lines of word/TAG; empty: / or _")] = ""
    baselines: Annotated[
        tuple[Literal["crf"], ...], Opt("further baselines: crf (pip install 'seqtool[crf]'); empty: none")
    ] = ()
    scheme: Annotated[
        Literal["auto", "iob2", "iob1", "bilou", "io", "none"],
        Opt("how tags mark entities; auto: as the tags say; none: any tag may follow any"),
    ] = "none"
    network: Annotated[
        Literal["tagger", "encoder-decoder"],
        Opt("tagger: each step gives a tag; encoder-decoder: one vector of the sentence gives all tags"),
    ] = "tagger"
    lower: Annotated[bool, Opt("lower-case words before they are looked up; their characters stay")] = True
    vocabulary: Annotated[int, Opt("most words with a vector of their own", ge=1, le=200_000)] = 50_000
    at_least: Annotated[int, Opt("least occurrences of such a word in the training part", ge=1, le=1000)] = 1
    embedding: Annotated[int, Opt("size of a word's vector; 0: that of --vectors", ge=0, le=4096, unless="vectors")] = (
        100
    )
    vectors: VectorFile = ""
    keep_words: KeptWords = ""
    freeze_vectors: Frozen = False
    characters: Annotated[int, Opt("size of a character's vector; 0: words are not spelled", ge=0, le=1024)] = 50
    character_hidden: Annotated[int, Opt("LSTM units that spell a word, each way", ge=1, le=1024)] = 50
    affixes: Annotated[
        int, Opt("size of the vector of a word's beginnings, endings and shape; 0: none", ge=0, le=1024)
    ] = 0
    hidden: Annotated[int, Opt("hidden units of a layer, each way", ge=1, le=4096)] = 200
    bidirectional: Annotated[bool, Opt("read sentences from both ends")] = True
    embedding_dropout: Annotated[float, Opt("dropout on the words' vectors", ge=0, lt=1)] = 0.0
    word_dropout: Annotated[float, Opt("share of words read as unknown in training", ge=0, lt=1)] = 0.0
    weight_drop: Annotated[float, Opt("dropout on the weights from hidden to hidden", ge=0, lt=1)] = 0.0

    def __post_init__(self) -> None:
        # The model file stores it: a tagger is asked for by the name of its tags.
        object.__setattr__(self, "field", ",".join(self.fields))
        if self.affixes and not self.characters:
            what = "affixes are cut from the characters of words, and --characters 0 leaves them out"
            raise UsageError(what, cure="give --affixes 0 too, or leave --characters 0 out")
        hold(self)

    @property
    def fields(self) -> tuple[str, ...]:
        """What each kind of tags is called, the main one first; "" where the file says it, which a training settles."""
        return names_of_tags(self.field, self.tag_column)

    @property
    def reading(self) -> TagOptions:
        """How files of tagged sentences are read."""
        return TagOptions(
            field=self.field,
            word_column=self.word_column,
            tag_column=self.tag_column,
            sentence_column=self.sentence_column,
            separator=self.separator,
            header=self.header,
            format=self.format,
            encoding=self.encoding,
        )


Config = TaggingConfig
