"""`seqtool export`: a run becomes one .onnx file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seqtool.cli import complete
from seqtool.cli.output import emit, note
from seqtool.cli.train import require_training

RunArgument = Annotated[
    Path | None,
    typer.Argument(metavar="[RUN]", help="run folder (left out: the newest)", autocompletion=complete.runs),
]


def command(
    run: RunArgument = None,
    onnx: Annotated[bool, typer.Option("--onnx", help="write ONNX (the default, and the only format)")] = True,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="the file (left out: RUN/model.onnx, or by its options, such as RUN/model-int8.onnx)"
        ),
    ] = None,
    checkpoint: Annotated[
        str, typer.Option(metavar="WHICH", help="which weights: best, last, or average:N of the last N (see --keep)")
    ] = "best",
    int8: Annotated[
        bool, typer.Option("--int8", help="int8 weights: a quarter of the size, faster on a processor when large")
    ] = False,
    text_input: Annotated[
        bool, typer.Option("--text-input", help="texts in, names out: splitting and vocabulary are in the graph")
    ] = False,
    sampling: Annotated[
        bool, typer.Option("--sampling", help="a translator that can also draw its translations")
    ] = False,
    attention: Annotated[
        bool, typer.Option("--attention", help="a translator that also tells what it looked at")
    ] = False,
    no_scores: Annotated[bool, typer.Option("--no-scores", help="do not run the file over the test split")] = False,
) -> None:
    """Write a run as one .onnx file, checked against the weights and scored on the test split."""
    require_training("exporting needs PyTorch and ONNX")
    from seqtool import plugins, runs
    from seqtool.report.family_scores import score_lines
    from seqtool.train.export import export
    from seqtool.train.int8 import in_words

    folder = run or runs.newest_run()
    extras = [name for name, wanted in (("sampling", sampling), ("attention", attention)) if wanted]
    path, manifest, worst = export(
        folder, out=out, which=checkpoint, scores=not no_scores, int8=int8, text=text_input, extras=extras
    )
    note(f"checked against the weights on other shapes: largest difference {worst:.1g} network units")
    if "int8" in manifest.scores:
        note(in_words(manifest.scores["int8"]))
    if "test" in manifest.scores:
        for line in score_lines(manifest.family, manifest.scores["test"]):
            note(line)
    emit(str(path))
    note(f"next: seqtool {plugins.load_task(manifest.task).verb} {manifest.task}")
