"""The judge behind HTTP: SandboxFusion's interface, and one of our own for batches. See docs/rewards.md."""
