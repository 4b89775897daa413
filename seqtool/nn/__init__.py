"""PyTorch layers, one a file."""
