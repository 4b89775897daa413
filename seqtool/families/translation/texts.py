"""Lines as a translator reads and writes them; what it does not know is counted, or replaced."""

from __future__ import annotations

from collections import Counter

import numpy as np

from seqtool.data.encoders.vocabulary import UNK
from seqtool.families.translation.runner import Hypothesis, Ids, Runner
from seqtool.runtime.stream import Refusal

NOTHING = Refusal("nothing in it that the model knows", "nothing that the model knows")


class Sources:
    """Turns lines into sources of `room` tokens at most, and counts what the model does not know."""

    def __init__(self, runner: Runner, room: int = 0) -> None:
        self._runner, self._room = runner, room or runner.most
        self.unseen: Counter[str] = Counter()

    def read(self, text: str) -> Ids | Refusal:
        """Return the ids [T] of a line with EOS, or why it cannot be translated."""
        ids = self._runner.read(text)
        if len(ids) > self._room:
            return Refusal(f"{len(ids):,} tokens, more than {self._room:,}", f"longer than {self._room:,} tokens")
        if UNK in ids:
            self.unseen.update(self._runner.source.unknown(text))
            if not self._runner.source.decode(ids[ids != UNK]).strip():
                return NOTHING
        return ids if len(ids) > 1 else NOTHING


def with_words(runner: Runner, source: str, hypothesis: Hypothesis) -> str:
    """Return a translation whose unknown words are the words of the source that each was written from.

    Luong et al. (2015), Addressing the Rare Word Problem, with attention in place of their alignment model. Needs
    attention, and a word a token.
    """
    assert hypothesis.attention is not None
    words = runner.source.tokens(source)
    written = runner.target.pieces(hypothesis.ids)
    for place in np.flatnonzero(hypothesis.ids == UNK).tolist():
        # EOS, the last step of the source, is no word
        written[place] = words[int(hypothesis.attention[place, : len(words)].argmax())]
    return " ".join(written)
