"""Causal language models in this process, by transformers."""
