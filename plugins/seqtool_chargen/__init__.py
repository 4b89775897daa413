"""A language model of your own text, sampled symbol by symbol."""

from __future__ import annotations

from seqtool import GenerationTask, hookimpl
from seqtool_chargen.sample import simulated_tales
from seqtool_chargen.sources import SOURCES


class Chargen(GenerationTask):
    """A text in, its continuation out."""

    name = "chargen"
    summary = "learn a text and continue it, by characters, bytes, bigrams, words or pieces"
    sources = SOURCES
    examples = (
        "seqtool train chargen",
        "seqtool train chargen --data book.txt",
        "seqtool train chargen --preset grimm-rnncf",
    )

    def sample(self) -> bytes:
        """Return tales made by a small grammar: nobody wrote them."""
        return simulated_tales()


@hookimpl
def register_task() -> Chargen:
    """Give the task to seqtool."""
    return Chargen()
