"""The TF-IDF features of texts that the linear part stands for, and the tables that their weights fold into."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seqtool.data.encoders.vocabulary import FIRST, Vocabulary
from seqtool.data.grams import LEAST, Sizes, grams
from seqtool.types import Floats, Ids

if TYPE_CHECKING:
    from seqtool.data.encoders.texts import Encoder

SHORTEST, LONGEST = 2, 5
"""Characters of a part of a word."""
Matrix = Any
"""A sparse matrix of scipy."""


class Features:
    """The TF-IDF features of texts, whose weights the tables of `nn.wide` fold into a few numbers a token.

    Tokens and runs of them: the inverse document frequency, divided by the length of all of a text's. Characters: the
    TF-IDF of the parts of each word, summed over the words, divided by the root of the sum of their squared lengths.
    """

    def __init__(self, shape: Sizes, encoder: Vocabulary | Encoder, ids: Sequence[Ids]) -> None:
        self.shape = shape
        tokens = _counts(ids, shape.vocabulary)
        self._tokens, self._runs = _rarity(tokens), _rarity(self._run_counts(ids))
        words = encoder.tokens if shape.characters and isinstance(encoder, Vocabulary) else ()
        self._parts = _parts_of(words, tokens) if shape.characters else None

    def __call__(self, ids: Sequence[Ids]) -> Matrix:
        """Return the features [N,F] of N texts."""
        from scipy import sparse

        tokens, runs = _counts(ids, self.shape.vocabulary), self._run_counts(ids)
        squares = tokens @ self._tokens**2 + runs @ self._runs**2
        both = sparse.hstack([tokens @ sparse.diags(self._tokens), runs @ sparse.diags(self._runs)])
        blocks = [_divided(both, squares)]
        if self._parts is not None:
            blocks.append(_divided(tokens @ self._parts, tokens @ _squares(self._parts)))
        return sparse.hstack(blocks).tocsr()

    def tables(self, weights: Floats, bias: Floats) -> dict[str, Floats]:
        """Fold the weights [K,F] of the features into the tables of `nn.wide`."""
        first, second = self.shape.vocabulary, self.shape.vocabulary + self.shape.buckets
        by_token, by_run, by_part = weights.T[:first], weights.T[first:second], weights.T[second:]
        tables = {
            "tokens": np.column_stack([by_token * self._tokens[:, None], self._tokens**2]),
            "grams": np.column_stack([by_run * self._runs[:, None], self._runs**2]),
            "bias": bias,
        }
        if self._parts is not None:
            tables["characters"] = np.column_stack([self._parts @ by_part, _squares(self._parts)])
        return tables

    def _run_counts(self, ids: Sequence[Ids]) -> Matrix:
        return _counts([grams(row, self.shape.most, self.shape.buckets) for row in ids], self.shape.buckets)


def _counts(rows: Sequence[Ids], columns: int) -> Matrix:
    """Return how often each id stands in each of N rows, [N,columns]."""
    from scipy import sparse

    places = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    ids = np.concatenate(rows)
    return sparse.csr_matrix((np.ones(len(ids)), (places, ids)), shape=(len(rows), columns))


def _rarity(counts: Matrix) -> Floats:
    """Return the inverse document frequency of each column of counts [N,F], as scikit-learn has it."""
    found: Floats = np.log((1 + counts.shape[0]) / (1 + counts.getnnz(axis=0))) + 1
    return found


def _parts_of(words: Sequence[str], tokens: Matrix) -> Matrix:
    """Return the TF-IDF of the parts of each word, [V,G], by counts of tokens [N,V]; parts that occur once are none."""
    from scipy import sparse

    numbers: dict[str, int] = {}
    rows, columns, counts = [], [], []
    for row, word in enumerate(words, start=FIRST):
        for part, count in Counter(pieces(word)).items():
            rows.append(row)
            columns.append(numbers.setdefault(part, len(numbers)))
            counts.append(count)
    has = sparse.csr_matrix((np.array(counts, float), (rows, columns)), shape=(tokens.shape[1], len(numbers)))
    often = np.flatnonzero(np.asarray(tokens.sum(axis=0) @ has).ravel() > 1)
    has = has[:, often]
    rarity = _rarity(tokens @ has)
    has.data = 1 + np.log(has.data)
    return (has @ sparse.diags(rarity)).tocsr()


def pieces(word: str) -> Iterator[str]:
    """Yield the runs of characters of a word between blanks, as `char_wb` of scikit-learn does."""
    padded = f" {word} "
    for length in _lengths(word):
        yield from (padded[start : start + length] for start in range(len(padded) - length + 1))


def _lengths(word: str) -> range:
    return range(SHORTEST, min(LONGEST, len(word) + 2) + 1)


def _squares(matrix: Matrix) -> Floats:
    squares: Floats = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
    return squares


def _divided(matrix: Matrix, squares: Floats) -> Matrix:
    """Divide each row of a matrix [N,F] by its length."""
    from scipy import sparse

    return sparse.diags(1 / np.sqrt(np.maximum(squares, LEAST))) @ matrix
