"""Inputs for the check of an export: several shapes, ragged prompts, first states that are not zero."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqtool.families.generation.states import state_shapes
from seqtool.graph.check import Case
from seqtool.manifest import after_of

SHAPES = ((1, 7, 3), (4, 9, 0), (3, 1, 5), (5, 20, 12))
"""Batch, length, steps."""
TEMPERATURE = 0.8
CLEAR = 1.0
"""How far a drawn symbol lies above the others: a file is right that draws by other last bits."""


def probe(network: Any) -> list[Case]:
    """Return cases of four batch sizes, lengths and numbers of steps with the network's own answers."""
    rng = np.random.default_rng(0)
    return [_case(network, rng, *shape) for shape in SHAPES]


def _case(network: Any, rng: np.random.Generator, batch: int, length: int, steps: int) -> Case:
    prompt = rng.integers(0, network.vocabulary, (batch, length))
    lengths = rng.integers(1, length + 1, batch)
    lengths[0] = length
    noise = rng.gumbel(size=(steps, batch, network.vocabulary)).astype(np.float32)
    first = {
        name: rng.uniform(-0.9, 0.9, (layers, batch, units)).astype(np.float32)
        for name, (layers, _, units) in state_shapes(network).items()
    }
    answers: dict[str, NDArray[Any]] = {
        "ids": np.zeros((steps, batch), np.int64),
        "log_probabilities": np.zeros((batch, length - 1)),
        **{after_of(name): np.zeros(value.shape) for name, value in first.items()},
    }
    for row in range(batch):
        _row(network, row, prompt[row, : lengths[row]], noise, first, answers)
    feeds: dict[str, NDArray[Any]] = {
        "prompt": prompt,
        "lengths": lengths.astype(np.int32),
        "noise": noise,
        "temperature": np.array(TEMPERATURE, np.float32),
        "top_k": np.array(0),
        "top_p": np.array(1.0, np.float32),
        **first,
    }
    return Case(feeds, answers, dict.fromkeys(answers, np.ones(1)))


def _row(
    network: Any,
    row: int,
    prompt: NDArray[np.int64],
    noise: NDArray[np.float32],
    first: dict[str, NDArray[np.float32]],
    answers: dict[str, NDArray[Any]],
) -> None:
    """Let the network read and write one text, symbol by symbol; make the `noise` of what it draws clear."""
    import torch

    device = next(network.parameters()).device
    state = tuple(torch.as_tensor(value[:, row : row + 1], device=device) for value in first.values())

    def read(symbol: int) -> Any:
        nonlocal state
        logits, state = network(torch.tensor([[symbol]], device=device), state)
        return logits[0, 0].double().cpu().numpy()

    network.eval()
    with torch.no_grad():
        for place, following in enumerate(prompt[1:]):
            logits = read(int(prompt[place]))
            answers["log_probabilities"][row, place] = logits[following] - np.logaddexp.reduce(logits)
        symbol = int(prompt[-1])
        for step, one in enumerate(noise[:, row]):
            symbol = int(np.argmax(read(symbol) + TEMPERATURE * one))
            one[symbol] += CLEAR / TEMPERATURE
            answers["ids"][step, row] = symbol
    for name, tensor in zip(first, state, strict=True):
        answers[after_of(name)][:, row] = tensor[:, 0].double().cpu().numpy()
