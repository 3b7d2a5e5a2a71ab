"""Before a run: how many samples detect a difference, and what they cost.

`plan` computes it, `pilot` reads what earlier runs teach, `plan_text` prints it.
"""
