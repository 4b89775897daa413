"""Numbers as people write them: decimal point or comma, thousands apart, currency and percent signs, missing marks."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from seqtool.errors import UsageError

if TYPE_CHECKING:
    from seqtool.types import Floats

Cells = Sequence[str | None]

MISSING = frozenset(
    {"", "null", "na", "n/a", "nan", "none", "-", "--", ".", "?", "#n/a", "#na", "#n/a n/a", "<na>", "nat", "\\n"}
    | {"-nan", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan", "#div/0!", "#value!", "#ref!", "#num!", "n.a.", "missing"}
    | {":", "..", "..."}
    | {"#nv", "#n/d", "#n/b", "#i/t", "#н/д", "#saknas!", "#wert!", "#bezug!", "#zahl!", "#valeur!"}  # other Excels
)
POINT, COMMA = ".", ","
LARGEST = 3.4028234e38  # of float32, in which models compute
THOUSANDS = (".", ",", " ", "'")
# Blanks of every width, and the apostrophes that spreadsheets write.
_SAME = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2212": "-", "\u2019": "'", "\uff0c": ","})
# Texts, not patterns: most tables are read without them, and to compile them all takes as long as to read a table.
_CODES = "EUR|USD|GBP|CHF|JPY|CNY|INR|RUB|SEK|NOK|DKK|PLN|CZK|HUF|CAD|AUD|NZD|BRL|MXN|ZAR|TRY|KRW|kr|zł|Kč"
_CODE = 3  # letters of a code; signs are shorter: `kr`, `R$`
CURRENCIES = frozenset({*_CODES.casefold().split("|"), "r$", *"$€£¥₹₽₩₺₪฿"})
_SIGNS = rf"R\$|[$€£¥₹₽₩₺₪฿%]|\b(?:{_CODES})\b|(?<=\d)(?:{_CODES})\b|\b(?:{_CODES})(?=\d)"
_PLAIN = re.compile(r"\s*[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?\s*", re.ASCII)
_PLAIN_SIGNS = b"0123456789+-.eE"
# Every cell could be whole numbers with points between thousands, or numbers of three decimals; or it is missing.
_TWO_POINTS = re.compile(r"\.\d*\.", re.ASCII)
_GROUPED_POINTS = re.compile(r"(?:[ ]*(?:[-+]?(?:\d+|[1-9]\d{0,2}\.\d{3})-?|--?|\.)[ ]*\n)+", re.ASCII)


class NumberFormat(NamedTuple):
    """How numbers are written: the decimal mark, "" where none shows; the mark between thousands, "" for none."""

    decimal: str = ""
    thousands: str = ""

    def __str__(self) -> str:
        words = {".": "points", ",": "commas", " ": "blanks", "'": "apostrophes"}
        parts = [f"decimal {words[self.decimal]}"] if self.decimal else []
        parts += [f"{words[self.thousands]} between thousands"] if self.thousands else []
        return ", ".join(parts) or "whole numbers"


PLAIN = NumberFormat(POINT)
NONE = "none"
_CANDIDATES = (
    NumberFormat(POINT), NumberFormat(POINT, COMMA), NumberFormat(POINT, " "), NumberFormat(POINT, "'"),
    NumberFormat(COMMA), NumberFormat(COMMA, POINT), NumberFormat(COMMA, " "), NumberFormat(COMMA, "'"),
)  # fmt: skip


class Ambiguous(NamedTuple):
    """What a column of numbers may mean: two formats that all of its cells fit, and a cell with both of its values."""

    formats: tuple[NumberFormat, NumberFormat]
    cell: str
    values: tuple[float, float]

    def readings(self) -> str:
        """Return both values and how each is written, for a message."""
        return " or ".join(f"{value:,.10g} ({form})" for form, value in zip(self.formats, self.values, strict=True))


class Written(NamedTuple):
    """What is known of how numbers are written: marks, "" for those to be found; thousands `none` for no mark."""

    decimal: str = ""
    thousands: str = ""
    missing: frozenset[str] = MISSING

    def formats(self) -> list[NumberFormat]:
        """Return the formats that are left."""
        mark = "" if self.thousands == NONE else self.thousands
        return [
            form
            for form in _CANDIDATES
            if self.decimal in ("", form.decimal) and (not self.thousands or form.thousands == mark)
        ]


UNKNOWN = Written()
MANY = 10_000  # cells that show whether letters stand behind numbers


def decide(cells: Cells, known: Written = UNKNOWN) -> NumberFormat | Ambiguous:
    """Return how the numbers of a column are written; raises `ValueError` with the reason where no format fits."""
    texts = filled(cells)
    if not may_be_plain(texts):
        texts = [text for text in texts if not is_missing(text, known.missing)]
        if not may_be_plain(texts):
            return _decide_dressed(texts, known)
    joined = "\n".join(texts) + "\n"
    if "." not in joined:
        return NumberFormat(known.decimal)
    unusual = known.decimal == COMMA or known.thousands == POINT
    if unusual or _GROUPED_POINTS.fullmatch(joined) or _TWO_POINTS.search(joined):
        return _decide_dressed([text for text in texts if not is_missing(text, known.missing)], known)
    return PLAIN  # a cell such as 2024-01-01 is found where the numbers are read


def filled(cells: Cells) -> Sequence[str]:
    """Return the cells that are not empty, a full column as it is: that is found four times as fast."""
    return cast(Sequence[str], cells) if all(cells) else [cell for cell in cells if cell]


def _plain(texts: Sequence[str]) -> Floats | None:
    """Return numbers [T] as programs write them, None where one is written otherwise."""
    if not may_be_plain(texts):
        return None
    try:
        return np.fromiter(map(float, texts), np.float64, len(texts))
    except ValueError:
        return None


def may_be_plain(texts: Sequence[str]) -> bool:
    """Tell whether cells hold nothing but digits, points, signs and exponents."""
    # By their characters: a pattern takes five times as long for a million cells.
    return not "".join(texts).encode("ascii", "replace").translate(None, _PLAIN_SIGNS)


def may_have_flags(cells: Cells) -> bool:
    """Tell whether a column has small letters and blanks, as where letters stand behind numbers.

    Of a long column the first cells and evenly spread ones are looked at.
    """
    step = len(cells) // MANY
    joined = "".join(filter(None, [*cells[:MANY], *cells[MANY::step]] if step > 1 else cells))
    if " " not in joined:  # as in most columns
        return False
    left = joined.encode("ascii", "replace").translate(None, _PLAIN_SIGNS[:-2])
    return b" " in left and left != left.upper()


def _decide_dressed(texts: Sequence[str], known: Written) -> NumberFormat | Ambiguous:
    signs = {sign for text in texts for sign in re.findall(_SIGNS, text)}
    if len(signs) > 1:
        raise ValueError(f"the signs {', '.join(sorted(signs))} stand in one column")
    if "%" in signs and not all("%" in text for text in texts):
        raise ValueError("some numbers are percentages, others are not")
    bare = [undressed(text) for text in texts]
    formats = known.formats()
    fits = [form for form in formats if all(map(_pattern(form).fullmatch, bare))]
    if not fits:
        raise ValueError(_no_format(texts, bare, formats))
    values = [np.array([value(text, form) for text in bare]) for form in fits]
    others = [form for form, column in zip(fits, values, strict=True) if not np.array_equal(column, values[0])]
    if others:
        return _ambiguous(texts, (fits[0], others[0]))
    form = fits[0]
    # A decimal mark that no cell shows is not decided, unless the mark between thousands leaves one alone.
    shown = known.decimal or form.thousands in (POINT, COMMA) or any(form.decimal in text for text in bare)
    return form if shown else NumberFormat("", form.thousands)


def _no_format(texts: Sequence[str], bare: Sequence[str], formats: Sequence[NumberFormat]) -> str:
    """Return why no format fits all numbers: a cell that is none, or two that contradict each other."""
    allowed = list(formats)
    first = texts[0]
    for text, number in zip(texts, bare, strict=True):
        fits = [form for form in formats if _pattern(form).fullmatch(number)]
        if not fits and is_number(text):
            marks = dict.fromkeys(str(NumberFormat(form.decimal)) for form in formats)
            return f"'{text.strip()}' is not written with {' or '.join(marks)}"
        if not fits:
            return f"'{text.strip()}' is no number"
        left = [form for form in allowed if form in fits]
        if not left:
            return f"'{text.strip()}' and '{first.strip()}' are written in two ways"
        if len(left) < len(allowed):
            first = text
        allowed = left
    raise AssertionError("numbers that one format fits are not refused")


def _ambiguous(texts: Sequence[str], formats: tuple[NumberFormat, NumberFormat]) -> Ambiguous:
    for text in texts:
        first, second = (value(undressed(text), form) for form in formats)
        if first != second:
            return Ambiguous(formats, text.strip(), (first, second))
    raise AssertionError("formats that read every cell alike are no two readings")


def is_missing(cell: str | None, missing: frozenset[str] = MISSING) -> bool:
    """Tell whether a cell stands for a missing value."""
    return cell is None or cell.strip().casefold() in missing


def missing_marks(more: Sequence[str]) -> frozenset[str]:
    """Return the usual marks of missing values and `more`."""
    return MISSING | {mark.strip().casefold() for mark in more} if more else MISSING


def undressed(text: str) -> str:
    """Return a number without currency, percent and outer blanks; `(12)` and `12-` become -12, `1.20+` 1.20."""
    bare = text.translate(_SAME).strip()
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + bare[1:-1].strip()
    # around a number only: 5€30 is none
    bare = re.sub(rf"^([-+]?)\s*(?:{_SIGNS})\s*|\s*(?:{_SIGNS})\s*(-?)$", r"\1\2", bare).strip()
    bare = re.sub(r"[.,][-\u2013\u2014]{1,2}$", "", bare)  # 12.- and 12,- are whole amounts
    if bare.endswith("+") and re.search(r"^\d.*[.,]\d\d\+$", bare):  # behind two decimals: 85+ may be 85 and more
        bare = bare[:-1]
    if bare.endswith("-") and not bare.startswith("-"):
        bare = "-" + bare[:-1]
    if bare[:2] in ("- ", "+ ") or bare.startswith("--"):
        bare = bare[0] + bare[1:].lstrip(" -")
    return bare


@functools.cache
def _pattern(form: NumberFormat) -> re.Pattern[str]:
    whole, point = r"\d+", re.escape(form.decimal or POINT)
    if form.thousands:
        mark = re.escape(form.thousands)
        indian = rf"|[1-9]\d?(?:{mark}\d\d)+{mark}\d{{3}}" if form.thousands == COMMA else ""
        whole = rf"(?:[1-9]\d{{0,2}}(?:{mark}\d{{3}})+{indian}|\d+)"
    return re.compile(rf"[-+]?(?:{whole}(?:{point}\d*)?|{point}\d+)(?:[eE][-+]?\d+)?", re.ASCII)


def value(bare: str, form: NumberFormat) -> float:
    """Read one number without dress; raises `ValueError` where it is not written in this format."""
    if not _pattern(form).fullmatch(bare):
        raise ValueError(bare)
    if form.thousands:
        bare = bare.replace(form.thousands, "")
    return float(bare.replace(form.decimal, ".") if form.decimal else bare)


def read(cell: str | None, form: NumberFormat, missing: frozenset[str] = MISSING) -> float:
    """Read a cell: NaN where it is missing; raises `ValueError` where it is no number in this format."""
    if cell is None or is_missing(cell, missing):
        return float("nan")
    number = float(cell) if form in (PLAIN, NumberFormat()) and _PLAIN.fullmatch(cell) else value(undressed(cell), form)
    return float("nan") if number in _numbers_of(missing) else number


@functools.cache
def _numbers_of(missing: frozenset[str]) -> frozenset[float]:
    """Return the marks of missing values that are numbers: -999.0 is the mark -999."""
    return frozenset(float(mark) for mark in missing - MISSING if _PLAIN.fullmatch(mark))


def read_all(cells: Cells, form: NumberFormat, missing: frozenset[str] = MISSING) -> Floats:
    """Read the cells of a column: [T], NaN = missing; raises `ValueError` as `read` does."""
    values = None if form.decimal == COMMA or form.thousands == POINT else _plain_column(cells)
    if values is None:
        return np.array([read(cell, form, missing) for cell in cells], dtype=np.float64)
    if marks := _numbers_of(missing):
        values[np.isin(values, list(marks))] = np.nan
    return values


def _plain_column(cells: Cells) -> Floats | None:
    """Return numbers [T] as programs write them, NaN for empty cells; None where one is written otherwise."""
    present = filled(cells)
    numbers = _plain(present)
    if numbers is None or len(present) == len(cells):
        return numbers
    values = np.full(len(cells), np.nan)
    values[[bool(cell) for cell in cells]] = numbers
    return values


def other_currency(cell: str, known: Sequence[str]) -> bool:
    """Tell whether a number has the sign of another currency than those known, of a kind: `$` beside `€`, no EUR."""
    found = currencies([cell]) if known else []
    if not found or any(sign in found for sign in known):
        return False
    return any((len(sign) == _CODE) == (len(found[0]) == _CODE) for sign in known)


def currencies(cells: Sequence[str]) -> list[str]:
    """Return the signs of currencies that stand at numbers, each once: `€`, `EUR`."""
    return list(dict.fromkeys(sign for cell in cells for sign in re.findall(_SIGNS, cell) if sign != "%"))


def read_one(cell: str, known: Written) -> float:
    """Read a cell by itself; raises `ValueError` with the reason, also where what is known allows two readings."""
    form = decide([cell], known)
    if isinstance(form, Ambiguous):
        first, second = (f"{number:,.10g}" for number in form.values)
        raise ValueError(f"'{form.cell}' is {first} or {second}: the numbers of the training do not say which")
    return read(cell, form, known.missing)


def is_number(cell: str | None) -> bool:
    """Tell whether a cell is a number in some format (a missing one is not)."""
    if cell is None or not any(map(str.isdigit, cell)):
        return False
    if _PLAIN.fullmatch(cell):
        return True
    if is_missing(cell):
        return False
    bare = undressed(cell)
    return any(_pattern(form).fullmatch(bare) for form in _CANDIDATES)


def known_marks(decimal: str, thousands: str) -> tuple[str, str]:
    """Return the marks that two options name; raises `UsageError` for those that cannot be."""
    words = {"point": POINT, "comma": COMMA, "blank": " ", "apostrophe": "'"}
    point, mark = (words.get(word, word) for word in (decimal, thousands))
    if point not in ("", POINT, COMMA) or mark not in ("", NONE, *THOUSANDS) or (point and point == mark):
        what = f"numbers with '{decimal}' before decimals and '{thousands}' between thousands cannot be"
        raise UsageError(what, cure="--decimal . or , and --thousands . , ' blank or none")
    return point, mark
