"""Two runs of one task, compared in pairs."""
