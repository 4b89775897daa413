"""Named entities from lines `word<TAB>tag`, an empty line after each sentence: a task with its own reader."""

import random
from pathlib import Path

from seqtool import DataError, Read, Sentence, Task, hookimpl


def read(path: Path) -> Read[Sentence]:
    sentences = []
    for number, block in enumerate(path.read_text(encoding="utf-8").strip().split("\n\n"), start=1):
        rows = [line.split("\t") for line in block.splitlines()]
        if any(len(row) != 2 for row in rows):
            raise DataError(f"sentence {number}: a line without one tab", where=str(path), cure="write word<TAB>tag")
        words, tags = zip(*rows, strict=True)
        sentences.append(Sentence(words, tags, number))
    return Read(tuple(sentences))


def sample() -> bytes:
    dice, people, towns = random.Random(0), ["Anna", "Bela", "Karim", "Mira"], ["Oslo", "Lima", "Riga", "Quito"]
    families = ["", "\nOlsen\tI-PER", "\nLund\tI-PER"]
    drawn = [(dice.choice(people), dice.choice(families), dice.choice(towns)) for _ in range(600)]
    return "".join(f"{who}\tB-PER{whose}\nwent\tO\nto\tO\n{to}\tB-LOC\n\n" for who, whose, to in drawn).encode()


@hookimpl
def register_task() -> Task:
    defaults = {"field": "entity"}
    return Task("entities", "named entities", "tagging", sample=sample, read=read, defaults=defaults)
