"""Errors that a user may see: what happened, where, and the cure.

SeqtoolError            1  the work failed
├── UsageError          2  command line or configuration
├── DataError           2  malformed data
├── ModelError          2  a file that is no usable model
├── NotFound            3  data, run or model not found
├── MissingExtra        4  an optional dependency is not installed
└── DeviceError         4  a device was demanded and is not there

They are raised anywhere and shown once, at the boundary in `seqtool.cli`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout

from seqtool.interrupt import is_pressed
from seqtool.say import one_line, printable

LONGEST = 300
"""Characters of what a stranger's exception says."""
LONGEST_WORDS = 2000
"""Characters of what an error of ours says that a plugin raised."""


class SeqtoolError(Exception):
    """The work failed; `str()` gives at most three lines: what, where, cure."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", cure: str = "") -> None:
        super().__init__(what)
        # a plugin may give anything: `str()` of an error must not fail where the error is shown
        self.what, self.where, self.cure = str(what), str(where), str(cure)

    def __str__(self) -> str:
        # they may quote a file, or its name: what they quote must not look like lines of ours
        lines = [one_line(self.what)]
        if self.where:
            lines.append(f"  where: {one_line(self.where)}")
        if self.cure:
            lines.append(f"  cure: {one_line(self.cure)}")
        return "\n".join(lines)


class UsageError(SeqtoolError):
    """The command line or the configuration asks for something that cannot be."""

    exit_code = 2


class DataError(SeqtoolError):
    """The data is malformed."""

    exit_code = 2


class ModelError(SeqtoolError):
    """The file is not a model that this program may open."""

    exit_code = 2


class NotFound(SeqtoolError):
    """Data, a run or a model is not there."""

    exit_code = 3


class MissingExtra(SeqtoolError):
    """An optional dependency is not installed."""

    exit_code = 4


class DeviceError(SeqtoolError):
    """A device was demanded and is not there."""

    exit_code = 4


OF_DATA = ("src", "tgt", "data")
"""The options of data that every command has which reads any."""


@contextmanager
def without_options(
    cure: str = "write the data as that of the training: its form, its columns, its numbers",
    kept: Sequence[str] = OF_DATA,
) -> Iterator[None]:
    """Put `cure` in place of cures by options of the training, where a command has none of those but `kept`."""
    lacking = re.compile(rf"--(?!(?:{'|'.join(kept)})\b)[a-z]")
    try:
        yield
    except SeqtoolError as error:
        if lacking.search(error.cure):
            left = [part for part in re.split(r"[,;] or |; ", error.cure) if not lacking.search(part)]
            error.cure = ", or ".join(left) or cure
        raise


def reason(error: BaseException) -> str:
    """Return the kind and the first line of an exception, safe to be shown and not long."""
    try:
        said = str(error)
    except BaseException as failure:  # the text of a stranger's exception is a stranger's code
        if is_pressed(failure):
            raise
        said = ""
    return printable(f"{type(error).__name__}: {said}".partition("\n")[0].removesuffix(": "), LONGEST)


@contextmanager
def foreign(
    what: str, *, where: str = "", cure: str = "update that plugin; SEQTOOL_DEBUG=1 shows where it fails"
) -> Iterator[None]:
    """Raise `SeqtoolError` for whatever the code of a plugin raises: "`what`: ", its kind and its first line.

    Errors of seqtool's own, a wrong file for instance, go through and get `where` if they say none; so does Ctrl-C.
    What the code prints goes to stderr: stdout holds what the command gives.
    """
    try:
        with redirect_stdout(sys.stderr):
            yield
    except SeqtoolError as error:
        # a plugin's words, in one line each: they must not look like lines of ours
        what, place, cure = (" ".join(text.splitlines()) for text in (error.what, error.where or where, error.cure))
        error.what, error.where, error.cure = (printable(text, LONGEST_WORDS) for text in (what, place, cure))
        raise
    except BaseException as error:  # SystemExit, and what a plugin derives from BaseException itself
        if is_pressed(error):
            raise
        raise SeqtoolError(f"{what}: {reason(error)}", where=where, cure=cure) from error


@contextmanager
def reading(where: str, cure: str, kind: str = "file") -> Iterator[None]:
    """Raise `DataError`, "a damaged `kind`", for whatever a library raises at a file, or for one beyond the memory.

    For calls of libraries alone: what is not foreseen in code of ours is a fault of ours. Errors of seqtool's own and
    `OSError`, which says what is wrong with the disk, go through; so does Ctrl-C.
    """
    try:
        yield
    except (SeqtoolError, OSError):
        raise
    except MemoryError as error:
        raise beyond_memory(where) from error
    except BaseException as error:  # a panic of Rust is no Exception
        if is_pressed(error):
            raise
        raise DataError(f"a damaged {kind}: {reason(error)}", where=where, cure=cure) from error


@contextmanager
def damaged(fault: SeqtoolError) -> Iterator[None]:
    """Raise `fault`, with a reason behind what it says, for whatever comes of making objects of a file's JSON.

    For the reading alone: a file of another hand may hold any shape, and each has an exception of its own. Errors of
    seqtool's own go through, and so does `FileNotFoundError`: what is not there is not damaged.
    """
    try:
        yield
    except (SeqtoolError, FileNotFoundError, MemoryError):
        raise
    except Exception as error:
        fault.what = f"{fault.what} ({reason(error)})"
        raise fault from error


@contextmanager
def within_memory(where: str) -> Iterator[None]:
    """Raise `DataError` that names the data where reading it takes more memory than there is."""
    try:
        yield
    except MemoryError as error:
        raise beyond_memory(where) from error


def beyond_memory(where: str) -> DataError:
    """Return the error for a file, or files, that take more memory than the process may have."""
    cure = "give a smaller file, or parts of it; or use a machine with more memory"
    return DataError(f"the file takes more memory than there is{allowed_memory()}", where=where, cure=cure)


def allowed_memory() -> str:
    """Return ", and ulimit -v allows 700 MiB" where such a limit is set, else ""."""
    if sys.platform == "win32":
        return ""
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return "" if soft == resource.RLIM_INFINITY else f", and ulimit -v allows {soft >> 20:,} MiB"


# A text, not a pattern: most names are plain, and told by their characters.
_UNFIT = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"


def demand(record: object, kind: type | tuple[type, ...], *names: str) -> None:
    """Raise `TypeError` for a field that is no `kind`, `ValueError` for a text with line ends or control characters.

    Names and summaries stand in lists and in messages; a plugin is told of them when it makes the record.
    """
    for name in names:
        value = getattr(record, name)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
            kinds = kind if isinstance(kind, tuple) else (kind,)
            wanted = " or ".join(each.__name__.replace("NoneType", "None") for each in kinds)
            raise TypeError(f"{type(record).__name__}.{name} is a {type(value).__name__}, not a {wanted}")
        if isinstance(value, str) and not (value.isascii() and value.isprintable()) and re.search(_UNFIT, value):
            raise ValueError(f"{type(record).__name__}.{name} has a line end or a control character")


def demand_all(record: object, kind: type, *names: str) -> None:
    """Raise `TypeError` for a field that is no tuple or list of `kind`."""
    for name in names:
        demand(record, (tuple, list), name)
        for value in getattr(record, name):
            if not isinstance(value, kind):
                raise TypeError(f"{type(record).__name__}.{name} has a {type(value).__name__}, not a {kind.__name__}")


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """Return "did you mean 'x'?" or a list of what is known."""
    choices = list(names)
    import difflib  # slow, and few words are unknown

    close = difflib.get_close_matches(word, choices, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return "known: " + ", ".join(choices) if choices else "nothing is known here"
