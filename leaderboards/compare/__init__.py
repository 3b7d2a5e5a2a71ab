"""Compares two runs of one task in pairs, problem by problem."""
