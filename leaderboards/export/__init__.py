"""Scores in the formats of others."""
