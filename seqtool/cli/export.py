"""`seqtool export`: a run becomes one .onnx file."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from seqtool.cli import complete
from seqtool.cli.options import TRAINING, require
from seqtool.errors import UsageError
from seqtool.say import emit, note

_RUN = "run folder (left out: the newest)"
RunArgument = Annotated[Path | None, Argument(metavar="[RUN]", help=_RUN, autocompletion=complete.runs)]
OnnxOption = Annotated[bool, Option("--onnx", help="write ONNX (the default, and the only format)")]
_OUT = "the file (left out: RUN/model.onnx, or a name with its options, such as RUN/model-int8.onnx)"
OutOption = Annotated[Path | None, Option(metavar="FILE", help=_OUT)]
_WHICH = "weights to export: best, last, or average:N, the mean of the last N (see train --keep)"
WhichOption = Annotated[str, Option(metavar="WHICH", help=_WHICH)]
_INT8 = "store weights as int8: a quarter of the size; large models are faster on a processor"
Int8Option = Annotated[bool, Option("--int8", help=_INT8)]
_TEXT = "texts in, names out: the graph splits texts and looks words up by itself"
TextOption = Annotated[bool, Option("--text-input", help=_TEXT)]
SamplingOption = Annotated[bool, Option("--sampling", help="let a translator draw translations at random, too")]
AttentionOption = Annotated[bool, Option("--attention", help="let a translator return its attention weights, too")]
_BASELINE = "write a baseline of the run in place of the network: such as ridge; of a classifier 'wide part'"
BaselineOption = Annotated[str | None, Option(metavar="NAME", help=_BASELINE)]
NoScoresOption = Annotated[bool, Option("--no-scores", help="do not score the file on the test split")]


def command(
    run: RunArgument = None,
    onnx: OnnxOption = True,  # nothing reads it: a script may name the only format
    out: OutOption = None,
    checkpoint: WhichOption = "best",
    int8: Int8Option = False,
    text_input: TextOption = False,
    sampling: SamplingOption = False,
    attention: AttentionOption = False,
    baseline: BaselineOption = None,
    no_scores: NoScoresOption = False,
) -> None:
    """Write a run as one .onnx file, checked against the weights and scored on the test split."""
    require("exporting needs PyTorch and ONNX", *TRAINING)
    from seqtool import runs
    from seqtool.families.classification import raw_texts
    from seqtool.families.family import ExportOptions, find
    from seqtool.training.export import export, export_baseline
    from seqtool.training.int8 import in_words

    options = ExportOptions(int8=int8, text_input=text_input, sampling=sampling, attention=attention)
    folder = run or runs.newest_run()
    if baseline is None:
        exported = export(folder, options, out=out, which=checkpoint, scores=not no_scores)
        note(f"checked against the weights on other shapes: largest difference {exported.difference:.1g} network units")
    else:
        if options != ExportOptions() or checkpoint != "best":
            raise UsageError("a baseline has no weights to choose or to change", cure="leave the other options out")
        exported = export_baseline(folder, baseline, out=out, scores=not no_scores)
        note(f"checked against its rule on other shapes: largest difference {exported.difference:.1g} of a value")
    manifest = exported.manifest
    family = find(manifest.family)
    if "int8" in manifest.scores:
        note(in_words(manifest.scores["int8"]))
    if "test" in manifest.scores:
        for line in family.report.Report.from_json(manifest.scores["test"]).lines():
            note(line)
    if "raw_texts" in manifest.scores:
        note(raw_texts.in_words(manifest.scores["raw_texts"]))
    emit(str(exported.path))
    # the verb takes the newest model when no task is named, and that is this one
    task = "" if manifest.task == family.verb else f" {manifest.task}"
    beside = manifest.encoders.get("inputs", ())
    data = " --data FILE" if any(one["known"] and not one.get("last") for one in beside) else ""
    # another file of the run than its model.onnx is named: a run folder given as -m means that one
    file = "" if exported.path.name == "model.onnx" else f" -m {shlex.quote(str(exported.path))}"
    note(f"next: seqtool {family.verb}{task}{file}{data}")
