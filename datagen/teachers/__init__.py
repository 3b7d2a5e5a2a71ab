"""Who writes rows, and who judges them: rules that need no LLM, or any OpenAI-compatible server."""
