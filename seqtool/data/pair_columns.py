"""Which columns of a table are the source and the target: as options say, or by names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seqtool.data.languages import language
from seqtool.data.pair_kinds import (
    Rows,
    all_flags,
    counts,
    is_text,
    kind_of,
    repeats,
)
from seqtool.data.pair_names import SOURCES, TARGETS, TEXTS, WHOLE_SOURCES, WHOLE_TARGETS, qualifies, words_of
from seqtool.data.text_table import place_of
from seqtool.errors import DataError, UsageError
from seqtool.say import printable

NO_LANGUAGES = frozenset({"id", "is", "mt", "no"})  # codes of languages that are other names, too
SHOWN = 20  # names that a message lists


@dataclass(frozen=True)
class Wanted:
    """The columns that a person names, by name or by number from 1; "" where nobody does."""

    source: str = ""
    target: str = ""


Languages = tuple[str, str] | tuple[()]
"""The codes of the languages of the source and the target, () where nothing says them."""


@dataclass(frozen=True)
class Sides:
    """The places of the source and the target, and what to say about them, "" for nothing."""

    source: int
    target: int
    note: str = ""


def by_names(names: Sequence[str], wanted: Wanted, where: str, before: Languages = (), rows: Rows = ()) -> Sides | None:
    """Return the sides that the names of columns say, None where they say nothing.

    before: the languages of files that were read before, whose direction is that of all. rows: what stands below the
    names; a column of texts goes before one of ids or flags. Raises `UsageError` for a column that is not there,
    `DataError` for names that say several things.
    """
    source, target = (_place(names, name, where) for name in (wanted.source, wanted.target))
    if source is None and target is None:
        return _told_by_names(names, where, before, rows)
    if source is not None and target is not None:
        return Sides(source, target)
    sides = [place for place, name in enumerate(names) if language(name)]
    known = source if source is not None else target
    others = [place for place in (sides if known in sides else range(len(names))) if place != known]
    if len(others) != 1:
        missing = "target" if target is None else "source"
        raise DataError(f"which column is the {missing}?", where=_listed(where, names), cure=f"--{missing}-column NAME")
    found = (others[0] if source is None else source, others[0] if target is None else target)
    return Sides(*found, _said(names, *found))


def _told_by_names(names: Sequence[str], where: str, before: Languages, rows: Rows) -> Sides | None:
    plain = [place for place, name in enumerate(names) if not qualifies(name)]
    texts = texts_among(names, rows)
    spoken = [place for place in plain if place in texts or names[place].strip().lower() not in NO_LANGUAGES]
    sides = (
        roles(names, texts)
        or shortened(names, texts)
        or as_before(names, before, spoken)
        or _languages(names, spoken, where)
    )
    # Where both sides have a name, but one holds no texts, a third column is not that side.
    sides = sides or roles(names, plain) or _beside_role(names, texts)
    if sides is None:
        _refuse_several(names, texts, where)
    if sides is not None or len(texts) > 1:
        return sides
    # `Source language` may as well be the text.
    full = [place for place in range(len(names)) if is_text(rows, place) and not repeats(rows, place)]
    return roles(names, full) or _languages(names, full, where)


def _refuse_several(names: Sequence[str], texts: Sequence[int], where: str) -> None:
    """Raise `DataError` where names say both sides, and one of them several times, as `src`, `mt` and `ref` do."""
    import shlex  # a cure alone needs it

    sources, targets = (
        [names[place].strip() for place in texts if words_of(names[place].strip().lower()) & known]
        for known in (SOURCES, TARGETS)
    )
    if not sources or not targets or set(sources) & set(targets):
        return
    side, several = ("source", sources) if len(sources) > 1 else ("target", targets)
    what = f"several columns may be the {side}: {shown_names(several)}"
    cure = f"--source-column {shlex.quote(sources[0])} --target-column {shlex.quote(targets[0])} (or others)"
    raise DataError(what, where=_listed(where, names), cure=cure)


def texts_among(names: Sequence[str], rows: Rows) -> list[int]:
    """Return the places of the columns that hold texts, and whose names say nothing else."""
    return [place for place, name in enumerate(names) if not qualifies(name) and is_text(rows, place)]


def roles(names: Sequence[str], places: Sequence[int] | None = None) -> Sides | None:
    """Return the sides that names such as `source` or `answer text` say, None where they say none or several.

    places: the columns that may be sides; None for all. A text beside a translation is the source.
    """
    lower = [name.strip().lower() for name in names]
    # `source` beside `source_lang`: the whole name first
    for parted in ([{name} for name in lower], [words_of(name) for name in lower]):
        if sides := _roles(parted, SOURCES, TARGETS, places):
            return sides
    return None


def _roles(
    parted: Sequence[set[str]], of_source: frozenset[str], of_target: frozenset[str], places: Sequence[int] | None
) -> Sides | None:
    """Return the sides that the words of names say, None where they say none or several."""
    sources, targets, texts = (
        [place for place in (range(len(parted)) if places is None else places) if parted[place] & known]
        for known in (of_source, of_target, TEXTS)
    )
    sources = sources or [place for place in texts if place not in targets]
    return Sides(sources[0], targets[0]) if len(sources) == len(targets) == 1 and sources != targets else None


def shortened(names: Sequence[str], places: Sequence[int] | None = None) -> Sides | None:
    """Return the sides of a text and its summary, or of the two faces of a card; None without."""
    whole = [{name.strip().lower()} for name in names]
    return _roles(whole, SOURCES | WHOLE_SOURCES, TARGETS | WHOLE_TARGETS, places)


def _beside_role(names: Sequence[str], places: Sequence[int]) -> Sides | None:
    """Return the sides of two columns of which one name says its side, None where none or both do."""
    if len(places) != 2:
        return None
    lower = {place: names[place].strip().lower() for place in places}
    sources = [place for place, name in lower.items() if words_of(name) & SOURCES or name in WHOLE_SOURCES]
    targets = [place for place, name in lower.items() if words_of(name) & TARGETS or name in WHOLE_TARGETS]
    if len(sources) + len(targets) != 1:
        return None
    (known,) = sources or targets
    (other,) = set(places) - {known}
    source, target = (known, other) if sources else (other, known)
    return Sides(source, target, _said(names, source, target))


def as_before(names: Sequence[str], before: Languages, places: Sequence[int] | None = None) -> Sides | None:
    """Return the columns, of all or those at `places`, that alone are in the languages of before; None without two."""
    places = range(len(names)) if places is None else places
    spoken = [[place for place in places if language(names[place]) == code] for code in before]
    if not spoken or any(len(of_code) != 1 for of_code in spoken):
        return None
    source, target = spoken[0][0], spoken[1][0]
    return Sides(source, target, _said(names, source, target))


def languages_of(source: str, target: str) -> Languages:
    """Return the languages that the names of two columns say, () where they do not say two."""
    codes = (language(source), language(target))
    return codes if all(codes) and codes[0] != codes[1] else ()


def _languages(names: Sequence[str], places: Sequence[int], where: str) -> Sides | None:
    import shlex  # a cure alone needs it

    places = [place for place in places if language(names[place])]
    if len({language(names[place]) for place in places}) < 2:
        return None
    if len(places) > 2:
        first, second = (shlex.quote(names[place].strip()) for place in places[:2])
        cure = f"--source-column {first} --target-column {second} (or others)"
        raise DataError("the table has more than two languages", where=_listed(where, names), cure=cure)
    source, target = places
    return Sides(source, target, _said(names, source, target))


def _said(names: Sequence[str], source: int, target: int) -> str:
    shown = [f"'{printable(names[place])}'" for place in (source, target)]
    return f"{shown[0]} is the source, {shown[1]} the target; --reverse exchanges them"


def _place(names: Sequence[str], wanted: str, where: str) -> int | None:
    if not wanted:
        return None
    if (place := place_of(wanted, [name.strip() for name in names])) is not None:
        return place
    spoken = language(wanted)
    found = [place for place, name in enumerate(names) if spoken and language(name) == spoken]
    if len(found) == 1:
        return found[0]
    cure = f"a name of these, or a number from 1 to {len(names)}"
    raise UsageError(f"there is no column '{printable(wanted)}'", where=_listed(where, names), cure=cure)


def refuse_no_texts(names: Sequence[str], rows: Rows, sides: Sides, wanted: Wanted, where: str) -> None:
    """Raise `DataError` where a column that was told by its name holds flags or numbers, as an `id` does.

    Two columns of numbers are sides where no others are texts.
    """
    chosen = (sides.source, sides.target)
    numbers = [place for place in chosen if counts(rows, place)]
    flags = [place for place in chosen if all_flags(rows, place)]
    if len(numbers) == 2 and len(texts_among(names, rows)) < 2:
        numbers = []
    if wanted == Wanted() and (numbers or flags):
        (place, *_) = numbers or flags
        what = f"the column '{printable(names[place])}' holds {kind_of(rows, place)}, not texts"
        raise DataError(what, where=_listed(where, names), cure="--source-column NAME --target-column NAME")


def _listed(where: str, names: Sequence[str]) -> str:
    return f"{where}: columns {shown_names(names)}"


def shown_names(names: Sequence[str]) -> str:
    """Return the first of some names, for a message."""
    return ", ".join(map(printable, names[:SHOWN])) + (", ..." if len(names) > SHOWN else "")
