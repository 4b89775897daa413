"""The schema of a manifest, checked by hand: the core needs no schema library."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, TypeGuard

from seqtool.errors import ModelError, damaged

if TYPE_CHECKING:
    from seqtool.types import Json

FORMAT = 1
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")  # half a pair is valid JSON, but UTF-8 cannot write it
_MAX_SIDE = 64
_MAX_TEXT = 4096
_MAX_DIGITS = 20  # of 2**64, the largest seed


def parse(text: str) -> Json:
    """Return the JSON object in `text`, checked against the schema; raises `ModelError`."""
    with damaged(ModelError("the manifest of the file is no valid JSON")):
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_int=_whole, parse_float=_finite
        )
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    if not isinstance(value, dict):
        raise ModelError("the manifest of the file is no JSON object")
    # Files of the first versions have a key `runner`, which was always empty: they still open.
    if value.get("runner") == "":
        del value["runner"]
    _check(value)
    return value


def _check(manifest: Json) -> None:
    version = manifest.get("format")
    if type(version) is int and version > FORMAT:  # first, since a newer file may well fail on everything else
        raise ModelError("the file was made by a newer seqtool", cure="pip install --upgrade seqtool")
    for key in [*_CHECKS, *manifest]:
        if key not in manifest:
            raise ModelError(f"the manifest lacks {key!r}")
        if key not in _CHECKS:
            raise ModelError(f"the manifest holds {key[:80]!r}, which this seqtool does not know")
        if not _CHECKS[key](manifest[key]):
            raise ModelError(f"the manifest has an impossible value for {key!r}")


def _unique(pairs: list[tuple[str, object]]) -> Json:
    record = dict(pairs)
    if len(record) != len(pairs):  # another reader might take the other value
        raise ValueError("a key is given twice")
    return record


def _refuse_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON number")


def _whole(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:  # an array of NumPy could not hold it
        raise ModelError("the manifest of the file holds a whole number beyond reason")
    return int(digits)


def _finite(digits: str) -> float:
    if math.isinf(number := float(digits)):  # such as 1e999
        raise ModelError("the manifest of the file holds a number that is not finite")
    return number


def _is_object(value: object) -> TypeGuard[Json]:
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)


def _is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= _MAX_TEXT


def _is_word(value: object) -> bool:
    return isinstance(value, str) and _WORD.fullmatch(value) is not None


def _is_whole(value: object) -> bool:
    return type(value) is int and 0 <= value < 1 << 63  # not isinstance: True and False are ints


def _is_side(value: object) -> bool:
    return isinstance(value, list) and len(value) <= _MAX_SIDE and all(map(_is_spec, value))


def _is_spec(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"name", "dtype", "shape"}
        and _is_text(value["name"])
        and _is_word(value["dtype"])
        and isinstance(value["shape"], list)
        and all(_is_whole(axis) or _is_text(axis) for axis in value["shape"])
    )


def _is_signature(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"inputs", "outputs"} and all(map(_is_side, value.values()))


def _is_data(value: object) -> bool:
    return (
        _is_object(value)
        and _is_text(value.get("source"))
        and isinstance(value.get("sample"), bool)
        and isinstance(value.get("files"), list)
        and all(map(_is_file, value["files"]))
    )


def _is_file(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() - {"side"} == {"name", "label", "sha256"}
        and _is_relative(value["name"])
        and _is_text(value["label"])
        and value.get("side", "") in ("", "source", "target")
        and isinstance(value["sha256"], str)
        and _SHA256.fullmatch(value["sha256"]) is not None
    )


def _is_relative(name: object) -> bool:
    # a home folder would say who made the file
    return _is_text(name) and not (
        PurePosixPath(name).is_absolute() or PureWindowsPath(name).is_absolute() or name[:1] == "~"
    )


def _is_time(value: object) -> bool:
    try:
        return _is_text(value) and datetime.fromisoformat(value) is not None
    except ValueError:
        return False


_CHECKS: dict[str, Callable[[object], bool]] = {
    "format": lambda value: type(value) is int and value == FORMAT,
    "task": _is_word,
    "family": _is_word,
    "config": _is_object,
    "encoders": _is_object,
    "signature": _is_signature,
    "limits": lambda value: _is_object(value) and all(map(_is_whole, value.values())),
    "data": _is_data,
    "scores": _is_object,
    "versions": lambda value: _is_object(value) and all(map(_is_text, value.values())),
    "created": _is_time,
}
