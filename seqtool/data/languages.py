"""Which language a column, a field or a tag names: by its code, its English name, or its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

SOLID = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")
"""A letter of a script without blanks between words: Thai, Lao, Tibetan, Burmese, Khmer, kana, Chinese characters."""
_NAMES = """
af afrikaans|ar arabic|az azerbaijani|be belarusian|bg bulgarian български|bn bengali|bs bosnian|ca catalan català|
cs czech čeština|cy welsh|da danish dansk|de german deutsch ger deu|el greek ελληνικά|en english eng englisch anglais|
eo esperanto|es spanish español espanol spa spanisch espagnol|et estonian eesti|eu basque|fa persian farsi|
fi finnish suomi|fil filipino|fr french français francais fra fre französisch|ga irish|gl galician|gu gujarati|
he hebrew|hi hindi|hr croatian hrvatski|hu hungarian magyar|hy armenian|id indonesian|is icelandic|
it italian italiano ita italienisch|ja japanese 日本語 jpn|ka georgian|kk kazakh|km khmer|kn kannada|
ko korean 한국어 kor|la latin|lt lithuanian|lv latvian|mk macedonian|ml malayalam|mn mongolian|mr marathi|ms malay|
mt maltese|nb bokmål|ne nepali|nl dutch nederlands nld|nn nynorsk|no norwegian norsk|pa punjabi|pl polish polski pol|
ps pashto|pt portuguese português por|ro romanian română|ru russian русский rus|si sinhala|sk slovak|sl slovenian|
sq albanian|sr serbian|sv swedish svenska|sw swahili|ta tamil|te telugu|th thai|tl tagalog|tr turkish türkçe|
uk ukrainian|
ur urdu|uz uzbek|vi vietnamese vie|xh xhosa|zh chinese 中文 汉语 zho chi|zu zulu
"""
LANGUAGES = {name: entry.split()[0] for entry in _NAMES.replace("\n", "").split("|") for name in entry.split()}
"""Name or code in lower case -> the code."""
_IDENTIFIER = re.compile(r"[^\W\d_]+(?:[-_.][^\W_]+)*")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4})?")
_FEW_WORDS = 2  # of a column's name: more are a sentence
_CODE = 3  # letters of a code: many are words too, such as `he` and `no`


def language(name: str) -> str:
    """Return the code of the language that a name says: `en-US`, `text_de`, `German`; "" for none or two."""
    name = name.strip()
    if _TAG.fullmatch(name):  # a region is no second language: de-DE
        return LANGUAGES.get(re.split("[-_]", name.lower())[0], "") or _only(re.split("[-_]", name.lower()))
    if _IDENTIFIER.fullmatch(name):
        return _only(re.split("[-_.]", name.lower()))
    words = name.lower().split()
    return _only([word for word in words if len(word) > _CODE]) if len(words) <= _FEW_WORDS else ""


def _only(words: Sequence[str]) -> str:
    found = {LANGUAGES[word] for word in words if word in LANGUAGES}
    return found.pop() if len(found) == 1 else ""
