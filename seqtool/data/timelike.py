"""What has something of a time, whether it can be read or not."""

from __future__ import annotations

import re

from seqtool.data.dates import is_stamp

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
