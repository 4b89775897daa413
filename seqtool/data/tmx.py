"""Translation memories: the units of a TMX file, each with its texts by language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.parsers import expat

from seqtool.errors import DataError
from seqtool.say import printable

_BEGINS = re.compile(r"\s*(?:<\?xml[^>]*>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\])?\s*>|\s)*<tmx[\s>]", re.DOTALL)
_XLIFF = re.compile(r"(?:[^<]*<[?!][^<>]*>)*\s*<xliff[\s>]")
_CODES = frozenset({"bpt", "ept", "it", "ph", "ut"})  # marks of a text processor inside a text, not text
_LANGUAGE = ("xml:lang", "lang")


@dataclass(frozen=True)
class Memory:
    """units: the texts of each by language; lines: where each begins; source: the language that the header names."""

    units: list[dict[str, str]]
    lines: list[int]
    source: str


def is_tmx(text: str) -> bool:
    """Tell whether a text is a translation memory."""
    return text.lstrip()[:1] == "<" and _BEGINS.match(text) is not None


def is_xliff(text: str) -> bool:
    """Tell whether a text is XLIFF, in which programs for translators keep a text under way."""
    return text.lstrip()[:1] == "<" and _XLIFF.match(text[:2000]) is not None


def read_tmx(text: str, where: str) -> Memory:
    """Read a translation memory; raises `DataError` with the line where it is damaged or declares entities."""
    parser, reader = expat.ParserCreate(), _Reader(where)
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: reader.start(name, attributes, parser.CurrentLineNumber)
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.EntityDeclHandler = reader.refuse_entity
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        what = f"the translation memory is damaged in line {error.lineno:,}: {expat.ErrorString(error.code)}"
        raise DataError(what, where=where, cure="export it again, as TMX 1.4") from error
    return Memory(reader.units, reader.lines, reader.source)


class _Reader:
    """Collects the units while the parser goes through the file."""

    def __init__(self, where: str) -> None:
        self.where, self.source = where, ""
        self.units: list[dict[str, str]] = []
        self.lines: list[int] = []
        self._language = ""
        self._pieces: list[str] | None = None  # of the text under way
        self._codes = 0  # how many marks are open

    def start(self, name: str, attributes: dict[str, str], line: int) -> None:
        if name == "header":
            self.source = attributes.get("srclang", "")
        elif name == "tu":
            self.units.append({})
            self.lines.append(line)
        elif name == "tuv":
            self._language = next((attributes[key] for key in _LANGUAGE if key in attributes), "")
        elif name == "seg":
            self._pieces = []
        elif name in _CODES:
            self._codes += 1

    def end(self, name: str) -> None:
        if name in _CODES:
            self._codes -= 1
        elif name == "seg" and self._pieces is not None and self.units:
            self.units[-1].setdefault(self._language, "".join(self._pieces))
            self._pieces = None

    def characters(self, text: str) -> None:
        if self._pieces is not None and not self._codes:
            self._pieces.append(text)

    def refuse_entity(self, name: str, *_: object) -> None:
        # A few lines of entities that hold each other fill the memory.
        what = f"the translation memory declares the entity '{printable(name)}', which is not read"
        raise DataError(what, where=self.where, cure="export it again without a DOCTYPE")
