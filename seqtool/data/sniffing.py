"""Which mark parts the cells of a text, and where its table begins."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from seqtool.data.separated import FORMATS, MARKS, MOST_ABOVE, NAMES, SAMPLE, Row, Separated, allow_long_cells
from seqtool.data.tab_quotes import quotes_are_marks
from seqtool.errors import DataError

_LOOSE = 0.9  # of the commas of sentences
_FEW = 50  # lines that show whether quotes stand around cells


def sniff(text: str, where: str, marks: Sequence[str] = tuple(MARKS.values())) -> Separated | None:
    """Return how a text is parted, None where no mark parts most of its lines alike.

    Raises `DataError` where two marks part it equally well.
    """
    head = text[: 1 << 20] if len(text) > 1 << 20 else text
    fits = [fit for mark in marks if (fit := _fit(head, mark)) is not None]
    if not fits:
        return None
    # What stands between quotes parts nothing: "BZN|DE-LU" has no bar.
    fits = [fit for fit in fits if _keeps_quotes(head, fit)] or fits
    # Commas of sentences are no marks beside one that parts every line.
    every = [fit for fit in fits if fit.share == 1 and not fit.above and not _in_sentences(head, fit.mark)]
    if len(every) == 1:
        fits = [fit for fit in fits if fit is every[0] or not _in_sentences(head, fit.mark)]
    # One decimal comma a row has no name above it: a mark that parts the names too is surer than one that begins below.
    whole = [fit.above for fit in fits if fit.share == 1 and fit.names]
    fits = [fit for fit in fits if fit.above <= min(whole, default=fit.above)]
    best = max(fits, key=lambda fit: (fit.share, -marks.index(fit.mark)))
    for other in fits:
        # Both name columns in the first row, and both agree with all rows: nothing decides.
        if other is not best and other.share == best.share == 1 and other.names and best.names:
            what = f"{NAMES[best.mark]} and {NAMES[other.mark]} part the table equally well"
            cure = f"--format {FORMATS[best.mark]} or --format {FORMATS[other.mark]}"
            raise DataError(what, where=where, cure=cure)
    return Separated(best.mark, best.quoted, best.above)


def _in_sentences(head: str, mark: str) -> bool:
    """Tell whether a comma or semicolon stands behind a word and before a blank, as in a sentence, nearly always."""
    if mark not in ",;" or f"{mark} " not in head:
        return False
    loose = len(re.findall(rf"[^\W\d_][\"')]*{mark} (?=\S)", head))
    return loose >= _LOOSE * head.count(mark)


def _keeps_quotes(head: str, fit: _Fit) -> bool:
    """Tell whether the quotes in most lines end where cells end, if the mark of a fit parts them."""
    lines = [line for line in head.split("\n", _FEW)[:_FEW] if '"' in line] if fit.quoted else []
    return 2 * sum(_breaks(line, fit.mark) for line in lines) <= len(lines)


def _breaks(line: str, mark: str) -> bool:
    try:
        next(csv.reader([line.strip()], delimiter=mark, skipinitialspace=mark != "\t", strict=True), None)
    except csv.Error as error:
        return "expected after" in str(error)  # a cell of several lines breaks none
    return False


class _Fit(NamedTuple):
    mark: str
    quoted: bool
    above: int
    share: float
    names: bool


def _fit(head: str, mark: str) -> _Fit | None:
    if mark not in head:
        return None
    quoted = mark != "\t" or quotes_are_marks(head)
    rows = _sample(head, mark, quoted=quoted)
    widths = [len(row) if any(cell.strip() for cell in row) else 0 for row in rows]
    counts = Counter(width for width in widths if width)
    wide = [(count, width) for width, count in counts.items() if width > 1]
    if not wide:
        return None
    count = max(wide)[0]
    # A header may be narrower than rows that end in the mark: only lines without the mark are titles.
    above = next(place for place, found in enumerate(widths) if found > 1)
    # More lines above than rows: the rows are the exception, lines of a text that hold the mark.
    if above > min(MOST_ABOVE, count) or 2 * count < sum(counts.values()) - above:
        return None
    first = rows[above]
    names = all(re.search(r"[^\W\d_]", cell) and mark not in cell for cell in first)
    return _Fit(mark, quoted, above, count / (sum(counts.values()) - sum(map(bool, widths[:above]))), names)


def _sample(text: str, mark: str, *, quoted: bool) -> list[Row]:
    """Return the first rows, read without complaint: a broken quote is said later, with its line."""
    allow_long_cells()
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, quoting=quoting, skipinitialspace=mark != "\t")
    rows: list[Row] = []
    with contextlib.suppress(csv.Error):
        rows.extend(itertools.islice(reader, SAMPLE))
    return rows
