"""The task nmt from its sample to translations: training, every export, the verbs, and what bad input gives."""

from __future__ import annotations

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from seqtool_nmt import NMT

from seqtool import load
from seqtool.cli import run as run_in_process
from seqtool.families.translation.runner import Runner
from seqtool.families.translation.search import Request
from seqtool.runtime.model import open_model
from seqtool.runtime.noise import Key
from seqtool.testing import check_promises

MODELS = Path(__file__).parent / "models"
SMALL = [
    "--max-steps", "6", "--hidden", "16", "--embedding", "16", "--vocabulary", "200", "--batch", "32",
    "--precision", "fp32",
]  # fmt: skip


@pytest.fixture(scope="module")
def nmt(tmp_path_factory):
    """A folder with a tiny run, and a file of every kind of export."""
    folder = tmp_path_factory.mktemp("nmt")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SEQTOOL_CACHE", str(folder / "cache"))
        assert run_in_process(["train", "nmt", "--sample", *SMALL, "--out", "runs/tiny"]) == 0
        assert run_in_process(["export"]) == 0
        assert run_in_process(["export", "--sampling", "--attention", "--no-scores"]) == 0
    return folder


def test_the_task_keeps_its_promises():
    check_promises(NMT)


def test_a_run_and_its_file_are_scored_beside_a_copy_of_the_source(nmt):
    scores = json.loads((nmt / "runs/tiny/scores.json").read_text())
    for split in ("validation", "test"):
        assert scores[split]["pairs"] == {"validation": 268, "test": 200}[split]
        assert set(scores[split]["whole"]) == {"model", "copy of the source"}
        assert scores[split]["seen"] == 0
    assert (nmt / "runs/tiny/plots/lengths.png").stat().st_size > 1000
    assert "source  " in (nmt / "runs/tiny/samples.txt").read_text()


def test_a_file_is_evaluated_again_on_pairs_of_ones_own(nmt, cli, tmp_path):
    pairs = ["Der Hund sieht das Kind.\tThe dog sees the child.", "Das Haus ist alt.\tThe house is old."] * 3
    (tmp_path / "own.tsv").write_text("\n".join(pairs) + "\n")
    done = cli("evaluate", nmt / "runs/tiny/model.onnx", "--data", tmp_path / "own.tsv", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["split"], found["pairs"]) == ("whole", 6)
    shown = cli("evaluate", nmt / "runs/tiny/model.onnx")
    assert "BLEU nrefs:1|" in shown.stdout


def test_translations_through_the_pipe_are_those_of_the_runner(nmt, seqtool_cmd):
    model = nmt / "runs/tiny/model.onnx"
    texts = ["Der Hund sieht das Kind.", "Das Haus", "Die Katze liebt den alten Mann."]
    done = seqtool_cmd("translate", "-m", model, "--max-length", "7", stdin="\n".join(texts) + "\n")
    runner = Runner(open_model(model, device="cpu", threads=1))
    assert done.stdout.splitlines() == [runner.predict([text], Request(max_length=7))[0] for text in texts]
    assert done.stdout.splitlines() == [one.translation for one in runner.translate(texts, max_length=7)]
    assert done.returncode == 0
    assert "simulated sample" in done.stderr


def test_a_file_with_everything_translates_the_same_and_more(nmt):
    plain = Runner(open_model(nmt / "runs/tiny/model.onnx", device="cpu", threads=1))
    rich = Runner(open_model(nmt / "runs/tiny/model-sampling-attention.onnx", device="cpu", threads=1))
    source = [plain.reader.read(text, 1, 100).ids for text in ("Der Hund sieht das Kind.", "Das Haus")]
    asked = Request(beam=3, max_length=12)
    for ours, theirs in zip(plain.graph.search(source, asked), rich.graph.search(source, asked), strict=True):
        for one, other in zip(ours, theirs, strict=True):
            np.testing.assert_array_equal(one.ids, other.ids)
            assert one.score == pytest.approx(other.score, abs=1e-5)
            assert other.attention.shape[0] == len(one.ids)
            np.testing.assert_allclose(other.attention.sum(axis=1), 1, rtol=1e-5)


def test_the_python_methods_answer_as_the_commands_do_from_any_thread(nmt, seqtool_cmd):
    model = nmt / "runs/tiny/model-sampling-attention.onnx"
    texts = ["Der Hund sieht das Kind.", "Das Haus", "Die Katze liebt den alten Mann."]
    runner = Runner(open_model(model, device="cpu", threads=1))
    names = ("translation", "score", "tokens", "source_tokens", "alignment")

    def listed(translation):
        return [{name: getattr(one, name) for name in names} | {"score": round(one.score, 4)} for one in translation]

    options = ["--json", "--n-best", "2", "--alignment", "--max-length", "7"]
    done = seqtool_cmd("translate", "-m", model, *options, stdin="\n".join(texts) + "\n")
    wanted = [json.loads(line)["translations"] for line in done.stdout.splitlines()]
    with ThreadPoolExecutor(4) as pool:
        several = list(pool.map(lambda _: runner.translate(texts, n_best=2, attention=True, max_length=7), range(8)))
    for translations in several:
        assert [listed(one.translations) for one in translations] == wanted

    options = ["--json", "--sample", "--seed", "5", "--temperature", "0.5", "--max-length", "7"]
    done = seqtool_cmd("translate", "-m", model, *options, stdin="\n".join(texts) + "\n")
    drawn = runner.translate(texts, sample=True, seed=5, temperature=0.5, max_length=7)
    assert [one.translation for one in drawn] == [json.loads(line)["translation"] for line in done.stdout.splitlines()]

    pairs = [("Das Haus", "The house is old."), ("Der Hund", "dog")]
    done = seqtool_cmd("score", "-m", model, "--json", stdin="".join("\t".join(pair) + "\n" for pair in pairs))
    assert [score.to_json() for score in runner.score(pairs)] == list(map(json.loads, done.stdout.splitlines()))


def test_pairs_are_scored_as_the_beam_scores_them(nmt):
    runner = Runner(open_model(nmt / "runs/tiny/model.onnx", device="cpu", threads=1))
    source = runner.reader.read("Der Hund sieht das Kind.", 1, 100).ids
    found = [one for one in runner.graph.search([source], Request(length_penalty=0))[0] if len(one.ids) < 20]
    for one in found:
        (told,) = runner.graph.log_probabilities([source], [one.ids])
        assert told.sum() == pytest.approx(one.score, abs=1e-4)
    (empty,) = runner.graph.log_probabilities([source], [np.zeros(0, np.int64)])
    assert empty.shape == (1,)


def test_samples_are_drawn_by_seed_and_line(nmt, seqtool_cmd):
    command = ("translate", "-m", nmt / "runs/tiny/model-sampling-attention.onnx", "--json", "--sample", "--max-length",
               "5", "--n-best", "3", "--seed")  # fmt: skip
    one, two, other = (seqtool_cmd(*command, seed, stdin="Das Haus\nDas Haus\n").stdout for seed in ("1", "1", "2"))
    assert one == two != other
    first, second = map(json.loads, one.splitlines())
    assert len(first["translations"]) == 3
    assert first["translations"] != second["translations"]


def test_a_picture_of_the_attention(nmt, seqtool_cmd, tmp_path):
    command = ("translate", "-m", nmt / "runs/tiny/model-sampling-attention.onnx", "--attention-plot", "seen.png")
    done = seqtool_cmd(*command, stdin="\nDas Haus ist alt.\n")
    assert "picture of line 2: seen.png" in done.stderr
    assert (tmp_path / "seen.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "seen.png").unlink()
    assert "no line was translated" in seqtool_cmd(*command, stdin="\n").stderr
    assert not (tmp_path / "seen.png").exists()


def test_a_picture_of_the_beam(nmt, seqtool_cmd, tmp_path):
    command = ("translate", "-m", nmt / "runs/tiny/model.onnx")
    plain = seqtool_cmd(*command, stdin="\nDas Haus ist alt.\n")
    done = seqtool_cmd(*command, "--beam-plot", "tree.png", stdin="\nDas Haus ist alt.\n")
    assert done.stdout == plain.stdout
    assert "picture of the search for line 2: tree.png" in done.stderr
    assert (tmp_path / "tree.png").read_bytes().startswith(b"\x89PNG")
    assert "no line was translated" in seqtool_cmd(*command, "--beam-plot", "none.png", stdin="\n").stderr
    assert not (tmp_path / "none.png").exists()


def test_a_line_of_10_000_words_is_torn_or_cut_and_unknown_characters_come_through(nmt, seqtool_cmd):
    text = "Hund " * 10_000 + "\n\U0001f30a\U0001f30a\nDas Haus\n"
    command = ("translate", "-m", nmt / "runs/tiny/model.onnx", "--max-length", "4", "--no-split")
    done = seqtool_cmd(*command, stdin=text)
    answers = done.stdout.split("\n")[:-1]
    assert (done.returncode, len(answers), answers[1]) == (0, 3, "\U0001f30a\U0001f30a")
    assert "1 record was longer than 4,000 characters (the first: line 1): cut there" in done.stderr
    done = seqtool_cmd(*command[:-1], stdin=text)
    assert len(done.stdout.split("\n")) == 4
    assert "1 text with a sentence too long for the model (the first: number 1): torn at commas" in done.stderr


TEXTS = ["Der Hund sieht das Kind.", "Das Haus ist alt.", "Wir h\u00f6rten diese Stadt.", "Anna will lieben."]
ASKED = {
    "no pair twice": ({"no_repeat": 2}, lambda text, ids: len(set(itertools.pairwise(ids))) == max(0, len(ids) - 1)),
    "15 at least": ({"min_length": 15}, lambda text, ids: len(ids) >= 15),
    "a prefix": ({"prefix": "The old"}, lambda text, ids: text.startswith("The old")),
    "banned": ({"ban": ["e", "a", "."]}, lambda text, ids: not set("ea.") & set(text)),
    "all": (
        {"no_repeat": 1, "min_length": 4, "prefix": "The old", "ban": ["y", "x"]},
        lambda text, ids: text.startswith("The old") and len(set(ids)) == len(ids) >= 4 and not set("xy") & set(text),
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_rules_hold_and_the_score_is_still_that_of_the_text(nmt, name):
    runner = Runner(open_model(nmt / "runs/tiny/model-sampling-attention.onnx", device="cpu", threads=1))
    asked, holds = ASKED[name]
    request = Request(**asked | {"ban": tuple(asked.get("ban", ()))}, length_penalty=0, max_length=20)
    sources = [runner.reader.begun(runner.reader.read(text, 1, 100), request.prefix, request) for text in TEXTS]
    rows = [source.ids for source in sources]
    prefixes = [source.prefix for source in sources]
    keys = [Key(line, 0) for line in range(4)]
    drawn = runner.graph.draw(rows, keys, replace(request, sample=True, temperature=2), prefixes)
    searched = runner.graph.search(rows, request, prefixes)
    for ids, hypotheses in zip(rows, searched, strict=True):
        for one in hypotheses:
            assert holds(runner.target.decode(one.ids), one.ids.tolist())
            if len(one.ids) < 20:  # it has an end
                (told,) = runner.graph.log_probabilities([ids], [one.ids])
                assert told.sum() == pytest.approx(one.score, abs=1e-4)
    assert all(holds(runner.target.decode(one.ids), one.ids.tolist()) for one in drawn)


def test_a_line_may_bring_its_prefix_and_a_file_names_what_is_banned(nmt, seqtool_cmd, tmp_path):
    (tmp_path / "no.txt").write_text("old\n\n y\n", encoding="utf-8")
    lines = "Das Haus\tThe dog\nDas Haus\n\nDas Haus\t\nDas Haus\ta\tb\nDas Haus\tThe \u6f22\nDas Haus\tso old\n"
    model = nmt / "runs/tiny/model.onnx"
    done = seqtool_cmd("translate", "-m", model, "--prefix-column", "--json", "--ban", "no.txt", stdin=lines)
    made = list(map(json.loads, done.stdout.splitlines()))
    assert made[0]["translation"].startswith("The dog")
    assert made[0]["source"] == "Das Haus"
    assert made[1] == made[3]
    assert made[2] == {}
    assert "several tabs" in made[4]["error"]
    assert "cannot write \u6f22" in made[5]["error"]
    assert "banned" in made[6]["error"]
    assert not any("old" in one.get("translation", "") or "y" in one.get("translation", "") for one in made)
    assert seqtool_cmd("translate", "-m", model, "--ban", "none.txt", stdin=lines).returncode == 3
    alone = load(model).translate(["Das Haus"] * 2, prefix=["The dog", ""], ban=["old", "y"])
    assert [one.translation for one in alone] == [made[0]["translation"], made[1]["translation"]]


REFUSED = {
    "an unknown prefix": (["--prefix", "The \u6f22"], "--prefix: the model cannot write \u6f22 of the prefix"),
    "a prefix that would be written otherwise": (["--prefix", "\u2460 a"], "--prefix: the model"),
    "two kinds of prefix": (["--prefix", "a", "--prefix-column"], "leave one of them out"),
    "a cut without sample": (["--top-k", "3"], "--top-k is for drawn translations"),
    "beam 0": (["--beam", "0"], "a beam of 0 cannot be"),
    "beam above the limit": (["--beam", "101"], "a beam of 101 cannot be"),
    "n-best without json": (["--n-best", "2"], "it needs --json"),
    "n-best above the beam": (["--json", "--n-best", "9"], "--n-best 9 of a beam of 5"),
    "more samples than fit": (["--json", "--sample", "--n-best", "100000000"], "--n-best 1 to 10000"),
    "a negative n-best": (["--json", "--n-best", "-1"], "--n-best -1"),
    "alignment without json": (["--alignment"], "it needs --json"),
    "sample without json": (["--sample"], "it needs --json"),
    "a seed without sample": (["--seed", "1"], "--seed is for drawn translations"),
    "alignment of another file": (["--json", "--alignment"], "seqtool export --attention"),
    "a picture of another file": (["--attention-plot", "x.png"], "seqtool export --attention"),
    "a picture of many beams": (["--beam-plot", "x.png", "--beam", "21"], "a picture of 21 beams cannot be read"),
    "a picture of samples": (["--beam-plot", "x.png", "--json", "--sample"], "drawn translations have no beam"),
    "samples of another file": (["--json", "--sample"], "seqtool export --sampling"),
    "a length above the limit": (["--max-length", "9000"], "--max-length 1 to 8,012"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_refused_in_words(name, nmt, cli):
    options, said = REFUSED[name]
    done = cli("translate", "-m", nmt / "runs/tiny/model.onnx", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_models_of_other_families_are_refused_both_ways(nmt, cli):
    done = cli("translate", "-m", MODELS / "tiny-chargen.onnx")
    assert (done.returncode, "a generation model" in done.stderr) == (2, True)
    done = cli("generate", "-m", nmt / "runs/tiny/model.onnx", "--prompt", "a")
    assert (done.returncode, "a translation model" in done.stderr) == (2, True)
    done = cli("score", "-m", MODELS / "tiny-pos.onnx")
    assert (done.returncode, "not a generation or translation one" in done.stderr) == (2, True)


def test_extras_are_of_translators_alone(cli, exported):
    done = cli("export", exported / "runs/tiny", "--sampling")
    assert done.returncode == 2
    assert "forecasting models have no --sampling" in done.stderr


def test_sentences_of_a_line_are_translated_apart_and_joined(nmt, seqtool_cmd):
    command = ("translate", "-m", nmt / "runs/tiny/model.onnx", "--json")
    sentences = ["Der Hund sieht das Kind.", "Das Haus ist alt.", "DIE KATZE LIEBT DEN MANN."]
    text = "\n".join([*sentences, f"{sentences[0]} {sentences[1]}  {sentences[2]}", sentences[2].lower()]) + "\n"
    *alone, whole, _ = map(json.loads, seqtool_cmd(*command, stdin=text).stdout.splitlines())
    first, second, third = (answer["translation"] for answer in alone)
    assert whole["translation"] == f"{first} {second}  {third}"
    assert (whole["parts"], whole["case"]) == (3, ["", "", "capitals"])
    assert third == third.upper()
    assert alone[2]["case"] == "capitals"
    assert not {"parts", "case", "torn"} & alone[0].keys()
    one = json.loads(seqtool_cmd(*command, "--no-split", stdin=text.split("\n")[3]).stdout)
    assert "parts" not in one


def test_a_line_without_an_end_is_torn_and_says_so(nmt, seqtool_cmd):
    command = ("translate", "-m", nmt / "runs/tiny/model.onnx", "--max-length", "2", "--beam", "1", "--json")
    done = seqtool_cmd(*command, stdin="Hund " * 900 + "\n" + "Das Haus\n")
    long, short = map(json.loads, done.stdout.splitlines())
    assert (long["torn"], "torn" in short) == (1, False)
    assert long["parts"] >= 900 / 100
    assert "1 text with a sentence too long for the model (the first: number 1): torn" in done.stderr


def test_samples_of_the_parts_of_a_line_differ_and_the_first_is_as_alone(nmt, seqtool_cmd):
    command = ("translate", "-m", nmt / "runs/tiny/model-sampling-attention.onnx", "--json", "--sample", "--max-length",
               "6", "--alignment")  # fmt: skip
    alone, twice = (
        json.loads(seqtool_cmd(*command, stdin=text).stdout) for text in ("Das Haus.\n", "Das Haus. Das Haus.\n")
    )
    count = len(alone["tokens"])
    assert twice["tokens"][:count] == alone["tokens"]
    assert twice["tokens"][count:] != alone["tokens"]
    assert len(twice["source_tokens"]) == 2 * len(alone["source_tokens"])


def test_a_document_keeps_its_marks(nmt, seqtool_cmd):
    command = ("translate", "-m", nmt / "runs/tiny/model.onnx", "--max-length", "5")
    (hund,) = seqtool_cmd(*command, stdin="Der Hund\n").stdout.splitlines()
    done = seqtool_cmd(*command, "--markup", "markdown", stdin="\ufeff# Der Hund\r\n\r\n```\r\nDer Hund\r\n```\r\n")
    assert done.stdout == f"\ufeff# {hund}\r\n\r\n```\r\nDer Hund\r\n```\r\n"
    done = seqtool_cmd(*command, "--markup", "srt", stdin="1\n00:00:01,000 --> 00:00:02,000\nDer Hund")
    assert done.stdout == f"1\n00:00:01,000 --> 00:00:02,000\n{hund}"


DOCUMENTS = {
    "a tag that is not closed": (["--markup", "html"], "<p>Der Hund <b", "'<b' is never closed"),
    "no subtitles": (["--markup", "srt"], "Der Hund\n", "text stands before the time of the first subtitle"),
    "another encoding": (["--markup", "html"], b"<p>\xe4</p>", "no UTF-8"),
    "objects": (["--markup", "html", "--json"], "", "--json cannot go with it"),
    "another kind": (["--markup", "odt"], "", "'odt' is not one of"),
    "a language without a use": (["--no-split", "--language", "de"], "", "which --no-split keeps together"),
    "no code of a language": (["--language", "german"], "", "'german' is no code of a language"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_that_cannot_be_read_are_refused_in_words(name, nmt, seqtool_cmd):
    options, document, said = DOCUMENTS[name]
    done = seqtool_cmd("translate", "-m", nmt / "runs/tiny/model.onnx", *options, stdin=document)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_files_of_earlier_versions_read_a_line_as_it_is(seqtool_cmd):
    command = ("translate", "-m", MODELS.parent / "golden/translation/run/model.onnx", "--json")
    found = json.loads(seqtool_cmd(*command, stdin="Anna will diese Frau. DIE FRAU ZOG DEN BRIEF.\n").stdout)
    assert found.keys() - {"lost"} == {"source", "translation", "score"}
