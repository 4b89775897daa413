"""`seqtool doctor`: what is installed, what this machine has, what is missing and the cure."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

from seqtool import __version__
from seqtool.cli.options import JsonOption
from seqtool.say import emit, emit_columns, emit_json

if TYPE_CHECKING:
    from seqtool.types import Json

# Either will do: the machine decides which one is required, and the two have the same files.
RUNTIMES = ("onnxruntime-gpu", "onnxruntime")
_DRIVER = Path("/proc/driver/nvidia/version")
_CUDA = "CUDAExecutionProvider"

Versions = Mapping[str, str | None]


def command(json: JsonOption = False) -> None:
    """Show versions, processors, devices, what is missing and the cure; PyTorch is not imported."""
    core, extra = _versions(""), _versions("train")
    machine = _machine()
    advice = [{"problem": problem, "cure": cure} for problem, cure in _advice(core, extra, machine).items()]
    if json:
        emit_json({"versions": {**core, **extra}, "machine": machine, "advice": advice})
        return
    emit_columns([(name, installed or "not installed") for name, installed in {**core, **extra}.items()])
    emit()
    shown = {name: ", ".join(value) if isinstance(value, list) else str(value) for name, value in machine.items()}
    emit_columns(list(shown.items()))
    emit()
    for item in advice:
        emit(f"warning: {item['problem']}\n  cure: {item['cure']}")
    if not advice:
        emit("nothing is missing")


def _versions(extra: str) -> Versions:
    """Return the version, or None, of each dependency of an extra ("": of every install)."""
    versions: dict[str, str | None] = {}
    if not extra:
        versions = {"seqtool": __version__, "python": platform.python_version()}
        versions |= {name: _version(name) for name in RUNTIMES if _version(name)} or {RUNTIMES[1]: None}
    for requirement in requires("seqtool") or ():  # the package's metadata: no second list to keep in step
        marker = re.search(r"""extra\s*==\s*['"]([\w-]+)""", requirement)
        name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
        if (marker[1] if marker else "") == extra and name not in RUNTIMES:
            versions[name] = _version(name)
    return versions


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _machine() -> Json:
    """Return system, cores that this process may use, NVIDIA driver, and ONNX Runtime's providers."""
    from seqtool.runtime.threads import cores

    facts: Json = {"system": platform.platform(), "cores": cores(), "nvidia driver": "none", "providers": []}
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
        number = re.search(r"\d+\.\d+(\.\d+)*", _DRIVER.read_text())
    except OSError:  # Windows and WSL have a driver without this file
        number = None
    return number[0] if number else "there, of unknown version"


def _advice(core: Versions, extra: Versions, machine: Json) -> dict[str, str]:
    """Return problem -> cure."""
    advice: dict[str, str] = {}
    if missing := [name for name, installed in core.items() if not installed]:
        advice[f"not installed: {', '.join(missing)}"] = "pip install seqtool"
    if missing := [name for name, installed in extra.items() if not installed]:
        problem = f"training and export cannot run, not installed: {', '.join(missing)}"
        advice[problem] = 'pip install "seqtool[train]"'
    if all(core.get(name) for name in RUNTIMES):
        cure = "pip uninstall -y onnxruntime onnxruntime-gpu && pip install onnxruntime-gpu"
        advice["onnxruntime and onnxruntime-gpu overwrite each other's files"] = cure
    if "onnxruntime error" in machine:
        advice["ONNX Runtime does not load"] = "pip install --force-reinstall seqtool"
    elif machine["nvidia driver"] != "none" and _CUDA not in machine["providers"]:
        advice["an NVIDIA driver is there, but this ONNX Runtime has no CUDA"] = f"pip install {RUNTIMES[0]}"
    return advice
