"""Texts of the validation part with truth and answer, as a training shows them at each evaluation."""

from __future__ import annotations

import numpy as np

from seqtool.families.classification.part import TextPart
from seqtool.families.mistakes import chosen, one_line
from seqtool.say import counted
from seqtool.types import Array

TEXT, LINE, LABEL = 300, 60, 30
"""Characters of a text in the file, of one in the line that a person sees, and of a label."""
LABELS = 5
"""Labels of a text that are named."""


def shown(part: TextPart, answers: Array, sure: Array, head: str) -> tuple[str, str]:
    """Return the lines of an evaluation for the file of samples, and one line for the terminal.

    answers: what each text was answered, as in `TextPart.gold`. sure [N]: the probability of each answer. head: which
    evaluation it is.
    """
    wrong = (answers != part.gold).any(axis=1) if part.multi else answers != part.gold
    places = chosen(wrong, sure)
    blocks = [f"--- {head}: {wrong.sum():,} of {counted(len(wrong), 'text')} wrong ---\n"]
    for place in places:
        answer = f"{_named(part, answers[place])} {sure[place]:.4f}{', wrong' if wrong[place] else ''}"
        text, truth = one_line(part.texts[place], TEXT), _named(part, part.gold[place])
        blocks.append(f"text    {text}\ntruth   {truth}\nanswer  {answer}\n\n")
    if not wrong.any():
        return "".join(blocks), f"  no mistake in {counted(len(wrong), 'text')}"
    first = places[0]
    text, truth = one_line(part.texts[first], LINE), _named(part, part.gold[first])
    return "".join(blocks), f"  {text} -> {_named(part, answers[first])} {sure[first]:.4f}, truth {truth}"


def _named(part: TextPart, answer: Array) -> str:
    """Return the name of a class, or those of several labels [C]."""
    names = part.labels.decode(np.flatnonzero(answer) if part.multi else [int(answer)])
    more = f" and {len(names) - LABELS} more" if len(names) > LABELS else ""
    return f"{', '.join(one_line(name, LABEL) for name in names[:LABELS])}{more}" or "no label"
