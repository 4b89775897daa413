"""How the lines of a file of pairs are parted: by tabs, three bars, or the mark of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seqtool.data import separated, sniffing
from seqtool.data.pair_columns import languages_of, roles
from seqtool.data.pair_kinds import FEW, NEARLY
from seqtool.data.pairs import CURE
from seqtool.data.separated import Separated
from seqtool.data.tab_quotes import quotes_are_marks
from seqtool.errors import DataError
from seqtool.say import printable

TABS = (2, 3)  # columns of `source<TAB>target`: a third says who wrote it
SAMPLE = 1000  # lines that tell
TATOEBA = 4  # columns of its other tables: number, text, number, text


def parted_by(text: str, where: str, format: str) -> tuple[str, Separated, str]:
    """Return a text with its mark, how it parts the columns, and the words that say so.

    Raises `DataError` where nothing parts most lines, or three bars part some.
    """
    if format == "auto" and _has_bars(text, where):  # Moses and fast_align part the sides so
        return re.sub(r" *\|{3} *", "\t", text), Separated("\t", quoted=False), "lines of source ||| target"
    how = _how(text, where, format)
    kind = "TSV" if how.mark == "\t" else "CSV"
    return text, how, f"{kind}, {separated.NAMES[how.mark]} between the columns"


def no_pairs(where: str) -> DataError:
    """Return the error for a file that nothing parts into a source and a target."""
    return DataError("most lines have no tab between a source and its target", where=where, cure=CURE)


def _has_bars(text: str, where: str) -> bool:
    """Tell whether three bars part the two sides of every line; raises `DataError` where they do in most lines."""
    if "|||" not in text[: 1 << 20] or "\t" in text:
        return False
    counts = [(number, line.count("|||")) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    others = [(number, count) for number, count in counts if count != 1]
    if 2 * sum(count > 0 for _, count in counts) < len(counts):
        return False
    if others:
        what = f"line {others[0][0]:,} has {others[0][1]} marks |||, not one between a source and its target"
        raise DataError(what, where=where, cure="write source ||| target, or source<TAB>target, one pair a line")
    return True


def _how(text: str, where: str, format: str) -> Separated:
    """Return how the columns are parted: by tabs where half of the lines hold one, else as the table says."""
    if format == "lines":
        return Separated("\t", quoted=False)
    if format in separated.MARKS:
        mark = separated.MARKS[format]
        return sniffing.sniff(text, where, (mark,)) or Separated(mark, mark != "\t" or quotes_are_marks(text))
    lines = [line for line in text.split("\n") if line.strip()]
    if 2 * sum(line.count("\t") + 1 in (*TABS, TATOEBA) for line in lines) >= len(lines):
        _refuse_other_mark(text, lines, where)
        return Separated("\t", quotes_are_marks(text))
    _refuse_colons(lines, where)
    if named := _named(text):
        return Separated(named)
    found = sniffing.sniff(text, where)
    if found is None:
        raise no_pairs(where)
    return found


def _refuse_colons(lines: Sequence[str], where: str) -> None:
    """Raise `DataError` for a dictionary of ding, whose bars part forms of a word: two colons part its sides."""
    sample = [line for line in lines[:SAMPLE] if not line.startswith("#")]
    if len(sample) >= FEW and sum(line.count(" :: ") == 1 for line in sample) >= NEARLY * len(sample):
        what = "two colons part the sides of its lines, as in a dictionary of ding"
        cure = "sed -n 's/ *:: */\\t/p' FILE writes source<TAB>target, one pair a line"
        raise DataError(what, where=where, cure=cure)


def _refuse_other_mark(text: str, lines: Sequence[str], where: str) -> None:
    """Raise `DataError` where tabs part some of the lines, and another mark may part them all."""
    if all("\t" in line for line in lines):
        return
    for name, mark in separated.MARKS.items():
        # Each alone: a rarer mark may fit as well, below lines without it.
        if mark != "\t" and all(mark in line for line in lines) and sniffing.sniff(text, where, (mark,)):
            what = f"tabs may part the sides, or {separated.NAMES[mark]}, which stand in more lines"
            raise DataError(what, where=where, cure=f"--format {name} or --format tsv")


def _named(text: str) -> str:
    """Return the mark that parts the first line into two names of sides, "" where none does."""
    first = text.lstrip("\ufeff\n").partition("\n")[0]
    return next((mark for mark in separated.MARKS.values() if names_sides(first.split(mark))), "")


def names_sides(row: Sequence[str]) -> bool:
    """Tell whether a row is the names of a source and a target, or of two languages, and nothing else."""
    cells = [cell.strip().strip('"') for cell in row]
    return len(cells) == 2 and (roles(cells) is not None or bool(languages_of(*cells)))


def refuse_nameless(rows: Sequence[Sequence[str]], width: int, where: str) -> None:
    """Raise `DataError` where the first row names two sides, and all others have one column more."""
    first, *others = rows
    if names_sides(first) and width == len(first) + 1 and all(len(row) == width for row in others):
        what = f"the first row names {len(first)} columns ({', '.join(map(printable, first))}), the others have {width}"
        cure = "write a name above each column; --header no reads the first row as a pair"
        raise DataError(what, where=where, cure=cure)
