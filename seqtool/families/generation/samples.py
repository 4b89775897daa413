"""What the network writes while it is trained: a text at two temperatures for each evaluation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seqtool.families.generation.data import TextPart
from seqtool.paths import append_text

TEMPERATURES = (1.0, 0.5)
PROMPT, LENGTH = 25, 300
"""Symbols that are read, and written."""
FILE = "samples.txt"


def append(network: Any, validation: TextPart, run: Path, step: int) -> None:
    """Add to `run`/samples.txt what the network makes of the beginning of the validation text.

    The draws depend on the step alone; the random state of the training is left as it is.
    """
    import torch

    from seqtool.families.generation.network import sample

    device = next(network.parameters()).device
    prompt = torch.as_tensor(validation.ids[:PROMPT], device=device)
    training = network.training
    network.eval()
    drawn = sample(network, prompt, TEMPERATURES, LENGTH, step)
    network.train(training)
    begun = validation.encoder.decode(validation.ids[:PROMPT])
    blocks = [
        f"--- step {step}, temperature {temperature} ---\n{begun}|{validation.encoder.decode(ids)}\n\n"
        for temperature, ids in zip(TEMPERATURES, drawn.tolist(), strict=True)
    ]
    append_text(run / FILE, "".join(blocks))
