"""The finished data set: rows as jsonl and parquet, a card with counts and plots, a manifest with the fingerprint."""
