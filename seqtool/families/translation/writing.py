"""What a hypothesis says: its text between the spans and in the case of its source, and what of that it lacks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqtool.data.encoders.letter_case import restored as recased
from seqtool.data.encoders.sides import TranslationEncoders
from seqtool.data.encoders.vocabulary import UNK
from seqtool.data.kept_spans import SLOTS, restored
from seqtool.families.translation.search import Hypothesis, Request, Source, Translation

if TYPE_CHECKING:
    from seqtool.types import Ids, Singles

END = "</s>"  # the name of EOS
SIGNS = "()[]?!"  # as many in a translation as in its source


class Writer:
    """Writes hypotheses as translations."""

    def __init__(self, encoders: TranslationEncoders) -> None:
        self._encoders, self._source, self._target = encoders, encoders.source, encoders.target

    def translation(self, source: Source, hypotheses: Sequence[Hypothesis], request: Request) -> Translation:
        """Return the translation of a source by its hypotheses, the best first."""
        if self._encoders.keeps and not request.sample:
            # the first that has the spans, brackets and marks of the source, and no others
            hypotheses = sorted(hypotheses, key=lambda hypothesis: self._amiss(source, hypothesis))
        ranked = [self._written(source, hypothesis, request) for hypothesis in hypotheses[: max(1, request.n_best)]]
        return ranked[0]._replace(translations=tuple(ranked)) if request.n_best else ranked[0]

    def _amiss(self, source: Source, hypothesis: Hypothesis) -> int:
        """Count the slots, brackets and marks of a source that a hypothesis lacks, and those that it has too many."""
        written = self._target.decode(hypothesis.ids)
        signs = sum(abs(written.count(sign) - source.read.count(sign)) for sign in SIGNS)
        return signs + len((set(written) & set(SLOTS)) ^ set(source.spans))

    def _written(self, source: Source, hypothesis: Hypothesis, request: Request) -> Translation:
        if source.as_is and not request.attention:
            return Translation(source.text, source.text.strip(), 0.0)
        translation = self._answered(source, hypothesis, request)
        lost = self._encoders.lost(source.text, translation.translation, recased=bool(source.case))
        return translation._replace(lost=tuple(lost))

    def _answered(self, source: Source, hypothesis: Hypothesis, request: Request) -> Translation:
        ids, score, weights, steps = hypothesis
        if weights is None or not (request.attention or request.replace_unknown):
            return Translation(source.text, self._text(source, self._target.decode(ids), request), score, steps=steps)
        replaced = request.replace_unknown
        written = self._replaced(source, ids, weights) if replaced else self._target.decode(ids)
        written = self._text(source, written, request)
        if not request.attention:
            return Translation(source.text, written, score, steps=steps)
        alignment = np.argmax(weights, axis=1).tolist() if len(weights) else []
        sides = self._target.pieces(ids), [*self._source.tokens(source.read), END]
        tokens, looked = ([restored(token, source.spans) for token in side] for side in sides)
        return Translation(source.text, written, score, tokens, looked, alignment, weights, steps=steps)

    def _text(self, source: Source, written: str, request: Request) -> str:
        """Return a translation with its spans, in the case of its source unless that says what is banned."""
        text = recased(written, source.case)
        banned = text != written and any(ban in restored(text, {}) for ban in request.ban)
        return restored(written if banned else text, source.spans)

    def _replaced(self, source: Source, ids: Ids, weights: Singles) -> str:
        """Write ids [U] with what stands in the source in place of UNK; weights: of attention [U,T]."""
        # Luong et al. (2015), Addressing the Rare Word Problem, with attention in place of their alignment model: copy
        # the source word with the most attention. EOS, the last step of the source, is not a word.
        words, copied = self._source.tokens(source.read), self._target.pieces(ids)
        places = np.arange(len(words))
        if self._target.kind == "subwords":
            # a piece stands for a word or a part of it: of a source in pieces only characters that have none are copied
            places = np.flatnonzero(self._source.encode(source.read) == UNK)
        for place in np.flatnonzero(ids == UNK).tolist() if len(places) else ():
            copied[place] = words[places[int(weights[place, places].argmax())]]
        return self._target.joined(copied)
