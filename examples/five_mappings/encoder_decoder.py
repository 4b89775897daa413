"""Many in, many out, all read before the first is written: letters, turned round."""

import random

from seqtool import Task, hookimpl

# a letter is a word
DEFAULTS = {
    "vocabulary_kind": "words",
    "learning_rate": 0.005,
    "embedding": 16,
    "hidden": 64,
    "layers": 1,
}


def sample() -> bytes:
    dice = random.Random(0)
    texts = ["".join(dice.choices("abcdef", k=dice.randint(2, 8))) for _ in range(3000)]
    return "".join(f"{' '.join(text)}\t{' '.join(reversed(text))}\n" for text in texts).encode()


@hookimpl
def register_task() -> Task:
    return Task(
        "encoder-decoder", "letters in, the same letters backwards out", "translation", sample=sample, defaults=DEFAULTS
    )
