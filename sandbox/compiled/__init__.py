"""Programs whose language has commands: in the fork server, and in the stage that it forks for compiler or program.

The fork server trusts a stage's first process, which only starts and waits for the commands. Nobody trusts these. The
compile server is such a command that stays; it never runs what it compiles.
"""
