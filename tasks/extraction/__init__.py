"""Finds the code in what a model said. The raw answer stays on disk, so it can be found again by better rules."""
