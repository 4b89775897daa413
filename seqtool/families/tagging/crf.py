"""A baseline of taggers: a linear-chain CRF with the usual features (Lafferty 2001), trained by python-crfsuite.

The weights are kept as plain numbers and read by numpy, so that whoever evaluates needs no library.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seqtool.errors import MissingExtra
from seqtool.say import note
from seqtool.types import Floats, Ids, Json

if TYPE_CHECKING:
    from seqtool.families.tagging.part import TagPart

NAME = "CRF"
MOST = 300_000
"""Weights that are kept: those that are farthest from zero."""
LONGEST, NEAR = 4, (-2, -1, 1, 2)
"""Characters of the longest affix, and the neighbours that are seen."""
# of entities: L-BFGS, as few sentences have any; of all words it takes an hour, and the perceptron is as good
ENTITIES = ("lbfgs", {"c1": 0.0, "c2": 0.001, "max_iterations": 100})
WORDS = ("ap", {"max_iterations": 15})
_KINDS = ((re.compile("[A-Z]"), "X"), (re.compile("[a-z]"), "x"), (re.compile("[0-9]"), "d"))
_RUN = re.compile(r"(.)\1+")
SHAPE = 8


def require() -> None:
    """Raise `MissingExtra` where python-crfsuite is not installed."""
    _library()


def _library() -> Any:
    try:
        import pycrfsuite
    except ImportError as error:
        cure = 'pip install "seqtool[crf]", or leave out --baselines'
        raise MissingExtra("the baseline crf needs python-crfsuite", cure=cure) from error
    return pycrfsuite


def features(words: Sequence[str]) -> list[list[str]]:
    """Return the names of the features of each word [T]: the word, its affixes and shape, those of its neighbours."""
    lower = [word.lower() for word in words]
    shapes = [_shape(word) for word in words]

    def at(place: int, offset: int) -> list[str]:
        inside = 0 <= place + offset < len(words)
        word, shape = (lower[place + offset], shapes[place + offset]) if inside else ("<>", "<>")
        return [f"w{offset}={word}", f"sh{offset}={shape}", f"s3{offset}={word[-3:]}"]

    rows = []
    for place, word in enumerate(lower):
        affixes = [f for n in range(1, LONGEST + 1) for f in (f"p{n}={word[:n]}", f"s{n}={word[-n:]}")]
        before = lower[place - 1] if place else "<>"
        after = lower[place + 1] if place + 1 < len(words) else "<>"
        pairs = [f"-1+0={before}|{word}", f"0+1={word}|{after}"]
        own = ["b", f"w={word}", f"W={words[place]}", f"sh={shapes[place]}", f"first={not place}"]
        rows.append([*own, *affixes, *pairs, *(f for offset in NEAR for f in at(place, offset))])
    return rows


def _shape(word: str) -> str:
    for pattern, letter in _KINDS:
        word = pattern.sub(letter, word)
    return _RUN.sub(r"\1", word)[:SHAPE]


def fitted(train: TagPart, *, entities: bool) -> Json:
    """Train on the sentences of a part; return the weights as the run and the model file store them.

    labels [K]; steps [K,K]: from a row to a column; of each feature the numbers of its labels, and their weights.
    """
    library = _library()
    algorithm, parameters = ENTITIES if entities else WORDS
    note(f"fitting the baseline crf: {len(train.words):,} sentences")
    trainer = library.Trainer(algorithm=algorithm, params=parameters, verbose=False)
    for words, tags in zip(train.words, train.tags, strict=True):
        trainer.append(features(words), list(tags))
    tagger = library.Tagger()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "crf")
        trainer.train(path)
        tagger.open(path)
        weights = tagger.info()
    labels = sorted(weights.labels)
    number = {label: place for place, label in enumerate(labels)}
    steps = np.zeros((len(labels), len(labels)))
    for (before, after), weight in weights.transitions.items():
        steps[number[before], number[after]] = weight
    largest = sorted(weights.state_features.items(), key=lambda item: (-abs(item[1]), item[0]))[:MOST]
    states: dict[str, list[list[float]]] = {}
    for (feature, label), weight in largest:
        numbers, values = states.setdefault(feature, [[], []])
        numbers.append(number[label])
        values.append(_short(weight))
    return {"labels": labels, "steps": [[*map(_short, row)] for row in steps.tolist()], "states": states}


def _short(weight: float) -> float:
    return float(f"{weight:.4g}")


def tagger(stored: Json) -> Callable[[Sequence[str]], list[str]]:
    """Return what tags the words [T] of a sentence by stored weights.

    Raises `KeyError`, `TypeError`, `AttributeError`, `ValueError` or `OverflowError` where they are damaged.
    """
    labels: list[str] = stored["labels"]
    if not isinstance(labels, list) or not labels or not all(isinstance(label, str) for label in labels):
        raise ValueError("labels without names")
    steps = np.array(stored["steps"], dtype=np.float64).reshape(len(labels), len(labels))
    states = {feature: _row(*row, labels=len(labels)) for feature, row in stored["states"].items()}

    def tag(words: Sequence[str]) -> list[str]:
        logits = np.zeros((len(words), len(labels)))
        for place, names in enumerate(features(words)):
            for name in names:
                if (row := states.get(name)) is not None:
                    logits[place, row[0]] += row[1]
        return [labels[number] for number in best_path(logits, steps)]

    return tag


def _row(numbers: Sequence[int], weights: Sequence[float], *, labels: int) -> tuple[Ids, Floats]:
    ids, values = np.array(numbers, dtype=np.int64), np.array(weights, dtype=np.float64)
    if ids.ndim != 1 or ids.shape != values.shape or len(ids) == 0 or ids.min() < 0 or ids.max() >= labels:
        raise ValueError("weights of other labels")
    return ids, values


def best_path(logits: Floats, steps: Floats) -> list[int]:
    """Return the likeliest path [T] through logits [T,K]; steps [K,K]: the weights of its steps (Viterbi 1967)."""
    best, back = logits[0], []
    for step in logits[1:]:
        ways = best[:, None] + steps
        back.append(ways.argmax(axis=0))
        best = ways.max(axis=0) + step
    path = [int(best.argmax())]
    for before in reversed(back):
        path.append(int(before[path[-1]]))
    return path[::-1]
