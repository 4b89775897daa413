"""What `check` says of values that look like slips of a key, and of a series that has stopped."""

from __future__ import annotations

import numpy as np
import pytest

from seqtool.data.clean import clean
from seqtool.data.number_table import parse_table
from seqtool.families.forecasting.history import from_table

DAYS = np.datetime64("2021-03-01") + np.arange(60)
USUAL = [f"{400 + 17 * n % 90}.{n % 100:02d}" for n in range(60)]


def read(cells, mark=",", reading=None):
    text = f"day{mark}takings\n" + "".join(f"{day}{mark}{cell}\n" for day, cell in zip(DAYS, cells, strict=True))
    return clean(parse_table(text), reading=reading)


def said(one) -> dict[str, str]:
    return {finding.code: finding.text for finding in one.findings if finding.level == "warning"}


def of(changed: dict[int, str], cells=USUAL) -> list[str]:
    return [changed.get(place, cell) for place, cell in enumerate(cells)]


@pytest.mark.parametrize("changed", [{7: "8888888"}, {7: "-60000", 30: "70000", 31: "70000"}])
def test_one_to_three_values_far_from_all_others_are_named(changed):
    text = said(read(of(changed)))["far-values"]
    assert text.startswith(f"'takings' is {', '.join(changed.values())}, and nearly all others are 40")
    assert text.endswith(f"--missing={changed[7]}")


@pytest.mark.parametrize("cells", [
    USUAL, of({7: "4000"}), of(dict.fromkeys(range(9, 14), "8888888")), ["0.5", *["0"] * 40, *["9"] * 1, *["0"] * 18],
    [str(2.0**n) for n in range(60)],
], ids=["usual", "a peak", "five", "mostly zero", "growth"])  # fmt: skip
def test_other_values_are_not_called_far(cells):
    assert "far-values" not in said(read(cells))


@pytest.mark.parametrize("newest_first", [False, True])
def test_a_series_whose_last_third_is_one_value_may_have_stopped(newest_first):
    cells = [*USUAL[:40], *["412.5"] * 20]
    text = "day,takings\n" + "".join(
        f"{day},{cell}\n" for day, cell in list(zip(DAYS, cells, strict=True))[:: -1 if newest_first else 1]
    )
    assert said(clean(parse_table(text)))["constant-end"].startswith("the last 20 values of 'takings' are all 412.5")
    assert "constant-end" not in said(read([*USUAL[:41], *["412.5"] * 19]))
    assert "constant-end" not in said(read([*["412.5"] * 20, *USUAL[:40]]))


GERMAN = [f"{n % 3 + 1}.{400 + 17 * n % 90},{n % 100:02d}" for n in range(60)]
AMERICAN = [cell.translate(str.maketrans(".,", ",.")) for cell in GERMAN]


def test_three_decimals_among_two_may_be_thousands():
    text = said(read(of({11: "1,925"}, GERMAN), ";"))["odd-decimals"]
    assert text.startswith("line 13: '1,925' in column 'takings' has 3 decimals, all others 2")
    assert "decimal commas" in text
    quoted = of({11: '"1.925"'}, [f'"{cell}"' for cell in AMERICAN])
    assert "'1.925' in column 'takings'" in said(read(quoted))["odd-decimals"]
    trained = read(GERMAN, ";").reading
    rows = "".join(f"{day};{cell}\n" for day, cell in zip(DAYS, of({11: "1,925 €"}, GERMAN), strict=True))
    later = from_table(parse_table(f"day;takings\n{rows}"), ("takings",), {}, trained, "")
    assert "'1,925 €'" in said(later)["odd-decimals"]


@pytest.mark.parametrize("cells", [
    GERMAN, of({11: "0,925"}, GERMAN), of({11: "1.200,925"}, GERMAN), [f"{cell}5" for cell in GERMAN],
    of({11: "1925"}, GERMAN), of({11: "1,9"}, GERMAN),
])  # fmt: skip
def test_other_decimals_are_not_odd(cells):
    assert "odd-decimals" not in said(read(cells, ";"))


@pytest.mark.parametrize(
    ("cells", "warned"),
    [
        (["112", *["97,"] * 40, "98,6", "97,4"], True),
        (["112,", *["97,"] * 40, "98,6", "97,6"], False),
        (["112,", *["97,"] * 40, "98.5,6", "97,4"], False),
        (["112,late", *["97,"] * 40, "98,6", "97,4"], False),
        (["112,", *["97,3", "95,4"] * 20], False),
    ],
    ids=["decimals", "a flag", "decimal points", "notes", "a column of its own"],
)
def test_digits_behind_whole_numbers_in_a_column_that_is_empty_elsewhere_may_be_decimals(cells, warned):
    rows = "".join(f"{day},{cell}\n" for day, cell in zip(DAYS, cells, strict=False))
    found = clean(parse_table("day,takings,note\n" + rows), columns=("takings",))
    text = said(found).get("split-decimals", "")
    assert ("'98' in column 'takings' is followed by '6' in 'note', which is empty but for 2 rows" in text) == warned
    assert found.values[0, 0] == 112


@pytest.mark.parametrize(("name", "warned"), [("campaign_id", False), ("Bemerkung", True), ("", True)])
def test_long_figures_in_a_column_with_a_name_of_its_own_are_no_decimals(name, warned):
    cells = [f"{90 + n % 9},{1000 + n if n % 10 < 2 else ''}" for n in range(60)]
    rows = "".join(f"{day},{cell}\n" for day, cell in zip(DAYS, cells, strict=True))
    assert ("split-decimals" in said(clean(parse_table(f"day,guests,{name}\n{rows}"), columns=("guests",)))) == warned


@pytest.mark.parametrize("name", ["snow", "incidents", "y2"])
def test_rare_numbers_of_a_column_with_a_name_of_its_own_are_no_decimals(name):
    cells = [f"{90 + n % 9},{1 + n % 8 if n % 10 < 2 else ''}" for n in range(60)]
    rows = "".join(f"{day},{cell}\n" for day, cell in zip(DAYS, cells, strict=True))
    assert "split-decimals" not in said(clean(parse_table(f"day,temp,{name}\n{rows}"), columns=("temp",)))
