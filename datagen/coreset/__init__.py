"""Chooses a core set of functions: embeddings, KCenterGreedy and its baselines."""
