"""Asks, judges, scores: the centre."""
