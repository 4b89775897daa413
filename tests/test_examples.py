"""The examples run as they stand: a file without seqtool, a task and a tracker from third parties."""

from __future__ import annotations

import csv
import io
import json
import os
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from seqtool import plugins

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
        "from seqtool.testing import check_task; from seqtool_tides import register_task\n"
        "check_task(register_task(), hidden=4, horizon=12)",
        example_site,
    )
    assert done.returncode == 0, done.stderr


# what the module says beside the usual, what the task says, what is said of it
FAULTS = {
    "an unseeded sample": (
        "def sample():\n    import os\n    return os.urandom(8)\n",
        "",
        "the sample differs from call",
    ),
    "a field without help": (
        "@dataclass(frozen=True)\nclass Config(ForecastingConfig):\n    rate: Annotated[float, Opt('')] = 0.5\n",
        ", config=Config",
        "the field rate has no help",
    ),
    "a field without a default": (
        "@dataclass(frozen=True, kw_only=True)\nclass Config(ForecastingConfig):\n"
        "    rate: Annotated[float, Opt('a rate')]\n",
        ", config=Config",
        "the field rate has no default",
    ),
    "a heavy import": ("import matplotlib\n", "", "loads ['matplotlib']"),
    "no summary": ("", ", summary=''", "the task has no summary"),
    "an example of another program": ("", ", examples=('seqtol train ill',)", "the example 'seqtol train ill'"),
    "a preset that does not load": ("", ", presets=Path(__file__).parent / 'presets'", "preset bad.toml: "),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_broken_promise_is_named(tmp_path, case):
    above, inside, said = FAULTS[case]
    summary = "" if "summary" in inside else ", summary='an ill task'"
    (tmp_path / "ill.py").write_text(
        "from dataclasses import dataclass\nfrom pathlib import Path\nfrom typing import Annotated\n"
        "from seqtool import ForecastingConfig, Opt, Task\n"
        "def sample():\n    return b'y\\n1\\n2\\n'\n"
        f"{above}ILL = Task('ill', family='forecasting', sample=sample{summary}{inside})\n"
    )
    if "preset" in case:
        (tmp_path / "presets").mkdir()
        (tmp_path / "presets" / "bad.toml").write_text("# A preset of nothing.\nhiden = 3\n")
    done = checked("from ill import ILL; from seqtool import testing\ntesting.check_promises(ILL)", tmp_path)
    assert done.returncode == 1
    assert said in done.stderr.splitlines()[-1], done.stderr


def crc32c(data: bytes) -> int:
    """The checksum of RFC 3720, bit by bit, turned and shifted as TFRecord wants it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 & -(crc & 1))
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def records(data: bytes) -> Iterator[bytes]:
    """The records of a TFRecord file: length, its checksum, bytes, their checksum."""
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        record, rest = data[12 : 12 + length], data[12 + length :]
        assert struct.unpack("<I", data[8:12]) == (crc32c(data[:8]),)
        assert struct.unpack("<I", rest[:4]) == (crc32c(record),)
        yield record
        data = rest[4:]


def varint(data: bytes) -> tuple[int, bytes]:
    value, shift = 0, 0
    for place, byte in enumerate(data, start=1):
        value, shift = value | (byte & 0x7F) << shift, shift + 7
        if byte < 0x80:
            return value, data[place:]
    raise AssertionError("a number without an end")


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a protobuf message: number and value, undecoded."""
    while message:
        key, message = varint(message)
        if key & 7 == 0:
            value, message = varint(message)
        else:
            size, message = varint(message) if key & 7 == 2 else ({1: 8, 5: 4}[key & 7], message)
            value, message = message[:size], message[size:]
        yield key >> 3, value


def events(run: Path) -> list[tuple[int, dict[str, float]]]:
    """Step and scalars of every event: Event{2: step, 3: version, 5: Summary{1: Value{1: tag, 2: float}}}."""
    found = []
    for file in sorted((run / "tensorboard").iterdir()):
        assert "tfevents" in file.name  # what TensorBoard looks for
        first, *others = (list(fields(record)) for record in records(file.read_bytes()))
        assert (3, b"brain.Event:2") in first
        for event in others:
            values = [dict(fields(value)) for _, value in fields(dict(event)[5])]
            found.append((dict(event)[2], {v[1].decode(): struct.unpack("<f", v[2])[0] for v in values}))
    return found


SMALL = ["--sample", "--hidden", "3", "--max-steps", "6", "--evaluate-every", "2"]


@pytest.fixture
def tracked(example_site, monkeypatch, tmp_path):
    """The tracker installed, in this process; the names of the plugins beside it are `SEQTOOL_PLUGINS`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(example_site)
    monkeypatch.setenv("SEQTOOL_PLUGINS", "bitcoin,tensorboard")


def extension(body: str) -> str:
    return f"import os, signal\nfrom seqtool import hookimpl\n@hookimpl\ndef run_event(event, run):\n    {body}\n"


def test_tensorboard_holds_the_figures_of_metrics(tracked, install, cli, monkeypatch):
    stop = extension('if event == "epoch": os.kill(os.getpid(), signal.SIGINT)')
    install("stopper", "1.0", {"stopper": stop}, extensions={"stopper": "stopper"})
    monkeypatch.setenv("SEQTOOL_PLUGINS", "bitcoin,stopper,tensorboard")
    assert cli("train", "bitcoin", *SMALL, "--out", "run").returncode == 130
    assert [step for step, _ in events(Path("run"))] == [2]
    plugins.extensions.cache_clear()
    monkeypatch.setenv("SEQTOOL_PLUGINS", "bitcoin,tensorboard")
    resumed = cli("train", "bitcoin", "--resume", "run")
    assert (resumed.returncode, "left out" in resumed.stderr) == (0, False)
    expected = [json.loads(line) for line in Path("run/metrics.jsonl").read_text().splitlines()]
    assert [line["step"] for line in expected] == [2, 4, 6]
    names = {"loss/training": "train_loss", "loss/validation": "loss"}
    names |= {name: name for name in ("gradient_norm", "learning_rate")}
    assert events(Path("run")) == [
        (line["step"], {tag: float(np.float32(line[name])) for tag, name in names.items()}) for line in expected
    ]
    assert len(list(Path("run/tensorboard").iterdir())) == 2
    assert not sys.modules["seqtool_tensorboard"]._writers  # closed, interrupted or not


def test_a_tracker_that_cannot_write_ends_no_training(tracked, install, cli, monkeypatch):
    block = extension('if event == "start": (run / "tensorboard").write_text("in the way")')
    install("blocker", "1.0", {"blocker": block}, extensions={"blocker": "blocker"})
    monkeypatch.setenv("SEQTOOL_PLUGINS", "bitcoin,blocker,tensorboard")
    answer = cli("train", "bitcoin", *SMALL, "--out", "run")
    assert answer.returncode == 0
    assert answer.stderr.count("plugin 'tensorboard' failed and is left out: FileExistsError") == 1
    assert "seqtool-tensorboard 1.0" in answer.stderr
    assert len(Path("run/metrics.jsonl").read_text().splitlines()) == 3
