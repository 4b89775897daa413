"""A task of the family: how many vowels has a line?"""

from __future__ import annotations

from seqtool import Task, hookimpl


@hookimpl
def register_task() -> Task:
    return Task("vowels", "count the vowels of a line", family="counting")
