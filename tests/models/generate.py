"""Makes the files that the tests of the runtime open without PyTorch: python tests/models/generate.py."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import spox.opset.ai.onnx.v20 as op
import torch
from spox import Tensor, argument, build

from seqtool.config import to_dict
from seqtool.data.encoders.labels import Labels
from seqtool.data.encoders.scaler import Scaler
from seqtool.data.encoders.sides import TranslationEncoders
from seqtool.data.encoders.symbols import Characters
from seqtool.data.encoders.vocabulary import EOS, UNK, TokenWords, Vocabulary
from seqtool.data.grid import Grid
from seqtool.families.classification.config import ClassificationConfig
from seqtool.families.classification.export import graph as classifier_graph
from seqtool.families.classification.model import Classifier
from seqtool.families.family import ExportOptions
from seqtool.families.forecasting import data as forecasting
from seqtool.families.forecasting import export as forecasting_export
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.encoders import ForecastingEncoders
from seqtool.families.forecasting.model import network as forecaster
from seqtool.families.forecasting.network import Forecaster
from seqtool.families.generation.config import GenerationConfig
from seqtool.families.generation.export import graph
from seqtool.families.generation.model import LanguageModel
from seqtool.families.tagging import export as tagging
from seqtool.families.tagging.config import TaggingConfig
from seqtool.families.tagging.encoders import TaggingEncoders
from seqtool.families.tagging.model import network as tagger_network
from seqtool.families.tagging.network import Tagger
from seqtool.families.translation import export as translation
from seqtool.families.translation.config import TranslationConfig
from seqtool.families.translation.data import LIMITS
from seqtool.families.translation.model import network as translator_network
from seqtool.families.translation.network import Translator
from seqtool.graph.basic import Linear, first_rows, pad_single_row, weight
from seqtool.graph.model import name_axes, plain_bytes, to_bytes
from seqtool.graph.pooling import Pooling as PoolingTwin
from seqtool.graph.quantize import numpy_of
from seqtool.graph.recurrent import operators
from seqtool.graph.strings import names_of, read_texts
from seqtool.modelfile.manifest import Manifest, signature_of
from seqtool.nn.pooling import Pooling
from seqtool.nn.recurrent import Recurrent

FOLDER = Path(__file__).parent
CONFIG = ForecastingConfig(window=8, horizon=4, hidden=4, scaling="standard", season=7)
SERIES = ForecastingEncoders(Scaler("standard", (100.0,), (10.0,)), ("Close",), season=7, grid=Grid(seconds=86400))


def network() -> Forecaster:
    """Return the network whose twin the file holds: the first weights of a seed."""
    torch.manual_seed(7)
    return forecaster(CONFIG, SERIES).eval()


def tiny_forecast() -> bytes:
    """Return the bytes of the file: an LSTM encoder, and an LSTM decoder in a Loop."""
    with torch.random.fork_rng(devices=[]):
        model = forecasting_export.build(network(), SERIES, ExportOptions())
    return to_bytes(
        model,
        Manifest(
            task="tiny",
            family="forecasting",
            config=to_dict(CONFIG),
            encoders=SERIES.to_json(),
            signature=signature_of(plain_bytes(model)),
            limits=forecasting.limits(CONFIG),
            data={
                "source": "",
                "sample": True,
                "files": [{"name": "tiny.csv", "label": "", "sha256": "0" * 64}],
            },
            scores={"test": SCORES},
            versions={"seqtool": "0.1.0", "torch": "2.13.0"},
            created="2026-01-02T03:04:05+00:00",
        ),
    )


SCORES = {
    "split": "test",
    "data": "built-in sample (simulated)",
    "from": "2023-05-25",
    "to": "2024-02-08",
    "origins": 221,
    "horizons": {
        "1": {"model": {"rmse": 564.03}, "last value": {"rmse": 564.9436}},
        "4": {"model": {"rmse": 2804.854}, "last value": {"rmse": 3119.17601}},
    },
    "best_baseline": "last value",
    "verdict": ["The model does not beat the last value over 4 steps: there are too few origins to tell."],
}


ENCODER = Characters(("\n", *map(chr, range(32, 127))))
LANGUAGE = {"embedding": 4, "hidden": 6, "layers": 2, "cell": "lstm"}


def language_model() -> LanguageModel:
    """Return the network of `tiny-chargen.onnx`, its scores stretched so that symbols are not equally likely."""
    torch.manual_seed(7)
    made = LanguageModel(GenerationConfig(**LANGUAGE), ENCODER.size).eval()
    with torch.no_grad():
        made.output.weight *= 8
    return made


def tiny_chargen() -> bytes:
    """Return the bytes of the file: two LSTM layers over the printable ASCII characters and the line end."""
    with torch.random.fork_rng(devices=[]):
        model = graph(language_model())
    return to_bytes(
        model,
        Manifest(
            task="tiny",
            family="generation",
            config={"encoder": "characters", "lower": False, "ascii": False, "join_lines": False, **LANGUAGE},
            encoders={"encoder": ENCODER.to_json()},
            signature=signature_of(plain_bytes(model)),
            limits={"prompt": 10_000, "generated": 10_000},
            data={"source": "", "sample": False, "files": [{"name": "tiny.txt", "label": "", "sha256": "0" * 64}]},
            scores={},
            versions={"seqtool": "0.1.0", "torch": "2.13.0"},
            created="2026-01-02T03:04:05+00:00",
        ),
    )


WORDS = Vocabulary.fit([["good", "bad", "film", "not", "a", "naïve", "."]], 100, lower=True)


def tiny_text() -> bytes:
    """Return the bytes of a file that reads texts: words, a bidirectional LSTM, attention, two classes."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        vectors, output = torch.nn.Embedding(WORDS.size, 4), torch.nn.Linear(6, 2)
        layers, pooling = Recurrent("lstm", 4, 3, 1, bidirectional=True), Pooling("attention", 6, 2)
    texts = argument(Tensor(np.str_, ("B",)))
    ids, lengths = read_texts(pad_single_row(texts), WORDS)
    rows = op.gather(weight(numpy_of(vectors.weight)), op.transpose(ids, perm=[1, 0]))
    pooled = PoolingTwin(pooling)(operators(layers), rows, lengths)
    scores = op.softmax(Linear(output)(pooled), axis=-1)
    label = names_of(op.arg_max(scores, axis=1, keepdims=0), ["neg", "pos"])
    outputs = {"probabilities": first_rows(scores, texts), "label": first_rows(label, texts)}
    model = name_axes(build({"text": texts}, outputs), {"probabilities": ("B", 2), "label": ("B",)})
    manifest = Manifest(
        task="tiny", family="classification", config={}, encoders={"words": WORDS.to_json()},
        signature=signature_of(plain_bytes(model)), limits={"tokens": 100},
        data={"source": "", "sample": False, "files": []}, scores={}, versions={"seqtool": "0.1.0"},
        created="2026-01-02T03:04:05+00:00",
    )  # fmt: skip
    return to_bytes(model, manifest)


OPINIONS = Vocabulary(("the", ".", "not", "good", "bad", "plot", "was", "never", "a", "!"))
LABELS = Labels(("negative", "positive"))
CLASSIFIER = {"embedding": 4, "hidden": 5, "lower": True, "threshold": 0.5, "separator": "auto"}


def classifier() -> Classifier:
    """Return the network of `tiny-sentiment.onnx`, its scores stretched so that texts differ."""
    torch.manual_seed(7)
    made = Classifier(ClassificationConfig(**CLASSIFIER), OPINIONS.size, LABELS.size, UNK).eval()
    with torch.no_grad():
        made.embedding.weight *= 10
        made.output.weight *= 4
    return made


def tiny_sentiment() -> bytes:
    """Return the bytes of the file: a bidirectional LSTM over ten words, two classes."""
    with torch.random.fork_rng(devices=[]):
        model = classifier_graph(classifier())
    return to_bytes(
        model,
        Manifest(
            task="tiny",
            family="classification",
            config={"encoder": "words", **CLASSIFIER},
            encoders={"encoder": OPINIONS.to_json(), "labels": LABELS.to_json()},
            signature=signature_of(plain_bytes(model)),
            limits={"characters": 200_000, "tokens": 50_000},
            data={"source": "", "sample": False, "files": [{"name": "tiny.tsv", "label": "", "sha256": "0" * 64}]},
            scores={},
            versions={"seqtool": "0.1.0", "torch": "2.13.0"},
            created="2026-01-02T03:04:05+00:00",
        ),
    )


TAGGING = TaggingConfig(field="upos", embedding=4, characters=3, character_hidden=3, hidden=5)
TAGGERS = TaggingEncoders(
    words=Vocabulary(("the", "cat", "sat", "on", "a", "mat", "."), lower=True),
    forms=Vocabulary(("The", "the", "cat", "sat", "on", "a", "mat", ".")),
    tags=Labels(("ADP", "DET", "NOUN", "PUNCT", "VERB")),
    characters=Vocabulary(tuple("abcdefghijklmnopqrstuvwxyz.ABCDEFT")),
)
UNSPELLED = replace(TAGGERS, characters=None)


def tagger(config: TaggingConfig = TAGGING) -> Tagger:
    """Return a network of the first weights of a seed, its scores stretched so that tags are not equally likely."""
    torch.manual_seed(7)
    made = tagger_network(config, TAGGERS if config.characters else UNSPELLED).eval()
    with torch.no_grad():
        made.output.weight *= 8
    return made


def tiny_pos(config: TaggingConfig = TAGGING, *, int8: bool = False, text: bool = False) -> bytes:
    """Return the bytes of a file of that network: seven words, their spelling, an LSTM in both directions."""
    with torch.random.fork_rng(devices=[]):
        made = tagger(config)
        model = tagging.text_graph(made, TAGGERS) if text else tagging.graph(made, TAGGERS, int8=int8)
    encoders = TAGGERS if config.characters else UNSPELLED
    return to_bytes(
        model,
        Manifest(
            task="tiny",
            family="tagging",
            config=to_dict(config),
            encoders=dict(sorted(encoders.to_json().items())),
            signature=signature_of(plain_bytes(model)),
            limits={"characters": 500_000, "words": 50_000, "letters": 20},
            data={"source": "", "sample": False, "files": [{"name": "tiny.conllu", "label": "", "sha256": "0" * 64}]},
            scores={},
            versions={"seqtool": "0.1.0", "torch": "2.13.0"},
            created="2026-01-02T03:04:05+00:00",
        ),
    )


TRANSLATION = TranslationConfig(vocabulary_kind="words", joint=False, tied="output", embedding=5, hidden=6, layers=1)
SIDES = TranslationEncoders(
    source=TokenWords(("die", "Katze", "der", "Hund", "schläft", "sieht", ".")),
    target=TokenWords(("the", "cat", "dog", "sleeps", "sees", "a", ".")),
)


def translator(config: TranslationConfig = TRANSLATION) -> Translator:
    """Return a network of the first weights of a seed, stretched so that sentences differ and are of words."""
    torch.manual_seed(19)
    made = translator_network(config, SIDES).eval()
    with torch.no_grad():
        for parameter in (*made.encoder.parameters(), *made.decoder.parameters(), made.target_embedding.weight):
            parameter *= 4
        made.output.bias[:EOS] -= 9
    return made


def tiny_nmt(
    config: TranslationConfig = TRANSLATION, *, int8: bool = False, sampling: bool = False, attention: bool = False
) -> bytes:
    """Return the bytes of a file of that network: seven words of German, seven of English."""
    options = ExportOptions(int8=int8, sampling=sampling, attention=attention)
    with torch.random.fork_rng(devices=[]):
        model = translation.build(translator(config), SIDES, options)
    return to_bytes(
        model,
        Manifest(
            task="tiny",
            family="translation",
            config=to_dict(config),
            encoders=SIDES.to_json(),
            signature=signature_of(plain_bytes(model)),
            limits=dict(LIMITS),
            data={"source": "", "sample": False, "files": [{"name": "tiny.tsv", "label": "", "sha256": "0" * 64}]},
            scores={},
            versions={"seqtool": "0.1.0", "torch": "2.13.0"},
            created="2026-01-02T03:04:05+00:00",
        ),
    )


if __name__ == "__main__":
    (FOLDER / "tiny-sentiment.onnx").write_bytes(tiny_sentiment())
    (FOLDER / "tiny-forecast.onnx").write_bytes(tiny_forecast())
    (FOLDER / "tiny-chargen.onnx").write_bytes(tiny_chargen())
    (FOLDER / "tiny-pos.onnx").write_bytes(tiny_pos())
    (FOLDER / "tiny-nmt.onnx").write_bytes(tiny_nmt())
