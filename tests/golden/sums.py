"""Prints sums of all that seqtool computes, to compare two versions: python sums.py [FOLDER [CASE...]] > sums.json.

The script trains small models of every family on the built-in samples, exports them and asks them, by the command line
alone. It prints one JSON object: sha256 of the weights, the graphs, the scores and the answers. Two versions that
compute the same print the same. Weights depend on the processor, so the sums of two machines are not compared. FOLDER
keeps the runs; it has to be new or empty. CASEs are names of what is to be summed; left out: all. Without a FOLDER the
runs go into a temporary folder.
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import onnx
from command import CommandLine, Refused, timeless

SPEED = re.compile(r"[0-9,]+ tokens a second written")
"""What `evaluate` says of the machine."""


@dataclass(frozen=True)
class Case:
    """One training, its exports, and what is asked of them.

    `asked` maps a name to a command line, in which {model}, {int8}, {text}, {attention} and {sampling} are the exported
    files; `stdin` is what all of them read.
    """

    name: str
    task: str
    train: str
    asked: dict[str, str]
    stdin: str = ""
    exports: tuple[str, ...] = ()
    check: str = ""
    shown: tuple[str, ...] = field(default=("evaluate {model}", "evaluate {model} --json"))


def series(rows: int, minutes: int, season: int) -> str:
    """Return a CSV of a wave, a saw tooth and a missing value; whole numbers make it the same everywhere."""
    begin, lines = datetime(2023, 3, 1), ["Date,Close"]
    for row in range(rows):
        value = 1000 + 40 * abs(row % season - season // 2) + row % 7 * 9 - row * row % 11 + row // 2
        stamp = (begin + row * timedelta(minutes=minutes)).isoformat(sep=" ")
        lines.append(f"{stamp if minutes < 1440 else stamp[:10]},{'' if row == rows - 30 else value}")
    return "\n".join(lines) + "\n"


def tagged(*sentences: str) -> str:
    """Return CoNLL-U of sentences `word/TAG word/TAG`."""
    blocks = [[word.split("/") for word in sentence.split()] for sentence in sentences]
    rows = [[f"{i}\t{word}\t_\t{tag}" + "\t_" * 6 for i, (word, tag) in enumerate(block, 1)] for block in blocks]
    return "".join("\n".join(lines) + "\n\n" for lines in rows)


DAYS, HALF_HOURS = series(700, 1440, 7), series(1200, 30, 48)
FILES = {
    "days.csv": DAYS,
    "half-hours.csv": HALF_HOURS,
    "monday.csv": "".join(HALF_HOURS.splitlines(keepends=True)[:400]),
}
PROMPTS = "Once upon a time\n\nThe old king said\\nto his son\nThe fox\nzebra Ünïcode 99\n"
OPINIONS = "a warm and clever film\n\nnot good at all\nthe plot was never dull , but the music is bad\nxyzzy\nGOOD!\n"
SENTENCES = (
    "The old man saw the saw .\n\nSome left plants plant near some cans .\nxyzzy unknowns 42 can light a light !\nWe\n"
)
CONLLU = "# text = They can light\n" + tagged("They/_ can/_ light/_", "Yes/_")
GERMAN = (
    "Wir hörten diese Stadt.\n\nDas Kind liebt den stillen Baum.\nqwertz 123\nAnna will diese kleine Frau lieben.\n"
)
PAIRS = "Wir hörten diese Stadt.\tWe heard this town.\nDas Kind liebt den Baum.\tThe child loves the tree.\n"

THREADS = ("--threads", "1", "--device", "cpu")
UNFED = ("own data",)
"""What is asked with nothing on standard input."""
TINY = "--evaluate-every 10 --seed 3"
FORECAST = {
    "csv": "forecast -m {model} --data days.csv",
    "json": "forecast -m {model} --data days.csv --horizon 3 --quantiles --json",
    "follow": "forecast -m {model} --follow",
    "follow json": "forecast -m {model} --follow --json",
}
CLASSIFY = {"text": "classify -m {model} --all", "json": "classify -m {model} --json"}
TAG = {"text": "tag -m {model}", "json": "tag -m {model} --json"}
GENERATE = {
    "lines": "generate -m {model} -n 30 --seed 5",
    "prompt": "generate -m {model} --prompt 'The old' -n 60 --seed 2 --temperature 0.8 --top-k 20 --top-p 0.9",
    "json": "generate -m {model} -n 20 --samples 2 --json",
    "score": "score -m {model}",
}
TRANSLATE = {"text": "translate -m {model} --scores", "json": "translate -m {model} --json --n-best 2 --beam 3"}
SPELLED = "--embedding 8 --characters 5 --character-hidden 6 --hidden 10"

CASES = (
    Case(
        "forecasting-seq2seq-lstm",
        "bitcoin",
        "--hidden 6 --max-steps 30 --keep 2",
        FORECAST
        | {
            "own data": "forecast -m {model} --horizon 5 --at 2023-06-01",
            "evaluate data": "evaluate {model} --data days.csv --json",
            "backtest": "evaluate {model} --backtest --data days.csv --horizon 9 --stride 5 --json",
            "average": "forecast -m {average} --data days.csv --json",
        },
        DAYS,
        ("--checkpoint average:2 --no-scores --out average.onnx",),
        check="--data days.csv --gap 0",
    ),
    Case(
        "forecasting-seq2seq-gru-window",
        "bitcoin",
        "--cell gru --layers 2 --dropout 0.2 --hidden 5 --scaling window --bidirectional --window 20 --horizon 10"
        " --output-gain --initial-deviation 0.1 --optimiser rmsprop --momentum 0.5 --schedule exponential"
        " --max-steps 20",
        FORECAST,
        DAYS,
    ),
    Case(
        "forecasting-direct-calendar",
        "bitcoin",
        "--network direct --cell rnn --hidden 7 --scaling seasonal-difference --calendar weekday,month --highway 5"
        " --window 20 --horizon 6 --quantiles 0.05,0.25,0.5,0.95 --optimiser adagrad --max-steps 20",
        FORECAST,
        DAYS,
    ),
    Case(
        "forecasting-autoregressive-peephole-refit",
        "bitcoin",
        "--network autoregressive --cell peephole --residual --hidden 5 --scaling min-max --window 15 --horizon 8"
        " --optimiser sgd --momentum 0.9 --max-steps 20 --refit",
        FORECAST,
        DAYS,
    ),
    Case(
        "forecasting-stateful",
        "electricity",
        "--network autoregressive --stateful --hidden 6 --window 24 --horizon 12 --scaling standard"
        " --season 48 --highway 0 --calendar hour,weekday --max-steps 20",
        {
            "csv": "forecast -m {model} --data half-hours.csv",
            "state": "forecast -m {model} --data monday.csv --state meter.state --json",
            "state again": "forecast -m {model} --data half-hours.csv --state meter.state --horizon 5 --quantiles",
            "follow": "forecast -m {model} --follow --horizon 2",
        },
        HALF_HOURS,
        check="--data half-hours.csv --window 340 --horizon 4 --highway 0 --gap 0",
    ),
    Case("forecasting-sine", "sine", "--hidden 5 --max-steps 10", {"own data": "forecast -m {model} --horizon 20"}),
    Case(
        "generation-characters-lstm",
        "chargen",
        "--encoder characters --layers 2 --embedding 8 --hidden 16 --dropout 0.1 --weight-drop 0.2 --precision fp32"
        " --window 50 --batch 8 --max-steps 20",
        GENERATE
        | {
            "state": "generate -m {model} --prompt 'The fox' -n 25 --state book.npz",
            "state again": "generate -m {model} -n 25 --state book.npz",
            "score json": "score -m {model} --json",
            "int8": "generate -m {int8} -n 30 --seed 5",
            "int8 score": "score -m {int8}",
            "evaluate data": "evaluate {model} --data prompts.txt --json",
        },
        PROMPTS,
        ("--int8 --no-scores",),
        check="--sample",
    ),
    Case(
        "generation-bigrams-scrn",
        "chargen",
        "--encoder bigrams --lower --ascii --join-lines --cell scrn --context 4 --alpha 0.9 --embedding 0 --hidden 12"
        " --precision bf16 --window 40 --batch 8 --max-steps 20",
        GENERATE,
        PROMPTS,
    ),
    Case(
        "generation-pieces-gru",
        "chargen",
        "--encoder sentencepiece --vocabulary 350 --cell gru --tied --embedding 12 --hidden 12 --precision fp32"
        " --window 30 --batch 8 --initial-deviation 0.1 --max-steps 20",
        GENERATE,
        PROMPTS,
    ),
    Case(
        "generation-words-peephole",
        "chargen",
        "--encoder words --vocabulary 200 --cell peephole --embedding 8 --hidden 8 --embedding-dropout 0.1"
        " --precision fp32 --window 20 --batch 8 --schedule inverse-square-root --warm-up 0.2 --max-steps 20",
        GENERATE,
        PROMPTS,
    ),
    Case(
        "classification-words-lstm",
        "sentiment",
        "--embedding 10 --hidden 8 --max-steps 40",
        CLASSIFY
        | {
            "threshold": "classify -m {model} --threshold 0.7",
            "int8": "classify -m {int8} --json",
            "text input": "classify -m {text} --json",
            "evaluate data": "evaluate {model} --data opinions.tsv --json",
        },
        OPINIONS,
        ("--int8", "--text-input --no-scores"),
        check="--sample",
    ),
    Case(
        "classification-pieces-peephole",
        "sentiment",
        "--encoder sentencepiece --vocabulary 320 --word-dropout 0 --embedding 8 --cell peephole --layers 2 --hidden 6"
        " --pooling max --class-weights balanced --weight-drop 0.2 --no-bidirectional --max-steps 20",
        CLASSIFY,
        OPINIONS,
    ),
    Case(
        "classification-characters-gru",
        "sentiment",
        "--encoder characters --word-dropout 0 --embedding 6 --cell gru --hidden 6 --pooling last --max-steps 20",
        CLASSIFY,
        OPINIONS,
    ),
    Case(
        "tagging-characters-lstm",
        "pos",
        f"{SPELLED} --layers 1 --max-steps 40",
        TAG
        | {
            "tokenize": "tag -m {model} --tokenize",
            "int8": "tag -m {int8} --json",
            "evaluate data": "evaluate {model} --data tagged.conllu --json",
        },
        SENTENCES,
        ("--int8 --no-scores",),
        check="--sample",
    ),
    Case(
        "tagging-encoder-decoder-gru",
        "pos",
        "--network encoder-decoder --cell gru --characters 0 --embedding 8 --hidden 8 --field xpos --max-steps 20",
        TAG | {"text input": "tag -m {text} --json", "conllu": "tag -m {model} --conllu --field xpos"},
        CONLLU,
        ("--text-input --no-scores",),
    ),
    Case(
        "translation-pieces-luong",
        "nmt",
        "--vocabulary 300 --embedding 16 --hidden 16 --layers 1 --batch 16 --precision fp32 --max-steps 30",
        TRANSLATE
        | {
            "int8": "translate -m {int8} --json",
            "attention": "translate -m {attention} --json --alignment",
            "sampling": "translate -m {sampling} --json --sample --n-best 2 --seed 4 --temperature 0.9",
            "greedy": "translate -m {model} --beam 1 --max-length 6",
        },
        GERMAN,
        ("--int8 --no-scores", "--attention --no-scores", "--sampling --no-scores"),
        check="--sample",
    ),
    Case(
        "translation-words-bahdanau",
        "nmt",
        "--vocabulary-kind words --no-joint --tied output --attention normed_bahdanau --input-feeding --cell gru"
        " --layers 2 --residual --bridge dense --embedding 8 --hidden 8 --batch 16 --precision fp32 --max-steps 20",
        {"score": "score -m {model}", "score json": "score -m {model} --json", **TRANSLATE},
        PAIRS,
    ),
    Case(
        "translation-bpe-plain",
        "nmt",
        "--vocabulary-kind bpe --vocabulary 200 --attention none --bridge zero --no-bidirectional --reverse --tied none"
        " --embedding 8 --hidden 8 --layers 1 --batch 16 --precision bf16 --max-steps 20",
        TRANSLATE,
        "We heard this town.\nThe child loves the tree.\n",
    ),
)
FILES |= {
    "prompts.txt": "Once upon a time there was a fox. The fox had a friend, an old king.\n" * 20,
    "opinions.tsv": "".join(
        f"{('negative', 'positive')[i % 2]}\t{line}\n" for i, line in enumerate(OPINIONS.split("\n") * 4) if line
    ),
    "tagged.conllu": tagged("The/DET old/ADJ man/NOUN saw/VERB the/DET saw/NOUN", "We/PRON light/VERB it/PRON") * 4,
}


def digest(*parts: bytes | str) -> str:
    """Return the sha256 of all parts, each with its length before it."""
    found = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found.update(f"{len(data)}:".encode() + data)
    return found.hexdigest()


def tensors(file: Path) -> str:
    """Return the sum of the tensors of a safetensors file: names, types, shapes and bytes, in order of the names."""
    data = file.read_bytes()
    begin = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:begin])
    header.pop("__metadata__", None)
    parts: list[bytes | str] = []
    for name, entry in sorted(header.items()):
        first, last = (begin + offset for offset in entry["data_offsets"])
        parts += [name, entry["dtype"], str(entry["shape"]), data[first:last]]
    return digest(*parts)


def graph(file: Path) -> str:
    """Return the sum of what an .onnx file computes: without manifest, producer and the names of what lies inside."""
    model = onnx.load(file)
    for name in ("metadata_props", "producer_name", "producer_version", "doc_string", "model_version"):
        model.ClearField(name)
    known = {value.name: value.name for value in (*model.graph.input, *model.graph.output)}
    _rename(model.graph, known)
    return digest(model.SerializeToString(deterministic=True))


def _rename(part: onnx.GraphProto, known: dict[str, str]) -> None:
    """Give values the numbers of their order in the file, also in the graphs inside; nodes lose their names."""

    def number(name: str) -> str:
        return known.setdefault(name, f"v{len(known)}") if name else ""

    part.name, part.doc_string = "", ""
    for value in (*part.input, *part.initializer):
        value.name = number(value.name)
    for node in part.node:
        node.name, node.doc_string = "", ""
        node.input[:] = [number(name) for name in node.input]
        for attribute in node.attribute:
            for inner in ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs):
                _rename(inner, known)
        node.output[:] = [number(name) for name in node.output]
    for value in (*part.output, *part.value_info):
        value.name = number(value.name)


def lines_of_json(text: str) -> str:
    """Return JSON Lines without what tells of the machine's speed, keys in order."""
    return "\n".join(json.dumps(timeless(json.loads(line)), sort_keys=True) for line in text.splitlines())


def plain(command: str, out: str) -> str:
    """Return the sum of an answer, without what `evaluate` says of the machine's speed."""
    if command.startswith("evaluate"):
        out = lines_of_json(out) if "--json" in command else SPEED.sub("", out)
    return digest(out)


def sums(run: CommandLine, case: Case) -> Iterator[tuple[str, Any]]:
    """Yield the sums of one case by their names."""
    options = shlex.split(f"--sample {case.train} {TINY} --threads 1 --device cpu --out {case.name}")
    folder = run.folder / run("train", case.task, *options).strip()
    files = {"model": run("export", case.name).strip()}
    for export in case.exports:
        word = next(one for one in ("average", "int8", "text", "attention", "sampling") if one in export)
        files[word] = run("export", case.name, *shlex.split(export)).strip()
    for file in sorted(folder.rglob("*.safetensors")):
        yield f"weights {file.relative_to(folder).as_posix()}", tensors(file)
    for name, file in files.items():
        yield f"graph {name}", graph(run.folder / file)
        yield f"manifest {name}", manifest(run("inspect", file, "--json"))
    config = tomllib.loads((folder / "config.toml").read_text(encoding="utf-8"))
    yield "config.toml", digest(json.dumps(config, sort_keys=True))
    for name in ("baselines.json", "encoders/encoders.json", "samples.txt"):
        if (folder / name).exists():
            yield name, digest((folder / name).read_bytes())
    for file in sorted(folder.rglob("metrics.jsonl")):
        yield file.relative_to(folder).as_posix(), digest(lines_of_json(file.read_text(encoding="utf-8")))
    scores = timeless(json.loads((folder / "scores.json").read_text(encoding="utf-8")))
    for part, value in scores.items():
        yield f"scores {part}", digest(json.dumps(value, sort_keys=True))
    if case.check:
        yield "check", digest(run("check", case.task, *shlex.split(case.check), "--json"))
    for name, command in {**{line: line for line in case.shown}, **case.asked}.items():
        out = run(*shlex.split(command.format(**files)), *THREADS, stdin="" if name in UNFED else case.stdin)
        yield f"stdout {name.replace(' {model}', '')}", plain(command, out)


def manifest(shown: str) -> str:
    """Return the sum of the manifest that `inspect --json` shows, without date, versions, speed and the old runner."""
    shown_manifest = timeless(json.loads(shown)["manifest"])
    kept = {key: shown_manifest[key] for key in shown_manifest if key not in ("created", "versions", "runner")}
    return digest(json.dumps(kept, sort_keys=True))


def main(folder: Path, only: Sequence[str] = ()) -> None:
    """Print the sums of all cases, or `only` of those of these names; the time of each is said on stderr."""
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    run = CommandLine(folder)
    print(f"sums of {run.place()}", file=sys.stderr)
    found: dict[str, dict[str, Any]] = {}
    for case in CASES:
        if only and case.name not in only:
            continue
        begun = time.monotonic()
        try:
            found[case.name] = dict(sums(run, case))
        except Refused as error:
            found[case.name] = {"refused": str(error)}
            print(error, file=sys.stderr)
        print(f"{case.name}: {len(found[case.name])} sums, {time.monotonic() - begun:.0f} s", file=sys.stderr)
    if not only:
        names = [case.name for case in CASES if case.task == "bitcoin"]
        found["compare"] = {"stdout": digest(lines_of_json(run("compare", *names, "--json")))}
    print(json.dumps(found, indent=1, sort_keys=True))
    if any("refused" in one for one in found.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        place = Path(sys.argv[1]).resolve()
        place.mkdir(parents=True, exist_ok=True)
        if any(place.iterdir()):
            raise SystemExit(f"{place} is not empty: name a new folder")
        main(place, sys.argv[2:])
    else:
        with tempfile.TemporaryDirectory() as temporary:
            main(Path(temporary))
