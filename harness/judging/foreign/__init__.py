"""Samples in files that other evaluation tools write: lm-eval, inspect_ai, OpenAI's batch API, MultiPL-E.

Each module reads one tool's files; `read` finds the tool from the content and never from the name.
"""
