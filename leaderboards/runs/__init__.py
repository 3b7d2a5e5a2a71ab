"""Run folders as rows of a table: read, checked, folded and ranked."""
