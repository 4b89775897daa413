"""The tree of a beam search: what the file tells of its search against a plain one over the network."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import onnxruntime
import pytest
import torch

from seqtool.data.encoders.vocabulary import BOS, EOS
from seqtool.families.family import ExportOptions
from seqtool.families.translation import beam_tree as asked
from seqtool.families.translation.beam_tree import beam_tree
from seqtool.families.translation.export import graph
from seqtool.families.translation.search import Graph, Request, Source
from seqtool.graph.model import plain_bytes
from seqtool.report import beam_tree as report
from seqtool.report import plots
from seqtool.report.beam_tree import Node, picture
from tests.test_translation_graph import VOCABULARY, File, sources_of


@pytest.fixture(scope="module", params=[{}, {"input_feeding": True, "cell": "gru"}])
def file(request):
    rare_ends = File(request.param)
    with torch.no_grad():
        rare_ends.network.output.bias[EOS] -= 2  # longer searches
    rare_ends.session = onnxruntime.InferenceSession(plain_bytes(graph(rare_ends.network, ExportOptions())))
    return rare_ends


def graph_of(file):
    session = file.session
    names = [one.name for one in session.get_outputs()]
    spoken = SimpleNamespace(inputs=session.get_inputs(), outputs=session.get_outputs())
    run = lambda feeds: dict(zip(names, session.run(None, feeds), strict=True))  # noqa: E731  # a stub's method
    return Graph(SimpleNamespace(file=spoken, run=run), SimpleNamespace(size=VOCABULARY, spelled=list), 50)


@torch.no_grad()
def beams_of(network, source, limit, count):
    """The beam [(sequence, log p)] behind each step of a search that keeps the `count` best of all that may follow."""
    memory = network.encode(torch.from_numpy(source)[None], torch.tensor([len(source)]))
    live, beams = [((), 0.0)], []
    for _ in range(limit):
        grown = [one for one in live if EOS in one[0]]
        for ids, total in live:
            if EOS not in ids:
                features = network.decode(torch.tensor([[BOS, *ids]]), memory).features[0, -1]
                likely = network.logits(features).double().log_softmax(-1).tolist()
                grown += [((*ids, symbol), total + one) for symbol, one in enumerate(likely)]
        live = sorted(grown, key=lambda one: -one[1])[:count]
        beams.append(live)
        if all(EOS in ids for ids, _ in live):
            break
    return beams


def sequences(steps):
    """The whole sequence of each node of each step, by what it follows."""
    before, read = [()], []
    for step in steps:
        before = [(*before[node.parent], int(node.token)) for node in step]
        read.append(before)
    return read


@pytest.mark.parametrize(("count", "penalty", "limit"), [(1, 1.0, 0), (4, 0.0, 0), (4, 2.0, 7), (20, 1.0, 0)])
def test_the_tree_is_what_a_plain_search_goes_through(file, count, penalty, limit):
    searcher, request = graph_of(file), Request(beam=count, length_penalty=penalty, max_length=limit)
    dropped = 0
    for source in sources_of(np.random.default_rng(4), [6, 1, 3, 9]):
        most = limit or 2 * len(source) + 10
        beams = beams_of(file.network, source, most, count)
        steps, searched = beam_tree(searcher, Source("", 1, source), request, str)
        assert searched == len(beams) == len(steps)
        scores = {ids: total / len(ids) ** penalty for ids, total in beams[-1]}
        answer = max(scores, key=scores.get)
        assert tuple(searcher.search([source], request)[0][0].ids) == tuple(i for i in answer if i != EOS)
        for number, (step, found, beam) in enumerate(zip(steps, sequences(steps), beams, strict=True), start=1):
            wanted = {ids: total for ids, total in beam if len(ids) == number}
            assert len(found) == len(set(found))
            assert set(found) == set(wanted)
            assert [node.parent for node in step] == sorted(node.parent for node in step)  # no lines cross
            for node, ids in zip(step, found, strict=True):
                assert node.log_p == pytest.approx(wanted[ids], abs=2e-4)
                assert node.kept == any(whole[:number] == ids for whole in scores)
                assert node.best == (answer[:number] == ids)
                assert node.score == (pytest.approx(scores[ids], abs=2e-5) if ids in scores else None)
                dropped += not node.kept
    assert bool(dropped) == (count > 1)


def test_a_long_search_is_told_by_its_beginning(file, monkeypatch):
    monkeypatch.setattr(asked, "MOST", 3)
    source = sources_of(np.random.default_rng(4), [6])[0]
    steps, searched = beam_tree(graph_of(file), Source("", 1, source), Request(beam=4), str)
    assert len(steps) == 3 < searched


def test_the_picture_has_a_line_to_each_hypothesis_and_its_words(tmp_path, monkeypatch):
    """Bands repeat the column where they begin; `$` is no formula; the answer's are bold."""
    drawn = []
    monkeypatch.setattr(plots, "cover", lambda figure: drawn.append(figure))
    monkeypatch.setattr(report, "PAGE", 5.0)
    first = [Node("$a_1$", -0.5, 0, kept=True, best=True), Node("b", -1.25, 0, kept=False, best=False)]
    more = [[Node(f"w{step}", -step, 0, kept=True, best=True)] for step in range(2, 9)]
    end = [Node("</s>", -9, 0, kept=True, best=True, score=-1.0)]
    picture([first, *more, end], 30, tmp_path / "tree.png")
    texts = [text for axis in drawn[0].axes for text in axis.texts]
    words = [text.get_text() for text in texts]
    assert len(drawn[0].axes) > 1
    assert sum(len(axis.lines) for axis in drawn[0].axes) == 2 + 7 + 1
    assert {"<s>", "$a_1$", "b", "w8", "</s>", "-1.25", "-9.00 (-1.00)"} <= set(words)
    heavy = {text.get_text() for text in texts if text.get_weight() == "bold"}
    assert heavy == {"<s>", "$a_1$", "</s>", *(f"w{step}" for step in range(2, 9))}
    assert "the first 9 of 30 steps" in drawn[0].get_supxlabel()
    picture([first], 1, tmp_path / "tree.svg")
    assert (tmp_path / "tree.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "tree.svg").read_text().startswith("<?xml")
