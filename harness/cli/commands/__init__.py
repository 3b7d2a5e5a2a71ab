"""One file per command; `harness.cli.main` lists them. What a command needs is imported when it is called."""
