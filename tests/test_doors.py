"""The doors: a family, a cell and a task with its own reader come from outside and go through every command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seqtool import cells
from seqtool.cli import run as run_in_process
from seqtool.errors import SeqtoolError

TOY = Path(__file__).parent / "toy_family"

MINGRU = '''
"""minGRU (Feng 2024): gates that see the input alone. Its weights have no matrix from h to h."""
import numpy as np
import spox.opset.ai.onnx.v20 as op
import torch
from torch import nn
from torch.nn.functional import dropout, linear

from seqtool.cells import Cell
from seqtool.nn.ragged import real_steps, reverse_rows

CELL = Cell("mingru", "h", "mingru:layers", "mingru:operators", "mingru:step", "a GRU whose gates see the input alone",
            weight_drop=False)


class MinGRU(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.sizes, self.ways = sizes, ("", "_reverse") if sizes.bidirectional else ("",)
        for layer in range(sizes.layers):
            inputs = sizes.features if layer == 0 else sizes.hidden * len(self.ways)
            for way in self.ways:
                for name, shape in (("weight_ih", (2 * sizes.hidden, inputs)), ("bias_ih", (2 * sizes.hidden,))):
                    drawn = torch.empty(*shape).uniform_(-(sizes.hidden**-0.5), sizes.hidden**-0.5)
                    self.register_parameter(f"{name}_l{layer}{way}", nn.Parameter(drawn))

    def forward(self, x, state=None, lengths=None):
        finals = []
        for layer in range(self.sizes.layers):
            outputs = []
            for way in self.ways:
                turn = (lambda a: a.flip(1)) if lengths is None else (lambda a: reverse_rows(a, lengths))
                weights, bias = (getattr(self, f"{name}_l{layer}{way}") for name in ("weight_ih", "bias_ih"))
                z, n = linear(turn(x) if way else x, weights, bias).chunk(2, dim=-1)
                h = torch.zeros_like(z[:, 0]) if state is None else state[len(finals)]
                steps = []
                for t in range(x.shape[1]):
                    gate = torch.sigmoid(z[:, t])
                    h = gate * h + (1 - gate) * n[:, t]
                    steps.append(h)
                y = torch.stack(steps, dim=1)
                last = y[:, -1] if lengths is None else y[torch.arange(len(y)), lengths - 1]
                if lengths is not None:
                    y = y * real_steps(lengths, y.shape[1], y.device)[:, :, None]
                finals.append(last)
                outputs.append(turn(y) if way else y)
            x = torch.cat(outputs, dim=-1)
            if self.sizes.dropout and layer < self.sizes.layers - 1:
                x = dropout(x, self.sizes.dropout, self.training)
        return x, torch.stack(finals)


def layers(sizes):
    return MinGRU(sizes)


def operators(module):
    """ONNX's GRU, with the identity for its tanh and a reset gate over nothing."""
    from seqtool.graph.recurrent import Form, Recurrent, weights_of

    hidden, weights = module.hidden, {}
    for name, array in weights_of(module).items():
        weights[name] = np.concatenate([np.zeros_like(array[:hidden]), array])
        shape = (3 * hidden, hidden) if name.startswith("weight") else (3 * hidden,)
        weights[name.replace("_ih", "_hh")] = np.zeros(shape, np.float32)

    def call(x, packed, before, common):
        same = ["Sigmoid", "Affine"] * module.directions
        return op.gru(x, *packed, activations=same, activation_alpha=[1.0] * module.directions, **common)

    return Recurrent(module, Form((1, 0, 2), 1, call), weights)


def step(module, number, affine, table):
    from seqtool.graph.recurrent import weights_of

    weights = weights_of(module)
    matrix, bias = weights[f"weight_ih_l{number}"].T, weights[f"bias_ih_l{number}"]
    product = affine(matrix, bias) if table is None else table(matrix, bias)

    def layer(x, state):
        z, n = op.split(product(x), num_outputs=2, axis=1)
        h = op.add(n, op.mul(op.sigmoid(z), op.sub(state[0], n)))
        return h, h

    return layer
'''


@pytest.fixture(scope="session")
def toy_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy family, built and installed by pip into a folder of its own."""
    site = tmp_path_factory.mktemp("toy")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(site), str(TOY)], check=True, capture_output=True)
    return site


@pytest.fixture
def done(cli) -> Callable[..., str]:
    """Return `done("train", ...)`: run in this process, hold that it went well, return what both streams said."""

    def run(*args: str) -> str:
        answer = cli(*args)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout + answer.stderr

    return run


@pytest.fixture
def piped(seqtool_cmd) -> Callable[..., str]:
    """Return `piped(site, "tag", stdin=...)`: a verb in a process of its own, with plugins of a folder."""

    def run(site: Path, *args: str, stdin: str = "") -> str:
        path = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])
        answer = seqtool_cmd(*args, stdin=stdin, env={"PYTHONPATH": path})
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    return run


def test_a_family_from_outside_goes_through_every_command(toy_site, done, piped, cli, monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(toy_site)
    monkeypatch.chdir(tmp_path)
    assert "vowels" in done("tasks")
    listed = [json.loads(line) for line in cli("plugins", "--json").stdout.splitlines()]
    assert {"counting", "vowels"} <= {row["name"] for row in listed if not row["error"]}
    assert "lines to train on" in done("check", "vowels", "--sample")
    for folder in ("one", "two"):
        trained = done("train", "vowels", "--sample", "--epochs", "60", "--out", folder)
        assert "The model beats the mean" in trained
    assert "two/model.onnx" in done("export", "two")
    counts = piped(toy_site, "count", stdin="seqtool\nrhythm\n").splitlines()
    assert [round(float(line)) for line in counts] == [3, 0]
    answer = json.loads(piped(toy_site, "count", "vowels", "--json", stdin="audio\n"))
    assert answer["number"] == pytest.approx(4, abs=0.3)
    assert "RMSE" in done("evaluate")
    (tmp_path / "held.tsv").write_text("2\tbanana\n3\tbanana\n")
    assert json.loads(cli("evaluate", "--data", "held.tsv", "--json").stdout)["lines_scored"] == 2
    assert "counting" in done("inspect")
    assert "best baseline" in done("compare", "one", "two")
    refused = cli("export", "two", "--int8")
    assert (refused.returncode, "counting models have no --int8" in refused.stderr) == (2, True)


def test_a_family_from_outside_keeps_the_contract(toy_site, tmp_path):
    program = "from seqtool.testing import check_family; from seqtool_toy import FAMILY; check_family(FAMILY)"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(toy_site), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr


def test_a_phase_without_a_function_is_named(toy_site, monkeypatch):
    from seqtool import testing

    monkeypatch.syspath_prepend(toy_site)
    from seqtool_toy import FAMILY, data

    monkeypatch.delattr(data, "joined")
    with pytest.raises(AssertionError, match=r"seqtool_toy\.data has no joined"):
        testing.check_phases(FAMILY)


@pytest.fixture
def mingru(install):
    install("mingru-cell", "1.0", {"mingru": MINGRU}, cells={"mingru": "mingru:CELL"})
    cells._cells.cache_clear()


SMALL = ["--sample", "--cell", "mingru", "--max-steps", "4", "--hidden", "8", "--out", "run", "--threads", "1"]
TASKS = {
    "forecast": ["--highway", "0", "--window", "20", "--horizon", "5"],
    "generate": [],
    "classify": [],
    "tag": [],
    "translate": ["--embedding", "8"],
}


@pytest.mark.parametrize("task", TASKS)
def test_a_cell_from_outside_is_trained_exported_and_checked(task, mingru, monkeypatch, tmp_path, cli):
    """`export` compares the file with the network on other shapes, ragged, and refuses one that differs."""
    monkeypatch.chdir(tmp_path)
    drop = [] if task in ("forecast", "translate") else ["--weight-drop", "0"]
    trained = cli("train", task, *SMALL, *TASKS[task], *drop)
    assert trained.returncode == 0, trained.stderr
    exported = cli("export", "--no-scores")
    assert exported.returncode == 0, exported.stderr
    assert "checked against the weights" in exported.stderr


def with_step(install, step: str) -> None:
    """Install the minGRU with another line for the state after a step."""
    right = "h = op.add(n, op.mul(op.sigmoid(z), op.sub(state[0], n)))"
    assert MINGRU.count(right) == 1
    install("mingru-cell", "1.0", {"mingru": MINGRU.replace(right, step)}, cells={"mingru": "mingru:CELL"})
    cells._cells.cache_clear()


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("h = op.add(op.mul(op.sigmoid(z), op.sub(state[0], n)), n)", ""),
        ("h = op.add(z, op.mul(op.sigmoid(z), op.sub(state[0], n)))", "it differs by "),
        ("h = op.mul(op.sigmoid(z), n)", "it differs by "),
        ("h = op.log(op.sub(op.mul(n, n), op.mul(n, n)))", "it differs by "),
        ("h = op.sqrt(op.sub(op.mul(n, n), op.add(op.mul(n, n), op.exp(n))))", "it differs by nan"),
        ("h = op.concat([n, n], axis=1)", "fails: "),
    ],
)
@pytest.mark.parametrize("layers", [1, 2])
def test_the_single_step_of_a_cell_is_held_against_its_layer(install, step, said, layers):
    from seqtool.graph.step_check import check_steps
    from seqtool.nn.recurrent import Recurrent

    with_step(install, step)
    network = Recurrent("mingru", 8, 8, layers).eval()
    if not said:
        check_steps(network)
        return
    with pytest.raises(SeqtoolError, match="the step of the cell 'mingru' ") as raised:
        check_steps(network)
    assert said in str(raised.value)


def test_a_cell_whose_step_is_wrong_has_no_int8_file(install, monkeypatch, tmp_path, cli):
    with_step(install, "h = op.add(z, op.mul(op.sigmoid(z), op.sub(state[0], n)))")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.txt").write_text("the sea and the sky and the sand\n" * 60)
    small = ["--data", "t.txt", "--window", "8", "--weight-drop", "0", "--max-steps", "2"]
    assert cli("train", "generate", *SMALL[1:], *small).returncode == 0
    exported = cli("export", "run", "--int8", "--no-scores", "--out", "small.onnx")
    assert exported.returncode == 1
    for said in ("the step of the cell 'mingru'", "mingru-cell 1.0", "without --int8"):
        assert said in exported.stderr
    assert not Path("small.onnx").exists()
    assert cli("export", "run", "--no-scores").returncode == 0


def test_a_cell_from_outside_is_in_the_help(mingru, cli):
    shown = " ".join(cli("train", "tag", "--help").stdout.split())
    assert "lstm|gru|rnn|peephole|mingru" in shown
    assert "a GRU whose gates see the input alone" in shown


@pytest.mark.parametrize(
    ("name", "source", "said"),
    [("ill", "import nomod", "nomod"), ("ill", "CELL = 3", "not a Cell"), ("lstm", "CELL = 3", "built in")],
)
def test_a_cell_that_does_not_load_takes_no_task_with_it(install, monkeypatch, cli, name, source, said):
    install("ill-cells", "1.0", {"ill_cells": source}, cells={name: "ill_cells:CELL"})
    cells._cells.cache_clear()
    shown = cli("train", "tag", "--help")
    cells._cells.cache_clear()
    assert shown.returncode == 0, shown.stderr
    assert said in shown.stderr
    assert "lstm|gru|rnn|peephole" in " ".join(shown.stdout.split())
    assert cells.find("lstm").name == "lstm"


def test_a_run_whose_cell_is_gone_says_what_to_install(mingru, cli, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    small = ["--sample", "--max-steps", "2", "--hidden", "4", "--embedding", "4"]
    assert cli("train", "tag", *small, "--cell", "mingru", "--weight-drop", "0", "--out", "run").returncode == 0
    monkeypatch.setenv("SEQTOOL_PLUGINS", "tag")
    cells._cells.cache_clear()
    begun = ["train", "tag", *small, "--init-from", "run"]
    for command in (["export", "run"], ["train", "tag", "--resume", "run"], begun):
        answer = cli(*command)
        assert answer.returncode == 2
        assert "the run has a cell that is not installed: mingru" in answer.stderr
        assert "install the plugin that gives it" in answer.stderr


def test_an_option_that_a_cell_cannot_honour_is_refused(mingru, refused, monkeypatch, tmp_path, cli):
    monkeypatch.chdir(tmp_path)
    answer = cli("train", "tag", *SMALL, "--weight-drop", "0.3")
    assert answer.returncode == 2
    assert "the cell mingru has no weights from state to state to drop" in answer.stderr
    assert "cure: leave --weight-drop out" in answer.stderr


def test_a_task_with_its_own_reader_goes_through_every_command(example_site, done, piped, cli, monkeypatch, tmp_path):
    """The example: `word<TAB>tag`, its own name for tags, 30 lines."""
    source = Path(__file__).parent.parent / "examples" / "entities" / "seqtool_entities.py"
    assert len(source.read_text().splitlines()) <= 30
    monkeypatch.syspath_prepend(example_site)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.tsv").write_text("Mira\tB-PER\nwent\tO\nto\tO\nOslo\tB-LOC\n\nAnna\tB-PER\nleft\tO\n")
    assert "B-LOC" in done("check", "entities", "--sample")
    for folder in ("one", "two"):
        done("train", "entities", "--sample", "--epochs", "6", "--hidden", "16", "--out", folder)
    done("export", "two")
    tagged = piped(example_site, "tag", "entities", stdin="Karim Olsen went to Lima\n")
    assert tagged == "Karim/B-PER Olsen/I-PER went/O to/O Lima/B-LOC\n"
    scores = json.loads(cli("evaluate", "--data", "own.tsv", "--json").stdout)
    assert (scores["field"], scores["sentences"], scores["words"]) == ("entity", 2, 6)
    assert scores["whole"]["model"]["accuracy"] > 0.8
    assert "words %" in done("compare", "one", "two")
    (tmp_path / "bad.tsv").write_text("no tab here\n")
    broken = cli("evaluate", "--data", "bad.tsv")
    assert (broken.returncode, "sentence 1: a line without one tab" in broken.stderr) == (2, True)


def test_without_the_plugin_its_file_still_tags(example_site, seqtool_cmd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(example_site)
    assert run_in_process(["train", "entities", "--sample", "--epochs", "1", "--hidden", "4", "--out", "run"]) == 0
    assert run_in_process(["export"]) == 0
    assert seqtool_cmd("tag", "-m", "run", stdin="to Oslo\n").returncode == 0
    (tmp_path / "penn.txt").write_text("to/O Oslo/B-LOC\n")
    scored = seqtool_cmd("evaluate", "--data", "penn.txt")
    assert "the task entities is not installed" in scored.stderr


def test_a_family_without_one_of_its_modules_is_named():
    from seqtool.families.family import Family

    family = Family("odd", "foretell", "odd series", "seqtool.tables_that_no_one_wrote")
    with pytest.raises(SeqtoolError, match=r"the family 'odd' has no config .*seqtool\.tables_that_no_one_wrote"):
        _ = family.config
