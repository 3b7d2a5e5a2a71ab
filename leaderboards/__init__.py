"""Compares, ranks and publishes finished runs."""
