"""Data sets come whole and checked, from a folder, a server or the cache, or not at all."""

from __future__ import annotations

import base64
import contextlib
import functools
import gzip
import hashlib
import http.server
import logging
import threading
import time
from pathlib import Path

import pytest

from seqtool.data import sources
from seqtool.errors import DataError, NotFound
from seqtool.task import Source, SourceFile

DATA = b"date,y\n2024-01-01,1\n2024-01-02,2\n"
CLOSED = "http://127.0.0.1:9/prices.csv"  # nothing listens there


def a_source(data: bytes = DATA, name: str = "toy/prices.csv", url: str = "") -> Source:
    file = SourceFile(name, hashlib.sha256(data).hexdigest(), len(data), url, label="USD")
    return Source("toy", "a toy", "https://example.org/toy", "none", (file,))


@pytest.fixture
def mirror(tmp_path, monkeypatch) -> Path:
    """A folder that serves as mirror."""
    folder = tmp_path / "mirror"
    (folder / "toy").mkdir(parents=True)
    monkeypatch.setenv("SEQTOOL_MIRROR", str(folder))
    return folder


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        self.server.asked.append(args[1])


@contextlib.contextmanager
def serving(folder: Path, handler: type = Quiet):
    """Serve a folder on this machine; yield its address and the list of requests."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=folder)) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", server.asked
        finally:
            server.shutdown()
            thread.join()


def in_cache() -> list[str]:
    """Every file in the cache, temporary ones too."""
    return sorted(path.name for path in sources.cache_folder().rglob("*") if path.is_file())


@pytest.mark.parametrize("zipped", [False, True])
def test_a_folder_mirror_serves_plain_or_gzip(mirror, zipped):
    path = mirror / "toy" / ("prices.csv.gz" if zipped else "prices.csv")
    path.write_bytes(gzip.compress(DATA) if zipped else DATA)
    source = a_source(name="toy/prices.csv.gz")
    assert not sources.cached(source)
    (file,) = sources.fetch(source, offline=True)  # a folder is no network
    assert file.path == sources.cache_folder() / "toy" / "prices.csv"
    assert (file.path.read_bytes(), file.label) == (DATA, "USD")
    assert sources.cached(source)
    path.unlink()
    assert sources.fetch(source, offline=True) == sources.verify(source) == (file,)
    assert in_cache() == ["prices.csv"]


@pytest.mark.parametrize("zipped", [False, True])
def test_a_mirror_at_an_address(tmp_path, monkeypatch, zipped):
    folder = tmp_path / "a b"
    folder.mkdir()
    (folder / ("prices.csv.gz" if zipped else "prices.csv")).write_bytes(gzip.compress(DATA) if zipped else DATA)
    with serving(tmp_path) as (address, asked):
        monkeypatch.setenv("SEQTOOL_MIRROR", address + "/")
        (file,) = sources.fetch(a_source(name="a b/prices.csv", url=CLOSED))
        assert file.path.read_bytes() == DATA
        count = len(asked)
        sources.fetch(a_source(name="a b/prices.csv"))
        assert len(asked) == count  # the second time nobody is asked


def test_the_own_address_after_a_mirror_that_lacks_the_file(mirror, tmp_path):
    (tmp_path / "raw").write_bytes(gzip.compress(DATA))
    with serving(tmp_path) as (address, _):
        (file,) = sources.fetch(a_source(url=address + "/raw"))
    assert file.path.read_bytes() == DATA


def test_a_wrong_sum_names_both_and_leaves_nothing(mirror):
    (mirror / "toy" / "prices.csv").write_bytes(DATA.replace(b"1\n", b"9\n"))
    wrong = hashlib.sha256(DATA.replace(b"1\n", b"9\n")).hexdigest()
    with pytest.raises(DataError) as caught:
        sources.fetch(a_source())
    assert wrong in str(caught.value)
    assert hashlib.sha256(DATA).hexdigest() in str(caught.value)
    assert in_cache() == []


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        (DATA[:-1], "expected"),
        (gzip.compress(DATA)[:-9], "damaged"),
        (gzip.compress(DATA)[:12] + b"\xff" * 20, "damaged"),
        (DATA + b"more", "longer than the"),
        (gzip.compress(bytes(10_000_000)), "longer than the"),
        (b"", "expected"),
    ],
    ids=["short", "cut gzip", "broken gzip", "long", "gzip bomb", "empty"],
)
def test_what_is_not_the_file_is_refused(mirror, stored, words):
    (mirror / "toy" / "prices.csv.gz").write_bytes(stored)
    with pytest.raises(DataError, match=words) as caught:
        sources.fetch(a_source())
    assert caught.value.cure
    assert in_cache() == []


def test_a_gzip_bomb_is_never_inflated(mirror, monkeypatch):
    (mirror / "toy" / "prices.csv.gz").write_bytes(gzip.compress(bytes(10_000_000)))
    read: list[int] = []
    plain_read = gzip.GzipFile.read

    def counting(self, size=-1):
        block = plain_read(self, size)
        read.append(len(block))
        return block

    monkeypatch.setattr(gzip.GzipFile, "read", counting)
    with pytest.raises(DataError, match="longer"):
        sources.fetch(a_source())
    assert sum(read) == len(DATA) + 1


class Endless(Quiet):
    """Sends without end, and without saying how much."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            while True:
                self.wfile.write(bytes(1 << 16))


class Cut(Quiet):
    """Promises more than it sends."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(DATA)))
        self.end_headers()
        self.wfile.write(DATA[:10])


class Dripping(Quiet):
    """Sends a byte of the body every now and then."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.drip(DATA)

    def drip(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            for byte in data:
                self.wfile.write(bytes([byte]))
                time.sleep(0.05)


class DrippingHead(Dripping):
    """Sends a byte of the headers every now and then."""

    def do_GET(self) -> None:
        self.drip(b"HTTP/1.0 200 OK\r\n" + b"X-Header: more\r\n" * 5 + b"\r\n" + DATA)


class Silent(Quiet):
    """Takes a connection and says nothing."""

    def do_GET(self) -> None:
        time.sleep(1)


@pytest.mark.parametrize(
    ("handler", "words"), [(Dripping, "too slow"), (DrippingHead, "no answer in time"), (Silent, "no answer in time")]
)
def test_a_server_that_drips_is_left(tmp_path, handler, words):
    with serving(tmp_path, handler) as (address, _):
        begun = time.monotonic()
        with pytest.raises(NotFound, match=words):
            sources.fetch(a_source(url=address + "/prices.csv"), timeout=0.3)
        assert time.monotonic() - begun < 1
    assert in_cache() == []


class Locked(Quiet):
    """Answers who knows the name and the password, and says who came."""

    def do_GET(self) -> None:
        given = self.headers["Authorization"] or ""
        if given == "Basic " + base64.b64encode(b"ann:p@ss/1").decode():
            super().do_GET()
        else:
            self.send_error(401)


def test_a_password_opens_a_mirror_and_is_never_shown(tmp_path, monkeypatch):
    (tmp_path / "prices.csv").write_bytes(DATA)
    with serving(tmp_path, Locked) as (address, _):
        inside = address.replace("//", "//ann:p%40ss%2F1@")
        assert sources.fetch(a_source(url=inside + "/prices.csv"))[0].path.read_bytes() == DATA
        (tmp_path / "prices.csv").write_bytes(DATA[:-1] + b"9")
        for place in (inside, inside.replace("ss", "no"), inside.replace("%2F", "/"), inside.replace("%40", "@")):
            monkeypatch.setenv("SEQTOOL_MIRROR", place)
            for name, offline in (("prices.csv", False), ("none.csv", False), ("prices.csv", True)):
                with pytest.raises((NotFound, DataError)) as caught:
                    sources.fetch(a_source(DATA + b"more", name, place + "/prices.csv"), offline=offline)
                assert "127.0.0.1" in str(caught.value)
                assert not {"ann", "ss"} & set(str(caught.value).replace("@", ":").replace("/", ":").split(":"))


def test_a_redirect_takes_no_password_along(tmp_path):
    class Elsewhere(Quiet):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", to + "/prices.csv")
            self.end_headers()

    class Open(Quiet):
        def do_GET(self) -> None:
            assert self.headers["Authorization"] is None
            super().do_GET()

    (tmp_path / "prices.csv").write_bytes(DATA)
    with serving(tmp_path, Open) as (to, _), serving(tmp_path, Elsewhere) as (address, _):
        (file,) = sources.fetch(a_source(url=address.replace("//", "//ann:secret@")))
    assert file.path.read_bytes() == DATA


@pytest.mark.parametrize("address", ["http://", "http://[::1", "http://a:b/", "ftp://127.0.0.1:9/x", "/etc/hosts"])
def test_what_is_no_address_is_said_in_words(address):
    with pytest.raises(NotFound, match=r"no (http address|connection)"):
        sources.fetch(a_source(url=address), timeout=2)


def test_an_address_may_have_blanks_and_accents(tmp_path, monkeypatch):
    (tmp_path / "dé jà").mkdir()
    (tmp_path / "dé jà" / "prices.csv").write_bytes(DATA)
    with serving(tmp_path) as (address, _):
        monkeypatch.setenv("SEQTOOL_MIRROR", address)
        (file,) = sources.fetch(a_source(name="dé jà/prices.csv"))
        file.path.unlink()
        assert sources.fetch(a_source(url=address + "/dé jà/prices.csv"))[0].path.read_bytes() == DATA


def test_a_server_that_never_stops_is_left(tmp_path):
    with serving(tmp_path, Endless) as (address, _), pytest.raises(DataError, match="longer than declared"):
        sources.fetch(a_source(url=address + "/prices.csv"))
    assert in_cache() == []


def test_a_connection_cut_short_is_no_file(tmp_path):
    with serving(tmp_path, Cut) as (address, _), pytest.raises(NotFound, match="cut short"):
        sources.fetch(a_source(url=address + "/prices.csv"))
    assert in_cache() == []


def test_no_network_is_said_with_the_cure_and_nothing_else(caplog, capfd, monkeypatch):
    caplog.set_level(logging.INFO)
    monkeypatch.setenv("SEQTOOL_MIRROR", "http://127.0.0.1:9/data")
    with pytest.raises(NotFound) as caught:
        sources.fetch(a_source(url=CLOSED), timeout=2)
    assert caught.value.exit_code == 3
    assert f"{CLOSED} (no connection)" in caught.value.where
    assert "SEQTOOL_MIRROR" in caught.value.cure
    assert "--data FILE" in caught.value.cure
    assert caplog.records == []
    assert capfd.readouterr() == ("", "")


def test_a_missing_page_is_told_from_a_missing_network(tmp_path):
    with serving(tmp_path) as (address, asked):
        with pytest.raises(NotFound, match="HTTP 404"):
            sources.fetch(a_source(url=address + "/nowhere"))
        count = len(asked)
        with pytest.raises(NotFound, match="offline"):
            sources.fetch(a_source(url=address + "/nowhere"), offline=True)
        assert len(asked) == count


def test_without_an_address_the_user_is_told_what_to_do_and_it_works(tmp_path):
    source = a_source()
    with pytest.raises(NotFound) as caught:
        sources.fetch(source)
    place = sources.cache_folder() / "toy" / "prices.csv"
    assert caught.value.where == source.home
    assert str(place) in caught.value.cure
    place.parent.mkdir(parents=True)
    place.write_bytes(DATA)
    assert sources.fetch(source)[0].path == place


def test_verify_finds_what_has_changed_or_gone(mirror):
    (mirror / "toy" / "prices.csv").write_bytes(DATA)
    source = a_source()
    with pytest.raises(NotFound, match="not in the cache"):
        sources.verify(source)
    (file,) = sources.fetch(source)
    file.path.write_bytes(DATA.replace(b"1\n", b"9\n"))  # the same size
    with pytest.raises(DataError, match="not the file it should be"):
        sources.verify(source)


def test_a_file_cut_in_the_cache_is_fetched_again(mirror):
    (mirror / "toy" / "prices.csv").write_bytes(DATA)
    (file,) = sources.fetch(a_source())
    file.path.write_bytes(DATA[:5])
    assert not sources.cached(a_source())
    assert sources.fetch(a_source())[0].path.read_bytes() == DATA


@pytest.mark.parametrize(
    "name", ["../prices.csv", "toy/../../prices.csv", "/tmp/prices.csv", "c:\\prices.csv", "", "a\0b", "a//b", "./b"]
)
def test_no_name_leaves_the_cache(name):
    with pytest.raises(ValueError, match=r"SourceFile\.name"):
        a_source(name=name, url=CLOSED)


def test_a_full_or_read_only_cache_is_said_in_words(mirror, tmp_path, monkeypatch):
    (mirror / "toy" / "prices.csv").write_bytes(DATA)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SEQTOOL_CACHE", str(tmp_path / "file"))
    with pytest.raises(Exception, match="cannot write") as caught:
        sources.fetch(a_source())
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    ("platform", "settings", "expected"),
    [
        ("linux", {}, "/home/ann/.cache/seqtool"),
        ("linux", {"XDG_CACHE_HOME": "/fast"}, "/fast/seqtool"),
        ("linux", {"XDG_CACHE_HOME": "fast"}, "/home/ann/.cache/seqtool"),
        ("darwin", {}, "/home/ann/Library/Caches/seqtool"),
        ("darwin", {"XDG_CACHE_HOME": "/fast"}, "/fast/seqtool"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/seqtool/seqtool/Cache"),
        ("win32", {}, "/home/ann/AppData/Local/seqtool/seqtool/Cache"),
        ("win32", {"SEQTOOL_CACHE": "mine"}, "mine"),
    ],
)
def test_the_cache_has_the_usual_place(monkeypatch, platform, settings, expected):
    for name in ("SEQTOOL_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/ann", **settings}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sources.sys, "platform", platform)
    assert sources.cache_folder() == Path(expected)
