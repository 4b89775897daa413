"""What a table holds beside its records: names of rows, single quotes, rules of Markdown, names that come again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from seqtool.data.blank_table import lacks_a_name
from seqtool.data.label_names import TEXT_NAMES, known
from seqtool.data.text_table import Table
from seqtool.reads import Finding
from seqtool.say import counted, listing

_RULE = re.compile(r"\s*:?-{2,}:?\s*")
_DRAWN = re.compile(r"[\s|]*[-+:=]*[-=]{2,}\+[-+:=]*[\s|]*|\s*\(\d+ rows?\)\s*")  # by databases and by Org
_ANSWERS = frozenset({"accept", "reject", "ignore"})
REJECTED, NOT_ACCEPTED = "rejected", "not accepted in the column 'answer'"
_FEW = 5  # rows that show names of their own
_MOST = 5  # lines in a warning


def with_row_names(table: Table) -> Table:
    """Return a table whose rows begin with names that the header has no name for, as R writes them, with that column.

    Such are a count, dates, and words or numbers of their own in front of texts. Any other table comes back as it is.
    """
    if len(table.ragged) < max(2, len(table) - 1) or 0 in table.ragged:
        return table
    rows = list(table.ragged.values())
    first, names = table.first(), [row[0].strip() for row in rows]
    if any(len(row) != len(first) + 1 for row in rows) or not (lacks_a_name(first, names) or _are_named(first, rows)):
        return table
    cells = zip(["", *first], *rows, strict=True)
    columns = {f"column_{number}": list(column) for number, column in enumerate(cells, start=1)}
    return replace(table, columns=columns, ragged={})


def _are_named(header: Sequence[str | None], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether each row begins with a word of its own, and texts stand below their name only behind it."""
    names = {row[0].strip() for row in rows}
    if len(names) < max(_FEW, len(rows)) or any(len(name.split()) != 1 for name in names):
        return False
    texts = [place for place, name in enumerate(header, start=1) if known(name, TEXT_NAMES)]
    return any(2 * sum(" " in row[place].strip() for row in rows) > len(rows) for place in texts)


def without_rules(table: Table) -> Table:
    """Leave out rows such as `|---|---|` and `----+----` of a table whose cells bars part."""
    if table.mark != "|":
        return table
    cells = list(table.columns.values())
    maybe = {row for column in cells for row, cell in enumerate(column) if cell and _RULE.fullmatch(cell)}
    rules = {row for row in maybe if all(not (text := column[row]) or _RULE.fullmatch(text) for column in cells)}
    rules |= {row for row, found in table.ragged.items() if _DRAWN.fullmatch("|".join(found))}
    return _without(table, rules, "rule-lines", "rules between the rows")


def without_repeated_names(table: Table) -> Table:
    """Leave out rows that are the names of the columns again."""
    if not table.named or not table.columns:
        return table
    (name, first), *others = table.columns.items()
    maybe = [row for row, cell in enumerate(first) if cell == name] if name in first else []
    again = {row for row in maybe if all(cells[row] == other for other, cells in others)}
    return _without(table, again, "repeated-header", "the names of the columns again, as in files put together")


def without_rejected(table: Table) -> Table:
    """Leave out the records that a person rejected or passed over in Prodigy, whose labels do not hold."""
    return _without(table, rejected_rows(table.columns.get("answer", ())), REJECTED, NOT_ACCEPTED)


def rejected_rows(answers: Sequence[object]) -> set[int]:
    """Return the places of the answers of Prodigy that do not accept a record; none where others stand among them."""
    if not all(isinstance(answer, str) and answer in _ANSWERS for answer in answers):
        return set()
    return {row for row, answer in enumerate(answers) if answer != "accept"}


def without_single_quotes(table: Table) -> Table:
    """Leave out single quotes around all cells of a column, but for a name in the first row, and say so.

    Two alone are a tag of the Penn treebank: quotes that close.
    """
    quoted = {name: cells for name, cells in table.columns.items() if len(cells) > 2 and _all_quoted(cells[1:])}
    if not table.mark or not quoted:
        return table
    plain = {name: [_bare(cell) for cell in cells] for name, cells in quoted.items()}
    note = Finding(
        "note", "single-quotes", f"single quotes around the cells of {counted(len(plain), 'column')} are left out"
    )
    return replace(table, columns={**table.columns, **plain}, findings=(*table.findings, note))


def _all_quoted(cells: Sequence[str | None]) -> bool:
    return all(cell is not None and len(cell) > 2 and cell[0] == cell[-1] == "'" for cell in cells)


def _bare(cell: str | None) -> str | None:
    return cell[1:-1].replace("''", "'") if _all_quoted([cell]) and cell else cell


def left_out_rows(places: Sequence[str], code: str, what: str) -> Finding:
    """Return the warning that rows at some places were left out, and why."""
    return Finding("warning", code, f"{counted(len(places), 'row')} left out, {what}: {listing(places, _MOST)}")


def _without(table: Table, rows: set[int], code: str, what: str) -> Table:
    """Return a table without some rows, and with the warning that names their lines."""
    if not rows:
        return table
    warning = left_out_rows([table.place(row) for row in sorted(rows)], code, what)
    kept = [row for row in range(len(table)) if row not in rows]
    new = {row: place for place, row in enumerate(kept)}
    ragged = {new[row]: cells for row, cells in table.ragged.items() if row in new}
    return replace(table.only(kept), ragged=ragged, findings=(*table.findings, warning))
