"""Mutates a model file and opens what came of it, in a process of its own: python fuzz.py MODE FILE FIRST COUNT.

`walk` reads each mutation of the whole file; `session` mutates the graph, seals it anew as an attacker would and
hands what passes to ONNX Runtime. Each number is printed before it is tried, then its outcome.
"""

from __future__ import annotations

import random
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from seqtool.errors import ModelError
from seqtool.modelfile.manifest import read_model, seal
from seqtool.modelfile.walk import Walk

MEMORY = {"walk": 128 << 20, "session": 2 << 30}
"""Bytes of address space: whoever takes more meets a MemoryError, which is an escape."""
NUMBERS = [b"\x00", b"\x7f", b"\xff\x01", b"\xff" * 9 + b"\x01", b"\x80" * 9 + b"\x01", b"\xff" * 11]


def mutated(data: bytes, seed: int) -> bytes:
    """Return one to four small changes of `data`, always the same for a seed."""
    dice = random.Random(seed)
    for _ in range(dice.choice([1, 1, 1, 2, 4])):
        data = dice.choice(CHANGES)(dice, data)
    return data


def _flip(dice: random.Random, data: bytes) -> bytes:
    at = dice.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]


def _byte(dice: random.Random, data: bytes) -> bytes:
    at = dice.randrange(len(data))
    return data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]


def _number(dice: random.Random, data: bytes) -> bytes:
    at = dice.randrange(len(data))
    return data[:at] + dice.choice(NUMBERS) + data[at + dice.randrange(2) :]


def _cut(dice: random.Random, data: bytes) -> bytes:
    return data[: dice.randrange(len(data)) + 1]


def _extend(dice: random.Random, data: bytes) -> bytes:
    return data + dice.randbytes(dice.randrange(1, 64))


def _splice(dice: random.Random, data: bytes) -> bytes:
    """Put a piece of the file in the place of another."""
    size = dice.randrange(1, 200)
    start, stop = dice.randrange(len(data)), dice.randrange(len(data))
    return data[:start] + data[stop : stop + size] + data[start + dice.choice([0, size]) :]


CHANGES = (_flip, _flip, _byte, _byte, _number, _number, _cut, _extend, _splice)


def walk(data: bytes, seed: int) -> str:
    """Read the mutation as a file, then again as if its seal had fitted."""
    changed = mutated(data, seed)
    try:
        read_model(changed)
        return "same" if changed == data else "UNSEEN"
    except ModelError:
        pass
    Walk(memoryview(changed))
    return "walked"


def session(data: bytes, seed: int) -> str:
    """Mutate the graph (all before the manifest's entry), seal it anew, open and run it."""
    import numpy as np

    from seqtool.runtime.model import Model
    from seqtool.runtime.session import session as open_session

    file = read_model(data)
    entry = data.index(b"\x0a\x07seqtool\x12")
    start = data.rindex(b"\x72", 0, entry)  # the tag of metadata_props
    changed = seal(mutated(data[:start], seed), file.manifest)
    model = Model(changed, read_model(changed), open_session(changed, "cpu", 1))
    if model.reads_texts:
        model.run({"text": np.array(["a good film .", "not", ""], dtype=object)})
    else:
        model.run({"history": np.full((2, 8, 1), 100, np.float32), "horizon": np.array(3)})
    return "ran"


def main(mode: str, file: str, first: str, count: str) -> None:
    """Try the mutations `first` to `first + count`."""
    data, attempt = Path(file).read_bytes(), {"walk": walk, "session": session}[mode]
    if mode == "session":
        import onnxruntime  # noqa: F401 (loaded before memory is limited)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY[mode], MEMORY[mode]))
    for seed in range(int(first), int(first) + int(count)):
        print(seed, end=" ", flush=mode == "session")
        print(_outcome(attempt, data, seed), flush=mode == "session")


def _outcome(attempt: Callable[[bytes, int], str], data: bytes, seed: int) -> str:
    try:
        return attempt(data, seed)
    except ModelError as error:
        return "runtime" if error.what.startswith("ONNX Runtime") else "refused"
    except BaseException as error:
        return f"ESCAPED {type(error).__name__}: {error}".replace("\n", " ")


if __name__ == "__main__":
    main(*sys.argv[1:])
