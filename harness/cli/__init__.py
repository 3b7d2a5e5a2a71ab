"""The command line: what each command is asked, and how it ends."""
