"""Inference on ONNX Runtime: numpy and onnxruntime alone."""
