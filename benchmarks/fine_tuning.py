"""What new records give a trained model, and what it forgets: `train --init-from`, with and without `--replay`.

A translator of German goes on with 1,000 pairs that a grammar makes here, of forms that captions do not have; a
language model with the text of `--new`. The old and the new test part are scored with the model file before and after:

    python benchmarks/fine_tuning.py translate runs/multi30k-de-en --old captions.tsv --options="--replay 0.1"
    python benchmarks/fine_tuning.py generate runs/shakespeare --old end.txt --new grimm.txt --new-test more.txt
"""

import argparse
import itertools
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from results import record

WHO = (("ich", "I", "habe", "have"), ("du", "you", "hast", "have"), ("wir", "we", "haben", "have"))
COLOURS = (("roten", "red"), ("grünen", "green"), ("schwarzen", "black"), ("weißen", "white"), ("alten", "old"))
NOUNS = (
    ("Hund", "dog"),
    ("Ball", "ball"),
    ("Tisch", "table"),
    ("Wagen", "car"),
    ("Stuhl", "chair"),
    ("Brief", "letter"),
)
VERBS = (
    ("gesehen", "seen"),
    ("gekauft", "bought"),
    ("verloren", "lost"),
    ("gefunden", "found"),
    ("vergessen", "forgotten"),
)
WHEN = (("gestern", "yesterday"), ("heute", "today"), ("am Montag", "on Monday"), ("vor einer Woche", "a week ago"))
SHOWN = {"translate": "bleu", "generate": "nats_per_character"}


def pairs():
    """Return all questions, answers and denials of the grammar, German and English, shuffled."""
    lines = []
    for who, colour, noun, verb, time in itertools.product(WHO, COLOURS, NOUNS, VERBS, WHEN):
        (ich, i, habe, have), (roten, red), (hund, dog), (gesehen, seen), (gestern, yesterday) = (
            who, colour, noun, verb, time,
        )  # fmt: skip
        lines += [
            f"{habe} {ich} {gestern} den {roten} {hund} {gesehen} ?\t{have} {i} {seen} the {red} {dog} {yesterday} ?",
            f"{ich} {habe} den {roten} {hund} {gestern} {gesehen} .\t{i} {have} {seen} the {red} {dog} {yesterday} .",
            f"{ich} {habe} {gestern} keinen {roten} {hund} {gesehen} .\t{i} {have} {seen} no {red} {dog} {yesterday} .",
        ]
    lines = ["\t".join(side[0].upper() + side[1:] for side in line.split("\t")) for line in lines]
    random.Random(0).shuffle(lines)
    return lines


def seqtool(*words):
    """Run a command; return what it prints."""
    return subprocess.run(
        [sys.executable, "-m", "seqtool", *map(str, words)], check=True, capture_output=True, text=True
    ).stdout


def score(verb, model, file):
    """Score a model file on records that it never saw."""
    whole = json.loads(seqtool("evaluate", model, "--data", f"test={file}", "--json"))
    return round(whole["whole"]["model"][SHOWN[verb]], 3)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=SHOWN)
    parser.add_argument("run", type=Path)
    parser.add_argument("--old", type=Path, required=True, help="the test part of the run")
    parser.add_argument("--new", type=Path)
    parser.add_argument("--new-test", type=Path)
    parser.add_argument("--options", type=str.split, default=[], help="of the second training")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        new, new_test = given.new, given.new_test
        if given.verb == "translate":
            new, new_test = Path(place, "new.tsv"), Path(place, "new-test.tsv")
            made = pairs()
            new.write_text("\n".join(made[:1000]) + "\n", encoding="utf-8")
            new_test.write_text("\n".join(made[1000:1200]) + "\n", encoding="utf-8")
        first, second, tuned = Path(place, "first.onnx"), Path(place, "second"), Path(place, "second.onnx")
        seqtool("export", given.run, "--no-scores", "--out", first)
        begun = ("--init-from", given.run, "--threads", 1, "--device", "cpu", "--out", second)
        seqtool("train", given.verb, "--data", new, *begun, *given.options)
        seqtool("export", second, "--no-scores", "--out", tuned)
        figures = {
            "options": " ".join(given.options), "figure": SHOWN[given.verb],
            "minutes": round(json.loads((second / "run.json").read_text())["training"]["seconds"] / 60, 1),
            "old": [score(given.verb, model, given.old) for model in (first, tuned)],
            "new": [score(given.verb, model, new_test) for model in (first, tuned)],
        }  # fmt: skip
    print(figures)
    record(f"fine-tuning, {given.verb}, {' '.join(given.options) or 'no options'}", figures)
