"""Asks the model for the answers that a run still lacks, in one process or in several."""
