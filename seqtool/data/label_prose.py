"""Signs of prose: first words that are no labels, and commas that part no cells."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from seqtool.data.label_facts import SAMPLE, Facts
from seqtool.data.label_words import are_kinds_of_lines, is_bullet, is_code, is_function_word, is_usual_label
from seqtool.data.languages import LANGUAGES
from seqtool.data.numbers import is_number
from seqtool.errors import DataError
from seqtool.say import printable

MOST = 0.9  # share of the lines that show a sign
INSIDE, INSIDE_OF_TWO = 0.05, 0.15  # share of the other lines that hold a first word: more than labels have
FEW = 3  # lines that show nothing yet
FUNCTION = 0.2  # share of the lines that begin with a function word: prose
OWN = 2.5  # a label may stand this much more often in its own texts, which are about it
_WORD = re.compile(r"\w+(?:['’-]\w+)*")  # noqa: RUF001 - the apostrophe that books have
UNBROKEN = 4  # letters of a text without blanks, in the mean
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"[+-]?\d{1,3}(?:\.\d)?")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)]*$")  # noqa: RUF001 - quotes that books have


def are_numbers(heads: Sequence[str]) -> bool:
    """Tell whether first words are all short numbers, as labels are, and do not count the lines."""
    different = set(heads)
    if not all(map(_NUMBER.fullmatch, different)):
        return False
    counts_on = len(heads) > 2 and len(different) == len(heads)
    return not counts_on or list(heads) != list(map(str, range(1, len(heads) + 1)))


def refuse_prose(pairs: Sequence[tuple[str, str]], where: str, cure: str, *, marked: bool = False) -> None:
    """Raise `DataError` unless the first words of lines, paired with the rest of each, are surely labels.

    At most `SAMPLE` lines show it; cure: how labels are written; marked: whether a mark parts each from its text.
    """
    heads = [head for head, _ in pairs]
    if are_numbers(heads):
        return
    if Facts.of(head.strip("[](){}") for head in heads).dates:
        what = f"the lines begin with dates, such as '{printable(heads[0], 20)}', which are no labels"
        raise DataError(what, where=where, cure=cure)
    _refuse_colons(pairs, where, cure)
    counts = Counter(heads)
    once = sum(count == 1 for count in counts.values())
    if len(pairs) < SAMPLE and len(counts) > 2 and 2 * once > len(counts):
        what = f"the lines do not begin with labels: {len(counts):,} different ones"
    elif are_kinds_of_lines(heads) or (not marked and not _are_labels(pairs)):
        what = "the lines may be of a text without labels: they begin with few different words"
    else:
        return
    names = ", ".join(f"'{printable(label, 20)}'" for label in list(counts)[:3])
    raise DataError(f"{what}, such as {names}", where=where, cure=f"{cure}; --separator blank takes the first words")


def _refuse_colons(pairs: Sequence[tuple[str, str]], where: str, cure: str) -> None:
    """Raise `DataError` where a colon without a blank ends labels, as in `pos:so good`: few labels, and words behind.

    In `DESC:manner How does it rain?` the words behind the colons are of the labels, and stand in no other text.
    """
    parted = {head: head.partition(":")[::2] for head, _ in pairs}
    if not all(label and word for label, word in parted.values()):
        return
    labels, words = ({part.casefold() for part in parts} for parts in zip(*parted.values(), strict=True))
    written = {word for _, text in pairs for word in text.casefold().split()}
    if 1 < len(labels) <= len(parted) // 2 and 2 * len(words & written) > len(words):
        head, (label, _) = next(iter(parted.items()))
        what = f"the label may be '{printable(label, 20)}', which a colon ends, or '{printable(head, 20)}'"
        raise DataError(what, where=where, cure=f"{cure}; --separator blank takes '{printable(head, 20)}'")


def _are_labels(pairs: Sequence[tuple[str, str]]) -> bool:
    """Tell whether first words are surely labels."""
    capital = _capital_behind(pairs)
    heads = [head for head, _ in pairs]
    if any(map(is_bullet, heads)):
        return False
    if _are_letters(heads) or _are_languages(heads, capital=capital):
        return True
    if sum(map(is_function_word, heads)) > FUNCTION * len(heads):
        return False
    # a text that begins with a large letter begins behind the label
    if capital and 2 * sum(head.islower() for head in heads) > len(heads):
        return True
    if _stand_inside(pairs):
        return False
    if capital or _is_unbroken([text for _, text in pairs]):
        return True
    sure = sum(is_usual_label(head) or is_number(head) or is_code(head) for head in heads)
    return sure >= MOST * len(heads)


def _are_letters(heads: Sequence[str]) -> bool:
    """Tell whether first words are single large letters, and not those that are words alone."""
    return all(len(head) == 1 and head.isupper() for head in heads) and not {"A", "I", "O"}.issuperset(heads)


def _are_languages(heads: Sequence[str], *, capital: bool) -> bool:
    """Tell whether first words are all codes of languages, some of which are words before capital letters alone."""
    different = set(heads)
    codes = all(len(head) == 2 and head in LANGUAGES for head in different)
    return codes and (capital or not all(map(is_function_word, different)))


def _capital_behind(pairs: Sequence[tuple[str, str]]) -> bool:
    """Tell whether most texts begin with a large letter, and most of their other words do not."""
    firsts = [letter[0] for _, text in pairs if (letter := _LETTER.search(text))]
    others = [word[0] for _, text in pairs for word in text.split()[1:] if word[0].isalpha()]
    titles = 2 * sum(map(str.isupper, others)) > len(others) > 0
    return not titles and 2 * sum(map(str.isupper, firsts)) > len(pairs)


def _is_unbroken(texts: Sequence[str]) -> bool:
    """Tell whether texts are of a script without cases and hold hardly a blank, as Chinese does."""
    whole = "".join(texts)
    letters = sum(map(str.isalpha, whole)) >= UNBROKEN * len(texts)
    return letters and whole.lower() == whole.upper() and 2 * sum(" " in text for text in texts) < len(texts)


def _stand_inside(pairs: Sequence[tuple[str, str]]) -> bool:
    """Tell whether first words stand in the other lines as often as in their own."""
    counts = Counter(head.casefold() for head, _ in pairs)
    inside, own = _inside(pairs, counts)
    other = {head: inside[head] - own[head] for head in counts}
    # the share of the lines with another first word that hold it, in the mean over the lines
    shares = {head: other[head] / max(1, len(pairs) - count) for head, count in counts.items()}
    mean = sum(count * shares[head] for head, count in counts.items()) / len(pairs)
    mean_own = sum(own.values()) / len(pairs)
    seen = sum(map(bool, other.values()))
    least = INSIDE if len(counts) > 2 else INSIDE_OF_TWO
    return 2 * seen >= len(counts) and mean >= least and mean_own <= OWN * mean and sum(other.values()) >= FEW


def _inside(pairs: Sequence[tuple[str, str]], counts: Counter[str]) -> tuple[Counter[str], Counter[str]]:
    """Return in how many lines each first word stands inside, and in how many of its own lines."""
    inside, own = Counter[str](), Counter[str]()
    heads = defaultdict[str, list[str]](list)
    for head in counts:
        heads["".join(_WORD.findall(head)[:1])].append(head)
    for first, text in pairs:
        for word in set(_WORD.findall(text.casefold())) & heads.keys():
            inside.update(heads[word])
            own.update(head for head in heads[word] if head == first.casefold())
    return inside, own


def holds_spaced(line: str, mark: str) -> bool:
    """Tell whether a blank follows each mark of a line, as in sentences."""
    return mark in line and all(cell.startswith(" ") for cell in line.split(mark)[1:])


def are_sentences(lines: Sequence[str], *, label_last: bool) -> bool:
    """Tell whether lines with commas are sentences: they end as such, and the side of the labels does not part them."""
    ended = [line for line in lines if _SENTENCE_END.search(line)]
    if not label_last:
        ended = [line for line in ended if line[0].isupper() and line.partition(",")[2].strip()[:1].islower()]
    return len(ended) >= MOST * len(lines)


def unquoted(lines: Sequence[str], mark: str) -> bool:
    """Tell whether marks stand in the texts of rows: a blank follows each but the first, or each but the last."""
    plain = [line.split(mark)[1:] for line in lines if '"' not in line]
    spaced = [[cell.startswith(" ") for cell in cells] for cells in plain if len(cells) > 1]
    first = sum(not flags[0] and all(flags[1:]) for flags in spaced)
    last = sum(not flags[-1] and all(flags[:-1]) for flags in spaced)
    return max(first, last) >= MOST * len(lines)
