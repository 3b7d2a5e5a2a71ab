"""Models behind OpenAI-compatible servers: requests, retries, pace, the cache of answers, and batch APIs."""
