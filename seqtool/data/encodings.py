"""Which encoding bytes that are no UTF-8 look like: the one that makes the words of one language of them."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache

from seqtool.errors import DataError
from seqtool.say import printable

_SAMPLE = 1 << 14  # bytes that tell an encoding
_NEAR = 0.02  # less than this between two scores says nothing
_LEAST = 0.6  # score of an encoding that is worth naming
_RARE = 0.8  # score of a letter that is rare in its language, where a common one has 1
_COMMON = 12  # letters of an alphabet, from its beginning
_MARKS = frozenset("«»„“”‚‘’‹›…–—•·§°€£¥©®™±²³½¼¾×´¡¿\xa0")  # noqa: RUF001 - signs that books have
_INSIDE_WORDS = "’·"  # noqa: RUF001 - signs that stand between letters
_OF_WINDOWS = re.compile(r"[\x80\x82-\x84\x86-\x8c\x8e\x91-\x9c\x9e\x9f]")  # its marks; 0x85 ends lines, too
_BEHIND_LATIN = "\u0370"  # the first letter of other scripts
_NAMES = (
    *(f"cp{number}" for number in (1252, 1250, 1251, 1254, 1253, 1257, 1255, 1256)),
    "iso8859_2", "iso8859_15", "mac_roman", "cp850", "cp852", "cp437", "cp857", "cp865", "koi8_r", "koi8_u", "cp866",
    "mac_cyrillic", "iso8859_5", "iso8859_7", "shift_jis", "euc_jp", "euc_kr", "gb18030", "big5", "cp949", "cp874",
)  # fmt: skip
"""Encodings that people have, the commonest first: of two that read bytes alike the first is named."""
_ALPHABETS = (
    "äüößéèëïê", "éèàêçôîûùœâëïÿæ", "óíáéñúüªº", "ãçáéóíõêúâàôü", "èàùòìé", "åäöéøæ", "áíóéúöæâêîôûðýþ", "àéèóòíïúüç",
    "łąężśćóńź", "íáéýěščřžůúťďňóľôä", "áéöóőüíúű", "ăîâşţșț", "čšžćđ", "ıüşçöğİâî", "ąčęėįšųūž", "āčēģīķļņšūž",
    "äöõüšž", "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", "оаинвіетрслкдумпязьбгчйхцжєїюфшщґы",
    "аоиенртсвлкдмпзгуъбчщжйцюяхшф", "аиоенртсјвулкдмпзгбчшцжњљхћђфџ",
    "αοιετσνηυρπκμλςωδγχθφβξζψάέήίόύώϊϋ", "יוהלאמרתבנשעדקפחצסטגכזםןךףץ", "ايلمنترةوبدعكسفقهجحشصىضخأطذثزغءئظؤإآ",
    "านรอกเงมยลวดทตสปคบหพชจขผถซธศภณฟฉ่้ั็ีิืึุูะาำแโใไ์ๆฝญฐษฎฏฆฬฌฑฒ",
)  # fmt: skip
"""The letters beyond ASCII of a language, or of several that have the same, the commonest first."""


def likely(data: bytes) -> list[str]:
    """Return the encodings that bytes look like, at most two that read them differently, the likelier first.

    [] where none makes words of them.
    """
    if data.isascii():
        return ["iso2022_jp"] if b"\x1b$B" in data else []
    sample = data[:_SAMPLE]
    scores = {name: score for name in _NAMES if (score := _score(sample, name)) >= _LEAST}
    near = [name for name, score in scores.items() if score >= max(scores.values()) - _NEAR]
    others = [name for name in near if _read(sample, name) != _read(sample, near[0])]
    return near[:1] + others[:1]


def read_twice(text: str) -> tuple[str, str]:
    """Return a word of UTF-8 that was read as windows-1252, and what it was: `fÃ¼r` and `für`.

    ("", "") unless most of the words beyond ASCII, of the beginning of a text, are such.
    """
    words = [word for word in text[:_SAMPLE].split()[:-1] if not word.isascii()]
    mended = {word: _unread(word) for word in words}
    if 2 * sum(bool(mended[word]) for word in words) <= len(words):
        return "", ""
    return next((word, was) for word, was in mended.items() if was)


def _unread(word: str) -> str:
    """Return what a word was before its UTF-8 was read as windows-1252, "" where it is no such word."""
    try:
        # five bytes stand for nothing in windows-1252, and are kept as control characters
        return b"".join(char.encode("latin-1" if char < "\xa0" else "cp1252") for char in word).decode()
    except UnicodeError:
        return ""


def _score(sample: bytes, name: str) -> float:
    """Return how well the letters that an encoding reads are those of one language, from 0 to 1."""
    try:
        counts = _beyond_ascii(_read(sample, name))
    except UnicodeDecodeError:
        return 0.0
    marks = sum(count for char, count in counts.items() if char in _MARKS)
    best = max(sum(language.get(char, 0.0) * count for char, count in counts.items()) for language in _languages(name))
    return (best + marks) / max(1, counts.total())


def _read(sample: bytes, name: str) -> str:
    # a letter of several bytes may be cut at the end
    return codecs.getincrementaldecoder(name)().decode(sample)


def _beyond_ascii(text: str) -> Counter[str]:
    """Count the characters beyond ASCII; those that stand where they cannot are counted as ""."""
    counts = Counter[str]()
    for place, char in enumerate(text):
        if char > "\x7f":
            counts["" if _is_misplaced(char, text[place - 1 : place], text[place + 1 : place + 2]) else char] += 1
    return counts


def _is_misplaced(char: str, before: str, after: str) -> bool:
    """Tell whether a character is a sign inside a word, in the wrong case, or stands beside a letter of ASCII."""
    if char in _MARKS:
        return before.isalpha() and after.isalpha() and char not in _INSIDE_WORDS
    if char >= _BEHIND_LATIN:
        return any(near.isascii() and near.isalpha() for near in (before, after))
    return (char.isupper() and before.islower()) or (char.islower() and after.isupper())


@cache
def _languages(name: str) -> tuple[Mapping[str, float], ...]:
    """Return for each language that an encoding is made for the scores of its letters."""
    signs = dict.fromkeys("，。！？、：；（）《》", 1.0)  # noqa: RUF001 - of Chinese
    if name in ("shift_jis", "euc_jp"):
        kana = dict.fromkeys(map(chr, range(0x3041, 0x30FF)), 1.0)
        return (dict.fromkeys(_block("euc_jp", 0xB0, 0xCF), _RARE) | signs | kana,)
    if name in ("euc_kr", "cp949"):
        return (dict.fromkeys(_block("euc_kr", 0xB0, 0xC8), 1.0),)
    if name == "gb18030":
        return (dict.fromkeys(_block("gb2312", 0xB0, 0xD7), 1.0) | signs,)
    if name == "big5":
        return (dict.fromkeys(_block("big5", 0xA4, 0xC6), 1.0) | signs,)
    return tuple(
        dict.fromkeys(letters + letters.upper(), _RARE)
        | dict.fromkeys(letters[:_COMMON] + letters[:_COMMON].upper(), 1.0)
        for letters in _ALPHABETS
    )


def _block(name: str, first: int, last: int) -> str:
    """Return the common characters of an encoding of two bytes: those of the first bytes `first` to `last`."""
    seconds = [*range(0x40, 0x7F), *range(0xA1, 0xFF)] if name == "big5" else range(0xA1, 0xFF)
    return b"".join(bytes((lead, second)) for lead in range(first, last + 1) for second in seconds).decode(
        name, "ignore"
    )


def refuse_windows(text: str, where: str) -> None:
    """Raise `DataError` for a text that was read as ISO-8859-1 and has windows-1252's quotes and dashes in it."""
    if (found := _OF_WINDOWS.search(text)) is None:
        return
    byte, line = f"0x{ord(found[0]):02x}", text.count("\n", 0, found.start()) + 1
    what = f"the text is windows-1252, not ISO-8859-1: byte {byte} in line {line:,} is a control character there"
    raise DataError(what, where=where, cure="--encoding windows-1252")


def place_of_nul(text: str) -> str:
    """Return where a text holds its first NUL, for the end of a sentence."""
    place = text.index("\0")
    start = text.rfind("\n", 0, place) + 1
    line = text[max(start, place - 30) : place + 10].partition("\n")[0]
    return f": line {text.count(chr(10), 0, place) + 1:,} holds NUL, in '{printable(line, 40)}'"
