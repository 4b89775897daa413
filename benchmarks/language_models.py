"""Finished runs of `seqtool train chargen`: exported, the files scored on the test part, int8 beside float.

The trainings take up to an hour, so they are commands of their own, which can be resumed:

    seqtool train chargen --source tinyshakespeare --threads 1 --out runs/shakespeare
    python benchmarks/language_models.py runs/shakespeare
"""

import argparse
from pathlib import Path

from results import record

from seqtool.families.family import ExportOptions
from seqtool.runs import read_run
from seqtool.training.export import export

SHOWN = ("nats_per_character", "bits_per_character")


def exported(run, which, *, int8):
    """Export a run; return the file's manifest and its bytes."""
    file = export(run, ExportOptions(int8=int8), out=None, which=which, scores=True)
    return file.manifest, file.path.stat().st_size


def rounded(row):
    """Return a forecaster's nats and bits a character."""
    return {key: round(row[key], 4) for key in SHOWN}


def measure(run, which, *, int8):
    """Export a run, print and record its scores."""
    described = read_run(run)
    full, size = exported(run, which, int8=False)
    scores = full.scores["test"]
    figures = {
        "preset": described.preset, "checkpoint": which, "data": scores["data"], "seed": described.seed,
        "minutes": round(described.training["seconds"] / 60, 1), "steps": described.training["steps"],
        "precision": full.config["precision"], "characters": scores["characters"],
        "whole": {name: rounded(row) for name, row in scores["whole"].items()}, "bytes": size,
        "verdict": scores["verdict"],
    }  # fmt: skip
    if int8:
        small, bytes_int8 = exported(run, which, int8=True)
        costs = small.scores["int8"]
        figures["int8"] = {
            **rounded(small.scores["test"]["whole"]["model"]), "validation": round(costs["int8"], 4),
            "validation_float": round(costs["float"], 4), "speed": costs["speed"], "bytes": bytes_int8,
        }  # fmt: skip
    print(figures)
    record("chargen", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--checkpoint", default="best", help="best, last or average:N")
    parser.add_argument("--no-int8", action="store_true")
    options = parser.parse_args()
    for one in options.runs:
        measure(one, options.checkpoint, int8=not options.no_int8)
