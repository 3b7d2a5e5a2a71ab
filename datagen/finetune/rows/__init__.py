"""Instruction rows as token ids: read, held out, worded by a template, encoded, and laid out in batches."""
