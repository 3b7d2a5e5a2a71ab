"""Writes a leaderboard in other formats: text tables, Hugging Face, Every Eval Ever."""
