"""What a classifier has to beat: the most frequent class, and a linear model of words and pairs of words."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqtool.errors import SeqtoolError
from seqtool.families.classification.data import TextPart

Floats = NDArray[np.float64]

MAJORITY, BIGRAMS = "majority class", "bag of bigrams"
PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Of the logistic regression: scikit-learn's C."""
FEATURES = 300_000
"""Words and pairs at most, the most frequent ones."""


def fitted(train: TextPart, validation: TextPart) -> dict[str, Any]:
    """Return the counts of the classes, and the `penalty` that is most accurate on the validation part; JSON.

    The linear model itself is fitted again where it is needed: its weights would fill the model file.
    """
    model = Bigrams(train)
    right = {penalty: _accuracy(model.fit(penalty), validation) for penalty in PENALTIES}
    return {"counts": _counts(train), "penalty": max(PENALTIES, key=right.__getitem__)}


def refitted(stored: Mapping[str, Any], train: TextPart) -> dict[str, Any]:
    """Count the classes again; the penalty is kept. `joined`: the rivals of the test know the validation part too."""
    return {**stored, "counts": _counts(train), "joined": True}


def rivals(stored: Mapping[str, Any], part: TextPart, known: TextPart | None) -> dict[str, Floats]:
    """Return each baseline's probabilities [N,C] for a part; without the training part `known` only the first's.

    Raises `SeqtoolError` where the stored counts are of other classes.
    """
    counts = np.array(stored.get("counts", ()), dtype=np.float64)
    if counts.shape != (part.labels.size,) or not counts.sum() > 0:
        raise SeqtoolError("the stored baselines are of other labels", cure="train and export again")
    found = {MAJORITY: np.tile(counts / counts.sum(), (len(part.gold), 1))}
    if known is not None:
        found[BIGRAMS] = Bigrams(known).fit(float(stored["penalty"])).predict(part)
    return found


class Bigrams:
    """Logistic regression on which words and pairs of words a text has (Wang and Manning 2012, without its ratios)."""

    def __init__(self, train: TextPart) -> None:
        from sklearn.feature_extraction.text import CountVectorizer

        words = train.reader.words
        self._bag = CountVectorizer(analyzer=lambda text: grams(words(text)), binary=True, max_features=FEATURES)
        self._features, self._gold = self._bag.fit_transform(train.texts), train.gold
        self._classes = train.labels.size

    def fit(self, penalty: float) -> Self:
        """Fit the weights; a small `penalty` keeps them small."""
        from sklearn.linear_model import LogisticRegression

        self._model = LogisticRegression(C=penalty, max_iter=1000).fit(self._features, self._gold)
        return self

    def predict(self, part: TextPart) -> Floats:
        """Return the probabilities [N,C] for a part."""
        found = np.zeros((len(part.texts), self._classes))
        found[:, self._model.classes_] = self._model.predict_proba(self._bag.transform(part.texts))
        return found


def grams(words: Sequence[str]) -> list[str]:
    """Return the words of a text and its pairs of neighbours; an empty text is one empty word."""
    pairs = [f"{first} {second}" for first, second in itertools.pairwise(words)]
    return [*words, *pairs] or [""]


def _counts(train: TextPart) -> list[int]:
    found: list[int] = np.bincount(train.gold, minlength=train.labels.size).tolist()
    return found


def _accuracy(model: Bigrams, part: TextPart) -> float:
    return float((model.predict(part).argmax(axis=1) == part.gold).mean())
