"""JSON as records: what is read, and what is refused in words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqtool.data.json_lines import read_objects
from seqtool.errors import DataError

RECORD = st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.none() | st.lists(st.text()), min_size=1)


@given(records=st.lists(RECORD, min_size=1), ascii=st.booleans(), form=st.sampled_from(["lines", "array"]))
def test_what_was_written_is_read_back(records, ascii, form):
    text = "\n".join(json.dumps(record, ensure_ascii=ascii) for record in records)
    if form == "array":
        text = json.dumps(records, ensure_ascii=ascii)
    objects = read_objects(text, "a.json")
    assert objects is not None
    assert objects.records == records


def test_nan_is_a_missing_cell():
    objects = read_objects(
        '{"text": NaN, "label": "a", "n": -Infinity}\n{"text": "b", "label": NaN, "n": 1}\n', "a.jsonl"
    )
    assert objects is not None
    assert objects.table().columns == {"text": [None, "b"], "label": ["a", None], "n": ["-Infinity", "1"]}


def both_forms(bad: str) -> list[tuple[str, str]]:
    """A good object and a bad one as lines and as an array, and the place of the bad one in each."""
    good = r'{"text": "a whole \ud83d\ude00 face"}'
    return [(f"{good}\n\n{bad}\n", "line 3"), (f"[{good}, {bad}]", "record 2")]


@pytest.mark.parametrize(
    "bad", [r'{"text": "half \ud83d"}', r'{"text": "\uDE00\ud83d"}', r'{"a\ud83d": 1}', r'{"tags": ["x", "\udc00"]}']
)
def test_half_of_a_character_is_refused_with_its_place(bad):
    for text, place in both_forms(bad):
        with pytest.raises(DataError, match=f"{place} holds half of a character") as error:
            read_objects(text, "a.json")
        assert error.value.where == "a.json"


def test_a_backslash_before_u_is_no_half():
    objects = read_objects(json.dumps({"text": r"C:\ud83d"}), "a.json")
    assert objects is not None
    assert objects.records == [{"text": r"C:\ud83d"}]


def test_a_key_that_stands_twice_is_refused():
    for text, _ in both_forms('{"text": "x", "label": "a", "label": "b"}'):
        with pytest.raises(DataError, match="has the key 'label' twice") as error:
            read_objects(text, "a.json")
        assert error.value.where == "a.json"
        assert ("line 3" in error.value.what) == (text[0] == "{")


@given(records=st.lists(RECORD, min_size=1, max_size=4), between=st.sampled_from(["\n", "\n\n", " "]))
def test_objects_over_several_lines_are_read(records, between):
    written = [json.dumps(record, indent=2) for record in records]
    objects = read_objects(between.join(written) + "\n", "a.json")
    assert objects is not None
    assert objects.records == records
    starts = [1 + sum(text.count("\n") + between.count("\n") for text in written[:n]) for n in range(len(records))]
    assert list(objects.lines) == starts
    array = read_objects(json.dumps(records, indent=1), "a.json")
    assert array is not None
    assert array.records == records


NOT_RECORDS = {
    "texts": ('["one text", "another"]', "array of texts"),
    "texts over lines": (json.dumps(["one", "two"], indent=1), "array of texts"),
    "lists": ('[["ein", "one"], ["zwei", "two"]]', "array of texts or lists"),
    "lists, one a line": ('["ein Hund", "a dog"]\n["zwei", "two"]\n', "lines are JSON arrays"),
    "a text among objects": ('[{"a": 1}, "b"]', "array of texts"),
    "nested": (json.dumps({"version": 1, "data": [{"a": 1}, {"a": 2}]}), "field 'data' of one JSON object"),
    "nested over lines": (json.dumps({"data": [{"a": 1}]}, indent=1), "field 'data' of one JSON object"),
    "a comma behind the last": ('[\n{"a": 1},\n{"a": 2},\n]', "line [34] is no JSON"),
    "commas between lines": ('{"a": 1},\n{"a": 2},\n', "line 1 is no JSON"),
    "a quote missing": ('{\n "a": "x",\n "b": y\n}\n', "line 3 is no JSON"),
    "a number behind": ('{\n "a": "x"\n}\n7\n', "in line 4 no JSON object begins"),
    "a key twice": ('{\n "a": "x"\n}\n{\n "b": 1, "b": 2\n}\n', "line 4: a JSON object has the key 'b' twice"),
}


@pytest.mark.parametrize("case", NOT_RECORDS)
def test_json_that_is_no_records_is_refused_and_never_text(case):
    text, said = NOT_RECORDS[case]
    with pytest.raises(DataError, match=said) as error:
        read_objects(text, "a.json")
    assert error.value.where == "a.json"
    assert error.value.cure


@pytest.mark.parametrize(
    "text",
    [
        "[Verse 1]\nHello\n", "{ a brace\n", '["Hello," he said]\n', "[ The/DT can/NN ]\n", "[1, 2, 3]\n",
        "{\n  x = 1;\n}\n", '{"quoted" words}\n', "[[[\n", "{}}\n",
    ],
)  # fmt: skip
def test_text_that_begins_with_a_bracket_is_text(text):
    assert read_objects(text, "a.txt") is None


def deep(depth, value="[]"):
    return "[" * depth + value + "]" * depth


@pytest.mark.parametrize("depth", [1200, 60_000])
@pytest.mark.parametrize(
    ("form", "place"),
    [
        ('{{"text": "a", "label": "b"}}\n{{"text": "c", "extra": {}}}\n', "line 2"),
        ('[{{"text": "a", "label": "b"}}, {{"text": "c", "extra": {}}}]', "record 2|array"),
        ('{{"text": "a",\n"label": "b"}}\n{{"text": "c",\n"extra": {}}}\n', "line 3"),
    ],
)
def test_values_too_deep_inside_of_each_other_are_refused(form, place, depth):
    with pytest.raises(DataError, match=place) as error:
        read_objects(form.format(deep(depth)), "f")
    assert "deep" in error.value.what
    assert "leave that field out" in error.value.cure


def test_values_inside_of_each_other_are_read():
    objects = read_objects('{"text": "a", "extra": ' + deep(100) + "}\n", "f")
    assert objects is not None
    assert objects.records[0]["text"] == "a"


SQL = "INSERT INTO `reviews` (`number`, `label`, `what_people_say_of_it`)\nVALUES (1, 'neg', 'a bad lamp, really');\n"


@pytest.mark.parametrize(
    ("text", "what", "cure"),
    [
        ("{'label': 'neg', 'text': \"a lamp, isn't it\"}\n" * 5, "dicts as Python prints them", "json.dumps"),
        ("[{'label': 'neg',\n  'text': 'a bad lamp'},\n {'label': 'pos', 'text': 'so'}]\n", "dicts as Python", "json"),
        ("[{'label': 'neg',\n  'text': 'a bad lamp'\n}\n]\n", "dicts as Python", "json"),
        ("('neg', 'a bad lamp, really')\n" * 5, "lists or tuples", "csv.writer"),
        ("['neg', 'a bad lamp, really'],\n" * 5, "lists or tuples", "csv.writer"),
        ("[('a', 'DT'), ('lamp', 'NN')]\n" * 5, "lists or tuples", "csv.writer"),
        (repr([[f"die Lampe {n}", f"the lamp's {n}"] for n in range(9)]), "lists or tuples", "csv.writer"),
        (repr([[n, "neg", "a bad lamp"] for n in range(9)]).replace("],", "],\n"), "lists or tuples", "csv.writer"),
        (repr([("neg", "a bad lamp")] * 9).replace("),", "),\n") + "\n", "lists or tuples", "csv.writer"),
        (SQL * 5, "statements of SQL", "export the table as CSV"),
        ("insert into reviews values\n(1, 'neg', 'a bad lamp'),\n(2, 'pos', 'so');\n", "statements of SQL", "export"),
        ("-- a dump\nDROP TABLE reviews;\n" + SQL, "statements of SQL", "export"),
    ],
)
def test_records_that_python_prints_or_sql_inserts_are_refused(text, what, cure):
    with pytest.raises(DataError, match=what) as error:
        read_objects(text, "a.txt")
    assert cure in error.value.cure


SLOT = "Insert into the slot the card.\nPush.\nThe measured values (two) are shown, or not.\nPush again.\n"
KEY = "{'a': 1}['b'] raises KeyError\tbug\nit is slow\tspeed\nit hangs\tbug\n"


@pytest.mark.parametrize("text", [
    SLOT,
    KEY,
    KEY.split("\n")[0] + "\n",
    "{'a': 1}\tbug\n" + KEY,
    "INSERT INTO shop VALUES (1);\tsql\nso it goes\tprose\nx = 1\tpython\n" * 3,
    "set a lamp\tlight\nINSERT INTO shop VALUES (1)\tsql\nplay\tmusic\n",
])  # fmt: skip
def test_a_text_that_begins_like_python_or_sql_condemns_no_file(text):
    assert read_objects(text, "a.txt") is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            line * 5
            for line in ("(1, 2)\n", "(a) first, so\n", "[ The/DT can/NN ] ./.\n", "{'tis true}, he said\n", "-- a\n")
        ),
        "[['a', 'b'] is a list.\nIt is long.\n",
        "((so it goes))\n",
    ],
)
def test_brackets_in_front_of_texts_are_no_python(text):
    assert read_objects(text, "a.txt") is None
