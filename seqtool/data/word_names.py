"""Usual names of the columns of words, tags and sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable

WORDS = frozenset({"word", "words", "token", "tokens", "form", "surface", "text", "wort"})
PLAINLY_TAGS = frozenset({"tag", "tags", "label", "labels"})
TAGS = PLAINLY_TAGS | frozenset({
    "pos", "pos_tag", "pos_tags", "postag", "word_labels", "ner", "ner_tag", "ner_tags", "chunk", "chunk_tag",
    "chunk_tags", "upos", "upostag", "xpos", "xpostag", "entity", "entities", "bio", "iob", "slot", "slots",
    "slot_tags", "slot_labels",
})  # fmt: skip
SENTENCES = frozenset({
    "sentence", "sentence_id", "sentence_idx", "sentence_no", "sentence_nr", "sentence_number", "sent", "sent_id",
    "sentid", "sent_no", "satz", "satz_id", "satz_nr", "satznummer",
})  # fmt: skip


WHOLE_SENTENCES = frozenset({"sentence", "sentences", "utterance", "query", "content"})
"""Names of the words of a sentence in one cell."""
DOCUMENTS = frozenset({
    "doc", "doc_id", "docid", "document", "document_id", "file", "filename", "article", "article_id", "para",
    "par_id", "paragraph", "paragraph_id",
})  # fmt: skip
"""Names of what the sentences are counted in."""


def plain(name: str) -> str:
    """Return a name in lower case with underscores: `Sentence #` is sentence, `POS tag` pos_tag."""
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_")


def named_for(task: str, names: Iterable[str]) -> str:
    """Return the only name that is a task's own, as `pos_tags` and `upos` are of `pos`; "" for none and for several."""
    own = {task, f"{task}_tag", f"{task}_tags", f"{task}tag", f"{task}tags"} if task else set()
    found = [name for name in names if plain(name).removeprefix("u") in own]  # u: universal
    return found[0] if len(found) == 1 else ""


def are_usual(names: Iterable[str]) -> bool:
    """Tell whether names are those of columns: words and tags, words and sentences, or whole sentences and tags."""
    found = {plain(name) for name in names}
    whole = not WHOLE_SENTENCES.isdisjoint(found) and not TAGS.isdisjoint(found)
    return whole or (not WORDS.isdisjoint(found) and not (TAGS | SENTENCES).isdisjoint(found))
