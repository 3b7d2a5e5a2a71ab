"""Executes the code of rows in the sandbox: the authors' doctests, or a teacher's asserts."""
