"""What a person says about a file of tagged sentences: its format, its columns, the mark between word and tag."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqtool.errors import UsageError

if TYPE_CHECKING:
    from seqtool.data.reading import Header

FORMATS = ("auto", "conllu", "columns", "csv", "tsv", "semicolon", "pipe", "slashes", "penn", "jsonl", "json")
"""The formats of tagged sentences."""


DEFAULT_FIELD = "upos"


def name_of_tags(field: str, tag_column: tuple[str, ...]) -> str:
    """Return what a model calls its tags: the name of the column of tags, unless `field` gives another."""
    named = bool(tag_column) and not tag_column[0].isdecimal()
    return tag_column[0] if named and field == DEFAULT_FIELD else field


@dataclass(frozen=True)
class TagOptions:
    """How a file of tagged sentences is read; an empty text leaves the choice to the content of the file.

    field: the name of the tags; it chooses the column of CoNLL-U, or a column of this name. The columns are names, or
    numbers from 1.
    """

    field: str = DEFAULT_FIELD
    word_column: str = ""
    tag_column: tuple[str, ...] = ()
    sentence_column: str = ""
    separator: str = ""
    header: Header = "auto"
    format: str = "auto"
    encoding: str = ""
    task: str = ""
    """The task's name: of several columns of tags the one that is named for it is taken."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "field", name_of_tags(self.field, self.tag_column))

    @property
    def tag(self) -> str:
        """The column of the tags, "" where none is named."""
        return self.tag_column[0] if self.tag_column else ""

    def refuse_contradictions(self) -> None:
        """Raise `UsageError` for options that no file of tagged sentences can obey."""
        if self.format not in FORMATS:
            what = f"tagged sentences are not read by --format {self.format}"
            raise UsageError(what, cure=f"give one of {', '.join(FORMATS)}")
        if len(self.tag_column) > 1:
            what = f"{len(self.tag_column)} columns of tags are named: a tagger learns one"
            raise UsageError(what, cure=f"--tag-column {self.tag}")
        if self.separator and self.format not in ("auto", "slashes", "columns"):
            what = f"--separator parts words from tags in --format slashes and columns, not in {self.format}"
            raise UsageError(what, cure="leave one of the two out")
        if self.separator and not self.separator.strip() and self.format != "columns":
            what = "--separator is a blank, which already stands between the words"
            raise UsageError(what, cure="--format columns reads a word and its tag in each line")

    def refuse_columns(self, why: str) -> None:
        """Raise `UsageError` where the options name columns, which the file does not have; `why` says what it is."""
        named = {"--word-column": self.word_column, "--tag-column": self.tag, "--sentence-column": self.sentence_column}
        for option, value in named.items():
            if value:
                raise UsageError(f"{why}: it has no columns", cure=f"leave {option} out, or give --format columns")
