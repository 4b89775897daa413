"""Names that go into answers, such as labels, tags and columns: they stay on their line, and in their cell."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from seqtool.errors import DataError, ModelError
from seqtool.say import printable

if TYPE_CHECKING:
    from seqtool.reads import Finding

MOST_SHOWN = 5  # names in a message
_BREAKING = frozenset({"Cc", "Zl", "Zp"})  # control characters with tabs and line ends, and the line ends of Unicode
_WHY = "a line end, a tab or a control character"


def breaking(names: Iterable[str]) -> list[str]:
    """Return the different names with a line end, a tab or a control character, sorted."""
    return sorted(name for name in set(names) if not name.isprintable() and any(map(_breaks, name)))


def _breaks(char: str) -> bool:
    return unicodedata.category(char) in _BREAKING


def listed(names: Iterable[str]) -> str:
    """Return names for a message, escaped, the first `MOST_SHOWN`."""
    shown = [f"'{printable(name)}'" for name in names]
    more = f" and {len(shown) - MOST_SHOWN} more" if len(shown) > MOST_SHOWN else ""
    return ", ".join(shown[:MOST_SHOWN]) + more


def breaking_finding(names: Iterable[str], noun: str) -> list[Finding]:
    """Return the warning that some names break the lines of answers; noun: what they are, in the plural."""
    from seqtool.reads import Finding  # a pipe has no findings

    found = breaking(names)
    text = f"{noun} with {_WHY}, which a training refuses: {listed(found)}"
    return [Finding("warning", "unfit-names", text)] if found else []


def refuse_breaking(names: Sequence[str], noun: str, place: Callable[[int], str] | None = None) -> None:
    """Raise `DataError` where a name would break the lines of answers.

    noun: what the names are, in the plural; place: where the name 0, 1, ... stands, "" where that is not known.
    """
    if found := breaking(names):
        what = f"{noun} with {_WHY} would break the lines of answers: {listed(found)}"
        first = next(n for n, name in enumerate(names) if name in found)
        where = place(first) if place else ""
        raise DataError(what, where=where, cure="give them names of one line in the data")


def unparsed(tags: Iterable[str]) -> list[str]:
    """Return the different tags with a slash or a blank, sorted: a line of `word/tag word/tag` does not hold them."""
    return sorted(tag for tag in set(tags) if "/" in tag or len(tag.split()) != 1)


def unparsed_finding(tags: Iterable[str]) -> list[Finding]:
    """Return the warning that some tags do not fit into lines of `word/tag`."""
    from seqtool.reads import Finding  # a pipe has no findings

    found = unparsed(tags)
    text = f"tags with a slash or a blank, which seqtool tag answers with --json alone: {listed(found)}"
    return [Finding("warning", "unfit-tags", text)] if found else []


def fit_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of a stored encoder; raises `ModelError` where one would break the lines of answers."""
    if found := breaking(names):
        what = f"the file gives names with {_WHY}: {listed(found)}"
        raise ModelError(what, cure="train again, with names of one line")
    return names
