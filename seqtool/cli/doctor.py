"""`seqtool doctor`: what is installed, what this machine has, what is missing and the cure."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from seqtool import __version__
from seqtool.cli.options import JsonOption
from seqtool.cli.output import emit, emit_columns, emit_json

RUNTIMES = ("onnxruntime-gpu", "onnxruntime")
"""Either will do: which one is asked for depends on the machine, and both have the same files."""
_DRIVER = Path("/proc/driver/nvidia/version")
_CUDA = "CUDAExecutionProvider"

Versions = Mapping[str, str | None]
Advice = dict[str, str]


def command(json: JsonOption = False) -> None:
    """Show versions, processors, devices, what is missing and the cure; PyTorch is not imported."""
    core, extra = _versions(""), _versions("train")
    machine = _machine()
    advice = _advice(core, extra, machine)
    if json:
        emit_json({"versions": {**core, **extra}, "machine": machine, "advice": advice})
        return
    emit_columns([(name, found or "not installed") for name, found in {**core, **extra}.items()])
    emit()
    emit_columns(
        [(name, ", ".join(value) if isinstance(value, list) else str(value)) for name, value in machine.items()]
    )
    emit()
    for one in advice:
        emit(f"warning: {one['problem']}\n  cure: {one['cure']}")
    if not advice:
        emit("nothing is missing")


def _versions(extra: str) -> Versions:
    """Return the version of each dependency of an extra ("": of every install), None where it is not there."""
    found: dict[str, str | None] = {}
    if not extra:
        found = {"seqtool": __version__, "python": platform.python_version()}
        found |= {name: _version(name) for name in RUNTIMES if _version(name)} or {RUNTIMES[1]: None}
    for requirement in requires("seqtool") or ():
        marker = re.search(r"""extra\s*==\s*['"]([\w-]+)""", requirement)
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        if (marker[1] if marker else "") == extra and name not in RUNTIMES:
            found[name] = _version(name)
    return found


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _machine() -> dict[str, Any]:
    """Return system, cores that this process may use, NVIDIA driver, and what ONNX Runtime could run on."""
    from seqtool.runtime.threads import cores

    facts: dict[str, Any] = {"system": platform.platform(), "cores": cores(), "nvidia driver": "none", "providers": []}
    try:
        import onnxruntime

        from seqtool.runtime.session import driver
    except ImportError as error:
        return {**facts, "onnxruntime error": str(error)}
    if driver():
        facts["nvidia driver"] = _driver_version()
    return {**facts, "providers": onnxruntime.get_available_providers()}


def _driver_version() -> str:
    try:
        found = re.search(r"\d+\.\d+(\.\d+)*", _DRIVER.read_text())
    except OSError:  # Windows and WSL have a driver without this file
        found = None
    return found[0] if found else "there, of unknown version"


def _advice(core: Versions, extra: Versions, machine: Mapping[str, Any]) -> list[Advice]:
    """Return what is not as it should be, each with its cure."""
    advice = []
    if missing := [name for name, found in core.items() if not found]:
        advice.append(_one(f"not installed: {', '.join(missing)}", "pip install seqtool"))
    if missing := [name for name, found in extra.items() if not found]:
        what = f"training and export cannot run, not installed: {', '.join(missing)}"
        advice.append(_one(what, 'pip install "seqtool[train]"'))
    if all(core.get(name) for name in RUNTIMES):
        cure = "pip uninstall -y onnxruntime onnxruntime-gpu && pip install onnxruntime-gpu"
        advice.append(_one("onnxruntime and onnxruntime-gpu overwrite each other's files", cure))
    if "onnxruntime error" in machine:
        advice.append(_one("ONNX Runtime does not load", "pip install --force-reinstall seqtool"))
    elif machine["nvidia driver"] != "none" and _CUDA not in machine["providers"]:
        advice.append(
            _one("an NVIDIA driver is there, but this ONNX Runtime has no CUDA", f"pip install {RUNTIMES[0]}")
        )
    return advice


def _one(problem: str, cure: str) -> Advice:
    return {"problem": problem, "cure": cure}
