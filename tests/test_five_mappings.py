"""The five shapes of sequence problems in examples/: each learns its sample and answers through its verb."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from seqtool.cli import run

FOLDER = Path(__file__).parent.parent / "examples" / "five_mappings"
MAPPINGS = {
    "one-to-one": ("classify", ["--epochs", "6"], "seven\nfour\n", "odd\neven\n"),
    "one-to-many": ("generate", ["--epochs", "4", "--hidden", "32"], "4\n", " 3 2 1 0\n"),
    "many-to-one": ("classify", ["--epochs", "8", "--hidden", "16"], "b a a d a c\nd b c\n", "b\nd\n"),
    "many-to-many": ("tag", ["--epochs", "10"], "1 0 1 1\n0 0 1\n", "1/odd 0/odd 1/even 1/odd\n0/even 0/even 1/odd\n"),
    "encoder-decoder": ("translate", ["--epochs", "8"], "a b c d\nf e e\n", "d c b a\ne e f\n"),
}
MORE = {"generate": ["-n", "8", "--temperature", "0"]}


def test_each_mapping_is_a_task_of_forty_lines():
    assert sorted(path.stem.replace("_", "-") for path in FOLDER.glob("*.py")) == sorted(MAPPINGS)
    for path in FOLDER.glob("*.py"):
        assert len(path.read_text().splitlines()) <= 40


@pytest.mark.parametrize("name", MAPPINGS)
def test_a_mapping_learns_its_sample(name, example_site, monkeypatch, tmp_path, seqtool_cmd):
    verb, settings, asked, answer = MAPPINGS[name]
    monkeypatch.syspath_prepend(example_site)
    monkeypatch.chdir(tmp_path)
    assert run(["train", name, "--sample", *settings, "--out", "run"]) == 0
    assert run(["export", "--no-scores"]) == 0
    done = seqtool_cmd(verb, *MORE.get(verb, []), stdin=asked, env={"PYTHONPATH": os.fspath(example_site)})
    assert done.returncode == 0, done.stderr
    assert "".join(line.split("\t")[0] + "\n" for line in done.stdout.splitlines()) == answer  # no probabilities
