"""Raw text cut into words, the same way in training and in the commands.

The rules, in order: an address of the web; a number with its points and commas (`3.50`, `10:30`); an abbreviation of
single letters (`U.S.`); a word, with hyphens, `&` and apostrophes inside (`re-imagining`, `l'homme`); a run of one
punctuation mark (`...`, `!!`); any other mark or symbol. English contractions are cut as in the Penn Treebank
(`do n't`, `we 'll`), whose brackets (`-lrb-`) stay whole. Whatever is no punctuation, symbol, white space or control
character belongs to words, in any script. Words joined by blanks are cut into the same words again.
"""

from __future__ import annotations

import re

MARKS = (
    r"\s\x00-\x1f\x7f-\xa0\u200b\ufeff"  # what parts words
    r"!-/:-@\[-\^`{-~\u00a1-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u2010-\u2027\u2030-\u205e"
    r"\u20a0-\u20cf\u2190-\u2bff\u3001-\u303f\ufe00-\ufe0f\uff01-\uff0f\uff1a-\uff20\U0001f000-\U0001faff"
)
WORD = rf"[^{MARKS}]"
"""A character of a word, as a pattern."""
_TOKEN = re.compile(
    r"https?://\S+"
    r"|\d+(?:[.,:/]\d+)+"
    r"|[A-Za-z]\.(?:[A-Za-z]\.)+"
    rf"|{WORD}+(?:[-&']{WORD}+)*"
    rf"|'(?:[sSmMdD]|[rRvV][eE]|[lL][lL])(?!{WORD})"
    r"|-[lrLR][rscRSC][bB]-"
    r"|\.+|-+|!+|\?+|\*+|'+|`+"
    r"|[^\s\x00-\x1f\x7f-\xa0\u200b\ufeff]"
)
_END = rf"(?!(?![nN]'[tT]){WORD})"
# the look-behind stands after an n or an apostrophe: before it, it would run at every character
CONTRACTION = re.compile(rf"([nN](?<={WORD}[nN])'[tT]|'(?<={WORD}')(?:[sSmMdD]|[rRvV][eE]|[lL][lL])){_END}")
"""Where an English contraction is cut, in a text with plain apostrophes."""


def tokenize(text: str) -> list[str]:
    """Return the words and punctuation of a text, in order; [] where there are none."""
    text = text.replace("\u2019", "'")  # typographic and plain apostrophes make the same words
    if "'" in text:
        text = CONTRACTION.sub(r" \1", text)
    return _TOKEN.findall(text)
