"""Real words a second of a training: the preset treebank-gru against Keras' `fit` on the recipe's padded batches.

The same network (embedding 128, GRU 64, its state repeated, GRU 64) over the Penn Treebank sample, batches of 32, in
turns, on one core. The recipe pads every sentence to 250 words and computes all of them (keras_tagger.py); here
batches hold sentences of similar length. The two do not compute the same: padding is masked here, so only speeds are
compared. Needs the sources (SEQTOOL_MIRROR, or a network) and a Python with Keras and TensorFlow: `make bench` makes
one.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from results import record
from rivals import Rival

from seqtool.families.choose import choose
from seqtool.families.family import configured, family_of, presets_of
from seqtool.plugins import load_task
from seqtool.training.loop import Trainer

LENGTH, BATCH = 250, 32


def padded(splits, batches):
    """Return the recipe's x and y [N,250] of the first training sentences, and how many real words they hold."""
    chosen = range(batches * BATCH)
    x, y = (np.zeros((len(chosen), LENGTH), np.int32) for _ in range(2))
    words = 0
    for row in chosen:
        sentence, tags = splits.train.words[row], splits.train.tags[row]
        x[row, -len(sentence) :] = splits.encoders["words"].encode(sentence)  # the recipe pads in front
        y[row, -len(sentence) :] = 1 + splits.encoders["tags"].encode(tags)
        words += len(sentence)
    return x, y, words


def trainer_of(task, config, splits):
    """Return the product's trainer on the training part."""
    torch.manual_seed(0)
    device = torch.device("cpu")
    network = family_of(task).model.network(config, splits.encoders)
    objective, sampler = (
        family_of(task).model.objective(network, splits, device, 0),
        family_of(task).data.sampler(config, splits, 0),
    )
    return Trainer(network, objective, sampler, config, Path(tempfile.mkdtemp()), device, lambda event, values: None)


def main(options):
    """Measure, print and record."""
    os.sched_setaffinity(0, {options.core})
    torch.set_num_threads(1)
    task = load_task("pos")
    config = configured(task, preset=presets_of(task)[options.network])
    splits = family_of(task).data.load(task, config, choose(task, config))
    trainer, every = trainer_of(task, config, splits), splits.train.size
    x, y, words = padded(splits, options.batches)
    with tempfile.TemporaryDirectory() as folder:
        np.savez(Path(folder) / "padded.npz", x=x, y=y)
        rival = Rival(options.python, "keras_tagger.py", Path(folder) / "padded.npz")
        rival.ask("2")  # warm: it traces its graph
        for _ in range(5):
            trainer.step()
        ours, theirs = [], []
        for _ in range(options.rounds):
            theirs.append(words / rival.ask(str(options.batches))["seconds"])
            begun = time.perf_counter()
            for _ in range(trainer.sampler.steps):
                trainer.step()
            ours.append(every / (time.perf_counter() - begun))
        rival.close()
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    figures = {
        "threads": 1, "words_per_s": round(statistics.median(ours)),
        "keras_words_per_s": round(statistics.median(theirs)), "ratio": round(statistics.median(ratios), 2),
        "lowest_ratio": round(min(ratios), 2), "percent_of_keras_places_that_are_padding": round(
            100 * (1 - words / x.size), 1
        ), "keras": rival.told["keras"], "rounds": options.rounds,
    }  # fmt: skip
    print(figures)
    record(f"training, real words a second, pos {options.network}, against Keras on padded batches", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="treebank-gru", help="the preset of pos; Keras' is always the GRU")
    parser.add_argument("--python", default=".venv-keras/bin/python", help="a Python that has Keras and TensorFlow")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batches", type=int, default=20, help="padded batches of Keras in a round")
    parser.add_argument("--core", type=int, default=0, help="the processor core to run on")
    main(parser.parse_args())
