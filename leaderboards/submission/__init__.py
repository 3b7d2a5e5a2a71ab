"""Packs runs for submission, and verifies submissions of strangers without trusting them."""
