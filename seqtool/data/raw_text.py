"""Raw text cut into sentences and words, each word with its place in the text: the rules of `seqtool tag --tokenize`.

sentencex (of Wikimedia) says where sentences end, and which words are abbreviations. Words are cut as
`seqtool/data/tokenize.py` does, by which classifiers read, with these differences. An abbreviation keeps its point
(`Mr.`, `Ph.D.`), at the end of a sentence only where it has a point inside or often stands there (`etc.`). Addresses of
the web and of mail, and names of files, are whole, without the marks behind them; so are numbers with their marks and
units (`.50`, `3.5GB`, `100km/h`, `20°C`), dates and times (`2024-05-30T10:30:00+02:00`), and emoji of several
characters. A typographic apostrophe is read as `'`; the places are those in the text as it was given.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from sentencex import get_sentence_boundaries

from seqtool.data.places import Cut
from seqtool.data.sentences import borders
from seqtool.data.tokenize import CONTRACTION, WORD

RULES = "raw.v1"
"""The name of these rules: others, by which a text is cut into other words, get another name."""

# what an address holds, and what it does not end in
_IN = r"[^\s\x00-\x1f\x7f-\xa0\u200b\ufeff<>\"\u201c\u201d]"
_LAST = r"[^\s\x00-\x1f\x7f-\xa0\u200b\ufeff<>\"\u201c\u201d.,:;!?')\]}*]"
# lengths are bounded as in the standards: else a megabyte of `a.a.a.` would be read again at each letter
_HOST = r"(?:[a-z0-9-]{1,63}\.){1,8}"
# no English word among them, as in `so.is`: a blank is often left out behind a point
_TOP = "com|org|net|edu|gov|mil|info|biz|io|dev|eu|uk|de|fr|nl|ch|pl|cz|ru|jp|cn|br"
_FILE = "pdf|docx?|xlsx?|pptx?|txt|html?|csv|json|xml|zip|jpe?g|png|gif|mp[34]"
ADDRESS = re.compile(
    rf"(?<![\w.+-])(?:(?:https?|ftp)://{_IN}*{_LAST}|www\.{_IN}*{_LAST}"
    rf"|[\w.+-]{{1,64}}@{_HOST}[a-z]{{2,24}}(?![\w-])"
    rf"|(?:{_HOST}(?:{_TOP})|[\w-]{{1,63}}\.(?:{_FILE}))(?![\w-]|\.\w)(?:/(?:{_IN}*{_LAST})?)?)",
    re.IGNORECASE,
)
_NUMBER = (
    rf"(?:(?<![\w.])\.)?\d(?:(?<=\d)[.,:/](?=\d)|(?<=:\d\d)\+(?=\d\d:?\d\d(?!\d))|[-&'](?={WORD})|{WORD})*"
    rf"(?:°[CFK]?(?!{WORD})|(?<=[^\W\d_])/(?:[A-Za-z]{{1,2}}|min|sec|day)(?!{WORD}))?"
)
_PICTURE = r"[\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
_SHADED = rf"{_PICTURE}\ufe0f?[\U0001f3fb-\U0001f3ff]?\u20e3?[\U000e0020-\U000e007f]*"
_EMOJI = rf"[\U0001f1e6-\U0001f1ff]{{2}}|[\d#*]\ufe0f?\u20e3|{_SHADED}(?:\u200d{_SHADED})*"
_SHORT = rf"(?P<short>{WORD}{{1,20}}(?:\.{WORD}{{1,20}}){{0,3}}\.)(?!\.|{WORD})"
_OTHER = (
    rf"{_EMOJI}|{_NUMBER}|[^\W\d_]\.(?:[^\W\d_]\.)+"
    "{short}"
    rf"|{WORD}+(?:[-&']{WORD}+)*"
    rf"|'(?:[sSmMdD]|[rRvV][eE]|[lL][lL])(?!{WORD})"
    r"|-[lrLR][rscRSC][bB]-"
    r"|\.+|-+|!+|\?+|\*+|'+|`+|=+|~+"
    r"|[^\s\x00-\x1f\x7f-\xa0\u200b\ufeff]"
)
_TOKEN = re.compile(_OTHER.replace("{short}", f"|{_SHORT}"))
_PIECE = re.compile(_OTHER.replace("{short}", ""))
_OFTEN_LAST = frozenset({"etc", "inc", "ltd", "co", "corp", "jr", "sr", "bros"})
_CLOSED = re.compile(r"[\s\"'\u2019\u201d)\]]*")


def cut(text: str, language: str = "en") -> Cut:
    """Cut a text into sentences and words; language: a code of ISO 639, by which sentencex looks for sentences."""
    begins = [*borders(text, language), len(text)]
    plain = text.replace("\u2019", "'")  # one character for one: places stay
    places = [*_places(plain, begins, language)]
    words = [plain[start:end] for start, end in places]
    starts = [start for start, _ in places]
    # a border inside a word is none
    firsts = sorted({bisect_left(starts, border) for border in begins})
    return Cut(words, starts, [end for _, end in places], [*pairwise(firsts)])


def _places(text: str, borders: list[int], language: str) -> Iterator[tuple[int, int]]:
    """Yield where each word begins and ends."""
    begin = 0
    for address in ADDRESS.finditer(text):
        yield from _between(text, begin, address.start(), borders, language)
        yield address.span()
        begin = address.end()
    yield from _between(text, begin, len(text), borders, language)


def _between(text: str, begin: int, end: int, borders: list[int], language: str) -> Iterator[tuple[int, int]]:
    """Yield the places of the words of a part without addresses."""
    cuts = [found.start() for found in CONTRACTION.finditer(text, begin, end)]
    for first, last in pairwise([begin, *cuts, end]):
        for found in _TOKEN.finditer(text, first, last):
            if (short := found["short"]) and not _is_short(short, _ends(text, found.end(), borders), language):
                yield from (piece.span() for piece in _PIECE.finditer(text, *found.span()))
            else:
                yield found.span()


def _ends(text: str, place: int, borders: list[int]) -> bool:
    """Tell whether nothing but closing marks stands between a place and the end of its sentence."""
    closed = _CLOSED.match(text, place)
    return closed is not None and closed.end() >= borders[bisect_left(borders, place)]


def _is_short(word: str, last: bool, language: str) -> bool:
    """Tell whether a word with its point is an abbreviation; last: it ends a sentence."""
    if last and "." not in word[:-1] and word[:-1].lower() not in _OFTEN_LAST:
        return False
    return _is_known(word, language)


@lru_cache(4096)
def _is_known(word: str, language: str) -> bool:
    """Tell whether sentencex knows an abbreviation: a name behind it begins no sentence."""
    return len(get_sentence_boundaries(language, f"{word} Zoe")) == 1
