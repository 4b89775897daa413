"""Translation speed: the model file on ONNX Runtime against the same network and beam in PyTorch eager, one core each.

Milliseconds a sentence with five beams, for one sentence and for 32 in one call, in float and in int8. PyTorch runs
with oneDNN on and off, and the faster counts. Weights are those of a seed, the scores stretched so that tokens are not
equally likely, and no end is ever chosen: every translation has exactly 30 tokens. In float the translations are
compared first; of int8 the share of tokens that are equal is told. Then all take turns; ratios are medians of rounds.
"""

import argparse
import os
import statistics
import time
import warnings

import numpy as np
import onnxruntime
import torch
from results import record

from seqtool.data.encoders.vocabulary import BOS, EOS, PAD
from seqtool.families.family import ExportOptions
from seqtool.families.translation.config import TranslationConfig
from seqtool.families.translation.export import graph
from seqtool.families.translation.network import Translator
from seqtool.graph.model import plain_bytes

FORMS = {
    "default": TranslationConfig(),
    "tensorflow/nmt": TranslationConfig(
        vocabulary=8000, joint=False, tied="none", embedding=512, attention="scaled_luong", bidirectional=False
    ),
}
NEARLY = 0.99
"""Tokens that must be equal in float: first weights know near ties, which the last bits decide."""
BEAMS, TOKENS, SHORTEST, LONGEST = 5, 30, 10, 25


def network(config):
    """Return a translator of the first weights of a seed that never ends."""
    torch.manual_seed(0)
    made = Translator(config, config.vocabulary, config.vocabulary).eval()
    with torch.no_grad():
        made.output.weight *= 4
        made.output.bias[EOS] = -100
    return made


def sentences(vocabulary, batch):
    """Return source [B,T] and lengths [B] of 10 to 25 tokens."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(SHORTEST, LONGEST + 1, batch).astype(np.int32)
    lengths[0] = LONGEST
    source = rng.integers(EOS + 1, vocabulary, (batch, LONGEST)) * (np.arange(LONGEST) < lengths[:, None])
    return source, lengths


def file(model, threads=1):
    """Return the translation by a graph as a function of source and lengths."""
    (vocabulary,) = (one.type.tensor_type.shape.dim[1].dim_value for one in model.graph.input if one.name == "banned")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(plain_bytes(model), options, providers=["CPUExecutionProvider"])

    def translate(source, lengths):
        feeds = {
            "source": source, "lengths": lengths, "max_length": np.full(len(source), TOKENS),
            "beam_size": np.array(BEAMS), "length_penalty": np.array(1, np.float32),
            "target": np.zeros((len(source), 0), np.int64), "prefix": np.zeros((len(source), 0), np.int64),
            "min_length": np.array(0), "repetition_penalty": np.array(1, np.float32), "no_repeat": np.array(0),
            "banned": np.zeros((1, vocabulary), np.int32),
        }  # fmt: skip
        return session.run(["ids"], feeds)[0]

    return translate


def eager(made, one_dnn):
    """Return the beam search that one writes in PyTorch as a function of source and lengths."""

    @torch.inference_mode()
    def translate(source, lengths):
        with torch.backends.mkldnn.flags(enabled=one_dnn):
            return search(made, torch.from_numpy(source), torch.from_numpy(lengths).long()).numpy()

    return translate


def search(made, source, lengths):
    """Search with all beams of all sentences side by side; the memory is not repeated."""
    batch, hidden = len(source), made.config.hidden
    memory = made.encode(source, lengths)
    state = tuple(tensor.repeat_interleave(BEAMS, 1) for tensor in memory.state)
    first = torch.arange(batch)[:, None] * BEAMS
    alone = torch.full((BEAMS,), -torch.inf)
    alone[0] = 0
    token, scores = torch.full((batch * BEAMS,), BOS), alone.repeat(batch, 1)
    ended, count = torch.zeros(batch, BEAMS, dtype=torch.bool), torch.zeros(batch, BEAMS)
    ids = torch.zeros(batch * BEAMS, 0, dtype=torch.int64)
    for _ in range(TOKENS):
        query, state = made.decoder(made.target_embedding(token)[:, None], state)
        query = query.view(batch, BEAMS, hidden)
        context, _ = made.attention(query, memory.keys, memory.outputs, memory.mask)
        features = torch.tanh(made.combine(torch.cat((context, query), -1)))
        likely, tokens = made.output(features).log_softmax(-1).topk(BEAMS)
        likely = torch.where(ended[..., None], alone, likely)
        tokens = torch.where(ended[..., None], PAD, tokens)
        scores, places = (scores[..., None] + likely).view(batch, -1).topk(BEAMS)
        parents = places // BEAMS
        rows = (parents + first).view(-1)
        token = tokens.view(batch, -1).gather(1, places)
        ended, count = ended.gather(1, parents), count.gather(1, parents)
        count, ended = count + ~ended, ended | (token == EOS)
        token = token.view(-1)
        ids = torch.cat((ids[rows], token[:, None]), 1)
        state = tuple(tensor[:, rows] for tensor in state)
        if ended.all():
            break
    order = (scores / count.clamp(min=1)).argsort(1, descending=True)
    return ids.view(batch, BEAMS, -1).gather(1, order[..., None].expand(-1, -1, ids.shape[1]))


def measure(named, inputs, rounds):
    """Return the milliseconds a sentence of each, in turns."""
    times = {name: [] for name in named}
    for _ in range(rounds):
        for name, translate in named.items():
            begun = time.perf_counter()
            translate(*inputs)
            times[name].append((time.perf_counter() - begun) / len(inputs[0]) * 1e3)
    return times


def main(forms, rounds, core):
    """Measure every form and print."""
    os.sched_setaffinity(0, {core})
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", message="TF32")
    for form in forms:
        made = network(FORMS[form])
        named = {
            "float": file(graph(made, ExportOptions())), "int8": file(graph(made, ExportOptions(int8=True))),
            "on": eager(made, True), "off": eager(made, False),
        }  # fmt: skip
        for batch in (1, 32):
            inputs = sentences(made.vocabularies[0], batch)
            found = {name: translate(*inputs) for name, translate in named.items()}
            equal = {name: float((found[name][:, 0] == found["float"][:, 0]).mean()) for name in named}
            assert min(equal["on"], equal["off"]) > NEARLY, equal
            times = measure(named, inputs, rounds)
            taken = {name: statistics.median(all_) for name, all_ in times.items()}
            rival = min(("on", "off"), key=taken.get)
            ratios = {
                name: statistics.median(other / mine for other, mine in zip(times[rival], times[name], strict=True))
                for name in ("float", "int8")
            }
            figures = {
                "threads": 1, "batch": batch, "beams": BEAMS, "tokens": TOKENS, "rounds": rounds,
                **{f"{name}_ms": round(taken[name], 2) for name in named},
                **{f"{name}_ratio": round(ratio, 2) for name, ratio in ratios.items()},
                "eager_equal_tokens": round(min(equal["on"], equal["off"]), 3),
                "int8_equal_tokens": round(equal["int8"], 3),
            }  # fmt: skip
            print(form, figures, flush=True)
            record(f"translation speed, {form}, {batch} at once", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("forms", nargs="*", default=["default"])
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--core", type=int, default=0, help="the processor core to run on")
    options = parser.parse_args()
    main(options.forms, options.rounds, options.core)
