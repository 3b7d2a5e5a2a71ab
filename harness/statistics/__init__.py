"""How sure a score is, and whether two scores differ: pure functions on numbers, free of runs and files."""
