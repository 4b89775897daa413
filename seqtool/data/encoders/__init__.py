"""Encoders: what turns records into numbers and back, fitted on the training part, stored in the model."""
