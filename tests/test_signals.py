"""Pipes and signals: what a shell sees when a command is cut short."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

SEQTOOL = [sys.executable, "-P", "-m", "seqtool"]

SPEAKER = """
import os, sys, time
from seqtool.hookspecs import hookimpl
from seqtool.say import emit, note
@hookimpl
def register_commands(app):
    @app.command()
    def flood():
        for number in range(10_000_000):
            emit(f"line {number}")
    @app.command()
    def sleep():
        try:
            note("asleep")
            time.sleep(60)
        finally:
            note("tidied")
    @app.command()
    def little():
        emit("a line")
    @app.command()
    def broken():
        raise BrokenPipeError(32, "Broken pipe")
"""


@pytest.fixture
def speaker(install):
    install("speaker", "1.0", {"speaker_module": SPEAKER}, extensions={"speaker": "speaker_module"})


def start(*args: str, **settings) -> subprocess.Popen:
    return subprocess.Popen([*SEQTOOL, *args], stderr=subprocess.PIPE, **settings)


def test_a_reader_that_leaves_ends_it_quietly(speaker, tmp_path):
    with start("flood", stdout=subprocess.PIPE, cwd=tmp_path) as writer:
        assert writer.stdout.readline() == b"line 0\n"
        writer.stdout.close()
        assert writer.stderr.read() == b""
    assert writer.returncode == -signal.SIGPIPE


def test_head_of_a_listing_is_silent(tmp_path):
    shown = subprocess.run(
        ["bash", "-c", '"$@" tasks | head -1; echo "${PIPESTATUS[0]}" >&2', "bash", *SEQTOOL],
        capture_output=True, text=True, timeout=30, cwd=tmp_path,
    )  # fmt: skip
    assert len(shown.stdout.splitlines()) == 1
    assert shown.stderr.strip() in ("0", "141")  # small enough to be written before head leaves


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_by_that_signal_without_a_traceback(speaker, tmp_path, number):
    with start("sleep", cwd=tmp_path) as sleeper:
        assert sleeper.stderr.readline() == b"asleep\n"
        sleeper.send_signal(number)
        rest = sleeper.stderr.read()
    assert sleeper.returncode == -number
    assert rest == (b"tidied\n" if number == signal.SIGINT else b"")


def test_nohup_is_respected(speaker, tmp_path):
    sleeper = start("sleep", cwd=tmp_path, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert sleeper.stderr.readline() == b"asleep\n"
    sleeper.send_signal(signal.SIGHUP)
    time.sleep(0.1)
    assert sleeper.poll() is None
    sleeper.kill()
    sleeper.communicate()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("command", ["flood", "little"])
def test_a_full_disk_is_one_line_and_exit_1(speaker, tmp_path, command):
    with Path("/dev/full").open("w") as full:
        writer = start(command, stdout=full, cwd=tmp_path)
        _, said = writer.communicate(timeout=30)
    assert (writer.returncode, said) == (1, b"error: No space left on device\n  where: stdout\n")


@pytest.mark.parametrize("command", [["little"], ["--help"]])
def test_a_closed_stdout_is_an_error_not_a_crash(speaker, tmp_path, command):
    closed = start(*command, cwd=tmp_path, preexec_fn=lambda: os.close(1))
    _, said = closed.communicate(timeout=30)
    assert closed.returncode == 1
    assert said.startswith(b"error: Bad file descriptor\n")


def test_closed_stdin_and_stderr_are_no_matter(speaker, tmp_path):
    quiet = subprocess.run(
        [*SEQTOOL, "little"], stdout=subprocess.PIPE, timeout=30, cwd=tmp_path, check=True,
        preexec_fn=lambda: (os.close(0), os.close(2)),
    )  # fmt: skip
    assert quiet.stdout == b"a line\n"


def test_a_pipe_broken_elsewhere_ends_as_sigpipe_does(speaker, seqtool_cmd):
    assert seqtool_cmd("broken").returncode == -signal.SIGPIPE


def test_output_is_utf8_and_lf_in_the_c_locale(install, seqtool_cmd):
    source = SPEAKER.replace('emit("a line")', 'emit("Grüße 🌊"); note("Wärme")')
    install("speaker", "1.0", {"speaker_module": source}, extensions={"speaker": "speaker_module"})
    shown = seqtool_cmd("little", env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, text=False)
    assert shown.stdout == "Grüße 🌊\n".encode()
    assert shown.stderr == "Wärme\n".encode()
