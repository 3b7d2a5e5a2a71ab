"""Prompt styles: rows of data, each with a hash; other packages may add some."""
