"""The rival of tagging_training.py, run by a Python that has Keras: the recipe's network on its padded batches.

Embedding, GRU encoder, RepeatVector, GRU decoder, a softmax each step; every sentence is padded to 250 words, and the
padding is trained on, as in the recipe. For each line on standard input, a number of batches, it calls `fit` and writes
the seconds.
"""

import json
import os
import sys
import time

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np

BATCH, EMBEDDING, HIDDEN, DROPOUT = 32, 128, 64, 0.2


def network(vocabulary, length, tags):
    """Return the recipe's network, compiled."""
    layers = keras.layers
    made = keras.Sequential(
        [
            layers.Input((length,)),
            layers.Embedding(vocabulary, EMBEDDING),
            layers.GRU(HIDDEN, dropout=DROPOUT, recurrent_dropout=DROPOUT),
            layers.RepeatVector(length),
            layers.GRU(HIDDEN, return_sequences=True),
            layers.TimeDistributed(layers.Dense(tags)),
            layers.Activation("softmax"),
        ]
    )
    made.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return made


def main(file):
    """Answer each number of batches by the seconds that `fit` takes for them."""
    with np.load(file) as given:
        x, y = given["x"], given["y"]
    made = network(int(x.max()) + 1, x.shape[1], int(y.max()) + 1)
    targets = keras.utils.to_categorical(y)
    print(json.dumps({"keras": keras.__version__}), flush=True)
    for line in sys.stdin:
        count = int(line) * BATCH
        begun = time.perf_counter()
        made.fit(x[:count], targets[:count], batch_size=BATCH, epochs=1, verbose=0, shuffle=False)
        print(json.dumps({"seconds": time.perf_counter() - begun}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
