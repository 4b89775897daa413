"""How a file of labelled texts is written, as far as a person says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from seqtool.data.reading import Header  # brings numpy, which a list of options does without

Separator = Literal["auto", "tab", "blank"]
WHOLE = "none"
"""The label separator that keeps every cell as one label."""


@dataclass(frozen=True)
class Layout:
    """What options say of a file; each default leaves it to the file's content.

    separator: what ends the label of a line. label_columns: one, or several of 0 and 1. label_separator: what parts
    the labels in a cell; `WHOLE`: nothing. multi: a record without a label has none of several. known: labels that a
    model has, by which their column is told.
    """

    separator: Separator = "auto"
    format: str = "auto"
    encoding: str = ""
    header: Header = "auto"
    text_column: str = ""
    label_columns: tuple[str, ...] = ()
    label_separator: str = ""
    multi: bool = False
    known: frozenset[str] = frozenset()
