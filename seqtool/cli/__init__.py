"""The command line. `main` is the one boundary where errors become messages and exit codes."""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from seqtool.errors import SeqtoolError, allowed_memory, reason
from seqtool.interrupt import listen
from seqtool.say import note, one_line, use_utf8

if TYPE_CHECKING:
    from typer import TyperException

SELDOM = 100_000  # new objects between two garbage collections: imports alone reach the default, 700, hundreds of times
_SIGNALS = ("SIGHUP", "SIGINT", "SIGPIPE", "SIGTERM")
_MODES = {"stdin": (os.O_RDONLY, "r"), "stdout": (os.O_RDONLY, "w"), "stderr": (os.O_WRONLY, "w")}


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    args = sys.argv[1:]
    gc.set_threshold(SELDOM)
    listen()
    _occupy_closed_streams()
    use_utf8()
    # SIGPIPE ends a command quietly, as under `| head`. A training outlives the reader of its messages.
    if hasattr(signal, "SIGPIPE") and args[:1] != ["train"]:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    _leave(run(args))


def run(args: Sequence[str]) -> int:
    """Run one command line and return its exit code; every error is shown on stderr."""
    try:
        return _invoke(args)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BaseException as error:  # a plugin may raise anything; nobody wants an unasked traceback
        if os.environ.get("SEQTOOL_DEBUG") == "1":
            import traceback

            traceback.print_exc()
        note(f"error: {_message(error)}")
        return error.exit_code if isinstance(error, SeqtoolError) else 1


def _invoke(args: Sequence[str]) -> int:
    """Hand the arguments to Typer; return the code of an exit or of a usage error that it has shown."""
    from typer import Abort, TyperException

    from seqtool.cli.root import COMPLETING, PROGRAM, root

    try:
        # Not standalone: there Typer would show errors in its own form and end the process.
        result = root(args).main(list(args), prog_name=PROGRAM, complete_var=COMPLETING, standalone_mode=False)
    except TyperException as error:
        note(_usage(error))
        return error.exit_code
    except Abort:
        return 1
    except SystemExit as exit:
        return _exit_code(exit)
    return result if type(result) is int else 0  # a plugin's command may return anything; True is not a code


def _usage(error: TyperException) -> str:
    """Return a usage error in our form; where nothing was given, its message is the help."""
    context, text = getattr(error, "ctx", None), error.format_message()
    if context is None:
        return f"error: {text}"
    return text if text == context.get_help() else f"error: {text}\n  cure: {context.command_path} --help"


def _exit_code(exit: SystemExit) -> int:
    cause = exit.__context__
    if isinstance(cause, OSError) and cause.errno == errno.EPIPE:  # Typer turns EPIPE into an exit with code 1
        return 141  # 128 + SIGPIPE, by number: Windows has no such name
    if isinstance(exit.code, str):
        sys.stderr.write(f"{exit.code}\n")
        return 1
    return exit.code or 0


def _message(error: BaseException) -> str:
    if isinstance(error, SeqtoolError):
        return str(error)
    if isinstance(error, MemoryError):
        more = f"; {limit[6:]}: raise it, ulimit -v unlimited" if (limit := allowed_memory()) else ""
        return f"out of memory\n  cure: a smaller --batch, a smaller model or shorter records{more}"
    if isinstance(error, OSError):  # a full disk, a closed stdout
        where = "" if error.filename is None else f"\n  where: {one_line(str(error.filename))}"
        return f"{error.strerror or error}{where}"
    cure = "run it again with SEQTOOL_DEBUG=1 and report what it shows"
    return f"internal error: {reason(error)}\n  cure: {cure}"


def _occupy_closed_streams() -> None:
    """Replace a closed stdin, stdout or stderr, so that no file opened later gets its descriptor.

    stdin reads as empty, stderr swallows, and stdout refuses what is written to it, as it should.
    """
    for name, (flags, mode) in _MODES.items():
        if getattr(sys, name) is None:
            stream = open(os.open(os.devnull, flags), mode, closefd=False)  # noqa: SIM115 (it stays for the process)
            setattr(sys, name, stream)


def _leave(code: int) -> NoReturn:
    """Flush, then end the process: by a signal where the code stands for one."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second Ctrl-C during a blocked flush simply ends it
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        pass
    except OSError as error:
        error.filename = "stdout"
        if code == 0:
            sys.stderr.write(f"error: {_message(error)}\n")
            code = 1
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and code == 128 + number:  # the shell then knows that a signal ended it
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
    os._exit(code)  # the interpreter's teardown takes time, and a forecast gains nothing by it
