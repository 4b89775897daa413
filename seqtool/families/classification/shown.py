"""Texts of the validation part with truth and answer, as a training shows them at each evaluation."""

from __future__ import annotations

from seqtool.families.classification.data import TextPart
from seqtool.families.mistakes import chosen, one_line
from seqtool.say import counted
from seqtool.types import Array, Ids

TEXT, LINE, LABEL = 300, 60, 30
"""Characters of a text in the file, of one in the line that a person sees, and of a label."""


def shown(part: TextPart, answers: Ids, sure: Array, head: str) -> tuple[str, str]:
    """Return the lines of an evaluation for the file of samples, and one line for the terminal.

    answers, sure [N]: the class of each text and its probability. head: which evaluation it is.
    """
    wrong = answers != part.gold
    names = [one_line(name, LABEL) for name in part.labels.names]
    places = chosen(wrong, sure)
    blocks = [f"--- {head}: {wrong.sum():,} of {counted(len(wrong), 'text')} wrong ---\n"]
    for place in places:
        answer = f"{names[answers[place]]} {sure[place]:.4f}{', wrong' if wrong[place] else ''}"
        text, truth = one_line(part.texts[place], TEXT), names[part.gold[place]]
        blocks.append(f"text    {text}\ntruth   {truth}\nanswer  {answer}\n\n")
    if not wrong.any():
        return "".join(blocks), f"  no mistake in {counted(len(wrong), 'text')}"
    first = places[0]
    text, truth = one_line(part.texts[first], LINE), names[part.gold[first]]
    return "".join(blocks), f"  {text} -> {names[answers[first]]} {sure[first]:.4f}, truth {truth}"
