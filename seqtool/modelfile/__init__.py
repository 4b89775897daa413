"""The model file: its manifest, its seal, and the walk that checks it before ONNX Runtime sees it."""
