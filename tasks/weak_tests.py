"""Problems whose tests confirm a generic wrong answer, such as the first argument or the first example's result."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class WeakTests:
    """What shows that the tests of one problem are weak. Scores count such a problem like any other."""

    passes: Sequence[str]
    """Wrong answers whose pass is confirmed, as `tests/performance/strategy_parts` names them."""
    tells: Sequence[str] = ()
    """Arguments as Python writes them. Without `why`, some for each of the answers give another result than the
    reference's."""
    why: str = ""
    """What is wrong with the tests where the reference itself gives the same result as one of the answers."""


def weak_tests(dataset: str) -> Mapping[str, WeakTests]:
    """By the id of the problem; `dataset` is the name of the rows (`Benchmark.dataset`). Empty where none are known."""
    return _notes().get(dataset, {})


@cache
def _notes() -> Mapping[str, Mapping[str, WeakTests]]:
    notes = tomllib.loads((files("tasks") / "weak_tests.toml").read_text(encoding="utf-8"))
    return {dataset: {task_id: WeakTests(**note) for task_id, note in rows.items()} for dataset, rows in notes.items()}
