"""Makes data and models better."""
