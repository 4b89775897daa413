"""`evaluate` of a file whose columns are called otherwise than those of the training, in each family of records."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

MOODS = ("calm", "wild")
SMALL = ("--hidden", "4", "--embedding", "4", "--max-steps", "2")


def table(text: str, label: str, count: int = 60) -> str:
    """Return a table of which a third column may be the label as well."""
    rows = [f"{n % 3},the sea number {n} was {MOODS[n % 2]} today,{MOODS[n % 2]}\n" for n in range(count)]
    return f"rank,{text},{label}\n" + "".join(rows)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def trained(cli, *args):
    done = cli("train", *args, "--out", "run")
    assert done.returncode == 0, done.stderr
    assert cli("export", "run").returncode == 0


def test_columns_of_texts_and_labels(cli, here):
    Path("old.csv").write_text(table("Message", "Mood"))
    Path("new.csv").write_text(table("Words", "State"))
    given = ("--text-column", "Message", "--label-column", "Mood")
    trained(cli, "classify", "--data", "old.csv", *given, *SMALL)
    refused = cli("evaluate", "run", "--data", "new.csv")
    assert refused.returncode == 2
    assert "there is no column 'Message'" in refused.stderr
    assert "the columns are rank, Words, State; --text-column" in refused.stderr
    again = cli("evaluate", "run", "--data", "new.csv", "--text-column", "Words", "--label-column", "State", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["texts"] == 60


def test_columns_of_words_and_tags(cli, here):
    def sentences(word: str, tag: str) -> str:
        rows = "".join(f"{n // 4},w{n * n * n % 13},{'XY'[n % 2]},{'pq'[n % 2]}\n" for n in range(160))
        return f"sentence,{word},{tag},other\n{rows}"

    Path("old.csv").write_text(sentences("w", "t"))
    Path("new.csv").write_text(sentences("form", "kind"))
    columns = ("--word-column", "w", "--tag-column", "t", "--sentence-column", "sentence")
    trained(cli, "tag", "--data", "old.csv", *columns, "--characters", "0", *SMALL)
    refused = cli("evaluate", "run", "--data", "new.csv")
    assert (refused.returncode, "--word-column" in refused.stderr) == (2, True)
    again = cli("evaluate", "run", "--data", "new.csv", "--word-column", "form", "--tag-column", "kind", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["words"] == 160


def test_an_option_of_another_family_or_without_data_is_refused(cli, here):
    Path("old.csv").write_text(table("Message", "Mood"))
    trained(cli, "classify", "--data", "old.csv", *SMALL, "--text-column", "Message", "--label-column", "Mood")
    refused = cli("evaluate", "run", "--data", "old.csv", "--word-column", "w")
    assert refused.returncode == 2
    assert "--word-column is not for the data of classification models" in refused.stderr
    assert "give --text-column, --label-column" in refused.stderr
    refused = cli("evaluate", "run", "--text-column", "w")
    assert (refused.returncode, "add --data FILE" in refused.stderr) == (2, True)


def test_a_forecaster_has_none(cli, project):
    refused = cli("evaluate", "--backtest", "--data", "a.csv", "--text-column", "w")
    assert refused.returncode == 2
    assert "--text-column is not for the data of forecasting models" in refused.stderr
