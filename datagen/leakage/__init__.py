"""Does the data hold the benchmarks? Compared by text, by tokens, by embeddings, and by what the code does."""
