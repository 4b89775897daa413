"""The linear rival that users would take: scikit-learn's TF-IDF and logistic regression, with its own choices."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np

from seqtool.data.unspaced import unspaced
from seqtool.families.classification.data import TextPart
from seqtool.types import Floats, Json

NAME = "TF-IDF"
PENALTIES = (1.0, 3.0, 10.0, 30.0)
"""Values of scikit-learn's C to choose from."""
FEATURES, WEIGHTS = 300_000, 1 << 21
"""Most words and pairs, or runs of characters, and most weights of them; the most frequent ones stay."""


def fitted(train: TextPart, validation: TextPart) -> Json:
    """Return the `penalty` that is most accurate on the validation part; JSON."""
    model = TfIdf(train)
    right = [(model.fit(penalty).predict(validation).argmax(axis=1) == validation.gold).sum() for penalty in PENALTIES]
    return {"penalty": PENALTIES[int(np.argmax(right))]}


class TfIdf:
    """Logistic regression on words and pairs of words; on runs of 1 to 4 characters where no blanks part the words.

    Of several labels one regression for each: one against the rest.
    """

    def __init__(self, train: TextPart) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        how: dict[str, Any] = {"analyzer": "char", "ngram_range": (1, 4), "lowercase": train.reader.lower}
        if not unspaced(train.texts):
            words = train.reader.words
            how = {"tokenizer": words, "token_pattern": None, "ngram_range": (1, 2), "lowercase": False}
        self._vectors = TfidfVectorizer(**how, sublinear_tf=True, max_features=most_features(train))
        # a text without words has no feature, as for the model it has one that says nothing
        self._features, self._gold = self._vectors.fit_transform(train.texts), train.gold
        self._multi = train.multi

    def fit(self, penalty: float) -> Self:
        """Fit the weights; a small `penalty` keeps them small."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.multiclass import OneVsRestClassifier

        model = LogisticRegression(C=penalty, max_iter=1000)
        with (
            warnings.catch_warnings()
        ):  # of a label that all texts of the training have, or none: always, or never answered
            warnings.filterwarnings("ignore", message="Label ", category=UserWarning)
            self._model = (OneVsRestClassifier(model) if self._multi else model).fit(self._features, self._gold)
        return self

    def predict(self, part: TextPart) -> Floats:
        """Return the probabilities [N,C] for a part; 0 for a class that the training part does not have."""
        chances = np.zeros((len(part.texts), part.labels.size))
        chances[:, self._model.classes_] = self._model.predict_proba(self._vectors.transform(part.texts))
        return chances


def most_features(train: TextPart) -> int:
    """Return how many features a linear rival has at most: of many classes fewer, else its fits would take minutes."""
    return min(FEATURES, WEIGHTS // train.labels.size)
