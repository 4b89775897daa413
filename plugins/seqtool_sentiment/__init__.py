"""Whether a sentence praises: a class for each line of text."""

from __future__ import annotations

from seqtool import ClassificationTask, hookimpl
from seqtool_sentiment.sample import simulated_reviews
from seqtool_sentiment.sources import SOURCES


class Sentiment(ClassificationTask):
    """A line of text in, its class out; any number of classes."""

    name = "sentiment"
    summary = "tell whether a text praises, or which class of your own it is of"
    sources = SOURCES
    examples = (
        "seqtool train sentiment",
        "seqtool train sentiment --data reviews.tsv",
        "seqtool train sentiment --preset umich-lstm",
    )

    def sample(self) -> bytes:
        """Return opinions made by a small grammar: nobody wrote them."""
        return simulated_reviews()


@hookimpl
def register_task() -> Sentiment:
    """Give the task to seqtool."""
    return Sentiment()
