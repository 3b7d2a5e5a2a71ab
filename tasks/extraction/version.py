"""The version of the extraction rules, which is the second number of each task's version."""

EXTRACTION_VERSION = 2
"""Raised whenever a change to the rules may find other code in some answer."""
