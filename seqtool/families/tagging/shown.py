"""Sentences of the validation part with truth and answer, as a training shows them at each evaluation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seqtool.data.encoders.labels import Labels
from seqtool.families.mistakes import chosen, one_line
from seqtool.families.tagging.part import TagPart, tag_ids
from seqtool.say import counted
from seqtool.types import Array, Flags, Ids

WORDS, NEAR, WORD = 40, 5, 24
"""Words of a sentence in the file, of one in the line that a person sees, and characters of a word or a tag."""
Answered = tuple[Ids, Array]
"""The ids [T] of a sentence's tags and their probabilities [T]."""


def shown(part: TagPart, labels: Labels, answered: Sequence[Answered], step: int) -> tuple[str, str]:
    """Return the lines of an evaluation for the file of samples, and one line for the terminal."""
    wrong = [ids != tag_ids(tags, labels) for (ids, _), tags in zip(answered, part.tags, strict=True)]
    surest = [chances[flags].max(initial=0.0) for (_, chances), flags in zip(answered, wrong, strict=True)]
    mistaken = np.array([flags.any() for flags in wrong])
    places = chosen(mistaken, np.array(surest))

    def written(place: int, room: int) -> str:
        ids, chances = answered[place]
        answers = [labels.names[number] for number in ids]
        return _sentence(part.words[place], part.tags[place], answers, chances, wrong[place], room)

    words, sentences = counted(sum(map(len, wrong)), "word"), counted(len(wrong), "sentence")
    errors = sum(int(flags.sum()) for flags in wrong)
    head = f"--- step {step}: {errors:,} of {words} wrong, in {mistaken.sum():,} of {sentences} ---"
    block = "\n".join([head, *(written(place, WORDS) for place in places), "\n"])
    return block, f"  {written(places[0], NEAR)}" if errors else f"  no mistake in {words}"


def _sentence(
    words: Sequence[str], truth: Sequence[str], answers: Sequence[str], chances: Array, wrong: Flags, room: int
) -> str:
    """Return the `room` words around the surest mistake with their tags, a wrong one with the true one too."""
    surest = int(np.argmax(np.where(wrong, chances, 0)))
    start = max(0, min(surest - room // 2, len(words) - room))
    end = min(len(words), start + room)
    items = ["…"] if start else []
    for place in range(start, end):
        item = f"{one_line(words[place], WORD)}/{one_line(answers[place], WORD)}"
        mistake = f"[{item} {chances[place]:.2f}, truth {one_line(truth[place], WORD)}]"
        items.append(mistake if wrong[place] else item)
    return " ".join([*items, *(["…"] if end < len(words) else [])])
