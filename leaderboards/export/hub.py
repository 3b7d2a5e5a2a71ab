"""Hugging Face's eval-results files: scores in a model's repository, linked to a benchmark's data set.

The format is that of https://huggingface.co/docs/hub/eval-results as of 2026: a list of entries, each with `dataset`
(`id` and `task_id`), `value`, and optionally `date`, `source` and `notes`. The Hub shows a value without interval;
ours goes into the notes.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from leaderboards.runs.leaderboard import Leaderboard, runs_of
from leaderboards.runs.names import slug
from leaderboards.runs.publishing import refuse_unpublishable
from leaderboards.runs.row import ModelRow
from tasks.registry import known_benchmark


def hub_files(board: Leaderboard, source_url: str = "", data: Path | None = None) -> Iterator[tuple[str, str]]:
    """File name and YAML text for each entry and task; belongs into `.eval_results/` of the model's repository.

    Rows without a data set on the Hub are left out, see `left_out`. Raises UnpublishableError where a run may not be
    published; `data` is where the benchmarks' rows lie.
    """
    refuse_unpublishable(runs_of(board), data)
    for entry in board.entries:
        for column, row in entry.rows.items():
            if place := _dataset(row):
                yield f"{slug(entry.name)}--{slug(column.label)}.yaml", _yaml(row, *place, source_url)


def list_left_out(board: Leaderboard) -> list[str]:
    """One sentence for each row that has no place on the Hub."""
    return [
        f"{entry.name} on {row.settings.task}{f' (split {split})' if (split := row.runs[0].config.split) else ''} "
        f"is left out: the Hub has no data set for it."
        for entry in board.entries
        for row in entry.rows.values()
        if not _dataset(row)
    ]


def _dataset(row: ModelRow) -> tuple[str, str] | None:
    """Where the Hub keeps the benchmark. The rows must be those that it tests on."""
    if any(run.config.split not in ("", "test") for run in row.runs):
        return None
    known = known_benchmark(row.settings.task)
    return known.hub if known else None


def _yaml(row: ModelRow, dataset: str, task_id: str, source_url: str) -> str:
    """Written by hand: JSON strings are YAML strings, so that no name can break out of its line."""
    rate, settings = row.rates[1], row.settings
    confirmed = f"confirmed pass@1 {100 * row.confirmed[1].value:.1f}; " if row.confirmed else ""
    forged = f"{row.forged} passes are FORGED; " if row.forged else ""
    sound = f"without unsound problems {100 * row.sound[1].value:.1f}; " if row.sound else ""
    notes = (
        f"pass@1 in per cent, 95 % interval {100 * rate.low:.1f} to {100 * rate.high:.1f} ({rate.method}); "
        f"{confirmed}{forged}{sound}"
        f"{len(row.tallies)} problems, {row.n_samples} samples; {settings.task} {settings.version}, "
        f"style {settings.style}, extraction {settings.extraction}, sampling {settings.sampling}; "
        f"wavebench run sha256 {row.runs[-1].run_sha256}"
    )
    lines = [
        "- dataset:",
        f"    id: {json.dumps(dataset)}",
        f"    task_id: {json.dumps(task_id)}",
        f"  value: {100 * rate.value:.2f}",
    ]
    if row.runs[-1].finished:
        lines.append(f"  date: {json.dumps(row.runs[-1].finished)}")
    if source_url:
        lines += ["  source:", f"    url: {json.dumps(source_url)}", '    name: "wavebench leaderboard"']
    return "\n".join([*lines, f"  notes: {json.dumps(notes, ensure_ascii=False)}"]) + "\n"
