"""Dates that are numbers: digits alone, times since 1970, days as Excel counts them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from seqtool.data.stamps import to_datetime
from seqtool.types import Times

# Texts, not patterns: a column of ISO stamps is read without them.
_COMPACT = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:(?:[01]\d|2[0-3])(?:[0-5]\d){0,2})?"
_MONTH = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])"
_EPOCH = r"(\d{9,10}|\d{12,13}|\d{15,16}|\d{18,19})(?:\.\d*)?"
_EXCEL = r"(?:[2-7]\d{4}(?:[.,]\d+)?|80000(?:[.,]0+)?)"
_UNITS = {10: 1, 13: 1000, 16: 10**6, 19: 10**9}  # most digits of seconds, milli-, micro- and nanoseconds
_EPOCHS = np.array(["1973-03-04", "2100-01-01"], dtype="datetime64[s]")  # the first has nine digits of seconds
_EXCELS_DAY_0: np.datetime64 = np.datetime64("1899-12-30", "s")
_NAT: np.datetime64 = np.datetime64("NaT", "s")


def is_compact(cell: str | None) -> bool:
    """Tell whether a cell is a date in digits alone, such as 20210104 or 202101041530."""
    return cell is not None and re.fullmatch(_COMPACT, cell.strip(), re.ASCII) is not None


def is_epoch(cell: str | None) -> bool:
    """Tell whether a cell is a time in seconds, milli-, micro- or nanoseconds since 1970, of the years 1973 to 2099."""
    return cell is not None and not np.isnat(_epoch(cell))


def is_excel(cell: str | None) -> bool:
    """Tell whether a cell is a day as Excel counts them, of the years 1954 to 2119, such as 44200 or 44200.5."""
    return cell is not None and re.fullmatch(_EXCEL, cell.strip(), re.ASCII) is not None


def is_month(cell: str | None) -> bool:
    """Tell whether a cell is a month in digits alone, such as 202108."""
    return cell is not None and re.fullmatch(_MONTH, cell.strip(), re.ASCII) is not None


def kind_of_number(text: str) -> str:
    """Return `compact`, `epoch`, `excel` or `digits of a month`, "" for a text that is none of these."""
    tests = {"compact": is_compact, "epoch": is_epoch, "excel": is_excel, "digits of a month": is_month}
    return next((kind for kind, test in tests.items() if text[:1].isdigit() and test(text)), "")


def read_numbers(texts: Sequence[str], kind: str) -> tuple[Times, bool]:
    """Return the dates [T] of cells of one kind, NaT for any other cell; and whether fractions were left out."""
    if kind == "compact":
        spaced = [_spaced(text) if is_compact(text) else "NaT" for text in texts]
        return to_datetime(spaced), False
    if kind == "digits of a month":
        return to_datetime([f"{text[:4]}-{text[4:6]}-01" if is_month(text) else "NaT" for text in texts]), False
    if kind == "excel":
        return np.array([_excel(text) for text in texts], dtype="datetime64[s]"), False
    # behind ten digits of seconds only noughts are nothing
    cut = any(text[10:].replace(".", "").strip("0") for text in texts)
    return np.array([_epoch(text) for text in texts], dtype="datetime64[s]"), cut


def _spaced(text: str) -> str:
    clock = (text[8:] + "000000")[:6]
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}T{clock[:2]}:{clock[2:4]}:{clock[4:]}"


def _epoch(text: str) -> np.datetime64:
    match = re.fullmatch(_EPOCH, text.strip(), re.ASCII)
    if match is None:
        return _NAT
    digits = len(match[1])
    part = next(part for most, part in _UNITS.items() if digits <= most)
    moment = np.datetime64(int(match[1]) // part, "s")
    return moment if _EPOCHS[0] <= moment < _EPOCHS[1] else _NAT


def _excel(text: str) -> np.datetime64:
    if not is_excel(text):
        return _NAT
    seconds = round(float(text.replace(",", ".")) * 86_400)
    return _EXCELS_DAY_0 + np.timedelta64(seconds, "s")
