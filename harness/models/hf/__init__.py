"""Causal language models by transformers in this process: loading, batched decoding, sampling, stopping."""
