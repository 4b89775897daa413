"""Language models in PyTorch, trained by truncated backpropagation through time (Williams and Peng 1990)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from seqtool.families.generation.config import GenerationConfig
from seqtool.families.generation.data import LONG, TextSplits, streams
from seqtool.families.generation.encoders import GenerationEncoders
from seqtool.families.texts import MOST_NATS
from seqtool.nn import objective as base
from seqtool.nn.basic import OneHotEmbedding, truncated_normal
from seqtool.nn.recurrent import Recurrent, State
from seqtool.paths import append_text
from seqtool.types import Floats, Ids

AT_ONCE = 2000  # symbols of a held-out text that are read in one call
ROW, MOST_ROWS = 4000, 64  # symbols of a row at least, and rows at most
BEFORE = 500  # symbols that a row reads before those that count, so that its state is nearly that of the whole text
TEMPERATURES = (1.0, 0.5, 0.0)  # of the samples that a training writes; 0: always the likeliest symbol
PROMPT, LENGTH = 25, 300  # symbols of such a sample: read, then written


class LanguageModel(nn.Module):
    """Embedding, recurrent layers, output (Mikolov 2010).

    A tied output (Press and Wolf 2017) uses the embedding's weights; where H differs from the embedding's size E,
    a `projection` from H to E comes before it.
    """

    def __init__(self, config: GenerationConfig, vocabulary: int) -> None:
        super().__init__()
        self.config, self.vocabulary = config, vocabulary
        size = config.embedding or vocabulary
        self.embedding: nn.Embedding | OneHotEmbedding = (
            nn.Embedding(vocabulary, size) if config.embedding else OneHotEmbedding(vocabulary)
        )
        self.embedding_dropout = nn.Dropout(config.embedding_dropout)
        self.recurrent = Recurrent(
            config.cell, size, config.hidden, config.layers, dropout=config.dropout, weight_drop=config.weight_drop,
            context=config.context, alpha=config.alpha,
        )  # fmt: skip
        width = self.recurrent.outputs
        self.dropout = nn.Dropout(config.dropout)
        self.projection = nn.Linear(width, size) if config.tied and width != size else None
        self.output = nn.Linear(size if config.tied else width, vocabulary)
        if config.tied:
            nn.init.uniform_(self.embedding.weight, -0.1, 0.1)  # from N(0, 1) the first scores would be far apart
            self.output.weight = self.embedding.weight
        if config.initial_deviation:
            truncated_normal(self, config.initial_deviation)

    def forward(self, ids: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Read ids [B,T] from `state` (`zeros` when None); return logits [B,T,V] of the next symbols, and the state."""
        outputs, after = self.recurrent(self.embedding_dropout(self.embedding(ids)), state)
        outputs = self.dropout(outputs)
        return self.output(outputs if self.projection is None else self.projection(outputs)), after

    def zeros(self, rows: int, device: torch.device) -> State:
        """Return a first state of zeros for B rows: h (LSTM also c), each [L,B,H]; SCRN also s [L,B,S]."""
        return self.recurrent.zeros(rows, device)


class Objective(base.Objective[LanguageModel, GenerationEncoders]):
    """Every symbol of B streams is a target; each chunk continues the state of the last, from zero at an epoch's start.

    In each epoch the streams begin earlier by a random shift of up to a chunk, so that the ends of the chunks move.
    """

    def __init__(self, network: LanguageModel, splits: TextSplits, device: torch.device, seed: int) -> None:
        self.network, self.device, self.held_out = network, device, splits.validation.measured()
        cut = streams(network.config, splits)
        self.train = torch.as_tensor(splits.train.ids, device=device)
        self.validation = torch.as_tensor(self.held_out.ids, device=device)
        self.starts = torch.as_tensor(cut.starts, device=device)
        self.steps = torch.arange(cut.chunk, device=device)
        self.shifts = min(cut.chunk, int(cut.starts[0]) + 1)
        self.dice = torch.Generator().manual_seed(seed)
        self.shift = torch.zeros(1, dtype=torch.int64, device=device)
        self.state: State = network.zeros(len(cut.starts), device)

    def loss(self, indices: Tensor) -> Tensor:
        """Return the mean cross-entropy, nats a symbol, over the chunk `indices` [1] of all streams."""
        # no branch on a value on the device: the host would wait for it at each step
        goes_on = indices > 0
        drawn = torch.randint(self.shifts, (1,), generator=self.dice).to(self.device)
        self.shift = torch.where(goes_on, self.shift, drawn)
        rows = self.starts[:, None] - self.shift + indices * len(self.steps) + self.steps
        state = tuple(tensor * goes_on for tensor in self.state)
        # stored in the smallest type: a whole text of 64-bit numbers is eight times as large as the text
        logits, after = self.network(self.train[rows].long(), state)
        # the state is carried in single precision: in mixed precision the network gives halves
        self.state = tuple(tensor.detach().float() for tensor in after)
        return cross_entropy(logits.float().flatten(0, 1), self.train[rows + 1].flatten().long())

    def evaluate(self) -> dict[str, float]:
        """Return the figures of the `measured` validation text, from a state of its own; "loss" in nats a symbol."""
        loss = nats(self.network, self.validation).mean().item()
        per_character = loss * len(self.validation) / self.held_out.characters
        return {
            "loss": loss,
            "nats_per_character": per_character,
            "bits_per_character": per_character / math.log(2),
            "perplexity": math.exp(min(loss, MOST_NATS)),
        }

    def measures(self) -> tuple[str, ...]:
        """Return what may choose the best weights."""
        return "loss", "bits_per_character"

    def state_dict(self) -> dict[str, Tensor]:
        """Return the carried state, and where the streams of this epoch begin."""
        carried = {f"stream_{number}": tensor for number, tensor in enumerate(self.state)}
        return {**carried, "shift": self.shift, "dice": self.dice.get_state()}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Go on from `state_dict`."""
        self.state = tuple(state[f"stream_{number}"].to(self.device) for number in range(len(self.state)))
        self.shift = state["shift"].to(self.device)
        self.dice.set_state(state["dice"].cpu())

    def show(self, run: Path, step: int) -> str:
        """Add to `run`/samples.txt how the network continues the beginning of the validation text; return ""."""
        decode, training = self.held_out.encoder.decode, self.network.training
        self.network.eval()  # without dropout
        drawn = sample(self.network, self.validation[:PROMPT].long(), TEMPERATURES, LENGTH, step)
        self.network.train(training)
        prompt = decode(self.held_out.ids[:PROMPT])
        blocks = [
            f"--- step {step}, {f'temperature {temperature}' if temperature else 'argmax'} ---\n"
            f"{prompt}|{decode(ids)}\n\n"
            for temperature, ids in zip(TEMPERATURES, drawn.tolist(), strict=True)
        ]
        append_text(run / base.SAMPLES, "".join(blocks))
        return ""


@torch.no_grad()
def sample(network: LanguageModel, prompt: Tensor, temperatures: Sequence[float], count: int, seed: int) -> Tensor:
    """Continue a prompt [T] by N = `count` symbols, one row for each temperature: ids [B,N]; 0: the likeliest ones."""
    # a generator of its own, on the processor: a resumed training, or one on another device, draws the same
    dice = torch.Generator().manual_seed(seed)
    divide = torch.tensor(temperatures)[:, None]
    warm = divide[:, 0] > 0
    logits, state = network(prompt.expand(len(temperatures), -1))
    drawn: list[Tensor] = []
    for _ in range(count):
        scores = logits[:, -1].float().cpu()
        symbols = scores.argmax(dim=-1, keepdim=True)
        if warm.any():
            symbols[warm] = torch.multinomial(torch.softmax(scores[warm] / divide[warm], dim=-1), 1, generator=dice)
        drawn.append(symbols)
        logits, state = network(drawn[-1].to(prompt.device), state)
    return torch.cat(drawn, dim=1)


@torch.no_grad()
def nats(network: LanguageModel, ids: Tensor, at_once: int = AT_ONCE) -> Tensor:
    """Return -log p of each symbol of ids [T] but the first, float64 [T-1], `at_once` symbols a call.

    A text of `LONG` symbols is read in rows side by side, each from `BEFORE` symbols before its own: one symbol after
    the other, a megabyte takes minutes.
    """
    targets = len(ids) - 1
    rows = min(MOST_ROWS, targets // ROW) if len(ids) >= LONG else 1
    width = -(-targets // rows)
    starts = torch.arange(rows, device=ids.device)[:, None] * width
    state = network.zeros(1, ids.device)
    if rows > 1:
        _, later = _read(network, ids, starts[1:] - BEFORE, BEFORE, network.zeros(rows - 1, ids.device), at_once)
        state = tuple(torch.cat(pair, dim=1) for pair in zip(state, later, strict=True))
    told, _ = _read(network, ids, starts, width, state, at_once)
    return told.flatten()[:targets]


def _read(
    network: LanguageModel, ids: Tensor, starts: Tensor, width: int, state: State, at_once: int
) -> tuple[Tensor, State]:
    """Read `width` symbols of ids [T] from each of `starts` [B,1]; return -log p [B,width] of those that follow them.

    Behind the end of the text the last symbol stands for what is not there.
    """
    parts = []
    for steps in torch.split(torch.arange(width, device=ids.device), max(1, at_once // len(starts))):
        places = starts + steps
        logits, state = network(ids[places.clamp(max=len(ids) - 1)].long(), state)
        following = ids[(places + 1).clamp(max=len(ids) - 1)].long()
        # in double precision: the mean over a million symbols chooses the best weights
        told = cross_entropy(logits.double().flatten(0, 1), following.flatten(), reduction="none")
        parts.append(told.view_as(following))
    return torch.cat(parts, dim=1), state


def network(config: GenerationConfig, encoders: GenerationEncoders) -> LanguageModel:
    """Build the network for the size of its vocabulary."""
    return LanguageModel(config, encoders.encoder.size)


objective = Objective


def predictor(network: LanguageModel, encoders: GenerationEncoders) -> Callable[[Ids], Floats]:
    """Return a function from ids [T] of a text to -log p [T-1] of each symbol but the first."""
    device = next(network.parameters()).device
    return lambda ids: np.asarray(nats(network, torch.as_tensor(ids, device=device)).cpu())
