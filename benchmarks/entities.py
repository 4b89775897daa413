"""Entity F1 of the preset `entities` on WNUT-17, the model FILE on the test part: several seeds, beside a CRF.

Then the first seed's file, float and int8, tags 100,000 sentences, those of the data and the same words in random
order: tags that cannot follow one another are counted. Needs the sources (SEQTOOL_MIRROR, or a network).
"""

import argparse
import contextlib
import io
import tempfile
import time
from pathlib import Path

import numpy as np
from results import record

from seqtool.data.entities import impossible
from seqtool.families.choose import choose
from seqtool.families.family import ExportOptions, configured, presets_of
from seqtool.families.tagging.crf import NAME as CRF
from seqtool.families.tagging.data import read
from seqtool.families.tagging.frequent import FREQUENT
from seqtool.families.tagging.runner import Runner
from seqtool.plugins import load_task
from seqtool.report.report import MODEL
from seqtool.runtime.model import open_model
from seqtool.training.export import export_task
from seqtool.training.run import TrainOptions, train

SOURCE, PRESET, SENTENCES = "wnut17", "entities", 100_000
KEYS = {"entity_f1": "f1", "entity_precision": "precision", "entity_recall": "recall", "unseen_recall": "unseen_recall"}


def trained(task, config, data, run, seed):
    """Train and export; return the paths of the file and of its int8 twin, the scores of the test part, minutes."""
    begun = time.monotonic()
    with contextlib.chdir(run.parent), contextlib.redirect_stderr(io.StringIO()):
        train(task, config, data, TrainOptions(PRESET, run, seed, "cpu", 1))
        minutes = (time.monotonic() - begun) / 60
        made = export_task(task, run, ExportOptions())
        small = export_task(task, run, ExportOptions(int8=True), out=run / "int8.onnx") if seed == 0 else None
    return made.path, small and small.path, made.manifest.scores["test"], minutes


def counted(path, sentences):
    """Return how many tags that cannot follow one another a file answers, and its words a second."""
    runner = Runner(open_model(path, device="cpu", threads=1))
    begun, found = time.monotonic(), 0
    for start in range(0, len(sentences), 2000):
        answers = runner.tag(sentences[start : start + 2000])
        found += sum(impossible(answer.tags, runner.encoders.scheme()) for answer in answers)
    return found, round(sum(map(len, sentences)) / (time.monotonic() - begun))


def drawn(parts):
    """Return sentences of the data, as they are and with their words in random order."""
    own = [sentence.words for part in parts.by_name.values() for sentence in part]
    dice = np.random.default_rng(0)
    words = np.array([word for sentence in own for word in sentence], dtype=object)
    lengths = dice.integers(1, 40, SENTENCES - len(own))
    return [*own, *(tuple(words[dice.integers(0, len(words), length)]) for length in lengths)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    given = parser.parse_args()
    pos = load_task("pos")
    rows, rival, frequent, minutes, figures = [], {}, {}, [], {}
    for seed in given.seeds:
        options = {"source": SOURCE, "baselines": ("crf",) if seed == given.seeds[0] else ()}
        config = configured(pos, preset=presets_of(pos)[PRESET], options=options)
        data = choose(pos, config)
        with tempfile.TemporaryDirectory() as folder:
            path, small, test, taken = trained(pos, config, data, Path(folder) / "run", seed)
            if seed == given.seeds[0]:
                rival, frequent = test["whole"][CRF], test["whole"][FREQUENT]
                sentences = drawn(read(pos, config, data))
                figures = {"sentences": len(sentences), "bytes": path.stat().st_size}
                for name, file in (("float", path), ("int8", small)):
                    if file is not None:
                        figures[f"{name}_impossible"], figures[f"{name}_words_per_s"] = counted(file, sentences)
        rows.append({short: round(100 * test["whole"][MODEL][key], 2) for key, short in KEYS.items()})
        minutes.append(round(taken, 1))
        print(seed, rows[-1], test["verdict"][0], flush=True)
    values = [row["f1"] for row in rows]
    figures = {
        "seeds": given.seeds, "f1": values, "mean_f1": round(float(np.mean(values)), 2),
        "spread": round(float(np.std(values, ddof=1)), 2) if len(values) > 1 else None,
        **{f"mean_{key}": round(float(np.mean([row[key] for row in rows])), 2) for key in list(KEYS.values())[1:]},
        "crf_f1": round(100 * rival["entity_f1"], 2),
        "most_frequent_tag_f1": round(100 * frequent["entity_f1"], 2), "minutes": minutes, **figures,
    }  # fmt: skip
    print(figures)
    record(f"entities, {SOURCE}, preset {PRESET}", figures)
