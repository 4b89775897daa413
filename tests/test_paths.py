"""A file is written whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from seqtool.errors import SeqtoolError
from seqtool.paths import replacing, write_bytes, write_text


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_and_its_folders_appear_and_nothing_else(tmp_path):
    write_text(tmp_path / "a" / "b" / "note.txt", "Grüße\n")
    assert (tmp_path / "a" / "b" / "note.txt").read_bytes() == "Grüße\n".encode()
    assert names(tmp_path / "a" / "b") == ["note.txt"]
    write_bytes(tmp_path / "a" / "b" / "note.txt", b"new")
    assert (tmp_path / "a" / "b" / "note.txt").read_bytes() == b"new"


def begin(path, stop):
    """Write half, then fail."""
    with replacing(path) as temporary:
        temporary.write_bytes(b"half")
        assert temporary.parent == path.parent  # the same disk: a rename, never a copy
        assert temporary.suffix == path.suffix
        raise stop


@pytest.mark.parametrize("stop", [RuntimeError("a fault"), KeyboardInterrupt(), SystemExit(1)])
def test_what_fails_half_way_leaves_the_old_file_and_no_temporary(tmp_path, stop):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"old")
    with pytest.raises(type(stop)):
        begin(path, stop)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["model.onnx"]


def test_readers_see_the_old_file_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "scores.json"
    path.write_text("old")
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def full_disk(*args, **kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_full_disk_is_said_with_a_cure_and_the_old_file_stays(tmp_path, monkeypatch, call):
    """Refused while the bytes are written, when they are flushed, or at the rename."""
    path = tmp_path / "scores.json"
    path.write_bytes(b"old")
    owner, name = {"write": (Path, "write_bytes"), "fsync": (os, "fsync"), "replace": (Path, "replace")}[call]
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, full_disk)
        with pytest.raises(SeqtoolError, match="cannot write: No space left on device") as caught:
            write_bytes(path, b"new")
    assert caught.value.exit_code == 1
    assert caught.value.where == str(path)
    assert "free space" in caught.value.cure
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["scores.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_the_kernels_own_full_disk(tmp_path, monkeypatch):
    write = Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", lambda path, data: write(Path("/dev/full"), data))
    with pytest.raises(SeqtoolError, match="No space left"):
        write_bytes(tmp_path / "x", b"half")
    assert names(tmp_path) == []


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(SeqtoolError, match="cannot write"):
        write_text(tmp_path / "file" / "x.json", "{}")
    (tmp_path / "folder").mkdir()
    with pytest.raises(SeqtoolError, match="cannot write"):
        write_text(tmp_path / "folder", "{}")
    assert names(tmp_path) == ["file", "folder"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no umask")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_permissions_are_those_of_any_new_file(tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        write_text(tmp_path / "x", "1")
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == mode
