"""Makes what tests/test_golden.py opens: python tests/golden/make.py [FAMILY...], by the program that runs then.

For each family it leaves, in a folder of that name:

- `run/`: a run on the task's built-in sample that came to its end, with its `model.onnx`, without pictures
- `interrupted/`: the same training, ended by Ctrl-C after its first evaluation
- `data.*`: the first lines of the sample
- `expected.json`: what the file answered: arguments, in which MODEL and DATA stand for the files, stdin and stdout
- `commands.txt`: the command lines, in order

Nothing is changed afterwards but `paths` in run.json, which tells of the machine; a sample is found without it. What
lies here is to stay: later versions have to open what earlier ones made.
"""

from __future__ import annotations

import json
import shlex
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from command import CommandLine

HERE = Path(__file__).parent
TRIES = 10


@dataclass(frozen=True)
class Golden:
    """What is trained for a family, what is asked of it, and how much of the sample is kept."""

    task: str
    train: str
    asked: tuple[str, ...]
    stdin: str
    lines: int


GERMAN = "Anna will diese kleine Frau lieben.\n\nDie Frau zog den Brief.\nqwertz\nWir hörten diese Stadt.\n"
FAMILIES = {
    "forecasting": Golden(
        "bitcoin",
        "--hidden 4 --window 20 --horizon 5 --max-steps 60",
        ("forecast -m MODEL --quantiles", "forecast -m MODEL --horizon 12 --json", "forecast -m MODEL --follow"),
        "",
        120,
    ),
    "generation": Golden(
        "chargen",
        "--embedding 6 --hidden 10 --layers 1 --precision fp32 --batch 16 --window 40 --learning-rate 0.01"
        " --max-steps 120",
        (
            "generate -m MODEL -n 40 --seed 7",
            "generate -m MODEL --prompt 'The old fox' -n 60 --temperature 0 --json",
            "score -m MODEL",
        ),
        "Once upon a time\n\nThe king\\nsaid:\n",
        40,
    ),
    "classification": Golden(
        "sentiment",
        "--vocabulary 150 --embedding 6 --hidden 6 --dropout 0 --embedding-dropout 0 --word-dropout 0"
        " --learning-rate 0.05 --max-steps 240",
        ("classify -m MODEL", "classify -m MODEL --all --json"),
        "",
        60,
    ),
    "tagging": Golden(
        "pos",
        "--test 0.7 --embedding 4 --characters 3 --character-hidden 2 --hidden 6 --layers 1 --dropout 0"
        " --embedding-dropout 0 --word-dropout 0 --learning-rate 0.05 --max-steps 150",
        ("tag -m MODEL", "tag -m MODEL --json"),
        "The old man saw the saw .\n\nSome plants plant near some cans .\nWe can xyzzy the 42 lights !\n",
        120,
    ),
    "translation": Golden(
        "nmt",
        "--vocabulary-kind words --no-joint --tied output --vocabulary 100 --embedding 5 --hidden 8 --layers 1"
        " --dropout 0 --embedding-dropout 0 --precision fp32 --learning-rate 0.03 --batch 32 --max-steps 180",
        ("translate -m MODEL --scores", "translate -m MODEL --json --n-best 2"),
        GERMAN,
        30,
    ),
}


def make(run: CommandLine, golden: Golden, folder: Path) -> Iterator[str]:
    """Make everything of one family in `folder`; yields the command lines that were run."""

    def command(line: str, do: Callable[[list[str]], object] = lambda args: run(*args)) -> str:
        do(shlex.split(line))
        return f"seqtool {line}"

    options = f"{golden.task} --sample {golden.train} --evaluate-every {steps(golden) // 3} --threads 1 --device cpu"
    yield command(f"train {options} --out run")
    yield command("export run")
    yield command(f"train {options} --out interrupted", lambda args: interrupt(run, args)) + "  # Ctrl-C"
    (sample,) = run.folder.glob(f"cache/**/{golden.task}-*")
    rows = sample.read_text(encoding="utf-8").splitlines(keepends=True)[: golden.lines]
    data = run.folder / f"data{sample.suffix}"
    data.write_text("".join(rows), encoding="utf-8", newline="")
    expected = []
    for asked in (*golden.asked, "evaluate MODEL --data DATA --json"):
        args = shlex.split(asked)
        stdin = "" if asked.startswith("evaluate") or "--prompt" in asked else golden.stdin or piped(golden.task, rows)
        places = {"MODEL": "run/model.onnx", "DATA": data.name}
        out = run(*[places.get(arg, arg) for arg in args], "--threads", "1", stdin=stdin)
        expected.append({"args": args, "stdin": stdin, "stdout": out})
        yield f"seqtool {asked}"
    (run.folder / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")
    keep(run.folder, folder, data.name)


def steps(golden: Golden) -> int:
    """Return the steps of a training."""
    return int(golden.train.split()[-1])


def piped(task: str, rows: list[str]) -> str:
    """Return what the verb of a task reads where that is of its own sample: rows of prices, texts without labels."""
    if task == "bitcoin":
        return "".join(rows[:40])
    return "".join(row.partition("\t")[2] for row in rows[:8])


def interrupt(run: CommandLine, args: list[str]) -> None:
    """Train until the first evaluation, then press Ctrl-C; again where the training was faster."""
    folder = run.folder / args[-1]
    for _ in range(TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        process = run.start(*args)
        while process.poll() is None and not (folder / "metrics.jsonl").exists():
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        process.communicate()
        if process.returncode in (130, -signal.SIGINT):
            return
    raise SystemExit(f"{args[-1]}: never interrupted in {TRIES} trainings: let it take more steps")


def keep(made: Path, folder: Path, data: str) -> None:
    """Put what is worth keeping in the place of what was there."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("run", "interrupted"):
        shutil.copytree(made / name, folder / name, ignore=shutil.ignore_patterns("plots"))
        described = json.loads((folder / name / "run.json").read_text(encoding="utf-8"))
        described["data"]["paths"] = [Path(path).name for path in described["data"]["paths"]]
        (folder / name / "run.json").write_text(json.dumps(described, indent=1) + "\n", encoding="utf-8")
    for name in (data, "expected.json"):
        shutil.copy(made / name, folder / name)


def main(names: list[str]) -> None:
    """Make the families of these names, or all."""
    for name in names or FAMILIES:
        with tempfile.TemporaryDirectory() as temporary:
            lines = list(make(CommandLine(Path(temporary)), FAMILIES[name], HERE / name))
        (HERE / name / "commands.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        size = sum(file.stat().st_size for file in (HERE / name).rglob("*") if file.is_file())
        print(f"{name}: {size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
