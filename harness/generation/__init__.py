"""Asks the model for the answers that a run still lacks, in one process or in several.

`generate` is the step of `harness.evaluate`; `missing` finds the requests, `processes` shares them among the processes
of a launcher, `spending` sums up their cost.
"""
