"""What a GPU changes: training speed there, and whether exported files run on the CUDA provider with the same answers.

Needs PyTorch with CUDA; the second part needs spox and an ONNX Runtime with CUDA too, and says when they are not
there. Nothing is installed, no data is needed.
"""

import importlib.util
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent.parent), str(Path(__file__).parent)]

import numpy as np
import torch
import training_speed
from results import record

from seqtool.data.encoders.scaler import Scaler
from seqtool.families.forecasting.config import ForecastingConfig
from seqtool.families.forecasting.network import Forecaster, call


def exported_files():
    """Run graphs of every cell on the CUDA provider and compare them with PyTorch on the processor."""
    import onnxruntime

    from seqtool.families.forecasting.export import graph

    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        print("exported files: this ONNX Runtime has no CUDA provider")
        return
    prices = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.03, (500, 1)), axis=0))
    scaler = Scaler.fit("log-return", prices, ("price",))
    for network in ("seq2seq", "direct"):
        for cell in ("lstm", "gru", "rnn"):
            module = Forecaster(ForecastingConfig(network=network, cell=cell, hidden=32), scaler)
            data = graph(module, scaler).SerializeToString()
            session = onnxruntime.InferenceSession(data, providers=["CUDAExecutionProvider", "CPUExecutionProvider"])
            history = np.stack([prices[i : i + 40] for i in range(8)])
            answer = session.run(None, {"history": history, "horizon": np.array(40)})[0]
            expected = call(module)({"history": history, "horizon": np.array(40)})["forecast"]
            worst = float(np.abs(answer / expected - 1).max())
            print(f"{network} {cell} on {session.get_providers()[0]}: largest relative difference {worst:.1e}")
            record(
                "gpu export", {"network": network, "cell": cell, "provider": session.get_providers()[0], "worst": worst}
            )


def main():
    """Train, then export, and say what could not be done."""
    if not torch.cuda.is_available():
        raise SystemExit("PyTorch finds no CUDA device here: nothing to measure")
    print(torch.cuda.get_device_name(), "torch", torch.__version__)
    training_speed.main(rounds=9, steps=30, device_name="cuda")
    missing = [name for name in ("spox", "onnxruntime") if importlib.util.find_spec(name) is None]
    if missing:
        print(f"exported files: not measured, {', '.join(missing)} not installed")
        return
    exported_files()


if __name__ == "__main__":
    main()
