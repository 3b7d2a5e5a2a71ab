"""One run answered by the processes of a launcher: who asks for what, and how the answers reach the run folder."""
