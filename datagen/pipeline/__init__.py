"""Runs the stages of a data set in order, and selects the rows that are published."""
