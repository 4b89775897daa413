"""The part of speech of each word of a sentence."""

from __future__ import annotations

from seqtool import TaggingTask, hookimpl
from seqtool_pos.sample import simulated_sentences
from seqtool_pos.sources import SOURCES


class Pos(TaggingTask):
    """A sentence in, a part of speech for each of its words out."""

    name = "pos"
    summary = "tag each word of a sentence, by upos or xpos, from CoNLL-U or word/TAG"
    sources = SOURCES
    examples = (
        "seqtool train pos",
        "seqtool train pos --field xpos",
        "seqtool train pos --preset treebank-gru",
    )

    def sample(self) -> bytes:
        """Return sentences made by a small grammar: nobody wrote them."""
        return simulated_sentences()


@hookimpl
def register_task() -> Pos:
    """Give the task to seqtool."""
    return Pos()
