"""Writes and reviews rows: a teacher of rules that needs no model, and a loop of two language models."""
