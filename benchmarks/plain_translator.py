"""The rival of translation_training.py: a translator and its training as tutorials write them.

Packed rows, then a step of the decoder, attention and its combination for each target token, then all logits. Each line
on standard input is the number of a batch; it trains on it and writes the seconds. The first answer is the loss of the
first batch, in float32 and without dropout.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

VOCABULARY, SIZE, HIDDEN, LAYERS, SMOOTHING = 5000, 256, 512, 2, 0.1
DROPOUT, EMBEDDING_DROPOUT = 0.3, 0.4
PAD, BOS, EOS = 0, 2, 3


class Plain(nn.Module):
    """Two bidirectional LSTM layers, two of the decoder, attention (Luong 2015), one matrix for all tokens."""

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


def padded(rows):
    """Return rows as [B,T] and their lengths [B]."""
    tensors = [torch.tensor(row) for row in rows]
    return nn.utils.rnn.pad_sequence(tensors, batch_first=True), torch.tensor([len(row) for row in rows])


def loss_of(network, batch, bf16):
    """Return the mean cross-entropy, label-smoothed, of the real target tokens of a batch."""
    source, lengths = padded(batch["source"])
    wanted, _ = padded([[*row, EOS] for row in batch["target"]])
    given, _ = padded([[BOS, *row] for row in batch["target"]])
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        logits = network(source, lengths, given)
    return nn.functional.cross_entropy(
        logits.float().flatten(0, 1), wanted.flatten(), ignore_index=PAD, label_smoothing=SMOOTHING
    )


def main(folder, precision):
    """Answer each number of a batch by the seconds of a step."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = Plain()
    with np.load(Path(folder) / "weights.npz") as stored:
        network.load_state_dict({name: torch.from_numpy(stored[name]) for name in stored.files})
    batches = json.loads(Path(folder, "batches.json").read_text())
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3, fused=True)
    network.eval()
    with torch.no_grad():
        print(json.dumps({"loss": loss_of(network, batches[0], bf16=False).item()}), flush=True)
    network.train()
    for line in sys.stdin:
        begun = time.perf_counter()
        loss = loss_of(network, batches[int(line)], precision == "bf16")
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0, foreach=True)
        optimiser.step()
        print(json.dumps({"seconds": time.perf_counter() - begun}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
