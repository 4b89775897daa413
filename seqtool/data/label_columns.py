"""Which columns of a table hold the labels and the texts: as options say, by usual names, or by what stands in them."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from seqtool.data.label_cells import flag
from seqtool.data.label_facts import Facts, lean, share_known
from seqtool.data.label_lines import FEW_LABELS, refuse_unlabelled
from seqtool.data.label_names import LABEL_NAMES, TEXT_NAMES, bare, known
from seqtool.data.layout import Layout
from seqtool.data.numbers import is_number
from seqtool.data.text_table import Table, place_of, typed
from seqtool.errors import DataError, UsageError
from seqtool.say import listing, printable

_ID = re.compile(r"(?i:(?:^|[\W_])id)$|[a-z]I[dD]$")  # `id`, `sentence_id`, `SentenceId`, not `valid`
SHOWN = 8  # columns in a message
CHOICES = 5  # ways out in a message
MANY = 5  # times as many different values as the fewest, or as often a value comes: more and rarer ones are no labels


@dataclass(frozen=True)
class Columns:
    """The names of the columns of the texts and of the labels."""

    text: str
    labels: tuple[str, ...]

    def unused(self, table: Table) -> list[str]:
        """Return the other columns that hold anything."""
        taken = {self.text, *self.labels}
        return [name for name, cells in table.columns.items() if name not in taken and any(cells)]


def choose(table: Table, layout: Layout, where: str) -> Columns:
    """Return the columns of labels and texts; raises `DataError` where none or several may be it.

    Raises `UsageError` for a column in `layout` that the table lacks.
    """
    names = list(table.columns)
    # where a text may have no label, none of a part's may have one
    filled = [name for name in names if layout.multi or any(cell and cell.strip() for cell in table.columns[name])]
    text = named(layout.text_column, names, where) if layout.text_column else ""
    labels = tuple(named(name, names, where) for name in layout.label_columns)
    if text in labels:
        raise UsageError(f"'{printable(text)}' is the column of texts and of labels", cure="name two columns")
    if not labels:
        label = _label_by_name(table, [name for name in filled if name != text], text, layout, where)
        labels = (label,) if label else ()
    free = [name for name in filled if name != text and name not in labels]
    text = text or _by_name(free, TEXT_NAMES, "texts", "--text-column", where)
    if text and labels:
        return Columns(text, labels)
    facts = _facts(table, [name for name in names if name != text and name not in labels])
    if text:
        return Columns(text, (_label_beside(facts, table, where),))
    if labels:
        return Columns(_text_beside(facts, names, where), labels)
    return _both(facts, table, where)


def _facts(table: Table, names: Sequence[str]) -> dict[str, Facts]:
    """Return what the cells of columns look like, of those that hold any."""
    return {name: fact for name in names if (fact := Facts.of(table.columns[name])).cells}


def _label_by_name(table: Table, free: Sequence[str], text: str, layout: Layout, where: str) -> str:
    """Return the column, one of `free`, that known labels or a usual name tell, "" for none.

    Raises `DataError` where another column may be the labels as well as one whose name is none of the surest.
    """
    if label := _by_known(table, free, layout.known):
        return label
    surest = _by_name(free, LABEL_NAMES[:1], "labels", "--label-column", where)
    usual = [name for name in free if known(name, LABEL_NAMES)]
    if surest:
        others = [name for name in free if known(name, LABEL_NAMES[1:2]) and Facts.of(table.columns[name]).may_be_label]
        if others:
            raise _several_labels(table, [surest, *others], where)
        return surest
    if not usual:
        return ""
    facts = _facts(table, free)
    text = text or _text_of(facts, usual)
    likely = _label_like({name: fact for name, fact in facts.items() if name != text})
    if len(likely) > 1:
        raise _several_labels(table, likely, where)
    return likely[0] if likely else _by_name(usual, LABEL_NAMES, "labels", "--label-column", where)


def _text_of(facts: dict[str, Facts], labels: Sequence[str]) -> str:
    """Return the column of the texts by its name, else the one with the longest cells; `labels` are none."""
    free = [name for name in facts if name not in labels]
    for few in TEXT_NAMES:
        if fitting := [name for name in free if bare(name) in few]:
            return max(fitting, key=lambda name: facts[name].length)
    return max(free, key=lambda name: facts[name].length, default="")


def _label_like(facts: dict[str, Facts]) -> list[str]:
    """Return the columns that may be labels: few different values, and if they hardly repeat, not many times as many
    as another column has.
    """
    likely = {name: fact for name, fact in facts.items() if fact.may_be_label}
    least = MANY * max(2, min((fact.different for fact in likely.values()), default=2))
    return [
        name
        for name, fact in likely.items()
        if fact.different < least or MANY * fact.different < fact.cells or known(name, LABEL_NAMES)
    ]


def text_column(table: Table, layout: Layout, where: str) -> str:
    """Return the column of the texts of a table without labels; raises as `choose` does."""
    names = list(table.columns)
    if layout.text_column:
        return named(layout.text_column, names, where)
    if name := _by_name(names, TEXT_NAMES, "texts", "--text-column", where):
        return name
    return _text_beside(_facts(table, names), names, where)


def named(name: str, names: Sequence[str], where: str) -> str:
    """Return the column of this name, or of this number from 1; raises `UsageError` where there is none."""
    if (place := place_of(name, names)) is not None:
        return names[place]
    raise UsageError(f"there is no column '{printable(name)}'", where=where, cure=f"the columns are {_listed(names)}")


def _by_known(table: Table, names: Sequence[str], known: frozenset[str]) -> str:
    """Return the one column most of whose cells are known labels, "" where there is none."""
    found = [name for name in names if known and 2 * share_known(table.columns[name], known) > 1]
    return found[0] if len(found) == 1 else ""


def _by_name(names: Sequence[str], usual: Sequence[frozenset[str]], what: str, option: str, where: str) -> str:
    """Return the column with a usual name, "" where none has; raises `DataError` where two are as usual."""
    for few in usual:
        found = [name for name in names if bare(name) in few]
        if len(found) > 1:
            raise _several(what, found, names, option, where)
        if found:
            return found[0]
    return ""


def _label_beside(facts: dict[str, Facts], table: Table, where: str) -> str:
    """Return the column of labels where that of the texts is known."""
    likely = _label_like(facts)
    if len(likely) == 1 or len(facts) == 1:
        return (likely or list(facts))[0]
    raise _several_labels(table, likely, where)


def _several_labels(table: Table, found: Sequence[str], where: str) -> DataError:
    """Return the error for columns that may be the labels; those of 0 and 1 may be it together."""
    names = list(table.columns)
    error = _several("labels", found, names, "--label-column", where)
    signs = [name for name in found if all(flag(cell) is not None for cell in table.columns[name])]
    if len(signs) > 1:
        together = shlex.quote(",".join(typed(name, names) for name in signs))
        error.cure = f"--label-column {together} takes these columns together, one for each label; or {error.cure}"
    return error


def _text_beside(facts: dict[str, Facts], names: Sequence[str], where: str) -> str:
    """Return the column of texts where that of the labels is known."""
    found = [name for name, fact in facts.items() if fact.may_be_text]
    if not found and len(facts) == 1 and not next(iter(facts.values())).dates:
        found = list(facts)
    if len(found) == 1:
        return found[0]
    raise _several("texts", found, names, "--text-column", where)


def _both(facts: dict[str, Facts], table: Table, where: str) -> Columns:
    """Return the columns of labels and texts where nothing but their cells says it."""
    names = list(table.columns)
    if len(facts) == 2:
        (first, one), (second, other) = facts.items()
        leaning = lean(one, other)
        label, text = (one, other) if leaning > 0 else (other, one)
        if leaning == 0 or not label.may_be_label or text.dates:
            raise _neither(names, where)
        return Columns(second, (first,)) if leaning > 0 else Columns(first, (second,))
    texts = [name for name, fact in facts.items() if fact.may_be_text]
    labels = _label_like(facts)
    if len(texts) == 1:
        labels = [name for name in labels if name not in texts]
    elif len(labels) == 1:
        texts = [name for name in texts if name not in labels]
    if not texts or not labels:
        raise _neither(names, where)
    if len(labels) > 1:
        raise _several_labels(table, labels, where)
    if len(texts) > 1:
        raise _several("texts", texts, names, "--text-column", where)
    return Columns(texts[0], (labels[0],))


def _several(what: str, found: Sequence[str], names: Sequence[str], option: str, where: str) -> DataError:
    if not found:
        text = f"no column looks like {what}"
        return DataError(text, where=where, cure=f"{option} NAME; the columns are {_listed(names)}")
    several = f"the {what} may be in {len(found)} columns: {_listed(found)}"
    cure = " or ".join(f"{option} {shlex.quote(typed(name, names))}" for name in found[:CHOICES])
    return DataError(several, where=where, cure=cure)


def _neither(names: Sequence[str], where: str) -> DataError:
    what = f"the table has no columns of labels and texts that are sure; its columns are {_listed(names)}"
    return DataError(what, where=where, cure="--label-column NAME --text-column NAME, by name or number")


def _listed(names: Sequence[str]) -> str:
    return listing(names, SHOWN)


def refuse_unlike(name: str, cells: Sequence[str], where: str) -> None:
    """Raise `DataError` where the column of labels is as different as texts or measurements are, or counts records."""
    counts = _ID.search(name) is not None and _count_up(cells)
    try:
        refuse_unlabelled([] if counts else cells, where, "")
    except DataError as error:
        what = "numbers" if all(map(is_number, cells)) else "texts"
        different = f"{len(set(cells)):,} different {what}, such as '{printable(cells[0], 20)}'" if cells else "nothing"
        none = "; the file may have none" if counts else ""
        reason = f"the column '{printable(name)}' holds {different}: they are no labels{none}"
        cure = "--label-column NAME names another column, or this one where each of its values is a class"
        raise DataError(reason, where=where, cure=cure) from error


def _count_up(cells: Sequence[str]) -> bool:
    """Tell whether cells are more than a few whole numbers that never fall from row to row."""
    if len(set(cells)) <= FEW_LABELS or not all(cell.isascii() and cell.isdigit() and len(cell) < 19 for cell in cells):
        return False
    return all(int(before) <= int(after) for before, after in itertools.pairwise(cells))
