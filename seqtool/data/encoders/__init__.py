"""Encoders: what turns records into numbers and back, fitted on the training part, stored in the model.

Each has `encode`, `decode`, `to_json` and `from_json`; training, manifest and runtime share them. Each is imported from
its own module: a verb that needs one does not load the others.
"""
