"""`seqtool classify`: for each line in, its class and the probability of that class out."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from typer import Option

from seqtool.cli.verbs import Call, verb

EveryOption = Annotated[bool, Option("--all", help="list all classes with their probabilities, the likeliest first")]
ThresholdOption = Annotated[
    float | None,
    Option(
        metavar="P", help="answer the second of two classes only above this probability (left out: the model's own)"
    ),
]


@verb
def command(call: Call, every: EveryOption = False, threshold: ThresholdOption = None) -> None:
    """Classify each line of a pipe: writes its class and the probability of that class, a tab between them.

    Two classes are in the order of their names: of neg and pos, pos is the second.
    """
    runner, _ = call.open("classification")
    from seqtool.families.classification.pipe import Classify
    from seqtool.runtime.first_line import warned_of_first
    from seqtool.runtime.first_rows import labelled
    from seqtool.say import note

    if runner.encoders.tall:
        what = "the model learned from texts of several lines; here each line is one text"
        note(f"note: {what}: write a text in one line, blanks for its line ends")
    classify = Classify(runner, threshold=runner.decide_at(threshold), every=every, json=call.json)
    call.answer(classify.verb(), "each line is classified", join=partial(warned_of_first, rows=labelled(runner.labels)))
    if classify.said_of_long and not call.json:
        note(f"note: {classify.said_of_long}")
