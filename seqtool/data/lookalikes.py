"""Letters of Greek and Cyrillic that look like Latin ones: labels that nobody can tell apart by sight."""

from __future__ import annotations

_GREEK = {
    "ABEZHIKMNOPTYX": "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
    "aovpi": "\u03b1\u03bf\u03bd\u03c1\u03b9",
}
_CYRILLIC = {
    "ABESIJKMHOPCTYX": "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425",
    "aesijopcyx": "\u0430\u0435\u0455\u0456\u0458\u043e\u0440\u0441\u0443\u0445",
}
_LATIN = {
    ord(letter): latin
    for table in (_GREEK, _CYRILLIC)
    for latins, letters in table.items()
    for latin, letter in zip(latins, letters, strict=True)
}


def look(text: str) -> str:
    """Return a text with Latin letters in the place of those that look like them."""
    return text if text.isascii() else text.translate(_LATIN)
