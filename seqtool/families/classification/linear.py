"""The linear part beside the network: how large it may be, and its fit by scikit-learn's logistic regression."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seqtool.data.encoders.vocabulary import FIRST, Vocabulary
from seqtool.data.grams import PRIME, Sizes, grams
from seqtool.families.classification import mix, several
from seqtool.families.classification.features import Features, Matrix, pieces
from seqtool.families.classification.pieces import all_cut, weights
from seqtool.reads import Finding
from seqtool.types import Array, Floats, Ids

if TYPE_CHECKING:
    from seqtool.data.encoders.texts import Encoder
    from seqtool.families.classification.config import ClassificationConfig
    from seqtool.families.classification.part import TextPart

MOST_NUMBERS = 1 << 22
"""Numbers of all tables: 16 MiB of the file."""
FEWEST_BUCKETS = 1 << 12
SPARE = 2
"""Buckets for each run of tokens: few runs then share one."""
MOST_WORK, LITTLE_WORK = 120_000_000, 20_000_000
"""Of a fit, see `work`: one of the most takes about a minute; above little only one penalty is tried."""
RUNS = {"vocabulary": 2, "sentencepiece": 2, "characters": 4}
"""Longest run of tokens by the kind of the encoder."""
PENALTY, PENALTIES = 3.0, (0.3, 1.0, 3.0, 10.0)
"""A value of scikit-learn's C that suits most texts, and those to choose from."""
STEPS = 300


class Part(NamedTuple):
    """Features [P,F] of P pieces of texts, their labels, [P] or [P,C] as in `TextPart`, and what each counts [P]."""

    x: Matrix
    gold: Array
    shares: Floats


class Regression(NamedTuple):
    """A linear model: weights [K,F] and bias [K]."""

    weights: Floats
    bias: Floats


def sizes(config: ClassificationConfig, encoder: Vocabulary | Encoder, classes: int) -> Sizes | None:
    """Return the shape of the linear part; None where there is none."""
    if not config.wide:
        return None
    characters = config.wide_characters and isinstance(encoder, Vocabulary)
    columns = 1 if classes == 2 and not config.multi else classes
    return Sizes(encoder.size, columns, config.wide, RUNS[encoder.kind], characters)


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
    runs = np.concatenate([grams(row, RUNS[train.reader.encoder.kind], PRIME) for row in train.ids])
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
    """Return how many numbers a step of the fit reads: the features of all texts and ten vectors of weights."""
    features = sum(map(len, ids)) * shape.most
    if shape.characters and isinstance(encoder, Vocabulary):
        parts = np.array([0] * FIRST + [sum(1 for _ in pieces(word)) for word in encoder.tokens])
        features += sum(int(parts[row].sum()) for row in ids)
    return features * shape.columns + 10 * shape.numbers


def fit(
    shape: Sizes, train: TextPart, validation: TextPart, class_weights: Floats, chosen: Floats | None = None,
    at_once: int = 0,
) -> dict[str, Floats]:  # fmt: skip
    """Return the tables of the linear part and what was `chosen`: the penalty, and a scale of all logits.

    Both are the likeliest on validation, or those of the first fit in a refit, which knows the validation part.
    It learns from pieces of at most `at_once` tokens, as it answers: else a piece is a text unlike any that it knows.
    """
    (ids, counts), (held_ids, held_counts) = (all_cut(part.ids, at_once) for part in (train, validation))
    features = Features(shape, train.reader.encoder, ids)
    part = Part(features(ids), train.gold.repeat(counts, axis=0), weights(ids, counts))
    if chosen is None:
        little = work(shape, train.reader.encoder, ids) <= LITTLE_WORK
        held = _means(features(held_ids), held_ids, held_counts), validation.gold
        model, chosen = _likeliest(part, held, class_weights, PENALTIES if little else (PENALTY,))
    else:
        model = _fitted(part, class_weights, chosen[0])
    return {**features.tables(chosen[1] * model.weights, chosen[1] * model.bias), "chosen": chosen}


def _means(x: Matrix, cut: Sequence[Ids], counts: Ids) -> Matrix:
    """Return the mean features [N,F] of the pieces of texts, of [P,F]: their logits are those of pooled answers."""
    from scipy import sparse

    if len(cut) == len(counts):
        return x
    shares = weights(cut, counts) * len(counts) / len(cut)
    return sparse.csr_matrix((shares, np.arange(len(cut)), np.append(0, np.cumsum(counts)))) @ x


def _likeliest(
    train: Part, held: tuple[Matrix, Ids], class_weights: Floats, penalties: Sequence[float]
) -> tuple[Regression, Floats]:
    """Fit with each of some penalties; return the fit that is the likeliest on a part held out, penalty and scale."""
    best, found = np.inf, None
    for penalty in penalties:
        model = _fitted(train, class_weights, penalty)
        # a strong penalty makes all answers too careful, which a scale mends
        loss, scale = mix.scaled(*_asked(model, *held, class_weights))
        if loss < best:
            best, found = loss, (model, np.array([penalty, scale]))
    assert found is not None, "the loss of each penalty is finite"
    return found


def _asked(model: Regression, x: Matrix, gold: Array, class_weights: Floats) -> tuple[Floats, Ids, Floats]:
    """Return the logits [N,C] of features [N,F], the true classes [N] and the weights [C], for `mix.scaled`.

    Of several labels each is a question of its own, with two answers.
    """
    logits: Floats = x @ model.weights.T + model.bias
    if gold.ndim == 2:
        return _with_zero(logits.reshape(-1, 1)), several.questions(gold, logits.shape[1]), np.ones(2)
    known = np.flatnonzero(gold < len(class_weights))  # others: labels that training never had
    return _with_zero(logits[known]), gold[known], class_weights


def _with_zero(logits: Floats) -> Floats:
    """Put the logit 0 of the first class before that of the second, where it stands alone: [N,1] becomes [N,2]."""
    return np.pad(logits, ((0, 0), (1, 0))) if logits.shape[1] == 1 else logits


def _fitted(part: Part, class_weights: Floats, penalty: float) -> Regression:
    """Fit a regression on the classes [P], or one for each of several labels [P,C]: one against the rest."""
    if part.gold.ndim == 1:
        return _regression(part, class_weights, penalty)
    each = [_of_label(part._replace(gold=has), penalty) for has in part.gold.T]
    return Regression(np.concatenate([model.weights for model in each]), np.concatenate([model.bias for model in each]))


def _of_label(part: Part, penalty: float) -> Regression:
    """Fit a regression on whether each piece has a label, flags [P]."""
    has = part.gold
    if has.all() or not has.any():  # scikit-learn needs both answers
        count = has.sum()
        return Regression(np.zeros((1, part.x.shape[1])), np.log([(count + 0.5) / (len(has) - count + 0.5)]))
    return _regression(part._replace(gold=has.astype(np.int64)), np.ones(2), penalty)


def _regression(part: Part, class_weights: Floats, penalty: float) -> Regression:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=penalty, max_iter=STEPS, class_weight=dict(enumerate(class_weights.tolist())))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a few more steps would change no answer
        seen = np.flatnonzero(part.x.getnnz(axis=0))  # buckets without a run stay at zero, and cost no time
        model.fit(part.x[:, seen], part.gold, sample_weight=part.shares)
    coefficients = np.zeros((len(model.coef_), part.x.shape[1]))
    coefficients[:, seen] = model.coef_
    return Regression(coefficients, model.intercept_)
