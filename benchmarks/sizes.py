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
HELD_OUT = 0.1  # of the text, its end; of the series twice as much
# what six experts would try, fixed before any was measured
BY_STEPS = {
    name: f"--layers {layers} --hidden {hidden} --batch {batch} --epochs 100000 --max-steps {steps} "
    f"--evaluate-every {steps // 15}"
    for name, layers, hidden, batch, steps in (
        ("tiny", 1, 64, 8, 600), ("small", 1, 128, 8, 1500), ("wide", 1, 512, 32, 1500),
        ("patient", 1, 256, 16, 3000), ("deep", 2, 256, 32, 2000), ("full", 2, 512, 64, 1000),
    )
}  # fmt: skip
EXPERTS = {
    "generate": BY_STEPS,
    "translate": BY_STEPS,
    "classify": {
        "small": "--hidden 32 --batch 16 --epochs 10", "patient": "--hidden 64 --batch 16 --epochs 40",
        "wide": "--hidden 128 --batch 32 --epochs 20", "quick": "--batch 32 --epochs 5 --learning-rate 0.001",
        "gentle": "--batch 8 --epochs 10 --learning-rate 0.001", "deep": "--layers 2 --batch 16 --epochs 20",
    },
    "tag": {
        "small": "--hidden 64 --layers 1 --batch 8 --epochs 20", "wide": "--layers 1 --batch 16 --epochs 20",
        "deep": "--layers 2 --batch 32 --epochs 20", "patient": "--hidden 128 --layers 1 --batch 16 --epochs 60",
        "gentle": "--hidden 128 --layers 2 --batch 8 --epochs 15 --learning-rate 0.001",
        "large": "--hidden 256 --layers 2 --batch 16 --epochs 15",
    },
    "forecast": {
        "short": "--window 28 --hidden 16 --batch 16 --epochs 50",
        "wide": "--window 56 --hidden 64 --batch 32 --epochs 50",
        "patient": "--window 28 --hidden 32 --batch 16 --epochs 200 --learning-rate 0.001",
        "deep": "--window 56 --hidden 32 --layers 2 --batch 32 --epochs 50",
        "days": "--window 96 --highway 96 --hidden 32 --batch 32 --epochs 50",
        "direct": "--network direct --window 56 --highway 56 --hidden 32 --batch 16 --epochs 50",
    },
}  # fmt: skip


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


def sst2(share, folder):
    """Write the cut and the held-out part of SST-2; return the words that name them."""
    parts = [
        (MIRROR / "sst2" / f"stsa.binary.{part}").read_text(encoding="utf-8").splitlines(True)
        for part in ("train", "dev")
    ]
    random.Random(0).shuffle(parts[0])
    return write(
        folder,
        *(
            "".join(line.replace(" ", "\t", 1) for line in lines)
            for lines in (parts[0][: round(share * len(parts[0]))], parts[1])
        ),
        "tsv",
    )


def treebank(share, folder):
    """Write the cut and the held-out part of the English Web Treebank with UPOS; return the words that name them."""
    parts = []
    for part in ("train", "dev"):
        [path] = (MIRROR / "ud-english-ewt").glob(f"*{part}.conllu*")
        text = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()
        rows = [[line.split("\t") for line in block.splitlines() if line[:1].isdigit()] for block in text.split("\n\n")]
        parts.append(
            ["".join(f"{row[1]}\t{row[3]}\n" for row in block if row[0].isdigit()) + "\n" for block in rows if block]
        )
    random.Random(0).shuffle(parts[0])
    return write(folder, "".join(parts[0][: round(share * len(parts[0]))]), "".join(parts[1]), "tsv")


def taylor(share, folder):
    """Write the end of the first values of half-hourly demand, and those held out; return the words that name them."""
    values = (MIRROR / "electricity" / "taylor.csv").read_text(encoding="utf-8").split()[1:]
    most = round(len(values) * (1 - 2 * HELD_OUT))
    return write(
        folder,
        *("\n".join(["Y", *part]) + "\n" for part in (values[most - round(share * most) : most], values[most:])),
        "csv",
    )


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
    "classify": (sst2, "accuracy", True),
    "tag": (treebank, "accuracy", True),
    "forecast": (taylor, "rmse", False),
}


def run(folder, *words):
    """Run a command of seqtool in a folder; return what it wrote."""
    command = [sys.executable, "-P", "-m", "seqtool", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def measured(folder, task, name, seed):
    """Train, export and score on the held-out part; return the figure, the settings and the minutes."""
    names, figure, _ = folder[1], *TASKS[task][1:]
    words = ["--data", names[0], "--threads", "1", "--seed", str(seed), "--out", name]
    words += EXPERTS[task][name].split() if name != "default" else []
    if task == "forecast" and name != "default":  # errors are of one horizon
        words += ["--horizon", str(settings_of(folder[0] / "default")["config"]["horizon"])]
    run(folder[0], "train", task, *words)
    run(folder[0], "export", name, *([] if task == "tag" else ["--no-scores"]))  # a tagger's baseline has words to know
    whole = ["--backtest"] if task == "forecast" else []
    scores = json.loads(run(folder[0], "evaluate", name, "--data", names[1], "--json", *whole))
    described = settings_of(folder[0] / name)
    config, training = described["config"], described["training"]
    shape = f"{config['layers']} x {config['hidden']}, batch {config['batch']}, {training['steps']} steps"
    return round(scores["whole"]["model"][figure], 4), shape, round(training["seconds"] / 60, 2)


def settings_of(run_folder):
    """Return what a run says of itself."""
    return json.loads((run_folder / "run.json").read_text(encoding="utf-8"))


def main():
    """Measure, print and record the default and the experts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=TASKS)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--settings", nargs="*", help="left out: all six")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    cut, figure, more = TASKS[chosen.task]
    with tempfile.TemporaryDirectory() as name:
        folder = (Path(name), cut(chosen.share, Path(name)))
        found = {}
        for setting in ("default", *(chosen.settings or EXPERTS[chosen.task])):
            try:
                found[setting] = measured(folder, chosen.task, setting, chosen.seed)
            except subprocess.CalledProcessError as error:  # a window that the cut is too short for
                print(setting, error.stderr.splitlines()[-2:], flush=True)
                continue
            print(setting, figure, *found[setting], flush=True)
    experts = [value for setting, (value, *_) in found.items() if setting != "default"]
    best = (max if more else min)(experts, default=None)
    rows = {setting: dict(zip((figure, "settings", "minutes"), row, strict=True)) for setting, row in found.items()}
    record(f"sizes, {chosen.task}, share {chosen.share:g}", {"best_expert": best, "seed": chosen.seed, **rows})


if __name__ == "__main__":
    main()
