"""`seqtool classify`: for each line in, its class and the probability of that class out."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from typer import Option

from seqtool.cli.verbs import Call, verb

EveryOption = Annotated[bool, Option("--all", help="list all classes with their probabilities, the likeliest first")]
TopOption = Annotated[
    int | None, Option(metavar="K", min=1, help="list the K likeliest classes with their probabilities")
]
ThresholdOption = Annotated[
    float | None,
    Option(
        metavar="P",
        help="answer the second of two classes only above this probability, or each of several labels "
        "(left out: the model's own)",
    ),
]
RejectOption = Annotated[
    float, Option(metavar="P", help="answer no class where the likeliest one has a lower probability: none of these")
]
SetsOption = Annotated[
    float | None, Option(metavar="P", help="answer a set of classes that holds the true one with this probability")
]


@verb
def command(
    call: Call, every: EveryOption = False, top: TopOption = None, threshold: ThresholdOption = None,
    reject: RejectOption = 0.0, sets: SetsOption = None,
) -> None:  # fmt: skip
    """Classify each line of a pipe: writes its class and the probability of that class, a tab between them.

    A model of several labels a text writes each label that applies and its probability; an empty line where none does.

    Two classes are in the order of their names: of neg and pos, pos is the second.
    """
    runner, _ = call.open("classification")
    from seqtool.errors import UsageError
    from seqtool.families.classification.pipe import Classify
    from seqtool.runtime.first_line import warned_of_first
    from seqtool.runtime.first_rows import labelled
    from seqtool.say import note

    if ((every or top) and sets is not None) or (every and top):
        raise UsageError("--all, --top and --sets list labels each in its own way", cure="give one of them")
    if reject and (every or top) and not call.json:
        what = "a list of classes does not show that a text was rejected"
        raise UsageError(what, cure="--json with it, or leave --all and --top out")
    if runner.encoders.tall:
        what = "the model learned from texts of several lines; here each line is one text"
        note(f"note: {what}: write a text in one line, blanks for its line ends")
    listed = len(runner.labels) if every else top or 0
    classify = Classify(runner, runner.rule(threshold, reject, sets), top=listed, json=call.json)
    call.answer(classify.verb(), "each line is classified", join=partial(warned_of_first, rows=labelled(runner.labels)))
    if reject and (highest := classify.all_rejected) is not None:
        note(f"note: no text has a class: the highest probability is {highest:.4f}, below --reject {reject:g}")
    if classify.said_of_long and not call.json:
        note(f"note: {classify.said_of_long}")
