"""MBPP: short Python problems with three assertions each, whole or sanitized (Austin et al. 2021)."""
