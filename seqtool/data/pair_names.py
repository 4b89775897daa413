"""What the names of columns say of a pair: which side they hold, or that they hold what qualifies one."""

from __future__ import annotations

import re

from seqtool.data.column_names import is_name

SOURCES = frozenset({
    "source", "src", "original", "orig", "input", "question", "prompt", "instruction", "quelle", "ausgangstext",
    "eingabe", "frage", "entrée", "pregunta", "entrada",
})  # fmt: skip
TARGETS = frozenset({
    "target", "tgt", "trg", "translation", "translated", "mt", "reference", "ref", "hypothesis", "hyp", "paraphrase",
    "simplified", "output", "answer", "response", "completion", "ziel", "zieltext", "ausgabe",
    "übersetzung", "antwort", "traduction", "réponse", "sortie", "traducción", "respuesta", "salida",
})  # fmt: skip
WHOLE_SOURCES = frozenset(
    {"front", "article", "document", "dialogue"}
)  # names that say a side only where nothing else stands in them
WHOLE_TARGETS = frozenset({"back", "summary", "summaries", "headline", "headlines", "highlights"})
TEXTS = frozenset({"text", "texts", "sentence", "sentences", "satz", "phrase", "line", "word", "words", "wort"})
_QUALIFIERS = frozenset({
    "url", "uri", "link", "id", "ids", "uid", "uuid", "guid", "len", "length", "lang", "language", "langid", "score",
    "count", "sprache",
})  # fmt: skip
_ASKING = frozenset({"is", "has", "was"})
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")  # of sourceUrl
_MARKS = re.compile(r"[-_.\s]+")


def words_of(name: str) -> set[str]:
    """Return the words of the name of a column, in its own case; a sentence comes back whole, but for its marks."""
    return set(re.split(r"[-_.\s]" if is_name(name) else "[-_.]", name))


def qualifies(name: str) -> bool:
    """Tell whether a name says that a column tells something of a text: `source_url`, `lang`, `is_ok`.

    `id` and `is` alone are languages as well.
    """
    words = [word for word in _MARKS.split(_HUMP.sub("_", name.strip()).lower()) if word]
    if not words or words == ["id"]:
        return False
    return words[-1] in _QUALIFIERS or (len(words) > 1 and words[0] in _ASKING)
