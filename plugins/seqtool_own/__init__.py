"""Tasks for one's own data, named like the verbs that run their models: everything is the family's."""

from __future__ import annotations

from seqtool import Task, hookimpl


class Own:
    """A plugin that gives one task."""

    def __init__(self, task: Task) -> None:
        self.task = task

    @hookimpl
    def register_task(self) -> Task:
        """Give the task to seqtool."""
        return self.task


forecast = Own(
    Task(
        name="forecast",
        summary="forecast the columns of your own table",
        family="forecasting",
        examples=("seqtool train forecast --data shop.csv", "seqtool forecast --horizon 14"),
    )
)
generate = Own(
    Task(
        name="generate",
        summary="learn your own text and continue it",
        family="generation",
        examples=("seqtool train generate --data book.txt", 'seqtool generate --prompt "Once"'),
    )
)
classify = Own(
    Task(
        name="classify",
        summary="tell the classes of your own labelled texts apart",
        family="classification",
        examples=("seqtool train classify --data mails.tsv", "seqtool classify < new.txt"),
    )
)
tag = Own(
    Task(
        name="tag",
        summary="tag the words of your own tagged sentences",
        family="tagging",
        examples=("seqtool train tag --data sentences.conllu", "seqtool tag < new.txt"),
    )
)
translate = Own(
    Task(
        name="translate",
        summary="translate, learnt from your own pairs of lines",
        family="translation",
        examples=("seqtool train translate --src de.txt --tgt en.txt", "seqtool translate < new.txt"),
    )
)
