"""Sampling speed: the model file on ONNX Runtime against the same network in PyTorch eager, one core each.

Characters a second of LSTM language models, for one text and for 64 in one call, in float and in int8. PyTorch runs
with oneDNN on and off, and the faster counts. Weights are those of a seed, the scores stretched so that symbols are
not equally likely: speed does not depend on them. All draw by the same noise, and in float the symbols are compared
first; of int8 the share that is equal is told. Then all take turns, and the ratio is that of the medians.
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

from seqtool.families.generation.config import GenerationConfig
from seqtool.families.generation.export import graph
from seqtool.families.generation.model import LanguageModel
from seqtool.graph.model import plain_bytes
from seqtool.runtime.noise import Key, gumbel

FORMS = {"1x128": (128, 1), "3x512": (512, 3)}
SYMBOLS = {("1x128", 1): 1000, ("1x128", 64): 100, ("3x512", 1): 200, ("3x512", 64): 20}
VOCABULARY, TEMPERATURE = 67, 0.8


def network(hidden, layers):
    """Return a language model of characters, one-hot, as in the recipes."""
    torch.manual_seed(0)
    made = LanguageModel(GenerationConfig(embedding=0, hidden=hidden, layers=layers), VOCABULARY).eval()
    with torch.no_grad():
        made.output.weight *= 20
    return made


def file(model, config, batch):
    """Return the sampling by a graph, opened on one core, as a function of the noise."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(plain_bytes(model), options, providers=["CPUExecutionProvider"])
    state = np.zeros((config.layers, batch, config.hidden), np.float32)
    feeds = {
        "prompt": np.ones((batch, 1), np.int64), "lengths": np.ones(batch, np.int32), "top_k": np.array(0),
        "temperature": np.array(TEMPERATURE, np.float32), "top_p": np.array(1, np.float32),
        "state_h": state, "state_c": state, "repetition_penalty": np.array(1, np.float32), "no_repeat": np.array(0),
        "banned": np.zeros((1, VOCABULARY), np.int32), "written": np.zeros((batch, 0), np.int64),
        "banned_state": np.zeros(batch, np.int64),
    }  # fmt: skip
    return lambda noise: session.run(["ids"], {**feeds, "noise": noise})[0]


def eager(made, one_dnn):
    """Return the plain loop that one writes in PyTorch, as a function of the noise."""

    @torch.inference_mode()
    def sample(noise):
        with torch.backends.mkldnn.flags(enabled=one_dnn):
            drawn, state = [], None
            symbol = torch.ones(noise.shape[1], dtype=torch.int64)
            for one in torch.from_numpy(noise):
                logits, state = made(symbol[:, None], state)
                symbol = (logits[:, -1] + TEMPERATURE * one).argmax(-1)
                drawn.append(symbol)
            return torch.stack(drawn).numpy()

    return sample


def measure(named, noise, rounds):
    """Return the median microseconds a step of each, in turns."""
    times = {name: [] for name in named}
    for _ in range(rounds):
        for name, sample in named.items():
            begun = time.perf_counter()
            sample(noise)
            times[name].append((time.perf_counter() - begun) / len(noise) * 1e6)
    return {name: statistics.median(taken) for name, taken in times.items()}


def main(rounds, core):
    """Measure every form and print."""
    os.sched_setaffinity(0, {core})
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", message="TF32")
    for (form, batch), steps in SYMBOLS.items():
        made = network(*FORMS[form])
        named = {
            "float": file(graph(made), made.config, batch), "int8": file(graph(made, int8=True), made.config, batch),
            "on": eager(made, True), "off": eager(made, False),
        }  # fmt: skip
        noise = gumbel(0, [Key(line, 0) for line in range(1, batch + 1)], 0, steps, VOCABULARY)
        drawn = {name: sample(noise) for name, sample in named.items()}
        for name in ("on", "off"):
            np.testing.assert_array_equal(drawn["float"], drawn[name])
        taken = measure(named, noise, rounds)
        rival, rates = min(taken["on"], taken["off"]), {name: batch / one * 1e6 for name, one in taken.items()}
        figures = {
            "threads": 1, "batch": batch, "symbols": steps, "rounds": rounds,
            **{f"{name}_per_second": round(rates[name]) for name in ("float", "int8")},
            "pytorch_per_second": round(batch / rival * 1e6),
            "float_ratio": round(rival / taken["float"], 2), "int8_ratio": round(rival / taken["int8"], 2),
            "int8_equal_symbols": round(float((drawn["int8"] == drawn["float"]).mean()), 3),
        }  # fmt: skip
        print(
            f"{form}, {batch} at once: float {rates['float']:,.0f} characters/s, int8 {rates['int8']:,.0f}, "
            f"PyTorch {rates['on']:,.0f} (oneDNN on), {rates['off']:,.0f} (off); ratio float "
            f"{figures['float_ratio']}, int8 {figures['int8_ratio']}"
        )
        record(f"sampling speed, {form}, {batch} at once", figures)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--core", type=int, default=0, help="the processor core to run on")
    options = parser.parse_args()
    main(options.rounds, options.core)
