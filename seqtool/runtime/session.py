"""ONNX Runtime sessions: providers, threads, silence."""

from __future__ import annotations

import contextlib
import ctypes
import io
import sys
from pathlib import Path

import onnxruntime

from seqtool.errors import DeviceError, ModelError, UsageError

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
_FATAL = 4  # log severity: ONNX Runtime's own lines would mix with ours; we raise whatever fails


def driver() -> bool:
    """Return whether there is an NVIDIA driver."""
    # looked for by hand, since ONNX Runtime prints noise when it is asked for CUDA without one
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
        raise DeviceError("there is no NVIDIA driver", cure="--device cpu, or see: seqtool doctor")
    if CUDA not in onnxruntime.get_available_providers():
        if device == "cuda":
            raise DeviceError("this ONNX Runtime has no CUDA", cure="pip install onnxruntime-gpu")
        return [CPU]
    return [CUDA, CPU]


def session(data: bytes, device: str, threads: int) -> onnxruntime.InferenceSession:
    """Make a session of a model's bytes, which the caller has walked; raises `ModelError` or `DeviceError`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL
    options.add_session_config_entry("session.load_model_format", "ONNX")
    onnxruntime.set_default_logger_severity(_FATAL)
    if CUDA in providers(device):
        on_cuda = _on_cuda(data, options)
        if on_cuda is not None:
            return on_cuda
        if device == "cuda":
            raise DeviceError("CUDA did not load", cure="seqtool doctor says what is missing; or --device cpu")
        sys.stderr.write("an NVIDIA driver is there, but CUDA did not load: running on the processor\n")
    try:
        return _made(data, options, [CPU])
    except Exception as error:  # ONNX Runtime raises a class of its own for each status
        reason = str(error).partition("\n")[0][:300]
        raise ModelError(f"ONNX Runtime refuses the file: {reason}", cure="export it again") from error


def _on_cuda(data: bytes, options: onnxruntime.SessionOptions) -> onnxruntime.InferenceSession | None:
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what it misses, among the records
        onnxruntime.preload_dlls()
    try:
        on_cuda = _made(data, options, [CUDA, CPU])
    except Exception:  # the session on the processor will fail on the same file, and its reason is shown
        return None
    return on_cuda if CUDA in on_cuda.get_providers() else None


def _made(data: bytes, options: onnxruntime.SessionOptions, asked: list[str]) -> onnxruntime.InferenceSession:
    # ONNX Runtime's own fallback would print to stdout, among the records
    return onnxruntime.InferenceSession(data, options, providers=asked, enable_fallback=0)
