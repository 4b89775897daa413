"""Training: loop, optimisers and schedules, checkpoints."""
