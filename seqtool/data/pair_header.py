"""Whether the first row of a table of pairs names its columns."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

from seqtool.data.column_names import is_name
from seqtool.data.languages import language
from seqtool.data.numbers import is_missing, is_number
from seqtool.data.pair_columns import Languages, Wanted, roles, shortened
from seqtool.data.pair_kinds import FEW, Rows, all_ids, all_numbers, cells_of, repeats
from seqtool.data.pair_names import SOURCES, TARGETS, TEXTS, WHOLE_SOURCES, WHOLE_TARGETS
from seqtool.errors import DataError
from seqtool.say import printable

CODE = 3  # letters of the code of a language, at most
WORD = 12  # characters: a column of shorter cells is a list of words
_NAMES = """
after alt american answer antonym aussprache base bedeutung before begriff body british clean code col column command
context correct corrected correction definition description einzahl error falsch feminine foreign form formal from
full gloss grapheme graphemes grundform headline headword hypothesis incorrect infinitive inflected inflection
informal input ipa key label lang language left lemma long masculine meaning mehrzahl misspelled misspelling modern
name native negative neu new noisy normalized noun old original paraphrase participle past pattern phoneme phonemes
phonetic phrase plural positive present pronunciation query raw reading reference regex reply request richtig right
romaji romanization root sentence shakespeare short simple singular spelling sql stem story style summary synonym
tense term text title to transcription transliteration typo url utterance value verb version word words wort wrong
"""
_CODES_THAT_ARE_WORDS = frozenset({
    "am", "as", "be", "da", "el", "es", "he", "is", "it", "ja", "la", "lo", "mi", "my", "ne", "no",
    "or", "se", "si", "so", "to",
})  # fmt: skip
"""Codes of languages that translate each other as words: `it` and `es`, `my` and `mi`."""
_MARKED = re.compile(r"\s|[^\w\s]")
NAMES = frozenset(_NAMES.split())
"""Words of the names of columns, in lower case; some are words of a list, too."""
RARELY = 0.01  # of the other cells of a column look like a name where the first may be one


def names_columns(row: Sequence[str], rows: Rows, wanted: Wanted, where: str, before: Languages = ()) -> bool:
    """Tell whether the first row of a table certainly names its columns; `rows` are those behind it.

    A row of names that comes again, as where files were put together, is no pair among `rows`. before: the languages
    that a file read before names; the same two are names again. Raises `DataError` where it may be a pair as well.
    """
    others = [cells for cells in rows if cells != row]
    again, rows = len(rows) - len(others), others
    stripped = [cell.strip() for cell in row]
    lower = [cell.lower() for cell in stripped]
    if any(name and not name.isdigit() and name.lower() in lower for name in (wanted.source, wanted.target)):
        return True
    # A language that stands below, too, says in which one the row is.
    sides = [place for place, cell in enumerate(stripped) if language(cell) and cell not in cells_of(rows, place)]
    spoken = [stripped[place] for place in sides]
    languages = {language(cell) for cell in spoken}
    if before and languages >= set(before):
        return True
    if len(languages) > 1:
        beside = any(_is_usual(cell) for cell in stripped if cell and not language(cell))
        if (
            not beside
            and all(len(cell) == 2 for cell in spoken)
            and _may_be_words(spoken, [cell for place in sides for cell in cells_of(rows, place)])
        ):
            what = f"the first row may be a header or words: {', '.join(map(printable, spoken))}"
            raise DataError(what, where=where, cure="--header yes or --header no")
        return True
    if roles(row) is not None or _above_index(row, rows) or (shortened(row) and _are_long(rows)):
        return True
    numbers = [place for place in range(len(row)) if all_numbers(rows, place)]
    # A name above numbers; where all columns are numbers, the first row may be a pair of words.
    above = [row[place] for place in numbers if not (is_missing(row[place]) or is_number(row[place]))]
    if len(numbers) < len(row) and any(re.search(r"[^\W\d_]", cell) for cell in above):
        return True
    # No other row comes twice: the first is no greeting among others.
    alone = again > 0 and len({tuple(cells) for cells in rows}) == len(rows)
    return _unlike_others(stripped, rows, where, certain=alone)


def _are_long(rows: Rows) -> bool:
    """Tell whether a column holds texts, not words: `text` and `summary` may be words of a list."""
    columns = zip(*rows, strict=False)
    return any(statistics.median(len(cell or "") for cell in cells) > 2 * WORD for cells in columns)


def _above_index(row: Sequence[str], rows: Rows) -> bool:
    """Tell whether the first cell is empty above 0, 1, ...: pandas leaves its index without a name."""
    return not row[0].strip() and [(cells[0] or "").strip() for cells in rows[:2]] == ["0", "1"]


def _may_be_words(codes: Sequence[str], cells: Sequence[str]) -> bool:
    """Tell whether codes of languages may be words of a list: the cells below are short, and some are written alike."""
    # A list of phrases may begin with such words, but not with `de` beside `en`.
    if not {code.lower() for code in codes} <= _CODES_THAT_ARE_WORDS and _are_phrases(codes, cells):
        return False
    alike = not all(map(str.isupper, codes)) or any(map(str.isupper, cells))
    return alike and statistics.median([len(cell) for cell in cells] or [0]) < WORD


def _are_phrases(codes: Sequence[str], cells: Sequence[str]) -> bool:
    """Tell whether most cells have blanks, marks, or capitals in other places than codes of languages have them."""
    upper = all(map(str.isupper, codes))
    unlike = [
        _MARKED.search(cell) is not None or (not cell.isupper() if upper else cell[0].isupper()) for cell in cells
    ]
    return 2 * sum(unlike) > len(cells)


def _unlike_others(row: Sequence[str], rows: Rows, where: str, *, certain: bool) -> bool:
    """Tell whether each cell looks like a name, and hardly any of the others of its column does.

    certain: whether what may be a header is one. Raises `DataError` where none of these names is known: a title, too,
    is short.
    """
    # A column of numbers, as of an index, may lack a name.
    named = [(place, cell) for place, cell in enumerate(row) if cell or not all_ids(rows, place)]
    if not named or not all(is_name(cell) for _, cell in named):
        return False
    shares = [_share_of_names(cell, rows, place) for place, cell in named]
    if len(rows) < FEW or max(shares) > RARELY:
        if not _name_lists([cell for _, cell in named], rows):
            return False
    elif not any(shares) and any(map(_is_known, row)):
        return True
    if certain:
        return True
    shown = ", ".join(f"'{printable(cell, 20)}'" for cell in row[:4])
    what = f"the first row ({shown}) may name the columns, or be a pair"
    raise DataError(what, where=where, cure="--header yes or --header no")


def _name_lists(names: Sequence[str], rows: Rows) -> bool:
    """Tell whether the first row of a list of words may name its columns.

    Each cell is a usual name, or a letter, that stands nowhere below. One language beside another name is enough, too,
    where no row below has a language: `English` and `Pirate`.
    """
    below = {(cell or "").strip() for row in rows for cell in row}
    if len(names) < 2 or not below or below & set(names):
        return False
    if "".join(names).lower() in ("ab", "xy"):
        return min(map(len, below)) > 1
    spoken = {_spoken(name) for name in names}
    if all(map(_is_usual, names)):
        return len(spoken) > 1 or spoken == {""}
    alike = all(map(str.istitle, names)) or all(map(str.islower, names))
    return alike and "" in spoken and len(spoken) > 1 and not any(map(_spoken, below))


def _is_usual(name: str) -> bool:
    words = set(re.split(r"[\W\d_]+", name.lower())) - {""}
    return bool(_spoken(name)) or words <= NAMES | SOURCES | TARGETS | TEXTS


def _spoken(name: str) -> str:
    """Return the language that a name says in full, not by a code, which may be a word."""
    return language(name) if len(name.strip()) > CODE else ""


def _share_of_names(first: str, rows: Rows, place: int) -> float:
    """Return the share of a column's cells that look like a name as the first does; 1 where that stands among them."""
    cells = cells_of(rows, place)
    if first in cells:
        return 1.0
    if repeats(rows, place) or (all_ids(rows, place) and not all_ids([[first]], 0)):
        return 0.0
    return sum(map(is_name, cells)) / max(1, len(cells))


def _is_known(cell: str) -> bool:
    words = set(re.split(r"[\W_]+", cell.lower()))
    return bool(language(cell) or words & (SOURCES | TARGETS | TEXTS | WHOLE_SOURCES | WHOLE_TARGETS))
