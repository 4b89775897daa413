"""Lines of a label and a text: what ends the label, and on which side of the text it stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from seqtool.data import fasttext
from seqtool.data.label_cells import combination
from seqtool.data.label_facts import FEW_ROWS, SAMPLE, Facts, lean, share_known
from seqtool.data.label_header import is_header
from seqtool.data.label_marks import Pair, without_mark_before, without_marks
from seqtool.data.label_names import LABEL_NAMES, known
from seqtool.data.label_prose import are_numbers, refuse_prose
from seqtool.data.label_words import is_usual_label
from seqtool.data.layout import WHOLE, Layout
from seqtool.errors import DataError
from seqtool.say import listing, printable

CURE = "write label<TAB>text, one record a line, or name the columns label and text in a header"
FEW_LABELS = 10  # up to this number each may stand once: a small file
TAG_MARKS = ("/", "_", "|")  # between a word and its tag
Raw = tuple[int, tuple[str, ...] | None, str]
"""A record's line, its labels (None: it has none, (): none of several applies), and its text."""
Numbered = tuple[int, str]


def read_fasttext(lines: Sequence[str], layout: Layout) -> tuple[list[Raw], str]:
    """Return the records of lines of fastText, and what was left out of all; labels that nothing parts are one."""
    full = _full(lines)
    parsed = [fasttext.parse(line) for _, line in full]
    texts, unmarked = without_mark_before([text for _, text in parsed])
    raw: list[Raw] = []
    for (number, _), (labels, _), text in zip(full, parsed, texts, strict=True):
        whole = (combination(labels),) if labels and layout.label_separator == WHOLE else labels
        raw.append((number, whole or None, text))
    return raw, unmarked


def _full(lines: Sequence[str]) -> list[Numbered]:
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def has_tabs(lines: Sequence[str]) -> bool:
    """Tell whether at least half of the lines that are not empty hold a tab."""
    full = [line for line in lines if line.strip()]
    return 2 * sum("\t" in line for line in full) >= len(full)


def read_pairs(lines: Sequence[str], layout: Layout, where: str) -> tuple[list[Raw], str]:
    """Return the records of lines parted at the first tab, else the first blank, or at the last tab; and which.

    Raises `DataError` where the side of the labels is not sure, and for a first line that may be a header.
    """
    full = _full(lines)
    tabs = layout.separator == "tab" or (layout.separator == "auto" and has_tabs(lines))
    mark, how = ("\t", "the first tab ends the label") if tabs else (" ", "the first blank ends the label")
    pairs, unmarked = without_marks([_parted(line, mark) for _, line in full], layout.known, tabs=tabs)
    if layout.separator == "auto" and not unmarked:
        given = pairs
        pairs = _sided(pairs, full, mark, layout, where)
        how = how if pairs is given else "the label follows the last tab"
    how = f"{how}; {unmarked}" if unmarked else how
    named = is_header([[label for label, _ in pairs], [text for _, text in pairs]], layout, where)
    surely = layout.separator != "auto" or mark != " " or (named and known(pairs[0][0], LABEL_NAMES))
    if named:
        full, pairs, how = _below_names(full, pairs, how)
    if not surely:
        _refuse_prose(pairs, layout, where, marked=bool(unmarked))
    single: dict[str | None, tuple[str, ...] | None] = {
        label: (label.strip(),) if label and label.strip() else None for label in {label for label, _ in pairs}
    }
    return [(number, single[label], text) for (number, _), (label, text) in zip(full, pairs, strict=True)], how


def _below_names(full: list[Numbered], pairs: list[Pair], how: str) -> tuple[list[Numbered], list[Pair], str]:
    """Return lines and pairs without the first, which names the columns, and without the same line further down."""
    kept = [place for place, pair in enumerate(pairs) if pair != pairs[0]]
    again = [f"{full[place][0]:,}" for place, pair in enumerate(pairs) if place and pair == pairs[0]]
    how = f"{how}, the first line names the columns"
    if again:
        how = f"{how}, and line {listing(again, FEW_ROWS)} again: left out"
    return [full[place] for place in kept], [pairs[place] for place in kept], how


def _parted(line: str, mark: str) -> Pair:
    """Return label and text of a line; the label is None where no tab ends it."""
    # A blank before a label ends none.
    label, separated, text = (line if mark == "\t" else line.lstrip(" ")).partition(mark)
    return (label, text) if separated or mark == " " else (None, line)


def _sided(pairs: list[Pair], full: Sequence[Numbered], mark: str, layout: Layout, where: str) -> list[Pair]:
    """Return the pairs, with the labels from the lines' ends where those are there; raises where it is not sure."""
    turned: list[Pair] = []
    for _, line in full:
        text, separated, label = line.rstrip(" ").rpartition(mark)
        turned.append((label, text) if separated else (None, line))
    if known := _share(turned, layout) - _share(pairs, layout):
        return turned if known > 0 else pairs
    first = 1 if len(full) > FEW_ROWS else 0  # a header would be one more label
    front, back = (Facts.of(label for label, _ in some[first:]) for some in (pairs, turned))
    if mark == " ":
        _refuse_tagged(full, where)
        heads = [label or "" for label, _ in pairs[first : SAMPLE + first]]
        surely_first = are_numbers(heads) or all(map(is_usual_label, heads))
        _refuse_last_words(turned[first:], front, back, where, surely_first=surely_first)
        return pairs
    leaning = lean(front, back)
    if leaning < 0 and back.may_be_label:
        return turned
    if leaning <= 0 and len(full) > FEW_ROWS:
        raise _unsure(full, mark, where)
    return pairs


def _refuse_prose(pairs: Sequence[Pair], layout: Layout, where: str, *, marked: bool) -> None:
    """Raise `DataError` unless first words are surely labels, as those that a mark parts from the text are if few."""
    if 2 * _share(pairs, layout) <= 1:
        refuse_unlabelled([label for label, _ in pairs if label], where, CURE)
        sample = [(label, text) for label, text in pairs[:SAMPLE] if label and text.strip()]
        refuse_prose(sample, where, CURE, marked=marked)


def _share(pairs: Sequence[Pair], layout: Layout) -> float:
    return share_known((label for label, _ in pairs), layout.known)


def _refuse_tagged(full: Sequence[Numbered], where: str) -> None:
    """Raise `DataError` where every word carries a tag, as in `the/DT cat/NN`: the first is no label."""
    words = [word for _, line in full[:SAMPLE] for word in line.split()]
    for mark in TAG_MARKS:
        if len(words) > 2 * len(full[:SAMPLE]) and all(mark in word[1:-1] for word in words):
            what = f"the lines hold words with tags, such as '{printable(words[0], 20)}', not a label and a text"
            raise DataError(what, where=where, cure="train tag learns tags; --separator blank takes the first words")


def _refuse_last_words(turned: Sequence[Pair], front: Facts, back: Facts, where: str, *, surely_first: bool) -> None:
    """Raise `DataError` where lines end in few different words, and begin with no fewer: those may be the labels."""
    words = {label for label, _ in turned if label}
    if surely_first and not any(map(is_usual_label, words)):
        return
    marks = [word for word in words if not any(map(str.isalnum, word))]  # lines end in full stops, too
    if len(turned) <= FEW_ROWS or 2 * len(marks) >= len(words):
        return
    if back.may_be_label and back.different <= front.different:
        shown = ", ".join(f"'{printable(word, 20)}'" for word in sorted(words)[:3])
        what = f"the labels may be the first words of the lines, or the last ones, such as {shown}"
        cure = "--separator blank takes the first words; for the last ones write label<TAB>text"
        raise DataError(what, where=where, cure=cure)


def _unsure(full: Sequence[Numbered], mark: str, where: str) -> DataError:
    number, line = full[0]
    first, last = line.partition(mark)[0], line.rpartition(mark)[2]
    what = f"the label of line {number:,} may be '{printable(first)}' or '{printable(last)}'"
    return DataError(what, where=where, cure="--separator tab takes the first cell; --label-column 2 takes the second")


def refuse_unlabelled(labels: Sequence[str], where: str, cure: str) -> None:
    """Raise `DataError` where there are no labels, or most of them stand once, as the first words of texts do."""
    counts = Counter(labels)
    once = sum(count == 1 for count in counts.values())
    if labels and (len(counts) <= FEW_LABELS or 2 * once <= len(counts)):
        return
    what = "the file has no labelled texts"
    if labels:
        names = ", ".join(f"'{printable(label, 20)}'" for label in list(counts)[:3])
        what = f"the lines do not begin with labels: {len(counts):,} different ones, such as {names}"
    raise DataError(what, where=where, cure=cure)
