"""The `wavebench` command.

`main` has the commands of this room and mounts those of others by entry point (`mount`). `options` holds the options
that several commands share, `resolve_config` makes runs of them, `errors` ends every command with one sentence, and
`verbosity` sets how much is said. No command is imported before it is called.
"""
