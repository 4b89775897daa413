"""The ONNX twin of each layer, the decoding loop, and the check of an exported file."""
