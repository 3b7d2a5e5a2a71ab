"""From verdicts to score.json, the score table and report.html."""
