"""From verdicts to pass@k, tables and the report."""
