"""The version of the extraction rules, which is the second number of each task's version."""

EXTRACTION_VERSION = 1
"""Raised whenever a change to the rules may find other code in some answer."""
