"""Makes instruction data from raw code, fine-tunes models on it, and measures what each variant of it was worth."""
