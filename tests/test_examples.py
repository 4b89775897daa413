"""The examples run as they stand: a file without seqtool, and a task from a third party."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

BARE = Path(__file__).parent.parent / "examples" / "bare_onnxruntime.py"


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def test_the_bare_example_is_short_and_needs_two_libraries():
    lines = BARE.read_text().splitlines()
    assert len(lines) <= 30
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imported == {"csv", "json", "sys", "numpy", "onnxruntime"}


def test_the_file_alone_gives_the_forecast_of_seqtool(project, cli):
    table = next((project / "cache" / "samples").glob("*.csv"))
    bare = subprocess.run(
        [sys.executable, "-P", BARE, "runs/tiny/model.onnx", table, "30"], capture_output=True, text=True, check=True
    )
    ours = cli("forecast", "bitcoin", "--horizon", "30", "--data", table)
    header, *values = rows(bare.stdout)
    ours_header, *ours_values = rows(ours.stdout)
    assert header == ours_header[1:] == ["Close"]
    np.testing.assert_allclose(np.array(values, float), np.array([row[1:] for row in ours_values], float), rtol=1e-6)
    assert len(values) == 30


@pytest.fixture
def tides(example_site, seqtool_cmd, tmp_path):
    """The program where the example's distributions are installed."""

    def run(*args, stdin=""):
        done = seqtool_cmd(*args, stdin=stdin, env={"PYTHONPATH": str(example_site)})
        assert done.returncode == 0, done.stderr
        return done

    return run


def test_a_third_party_s_task_goes_through_every_command(tides, tmp_path):
    small = ["--epochs", "1", "--hidden", "4", "--max-steps", "5", "--set", "horizon=12"]
    assert tides("train", "tides", "--sample", *small, "--out", "run").stdout == "run\n"
    assert tides("export").stdout == "run/model.onnx\n"
    table = next((Path(os.environ["SEQTOOL_CACHE"]) / "samples").glob("tides-*.csv")).read_text()
    answer = rows(tides("forecast", "tides", "--horizon", "3", stdin=table).stdout)
    assert [row[0] for row in answer] == ["time", "2024-04-30T00:00:00", "2024-04-30T01:00:00", "2024-04-30T02:00:00"]
    assert answer[0][1:] == ["level"]
    assert "hourly water level" in tides("tasks").stdout
    run = json.loads((tmp_path / "run" / "run.json").read_text())
    assert run["task"] == "tides"


def checked(program: str, *folders) -> subprocess.CompletedProcess:
    """Run `check_task` as an author's test suite would."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))}
    return subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, env=env, check=False)


def test_the_third_party_s_task_keeps_the_contract(example_site):
    done = checked(
        "from seqtool.testing import check_task; from seqtool_tides import Tides\n"
        "check_task(Tides(), hidden=4, horizon=12)",
        example_site,
    )
    assert done.returncode == 0, done.stderr


FAULTS = {
    "an unseeded sample": (
        "    def sample(self):\n        import os\n        return os.urandom(8).hex().encode()\n",
        "",
        "the sample differs from call to call: seed it",
    ),
    "a field without help": (
        "    config = Config\n",
        "@dataclass(frozen=True)\nclass Config(ForecastingConfig):\n    rate: Annotated[float, Opt('')] = 0.5\n",
        "the field rate has no help",
    ),
    "a field without a default": (
        "    config = Config\n",
        "@dataclass(frozen=True, kw_only=True)\nclass Config(ForecastingConfig):\n"
        "    rate: Annotated[float, Opt('a rate')]\n",
        "the field rate has no default",
    ),
    "a heavy import": ("", "import matplotlib\n", "loads ['matplotlib']"),
    "no summary": ("    summary = ''\n", "", "the task has no summary"),
    "an example of another program": ("    examples = ('seqtol train ill',)\n", "", "the example 'seqtol train ill'"),
    "a preset that does not load": ("", "", "preset bad.toml: "),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_broken_promise_is_named(tmp_path, case):
    inside, above, said = FAULTS[case]
    (tmp_path / "ill.py").write_text(
        "from dataclasses import dataclass\nfrom typing import Annotated\n"
        "from seqtool import ForecastingConfig, ForecastingTask, Opt\n"
        f"{above}class Ill(ForecastingTask):\n    name, summary = 'ill', 'an ill task'\n"
        f"    def sample(self):\n        return b'y\\n1\\n2\\n'\n{inside}"
    )
    if "preset" in case:
        (tmp_path / "presets").mkdir()
        (tmp_path / "presets" / "bad.toml").write_text("# A preset of nothing.\nhiden = 3\n")
    done = checked("from ill import Ill; from seqtool import testing\ntesting.check_promises(Ill())", tmp_path)
    assert done.returncode == 1
    assert said in done.stderr.splitlines()[-1], done.stderr
