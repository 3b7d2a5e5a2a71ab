"""The `wavebench` command.

`main` lists the commands of this room, one file each in `commands`, and mounts those of others by entry point
(`mount`). `options` holds the options that several commands share, `resolve_config` makes runs of them, `errors` ends
every command with one sentence, and `verbosity` sets how much is said.
"""
