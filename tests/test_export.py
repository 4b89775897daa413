"""An export is done when the file computes what was trained, and only then is there a file."""

import json

import numpy as np
import onnx
import pytest

from seqtool.families.choose import sample_of
from seqtool.families.family import ExportOptions, configured
from seqtool.families.forecasting import data as phase
from seqtool.families.forecasting import export as family_graph
from seqtool.families.forecasting import graph_parts
from seqtool.families.forecasting.baselines import last_value
from seqtool.graph import recurrent, scaling
from seqtool.plugins import load_task
from seqtool.runtime.model import open_model
from seqtool.training.export import export
from seqtool.training.run import TrainOptions, train

TINY = {"hidden": 4, "window": 12, "horizon": 5, "max_steps": 8}
FORMS = {
    "lstm": {"cell": "lstm"},
    "gru": {"cell": "gru", "layers": 2},
    "peephole": {"cell": "peephole"},
    "direct": {"network": "direct", "bidirectional": True, "scaling": "standard"},
    "window": {"scaling": "window", "cell": "rnn", "output_gain": True},
}


def train_one(folder, **settings):
    task = load_task("bitcoin")
    config = configured(task, options={**TINY, **settings})
    train(task, config, sample_of(task), TrainOptions(out=folder, device="cpu", threads=1))
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Runs of every form, trained once."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("exports")
        patch.chdir(folder)
        patch.setenv("SEQTOOL_CACHE", str(folder / "cache"))
        yield {name: train_one(folder / name, **settings) for name, settings in FORMS.items()}


@pytest.fixture(autouse=True)
def _somewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("form", FORMS)
def test_a_sound_export_is_checked_scored_and_noted(trained, form, tmp_path):
    made = export(trained[form], ExportOptions(), out=tmp_path / "model.onnx", which="best", scores=True)
    path, manifest = made.path, made.manifest
    assert made.difference < 1e-4
    assert list(tmp_path.glob(".*")) == []
    onnx.checker.check_model(onnx.load(path), full_check=True)
    model = open_model(path)
    assert model.manifest == manifest
    assert set(model.file.opsets) == {"ai.onnx"}
    assert json.loads((tmp_path / "runs" / "latest.json").read_text())["models"][0]["path"] == "../model.onnx"
    scores = manifest.scores["test"]
    assert set(scores["horizons"]) == {"1", "5"}
    assert len(scores["verdict"]) == 2 + scores["verdict"][0].startswith("The best forecast ")
    assert "simulated" in scores["data"]


def test_the_stored_scores_are_those_of_the_file(trained, tmp_path):
    """Scored again by hand: every window of the test split through the file, against the truth."""
    made = export(trained["lstm"], ExportOptions(), out=tmp_path / "m.onnx", which="best", scores=True)
    path, manifest = made.path, made.manifest
    task = load_task("bitcoin")
    config = configured(task, file=trained["lstm"] / "config.toml")
    test = phase.load(task, config, sample_of(task)).test
    history, truth = test.batch(np.arange(len(test)))
    forecast = open_model(path).run({"history": history, "horizon": np.array(5)})["forecast"]
    stored = manifest.scores["test"]["horizons"]["5"]
    assert stored["model"]["rmse"] == pytest.approx(np.sqrt(np.mean((forecast[:, 4] - truth[:, 4]) ** 2)), rel=1e-6)
    naive = np.sqrt(np.mean((last_value(history, 5)[:, 4] - truth[:, 4]) ** 2))
    assert stored["last value"]["rmse"] == pytest.approx(naive, rel=1e-9)


def test_the_manifest_tells_no_paths_users_or_hosts(trained, tmp_path):
    made = export(trained["lstm"], ExportOptions(), out=tmp_path / "m.onnx", which="best", scores=True)
    path, manifest = made.path, made.manifest
    text = manifest.to_json()
    for secret in (str(tmp_path), str(trained["lstm"]), "cache", "/home", "/root", "/tmp"):
        assert secret not in text
    assert str(tmp_path).encode() not in path.read_bytes()


def test_last_and_best_weights_differ_in_the_file(trained, tmp_path):
    files = [
        export(trained["gru"], ExportOptions(), out=tmp_path / f"{which}.onnx", which=which, scores=False).path
        for which in ("best", "last")
    ]
    assert all(file.exists() for file in files)


def refused(cli, run, tmp_path, reason):
    before = sorted(tmp_path.rglob("*"))
    answer = cli("export", run, "--out", tmp_path / "bad" / "model.onnx", "--no-scores")
    assert answer.returncode == 1, answer.stderr
    assert "does not compute what was trained" in answer.stderr
    assert reason in answer.stderr
    assert "Traceback" not in answer.stderr
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file()) == [p for p in before if p.is_file()]


@pytest.mark.parametrize(("form", "gates"), [("lstm", (0, 1, 2, 3)), ("gru", (0, 1, 2)), ("peephole", (0, 1, 2, 3))])
def test_swapped_gates_are_caught(trained, cli, monkeypatch, tmp_path, form, gates):
    original = recurrent.Form
    monkeypatch.setattr(recurrent, "Form", lambda _, states, call: original(gates, states, call))
    refused(cli, trained[form], tmp_path, "network units")


def test_swapped_peepholes_are_caught(trained, cli, monkeypatch, tmp_path):
    """PyTorch's order of gates i, f, o where ONNX wants i, o, f."""
    monkeypatch.setattr(recurrent, "PEEPHOLES", [0, 1, 2])
    refused(cli, trained["peephole"], tmp_path, "network units")


@pytest.mark.parametrize("form", FORMS)
def test_a_frozen_time_axis_is_caught(trained, cli, monkeypatch, tmp_path, form):
    original = family_graph.name_axes

    def freeze(model, outputs):
        axis = model.graph.input[0].type.tensor_type.shape.dim[1]
        axis.ClearField("dim_param")
        axis.dim_value = TINY["window"]
        return original(model, outputs)

    monkeypatch.setattr(family_graph, "name_axes", freeze)
    refused(cli, trained[form], tmp_path, "it fails")


@pytest.mark.parametrize("form", FORMS)
def test_a_wrong_scaler_is_caught(trained, cli, monkeypatch, tmp_path, form):
    original = scaling.scaling

    def wrong(scaler, history):
        other = scaler._replace(
            mean=tuple(m + 0.01 * d for m, d in zip(scaler.mean, scaler.deviation, strict=True)),
            factor=scaler.factor * 1.01,
        )
        return original(other, history)

    monkeypatch.setattr(family_graph, "scaling", wrong)
    refused(cli, trained[form], tmp_path, "network units")


def test_a_reset_gate_applied_too_early_is_caught(trained, cli, monkeypatch, tmp_path):
    """ONNX's default GRU is not PyTorch's: linear_before_reset forgotten."""
    original = recurrent.op.gru
    monkeypatch.setattr(recurrent.op, "gru", lambda *args, linear_before_reset, **rest: original(*args, **rest))
    refused(cli, trained["gru"], tmp_path, "network units")


def test_a_decoder_that_forgets_its_state_is_caught(trained, cli, monkeypatch, tmp_path):
    original = graph_parts.run

    def forgetful(count, carried, step):
        return original(
            count,
            carried,
            lambda number, values: (([after := step(number, values)][0][0][:1] + list(values[1:])), after[1]),
        )

    monkeypatch.setattr(graph_parts, "run", forgetful)
    refused(cli, trained["lstm"], tmp_path, "network units")


def test_data_that_changed_stops_the_scores_but_not_the_weights(cli, tmp_path):
    task = load_task("bitcoin")
    file = tmp_path / "mine.csv"
    file.write_bytes(task.sample())
    assert (
        cli(
            "train", "bitcoin", "--data", file, "--out", tmp_path / "run", "--hidden", "4", "--max-steps", "3"
        ).returncode
        == 0
    )
    file.write_text(file.read_text().replace("2", "3", 1))
    answer = cli("export", tmp_path / "run")
    assert answer.returncode == 2
    assert "has changed" in answer.stderr
    assert not (tmp_path / "run" / "model.onnx").exists()
    file.unlink()
    assert cli("export", tmp_path / "run").returncode == 3
    assert cli("export", tmp_path / "run", "--no-scores").returncode == 0
    answer = cli("evaluate", tmp_path / "run")
    assert answer.returncode == 3
    assert "without scores" in answer.stderr
