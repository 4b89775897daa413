"""Training speed of a translator: the product's loop against a plain one whose decoder steps through attention.

The network of nmt's default preset: 5,000 tokens, embedding 256, two bidirectional LSTM layers of 2 x 256 units, two of
512, attention (Luong 2015), one matrix for source, target and output. The rival, plain_translator.py, is a process of
its own: how memory is kept is a part of the product's loop. Both begin with the same weights and read the same batches
of random tokens, 6 to 30 a side, similar lengths together, in turns on one core; their losses without dropout are
compared first.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import torch
from results import record
from rivals import Rival

from seqtool.data.encoders.vocabulary import EOS
from seqtool.data.pairs import Pair
from seqtool.data.splits import Splits
from seqtool.families.translation.config import TranslationConfig
from seqtool.families.translation.data import PairPart, sampler
from seqtool.families.translation.model import Objective
from seqtool.families.translation.network import Translator
from seqtool.nn.stack import Stack
from seqtool.training.loop import Trainer
from seqtool.training.setup import FreedMemory

VOCABULARY, SIZE, HIDDEN, LAYERS, BATCH, SMOOTHING, PAIRS = 5000, 256, 512, 2, 96, 0.1, 9600
DROPOUT, EMBEDDING_DROPOUT = 0.3, 0.4


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


def trainer_of(part, precision):
    """Return the product's trainer over pairs."""
    config = TranslationConfig(
        vocabulary=VOCABULARY, embedding=SIZE, hidden=HIDDEN, layers=LAYERS, batch=BATCH, label_smoothing=SMOOTHING,
        dropout=DROPOUT, embedding_dropout=EMBEDDING_DROPOUT, precision=precision, epochs=1000,
    )  # fmt: skip
    network = Translator(config, VOCABULARY, VOCABULARY)
    splits = Splits(part, part, part, SimpleNamespace(target=SimpleNamespace(decode=str)))
    objective, device = Objective(network, splits, torch.device("cpu")), torch.device("cpu")
    chosen, folder = sampler(config, splits, 0), Path(tempfile.mkdtemp())
    return Trainer(network, objective, chosen, config, folder, device)


def rival_of(trainer, part, drawn, precision, folder):
    """Start the rival with the same weights and batches; stop where it does not compute the same loss."""
    weights = {name: tensor.numpy() for name, tensor in weights_of(trainer.network).items()}
    np.savez(Path(folder) / "weights.npz", **weights)
    sides = {"source": part.source, "target": part.target}
    batches = [{side: [rows[n].tolist() for n in indices] for side, rows in sides.items()} for indices in drawn]
    (Path(folder) / "batches.json").write_text(json.dumps(batches), encoding="utf-8")
    rival = Rival(sys.executable, "plain_translator.py", folder, precision)
    trainer.network.eval()
    with torch.no_grad():
        np.testing.assert_allclose(trainer.objective.loss(drawn[0]).item(), rival.told["loss"], rtol=1e-4)
    trainer.network.train()
    return rival


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
    drawn = [trainer._next_indices() for _ in range(3 + options.rounds)]
    rates = []
    with tempfile.TemporaryDirectory() as folder:
        rival = rival_of(trainer, part, drawn, options.precision, folder)
        for number, indices in enumerate(drawn):
            tokens = sum(len(part.target[n]) + 1 for n in indices.tolist())
            trainer._next_indices = lambda indices=indices: indices
            both = tokens / seconds(trainer.step), tokens / rival.ask(str(number))["seconds"]
            freed()
            if number >= 3:  # the first warm up
                rates.append(both)
        rival.close()
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
