"""Fonts for the characters of a picture: matplotlib's own has Latin, Greek, Cyrillic, Arabic and Hebrew ones."""

from __future__ import annotations

from typing import Any

BOXES = "Last Resort"
"""A font that has a box for every character."""


def cover(made: Any) -> str | None:
    """Give the texts of a drawn figure the fonts of this machine that have their characters.

    Returns the characters that none has, in order, each once; None where the figure needs no other font.
    """
    from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
    from matplotlib.text import Text

    texts = [text for text in made.findobj(Text) if not text.get_text().isascii()]
    wanted = dict.fromkeys(ord(one) for text in texts for one in text.get_text() if not one.isspace())
    lacking = wanted.keys() - get_font(findfont(FontProperties())).get_charmap().keys()
    if not lacking:
        return None
    families = ["sans-serif"]
    for font in fontManager.ttflist:
        if font.style != "normal" or font.name.startswith(BOXES):
            continue
        found = lacking & get_font(font.fname).get_charmap().keys()
        if found:
            families.append(font.name)
            lacking -= found
        if not lacking:
            break
    for text in texts:
        text.set_fontfamily(families)
    return "".join(chr(one) for one in wanted if one in lacking)
