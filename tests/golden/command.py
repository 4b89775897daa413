"""The command line as a function: a process of its own for each call, the same surroundings for all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

TIMINGS = ("tokens_per_second", "speed", "seconds")
"""Keys of JSON records that tell of the machine, not of the model."""


class Refused(Exception):
    """A command ended with another exit code than 0."""


class CommandLine:
    """Runs `python -m seqtool` in one folder, with a cache of its own and no way out to the network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SEQTOOL_")}
        self.environment = kept | {
            "HOME": str(folder / "home"),
            "SEQTOOL_CACHE": str(folder / "cache"),
            "OMP_NUM_THREADS": "1",
            "COLUMNS": "100",
            "PYTHONWARNINGS": "ignore",
            "http_proxy": "http://127.0.0.1:9",
            "https_proxy": "http://127.0.0.1:9",
        }

    def start(
        self, *args: str, program: tuple[str, ...] = ("-m", "seqtool"), fed: bool = False
    ) -> subprocess.Popen[bytes]:
        """Start a command, with a pipe to its standard input where it is `fed`; the caller waits for it."""
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [sys.executable, "-P", *program, *args],
            cwd=self.folder, env=self.environment, stdin=pipe if fed else subprocess.DEVNULL, stdout=pipe, stderr=pipe,
        )  # fmt: skip

    def __call__(self, *args: str, stdin: str = "") -> str:
        """Run a command and return its stdout; raises `Refused` where it does not end with 0."""
        process = self.start(*args, fed=bool(stdin))
        out, error = process.communicate(stdin.encode() or None)
        if process.returncode:
            raise Refused(f"seqtool {' '.join(args)}: exit code {process.returncode}\n{error.decode()}")
        return out.decode()

    def place(self) -> str:
        """Return where the program lies that all this runs."""
        out, _ = self.start(program=("-c", "import seqtool; print(seqtool.__file__)")).communicate()
        return out.decode().strip()


def timeless(value: Any) -> Any:
    """Return a JSON value without what depends on the speed of the machine."""
    if isinstance(value, dict):
        return {key: timeless(inner) for key, inner in value.items() if key not in TIMINGS}
    return [timeless(inner) for inner in value] if isinstance(value, list) else value
