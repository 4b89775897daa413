"""Which column holds the labels: where several may, all are named; what holds dates or stands once is no label."""

from __future__ import annotations

import re
from itertools import cycle, islice

import pytest

from seqtool.data.labelled import read_labelled
from seqtool.data.layout import Layout
from seqtool.errors import DataError

ROWS = 40
VALUES = {
    "flag": ("0", "1", "1"),
    "place": ("home", "work", "sea"),
    "yes": ("yes", "no"),
    "same": ("en",),
    "title": tuple(f"Boat {n}" for n in range(19)),
    "grade": tuple(f"0.{n}7" for n in range(ROWS)),
    "id": tuple(str(n + 70) for n in range(ROWS)),
    "date": tuple(f"Tue Mar 03 10:{n}:09 CET 2020" for n in range(10, 10 + ROWS)),
    "text": tuple(f"the lamp number {n} fell over" for n in range(ROWS)),
}


@pytest.fixture
def read(tmp_path):
    def of(head: str, columns: str, layout: Layout | None = None, mark: str = ","):
        cells = zip(*(islice(cycle(VALUES[name]), ROWS) for name in columns.split()), strict=True)
        path = tmp_path / "a.csv"
        lines = [*([head.replace(" ", mark)] if head else []), *map(mark.join, cells)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return read_labelled(path, layout)

    return of


SEVERAL = [
    ("message is_joke type", "text flag place", ["is_joke", "type"]),
    ("post category shouting", "text place flag", ["category", "shouting"]),
    ("text score category", "text flag place", ["score", "category"]),
    ("subject body urgency language", "id text yes place", ["urgency", "language"]),
    ("a text b tags c d e type", "flag text flag place flag yes flag place", ["a", "b", "tags", "c", "d"]),
]


NAMED = {
    "Ticket ID,Ticket Description,Ticket Type": "{n},{text},{label}",
    "Consumer complaint narrative,Product": "{text},{label}",
    "Review Text,Class Name": "{text},{label}",
    "Class Name,Review Text": "{label},{text}",
    "Customer Message,Message Intent": "{text},{label}",
}


@pytest.mark.parametrize("count", [6, 40])
@pytest.mark.parametrize("names", NAMED)
def test_words_of_usual_names_tell_a_header(tmp_path, names, count):
    given = [(("Billing", "Refund request")[n % 2], f"the ticket number {n} of the bank") for n in range(count)]
    rows = [NAMED[names].format(n=n, text=text, label=label) for n, (label, text) in enumerate(given)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([names, *rows, ""]))
    assert [(record.label, record.text) for record in read_labelled(path).records] == given


@pytest.mark.parametrize("first", ["a great review of it,Product", "Great review!,Product", "Good review,Billing"])
def test_words_of_usual_names_in_a_record_tell_no_header(tmp_path, first):
    rows = [f"the ticket number {n} of the bank,{('Billing', 'Product')[n % 2]}" for n in range(40)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([first, *rows, ""]))
    assert len(read_labelled(path).records) == 41


@pytest.mark.parametrize(("head", "columns", "choices"), SEVERAL)
def test_a_usual_name_does_not_beat_another_column_of_few_values(read, head, columns, choices):
    with pytest.raises(DataError, match=r"the labels may be in \d columns") as caught:
        read(head, columns)
    assert re.findall(r"--label-column (\w+)(?= or|$)", caught.value.cure) == choices
    for name in choices[:2]:
        assert len(read(head, columns, Layout(label_columns=(name,))).records) == ROWS


@pytest.mark.parametrize(
    ("head", "columns", "label", "text"),
    [
        ("text label source", "text place yes", "home", 0),
        ("ticket body priority language", "id text yes same", "yes", 1),
        ("text category author", "text place id", "home", 0),
        ("text category when", "text place date", "home", 0),
        ("title text fake", "title text yes", "yes", 1),
    ],
)
def test_one_column_that_may_hold_labels_is_taken(read, head, columns, label, text):
    record = read(head, columns).records[0]
    assert (record.label, record.text) == (label, VALUES[columns.split()[text]][0])


def test_dates_whose_zone_is_not_read_are_no_texts(read):
    record = read("", "flag id date same title text").records[0]
    assert (record.label, record.text) == ("0", VALUES["text"][0])
    with pytest.raises(DataError, match="labels"):
        read("", "flag date")


def test_a_column_of_measurements_is_named_as_what_it_is(read):
    with pytest.raises(DataError, match=r"the column 'score' holds 40 different numbers, such as '0\.07'") as caught:
        read("text score", "text grade")
    assert caught.value.cure.startswith("--label-column NAME")
    assert len(read("text score", "text grade", Layout(label_columns=("score",))).records) == ROWS


def test_commas_of_decimals_part_no_cells(tmp_path):
    path = tmp_path / "a.csv"
    rows = "".join(f"the lamp number {n} fell over;{n % 2},5\n" for n in range(ROWS))
    path.write_text(f"text;label\n{rows}", encoding="utf-8")
    with pytest.raises(DataError, match="may be one label, or several parted by ','"):
        read_labelled(path)
    read = read_labelled(path, Layout(label_separator="none"))
    assert {record.label for record in read.records} == {"0,5", "1,5"}


@pytest.mark.parametrize("last", [False, True])
def test_columns_that_pandas_counted_are_names_above_longer_texts(tmp_path, last):
    rows = [("0", "1"), *((str(n % 2), f"a film of number {n}") for n in range(30))]
    rows = [("0", "1"), *(row[::-1] for row in rows[1:])] if last else rows
    path = tmp_path / "a.csv"
    path.write_text("".join(f"{one},{two}\n" for one, two in rows))
    assert len(read_labelled(path).records) == 30
    path.write_text("".join(f"{one},{two}\n" for one, two in rows).replace("a film of number ", "no "))
    with pytest.raises(DataError, match="may name the columns, or be a record") as refused:
        read_labelled(path)
    assert refused.value.cure == "--header yes or --header no"
    assert len(read_labelled(path, Layout(header="yes")).records) == 30
    assert len(read_labelled(path, Layout(header="no")).records) == 31


_TIMED = (
    "the {0} went down to a quiet shore", "nobody of our crew had any {0} left", "my sister bought this old {0}",
    "rain fell upon every {0} again", "they sold their last {0} yesterday", "your cousin painted another {0} red",
)  # fmt: skip


@pytest.mark.parametrize("time", ["{n:02}:05 Uhr", "2024-01-{n:02}", "{n}. Jan. 2024,"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_texts_may_begin_with_a_time(tmp_path, time, mark):
    texts = [f"{time.format(n=n)} {_TIMED[n % 6].format('lamp')}".replace(",", "") for n in range(1, 24)]
    rows = [(("in", "out", "away")[n % 3], text) for n, text in enumerate(texts)]
    (tmp_path / "a.csv").write_text("".join(mark.join(row) + "\n" for row in rows))
    read = read_labelled(tmp_path / "a.csv")
    assert [(record.label, record.text) for record in read.records] == rows


@pytest.mark.parametrize(
    "time", ["Montag {n}. Januar 2026 um 3:30 Uhr", "Mon Apr {n:02} 22:19:45 PDT 2009", "{n} Jan 2026 at 3:30"]
)
def test_times_with_words_are_no_texts(tmp_path, time):
    rows = "".join(f"{'ab'[n % 2]};{time.format(n=n)}\n" for n in range(1, 29))
    (tmp_path / "a.csv").write_text(rows)
    with pytest.raises(DataError, match="no columns of labels and texts that are sure"):
        read_labelled(tmp_path / "a.csv")
