"""The rows of benchmarks: where they are found and how they are told apart."""
