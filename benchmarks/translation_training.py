"""Training speed of a translator: the product's loop against a plain one whose decoder steps through attention.

The network of nmt's default preset: 5,000 tokens, embedding 256, two bidirectional LSTM layers of 2 x 256 units, two of
512, attention (Luong 2015), one matrix for source, target and output. The rival stands below, whole, as tutorials write
it: packed rows, then a step of the decoder, attention and its combination for each target token, then all logits. Both
begin with the same weights and read the same batches of random tokens, 6 to 30 a side, similar lengths together,
in turns on one core; their losses without dropout are compared first.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from results import record
from torch import nn

from seqtool.data.encoders.vocabulary import BOS, EOS
from seqtool.data.pairs import Pair
from seqtool.data.splits import Splits
from seqtool.families.translation.config import TranslationConfig
from seqtool.families.translation.data import PairPart
from seqtool.families.translation.network import Translator
from seqtool.families.translation.objective import Objective, sampler
from seqtool.nn.stack import Stack
from seqtool.train.loop import Trainer
from seqtool.train.memory import FreedMemory

VOCABULARY, SIZE, HIDDEN, LAYERS, BATCH, SMOOTHING, PAIRS = 5000, 256, 512, 2, 96, 0.1, 9600
DROPOUT, EMBEDDING_DROPOUT = 0.3, 0.4


class Plain(nn.Module):
    """The rival's network."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, SIZE, padding_idx=0)
        self.encoder = nn.LSTM(SIZE, HIDDEN // 2, LAYERS, batch_first=True, bidirectional=True, dropout=DROPOUT)
        self.decoder = nn.LSTM(SIZE, HIDDEN, LAYERS, batch_first=True, dropout=DROPOUT)
        self.keys = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.combine = nn.Linear(2 * HIDDEN, SIZE, bias=False)
        self.output = nn.Linear(SIZE, VOCABULARY)
        self.output.weight = self.embedding.weight
        self.embedding_dropout, self.dropout = nn.Dropout(EMBEDDING_DROPOUT), nn.Dropout(DROPOUT)

    def forward(self, source, lengths, target):
        x = self.embedding_dropout(self.embedding(source))
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        y, state = self.encoder(packed)
        memory, _ = nn.utils.rnn.pad_packed_sequence(y, batch_first=True)
        state = tuple(torch.cat((tensor[0::2], tensor[1::2]), dim=-1) for tensor in state)
        keys, padding = self.keys(memory).transpose(1, 2), torch.arange(source.shape[1]) >= lengths[:, None]
        x, made = self.embedding_dropout(self.embedding(target)), []
        for step in range(target.shape[1]):
            query, state = self.decoder(x[:, step : step + 1], state)
            weights = torch.softmax((query @ keys).masked_fill(padding[:, None], -torch.inf), dim=-1)
            made.append(torch.tanh(self.combine(torch.cat((weights @ memory, query), dim=-1))))
        return self.output(self.dropout(torch.cat(made, dim=1)))


def weights_of(network):
    """Return the product's weights by the names of the rival's."""
    found = {"embedding.weight": network.target_embedding.weight, "output.weight": network.output.weight}
    found |= {"output.bias": network.output.bias, "combine.weight": network.combine.weight}
    found["keys.weight"] = network.attention.memory.weight
    for side in ("encoder", "decoder"):
        stack: Stack = getattr(network, side)
        for number, layer in enumerate(stack.layers):
            for name, tensor in layer.rnn.named_parameters():
                found[f"{side}.{name.replace('_l0', f'_l{number}')}"] = tensor
    return {name: tensor.detach().clone() for name, tensor in found.items()}


def pairs(dice):
    """Return pairs of random tokens; the targets are about as long as the sources."""
    sources = dice.integers(6, 31, PAIRS)
    targets = np.clip(sources + dice.integers(-3, 4, PAIRS), 6, 30)
    source = tuple(np.append(dice.integers(4, VOCABULARY, count), EOS) for count in sources)
    target = tuple(dice.integers(4, VOCABULARY, count) for count in targets)
    return PairPart((Pair("", "", 0),) * PAIRS, source, target)


def padded(rows):
    """Return rows as [B,T] and their lengths [B]."""
    tensors = [torch.as_tensor(row) for row in rows]
    return nn.utils.rnn.pad_sequence(tensors, batch_first=True), torch.tensor([len(row) for row in rows])


class Rival:
    """The rival's loop."""

    def __init__(self, start, part, precision):
        self.network, self.part, self.bf16 = Plain(), part, precision == "bf16"
        self.network.load_state_dict(start)
        self.optimiser = torch.optim.Adam(self.network.parameters(), lr=1e-3, fused=True)

    def loss(self, indices):
        source, lengths = padded([self.part.source[n] for n in indices])
        wanted, _ = padded([np.append(self.part.target[n], EOS) for n in indices])
        given, _ = padded([np.append(BOS, self.part.target[n]) for n in indices])
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            logits = self.network(source, lengths, given)
        return nn.functional.cross_entropy(
            logits.float().flatten(0, 1), wanted.flatten(), ignore_index=0, label_smoothing=SMOOTHING
        )

    def step(self, indices):
        loss = self.loss(indices)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0, foreach=True)
        self.optimiser.step()


def trainer_of(part, precision):
    """Return the product's trainer over pairs."""
    config = TranslationConfig(
        vocabulary=VOCABULARY, embedding=SIZE, hidden=HIDDEN, layers=LAYERS, batch=BATCH, label_smoothing=SMOOTHING,
        dropout=DROPOUT, embedding_dropout=EMBEDDING_DROPOUT, precision=precision, epochs=1000,
    )  # fmt: skip
    network = Translator(config, VOCABULARY, VOCABULARY)
    splits = Splits(part, part, part, {"target": SimpleNamespace(decode=str)})
    objective, device = Objective(network, splits, torch.device("cpu")), torch.device("cpu")
    chosen, folder = sampler(config, part, 0), Path(tempfile.mkdtemp())
    return Trainer(network, objective, chosen, config, folder, device, lambda event, values: None)


def compare(trainer, rival, indices):
    """Stop where the two do not compute the same loss, in float32 and without dropout."""
    trainer.network.eval(), rival.network.eval()
    bf16, rival.bf16 = rival.bf16, False
    with torch.no_grad():
        torch.testing.assert_close(trainer.objective.loss(indices), rival.loss(indices.tolist()), rtol=1e-4, atol=1e-4)
    rival.bf16 = bf16
    trainer.network.train(), rival.network.train()


def seconds(function, *values):
    """Return how long a call takes."""
    begun = time.perf_counter()
    function(*values)
    return time.perf_counter() - begun


def main(options):
    """Measure, print and record."""
    os.sched_setaffinity(0, {options.core})
    torch.set_num_threads(1)
    torch.manual_seed(0)
    freed = FreedMemory()
    part = pairs(np.random.default_rng(0))
    trainer = trainer_of(part, options.precision)
    rival = Rival(weights_of(trainer.network), part, options.precision)
    drawn = [trainer._next_indices() for _ in range(3 + options.rounds)]
    compare(trainer, rival, drawn[0])
    rates = []
    for number, indices in enumerate(drawn):
        tokens = sum(len(part.target[n]) + 1 for n in indices.tolist())
        trainer._next_indices = lambda indices=indices: indices
        both = tokens / seconds(trainer.step), tokens / seconds(rival.step, indices.tolist())
        freed()
        if number >= 3:  # the first warm up
            rates.append(both)
    own, theirs = zip(*rates, strict=True)
    ratios = [mine / other for mine, other in rates]
    figures = {
        "threads": 1, "precision": options.precision, "target_tokens_per_s": round(statistics.median(own)),
        "plain_tokens_per_s": round(statistics.median(theirs)), "ratio": round(statistics.median(ratios), 2),
        "steps": options.rounds,
    }  # fmt: skip
    print(figures)
    record("training, target tokens a second, translator against a loop that steps through attention", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="bf16", help="of both")
    parser.add_argument("--rounds", type=int, default=40, help="steps of each")
    parser.add_argument("--core", type=int, default=0, help="the processor core to run on")
    main(parser.parse_args())
