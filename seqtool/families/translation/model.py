"""The training of a translator: pairs on a device, the loss of their targets, greedy translations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from seqtool.data.encoders.sides import TranslationEncoders
from seqtool.data.encoders.vocabulary import BOS, EOS, PAD
from seqtool.data.splits import LengthSampler
from seqtool.families.texts import MOST_NATS
from seqtool.families.translation.bleu import chrf
from seqtool.families.translation.config import TranslationConfig
from seqtool.families.translation.data import PairPart, PairSplits
from seqtool.families.translation.network import Translator
from seqtool.families.translation.search import LIMIT_EXTRA, LIMIT_FACTOR
from seqtool.nn import objective as base
from seqtool.nn.ragged import Ragged, real_steps
from seqtool.paths import append_text
from seqtool.report.tables import cut_middle
from seqtool.types import Ids

AT_ONCE, TOKENS = 128, 8192  # sources, and tokens with their padding, of a batch outside training
MOST_TRANSLATED = 2000  # validation pairs, evenly spread, that give BLEU: decoding takes longer than a loss
FEW = 50  # translated validation pairs, below which the loss decides in the place of BLEU
SHOWN = 3  # validation pairs, evenly spread, whose translations a run keeps
WIDTH = 60  # characters of a side in the line that a person sees


class Pairs:
    """Sources and targets as ids on a device, each with its EOS."""

    def __init__(self, part: PairPart, device: torch.device) -> None:
        self.sources = Ragged(part.source, device)
        self.targets = Ragged([np.append(ids, EOS) for ids in part.target], device)
        self.lengths = part.lengths


class Objective(base.Objective[Translator, TranslationEncoders]):
    """The mean cross-entropy over the real target tokens of a batch, label-smoothed in training."""

    def __init__(self, network: Translator, splits: PairSplits, device: torch.device) -> None:
        self.network, self.device, self.encoders = network, device, splits.encoders
        self.train, self.validation = (Pairs(part, device) for part in (splits.train, splits.validation))
        self.pairs = splits.validation.pairs
        every = math.ceil(len(self.pairs) / MOST_TRANSLATED)
        self.chosen = Ragged(splits.validation.source[::every], device)
        self.spans = [splits.encoders.read(pair.source).spans for pair in self.pairs[::every]]
        self.references = [pair.target for pair in self.pairs[::every]]
        self.translations: list[str] = []
        """Greedy translations of the chosen pairs at the last evaluation."""

    def loss(self, indices: Tensor) -> Tensor:
        """Return the mean cross-entropy, nats a token, of the pairs `indices` [B]."""
        logits, wanted = self._predicted(self.train, indices)
        return cross_entropy(logits.float(), wanted, label_smoothing=self.network.config.label_smoothing)

    def tokens(self, indices: Tensor) -> int:
        """Return the tokens of both sides, each with its EOS: tensorflow/nmt counts its words a second so."""
        return sum(int(side.lengths[indices].sum()) for side in (self.train.sources, self.train.targets))

    def _predicted(self, pairs: Pairs, indices: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits [N,V] and the targets [N] of all real steps."""
        source, lengths = pairs.sources.batch(indices)
        target, steps = pairs.targets.batch(indices)
        before = torch.cat((target.new_full((len(target), 1), BOS), target[:, :-1]), dim=1)
        features = self.network.decode(before, self.network.encode(source, lengths)).features
        # Skip padding: projecting it onto the vocabulary is expensive. The real steps are found on the host, where the
        # lengths are: on the device it would have to wait for their count.
        real = real_steps(steps, target.shape[1], torch.device("cpu")).flatten().nonzero()[:, 0].to(self.device)
        return self.network.logits(features.flatten(0, 1)[real]), target.flatten()[real]

    @torch.no_grad()
    def evaluate(self) -> dict[str, float]:
        """Return the figures of the validation part.

        "loss", nats a token; "perplexity", exp(loss); "bleu", 0 to 100; of enough pairs "error", 100 - BLEU.
        """
        import sacrebleu  # in the extra `train`: only an evaluation needs it

        nats = torch.zeros((), dtype=torch.float64, device=self.device)
        for indices in batches(self.validation.lengths):
            nats += cross_entropy(*self._predicted(self.validation, indices), reduction="sum")
        written = zip(translate(self.network, self.chosen), self.spans, strict=True)
        self.translations = [self.encoders.written(ids, spans) for ids, spans in written]
        bleu = sacrebleu.corpus_bleu(self.translations, [self.references]).score
        loss = nats.item() / len(self.validation.targets.flat)
        figures = {"loss": loss, "perplexity": math.exp(min(loss, MOST_NATS)), "bleu": bleu}
        # "error" chooses the best weights: the loss measures the right tokens' probabilities, not the translations.
        # The BLEU of a few jumps, and stays at 100 while the loss still falls.
        return {**figures, "error": 100 - bleu} if len(self.references) >= FEW else figures

    def measures(self) -> tuple[str, ...]:
        """Return what may choose the best weights; BLEU and chrF are those of greedy translations."""
        return "bleu", "chrf", "loss"

    def measure(self, name: str) -> float:
        """Return chrF, 0 to 100."""
        return chrf(self.translations, self.references)[0]

    def show(self, run: Path, step: int) -> str:
        """Add translations of a few validation sources to `run`/samples.txt; return the first as a line."""
        shown = self.pairs[:: -(-len(self.pairs) // SHOWN)]
        translations = predictor(self.network, self.encoders)([pair.source for pair in shown])
        lines = [f"--- step {step} ---\n"]
        for pair, translation in zip(shown, translations, strict=True):
            lines.append(f"source       {pair.source}\nreference    {pair.target}\ntranslation  {translation}\n\n")
        append_text(run / base.SAMPLES, "".join(lines))
        return f"  {cut_middle(shown[0].source, WIDTH)} -> {cut_middle(translations[0], WIDTH)}"


@torch.no_grad()
def greedy(network: Translator, source: Tensor, lengths: Tensor) -> Tensor:
    """Translate source [B,T] by the most likely token at each step; `lengths` [B] on the host.

    Return ids [B,U] without BOS, EOS kept, then PAD. The limit of a row depends on its own source, as in a file.
    """
    memory, device = network.encode(source, lengths), source.device
    limits = (LIMIT_FACTOR * lengths + LIMIT_EXTRA).to(device)
    token = torch.full((len(source), 1), BOS, device=device)
    ended = torch.zeros(len(source), dtype=torch.bool, device=device)
    written: list[Tensor] = []
    state, fed = None, None
    while not bool(ended.all()):
        features, _, state, fed = network.decode(token, memory, state, fed)
        # rows that have ended go on as padding until the last row ends
        token = network.logits(features).argmax(-1).masked_fill(ended[:, None], PAD)
        written.append(token)
        ended = ended | (token[:, 0] == EOS) | (len(written) >= limits)
    return torch.cat(written, dim=1)


def batches(lengths: Ids) -> list[Tensor]:
    """Return batches of places [B], similar lengths [N] or [N,S] together."""
    sampler = LengthSampler(lengths, records=AT_ONCE, tokens=TOKENS, seed=0)
    order = torch.from_numpy(sampler.order())
    return [order[sampler.next()] for _ in range(sampler.steps)]


def translate(network: Translator, sources: Ragged) -> list[list[int]]:
    """Return the ids [U] of each greedy translation, without EOS."""
    translations: list[list[int]] = [[] for _ in sources.lengths]
    training = network.training
    network.eval()
    for indices in batches(sources.lengths.numpy()):
        for place, ids in zip(indices.tolist(), greedy(network, *sources.batch(indices)).tolist(), strict=True):
            translations[place] = [token for token in ids if token not in (PAD, EOS)]
    network.train(training)
    return translations


def network(config: TranslationConfig, encoders: TranslationEncoders) -> Translator:
    """Build the network for the sizes of its vocabularies."""
    return Translator(config, encoders.source.size, encoders.target.size)


def objective(network: Translator, splits: PairSplits, device: torch.device, seed: int) -> Objective:
    """Put the pairs on the device for the training loop."""
    return Objective(network, splits, device)


def predictor(network: Translator, encoders: TranslationEncoders) -> Callable[[Sequence[str]], list[str]]:
    """Return a function from texts to their greedy translations."""
    device = next(network.parameters()).device

    def write(texts: Sequence[str]) -> list[str]:
        if not texts:
            return []
        kept = [encoders.read(text) for text in texts]
        sources = Ragged([np.append(encoders.source.encode(text), EOS) for text, _ in kept], device)
        written = zip(translate(network, sources), kept, strict=True)
        return [encoders.written(ids, spans) for ids, (_, spans) in written]

    return write
