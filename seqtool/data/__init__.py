"""Data: series, tables, sources, encoders, batches and splits (numpy; never torch)."""
