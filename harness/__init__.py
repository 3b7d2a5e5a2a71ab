"""Evaluates models: asks them the problems of a task, judges the answers in the sandbox, and scores the verdicts."""
