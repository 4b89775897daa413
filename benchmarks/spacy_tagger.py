"""The rival of tag_speed.py, run by a Python that has spaCy: its tagger alone, from text, 256 texts a batch.

The shape is that of the small English pipeline (MultiHashEmbed, MaxoutWindowEncoder of width 96 and depth 4), with
first weights and the labels given: its speed does not depend on what it has learnt. For each line on standard input
it tags all texts once and writes the seconds and the number of tokens.
"""

import json
import sys
import time
from pathlib import Path

import spacy

WIDTH, BATCH = 96, 256
TOK2VEC = {
    "@architectures": "spacy.Tok2Vec.v2",
    "embed": {
        "@architectures": "spacy.MultiHashEmbed.v2", "width": WIDTH, "include_static_vectors": False,
        "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "IS_SPACE"],
        "rows": [5000, 1000, 2500, 2500, 50, 50],
    },
    "encode": {
        "@architectures": "spacy.MaxoutWindowEncoder.v2", "width": WIDTH, "depth": 4, "window_size": 1,
        "maxout_pieces": 3,
    },
}  # fmt: skip
TAGGER = {
    "@architectures": "spacy.Tagger.v2",
    "tok2vec": {"@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH, "upstream": "tok2vec"},
}


def pipeline(labels):
    """Return a blank English pipeline with a tagger of these labels."""
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": TOK2VEC})
    tagger = nlp.add_pipe("tagger", config={"model": TAGGER})
    for label in labels:
        tagger.add_label(label)
    nlp.initialize()
    return nlp


def main(file):
    """Answer each line by a pass over the texts."""
    given = json.loads(Path(file).read_text(encoding="utf-8"))
    nlp = pipeline(given["labels"])
    print(json.dumps({"spacy": spacy.__version__}), flush=True)
    for _ in sys.stdin:
        begun = time.perf_counter()
        tokens = sum(len(document) for document in nlp.pipe(given["texts"], batch_size=BATCH))
        print(json.dumps({"seconds": time.perf_counter() - begun, "tokens": tokens}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
