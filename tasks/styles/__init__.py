"""Prompt styles: rows of data, each with a hash."""
