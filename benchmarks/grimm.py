"""The recipes' comparison on Grimm: a plain RNN against RNN-CF of as many parameters, 20 and 100 stories, three seeds.

Bits a character of the test part, by the model file. `--stories 20` takes a few minutes, 100 (50 epochs) about an hour
on one core. Needs the sources (SEQTOOL_MIRROR, or a network).
"""

import argparse
import bisect
import contextlib
import dataclasses
import io
import tempfile
from pathlib import Path

import numpy as np
from results import record

from seqtool.families.choose import choose
from seqtool.families.family import ExportOptions, configured, family_of, presets_of
from seqtool.plugins import load_task
from seqtool.training.export import export_task
from seqtool.training.run import TrainOptions, train

SEEDS = (0, 1, 2)
EPOCHS = {20: 10, 100: 50}


def parameters(task, config, encoders):
    """Count the weights of a network."""
    return sum(weights.numel() for weights in family_of(task).model.network(config, encoders).parameters())


def as_large(task, plain, encoders, wanted):
    """Return the plain RNN with the most hidden units that `wanted` parameters allow."""

    def sized(hidden):
        return dataclasses.replace(plain, hidden=hidden)

    return sized(
        bisect.bisect(range(1024), wanted, lo=1, key=lambda hidden: parameters(task, sized(hidden), encoders)) - 1
    )


def bits(task, config, data, seed):
    """Train and export; return the scores of the test part: the model's bits a character and the best baseline's."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), contextlib.redirect_stderr(io.StringIO()):
        run = Path(folder) / "run"
        train(task, config, data, TrainOptions(out=run, seed=seed, device="cpu", threads=1))
        manifest = export_task(task, run, ExportOptions()).manifest
    return manifest.scores["test"]["whole"]["model"]["bits_per_character"]


def measure(task, stories, epochs):
    """Print and record both networks on so many stories."""
    common = {"source": f"grimm-{stories}", "epochs": epochs}
    plain, slow = (
        configured(task, preset=presets_of(task)[name], options=common) for name in ("grimm-rnn", "grimm-rnncf")
    )
    data = choose(task, slow)
    encoders = family_of(task).data.load(task, slow, data).encoders
    large = as_large(task, plain, encoders, parameters(task, slow, encoders))
    found = {
        name: [bits(task, config, data, seed) for seed in SEEDS] for name, config in (("rnn", large), ("rnn_cf", slow))
    }
    figures = {name: [round(one, 4) for one in values] for name, values in found.items()}
    means = {f"mean_{name}": round(float(np.mean(values)), 4) for name, values in found.items()}
    sizes = {"parameters": parameters(task, slow, encoders), "rnn_hidden": large.hidden}
    print(stories, "stories", epochs, "epochs", figures, means, sizes)
    record(
        f"bits a character, RNN-CF against RNN, {stories} Grimm stories",
        {"epochs": epochs, **figures, **means, **sizes},
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, choices=sorted(EPOCHS), action="append")
    parser.add_argument("--epochs", type=int, help="left out: 10 on 20 stories, 50 on 100, as the recipes")
    options = parser.parse_args()
    for count in options.stories or sorted(EPOCHS):
        measure(load_task("chargen"), count, options.epochs or EPOCHS[count])
