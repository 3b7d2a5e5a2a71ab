"""Where the work of the stages is done: on this machine or on a cluster. No result depends on it."""
