"""A run: its configuration, its folder and the files in it."""
