"""Words a second of `seqtool tag --threads 1` through a real pipe, against spaCy's tagger alone, in turns, on one core.

The words are those of EWT's test part, several times over. A model of each preset is trained for a few steps only,
unless --model names a file: its speed does not depend on what it has learnt. Ours is measured from the process' start
to its end, words in and word/TAG out; spaCy (spacy_tagger.py) is loaded and warm, and gets the sentences as text.
Each speed counts its own tokens. Needs the sources (SEQTOOL_MIRROR, or a network) and a Python with spaCy: `make
bench` makes one.
"""

import argparse
import contextlib
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from results import record
from rivals import Rival

from seqtool.data.tag_options import TagOptions
from seqtool.data.tagged import read_tagged
from seqtool.families.choose import choose
from seqtool.families.family import ExportOptions, configured, presets_of
from seqtool.plugins import load_task
from seqtool.training.export import export_task
from seqtool.training.run import TrainOptions, train

FIELD = "upos"


def model(task, chosen, data, folder, steps):
    """Train `steps` on EWT and export; return the file."""
    options = {"source": "ewt", "field": FIELD, "max_steps": steps}
    config = configured(task, preset=presets_of(task)[chosen], options=options)
    with contextlib.chdir(folder), contextlib.redirect_stderr(io.StringIO()):
        run = folder / chosen
        train(task, config, data, TrainOptions(chosen, run, 0, "cpu", 1))
        return export_task(task, run, ExportOptions(), scores=False).path


def seconds(file, lines):
    """Return the seconds of the pipe, process start to process end."""
    command = [sys.executable, "-m", "seqtool", "tag", "-m", str(file), "--threads", "1"]
    begun = time.perf_counter()
    done = subprocess.run(command, input=lines, capture_output=True, check=True)
    taken = time.perf_counter() - begun
    assert done.stdout.count(b"\n") == lines.count(b"\n")
    return taken


def texts_of(path):
    """Return the text of each sentence as it was written."""
    mark = "# text = "
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix(mark) for line in lines if line.startswith(mark)]


def main(options):
    """Measure, print and record."""
    os.sched_setaffinity(0, {options.core})
    task = load_task("pos")
    data = choose(task, configured(task, options={"source": "ewt"}))
    sentences = read_tagged(data.files[2].path, options=TagOptions(FIELD)).records
    lines = "".join(" ".join(one.words) + "\n" for one in sentences).encode() * options.copies
    words = options.copies * sum(len(one.words) for one in sentences)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        labels = sorted({tag for one in sentences for tag in one.tags})
        texts = texts_of(data.files[2].path) * options.copies
        (folder / "texts.json").write_text(json.dumps({"labels": labels, "texts": texts}), encoding="utf-8")
        files = {Path(file).stem: file for file in options.model}
        files |= {} if files else {one: model(task, one, data, folder, options.steps) for one in options.presets}
        rival = Rival(options.python, "spacy_tagger.py", folder / "texts.json")
        rival.ask()  # warm
        ours, theirs = {one: [] for one in files}, []
        for _ in range(options.rounds):
            answer = rival.ask()
            theirs.append(answer["tokens"] / answer["seconds"])
            for one, file in files.items():
                ours[one].append(words / seconds(file, lines))
        rival.close()
    for one, speeds in ours.items():
        ratios = [mine / other for mine, other in zip(speeds, theirs, strict=True)]
        figures = {
            "threads": 1, "words": words, "words_per_s": round(statistics.median(speeds)),
            "spacy_words_per_s": round(statistics.median(theirs)), "ratio": round(statistics.median(ratios), 2),
            "lowest_ratio": round(min(ratios), 2), "spacy": rival.told["spacy"], "rounds": options.rounds,
        }  # fmt: skip
        print(one, figures)
        record(f"tag through the pipe, pos {one}, against spaCy's tagger", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", default=["default", "fast"])
    parser.add_argument("--model", action="append", default=[], help="a file in the place of a short training")
    parser.add_argument("--python", default=".venv-spacy/bin/python", help="a Python that has spaCy")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--copies", type=int, default=8, help="times that the test part is read in a round")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--core", type=int, default=0, help="the processor core to run on")
    main(parser.parse_args())
