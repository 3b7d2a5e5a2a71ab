"""What is known of a problem besides its id: its family, its language, its kind of bug."""

from collections.abc import Iterable, Mapping

from harness.run import load_task
from leaderboards.record import RunRecord
from sandbox.errors import WavebenchError

HUMANEVAL_FAMILY = "humaneval"
Traits = Mapping[str, str]
"""Such as {"language": "go", "bug type": "missing logic"}."""


def cluster_of(task: str, task_id: str) -> str:
    """Names what a problem is evidence together with.

    Number 7 of HumanEval, its EvalPlus twin and its six HumanEvalPack languages are one problem in eight coats, not
    eight independent ones. Tasks of other packages have each problem apart.
    """
    number = task_id.rpartition("/")[2]
    if task.startswith("humaneval"):
        return f"{HUMANEVAL_FAMILY}/{number}"
    if task.startswith("mbpp"):
        return f"mbpp/{number}"
    return f"{task}/{task_id}"


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
    return {problem.task_id: _traits(problem) for problem in task.problems}


def groups(traits: Mapping[str, Traits], task_ids: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """Task ids by trait and value; a trait that does not divide the problems is left out."""
    found: dict[str, dict[str, list[str]]] = {}
    for task_id in task_ids:
        for trait, value in traits.get(task_id, {}).items():
            found.setdefault(trait, {}).setdefault(value, []).append(task_id)
    return {trait: dict(sorted(values.items())) for trait, values in found.items() if len(values) > 1}


def _traits(problem: object) -> Traits:
    named = {"language": getattr(problem, "language", ""), "bug type": getattr(problem, "bug_type", "")}
    return {name: str(value) for name, value in named.items() if value}
