"""The training itself: checks and memory before it, the trainer, its processes and checkpoints."""
