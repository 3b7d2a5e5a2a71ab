"""Runs one program behind walls; knows nothing of models or benchmarks."""
