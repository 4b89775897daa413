"""The command line. `main` is the one boundary where errors become words and exit codes.

This module stays light: `seqtool.cli.output` is imported from everywhere.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from typer import TyperException

SELDOM = 100_000
"""Objects after which their cycles are looked for: 700, the default, is reached some hundred times by imports alone."""
_SIGNALS = ("SIGHUP", "SIGINT", "SIGPIPE", "SIGTERM")
_REPORT = "run it again with SEQTOOL_DEBUG=1 and report what it shows"


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    args = sys.argv[1:]
    gc.set_threshold(SELDOM)
    _prepare(args)
    _leave(run(args))


def run(args: Sequence[str]) -> int:
    """Run one command line; every error is shown on stderr and becomes the exit code returned."""
    from seqtool.cli.output import note
    from seqtool.errors import SeqtoolError

    try:
        return _invoke(args)
    except SeqtoolError as error:
        _trace()
        note(f"error: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except MemoryError:
        _trace()
        note("error: out of memory\n  cure: a smaller --batch, a smaller model or shorter records")
        return 1
    except OSError as error:
        _trace()
        note(_refusal(error))
        return 1
    except Exception as error:  # a mistake of ours or of a plugin: never a traceback unasked
        _trace()
        note(f"error: internal error: {type(error).__name__}: {error}\n  cure: {_REPORT}")
        return 1


def _invoke(args: Sequence[str]) -> int:
    """Hand the arguments to Typer; return the code of an exit or of a usage error that it has shown."""
    from typer import Abort, TyperException

    from seqtool.cli.output import note
    from seqtool.cli.root import COMPLETING, PROGRAM, root

    try:
        result = root(args).main(list(args), prog_name=PROGRAM, complete_var=COMPLETING, standalone_mode=False)
    except TyperException as error:
        note(_usage(error))
        return error.exit_code
    except Abort:
        return 1
    except SystemExit as exit:
        return _exit_code(exit)
    return result if type(result) is int else 0


def _usage(error: TyperException) -> str:
    """Return a usage error in the form of ours; where nothing was given, its message is the help."""
    context, text = getattr(error, "ctx", None), error.format_message()
    if context is None:
        return f"error: {text}"
    return text if text == context.get_help() else f"error: {text}\n  cure: {context.command_path} --help"


def _exit_code(exit: SystemExit) -> int:
    """Return the code of a SystemExit; Typer turns EPIPE into one, which ends like SIGPIPE."""
    cause = exit.__context__
    if isinstance(cause, OSError) and cause.errno == errno.EPIPE:
        return 141  # 128 + SIGPIPE, by number: Windows has no such name
    if isinstance(exit.code, str):
        sys.stderr.write(f"{exit.code}\n")
        return 1
    return exit.code or 0


def _refusal(error: OSError) -> str:
    """Return the message of an OSError that nothing nearer has put in words: a full disk, a closed stdout."""
    where = f"\n  where: {error.filename}" if error.filename is not None else ""
    return f"error: {error.strerror or error}{where}"


def _trace() -> None:
    if os.environ.get("SEQTOOL_DEBUG") == "1":
        import traceback

        traceback.print_exc()


def _prepare(args: Sequence[str]) -> None:
    """Make streams and signals behave in a pipe."""
    _occupy_closed_streams()
    from seqtool.cli.output import use_utf8

    use_utf8()
    if hasattr(signal, "SIGPIPE") and args[:1] != ["train"]:  # a training outlives the reader of its messages
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)


def _occupy_closed_streams() -> None:
    """Put something in the place of a closed stdin, stdout or stderr: no file opened later may land there.

    stdin reads as empty, stderr swallows, and stdout refuses what is written to it, as it should.
    """
    modes = {"stdin": (os.O_RDONLY, "r"), "stdout": (os.O_RDONLY, "w"), "stderr": (os.O_WRONLY, "w")}
    for name, (flags, mode) in modes.items():
        if getattr(sys, name) is None:
            stream = open(os.open(os.devnull, flags), mode, closefd=False)  # noqa: SIM115 (it stays for the process)
            setattr(sys, name, stream)


def _leave(code: int) -> NoReturn:
    """Flush, then end: by the signal when there was one, else without the interpreter's teardown."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second Ctrl-C during a blocked flush simply ends it
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        pass
    except OSError as error:
        error.filename = "stdout"
        if code == 0:
            sys.stderr.write(f"{_refusal(error)}\n")
            code = 1
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    for name in _SIGNALS:
        number = getattr(signal, name, None)
        if number is not None and code == 128 + number:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
    os._exit(code)
