"""Execution as a judge: what of a row can be run, and what the sandbox says of it."""
