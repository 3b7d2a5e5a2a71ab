"""Lines that eval-arena reads (crux-eval/eval-arena, "Measuring all the noises of LLM evals", arXiv:2512.21326)."""

from collections.abc import Iterator

import msgspec

from leaderboards.runs.leaderboard import Leaderboard


def eval_arena_lines(board: Leaderboard) -> Iterator[str]:
    """One JSON line per task, model and problem; forged passes count as failures, as in ranks."""
    for entry in board.entries:
        for column, row in entry.rows.items():
            for task_id, tally in row.unforged.items():
                line = {
                    "benchmark_id": column.label,
                    "model": entry.name,
                    "example_id": task_id,
                    "pass1": tally.passed / tally.samples,
                    "correct": tally.passed,
                    "count": tally.samples,
                }
                yield msgspec.json.encode(line).decode()
