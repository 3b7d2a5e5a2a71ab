"""One run answered by the processes of a launcher: who asks for what, and how the answers reach the run folder.

`rounds` is what the main process and the helping processes do; they share a `process_group`, claim blocks from a
`work_queue`, and helpers leave their answers in `shards`.
"""
