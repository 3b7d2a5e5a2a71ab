"""The tables of the pages for programs: each as CSV and as JSON beside its page."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import msgspec

from leaderboards.export.published import PublishedScore
from leaderboards.export.tables import harmless
from leaderboards.runs.items import ProblemStatistics
from leaderboards.runs.leaderboard import LeaderboardEntry

Row = Mapping[str, object]


def write_table(page: Path, rows: Iterable[Row]) -> None:
    """Writes PAGE.csv and PAGE.json beside `page`, one line or object per row; all rows have the same columns."""
    kept = list(rows)
    page.parent.mkdir(parents=True, exist_ok=True)
    page.with_suffix(".json").write_bytes(msgspec.json.encode(kept) + b"\n")
    with page.with_suffix(".csv").open("w", encoding="utf-8", errors="replace", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(kept[0] if kept else ())
        for row in kept:
            writer.writerow(harmless(value) if isinstance(value, str) else value for value in row.values())


def published_rows(scores: Iterable[PublishedScore]) -> Iterator[Row]:
    """What others published, field by field."""
    return (asdict(score) for score in scores)


def problem_rows(found: Iterable[ProblemStatistics], unsound: Mapping[str, str]) -> Iterator[Row]:
    """The problems of a task; `unsound` says why of those that cannot be relied on."""
    return ({**asdict(item), "unsound": unsound.get(item.task_id, "")} for item in found)


def entry_rows(entry: LeaderboardEntry) -> Iterator[Row]:
    """Every problem of every task that a model answered. `passed` are passes by the benchmark's own protocol."""
    for column, row in entry.rows.items():
        for task_id, tally in row.tallies.items():
            yield {
                "task": column.task,
                "version": column.version,
                "data": column.data,
                "problem": task_id,
                "samples": tally.samples,
                "passed": tally.passed,
                "forged": tally.passed - row.unforged[task_id].passed,
                "unsound": row.unsound.get(task_id, ""),
            }
