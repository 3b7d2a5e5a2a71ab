"""How many problems and samples a difference takes to be seen, and what they cost."""
