"""Usual names of the columns of labels and of texts."""

from __future__ import annotations

import re
from collections.abc import Sequence

# The surest names first: a column `title` is the text only where none is called `text`.
LABEL_NAMES = (
    frozenset({
        "label", "labels", "class", "classes", "sentiment", "target", "targets", "intent", "intents", "y", "v1", "gold",
        "goldlabel", "polarity", "emotion", "stance", "classindex", "airlinesentiment",
    }),
    frozenset({"category", "categories", "topic", "topics", "tag", "tags"}),
    frozenset({
        "rating", "ratings", "stars", "star", "score", "overall", "type", "genre", "group", "department", "language",
        "lang", "code", "cats", "accept",
    }),
)  # fmt: skip
TEXT_NAMES = (
    frozenset({
        "text", "texts", "sentence", "sentences", "review", "reviews", "comment", "comments", "commenttext",
        "reviewtext", "message", "messages", "tweet", "tweets", "utterance", "utterances", "body", "content", "v2",
        "document", "sms", "post",
    }),
    frozenset({
        "title", "headline", "subject", "summary", "description", "abstract", "question", "query", "phrase", "input",
        "article", "email", "name", "word", "x",
    }),
)  # fmt: skip
# Words of names of several words: `Review Text`, `Consumer complaint narrative`.
LABEL_WORDS = frozenset().union(*LABEL_NAMES) | {"product"}
TEXT_WORDS = frozenset().union(*TEXT_NAMES) | {"narrative", "complaint", "feedback"}


def known(name: str | None, names: Sequence[frozenset[str]]) -> bool:
    """Tell whether a name is a usual one."""
    return bare(name) in frozenset().union(*names)


def bare(name: str | None) -> str:
    """Return a name without case, blanks and marks."""
    return re.sub(r"[\W_]+", "", name or "").casefold()
