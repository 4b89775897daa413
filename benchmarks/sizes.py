"""Settings that follow the data against settings of an expert, at a share of a data set.

The shared set is cut to a share, trained on with the default of the task and with each of six settings that were fixed
beforehand, and each file is scored on the same held-out data, which no cut holds. Needs SEQTOOL_MIRROR.

    python benchmarks/sizes.py generate --share 0.01
    python benchmarks/sizes.py translate --share 0.1 --settings small wide
"""

import argparse
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from results import record

MIRROR = Path(os.environ.get("SEQTOOL_MIRROR", "."))
HELD_OUT = 0.1  # of the text, its end
# layers, hidden units, batch, steps: fixed before any was measured
EXPERTS = {
    "tiny": (1, 64, 8, 600),
    "small": (1, 128, 8, 1500),
    "wide": (1, 512, 32, 1500),
    "patient": (1, 256, 16, 3000),
    "deep": (2, 256, 32, 2000),
    "full": (2, 512, 64, 1000),
}


def shakespeare(share, folder):
    """Write the cut and the held-out part of tinyshakespeare; return the words that name them."""
    text = (MIRROR / "shakespeare" / "tinyshakespeare_input.txt").read_text(encoding="utf-8")
    most = round(len(text) * (1 - HELD_OUT))
    return write(folder, text[: round(share * most)], text[most:], "txt")


def multi30k(share, folder):
    """Write the cut and the held-out part of Multi30k; return the words that name them."""

    def pairs(part):
        sides = []
        for language in ("de", "en"):
            with gzip.open(MIRROR / "multi30k" / f"{part}.{language}.gz", "rt", encoding="utf-8") as stream:
                sides.append([line.strip().replace("\t", " ") for line in stream])
        return [f"{source}\t{target}\n" for source, target in zip(*sides, strict=True) if source and target]

    train = pairs("train")
    random.Random(0).shuffle(train)
    return write(folder, "".join(train[: round(share * len(train))]), "".join(pairs("val")), "tsv")


def write(folder, cut, held_out, suffix):
    """Write both texts; return their names."""
    names = [f"cut.{suffix}", f"held-out.{suffix}"]
    for name, text in zip(names, (cut, held_out), strict=True):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return names


# task -> its cuts, the figure of its scores, and whether more of it is better
TASKS = {
    "generate": (shakespeare, "bits_per_character", False),
    "translate": (multi30k, "bleu", True),
}


def run(folder, *words):
    """Run a command of seqtool in a folder; return what it wrote."""
    command = [sys.executable, "-P", "-m", "seqtool", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def options(name):
    """Return the options of an expert; none for the default."""
    if name == "default":
        return []
    layers, hidden, batch, steps = EXPERTS[name]
    words = ["--layers", layers, "--hidden", hidden, "--batch", batch, "--epochs", 100_000, "--max-steps", steps]
    return [*map(str, words), "--evaluate-every", str(steps // 15)]


def measured(folder, task, name, seed):
    """Train, export and score on the held-out part; return the figure, the settings and the minutes."""
    names, figure, _ = folder[1], *TASKS[task][1:]
    words = ["--data", names[0], "--threads", "1", "--seed", str(seed), "--out", name]
    run(folder[0], "train", task, *words, *options(name))
    run(folder[0], "export", name, "--no-scores")
    scores = json.loads(run(folder[0], "evaluate", name, "--data", names[1], "--json"))
    described = json.loads((folder[0] / name / "run.json").read_text(encoding="utf-8"))
    config, training = described["config"], described["training"]
    shape = f"{config['layers']} x {config['hidden']}, batch {config['batch']}, {training['steps']} steps"
    return round(scores["whole"]["model"][figure], 4), shape, round(training["seconds"] / 60, 2)


def main():
    """Measure, print and record the default and the experts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--settings", nargs="*", choices=EXPERTS, default=list(EXPERTS))
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    cut, figure, more = TASKS[chosen.task]
    with tempfile.TemporaryDirectory() as name:
        folder = (Path(name), cut(chosen.share, Path(name)))
        found = {}
        for setting in ("default", *chosen.settings):
            found[setting] = measured(folder, chosen.task, setting, chosen.seed)
            print(setting, figure, *found[setting], flush=True)
    experts = [value for setting, (value, *_) in found.items() if setting != "default"]
    best = (max if more else min)(experts, default=None)
    rows = {setting: dict(zip((figure, "settings", "minutes"), row, strict=True)) for setting, row in found.items()}
    record(f"sizes, {chosen.task}, share {chosen.share:g}", {"best_expert": best, "seed": chosen.seed, **rows})


if __name__ == "__main__":
    main()
