"""Forks samples from a warm interpreter: `process` runs in the zygote, `client` in the fork server that trusts it.

What the zygote holds is inherited by each of its samples, and paid for by each: so its modules import little, and
nothing here ever holds a program, a test or an output.
"""
