"""What a language model may write: rules hold in any chunk and batch, and what they forbid is not written."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from seqtool.data.encoders.texts import Bytes
from seqtool.families.generation.encoders import Decoder
from seqtool.families.generation.runner import Request, Runner
from seqtool.runtime.model import open_model
from seqtool.runtime.noise import Key

PROMPTS = ["To be, or", "x", "a longer prompt than the others"]
KEYS = [Key(3, 0), Key(1, 2), Key(9, 1)]


@pytest.fixture(scope="module")
def generator():
    spec = importlib.util.spec_from_file_location("generate", Path(__file__).parent / "models" / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def network(generator):
    return generator.language_model().eval()


@pytest.fixture(scope="module")
def file(tmp_path_factory, generator) -> Path:
    """The network of tests/models/tiny-chargen.onnx, exported by this version."""
    path = tmp_path_factory.mktemp("models") / "chargen.onnx"
    path.write_bytes(generator.tiny_chargen())
    return path


@pytest.fixture(scope="module")
def runner(file) -> Runner:
    return Runner(open_model(file, device="cpu", threads=1))


def grams(text, count):
    return [text[at : at + count] for at in range(len(text) - count + 1)]


HOT = {"temperature": 0.9, "top_k": 20, "seed": 5}
ASKED = {
    "no pair twice": ({"no_repeat": 2}, lambda text: len(set(grams(text, 2))) == len(text) - 1),
    "no four twice, greedy": (
        {"no_repeat": 4, "temperature": 0},
        lambda text: len(set(grams(text, 4))) == len(text) - 3,
    ),
    "banned": ({"ban": ("e", "th", " a")}, lambda text: "e" not in text and "th" not in text and " a" not in text),
    "banned, greedy": ({"ban": ("e", " "), "temperature": 0}, lambda text: not {"e", " "} & set(text)),
    "all": (
        {"no_repeat": 3, "ban": ("e",), "repetition_penalty": 1.2},
        lambda text: "e" not in text and len(set(grams(text, 3))) == len(text) - 2,
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_rules_hold_and_a_text_is_the_same_in_any_chunk_and_batch(runner, name):
    asked, holds = ASKED[name]
    request = Request(**{"length": 60, **HOT, **asked})
    runner.check(request)

    def written(rows, chunk):
        position = runner.read([runner.encode(PROMPTS[row]) for row in rows])
        keys = [KEYS[row] for row in rows]
        return np.concatenate([ids for ids, _ in runner.write(position, request, keys, chunk)])

    whole = written(range(3), 1000)
    assert whole.min() > 0
    for row in range(3):
        assert holds(runner.encoder.decode(whole[:, row]))
    for rows, chunk in (([0, 1, 2], 1), ([0, 1, 2], 7), ([2, 0], 32), ([0], 13), ([1], 1000), ([2], 2)):
        np.testing.assert_array_equal(written(rows, chunk), whole[:, rows])


def test_a_penalty_makes_what_was_written_less_likely(runner, network):
    """Greedily, against the network: CTRL (Keskar et al. 2019), section 4.1."""
    prompt, request = runner.encode("To be").tolist(), Request(40, temperature=0, repetition_penalty=3.0)
    (ids,) = (ids[:, 0].tolist() for ids, _ in runner.write(runner.read([np.array(prompt)]), request, KEYS[:1], 99))
    for place, symbol in enumerate(ids):
        with torch.no_grad():
            logits = network(torch.tensor([[*prompt, *ids[:place]]]))[0][0, -1].double().numpy()
        seen = np.isin(np.arange(len(logits)), ids[:place])
        weaker = np.where(seen, np.where(logits > 0, logits / 3, logits * 3), logits)
        assert weaker[symbol] == pytest.approx(weaker[1:].max(), abs=1e-5)  # 0 is the unknown one
    greedy = runner.generate("To be", length=40, temperature=0).text
    assert runner.encoder.decode(ids) != greedy


def test_a_text_ends_where_the_rules_leave_no_symbol(file, seqtool_cmd):
    options = ["--prompt", "a", "-n", "300", "--no-repeat", "1", "--json"]
    text = json.loads(seqtool_cmd("generate", "-m", file, *options).stdout)["text"]
    assert len(text) == len(set(text)) == 96  # every symbol but the unknown one, once
    streamed = seqtool_cmd("generate", "-m", file, *options[:-1]).stdout
    assert streamed == text


def test_the_command_and_python_give_the_same_under_every_rule(file, runner, seqtool_cmd, tmp_path):
    (tmp_path / "no.txt").write_text("e\n th \n", encoding="utf-8")
    options = ["-n", "50", "--no-repeat", "3", "--repetition-penalty", "1.3", "--ban", "no.txt", "--seed", "4"]
    done = seqtool_cmd("generate", "-m", file, *options, "--json", stdin="To be\nOr not\n")
    texts = [json.loads(line)["text"] for line in done.stdout.splitlines()]
    asked = {"length": 50, "no_repeat": 3, "repetition_penalty": 1.3, "ban": ["e", "th"], "seed": 4}
    assert [one.text for one in runner.generate(["To be", "Or not"], **asked)] == texts
    assert not any("e" in text or "th" in text for text in texts)


def test_a_stop_is_not_looked_for_in_the_first_symbols(runner):
    whole = runner.generate("To be", length=120).text
    stop = max(set(whole), key=whole.count)
    places = [place for place, character in enumerate(whole) if character == stop]
    assert len(places) > 3
    for least in (0, places[0] + 1, places[1], places[2]):
        end = whole.index(stop, least)
        assert runner.generate("To be", length=120, stop=stop, min_length=least).text == whole[:end]


def test_the_least_length_does_not_depend_on_the_chunks():
    text = "ab--cd--ef\u00e9--g".encode()
    for least in range(len(text)):
        whole = Decoder(Bytes(), "--", least)
        wanted = whole.feed(text) + whole.end()
        for chunk in (1, 2, 3):
            decoder = Decoder(Bytes(), "--", least)
            made = [decoder.feed(text[at : at + chunk]) for at in range(0, len(text), chunk)]
            assert "".join([*made, decoder.end()]) == wanted
            assert whole.done == decoder.done
