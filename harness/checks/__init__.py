"""Checks that score no model: of this machine, a server, problem files, references, and two runs of one model."""
