"""Values that look like slips beside the others: far away, with other decimals; and a series that has stopped."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from seqtool.data.columns import cell_at
from seqtool.data.numbers import NumberFormat
from seqtool.data.text_table import Table
from seqtool.data.time_names import words_of
from seqtool.reads import Finding
from seqtool.say import counted, printable
from seqtool.types import Floats, Ids

FEW, VERY_FAR = 3, 50  # values that are slips, and how many times the usual range they are away
LEAST = 20  # values that show what is usual
END = 3  # the last third of a series holds its test part
REMARKS = frozenset(
    {"column", "note", "notes", "remark", "remarks", "comment", "comments", "bemerkung", "notiz", "anmerkung"}
    | {"kommentar", "remarque", "commentaire", "nota", "notas", "observaciones", "opmerking"}
)
"""Words in names of columns that hold texts, and in that of a column without a name."""
THOUSANDS = 3  # decimals of a number whose mark may stand between thousands


def far_values(names: Sequence[str], values: Floats) -> list[Finding]:
    """Warn of one to FEW values in a column of [T,F] very far from the range of nearly all others."""
    findings = []
    for name, column in zip(names, values.T, strict=True):
        finite = column[np.isfinite(column)]
        if len(finite) < LEAST:
            continue
        cut = max(FEW, len(finite) // 100)
        ordered = np.sort(finite)
        low, high = float(ordered[cut]), float(ordered[-1 - cut])
        away = finite[np.maximum(low - finite, finite - high) > VERY_FAR * (high - low)]
        if low < high and 0 < len(away) <= FEW:
            listed = ", ".join(f"{value:.10g}" for value in away)
            text = f"'{printable(name)}' is {listed}, and nearly all others are {low:.6g} to {high:.6g}: where that is "
            text += f"a slip, mend the cell, or --missing={away[0]:.10g}"
            findings.append(Finding("warning", "far-values", text))
    return findings


def constant_ends(names: Sequence[str], values: Floats) -> list[Finding]:
    """Warn of columns of [T,F], the oldest row first, whose last third is one value."""
    findings = []
    for name, column in zip(names, values.T, strict=True):
        finite = column[np.isfinite(column)]
        if len(finite) < LEAST or (finite == finite[-1]).all():
            continue
        same = len(finite) - 1 - int(np.flatnonzero(finite != finite[-1])[-1])
        if END * same >= len(finite):
            text = (
                f"the last {counted(same, 'value')} of '{printable(name)}' are all {finite[-1]:.10g}: the series may "
            )
            text += "have stopped, and scores on a constant test part say nothing"
            findings.append(Finding("warning", "constant-end", text))
    return findings


def odd_decimals(table: Table, names: Sequence[str], rows: Ids, form: NumberFormat) -> list[Finding]:
    """Warn of a few cells such as 1,850 where all others have another number of decimals: they may be thousands."""
    point = re.escape(form.decimal)
    findings = []
    for name in (name for name in names if name not in table.numeric):
        if not re.search(rf"{point}\d{{3}}\b", "\n".join(filter(None, table.columns[name])), re.ASCII):
            continue  # most columns: told in one match
        cells = {int(row): table.columns[name][row] or "" for row in rows}
        matches = {row: re.search(rf"([\d.,' ]*){point}(\d+)\D*$", cell, re.ASCII) for row, cell in cells.items()}
        written = {row: (match[1].strip(), len(match[2])) for row, match in matches.items() if match}
        odd = [row for row, (whole, decimals) in written.items() if decimals == THOUSANDS and _leads(whole)]
        others = {decimals for row, (_, decimals) in written.items() if row not in odd}
        if odd and len(written) >= LEAST and len(odd) <= FEW and len(others) == 1 and THOUSANDS not in others:
            text = (
                f"{cell_at(table, name, odd[0])} has {THOUSANDS} decimals, all others {others.pop()}: it was read with "
            )
            findings.append(Finding("warning", "odd-decimals", f"{text}{form}; where it is thousands, mend the cell"))
    return findings


def split_decimals(table: Table, names: Sequence[str], rows: Ids) -> list[Finding]:
    """Warn of whole numbers with other digits in the next cell, empty elsewhere: a decimal comma may part them."""
    findings = []
    order = list(table.columns)
    for name in names if table.mark == "," else ():
        after = order[order.index(name) + 1 :][:1]
        behind = {int(row): (table.columns[other][row] or "").strip() for other in after for row in rows}
        digits = {row: cell for row, cell in behind.items() if cell.isascii() and cell.isdigit()}
        if after and after[0] not in names and len(set(digits.values())) > 1 and 2 * len(digits) < len(rows):
            rest = [cell for row, cell in behind.items() if row not in digits]
            if not words_of(after[0]) & REMARKS:
                continue  # numbers of their own, such as those of snow
            whole = all((table.columns[name][row] or "").strip().lstrip("+-").isdecimal() for row in digits)
            if whole and not any(rest) and not any("." in (table.columns[name][row] or "") for row in behind):
                first = next(iter(digits))
                text = (
                    f"{cell_at(table, name, first)} is followed by '{digits[first]}' in '{printable(after[0])}', which "
                )
                text += f"is empty but for {counted(len(digits), 'row')}: if it is a decimal, put the number in quotes"
                findings.append(Finding("warning", "split-decimals", text))
    return findings


def _leads(whole: str) -> bool:
    """Tell whether digits may stand in front of the first mark between thousands."""
    return re.fullmatch(r"[1-9]\d{0,2}", whole, re.ASCII) is not None
