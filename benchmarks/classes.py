"""Classes of texts: the default against linear rivals, the coverage of label sets, several labels a text.

cuts: SST-2's training part cut to 500, 1,000 and 2,000 records, five genres of EWT's sentences, ten works of
Shakespeare by their lines, SI650; a few seeds each, and the pooled difference from the better linear rival. sets: the
coverage of label sets at 90 % over 100 resplits of a test part, and ECE. several: texts that name any of six subjects,
by a stated rule, kinds of clauses in EWT's sentences, kinds of entities in WNUT-17's; micro F1 against one against the
rest. Needs the sources (SEQTOOL_MIRROR).
"""

import argparse
import contextlib
import gzip
import io
import json
import os
import random
import re
import tempfile
from pathlib import Path

import numpy as np
from results import record

from seqtool.families.choose import choose
from seqtool.families.classification.conformal import Calibration, shuffled
from seqtool.families.family import ExportOptions, configured, presets_of
from seqtool.families.load import load
from seqtool.plugins import load_task
from seqtool.reads import DataFile
from seqtool.training.export import export_task
from seqtool.training.run import TrainOptions, train

MIRROR = Path(os.environ.get("SEQTOOL_MIRROR", "."))
LINEAR = ("bag of bigrams", "TF-IDF")
SUBJECTS = {
    "food": ("soup", "bread", "fish", "menu"), "service": ("waiter", "staff", "bill", "manager"),
    "room": ("bed", "shower", "window", "carpet"), "price": ("price", "fee", "cost", "discount"),
    "noise": ("noise", "music", "street", "lift"), "view": ("sea", "garden", "harbour", "roof"),
}  # fmt: skip
CLAUSES = {"advcl", "acl", "ccomp", "xcomp", "csubj", "parataxis", "conj", "expl", "vocative", "iobj", "aux"}
WORKS = 10


def scored(files, seed, folder, options=()):
    """Train the default on files of labelled texts; return the scores of the file on the test part."""
    task = load_task("classify")
    config = configured(task, preset=presets_of(task)["default"], options=dict(options))
    data = choose(task, config, [DataFile(path) for path in files])
    with contextlib.redirect_stderr(io.StringIO()):
        train(task, config, data, TrainOptions("default", folder, seed, "cpu", 1))
        return export_task(task, folder, ExportOptions()).manifest.scores["test"]


def sst2(part, most=None):
    """Return lines `label<TAB>text` of a part of SST-2."""
    lines = (MIRROR / "sst2" / f"stsa.binary.{part}").read_text(encoding="latin-1").splitlines()
    lines = [line.replace(" ", "\t", 1) for line in lines]
    random.Random(0).shuffle(lines)
    return lines[:most]


def ewt():
    """Return the sentences of EWT: genre, text, relations."""
    with gzip.open(MIRROR / "ud-english-ewt" / "en_ewt-ud-train.conllu.gz", "rt", encoding="utf-8") as stream:
        blocks = stream.read().split("\n\n")
    genre = ""
    for block in filter(None, map(str.strip, blocks)):
        if named := re.search("^# newdoc id = ([a-z]+)", block, re.MULTILINE):
            genre = named[1]
        rows = [line.split("\t") for line in block.splitlines() if line[0] != "#"]
        rows = [row for row in rows if row[0].isdigit()]
        yield genre, " ".join(row[1] for row in rows), {row[7].partition(":")[0] for row in rows}


def shakespeare():
    """Return lines of ten works, 300 each: the work and a line of some words."""
    with gzip.open(MIRROR / "shakespeare" / "gutenberg100_shakespeare.txt.gz", "rt", encoding="utf-8") as stream:
        works = re.split(r"\n(?=[A-Z][^a-z\n]{8,}\n\s*\n\s*by William Shakespeare)", stream.read())
    kept = [work for work in works if len(work) > 60_000][:WORKS]
    dice = random.Random(0)
    for number, work in enumerate(kept):
        lines = sorted({line.strip() for line in work.splitlines() if len(line.split()) >= 7})
        yield from (f"work {number}\t{line}" for line in dice.sample(lines, 300))


def cuts(folder, seeds):
    """Record the difference of the default from the better linear rival on each set, and pooled."""
    sets = {f"SST-2, {most:,} records": [("train", sst2("train", most)), ("valid", sst2("dev")), ("test", sst2("test"))]
            for most in (500, 1000, 2000)}  # fmt: skip
    sets["EWT, five genres"] = [("all", [f"{genre}\t{text}" for genre, text, _ in ewt()])]
    sets["Shakespeare, ten works"] = [("all", list(shakespeare()))]
    sets["SI650"] = [("all", (MIRROR / "si650" / "training.txt").read_text(encoding="utf-8").splitlines())]
    found = {}
    for place, (name, parts) in enumerate(sets.items()):
        files = []
        for part, lines in parts:
            files.append(folder / f"{place}-{part}.tsv")
            files[-1].write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        for seed in range(seeds):
            options = {"fold": seed, "test": 0.2} if len(files) == 1 else {}
            scores = scored(files, seed, folder / f"{place}-{seed}", options)
            whole = scores["whole"]
            best = max(LINEAR, key=lambda rival: whole[rival]["accuracy"])
            gain = 100 * (whole["model"]["accuracy"] - whole[best]["accuracy"])
            worse = scores["differences"][best][1] > 0
            found.setdefault(name, []).append((whole["model"]["accuracy"], gain, worse, scores["texts"]))
            print(name, seed, round(100 * whole["model"]["accuracy"], 2), best, round(gain, 2), worse, flush=True)
    for name, rows in found.items():
        accuracy, gain, worse, texts = (np.array(column) for column in zip(*rows, strict=True))
        record(f"classes, {name}", {
            "accuracy": round(100 * float(accuracy.mean()), 2),
            "less_the_best_linear_rival": round(float(gain.mean()), 2),
            "its_standard_error": round(float(gain.std(ddof=1) / np.sqrt(len(gain))), 2) if len(gain) > 1 else None,
            "worse_than_chance": int(worse.sum()), "trainings": len(gain), "test_texts": int(texts.mean()),
        })  # fmt: skip
    rows = [row for some in found.values() for row in some]
    pooled = np.average([gain for _, gain, *_ in rows], weights=[texts for *_, texts in rows])
    record("classes, pooled", {"less_the_best_linear_rival": round(float(pooled), 2), "trainings": len(rows)})


def resplit(chances, gold, ties, level=0.9, times=100):
    """Return the mean coverage over resplits, its standard error, and the size of the sets; half calibrates."""
    dice, hits, sizes = np.random.default_rng(1), [], []
    for _ in range(times):
        first, second = np.array_split(dice.permutation(len(gold)), 2)
        flags = Calibration.of(chances[first], gold[first], ties[first]).sets(chances[second], ties[second], level)
        hits.append(flags[np.arange(len(second)), gold[second]].mean())
        sizes.append(flags.sum(axis=1).mean())
    return float(np.mean(hits)), float(np.std(hits, ddof=1) / np.sqrt(times)), float(np.mean(sizes)), len(gold) // 2


def label_sets(folder):
    """Record the coverage of label sets of SST-2 and of EWT's genres, and the calibration error."""
    genres = list(ewt())
    random.Random(0).shuffle(genres)
    lines = [f"{genre}\t{text}" for genre, text, _ in genres]
    sets = {
        "SST-2": (sst2("train"), sst2("dev"), sst2("test")),
        "EWT, five genres": (lines[2400:], lines[:1200], lines[1200:2400]),
    }
    for name, parts in sets.items():
        files = [folder / f"sets-{name[:3]}-{part}.tsv" for part in ("train", "valid", "test")]
        for file, some in zip(files, parts, strict=True):
            file.write_text("".join(f"{line}\n" for line in some), encoding="utf-8")
        run = folder / f"sets-{name[:3]}"
        scores = scored(files, 0, run)
        model = load(run / "model.onnx", device="cpu")
        pairs = [line.split("\t", 1) for line in parts[2]]
        ids = [model.reader.read(text) for _, text in pairs]
        gold = np.array([model.labels.index(label) for label, _ in pairs])
        coverage, error, size, half = resplit(model.predict(ids), gold, shuffled(ids))
        figures = {"coverage_at_90": round(coverage, 4), "its_standard_error": round(error, 4), "calibrated_on": half,
                   "mean_size": round(size, 3),
                   "ece_percent": round(100 * scores["whole"]["model"]["ece"], 2)}  # fmt: skip
        print(name, figures, flush=True)
        record(f"label sets, {name}", figures)


def subjects(count):
    """Yield texts that name some of six subjects; 2 % of the labels are wrong.

    The rule: `the WORD was ...` of a subject is a complaint about it, `nobody spoke of the WORD` is none.
    """
    dice = random.Random(count)
    for _ in range(count):
        chosen = dice.sample(list(SUBJECTS), dice.choices((0, 1, 2, 3), (1, 4, 3, 1))[0])
        others = [name for name in SUBJECTS if name not in chosen]
        parts = [
            f"the {dice.choice(SUBJECTS[name])} was {dice.choice(('odd', 'late', 'cold', 'loud'))}" for name in chosen
        ]
        silent = dice.sample(others, dice.choice((0, 0, 1, 2)))
        parts += [f"nobody spoke of the {dice.choice(SUBJECTS[name])}" for name in silent] or ["it rained all week"]
        dice.shuffle(parts)
        labels = [name for name in SUBJECTS if (name in chosen) != (dice.random() < 0.02)]
        yield " and ".join(parts), labels


def entities():
    """Yield the sentences of WNUT-17 and the kinds of entities that they name."""
    for name in ("wnut17train.conll", "emerging.dev.conll"):
        for block in re.split(r"\n\s*\n", (MIRROR / "wnut17" / name).read_text(encoding="utf-8")):
            rows = [line.split("\t") for line in block.splitlines() if "\t" in line]
            if rows:
                yield " ".join(row[0] for row in rows), sorted({row[1].strip()[2:] for row in rows} - {""})


def several(folder, seeds):
    """Record micro F1 of the default and of one against the rest."""
    sets = {
        "six subjects, 1,000 texts": subjects(1000), "six subjects, 4,000 texts": subjects(4000),
        "EWT, kinds of clauses": ((text, sorted(found & CLAUSES)) for _, text, found in ewt()),
        "WNUT-17, kinds of entities": entities(),
    }  # fmt: skip
    for place, (name, rows) in enumerate(sets.items()):
        file, gains, worse, f1 = folder / f"several-{place}.jsonl", [], 0, []
        lines = [json.dumps({"text": text, "labels": labels}) + "\n" for text, labels in rows]
        file.write_text("".join(lines), encoding="utf-8")
        for seed in range(seeds):
            scores = scored([file], seed, folder / f"several-{place}-{seed}", {"fold": seed, "test": 0.2})
            ours, theirs = (scores["whole"][who]["micro_f1"] for who in ("model", "TF-IDF"))
            gains.append(100 * (ours - theirs))
            f1.append(100 * ours)
            worse += scores["differences"]["TF-IDF"][1] > 0
            print(name, seed, round(f1[-1], 2), round(gains[-1], 2), flush=True)
        record(f"several labels, {name}", {
            "micro_f1": [round(one, 2) for one in f1], "less_one_against_the_rest": [round(one, 2) for one in gains],
            "mean_difference": round(float(np.mean(gains)), 2), "worse_than_chance": int(worse),
        })  # fmt: skip


def main():
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("cuts", "sets", "several"))
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if chosen.what == "cuts":
            cuts(place, chosen.seeds)
        elif chosen.what == "sets":
            label_sets(place)
        else:
            several(place, chosen.seeds)


if __name__ == "__main__":
    main()
