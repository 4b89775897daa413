"""Weeks that are written like months, such as 2022-05, in a column that is called like weeks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from seqtool.data.numbers import is_missing
from seqtool.data.text_table import Table

# Texts, not patterns: few tables have such a column.
_WEEK = r"(?:0?[1-9]|[1-4]\d|5[0-3])"
_YEAR_FIRST = rf"(?P<year>(?:19|20)\d\d)(?:[-/. ](?P<week>{_WEEK})|(?P<two>\d\d))(?:\.0)?"
_YEAR_LAST = rf"(?P<week>{_WEEK})[-/. ](?P<year>(?:19|20)\d\d)"


def as_week(cell: str) -> str:
    """Return a cell such as 2022-05, 202205 or 5/2022 as 2022-W05; "" where it is no week of a year."""
    for pattern in (_YEAR_FIRST, _YEAR_LAST):
        if match := re.fullmatch(pattern, cell.strip(), re.ASCII):
            week = int(match["week"] or match["two"])
            return f"{match['year']}-W{week:02d}" if 1 <= week <= 53 else ""
    return ""


def with_weeks(table: Table, names: Sequence[str]) -> Table:
    """Return a table whose columns of weeks among `names` are written as 2022-W05; others stay as they are."""
    weeks = {name: written for name in names if (written := _weeks(table.columns[name]))}
    numeric = [name for name in table.numeric if name not in weeks]
    return replace(table, columns={**table.columns, **weeks}, numeric=numeric)


def _weeks(cells: Sequence[str | None]) -> list[str | None]:
    """Return cells written as weeks, [] unless all that are not missing are weeks of years."""
    weeks = [None if is_missing(cell) else as_week(cell or "") for cell in cells]
    return weeks if any(weeks) and "" not in weeks else []
