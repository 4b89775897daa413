"""Damaged files of every kind end in an error of ours: none escapes, none hangs, whatever reads them."""

from __future__ import annotations

import importlib.util
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from seqtool.errors import SeqtoolError

SPEC = importlib.util.spec_from_file_location("fuzz_readers", Path(__file__).with_name("fuzz_readers.py"))
fuzz_readers = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(fuzz_readers)

NAMES = [
    "table", "JSON table", "labelled", "tagged", "pairs", "TMX", "text", "NumPy", "state", "vectors of a run",
    "word vectors", "SRT", "VTT", "HTML", "Markdown", "manifest", "sentencepiece", "run.json", "metrics",
    "checkpoint index", "Parquet", "Excel",
]  # fmt: skip
FAST, SLOW = 500, 8  # files of each reader; of those that start a process for a file
LONG = 600  # seconds of each reader before a release


class Hangs(BaseException):
    """A reader that takes ten seconds for some kilobytes."""


@pytest.fixture(scope="module")
def readers(tmp_path_factory):
    return dict(fuzz_readers.all_readers(tmp_path_factory.mktemp("good")))


@pytest.fixture
def impatient():
    def ring(number, frame):
        raise Hangs

    before = signal.signal(signal.SIGALRM, ring)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def outcome(reader, data: bytes, path: Path) -> str:
    """Read one file; return what came of it, the name of an exception of another's where one escapes."""
    path.unlink(missing_ok=True)  # some file systems flush a file that is written over
    path.write_bytes(data)
    signal.alarm(10)
    try:
        reader.read(path)
    except SeqtoolError:
        return "refused"
    except BaseException as error:  # a panic of Rust is no Exception
        return f"{type(error).__name__}: {error}"[:200]
    finally:
        signal.alarm(0)
    return "read"


def test_every_reader_is_fuzzed(readers):
    assert list(readers) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_good_files_are_read(readers, name, tmp_path, impatient):
    for data in readers[name].good:
        assert outcome(readers[name], data, tmp_path / "file") == "read"


@pytest.mark.filterwarnings("ignore")  # libraries warn of what they then refuse
@pytest.mark.parametrize("name", NAMES)
def test_damaged_files_are_read_or_refused(readers, name, tmp_path, impatient):
    for number in range(SLOW if readers[name].slow else FAST):
        data = fuzz_readers.mutated(readers[name].good, random.Random(f"{name} {number}"))
        assert outcome(readers[name], data, tmp_path / "file") in ("read", "refused"), f"file {number}"


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", NAMES)
def test_damaged_files_are_read_or_refused_for_ten_minutes(readers, name, tmp_path, impatient, capsys):
    counts: Counter[str] = Counter()
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        number = FAST + counts.total()
        data = fuzz_readers.mutated(readers[name].good, random.Random(f"{name} {number}"))
        said = outcome(readers[name], data, tmp_path / "file")
        assert said in ("read", "refused"), f"file {number}"
        counts[said] += 1
    with capsys.disabled():
        print(f"\n{name}: {counts.total():,} files, {counts['refused']:,} refused")
