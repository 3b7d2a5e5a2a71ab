"""Checks of the machine, of own problems, of servers and of finished runs."""
