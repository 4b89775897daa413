"""The rival of translation_rivals.py, run by a Python that has CTranslate2: a Transformer of first weights, in int8.

It reads the sentences from a file, and for each line on standard input translates them once, in one batch, with the
beams and the number of tokens given there, and writes the seconds and how long the translations are.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import ctranslate2
import numpy as np
from ctranslate2.specs import TransformerSpec

MARKS = ("<unk>", "<s>", "</s>")


def linear(spec, rng, outputs, inputs):
    """Fill a linear layer."""
    spec.weight = rng.normal(0, inputs**-0.5, (outputs, inputs)).astype(np.float32)
    spec.bias = np.zeros(outputs, np.float32)


def norm(spec, width):
    """Fill a layer norm."""
    spec.gamma, spec.beta = np.ones(width, np.float32), np.zeros(width, np.float32)


def attention(spec, rng, width, shapes):
    """Fill an attention block, its projections as CTranslate2 joins them."""
    for one, share in zip(spec.linear, shapes, strict=True):
        linear(one, rng, share * width, width)
    norm(spec.layer_norm, width)


def side(spec, rng, width, vocabulary, longest):
    """Fill the layers of an encoder or a decoder."""
    norm(spec.layer_norm, width)
    spec.position_encodings.encodings = rng.normal(0, 1, (longest, width)).astype(np.float32)
    for embedding in spec.embeddings if isinstance(spec.embeddings, list) else [spec.embeddings]:
        embedding.weight = rng.normal(0, 1, (vocabulary, width)).astype(np.float32)
    for layer in spec.layer:
        attention(layer.self_attention, rng, width, (3, 1))
        if hasattr(layer, "attention"):
            attention(layer.attention, rng, width, (1, 2, 1))
        norm(layer.ffn.layer_norm, width)
        linear(layer.ffn.linear_0, rng, 4 * width, width)
        linear(layer.ffn.linear_1, rng, width, 4 * width)


def translator(layers, width, vocabulary, folder):
    """Write a Transformer of `layers` each side and open it on one thread."""
    spec, rng = (
        TransformerSpec.from_config(layers, num_heads=width // 64 if width > 128 else 4),
        np.random.default_rng(0),
    )
    side(spec.encoder, rng, width, vocabulary, 512)
    side(spec.decoder, rng, width, vocabulary, 512)
    linear(spec.decoder.projection, rng, vocabulary, width)
    words = [*MARKS, *(f"w{number}" for number in range(len(MARKS), vocabulary))]
    spec.register_source_vocabulary(words)
    spec.register_target_vocabulary(words)
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(folder)
    return ctranslate2.Translator(folder, device="cpu", compute_type="int8", inter_threads=1, intra_threads=1)


def main(file, layers, width):
    """Answer each line by a translation of all sentences."""
    given = json.loads(Path(file).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        made = translator(int(layers), int(width), given["vocabulary"], folder)
    sentences = [[f"w{number}" for number in one] for one in given["sentences"]]
    tokens = given["tokens"]
    print(json.dumps({"ctranslate2": ctranslate2.__version__}), flush=True)
    for _ in sys.stdin:
        begun = time.perf_counter()
        found = made.translate_batch(
            sentences, beam_size=given["beams"], min_decoding_length=tokens, max_decoding_length=tokens
        )
        seconds = time.perf_counter() - begun
        print(json.dumps({"seconds": seconds, "lengths": [len(one.hypotheses[0]) for one in found]}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
