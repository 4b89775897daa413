"""Letters behind numbers, as statistical offices write them: `102.6 e` is 102.6, estimated."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from seqtool.data.columns import known_cells
from seqtool.data.numbers import is_missing, is_number
from seqtool.data.text_table import Table
from seqtool.reads import Finding
from seqtool.say import printable

NO_VALUE = ":"
# Those of Eurostat and the OECD, one or two of them: k, m, g and the like are units. Without a blank `3e` is no number.
_FLAGGED = r"\s*(?:(\S.*?) +|(:) *)([bcdefinprsuz]{1,2})\s*"


def without_flags(table: Table, names: Sequence[str]) -> Table:
    """Take the letters from behind the numbers of some columns, each where some of its numbers have them, and say so.

    A letter behind every number of a column is a unit and stays: such a column holds no numbers.
    """
    columns = {**table.columns}
    findings = [*table.findings]
    for name in names:
        cells = table.columns[name]
        if not all(is_number(cell) or any(flag_of(cell)) for cell in known_cells(cells)):
            continue
        flags = {row: found for row, cell in enumerate(cells) if (found := flag_of(cell))[1]}
        counts = Counter(flag for _, flag in flags.values())
        if not flags or (len(counts) == 1 and not _has_bare(cells)):
            continue
        columns[name] = [flags[row][0] if row in flags else cell for row, cell in enumerate(cells)]
        listed = ", ".join(f"{count:,} times '{flag}'" for flag, count in counts.most_common(10))
        text = f"letters behind numbers in '{printable(name)}' are left out: {listed}"
        findings.append(Finding("warning", "flags", text))
    return replace(table, columns=columns, findings=tuple(findings))


def _has_bare(cells: Sequence[str | None]) -> bool:
    """Tell whether a number of a column has no letter behind it."""
    return any(not is_missing(cell) and is_number(cell) for cell in cells)


def flag_of(cell: str | None) -> tuple[str, str]:
    """Return a number, or `:` for none, and the letters behind it; ("", "") for a cell of another kind."""
    match = re.fullmatch(_FLAGGED, cell or "")
    number = (match[1] or match[2]) if match else ""
    return (number, match[3]) if match and (number == NO_VALUE or is_number(number)) else ("", "")
