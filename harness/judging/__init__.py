"""Turns answers into verdicts: beside the model, after it, for imported samples, and once more to check a run."""
