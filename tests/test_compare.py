"""`seqtool compare`: run folders written by hand, so that every figure shown is known."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from seqtool.report.compared import distinct_tails
from seqtool.report.plots import several_curves
from seqtool.report.tables import cut, cut_middle

SETTINGS = {"hidden": 8, "window": 40, "scaling": "standard", "clip": 1.0, "columns": ["Close"], "bidirectional": False}
SCALER = {"kind": "standard", "mean": [5.0], "deviation": [2.0], "factor": 1.0, "season": 7}
METRICS = [(10, 3.0, 2.5), (20, 1.5, 0.75), (30, 1.0, 1.25)]  # step, training, validation


def scores(split: str, rmse: float, **more) -> dict:
    model = {"rmse": rmse, "mae": 0.5, "mase": 0.25, "smape": 77.0, "skill": -0.1234}
    return {
        "split": split, "data": "btc.csv", "from": "2024-01-01", "to": "2024-02-01", "origins": 1234,
        "horizons": {"1": {"model": model, "drift": model}, "7": {"model": model, "drift": model}},
        "path": {"model": rmse + 1, "drift": 2345.6}, "best_baseline": "drift", "differences": {}, "verdict": [],
        **more,
    }  # fmt: skip


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Return `made("a", hidden=9)`: a finished run `runs/a` without a model file, changed where asked."""
    monkeypatch.chdir(tmp_path)

    def write(name, *, task="bitcoin", family="forecasting", seed=0, sha="ab" * 32, data="btc.csv", finished=True,
              scaler=SCALER, metrics=METRICS, scored=None, predicted="Close", **settings) -> Path:  # fmt: skip
        run = tmp_path / name if "/" in name else tmp_path / "runs" / name
        (run / "encoders").mkdir(parents=True)
        files = [{"name": data, "label": "", "sha256": sha}]
        described = {
            "task": task, "family": family, "preset": "default", "seed": seed, "device": "cpu", "threads": 1,
            "data": {"source": "", "sample": False, "name": data, "files": files, "paths": ["btc.csv"]},
        }  # fmt: skip
        if finished:
            described["training"] = {"seconds": 12.34, "steps": 30, "best_step": 20}
            own = {"validation": scores("validation", 4.0, series={predicted: {}})}
            scored = scored if scored is not None else own
            (run / "scores.json").write_text(json.dumps(scored))
        (run / "run.json").write_text(json.dumps(described))
        merged = {**SETTINGS, **settings}
        (run / "config.toml").write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in merged.items()))
        encoders = {"scaler": scaler, "columns": [predicted], "step": 1}
        (run / "encoders" / "encoders.json").write_text(json.dumps(encoders))
        lines = [{"step": s, "train_loss": t, "loss": v, "seconds": s / 10} for s, t, v in metrics]
        (run / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        return run

    return write


def parts(text: str) -> dict[str, dict[str, list[str]]]:
    """Read the table back: title -> label -> cells; two blanks part the cells."""
    read = {}
    for part in text.split("\n\n"):
        rows = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in part.splitlines()]
        read[rows[0][0]] = {row[0]: row[1:] for row in rows}
    return read


def test_only_what_differs_is_shown_of_the_configuration(made, cli):
    made("a")
    made("b", seed=3, hidden=16, columns=["Close", "Open"], bidirectional=True, sha="cd" * 32)
    shown = parts(cli("compare", "runs/a", "runs/b").stdout)["differences"]
    assert shown == {
        "differences": ["a", "b"],
        "seed": ["0", "3"],
        "data": ["abababab btc.csv", "cdcdcdcd btc.csv"],
        "hidden": ["8", "16"],
        "columns": ["Close", "Close,Open"],
        "bidirectional": ["false", "true"],
    }


def test_runs_of_one_configuration_differ_in_nothing(made, cli):
    made("a")
    made("b")
    answer = cli("compare", "runs/a", "runs/b")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert parts(answer.stdout)["differences"] == {"differences": ["a", "b"], "none": []}


def test_scores_and_cost_are_those_of_the_files(made, cli, exported):
    made("a")
    b = made("b", finished=False)
    (b / "scores.json").write_text(json.dumps({"validation": scores("validation", 1999.5)}))
    shutil.copy(exported / "runs" / "tiny" / "model.onnx", b)
    answer = cli("compare", "runs/a", "runs/b")
    told = json.loads(cli("inspect", "runs/b/model.onnx", "--json").stdout)
    shown = parts(answer.stdout)
    assert shown["validation scores"] == {
        "validation scores": ["a", "b"],
        **{f"horizon {h} RMSE": ["4", "2,000"] for h in (1, 7)},
        **{f"horizon {h} MAE": ["0.5", "0.5"] for h in (1, 7)},
        **{f"horizon {h} MASE": ["0.25", "0.25"] for h in (1, 7)},
        **{f"horizon {h} skill": ["-0.123", "-0.123"] for h in (1, 7)},
        "path RMSE": ["5", "2,000"],
        "best baseline": ["drift", "drift"],
        "its path RMSE": ["2,346", "2,346"],
    }
    assert shown["cost"] == {
        "cost": ["a", "b"],
        "training": ["12.3 s", "3.0 s"],  # of run.json; of the last evaluation where that has none
        "steps": ["30", "30"],
        "best step": ["20", "20"],
        "parameters": ["-", f"{told['parameters']:,}"],
        "model file, bytes": ["-", f"{(b / 'model.onnx').stat().st_size:,}"],
    }


def test_quantiles_and_the_whole_path_are_shown_where_they_were_measured(made, cli):
    more = {
        "whole": {"model": {"rmse": 5.0, "mae": 3.0, "mase": None, "skill": 0.25}, "drift": {"rmse": 2345.6}},
        "wql": {"path": 0.125, "horizons": {"1": 0.1}},
        "msis": {"0.8": {"path": 5.25, "horizons": {"1": 4.0}}},
        "coverage": {"0.8": {"path": 0.7512, "horizons": {"1": 0.5}, "by_step": [0.5]}},
        "series": {"Close": {"model": {"rmse": 88.0}}},
        "by_step": {"model": [99.0]},
    }
    made("a", scored={"validation": scores("validation", 4.0, **more)})
    made("b")
    shown = parts(cli("compare", "runs/a", "runs/b").stdout)["validation scores"]
    assert {label: cells for label, cells in shown.items() if not label.startswith(("horizon", "validation"))} == {
        "path RMSE": ["5", "5"],
        "path MAE": ["3", "-"],
        "path skill": ["+0.250", "-"],
        "path WQL": ["0.125", "-"],
        "path MSIS 80 %": ["5.25", "-"],
        "80 % interval covers": ["75.1 %", "-"],
        "best baseline": ["drift", "drift"],
        "its path RMSE": ["2,346", "2,346"],
    }


def test_test_scores_are_shown_where_every_run_has_them(made, cli):
    both = {"validation": scores("validation", 4.0), "test": scores("test", 6.0)}
    made("a", scored=both)
    made("b", scored=both)
    made("c")
    answer = cli("compare", "runs/a", "runs/b")
    assert parts(answer.stdout)["test scores"]["path RMSE"] == ["7", "7"]
    assert answer.stderr == ""
    answer = cli("compare", "runs/a", "runs/b", "runs/c")
    assert parts(answer.stdout)["validation scores"]["path RMSE"] == ["5", "5", "5"]
    assert "not exported: c; so these are the scores of the validation split" in answer.stderr


def test_a_run_that_goes_on_has_no_scores_yet(made, cli):
    made("a")
    b = made("b", finished=False)
    with (b / "metrics.jsonl").open("a") as stream:
        stream.write('{"step": 40, "train_lo')  # being written
    answer = cli("compare", "runs/a", "runs/b")
    assert answer.returncode == 0
    assert "b has no validation scores: its training has not finished" in answer.stderr
    assert parts(answer.stdout)["validation scores"]["path RMSE"] == ["5", "-"]


ORIGINS = "scored on different columns, origins or horizons: their scores cannot be compared"
DATA = "scored on different data: their scores cannot be compared"
UNITS = "the losses are in different units"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"sha": "cd" * 32}, [DATA, UNITS]),
        ({"family": "another"}, [DATA, UNITS]),
        ({"task": "electricity"}, [UNITS]),  # a task may have a loss of its own
        ({"predicted": "Open"}, [ORIGINS, UNITS]),
        ({"scored": {"validation": scores("validation", 4.0, origins=1233)}}, [ORIGINS]),
        ({"scored": {"validation": scores("validation", 4.0, horizons={})}}, [ORIGINS]),
        ({"scaler": {**SCALER, "kind": "min-max"}}, [UNITS]),
        ({"scaler": {**SCALER, "deviation": [2.5]}}, [UNITS]),
        ({"scaler": {**SCALER, "deviation": [2.01], "mean": [7.0]}}, []),
        ({"family": "other"}, []),  # two of them; nothing is known of its scores; the encoders are the same
    ],
)
def test_what_cannot_be_compared_is_said(made, cli, changed, said):
    made("a", **({"family": "other"} if changed == {"family": "other"} else {}))
    made("b", **changed)
    answer = cli("compare", "runs/a", "runs/b")
    assert answer.returncode == 0
    assert len(answer.stderr.splitlines()) == len(said)
    assert all(one in answer.stderr for one in said)


def test_other_class_weights_are_named_and_no_scores_for_answers_are_shown(made, cli):
    own = {"split": "validation", "texts": 1, "calibration": {"chances": [0.5] * 99}}
    for name, weights in (("a", "none"), ("b", "balanced")):
        given = {"family": "classification", "task": "classify", "scored": {"validation": own}}
        run = made(name, **given, class_weights=weights)
        (run / "encoders" / "encoders.json").write_text(json.dumps({"labels": {"names": ["x", "y"]}}))
    answer = cli("compare", "runs/a", "runs/b", "--json")
    assert (
        answer.stderr == "warning: the losses are in different units (other class weights): they cannot be compared\n"
    )
    assert json.loads(answer.stdout.splitlines()[0])["scores"] == {"split": "validation", "texts": 1}


def test_json_is_one_object_a_run(made, cli):
    made("a")
    made("b", hidden=16, finished=False)
    first, second = map(json.loads, cli("compare", "runs/a", "runs/b", "--json").stdout.splitlines())
    assert (first["run"], first["task"], first["preset"], first["seed"]) == ("a", "bitcoin", "default", 0)
    assert [one["configuration"] for one in (first, second)] == [{"hidden": 8}, {"hidden": 16}]
    assert first["scores"] == scores("validation", 4.0, series={"Close": {}})
    assert second["scores"] is None
    assert first["cost"] == {"seconds": 12.34, "steps": 30, "best_step": 20, "parameters": None, "bytes": None}
    assert "paths" not in first["data"]


@pytest.mark.parametrize("count", [2, 3, 4])
def test_the_table_fits_into_a_hundred_columns(made, cli, count):
    names = [f"electricity-20261121-06524{n}" for n in range(count)]
    for name in names:
        made(name, columns=[f"a rather long column's name of {name}"])
    answer = cli("compare", *(f"runs/{name}" for name in names))
    lines = answer.stdout.splitlines()
    assert max(map(len, lines)) <= 100
    assert len(set(lines[0].split()[1:])) == count


def test_names_that_look_the_same_when_cut_are_numbered(made, cli):
    names = [f"{'x' * 40}-{n}-{'y' * 40}" for n in range(2)]
    for name in names:
        made(name)
    head = cli("compare", *(f"runs/{name}" for name in names)).stdout.splitlines()[0]
    assert [word for word in head.split() if word.isdigit()] == ["1", "2"]


def test_a_name_is_the_shortest_tail_of_its_own():
    paths = map(Path, ["/a/runs/x", "/b/runs/x", "/b/runs/y", "/b/z/y/"])
    assert distinct_tails(list(paths)) == ["a/runs/x", "b/runs/x", "runs/y", "z/y"]


def test_cuts():
    assert (cut("12345", 5), cut("123456", 5), cut("a\nb", 9)) == ("12345", "1234…", "a\\nb")
    assert (cut_middle("12345", 5), cut_middle("1234567", 5), cut_middle("1234567", 6)) == ("12345", "12…67", "12…567")


def test_the_picture_is_drawn_only_when_asked(made, cli, tmp_path):
    made("a")
    made("b_$x$_^")
    cli("compare", "runs/a", "runs/b_$x$_^")
    assert not list(tmp_path.glob("**/*.png"))
    answer = cli("compare", "runs/a", "runs/b_$x$_^", "--plot", "both.png")
    assert answer.stderr == "picture: both.png\n"
    assert Path("both.png").read_bytes().startswith(b"\x89PNG")
    refused = cli("compare", "runs/a", "runs/b_$x$_^", "--plot", "runs")
    assert (refused.returncode, refused.stdout) == (1, "")


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Return `drawn(runs)`: the axis of the picture of these runs' metrics."""
    kept = []
    monkeypatch.setattr("seqtool.report.plots.save", lambda made, path: kept.append(made))

    def draw(runs):
        rows = {
            name: [{"step": s, "train_loss": t, "loss": v} for s, t, v in metrics] for name, metrics in runs.items()
        }
        several_curves(rows, tmp_path / "x.png", "loss")
        return kept[-1].axes[0]

    return draw


def test_the_picture_holds_every_figure_once(drawn):
    other = [(5, 2.0, 1.75)]  # one evaluation: no line, but its dot
    axis = drawn({"a": METRICS, "_b": other})
    lines = [list(zip(*line.get_data(), strict=True)) for line in axis.lines]
    assert lines[0] == [(10, 3.0), (20, 1.5), (30, 1.0)]
    assert lines[1] == [(10, 2.5), (20, 0.75), (30, 1.25)]
    assert lines[2] == [(20, 0.75)]
    assert lines[3:] == [[(5, 2.0)], [(5, 1.75)], [(5, 1.75)]]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["a", "_b"]
    assert len({line.get_color() for line in axis.lines}) == 2
    assert (axis.get_xscale(), axis.get_yscale()) == ("linear", "linear")


def test_axes_are_logarithmic_where_curves_would_be_pressed_flat(drawn):
    axis = drawn({"a": METRICS, "long": [(1000, 1.0, 1.0)]})
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "linear")
    axis = drawn({"a": METRICS, "large": [(30, 90.0, 80.0)]})
    assert (axis.get_xscale(), axis.get_yscale()) == ("linear", "log")
    axis = drawn({"a": METRICS, "log-likelihood": [(30, -90.0, 80.0)]})
    assert axis.get_yscale() == "linear"


def break_file(name: str, text: str | None):
    def change(run: Path) -> None:
        (run / name).unlink() if text is None else (run / name).write_text(text)

    return change


def change_file(name: str, **values: object):
    def change(run: Path) -> None:
        (run / name).write_text(json.dumps(json.loads((run / name).read_text()) | values))

    return change


def begun(run: Path) -> None:
    """Make a run into one that was stopped before its first evaluation."""
    (run / "metrics.jsonl").unlink()
    change_file("run.json", training=None)(run)


DATA = {"source": "", "sample": False, "name": "a.csv", "paths": ["a.csv"]}
BROKEN = {
    "no run": (break_file("run.json", None), 3, "this is no run folder"),
    "never evaluated": (begun, 3, "never evaluated: it has no figures"),
    "never evaluated, the cure": (begun, 3, "seqtool train bitcoin --resume runs/b"),
    "lost metrics": (break_file("metrics.jsonl", None), 3, "the run has lost its metrics.jsonl"),
    "empty metrics": (break_file("metrics.jsonl", ""), 3, "the run has lost its metrics.jsonl"),
    "encoders without columns": (break_file("encoders/encoders.json", "{}"), 1, "encoders.json is damaged"),
    "damaged metrics": (break_file("metrics.jsonl", "{]\n"), 1, "metrics.jsonl is damaged"),
    "metrics without a loss": (break_file("metrics.jsonl", '{"step": 1, "loss": 1}\n'), 1, "metrics.jsonl is damaged"),
    "metrics of another shape": (break_file("metrics.jsonl", "3\n"), 1, "metrics.jsonl is damaged"),
    "damaged scores": (break_file("scores.json", '{"validation": {'), 1, "scores.json is damaged"),
    "scores of another shape": (break_file("scores.json", '{"validation": {"path": 3}}'), 1, "scores.json is damaged"),
    "scores of pairs": (
        break_file("scores.json", '{"validation": [["split", "validation"]]}'),
        1,
        "scores.json is damaged",
    ),
    "scores of no shape": (break_file("scores.json", '{"validation": 3}'), 1, "scores.json is damaged"),
    "scores nested without end": (break_file("scores.json", "[" * 100_000), 1, "scores.json is damaged"),
    "a run of another shape": (change_file("run.json", task=5), 1, "run.json is damaged"),
    "data of another shape": (change_file("run.json", data={**DATA, "files": [{}]}), 1, "run.json is damaged"),
    "a scaler of another shape": (change_file("encoders/encoders.json", scaler=None), 1, "encoders.json is damaged"),
    "no configuration": (break_file("config.toml", None), 3, "no such configuration file"),
    "damaged configuration": (break_file("config.toml", "= 3"), 2, "not valid TOML"),
    "no encoders": (break_file("encoders/encoders.json", None), 3, "the run has lost its encoders"),
    "a model that is none": (break_file("model.onnx", "no model"), 2, "runs/b/model.onnx"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_run_is_named(made, cli, case):
    change, code, said = BROKEN[case]
    made("a")
    change(made("b"))
    answer = cli("compare", "runs/a", "runs/b", "--plot", "x.png")
    assert (answer.returncode, answer.stdout) == (code, "")
    assert said in answer.stderr
    assert "runs/b" in answer.stderr
    assert not Path("x.png").exists()


@pytest.mark.parametrize("part", [{"from": {"a": 1}}, {"to": [[1]]}])
def test_odd_facts_of_a_measurement_are_only_different(made, cli, part):
    made("a")
    run = made("b")
    scores = json.loads((run / "scores.json").read_text())
    scores["validation"] |= part
    (run / "scores.json").write_text(json.dumps(scores))
    answer = cli("compare", "runs/a", "runs/b")
    assert answer.returncode == 0, answer.stderr
    assert "the runs were scored on different" in answer.stderr


def test_one_run_alone_or_named_twice_is_a_usage_error(made, cli):
    made("a")
    Path("link").symlink_to("runs/a")
    for words, said in (
        (["runs/a"], "one run has nothing beside it"),
        (["runs/a", "runs/../runs/a/"], "the same run is named twice"),
        (["runs/a", "link"], "the same run is named twice"),
        ([], "Missing argument"),
    ):
        answer = cli("compare", *words)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert said in answer.stderr


def test_two_real_trainings(project, cli):
    small = ["--epochs", "1", "--hidden", "3", "--max-steps", "6", "--seed", "2"]
    cli("train", "bitcoin", "--sample", *small, "--out", "runs/other")
    answer = cli("compare", "runs/tiny", "runs/other", "--plot", "both.png")
    assert answer.returncode == 0, answer.stderr
    shown = parts(answer.stdout)
    stored = [json.loads(Path(f"runs/{name}/scores.json").read_text())["validation"] for name in ("tiny", "other")]
    assert shown["differences"] == {
        "differences": ["tiny", "other"], "seed": ["0", "2"], "max_steps": ["10", "6"], "hidden": ["4", "3"],
    }  # fmt: skip
    rows = shown["validation scores"]
    for key, label in (("rmse", "RMSE"), ("mase", "MASE (m=1)")):
        expected = [one["horizons"]["7"]["model"][key] for one in stored]
        said = [float(cell.replace(",", "")) for cell in rows[f"horizon 7 {label}"]]
        assert said == pytest.approx(expected, rel=1e-3)
    assert rows["best baseline"] == [one["best_baseline"] for one in stored]
    assert shown["cost"]["steps"] == ["10", "6"]
    assert "units" not in answer.stderr
