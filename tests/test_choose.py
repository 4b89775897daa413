"""Which data a command works on, and finding it again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import pytest

from seqtool.data import sources
from seqtool.errors import DataError, NotFound, UsageError
from seqtool.families.choose import choose, fingerprint, recall, remember, sample_of, unfolded
from seqtool.families.family import config_of
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.reads import DataFile
from seqtool.task import Source, SourceFile, Task
from seqtool.testing import check_sample

PRICES = b"date,close\n2024-01-01,1\n2024-01-02,2\n"
SAMPLE = b"date,close\n2024-01-01,3\n"


def a_source(name, data=PRICES):
    file = SourceFile(f"{name}/prices.csv", hashlib.sha256(data).hexdigest(), len(data), label="USD")
    return Source(name, "a toy", "https://example.org", "none", (file,))


SOURCES = (a_source("first"), a_source("second"))
TOY = Task("toy", "a toy", family="forecasting", sample=lambda: SAMPLE, sources=SOURCES)
CONFIG = ForecastingConfig()


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A folder that serves both sources."""
    folder = tmp_path / "mirror"
    for name in ("first", "second"):
        (folder / name).mkdir(parents=True)
        (folder / name / "prices.csv").write_bytes(PRICES)
    monkeypatch.setenv("SEQTOOL_MIRROR", str(folder))
    return folder


@pytest.fixture
def mine(tmp_path):
    """The user's own file."""
    path = tmp_path / "secret-folder" / "mine.csv"
    path.parent.mkdir()
    path.write_bytes(PRICES)
    return path


def test_the_users_files_come_before_everything(mirror, mine):
    config = ForecastingConfig(source="second")
    data = choose(TOY, config, [DataFile(mine, "USD")])
    assert data.files == (DataFile(mine, "USD"),)
    assert (data.source, data.sample, data.name) == ("", False, "mine.csv")


def test_a_named_source_comes_before_the_tasks_own_and_the_sample_before_both(mirror):
    named = choose(TOY, ForecastingConfig(source="second"))
    assert (named.source, named.sample, named.name) == ("second", False, "second")
    assert named.files[0].path.read_bytes() == PRICES
    assert named.files[0].label == "USD"
    assert choose(TOY, CONFIG).source == "first"
    assert choose(TOY, ForecastingConfig(source="second"), sample=True).sample


def test_files_and_sample_together_are_refused(mine):
    with pytest.raises(UsageError, match="two data sets"):
        choose(TOY, CONFIG, [DataFile(mine)], sample=True)


def test_an_unknown_source_gets_a_hint():
    with pytest.raises(UsageError, match="toy has no source 'secnd'") as caught:
        choose(TOY, ForecastingConfig(source="secnd"))
    assert caught.value.cure == "did you mean 'second'?"


def test_with_nothing_named_and_no_network_the_sample_stands_in_and_says_so():
    data = choose(TOY, CONFIG)
    assert data.sample
    assert data.name == "built-in sample (simulated)"
    assert data.files[0].path.read_bytes() == SAMPLE


def test_a_source_that_was_asked_for_by_name_is_never_replaced_by_the_sample():
    with pytest.raises(NotFound):
        choose(TOY, ForecastingConfig(source="first"))


def test_the_wrong_file_is_an_error_never_the_sample(mirror):
    (mirror / "first" / "prices.csv").write_bytes(PRICES + b"more")
    with pytest.raises(DataError):
        choose(TOY, CONFIG)


def test_the_sample_is_written_once_and_mended_when_spoilt():
    first = sample_of(TOY).files[0].path
    assert first.is_relative_to(sources.cache_folder())
    before = first.stat()
    assert sample_of(TOY).files[0].path == first
    assert (first.stat().st_ino, first.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    first.write_bytes(b"spoilt")
    assert sample_of(TOY).files[0].path.read_bytes() == SAMPLE


def test_the_fingerprint_names_the_data_without_its_place(mine):
    data = choose(TOY, CONFIG, [DataFile(mine, "USD")])
    found = fingerprint(data)
    digest = hashlib.sha256(PRICES).hexdigest()
    assert found == {
        "source": "",
        "sample": False,
        "name": "mine.csv",
        "files": [{"name": "mine.csv", "label": "USD", "sha256": digest}],
    }
    assert "secret-folder" not in json.dumps(found)
    assert remember(data) == {**found, "paths": [str(mine.resolve())]}


def test_the_sides_of_pairs_are_kept(mine, tmp_path):
    other = tmp_path / "other.csv"
    other.write_bytes(PRICES)
    data = choose(TOY, CONFIG, [DataFile(mine.resolve(), "train", side="source"), DataFile(other, side="target")])
    assert [file.get("side") for file in fingerprint(data)["files"]] == ["source", "target"]
    assert recall(TOY, remembered(data)) == data


def remembered(data):
    """What run.json brings back."""
    return json.loads(json.dumps(remember(data)))


def test_a_run_finds_its_data_again_from_any_folder(mirror, mine, monkeypatch, tmp_path):
    monkeypatch.chdir(mine.parent)
    own = remembered(choose(TOY, CONFIG, [DataFile(Path("mine.csv"), "USD")]))
    monkeypatch.chdir(tmp_path)
    assert recall(TOY, own).files == (DataFile(mine.resolve(), "USD"),)
    for data in (choose(TOY, CONFIG), choose(TOY, CONFIG, sample=True)):
        assert recall(TOY, remembered(data)) == data


def test_counted_stamps_come_from_the_source_again(mirror, monkeypatch):
    """They stand in no run and no fingerprint: the source that is named there gives them."""
    file = dataclasses.replace(TOY.sources[0].files[0], start="2000-06-05", step=1800)
    toy = dataclasses.replace(TOY, sources=(dataclasses.replace(TOY.sources[0], files=(file,)),))
    data = choose(toy, CONFIG)
    assert (data.files[0].start, data.files[0].step) == ("2000-06-05", 1800)
    assert set(fingerprint(data)["files"][0]) == {"name", "label", "sha256"}
    assert recall(toy, remembered(data)) == data


def test_data_that_has_changed_is_an_error_that_names_it(mine):
    own = remembered(choose(TOY, CONFIG, [DataFile(mine)]))
    mine.write_bytes(PRICES + b"2024-01-03,3\n")
    with pytest.raises(DataError, match="changed since the training") as caught:
        recall(TOY, own)
    assert caught.value.where == str(mine.resolve())


def test_data_that_is_gone_is_not_found(mine, mirror):
    own = remembered(choose(TOY, CONFIG, [DataFile(mine)]))
    named = remembered(choose(TOY, CONFIG))
    mine.unlink()
    with pytest.raises(NotFound, match="no such data file") as caught:
        recall(TOY, own)
    assert (caught.value.exit_code, caught.value.where) == (3, str(mine.resolve()))
    (mirror / "first" / "prices.csv").unlink()
    assert recall(TOY, named).source == "first"  # out of the cache
    (sources.cache_folder() / "first" / "prices.csv").unlink()
    with pytest.raises(NotFound):
        recall(TOY, named)


def test_a_folder_where_a_file_was_is_said(mine):
    own = remembered(choose(TOY, CONFIG, [DataFile(mine)]))
    mine.unlink()
    mine.mkdir()
    with pytest.raises(DataError, match="the data has changed since the training"):
        recall(TOY, own)


def test_a_newer_task_with_another_sample_or_another_list_of_files_is_changed_data(mirror):
    sample, named = remembered(choose(TOY, CONFIG, sample=True)), remembered(choose(TOY, CONFIG))
    second = dataclasses.replace(TOY.sources[0], files=TOY.sources[0].files + TOY.sources[1].files)
    newer = dataclasses.replace(TOY, sample=lambda: SAMPLE + b"2024-01-02,4\n", sources=(second,))
    for old in (sample, named):
        with pytest.raises(DataError, match="changed since the training"):
            recall(newer, old)


def test_a_task_without_data_of_its_own_asks_for_some():
    plain = Task("plain", "a toy", family="forecasting")
    with pytest.raises(UsageError, match="has no data of its own") as refused:
        choose(plain, CONFIG)
    assert "--data FILE" in refused.value.cure
    assert choose(plain, CONFIG, sample=True).sample


def test_the_familys_sample_is_not_given_to_a_reader_of_another_format():
    own = Task("own", "a toy", family="tagging", read=lambda path: pytest.fail("read"))
    with pytest.raises(UsageError, match="no built-in sample"):
        choose(own, config_of(own)(), sample=True)
    with pytest.raises(AssertionError, match="no sample in its format"):
        check_sample(own)


def test_the_folders_of_a_folder_are_read_in_natural_order_without_hidden_ones(tmp_path):
    for name in ("10/a.md", "9/b.md", "9/a 10.md", "9/a 9.md", "Top.md", ".trash/old.md", "9/.hidden.md", "pic/x.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("a text")
    files = unfolded([DataFile(tmp_path)], "*.txt *.md")
    names = [str(file.path.relative_to(tmp_path)) for file in files]
    assert names == ["9/a 9.md", "9/a 10.md", "9/b.md", "10/a.md", "Top.md"]


def test_names_in_capitals_are_files_of_a_folder_too(tmp_path):
    for name in ("A.TXT", "b.txt", "C.Md", "d.csv"):
        (tmp_path / name).write_text("a")
    assert [file.path.name for file in unfolded([DataFile(tmp_path)], "*.txt *.md")] == ["A.TXT", "C.Md", "b.txt"]
