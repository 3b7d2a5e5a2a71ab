"""Cuts functions out of source files, and filters and deduplicates them."""
