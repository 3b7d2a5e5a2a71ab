"""What a run was asked and what came of it: its settings and its folder.

`settings` reads, checks and describes configurations of every kind; `config` holds a run's, RunConfig. `run_folder` is
the folder with its files: `completion_log` (completions.jsonl), `verdict_log` (verdicts.jsonl) and `manifest`
(manifest.json). `run` opens one together with its task, and `remarks` says what its files show beside the score.
"""
