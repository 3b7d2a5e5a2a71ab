"""The static site: a table, plots, a page per model and problem, and every sample, without a server."""
