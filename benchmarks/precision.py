"""bf16 beside fp32: the same trainings of a language model, validation nats a character and seconds, three seeds each.

Three epochs of tinyshakespeare, two LSTM layers of 256. Needs the source (SEQTOOL_MIRROR, or a network).
"""

import contextlib
import io
import tempfile
from pathlib import Path

from results import record

from seqtool.families.choose import choose
from seqtool.families.family import configured, presets_of
from seqtool.plugins import load_task
from seqtool.runs import read_metrics
from seqtool.training.run import TrainOptions, train

SEEDS = (0, 1, 2)
SETTINGS = {"source": "tinyshakespeare", "hidden": 256, "epochs": 3}


def measure(task, precision, seed):
    """Train once; return the validation nats a character of the best evaluation, and the seconds."""
    config = configured(task, preset=presets_of(task)["default"], options={**SETTINGS, "precision": precision})
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), contextlib.redirect_stderr(io.StringIO()):
        fit = train(
            task, config, choose(task, config), TrainOptions(out=Path("run"), seed=seed, device="cpu", threads=1)
        )
        return fit.best, read_metrics(fit.run)[-1]["seconds"]


if __name__ == "__main__":
    chargen = load_task("chargen")
    found = {precision: [measure(chargen, precision, seed) for seed in SEEDS] for precision in ("fp32", "bf16")}
    figures = {
        f"{precision}_{unit}": [round(values[place], digits) for values in rows]
        for precision, rows in found.items()
        for place, (unit, digits) in enumerate({"nats": 4, "seconds": 0}.items())
    }
    print(figures)
    record("bf16 against fp32, 2x256, three epochs of tinyshakespeare, seeds 0 to 2", {"threads": 1, **figures})
