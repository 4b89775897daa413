"""Accuracy of taggers, the model FILE on the test part, beside the most frequent tag of each word.

Each preset on its data: English Web Treebank (upos and xpos) for `default` and `fast`, NLTK's Penn Treebank sample, cut
by sentence, for those and for the recipes' presets, whose own figure (padding counted as right) stands beside. With
`--int8` the int8 file too. Needs the sources (SEQTOOL_MIRROR, or a network).
"""

import argparse
import contextlib
import io
import tempfile
import time
from pathlib import Path

from results import record

from seqtool.families.choose import choose
from seqtool.families.family import ExportOptions, configured, presets_of
from seqtool.plugins import load_task
from seqtool.report.report import MODEL
from seqtool.training.export import export_task
from seqtool.training.run import TrainOptions, train

RECIPE = "treebank-"


def jobs(task, names):
    """Yield preset, source and field of every measurement."""
    for name in names or [name for name in presets_of(task) if name != "entities"]:
        if not name.startswith(RECIPE):
            yield from ((name, "ewt", "upos"), (name, "ewt", "xpos"))
        yield name, "treebank", "xpos"


def percent(row):
    """Return the shares of a row in percent."""
    return {key: None if row[key] is None else round(100 * row[key], 2) for key in ("accuracy", "unknown", "sentences")}


def measure(task, chosen, options, seed, threads, *, int8):
    """Train, export, print and record one preset."""
    config = configured(task, preset=presets_of(task)[chosen], options=options)
    data = choose(task, config)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), contextlib.redirect_stderr(io.StringIO()):
        run, begun = Path(folder) / "run", time.monotonic()
        train(task, config, data, TrainOptions(chosen, run, seed, "cpu", threads))
        minutes = (time.monotonic() - begun) / 60
        made = export_task(task, run, ExportOptions())
        path, manifest, worst = made.path, made.manifest, made.difference
        size, small = path.stat().st_size, None
        if int8:
            small = export_task(task, run, ExportOptions(int8=True)).manifest.scores
    test = manifest.scores["test"]
    others = {report["field"]: percent(report["whole"][MODEL]) for report in test.get("more", [])}
    figures = {
        "data": data.name, "field": config.field, "seed": seed, "minutes": round(minutes, 1), "words": test["words"],
        "unknown_words": test["unknown_words"], **percent(test["whole"]["model"]),
        "most_frequent_tag": percent(test["whole"][test["best_baseline"]])["accuracy"],
        "export_difference": float(f"{worst:.1g}"), "bytes": size, **({"others": others} if others else {}),
    }  # fmt: skip
    if "padded" in test:
        figures["as_the_recipe_counts"] = round(100 * test["padded"]["accuracy"], 2)
    if small is not None:
        figures["int8_accuracy"] = percent(small["test"]["whole"]["model"])["accuracy"]
        figures["int8_speed"] = small["int8"]["speed"]
    print(chosen, figures, flush=True)
    for line in test["verdict"]:
        print(f"  {line}")
    name = f"tagging, pos {chosen}, {config.source or data.name} {config.field}"
    record(f"{name}, seed {seed}" if seed else name, figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", help="left out: all")
    parser.add_argument("--source", choices=["ewt", "treebank"], help="this one alone")
    parser.add_argument("--field", choices=["upos", "xpos"], help="this one alone")
    parser.add_argument("--together", action="store_true", help="both fields of EWT in one network")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--max-steps", type=int, help="left out: the preset's")
    parser.add_argument("--int8", action="store_true")
    given = parser.parse_args()
    limits = {} if given.max_steps is None else {"max_steps": given.max_steps}
    pos = load_task("pos")
    if given.together:
        options = {**limits, "source": "ewt", "tag_column": ("upos", "xpos")}
        for chosen in given.presets or ["default"]:
            measure(pos, chosen, options, given.seed, given.threads, int8=given.int8)
        raise SystemExit
    for chosen, source, field in jobs(pos, given.presets):
        if given.source in (None, source) and given.field in (None, field):
            measure(
                pos, chosen, {**limits, "source": source, "field": field}, given.seed, given.threads, int8=given.int8
            )
