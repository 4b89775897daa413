"""Names of columns that are steps of series, in a table of one series a row: dates, or numbers that count on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, takewhile

import numpy as np

from seqtool.data.columns import is_whole
from seqtool.data.dates import is_stamp, parse_stamps, spelling
from seqtool.data.numbers import is_missing, is_number
from seqtool.data.spellings import SPELLINGS
from seqtool.data.time_names import words_of
from seqtool.errors import DataError

SAMPLE = 10  # rows that tell a header from one more row
FEWEST = 3  # dates in a header that are no accident
LEAST_VALUES = 8  # counted columns in a table of one series a row: a shorter row is a record
IDS = frozenset(
    {"id", "ids", "key", "code", "name", "names", "series", "item", "items", "sku", "product", "store", "shop", "site"}
    | {"station", "sensor", "meter", "customer", "household", "region", "country", "city", "symbol", "ticker"}
    | {"artikel", "filiale", "produkt", "kunde", "land", "produit", "magasin", "tienda", "producto", "negozio"}
)
"""Words in names of columns that name series."""
_SHORT = r"(\d{1,2})([-/.])(\d{1,2})\2(\d\d)"  # 1/22/24
_EVEN = {"epoch": "s", "digits of a month": "M"}  # numbers that are dates only where all steps are one of that unit


def dates_behind(names: Sequence[str], order: str = "") -> list[str]:
    """Return the dates at the end of a header, FEWEST at least and one after the other; [] where they are none.

    They come as a column of dates may hold them: R's `X2015.01` as 2015-01, 1/22/24 with its whole year. order: of day
    and month, `dmy` or `mdy`, "" where their own figures have to tell.
    """
    dates = [*takewhile(bool, (_date(name.strip()) for name in reversed(names)))][::-1]
    kinds = {spelling(date) for date in dates}
    if not FEWEST <= len(dates) < len(names) or len(kinds) > 1:
        return []
    kind = kinds.pop()
    try:
        times = parse_stamps(dates, order=order).times
    except DataError:  # which is the day
        return []
    steps = np.diff(times.astype(f"datetime64[{_EVEN.get(kind, 's')}]")).astype(np.int64)
    if kind in _EVEN and len({*steps.tolist()}) > 1:
        return []
    return dates if (steps > 0).all() or (steps < 0).all() else []


def _date(name: str) -> str:
    """Return the name of a column as a date, "" where it is none."""
    bare = name[1:].replace(".", "-") if re.match(r"X\d", name) else name
    if match := re.fullmatch(_SHORT, bare, re.ASCII):
        first, part, second, year = match.groups()
        bare = f"{first}{part}{second}{part}{'19' if year >= '50' else '20'}{year}"
    kind = spelling(bare)
    known = kind in ("year", "compact", *_EVEN) or (kind in SPELLINGS and is_stamp(bare))
    return bare if known else ""


def counted_behind(names: Sequence[str]) -> int:
    """Return how many columns at the end, behind the first, have one stem and count on: `V1,V2,...` or `0,1,...`."""
    stem = names[-1].rstrip("0123456789")
    last = names[-1][len(stem) :]
    if not last.isdecimal() or len(last) > 18:
        return 0
    wanted = (f"{stem}{int(last) - place}" for place in range(len(names) - 1))
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(reversed(names), wanted, strict=False)))


def names_steps(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Tell whether a first row has a name, or none, and behind it dates or a count, which not all rows below have too.

    below: the cells of each column under it that are not missing.
    """
    names = [cell.strip() for cell in first]
    dates = dates_behind(names)
    count = counted_behind(names) if names[-1].isdecimal() else 0
    front = names[: len(names) - (len(dates) or count)]
    if not all(_may_name(name, cells) for name, cells in zip(front, below, strict=False)):
        return False
    if not dates and count < LEAST_VALUES:
        return False
    if not names[0] or words_of(names[0]) & IDS:
        return True
    values = [cells for cells in below[len(front) :] if cells]
    rows = [["", *cells] for cells in islice(zip(*values, strict=False), SAMPLE)]
    return any(not dates_behind(row) if dates else counted_behind(row) < count for row in rows)


def _may_name(name: str, below: Sequence[str]) -> bool:
    """Tell whether a cell is the name of a column; an empty one is where names stand below it."""
    if not name:
        return bool(below) and not all(map(is_whole, below))
    return any(map(str.isalpha, name)) and not (is_missing(name) or is_number(name))
