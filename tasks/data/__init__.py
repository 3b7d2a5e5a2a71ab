"""The rows of benchmarks: where they are found, and what makes a row one that can be scored."""
