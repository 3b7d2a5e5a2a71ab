"""Pairs runs for comparison: each other place with the first one, task by task."""

from collections.abc import Sequence
from pathlib import Path

from leaderboards.runs.record import RunRecord, find_runs, read_record
from leaderboards.runs.settings import IncomparableError


def pair_runs(paths: Sequence[Path]) -> list[tuple[RunRecord, RunRecord]]:
    """A run folder is paired as it is, so that a mismatch can be named; folders of several runs by task."""
    if len(paths) < 2:
        raise IncomparableError("A comparison needs two or more run folders: name another one.")
    sides = [[read_record(path) for path in find_runs([place])] for place in paths]
    return [pair for other in sides[1:] for pair in _pair(sides[0], other)]


def _pair(first: Sequence[RunRecord], second: Sequence[RunRecord]) -> list[tuple[RunRecord, RunRecord]]:
    if len(first) == len(second) == 1:
        return [(first[0], second[0])]
    by_task = [_by_task(first), _by_task(second)]
    common = [task for task in by_task[0] if task in by_task[1]]
    if not common:
        raise IncomparableError(
            f"No task in common: the first has {', '.join(by_task[0])}, the second {', '.join(by_task[1])}."
        )
    return [(by_task[0][task], by_task[1][task]) for task in common]


def _by_task(records: Sequence[RunRecord]) -> dict[str, RunRecord]:
    found: dict[str, RunRecord] = {}
    for record in records:
        earlier = found.setdefault(record.task.name, record)
        if earlier is not record:
            raise IncomparableError(
                f"{str(earlier.path)!r} and {str(record.path)!r} both hold {record.task.name}: name one of them."
            )
    return found
