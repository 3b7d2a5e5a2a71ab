"""HumanEval: 164 Python functions to complete, each with a `check` (Chen et al. 2021)."""
