"""Which columns of a table are the source and the target where no name says it: by what stands in them."""

from __future__ import annotations

from collections.abc import Sequence

from seqtool.data.pair_columns import Sides, Wanted, texts_among
from seqtool.data.pair_kinds import (
    Rows,
    all_flags,
    all_ids,
    all_numbers,
    cells_of,
    counts,
    is_wordless,
    kind_of,
    repeats,
)
from seqtool.data.pair_names import qualifies
from seqtool.data.text_table import place_of
from seqtool.errors import DataError, UsageError
from seqtool.say import printable


def beside_qualifiers(names: Sequence[str], rows: Rows) -> Sides | None:
    """Return the two texts beside columns whose names tell something of them, such as `source_lang`; None without."""
    texts = texts_among(names, rows) if any(map(qualifies, names)) else []
    return Sides(texts[0], texts[1]) if len(texts) == 2 else None


def by_content(rows: Rows, width: int, wanted: Wanted, where: str) -> Sides:
    """Return the sides of a table whose names, if it has any, say nothing, `width` columns wide.

    They are the two columns that hold texts, not numbers or ids; of three texts the third is ignored. Raises
    `DataError` where that is not certain, `UsageError` for a column that is not there.
    """
    if wanted.source or wanted.target:
        return _numbered(width, wanted, where)
    wide = [cells for cells in rows if len(cells) == width]
    if width == 2:
        _refuse_one_number(wide, where)
        return Sides(0, 1)
    texts = [place for place in range(width) if cells_of(wide, place) and not all_ids(wide, place)]
    sure = [place for place in texts if not repeats(wide, place)]
    if len(texts) == width == 3 and sure[:2] == [0, 1]:
        third = next((printable(cells[2] or "", 30) for cells in wide if cells[2]), "")
        return Sides(0, 1, f"column 1 is the source, column 2 the target; column 3 is not read, such as '{third}'")
    if len(texts) == len(sure) == 2:
        return _beside_ids(wide, width, texts)
    shown = ", ".join(f"{n} '{printable(cell or '', 20)}'" for n, cell in enumerate(wide[0], start=1))
    source, target = (place + 1 for place in (sure if len(sure) > 1 else range(2))[:2])
    cure = f"--source-column {source} --target-column {target} (or other numbers)"
    what = f"which of {width} columns are the source and the target?"
    raise DataError(what, where=f"{where}: {shown}", cure=cure)


def _refuse_one_number(rows: Rows, where: str) -> None:
    """Raise `DataError` where one of two columns holds numbers or flags, and the other words."""
    numbers = [place for place in range(2) if counts(rows, place) or all_flags(rows, place)]
    if len(numbers) == 1 and not is_wordless(rows, 1 - numbers[0]):
        what = f"column {numbers[0] + 1} of two holds {kind_of(rows, numbers[0])}: is it a text?"
        shown = f"such as '{printable(rows[0][numbers[0]] or '', 20)}'"
        cure = "give a file with both texts, or --source-column 1 --target-column 2 if it is one"
        raise DataError(what, where=f"{where}: {shown}", cure=cure)


def _beside_ids(rows: Rows, width: int, texts: Sequence[int]) -> Sides:
    """Return two columns of text as the sides, and say what the others are."""
    numbers = [place for place in range(width) if all_numbers(rows, place)]
    if width == 4 and numbers == [0, 2]:
        return Sides(1, 3, "Tatoeba's columns: number, source, number, target")
    sides = f"column {texts[0] + 1} is the source, column {texts[1] + 1} the target"
    others = [str(place + 1) for place in range(width) if place not in texts and cells_of(rows, place)]
    if not others:
        return Sides(texts[0], texts[1], sides)
    unread = f"column {others[0]} holds" if len(others) == 1 else f"columns {', '.join(others)} hold"
    return Sides(texts[0], texts[1], f"{sides}; {unread} numbers or ids: not read")


def _numbered(width: int, wanted: Wanted, where: str) -> Sides:
    places: dict[str, int] = {}
    for side, name in (("source", wanted.source), ("target", wanted.target)):
        place = place_of(name, [""] * width) if name else None  # no column has a name
        if name and place is None:
            what = f"there is no column '{printable(name)}': the table has no header that names it"
            raise UsageError(what, where=where, cure=f"a number from 1 to {width}, or --header yes")
        if place is not None:
            places[side] = place
    if len(places) < 2 and width != 2:
        missing = "target" if "source" in places else "source"
        raise UsageError(f"which column is the {missing}?", where=where, cure=f"--{missing}-column and its number")
    source = places.get("source", 1 - places.get("target", 1))
    return Sides(source, places.get("target", 1 - source))
