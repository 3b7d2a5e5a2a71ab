"""An example of what another package can add to wavebench; docs/extend.md explains it file by file."""
