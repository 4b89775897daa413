"""Our default translator in int8 against CTranslate2's Transformers in int8, one core each, in turns.

Five beams, exactly 30 tokens a translation, sources of 10 to 25, one sentence and 32 in one batch. All weights are
first weights: this tells of speed alone, nothing of quality. Ours are two LSTM layers of 512 with attention, and of
256 beside it; theirs the Transformers that are called base (6 + 6 layers of 512), small (3 + 3 of 256) and tiny
(4 + 4 of 128). Needs a Python with CTranslate2: `make bench` makes one.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from results import record
from rivals import Rival
from translation_speed import BEAMS, TOKENS, file, network, sentences

from seqtool.families.family import ExportOptions
from seqtool.families.translation.config import TranslationConfig
from seqtool.families.translation.export import graph

OURS = {"default, 2x512": TranslationConfig(), "2x256": TranslationConfig(hidden=256)}
THEIRS = {"base, 6+6x512": (6, 512), "small, 3+3x256": (3, 256), "tiny, 4+4x128": (4, 128)}


def ask(rival, batch):
    """Return their milliseconds a sentence."""
    answer = rival.ask()
    assert answer["lengths"] == [TOKENS] * batch, answer["lengths"]
    return answer["seconds"] / batch * 1e3


def translate(call, inputs):
    """Return our milliseconds a sentence."""
    begun = time.perf_counter()
    ids = call(*inputs)
    taken = time.perf_counter() - begun
    assert ids.shape[1:] == (BEAMS, TOKENS)
    assert ids.all()
    return taken / len(ids) * 1e3


def main(options):
    """Measure, print and record."""
    os.sched_setaffinity(0, {options.core})
    ours = {name: file(graph(network(config), ExportOptions(int8=True))) for name, config in OURS.items()}
    for batch in (1, 32):
        source, lengths = sentences(TranslationConfig().vocabulary, batch)
        with tempfile.TemporaryDirectory() as folder:
            given = Path(folder, "sentences.json")
            lines = [row[:length].tolist() for row, length in zip(source, lengths, strict=True)]
            asked = {"vocabulary": TranslationConfig().vocabulary, "beams": BEAMS, "tokens": TOKENS, "sentences": lines}
            given.write_text(json.dumps(asked), encoding="utf-8")
            theirs = {
                name: Rival(options.python, "ctranslate2_beam.py", given, *shape) for name, shape in THEIRS.items()
            }
            times = {name: [] for name in (*ours, *theirs)}
            for number in range(options.rounds + 1):
                for name in times:
                    taken = translate(ours[name], (source, lengths)) if name in ours else ask(theirs[name], batch)
                    if number:  # the first is a warm-up
                        times[name].append(taken)
            for rival in theirs.values():
                rival.close()
        mine, base = times["default, 2x512"], times["base, 6+6x512"]
        figures = {
            "threads": 1, "batch": batch, "beams": BEAMS, "tokens": TOKENS, "rounds": options.rounds,
            "ms_per_sentence": {name: round(statistics.median(taken), 2) for name, taken in times.items()},
            "default_against_base": round(statistics.median(b / a for a, b in zip(mine, base, strict=True)), 2),
            "ctranslate2": theirs["base, 6+6x512"].told["ctranslate2"],
        }  # fmt: skip
        print(figures, flush=True)
        record(f"translation speed in int8 against CTranslate2, {batch} at once", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=".venv-ctranslate2/bin/python", help="a Python that has CTranslate2")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--core", type=int, default=0, help="the processor core to run on")
    main(parser.parse_args())
