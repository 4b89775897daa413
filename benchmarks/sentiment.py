"""Accuracy of text classification, the model FILE on the test part, beside linear rivals.

sst2: sentences of SST-2, five seeds, with what the linear part and the network have alone. si650: UMICH SI650 in five
folds by distinct sentence, with the standard error of the difference from the bag of bigrams. random: the recipe's own
random cut of SI650, with the share of test sentences that stand in its training part. int8: SST-2 by the file in int8
beside the one in float. Needs the sources (SEQTOOL_MIRROR, or a network).
"""

import argparse
import contextlib
import io
import tempfile
from pathlib import Path

import numpy as np
from results import record

from seqtool.families.choose import choose
from seqtool.families.family import ExportOptions, configured, presets_of
from seqtool.plugins import load_task
from seqtool.training.export import export_task
from seqtool.training.run import TrainOptions, train

RIVAL = "bag of bigrams"
BESIDE = {"tf_idf": "TF-IDF", "wide_part": "wide part", "network": "network"}


def scores(task, chosen, options, seed, forms=(False,)):
    """Train and export in each of the forms (int8 or not); return the scores of the test part, of several as a list."""
    config = configured(task, preset=presets_of(task)[chosen], options=options)
    data = choose(task, config)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), contextlib.redirect_stderr(io.StringIO()):
        run = Path(folder) / "run"
        train(task, config, data, TrainOptions(chosen, run, seed, "cpu", 1))
        made = [export_task(task, run, ExportOptions(int8=int8)).manifest.scores for int8 in forms]
    return made[0]["test"] if len(forms) == 1 else made


def percent(found, who="model", measure="accuracy"):
    """Return a measure of each training in percent [N]."""
    return np.array([100 * one["whole"][who][measure] for one in found])


def shown(values):
    """Return values to two digits."""
    return [round(float(one), 2) for one in values]


def error(values):
    """Return the standard error of the mean; None of a single value."""
    return round(float(values.std(ddof=1) / np.sqrt(len(values))), 2) if len(values) > 1 else None


def sst2(task, chosen, common, count):
    """Return the figures of `count` seeds on SST-2."""
    found = [scores(task, chosen, {**common, "source": "sst2"}, seed) for seed in range(count)]
    accuracies, rival = percent(found), max(percent(found, name).mean() for name in (RIVAL, BESIDE["tf_idf"]))
    beside = {key: percent(found, name) for key, name in BESIDE.items() if name in found[0]["whole"]}
    return {
        "accuracy": shown(accuracies), "mean": round(float(accuracies.mean()), 2),
        "standard_error": error(accuracies), "bag_of_bigrams": shown(percent(found[:1], RIVAL))[0],
        "mean_macro_f1": round(float(percent(found, measure="macro_f1").mean()), 2),
        **{key: round(float(values.mean()), 2) for key, values in beside.items()},
        "less_the_best_linear_rival": round(float(accuracies.mean() - rival), 2),
        "mean_log_loss": round(float(np.mean([one["whole"]["model"]["log_loss"] for one in found])), 4),
        "mean_ece": round(float(percent(found, measure="ece").mean()), 2),
    }  # fmt: skip


def si650(task, chosen, common, count):
    """Return the figures of `count` folds of SI650, all copies of a sentence in one."""
    options = {**common, "source": "si650", "split": "distinct", "test": 0.2}
    found = [scores(task, chosen, {**options, "fold": fold}, 0) for fold in range(count)]
    model, rival = percent(found), percent(found, RIVAL)
    return {
        "accuracy": shown(model), "mean": round(float(model.mean()), 2), "standard_error": error(model),
        "bag_of_bigrams": shown(rival), "mean_bag_of_bigrams": round(float(rival.mean()), 2),
        "mean_difference": round(float((model - rival).mean()), 2), "its_standard_error": error(model - rival),
    }  # fmt: skip


def random(task, chosen, common, count):
    """Return the figures of the random cut of SI650, `count` seeds."""
    options = {**common, "source": "si650", "split": "random", "test": 0.2}
    found = [scores(task, chosen, options, seed) for seed in range(count)]
    return {
        "accuracy": shown(percent(found)), "mean": round(float(percent(found).mean()), 2),
        "bag_of_bigrams": shown(percent(found[:1], RIVAL))[0],
        "percent_of_test_seen_in_training": round(100 * found[0]["seen"], 1),
    }  # fmt: skip


def int8(task, chosen, common, count):
    """Return the figures of both forms of the file, `count` seeds on SST-2."""
    found = [scores(task, chosen, {**common, "source": "sst2"}, seed, (False, True)) for seed in range(count)]
    full, small = ([one[form]["test"] for one in found] for form in (0, 1))
    return {
        "accuracy": shown(percent(full)), "int8_accuracy": shown(percent(small)),
        "int8_costs_on_validation": [one[1]["int8"] for one in found],
    }  # fmt: skip


KINDS = {
    "sst2": (sst2, "SST-2 sentences, accuracy"),
    "si650": (si650, "SI650 by distinct sentence, accuracy"),
    "int8": (int8, "SST-2 sentences in float and int8, accuracy"),
    "random": (random, "SI650 cut at random, accuracy"),
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--network", default="default", help="the preset of sentiment")
    parser.add_argument("--count", type=int, default=5, help="seeds or folds")
    parser.add_argument("--epochs", type=int, help="left out: the preset's")
    given = parser.parse_args()
    measure, title = KINDS[given.kind]
    limits = {} if given.epochs is None else {"epochs": given.epochs}
    figures = measure(load_task("sentiment"), given.network, limits, given.count)
    print(figures)
    record(f"{title}, sentiment {given.network}", figures)
