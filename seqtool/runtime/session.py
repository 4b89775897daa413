"""ONNX Runtime sessions: providers, threads, silence."""

from __future__ import annotations

import contextlib
import ctypes
import io
import sys
from pathlib import Path
from typing import Any

import onnxruntime

from seqtool.errors import DeviceError, ModelError, UsageError

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
_FATAL = 4
"""Log severity: ONNX Runtime's own lines would mix with ours; what fails is raised and said by us."""


def driver() -> bool:
    """Return True when an NVIDIA driver is there; asking ONNX Runtime for CUDA without one prints noise."""
    if Path("/dev/nvidiactl").exists():
        return True
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


def providers(device: str) -> list[str]:
    """Return the providers to ask for; raises `UsageError` or, for `cuda` without a driver, `DeviceError`."""
    if device not in ("auto", "cpu", "cuda"):
        raise UsageError(f"unknown device {device!r}", cure="auto, cpu or cuda")
    if device == "cpu" or (device == "auto" and not driver()):
        return [CPU]
    if not driver():
        raise DeviceError("no NVIDIA driver is there", cure="--device cpu, or see: seqtool doctor")
    if CUDA not in onnxruntime.get_available_providers():
        if device == "cuda":
            raise DeviceError("this ONNX Runtime has no CUDA", cure="pip install onnxruntime-gpu")
        return [CPU]
    return [CUDA, CPU]


def session(data: bytes, device: str, threads: int) -> Any:
    """Make a session of a model's bytes, which the caller has walked; raises `ModelError` or `DeviceError`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL
    options.add_session_config_entry("session.load_model_format", "ONNX")
    onnxruntime.set_default_logger_severity(_FATAL)
    asked = providers(device)
    if CUDA in asked:
        made = _on_cuda(data, options)
        if made is not None:
            return made
        if device == "cuda":
            raise DeviceError("CUDA did not load", cure="seqtool doctor says what is missing; or --device cpu")
        sys.stderr.write("an NVIDIA driver is there, but CUDA did not load: running on the processor\n")
    try:
        return _made(data, options, [CPU])
    except Exception as error:  # ONNX Runtime raises a class of its own for each status
        raise ModelError(f"ONNX Runtime refuses the file: {_first_line(error)}", cure="export it again") from error


def _on_cuda(data: bytes, options: Any) -> Any:
    """Return a session that has CUDA, or None: what is wrong with a file is found again, and said, on the processor."""
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it misses, among the records
        onnxruntime.preload_dlls()
    try:
        made = _made(data, options, [CUDA, CPU])
    except Exception:  # ONNX Runtime raises a class of its own for each status
        return None
    return made if CUDA in made.get_providers() else None


def _made(data: bytes, options: Any, asked: list[str]) -> Any:
    # ONNX Runtime's own fallback would print to stdout, among the records.
    return onnxruntime.InferenceSession(data, options, providers=asked, enable_fallback=0)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:300]
