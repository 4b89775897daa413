"""The manifest: what goes in comes out, and nothing else gets in."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqtool.errors import ModelError
from seqtool.modelfile.manifest import Manifest, read_file

TINY = Path(__file__).parent / "models" / "tiny-forecast.onnx"
GOOD = dataclasses.asdict(read_file(TINY)[1].manifest)
FILE = {"name": "a.csv", "label": "", "sha256": "a" * 64}
DATA = {"source": "", "sample": False, "files": []}
SPEC = {"name": "x", "dtype": "float32", "shape": ["B", 1]}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)
objects = st.dictionaries(texts, values, max_size=4)


@settings(max_examples=50, deadline=None)
@given(config=objects, encoders=objects, scores=objects, versions=st.dictionaries(texts, texts, max_size=3))
def test_what_is_written_is_read(config, encoders, scores, versions):
    manifest = Manifest(**GOOD | {"config": config, "encoders": encoders, "scores": scores, "versions": versions})
    assert Manifest.from_json(manifest.to_json()) == manifest
    assert json.loads(manifest.to_json()) == dataclasses.asdict(manifest)


def changes():
    """Every fault that the schema knows: key and the value that is wrong."""
    for key in ("task", "family"):
        yield from ((key, value) for value in ("", 1, None, "a b", "../x", "x" * 65, "-x", "a\n"))
    yield from (("runner", value) for value in (None, 1, "a b", "/x"))
    for key in ("config", "encoders", "scores", "versions", "limits", "data", "signature"):
        yield from ((key, value) for value in (None, [], "", 1))
    yield from (("limits", {"horizon": value}) for value in (-1, 1.5, True, "1", None, 1 << 63))
    yield from (("versions", {"torch": value}) for value in (2, None, "x" * 5000))
    yield from (("created", value) for value in ("", "yesterday", 0, None, "2026-13-01"))
    yield from (("format", value) for value in (0, -1, True, "1", 1.0, None))
    yield from (("data", DATA | {key: None}) for key in DATA)
    yield from (("data", {k: v for k, v in DATA.items() if k != key}) for key in DATA)
    bad = [{}, FILE | {"x": 1}, {"name": "a", "sha256": "a" * 64}, FILE | {"sha256": "A" * 64}, FILE | {"sha256": "a"}]
    bad += [FILE | {"name": name} for name in ("/etc/passwd", "~/a.csv", "C:\\a.csv", "\\\\host\\a", 1)]
    bad += [FILE | {"side": "left"}, FILE | {"side": []}]
    yield from (("data", DATA | {"files": [file]}) for file in bad)
    yield "signature", {"inputs": []}
    yield "signature", {"inputs": [], "outputs": [], "states": []}
    sides = [
        [SPEC] * 65,
        [{}],
        [SPEC | {"x": 1}],
        [SPEC | {"shape": [-1]}],
        [SPEC | {"shape": 3}],
        [SPEC | {"name": 1}],
    ]
    yield from (("signature", {"inputs": side, "outputs": []}) for side in sides)


@pytest.mark.parametrize(("key", "value"), list(changes()))
def test_a_wrong_value_is_named(key, value):
    with pytest.raises(ModelError, match=f"'{key}'"):
        Manifest.from_json(json.dumps(GOOD | {key: value}))


@pytest.mark.parametrize("key", sorted(GOOD))
def test_each_key_is_needed(key):
    with pytest.raises(ModelError, match=f"lacks '{key}'"):
        Manifest.from_json(json.dumps({name: value for name, value in GOOD.items() if name != key}))


def test_an_unknown_key_is_refused_and_a_newer_format_says_what_to_do():
    with pytest.raises(ModelError, match="'extra'"):
        Manifest.from_json(json.dumps(GOOD | {"extra": 1}))
    with pytest.raises(ModelError, match="newer seqtool") as caught:
        Manifest.from_json(json.dumps(GOOD | {"format": 2, "extra": 1}))
    assert "upgrade" in caught.value.cure


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "null", "1", '"x"', "[" * 100_000, '{"a":' * 100_000, '{"format": NaN}', '{"x": Infinity}',
        '{"task": "a", "task": "b"}', '{"task": "\\ud800"}', "9" * 10_000, '{"format": ' + "9" * 10_000 + "}",
    ],
    ids=lambda text: text[:12] or "empty",
)  # fmt: skip
def test_what_is_no_plain_json_object_is_refused(text):
    with pytest.raises(ModelError):
        Manifest.from_json(text)


def test_what_could_not_be_read_is_not_written():
    good = Manifest(**GOOD)
    with pytest.raises(ModelError, match="not finite"):
        dataclasses.replace(good, scores={"rmse": float("nan")}).to_json()
    with pytest.raises(ModelError, match="'data'"):
        dataclasses.replace(good, data=DATA | {"files": [FILE | {"name": "/home/me/a.csv"}]}).to_json()
