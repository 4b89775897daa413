"""Linear parts beside the network of `sentiment`, on the validation part of SST-2: what was tried for `--wide`.

For each kind of features and penalty: what the linear part has alone, and mixed with networks of a few seeds. Then the
other order: networks that learn what the linear part leaves, by its logits on texts left out as an offset. Needs the
source (SEQTOOL_MIRROR, or a network).
"""

import argparse
import contextlib
import io
import tempfile
from pathlib import Path

import numpy as np
import torch
from results import record
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from torch.nn.functional import cross_entropy, softmax

from seqtool.families.choose import choose
from seqtool.families.classification import data, features, linear, mix
from seqtool.families.classification import model as models
from seqtool.families.family import configured, presets_of
from seqtool.plugins import load_task
from seqtool.training import checkpoint
from seqtool.training.setup import reproducible, set_up

LENGTHS = {"2 to 5": (2, 5), "1 to 5": (1, 5), "3 to 6": (3, 6), "2 to 4": (2, 4)}
PENALTIES = (0.3, 1.0, 3.0, 10.0)


class Residual(models.Objective):
    """The loss of logits with an offset [N] of the second class."""

    def loss(self, indices):
        logits = self.network(*self.rows.batch(indices))
        logits = logits + self.offset[indices, None] * torch.tensor([0.0, 1.0])
        return cross_entropy(logits, self.gold[indices], label_smoothing=self.smoothing)


def trained(task, config, splits, seed, offset=None):
    """Train a network; return the probabilities of its best weights on the validation part [N,C]."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
        setup = set_up(task, config, choose(task, config), splits, Path(folder), seed, torch.device("cpu"), 1)
        if offset is not None:
            objective = Residual(setup.network, splits, torch.device("cpu"))
            objective.offset, setup.trainer.objective = torch.tensor(offset, dtype=torch.float32), objective
        fit = setup.trainer.fit(lambda *_: None)
        setup.network.load_state_dict(checkpoint.load(Path(folder) / "checkpoints", fit.best_step).network)
    return models.predictor(setup.network.eval(), splits.encoders)(splits.validation.ids)


def blocks(config, splits, lengths, most):
    """Return the features of training and validation part, each as those of words and those of characters."""
    features.SHORTEST, features.LONGEST = lengths
    encoder = splits.train.reader.encoder
    shape = linear.sizes(config, encoder, 2)._replace(most=most)
    made = features.Features(shape, encoder, splits.train.ids)
    cut = shape.vocabulary + shape.buckets
    return [(x[:, :cut], x[:, cut:], x) for x in (made(splits.train.ids), made(splits.validation.ids))]


def accuracy(chances, gold):
    """Return the share of right answers in percent."""
    return round(100 * float((chances.argmax(axis=1) == gold).mean()), 2)


def mixed(wide, networks, gold):
    """Return mean accuracy and log loss of the likeliest mix with each network."""
    found = []
    for network in networks:
        chosen = mix.likeliest(wide, network, gold, np.ones(2))
        logits = (1 - chosen.share) * np.log(wide) + chosen.share * np.log(network)
        chances = softmax(torch.tensor(chosen.scale * logits), dim=1).numpy()
        found.append((accuracy(chances, gold), -np.log(chances[np.arange(len(gold)), gold]).mean()))
    return [round(float(value), 4) for value in np.mean(found, axis=0)]


def main(count):
    """Measure, print and record."""
    task = load_task("sentiment")
    config = configured(task, preset=presets_of(task)["default"], options={"source": "sst2"})
    splits = data.load(task, config, choose(task, config))
    train, gold, held = splits.train.gold, splits.validation.gold, {}
    networks = [trained(task, config, splits, seed) for seed in range(count)]
    kinds = [(f"characters {name}", LENGTHS[name], 2, 2) for name in LENGTHS]
    kinds += [("words alone", (2, 5), 2, 0), ("characters alone", (2, 5), 2, 1), ("three words", (2, 5), 3, 2)]
    figures = {"networks": [accuracy(network, gold) for network in networks]}
    for name, lengths, most, block in kinds:
        x, other = (part[block] for part in blocks(config, splits, lengths, most))
        for penalty in PENALTIES:
            model = LogisticRegression(C=penalty, max_iter=300).fit(x, train)
            held[name, penalty] = model.predict_proba(other)
            wide = held[name, penalty]
            figures[f"{name}, C {penalty:g}"] = [accuracy(wide, gold), *mixed(wide, networks, gold)]
            print(name, penalty, figures[f"{name}, C {penalty:g}"], flush=True)
    (x, other), model = (part[2] for part in blocks(config, splits, (2, 5), 2)), LogisticRegression(C=3, max_iter=300)
    folds = StratifiedKFold(10, shuffle=True, random_state=0)
    offset = cross_val_predict(model, x, train, cv=folds, method="decision_function")
    added, residual = model.fit(x, train).decision_function(other), []
    for seed in range(count):
        reproducible(seed, 1)
        logits = np.log(trained(task, config, splits, seed, offset)) + np.stack([0 * added, added], axis=1)
        residual.append(accuracy(logits, gold))
    figures["networks that learn what is left"] = residual
    print(residual)
    record("linear parts of sentiment, SST-2 validation: accuracy alone, mixed, log loss mixed", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=3, help="seeds")
    main(parser.parse_args().count)
