"""A sentence of one language in, its translation out."""

from __future__ import annotations

from seqtool import TranslationTask, hookimpl
from seqtool_nmt.sample import simulated_pairs
from seqtool_nmt.sources import SOURCES


class Nmt(TranslationTask):
    """Pairs of sentences in, a translator out."""

    name = "nmt"
    summary = "translate sentences, learnt from two parallel files or a table of pairs"
    sources = SOURCES
    examples = (
        "seqtool train nmt --source multi30k",
        "seqtool train nmt --src de.txt --tgt en.txt",
        "seqtool train nmt --source tatoeba-fr",
    )

    def sample(self) -> bytes:
        """Return pairs made by a small grammar in two languages: nobody wrote them."""
        return simulated_pairs()


@hookimpl
def register_task() -> Nmt:
    """Give the task to seqtool."""
    return Nmt()
