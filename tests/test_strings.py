"""Texts in the graph, against Python's own splitting and the vocabulary."""

import numpy as np
import onnxruntime
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from spox import Tensor, argument, build

from seqtool.data.batches import Padded
from seqtool.data.encoders.vocabulary import UNK, Vocabulary
from seqtool.graph.model import plain_bytes
from seqtool.graph.strings import names_of, read_texts

WORDS = ("the", "The", "a", ".", "|", "naïve", "🌊", "É", "é")


def reader(vocabulary):
    texts = argument(Tensor(np.str_, ("B",)))
    ids, lengths = read_texts(texts, vocabulary)
    model = build({"texts": texts}, {"ids": ids, "lengths": lengths, "back": names_of(ids, ["PAD", "UNK", "first"])})
    session = onnxruntime.InferenceSession(plain_bytes(model), providers=["CPUExecutionProvider"])
    return lambda texts: session.run(None, {"texts": np.array(texts, dtype=object)})


READ = {lower: reader(Vocabulary.fit([WORDS], 100, lower=lower)) for lower in (False, True)}


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(
        st.lists(st.sampled_from([*WORDS, "unknown", "\u00a0", "x\0y", "\t"]), max_size=5).map(" ".join)
        | st.text(st.characters(exclude_categories=["Cs"]), max_size=9),
        min_size=1,
        max_size=6,
    ),
    lower=st.booleans(),
)
@example([""], False)
@example(["   ", "the a"], True)
def test_texts_are_the_words_between_blanks(texts, lower):
    texts = [text.lower() for text in texts] if lower else texts
    vocabulary = Vocabulary.fit([WORDS], 100, lower=lower)
    rows = [vocabulary.encode([word for word in text.split(" ") if word]) for text in texts]
    wanted = Padded.of([row if len(row) else np.array([UNK]) for row in rows])
    ids, lengths, _ = READ[lower](texts)
    np.testing.assert_array_equal(lengths, wanted.lengths)
    assert ids.shape == wanted.values.shape
    for row, (made, length) in enumerate(zip(ids, lengths, strict=True)):
        np.testing.assert_array_equal(made[:length], wanted.values[row, :length])


def test_a_to_z_are_lower_cased_in_the_graph():
    vocabulary = Vocabulary.fit([WORDS], 100, lower=True)
    ids, _, _ = READ[True](["THE É é Naïve NAÏVE"])
    assert ids[0].tolist() == [*vocabulary.encode(["the"]), UNK, *vocabulary.encode(["é", "naïve"]), UNK]


def test_ids_have_their_names_again():
    assert READ[False]([f"unknown {READ_FIRST} a"])[2].tolist() == [["UNK", "first", ""]]


READ_FIRST = Vocabulary.fit([WORDS], 100).tokens[0]


def test_a_text_without_words_is_unknown_whatever_words_the_vocabulary_has():
    vocabulary = Vocabulary(("\uffff", "a", "\uffff\uffff"))
    ids, lengths, _ = reader(vocabulary)(["", "a", "\uffff a", "\uffff\uffff\uffff \uffff\uffff"])
    assert [row[:length].tolist() for row, length in zip(ids, lengths, strict=True)] == [[1], [3], [2, 3], [1, 4]]


@pytest.mark.parametrize("count", [1, 50_000])
def test_a_vocabulary_of_any_size_is_read(count):
    read = reader(Vocabulary(tuple(f"w{number}" for number in range(count))))
    assert read([f"w{count - 1} w0 w{count}"])[0].tolist() == [[count + 1, 2, UNK]]
