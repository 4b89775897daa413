"""One line a result in docs/results.jsonl, which benchmarks/tables.py makes the tables of README.md and docs/ from."""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILE = ROOT / "docs" / "results.jsonl"


def machine():
    """Return the processor and the cores this process may use."""
    model = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{model}, {cores} cores"


def commit():
    """Return the commit that is checked out, with + when the tree differs from it."""

    def git(*words):
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    return git("rev-parse", "--short=12", "HEAD") + (
        "+" if git("status", "--porcelain", "-uno", "--", "seqtool", "plugins") else ""
    )


def record(name, figures):
    """Append a result; `figures` are what was measured."""
    line = {
        "name": name, "figures": figures,
        "command": " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]]),
        "commit": commit(), "machine": machine(), "date": datetime.now(UTC).date().isoformat(),
    }  # fmt: skip
    FILE.parent.mkdir(exist_ok=True)
    with FILE.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(line) + "\n")
