"""A rival in a Python of its own: it answers each line that it is sent by a line of JSON."""

import json
import os
import subprocess
from pathlib import Path


class Rival:
    """A script of this folder under another Python, on one thread."""

    def __init__(self, python, script, *args):
        one = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "TF_NUM_INTRAOP", "TF_NUM_INTEROP")}
        one |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
        words = [python, str(Path(__file__).with_name(script)), *map(str, args)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._process = subprocess.Popen(words, env={**os.environ, **one}, text=True, **pipes)
        self.told = self._answer()

    def ask(self, line=""):
        """Let it work once; return what it says."""
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self):
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"the rival ended with {self._process.wait()}")
        return json.loads(line)

    def close(self):
        """Let it end."""
        self._process.stdin.close()
        self._process.wait()
