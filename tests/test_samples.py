"""What a language model writes while it is trained."""

import re

import numpy as np
import pytest
import torch

from seqtool.families.generation.config import GenerationConfig
from seqtool.families.generation.model import LanguageModel, sample
from seqtool.report import plots
from seqtool.runs import read_metrics
from seqtool.training import checkpoint

TRAIN = ["train", "chargen", "--sample", "--hidden", "8", "--layers", "1", "--max-steps", "6", "--evaluate-every", "3"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def network():
    torch.manual_seed(0)
    made = LanguageModel(GenerationConfig(hidden=6, embedding=5), 7).eval()
    with torch.no_grad():
        made.output.weight *= 8
    return made


def test_each_symbol_is_drawn_from_what_the_network_says_of_those_before():
    """At temperature 0 it is the likeliest, at 1 it follows the probabilities."""
    made, prompt = network(), torch.tensor([1, 2, 3])
    ids = sample(made, prompt, [0.0, 1.0, 1e-4], 20, 0)
    assert ids.shape == (3, 20)
    assert torch.equal(ids[0], ids[2])
    assert torch.equal(ids[1:], sample(made, prompt, [1.0, 1e-4], 20, 0))  # what is not drawn takes no number
    whole = torch.cat([prompt, ids[0]])
    with torch.no_grad():
        likeliest = made(whole[None])[0][0].argmax(dim=-1)
        chances = made(prompt[None])[0][0, -1].softmax(dim=-1)
    assert torch.equal(likeliest[2:-1], ids[0])
    first = sample(made, prompt, [1.0] * 20_000, 1, 0)[:, 0]
    np.testing.assert_allclose(np.bincount(first, minlength=7) / 20_000, chances, atol=0.012)


def test_the_seed_decides_and_the_training_stays_as_it_is():
    made, prompt, before = network(), torch.tensor([1]), torch.get_rng_state()
    one, other, again = (sample(made, prompt, [1.0], 30, seed) for seed in (1, 2, 1))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_run_keeps_samples_of_each_evaluation(cli, folder):
    assert cli(*TRAIN, "--out", "run").returncode == 0
    text = (folder / "run" / "samples.txt").read_text()
    heads = re.findall(r"^--- step (\d+), (.+) ---$", text, re.M)
    assert heads == [(step, how) for step in "36" for how in ("temperature 1.0", "temperature 0.5", "argmax")]
    assert [line["step"] for line in read_metrics(folder / "run")] == [3, 6]


def test_a_training_that_was_killed_ends_with_the_same_weights_and_samples(cli, folder, monkeypatch, interrupted):
    own = ["--dropout", "0.3", "--precision", "bf16"]
    assert cli(*TRAIN, *own, "--out", "whole").returncode == 0
    with interrupted(5):  # after the evaluation of step 3, before its next
        assert cli(*TRAIN, *own, "--out", "cut").returncode != 0
    assert cli("train", "chargen", "--resume", "cut").returncode == 0
    for file in ("samples.txt", "checkpoints/6/network.safetensors"):
        assert (folder / "whole" / file).read_bytes() == (folder / "cut" / file).read_bytes()


def test_weights_of_another_encoder_are_refused(cli, folder):
    assert cli(*TRAIN, "--out", "run").returncode == 0
    answer = cli(*TRAIN, "--encoder", "bytes", "--init-from", "run", "--out", "second")
    assert answer.returncode == 2
    assert "--encoder bytes asks for another network than the run has: --encoder characters" in answer.stderr
    assert cli(*TRAIN, "--init-from", "run", "--out", "third").returncode == 0
    assert checkpoint.index(folder / "third" / "checkpoints").last == 6


def test_the_curves_show_bits_a_character_too(folder, monkeypatch):
    """0.5 nats a symbol of two characters are 0.25 nats, 0.36 bits a character."""
    seen = []
    monkeypatch.setattr(plots, "save", lambda made, path: seen.append(made) or path)
    line = {"step": 1, "train_loss": 1.0, "loss": 0.5, "bits_per_character": 0.25 / np.log(2)}
    plots.curves([line, {**line, "step": 2, "loss": 0.9}], folder / "curves.png", "a title", "nats a symbol")
    (axis,) = seen[0].axes
    (second,) = axis.child_axes
    seen[0].canvas.draw()
    assert (axis.get_ylabel(), second.get_ylabel()) == ("nats a symbol", "bits a character")
    np.testing.assert_allclose(np.array(second.get_ylim()) / axis.get_ylim(), 0.5 / np.log(2))
