"""What is known of a problem besides its id: its family, its language, its kind of bug."""

from collections.abc import Iterable, Mapping

from harness.runs.run import load_task
from leaderboards.runs.record import RunRecord
from sandbox.errors import WavebenchError
from tasks.registry import benchmark

Traits = Mapping[str, str]
"""Such as {"language": "go", "bug type": "missing logic"}."""


def by_number(task_id: str) -> tuple[str, int, str]:
    """Sorts ids as people count: Mbpp/9 before Mbpp/10."""
    family, _, number = task_id.rpartition("/")
    return family, int(number) if number.isdecimal() else 0, number


def traits_of(record: RunRecord) -> Mapping[str, Traits]:
    """The traits of each problem of a run's task; empty when its data set is not at hand or is another one now."""
    try:
        task = load_task(record.config)
    except (WavebenchError, OSError):
        return {}
    if task.fingerprint != record.task.fingerprint:
        return {}
    # Only a task that shows the bug is harder or easier by its kind.
    shown = ("language", "bug_type") if benchmark(record.config.task).shows_bug else ("language",)
    return {
        problem.task_id: {name.replace("_", " "): str(value) for name in shown if (value := getattr(problem, name, ""))}
        for problem in task.problems
    }


def groups(traits: Mapping[str, Traits], task_ids: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """Task ids by trait and value; a trait that does not divide the problems is left out."""
    found: dict[str, dict[str, list[str]]] = {}
    for task_id in task_ids:
        for trait, value in traits.get(task_id, {}).items():
            found.setdefault(trait, {}).setdefault(value, []).append(task_id)
    return {trait: dict(sorted(values.items())) for trait, values in found.items() if len(values) > 1}
