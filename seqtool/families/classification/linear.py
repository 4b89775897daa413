"""The linear part beside the network: how large it may be, and its fit by scikit-learn's logistic regression."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from seqtool.data.encoders.vocabulary import FIRST, Vocabulary
from seqtool.data.grams import LEAST, PRIME, Sizes, grams
from seqtool.reads import Finding
from seqtool.types import Floats, Ids

if TYPE_CHECKING:
    from seqtool.data.encoders.texts import Encoder
    from seqtool.families.classification.config import ClassificationConfig
    from seqtool.families.classification.data import TextPart

MOST_NUMBERS = 1 << 22
"""Numbers of all tables: 16 MiB of the file."""
FEWEST_BUCKETS = 1 << 12
SPARE = 2
"""Buckets for each run of tokens: few runs then share one."""
MOST_WORK = 100_000_000
"""Features of all training texts, times classes: a fit of more would take minutes."""
RUNS = {"words": 2, "sentencepiece": 2, "characters": 4}
"""Longest run of tokens by encoder."""
SHORTEST, LONGEST = 2, 5
"""Characters of a part of a word."""
PENALTIES = (0.3, 1.0, 3.0, 10.0)
"""Values of scikit-learn's C to choose from."""
STEPS = 300
Matrix = Any
"""A sparse matrix of scipy."""


def sizes(config: ClassificationConfig, encoder: Vocabulary | Encoder, classes: int) -> Sizes | None:
    """Return the shape of the linear part; None where there is none."""
    if not config.wide:
        return None
    characters = config.wide_characters and isinstance(encoder, Vocabulary)
    return Sizes(encoder.size, 1 if classes == 2 else classes, config.wide, RUNS[config.encoder], characters)


def settled(config: ClassificationConfig, train: TextPart) -> dict[str, Any]:
    """Return the settings of the linear part that the texts change: as many buckets as they need, within bounds."""
    found = _within_bounds(_needed(config, train), train)
    names = ("wide", "wide_characters") if found.wide else ("wide",)
    return {name: getattr(found, name) for name in names if getattr(found, name) != getattr(config, name)}


def findings(config: ClassificationConfig, train: TextPart) -> list[Finding]:
    """Return a note where the bounds of the linear part make it smaller than the texts need."""
    needed = _needed(config, train)
    found = _within_bounds(needed, train)
    if found == needed:
        return []
    fewer = [f"{found.wide:,} buckets in the place of {needed.wide:,}"] if found.wide < needed.wide else []
    fewer += [] if found.wide_characters else ["no characters of words (--no-wide-characters)"]
    extent = f"{len(train.ids):,} texts, {train.reader.encoder.size:,} tokens, {train.labels.size:,} classes"
    done = f"it has {' and '.join(fewer)}" if found.wide else "it is left out (--wide 0)"
    return [Finding("note", "wide", f"the linear part beside the network would be too large ({extent}): {done}")]


def _needed(config: ClassificationConfig, train: TextPart) -> ClassificationConfig:
    """Halve the buckets while they are many more than the different runs of tokens."""
    if not config.wide:
        return config
    runs = np.concatenate([grams(row, RUNS[config.encoder], PRIME) for row in train.ids])
    least, wide = max(FEWEST_BUCKETS, SPARE * len(np.unique(runs))), config.wide
    while wide // 2 >= least:
        wide //= 2
    return replace(config, wide=wide)


def _within_bounds(config: ClassificationConfig, train: TextPart) -> ClassificationConfig:
    """Halve the buckets until the tables are small enough; then leave out characters; else the linear part."""
    encoder, classes = train.reader.encoder, train.labels.size
    for characters in (True, False)[not config.wide_characters :]:
        tried = replace(config, wide_characters=characters)
        while (shape := sizes(tried, encoder, classes)) and shape.numbers > MOST_NUMBERS:
            halved = tried.wide // 2
            tried = replace(tried, wide=halved if halved >= FEWEST_BUCKETS else 0)
        if shape and work(shape, encoder, train.ids) <= MOST_WORK:
            return tried
    return replace(config, wide=0)


def work(shape: Sizes, encoder: Vocabulary | Encoder, ids: Sequence[Ids]) -> int:
    """Return how many features all texts have at most, times the columns of logits."""
    features = sum(map(len, ids)) * shape.most
    if shape.characters and isinstance(encoder, Vocabulary):
        parts = np.array([0] * FIRST + [sum(len(word) + 3 - n for n in _lengths(word)) for word in encoder.tokens])
        features += sum(int(parts[row].sum()) for row in ids)
    return features * shape.columns


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


def fit(
    shape: Sizes, train: TextPart, validation: TextPart, class_weights: Floats, penalty: float | None = None
) -> dict[str, Floats]:
    """Return the tables of the linear part and its `penalty`: the given one, or the likeliest on validation."""
    features = Features(shape, train.reader.encoder, train.ids)
    x, held = features(train.ids), features(validation.ids)
    known = np.flatnonzero(validation.gold < len(class_weights))  # others are of labels that training never had
    gold, best, found = validation.gold[known], np.inf, None
    for tried in PENALTIES if penalty is None else (penalty,):
        model = _regression(x, train.gold, class_weights, tried)
        chances = model.predict_proba(held[known]) if len(known) else np.empty((0, len(class_weights)))
        loss = -(np.log(np.maximum(chances[np.arange(len(gold)), gold], 1e-12)) * class_weights[gold]).sum()
        if loss < best:
            best, found = loss, (model, tried)
    assert found is not None, "the loss of each penalty is finite"
    model, chosen = found
    return {**features.tables(model.coef_, model.intercept_), "penalty": np.array(chosen)}


def _regression(x: Matrix, gold: Ids, class_weights: Floats, penalty: float) -> Any:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=penalty, max_iter=STEPS, class_weight=dict(enumerate(class_weights.tolist())))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few more steps would change no answer
        return model.fit(x, gold)


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
        for part, count in Counter(_pieces(word)).items():
            rows.append(row)
            columns.append(numbers.setdefault(part, len(numbers)))
            counts.append(count)
    has = sparse.csr_matrix((np.array(counts, float), (rows, columns)), shape=(tokens.shape[1], len(numbers)))
    often = np.flatnonzero(np.asarray(tokens.sum(axis=0) @ has).ravel() > 1)
    has = has[:, often]
    rarity = _rarity(tokens @ has)
    has.data = 1 + np.log(has.data)
    return (has @ sparse.diags(rarity)).tocsr()


def _pieces(word: str) -> Iterator[str]:
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
