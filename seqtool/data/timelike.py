"""What has something of a time, whether it can be read or not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seqtool.data.columns import known_cells
from seqtool.data.dates import is_stamp
from seqtool.data.time_names import NEARLY

MOST_PARTS = 12  # of a year that have names
_YEAR = r"(?:19|20)\d\d"
_WORDS_AND_YEAR = rf"([^\W\d][^\d]*?)[ ./-]*{_YEAR}|{_YEAR}[ ./-]*([^\W\d][^\d]*)"

_TIMELIKE = (
    r"\b(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])\w*\b|\d{1,4}[-/. ]\d{1,4}[-/. ]\d{1,4}"
    r"|\d{1,2}:\d\d|\d{4}-?(?:q[1-4]|w\d\d|\d\d)\b|\bq[1-4]\b"
    r"|\b(?:kw|wk?|week|woche|semaine|s)[. ]*\d{1,2}[-/. ]+(?:19|20)\d\d\b|\bfy ?\d{2,4}\b"
    r"|\b(?:19|20)\d\d[- ]?[hs][12]\b|\b[hs][12][-/ ]?(?:19|20)\d\d\b"
)


def is_timelike(cell: str | None) -> bool:
    """Tell whether a cell has something of a time, whether it can be read or not."""
    if cell is None or not any(map(str.isdigit, cell)):
        return False
    return re.search(_TIMELIKE, cell, re.ASCII | re.IGNORECASE) is not None or is_stamp(cell)


def parts_of_years(cells: Sequence[str | None]) -> bool:
    """Tell whether nearly all cells are seasons such as 23/24, or a year beside one of a few words in any language."""
    sample = [cell.strip() for cell in known_cells(cells)]
    if seasons := [match for cell in sample if (match := re.fullmatch(r"(\d\d)/(\d\d)", cell, re.ASCII))]:
        following = sum((int(match[1]) + 1) % 100 == int(match[2]) for match in seasons)
        return following > NEARLY * len(sample)
    named = [match for cell in sample if (match := re.fullmatch(_WORDS_AND_YEAR, cell))]
    words = {(match[1] or match[2]).casefold() for match in named}
    years = {re.sub(r"\D", "", match[0])[-4:] for match in named}
    return len(named) > NEARLY * len(sample) and len(words) <= MOST_PARTS and len(sample) > len(years)
