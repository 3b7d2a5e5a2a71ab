"""Training rows from run folders: what a model answered and the judge found becomes data. See docs/rewards.md."""
