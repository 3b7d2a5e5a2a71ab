"""Tries anybody's reward function: right answers, wrong ones and forgeries, on a quiet and on a busy machine."""
