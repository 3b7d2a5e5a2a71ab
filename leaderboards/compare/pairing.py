"""Pairs runs for comparison: each other place with the first one, task by task."""

from collections.abc import Sequence
from pathlib import Path

from leaderboards.runs.record import RunRecord, read_records
from leaderboards.runs.settings import IncomparableError


def pair_runs(paths: Sequence[Path]) -> list[tuple[RunRecord, RunRecord]]:
    """A run folder is paired as it is, so that a mismatch can be named; folders of several runs by task."""
    if len(paths) < 2:
        raise IncomparableError("A comparison needs two or more run folders: name another one.")
    sides = [read_records([place]) for place in paths]
    pairs: list[tuple[RunRecord, RunRecord]] = []
    for other in sides[1:]:
        if len(sides[0]) == len(other) == 1:
            pairs.append((sides[0][0], other[0]))
            continue
        first, second = _by_task(sides[0]), _by_task(other)
        common = [task for task in first if task in second]
        if not common:
            raise IncomparableError(
                f"No task in common: the first has {', '.join(first)}, the second {', '.join(second)}."
            )
        pairs += [(first[task], second[task]) for task in common]
    return pairs


def _by_task(records: Sequence[RunRecord]) -> dict[str, RunRecord]:
    found: dict[str, RunRecord] = {}
    for record in records:
        earlier = found.setdefault(record.task.name, record)
        if earlier is not record:
            raise IncomparableError(
                f"{str(earlier.path)!r} and {str(record.path)!r} both hold {record.task.name}: name one of them."
            )
    return found
