"""Trains on each variant of a data set, evaluates, and compares in pairs: `wavebench ablate`."""
