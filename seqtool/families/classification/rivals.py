"""The linear rivals that users would take: scikit-learn's logistic regression on words, pairs of words, characters."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from seqtool.data.folding import fold
from seqtool.data.unspaced import unspaced
from seqtool.families.classification.part import TextPart
from seqtool.types import Floats

BIGRAMS, TF_IDF = "bag of bigrams", "TF-IDF"
FEATURES, WEIGHTS = 300_000, 1 << 21
"""Most words and pairs, or runs of characters, and most weights of them; the most frequent ones stay."""
MOST = 10_000_000
"""Texts times classes up to which a rival is fitted: above, its regressions would take an hour."""


class Linear:
    """Logistic regression on the features that `vectors`, one of scikit-learn's, makes of texts.

    Of several labels one regression for each: one against the rest.
    """

    PENALTIES: ClassVar[Sequence[float]] = ()
    """Values of scikit-learn's C to choose from."""

    def __init__(self, train: TextPart, vectors: Any) -> None:
        self._vectors, self._gold, self._multi = vectors, train.gold, train.multi
        # a text without words has no feature, as for the model it has one that says nothing
        self._features = vectors.fit_transform(train.texts)

    def fit(self, penalty: float) -> Self:
        """Fit the weights; a small `penalty` keeps them small."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.multiclass import OneVsRestClassifier

        model = LogisticRegression(C=penalty, max_iter=1000)
        with warnings.catch_warnings():
            # a label that all texts of the training have, or none, is always or never answered
            warnings.filterwarnings("ignore", message="Label ", category=UserWarning)
            self._model = (OneVsRestClassifier(model) if self._multi else model).fit(self._features, self._gold)
        return self

    def predict(self, part: TextPart) -> Floats:
        """Return the probabilities [N,C] for a part; 0 for a class that the training part does not have."""
        chances = np.zeros((len(part.texts), part.labels.size))
        chances[:, self._model.classes_] = self._model.predict_proba(self._vectors.transform(part.texts))
        return chances

    def most_accurate(self, validation: TextPart) -> float:
        """Return the penalty that is most accurate on the validation part, of one label a text."""
        tried = [(self.fit(penalty).predict(validation).argmax(axis=1), penalty) for penalty in self.PENALTIES]
        return max(tried, key=lambda pair: (pair[0] == validation.gold).sum())[1]


class TfIdf(Linear):
    """On the TF-IDF of words and pairs of words; of runs of 1 to 4 characters where no blanks part the words."""

    PENALTIES = (1.0, 3.0, 10.0, 30.0)

    def __init__(self, train: TextPart) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        how: dict[str, Any] = {"analyzer": "char", "ngram_range": (1, 4), "lowercase": train.reader.lower}
        if not unspaced(train.texts):
            words = train.reader.words
            how = {"tokenizer": words, "token_pattern": None, "ngram_range": (1, 2), "lowercase": False}
        super().__init__(train, TfidfVectorizer(**how, sublinear_tf=True, max_features=most_features(train)))


class Bigrams(Linear):
    """On which words and pairs of words a text has (Wang and Manning 2012, without its ratios).

    characters: in the place of words, where no blanks part them.
    """

    PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)

    def __init__(self, train: TextPart, *, characters: bool = False) -> None:
        from sklearn.feature_extraction.text import CountVectorizer

        lower, words = train.reader.lower, train.reader.words
        cut = (lambda text: list(fold(text, lower=lower))) if characters else words
        most = most_features(train)
        super().__init__(train, CountVectorizer(analyzer=lambda text: grams(cut(text)), binary=True, max_features=most))


def left_out(train: TextPart) -> str:
    """Return why texts have no linear rival, "" where they have."""
    texts, classes = len(train.texts), train.labels.size
    if texts * classes <= MOST:
        return ""
    what = f"{texts:,} texts and {classes:,} classes are too many for a linear rival"
    return f"{what}: there is none to be measured against."


def grams(words: Sequence[str]) -> list[str]:
    """Return the words of a text and its pairs of neighbours; an empty text is one empty word."""
    pairs = [f"{first} {second}" for first, second in itertools.pairwise(words)]
    return [*words, *pairs] or [""]


def most_features(train: TextPart) -> int:
    """Return how many features a linear rival has at most: of many classes fewer, else its fits would take minutes."""
    return min(FEATURES, WEIGHTS // train.labels.size)
