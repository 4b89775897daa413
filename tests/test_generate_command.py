"""`seqtool generate` and `score`: same seed, same text, in any batch and chunk; what they refuse; states and stops."""

from __future__ import annotations

import json
import math
import os
import pty
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from seqtool.errors import DataError, UsageError
from seqtool.families.family import ExportOptions
from seqtool.families.generation import runner as home
from seqtool.families.generation.encoders import Decoder, GenerationEncoders
from seqtool.families.generation.pipe import escaped, unescaped
from seqtool.families.generation.runner import Request
from seqtool.families.load import runner_of
from seqtool.runtime.model import open_model
from seqtool.runtime.noise import Key

MODELS = Path(__file__).parent / "models"
MODEL = MODELS / "tiny-chargen.onnx"


@pytest.fixture(scope="module")
def runner():
    return runner_of(open_model(MODEL, device="cpu"), "generation")


def written(runner, prompts, request, keys, chunk=32):
    position = runner.read([runner.encode(prompt) for prompt in prompts])
    return np.concatenate([ids for ids, _ in runner.write(position, request, keys, chunk)])


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_a_text_is_the_same_in_any_chunk_and_batch(runner, chunk):
    request = Request(40, temperature=0.9, top_k=20, top_p=0.95, seed=5)
    prompts, keys = ["To be, or", "x", "a longer prompt than the others"], [Key(3, 0), Key(1, 2), Key(9, 1)]
    together = written(runner, prompts, request, keys, chunk)
    for row, (prompt, key) in enumerate(zip(prompts, keys, strict=True)):
        np.testing.assert_array_equal(written(runner, [prompt], request, [key])[:, 0], together[:, row])
    assert (together != written(runner, prompts, Request(40, 0.9, 20, 0.95, seed=6), keys)).any()


def test_prompts_and_scores_do_not_depend_on_the_blocks_they_are_read_in(runner, monkeypatch):
    texts = [runner.encode(text) for text in ("To be, or not to be, that is the question", "a", "short one")]
    whole, scores = runner.read(texts), runner.nats(texts)
    assert list(map(len, scores)) == [40, 0, 8]
    monkeypatch.setattr(home, "LONGEST", 3)
    blocks = runner.read(texts)
    for name, tensor in whole.state.items():
        np.testing.assert_array_equal(blocks.state[name], tensor)
    for one, other, text in zip(scores, runner.nats(texts), texts, strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(one, runner.predict(text))


def test_what_is_unknown_is_never_drawn(runner):
    hot = written(runner, ["a"] * 64, Request(100, temperature=1000.0), [Key(n, 0) for n in range(1, 65)])
    assert hot.min() == 1
    assert len(np.unique(hot)) == runner.encoder.size - 1


def test_the_score_is_that_of_the_softmax_(runner):
    """The share of 4,000 draws."""
    read = runner.read([runner.encode("ab")])
    rows = 4000
    position = home.Position(
        np.repeat(read.last, rows), {name: np.repeat(one, rows, axis=1) for name, one in read.state.items()}
    )
    ((ids, _),) = runner.write(position, Request(1), [Key(n, 0) for n in range(rows)])
    likely = int(np.bincount(ids[0]).argmax())
    told = runner.predict(np.append(runner.encode("ab"), likely))[-1]
    assert math.exp(-told) == pytest.approx((ids[0] == likely).mean(), abs=0.03)


@pytest.mark.parametrize("text", ["", "a\nb", "\\", "\\n", "a\\\nb\\\\n", "\n\n\\\\"])
def test_a_text_in_a_line_comes_back(text):
    assert "\n" not in escaped(text)
    assert unescaped(escaped(text)) == text


def test_other_backslashes_stand_for_themselves():
    assert unescaped("C:\\temp\\new\\\\net") == "C:\\temp\new\\net"


class Bytes:
    """An encoder of bytes."""

    def decode(self, ids):
        return bytes(ids).decode("utf-8", "replace")


@pytest.mark.parametrize("chunk", [1, 2, 3, 100])
@pytest.mark.parametrize("stop", ["", "abab", "c"])
def test_text_comes_whole_in_any_chunk_up_to_the_stop(chunk, stop):
    text = "é🌊 ababa\u2028 abab caé"
    raw = text.encode() + b"\xff" + "ü".encode() + b"\xe2\x82"
    wanted = raw.decode("utf-8", "replace")
    if stop:
        wanted = wanted.partition(stop)[0]
    decoder = Decoder(Bytes(), stop)
    pieces = [decoder.feed(raw[start : start + chunk]) for start in range(0, len(raw), chunk)]
    assert "".join(pieces) + decoder.end() == wanted
    assert decoder.done == bool(stop)
    if chunk == 1 and not stop:
        assert [piece for piece in pieces if piece][:2] == ["é", "🌊"]


def test_a_prompt_is_written_on_raw(seqtool_cmd, tmp_path):
    done = seqtool_cmd("generate", "-m", MODEL, "--prompt", "To be", "-n", "60")
    assert done.returncode == 0
    assert len(done.stdout) == 60
    assert "\n" in done.stdout  # not escaped
    (tmp_path / "prompt.txt").write_text("To be")
    assert seqtool_cmd("generate", "-m", MODEL, "--prompt-file", "prompt.txt", "-n", "60").stdout == done.stdout
    line = seqtool_cmd("generate", "-m", MODEL, "-n", "60", stdin="To be\n")
    assert line.stdout == escaped(done.stdout) + "\n"


def test_a_line_is_answered_by_its_number_alone(seqtool_cmd):
    """Line 70 is in the second batch; alone among empty lines it has the same answer."""
    many = seqtool_cmd("generate", "-m", MODEL, "-n", "20", stdin="".join(f"line {n}\n" for n in range(1, 81)))
    alone = seqtool_cmd("generate", "-m", MODEL, "-n", "20", stdin="\n" * 69 + "line 70\n")
    assert many.stdout.split("\n")[69] == alone.stdout.split("\n")[69] != ""


def test_samples_are_objects_and_the_first_is_the_text(cli):
    one = json.loads(cli("generate", "-m", MODEL, "-n", "20", "--prompt", "a\nb", "--json").stdout)
    three = json.loads(cli("generate", "-m", MODEL, "-n", "20", "--prompt", "a\nb", "--json", "--samples", "3").stdout)
    assert one.keys() == {"prompt", "text"}
    assert one["prompt"] == three["prompt"] == "a\nb"
    assert three["texts"][0] == one["text"]
    assert len(set(three["texts"])) == 3


def test_a_state_goes_on_as_if_it_had_been_one_call(cli, tmp_path):
    state = tmp_path / "state.npz"
    whole = cli("generate", "-m", MODEL, "--prompt", "To be", "-n", "50").stdout
    first = cli("generate", "-m", MODEL, "--prompt", "To be", "-n", "17", "--state", state).stdout
    second = cli("generate", "-m", MODEL, "-n", "33", "--state", state).stdout
    assert first + second == whole
    replied = cli("generate", "-m", MODEL, "-n", "10", "--state", state, "--prompt", "and then").stdout
    assert len(replied) == 10


def test_states_that_do_not_fit(cli, tmp_path):
    state = tmp_path / "state.npz"
    answer = cli("generate", "-m", MODEL, "-n", "5", "--state", state)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "the prompt is empty" in answer.stderr
    assert not state.exists()
    assert cli("generate", "-m", MODEL, "-n", "5", "--state", state, "--prompt", "a").returncode == 0
    known = dict(np.load(state))
    for change, said in (
        ({"model": np.array("0" * 64)}, "belongs to another model"),
        ({"last": np.array("7")}, "is damaged"),
        ({"last": np.array("9999 5")}, "is damaged"),
    ):
        np.savez(state, **{**known, **change})
        answer = cli("generate", "-m", MODEL, "-n", "5", "--state", state)
        assert (answer.returncode, answer.stdout) == (2, "")
        assert said in answer.stderr


def test_it_ends_before_the_stop(cli):
    whole = cli("generate", "-m", MODEL, "--prompt", "To be", "-n", "200").stdout
    stop = whole[90:93]
    cut = whole[: whole.index(stop)]
    assert cli("generate", "-m", MODEL, "--prompt", "To be", "-n", "200", "--stop", stop).stdout == cut
    told = json.loads(cli("generate", "-m", MODEL, "--prompt", "To be", "-n", "200", "--stop", stop, "--json").stdout)
    assert told["text"] == cut


REFUSED = {
    "nothing": (["-n", "0"], "0 symbols cannot be generated"),
    "too much": (["-n", "10001"], "10,001 symbols cannot be generated"),
    "negative temperature": (["--temperature", "-1"], "a temperature of -1 cannot be"),
    "no temperature": (["--temperature", "nan"], "a temperature of nan cannot be"),
    "a temperature beyond float32": (["--temperature", "1e39"], "a temperature of 1e+39 cannot be"),
    "a top-p that float32 calls 0": (["--top-p", "1e-50"], "--top-p 1e-50 is not a share"),
    "top-k above V": (["--top-k", "98"], "the model knows 97 symbols"),
    "negative top-k": (["--top-k", "-1"], "--top-k -1 cannot be"),
    "top-p 0": (["--top-p", "0"], "--top-p 0 is not a share"),
    "top-p above 1": (["--top-p", "1.5"], "--top-p 1.5 is not a share"),
    "empty prompt": (["--prompt", ""], "the prompt is empty"),
    "long prompt": (["--prompt", "x" * 10_001], "10,000 characters at most"),
    "two prompts": (["--prompt-file", "x"], "both given"),
    "samples as text": (["--samples", "2"], "need --json"),
    "no samples": (["--samples", "-1", "--json"], "-1 samples cannot be"),
    "streamed objects": (["--stream", "--json"], "--stream shows one text"),
    "a strict prompt": (["--strict"], "a prompt is none"),
    "rules of an old file": (["--no-repeat", "3", "--ban", str(Path(__file__))], "seqtool export again"),
    "a least length without a stop": (["--min-length", "3"], "--min-length is for --stop"),
    "state and a rule": (["--state", "s.npz", "--no-repeat", "3"], "--no-repeat cannot go with it"),
    "state and stop": (["--state", "s.npz", "--stop", "x"], "--stop cannot go with it"),
    "forecasting model": (["-m", str(MODELS / "tiny-forecast.onnx")], "this is a forecasting model"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused(cli, case):
    options, said = REFUSED[case]
    prompt = [] if "--prompt" in options else ["--prompt", "a"]
    answer = cli("generate", "-m", MODEL, *prompt, *options)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert said in answer.stderr
    assert "cure: " in answer.stderr


def test_prompt_files_that_cannot_be_read(cli, tmp_path):
    (tmp_path / "latin").write_bytes(b"caf\xe9")
    (tmp_path / "empty").touch()
    for name, code in (("none", 3), ("latin", 2), ("empty", 2), (".", 2)):
        answer = cli("generate", "-m", MODEL, "--prompt-file", tmp_path / name)
        assert (answer.returncode, answer.stdout) == (code, "")


def test_unseen_characters_are_counted_once_for_all_lines(seqtool_cmd):
    for verb in ("generate", "score"):
        done = seqtool_cmd(verb, "-m", MODEL, stdin="naïve\nplain\nüber über\n")
        assert len(done.stdout.splitlines()) == 3
        assert (
            "warning: 3 characters that the training text has not, read as unknown: 'ü' (U+00FC) 2 times" in done.stderr
        )


def test_scores_of_lines_and_of_all(seqtool_cmd, runner):
    lines = ["To be", "or not\\nto be", "x", ""]
    done = seqtool_cmd("score", "-m", MODEL, "--json", stdin="".join(f"{line}\n" for line in lines))
    told = list(map(json.loads, done.stdout.splitlines()))
    nats = [runner.predict(runner.encode(text)) for text in ("To be", "or not\nto be")]
    for one, row in zip(told, nats, strict=False):
        assert one["nats"] == pytest.approx(row.sum())
        assert one["bits_per_character"] == pytest.approx(row.mean() / math.log(2))
        assert one["perplexity"] == pytest.approx(math.exp(row.mean()))
    assert told[2].keys() == {"error"}
    assert told[3] == {}
    every = np.concatenate(nats)
    assert f"2 lines, 15 characters: {every.sum():.6g} nats, {every.mean() / math.log(2):.4f} bits" in done.stderr


PROMPTS = ["To be", "or not\nto be \\ n", "x" * 300, "naïve"]


@pytest.mark.parametrize("options", [{}, {"temperature": 0.5, "top_k": 9, "top_p": 0.8, "seed": 4, "stop": "a"}])
def test_python_writes_what_the_pipe_writes(seqtool_cmd, runner, options):
    given = [argument for name, value in options.items() for argument in (f"--{name.replace('_', '-')}", str(value))]
    command = ("generate", "-m", MODEL, "-n", "70", *given)
    lines = "".join(f"{escaped(prompt)}\n" for prompt in PROMPTS)
    piped = seqtool_cmd(*command, "--json", "--samples", "3", stdin=lines)
    made = runner.generate(PROMPTS, length=70, samples=3, **options)
    assert [{"prompt": one.prompt, "texts": [*one.texts]} for one in made] == [
        *map(json.loads, piped.stdout.splitlines())
    ]
    assert [one.text for one in runner.generate(PROMPTS, length=70, **options)] == [one.texts[0] for one in made]
    alone = runner.generate(PROMPTS[0], length=70, **options)
    assert alone == (PROMPTS[0], (seqtool_cmd(*command, "--prompt", PROMPTS[0]).stdout,))


def test_python_scores_as_the_pipe_scores(seqtool_cmd, runner):
    done = seqtool_cmd("score", "-m", MODEL, "--json", stdin="".join(f"{escaped(text)}\n" for text in PROMPTS))
    assert [one.to_json() for one in runner.score(PROMPTS)] == [*map(json.loads, done.stdout.splitlines())]
    assert runner.score([]) == runner.generate([]) == []


def test_python_says_which_text_is_bad(runner):
    for bad, said in (("", "is empty: there is nothing to continue"), ("x" * 10_001, "longer than 10,000 characters")):
        with pytest.raises(DataError, match=said) as caught:
            runner.generate(["To be", bad])
        assert caught.value.where == "text 1"
    with pytest.raises(DataError, match="too short to be scored") as caught:
        runner.score(["To be", "or", "x"])
    assert caught.value.where == "text 2"
    for setting in ({"length": 0}, {"samples": 0}, {"top_p": 0.0}, {"length": "3"}, {"samples": 1.5}, {"stop": 3}):
        with pytest.raises(UsageError):
            runner.generate("To be", **setting)


def test_several_threads_have_the_answers_of_one(runner):
    def both(number):
        prompts = [f"{number} {prompt}" for prompt in PROMPTS]
        return runner.generate(prompts, length=20, seed=number), runner.score(prompts)

    with ThreadPoolExecutor(4) as pool:
        assert [*pool.map(both, range(20))] == [*map(both, range(20))]


def test_a_terminal_sees_the_text_as_it_comes_and_no_control_characters(tmp_path):
    """The model's own symbols are printable; its prompt's escape is not echoed, and a text ends with a line end."""
    near, far = pty.openpty()
    command = [sys.executable, "-P", "-m", "seqtool", "generate", "-m", str(MODEL), "--prompt", "a\x1b[2J", "-n", "40"]
    done = subprocess.run(command, stdout=far, stderr=subprocess.PIPE, cwd=tmp_path, timeout=60, check=True)
    os.close(far)
    shown = os.read(near, 1 << 16)
    assert b"\x1b" not in shown
    assert b"\x1b" not in done.stderr
    assert shown.endswith(b"\r\n")


def test_the_committed_file_gives_what_its_network_gives():
    generate = load_generator()
    kept = open_model(MODEL, device="cpu")
    from seqtool.families.generation.export import probe
    from seqtool.graph.check import check

    encoders = GenerationEncoders(generate.ENCODER)
    cases = probe(generate.language_model(), encoders, ExportOptions())
    known = {one.name for one in kept.file.inputs}  # the file is of an earlier version: it has no rules
    plain = [replace(case, feeds={name: case.feeds[name] for name in known}) for case in cases[: len(cases) // 2]]
    assert check(kept, plain) < 1e-5
    assert MODEL.stat().st_size < 32_000
    session = onnxruntime.InferenceSession(generate.tiny_chargen(), providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_outputs()] == [one.name for one in kept.file.outputs]


def load_generator():
    import importlib.util

    spec = importlib.util.spec_from_file_location("generate", MODELS / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_prompts_take_line_ends_as_the_training_does(cli):
    command = ("generate", "-m", MODEL, "-n", "20", "--prompt")
    wanted = cli(*command, "To be\nor not\n")
    for ends in ("\r\n", "\r"):
        answer = cli(*command, "To be\nor not\n".replace("\n", ends))
        assert (answer.stdout, answer.stderr) == (wanted.stdout, wanted.stderr)
