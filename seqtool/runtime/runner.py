"""The base of the runners of all families."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from seqtool.errors import DataError, UsageError
from seqtool.runtime.model import is_text

if TYPE_CHECKING:
    from seqtool.runtime.model import Model
    from seqtool.types import Json

T = TypeVar("T")


class Runner:
    """An opened model file. A family adds its verb as a method, and `predict`, whose answers are scored."""

    def __init__(self, model: Model) -> None:
        self.model = model

    @property
    def scores(self) -> Json:
        """The scores in the file: `test`, `baselines`, `int8` in an int8 file, `raw_texts` in one that reads texts."""
        return self.model.manifest.scores

    @property
    def config(self) -> Json:
        """The configuration of the training."""
        return self.model.manifest.config

    @property
    def labels(self) -> tuple[str, ...]:
        """The names that the model chooses among: labels, tags or columns; () without any."""
        return ()


def as_list(items: Iterable[T]) -> list[T]:
    """Return the items as a list; raises `UsageError` for a single text, a table, and for what is no list."""
    if isinstance(items, str):  # its characters would be answered one by one
        raise UsageError("one text was given instead of a list of texts", cure="put it into a list")
    if not isinstance(items, Iterable):
        raise UsageError(f"a {type(items).__name__} was given instead of a list of texts", cure="give a list of str")
    # what has columns is a DataFrame of any library: like a dict it gives the names of its columns, one by one
    if isinstance(items, Mapping) or hasattr(items, "columns"):
        what = f"a {type(items).__name__} was given instead of a list of texts"
        raise UsageError(what, cure="give one column of it, such as table['text']")
    return list(items)


def refuse_text(text: object, place: str, longest: int) -> None:
    """Raise `DataError` unless `text` is text, not blank, of at most `longest` characters; messages call it `place`."""
    if not isinstance(text, str):
        raise DataError(f"{place} is a {type(text).__name__}, not a text", cure="give a str, or leave it out")
    if not is_text(text):
        raise DataError(f"{place} is not a text in Unicode", cure="give a str without lone surrogates")
    if not text or text.isspace():
        raise DataError(f"{place} is empty", cure="leave it out")
    if len(text) > longest:
        raise DataError(f"{place} has {len(text):,} characters, more than {longest:,}", cure="cut it")
