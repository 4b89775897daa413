"""What a person says about a file of tagged sentences: its format, its columns, the mark between word and tag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqtool.errors import UsageError
from seqtool.say import printable

if TYPE_CHECKING:
    from seqtool.data.reading import Header

FORMATS = ("auto", "conllu", "columns", "csv", "tsv", "semicolon", "pipe", "slashes", "penn", "jsonl", "json")
"""The formats of tagged sentences."""


UNNAMED = "tags"
"""What a model calls tags whose file does not name them."""
FREE = ("", "upos")
"""Fields that a column of tags renames: none, and what earlier versions called all tags."""


def of_field(field: str) -> str:
    """Return ` of FIELD` for a message, "" for tags without a name of their own."""
    return "" if field == UNNAMED else f" of {printable(field)}"


def names_of_tags(field: str, tag_column: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a model calls the tags of each column: its name, unless `field` gives others, between commas.

    "" where neither says it: the file may. Of the names that it returns, joined by commas, it makes the same again.
    Raises `UsageError` where `field` gives more names than one, and not one for each column.
    """
    if len(tag_column) < 2:
        named = bool(tag_column) and not tag_column[0].isdecimal()
        return (tag_column[0] if named and field in FREE else field,)
    given = tuple(field.split(","))
    if len(given) == 1:
        # a name may hold a comma in a file of TOML
        first, *others = (name.replace(",", " ") for name in tag_column)
        given = (*names_of_tags(field, (first,)), *others)
    if len(given) != len(tag_column):
        what = f"--field gives {len(given)} names to {len(tag_column)} columns of tags"
        raise UsageError(what, cure=f"give one name for each of {', '.join(tag_column)}, or leave --field out")
    return given


def refuse_twice(option: str, names: Sequence[str], where: str = "", cure: str = "") -> None:
    """Raise `UsageError` where the value of an option names one kind of tags twice."""
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        cure = cure or f"{option} {','.join(dict.fromkeys(names))}"
        raise UsageError(f"{option} names '{printable(twice[0])}' twice", where=where, cure=cure)


@dataclass(frozen=True)
class TagOptions:
    """How a file of tagged sentences is read; an empty text leaves the choice to the content of the file.

    field: the name of the tags; it chooses the column of CoNLL-U, or a column of this name; of several columns of tags
    their names, between commas; "" for what the file calls them. The columns are names, or numbers from 1.
    """

    field: str = ""
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
        object.__setattr__(self, "field", ",".join(self.fields))

    @property
    def fields(self) -> tuple[str, ...]:
        """The name of each kind of tags, the main one first."""
        return names_of_tags(self.field, self.tag_column)

    def refuse_contradictions(self) -> None:
        """Raise `UsageError` for options that no file of tagged sentences can obey."""
        if self.format not in FORMATS:
            what = f"tagged sentences are not read by --format {self.format}"
            raise UsageError(what, cure=f"give one of {', '.join(FORMATS)}")
        refuse_twice("--tag-column", self.tag_column)
        refuse_twice("--field", self.fields, cure="give each column of tags a name of its own: --field FIRST,SECOND")
        if self.separator and self.format not in ("auto", "slashes", "columns"):
            what = f"--separator parts words from tags in --format slashes and columns, not in {self.format}"
            raise UsageError(what, cure="leave one of the two out")
        if self.separator and not self.separator.strip() and self.format != "columns":
            what = "--separator is a blank, which already stands between the words"
            raise UsageError(what, cure="--format columns reads a word and its tag in each line")

    def refuse_columns(self, why: str) -> None:
        """Raise `UsageError` where the options name columns, which the file does not have; `why` says what it is."""
        named = {"--word-column": self.word_column, "--sentence-column": self.sentence_column}
        for option, value in ({"--tag-column": self.tag_column} | named).items():
            if value:
                raise UsageError(f"{why}: it has no columns", cure=f"leave {option} out, or give --format columns")
