"""Selects the rows of the data set from the pool: verdict, execution, leaks, one repair a function, the mixture."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from datagen.rows.example import Example, Fact, Opinion, TaskType


@dataclass(frozen=True, slots=True)
class SelectionRules:
    """The settings that decide which rows are taken."""

    mixture: Mapping[TaskType, int]
    """Rows wanted of each task, at most."""
    leaked: Collection[str] = frozenset()
    """Ids of rows that decontamination removes."""
    use_discriminator: bool = True
    use_execution: bool = True
    total: int | None = None
    """For size-matched variants: this many rows in all, tasks filled up evenly where one falls short."""


@dataclass(slots=True)
class SelectedRows:
    """The rows of the data set, and how many others were dropped for which reason."""

    rows: list[Example] = field(default_factory=list[Example])
    dropped: Counter[str] = field(default_factory=Counter[str])
    available: Counter[TaskType] = field(default_factory=Counter[TaskType])
    """Rows that could have been taken, before the mixture."""

    def shortfall(self, mixture: Mapping[TaskType, int]) -> dict[TaskType, int]:
        """How many rows each task lacks."""
        return {task: want - self.available[task] for task, want in mixture.items() if self.available[task] < want}


def select_rows(pool: Sequence[Example], rules: SelectionRules) -> SelectedRows:
    """The rows to publish, in the order of the pool; of the others only a few bytes each are held."""
    selected = SelectedRows()
    candidates: dict[TaskType, list[int]] = {task: [] for task in TaskType}
    seen: set[bytes] = set()
    repaired: set[str] = set()
    for place, row in enumerate(pool):
        reason = _find_objection(row, rules, seen, repaired)
        if reason:
            selected.dropped[reason] += 1
            continue
        seen.add(_said(row))
        if row.task is TaskType.REPAIR:
            repaired.add(row.function_id)
        candidates[row.task].append(place)
        selected.available[row.task] += 1
    quotas = _set_quotas(rules, selected.available)
    chosen = [each for task, rows in candidates.items() for each in rows[: quotas.get(task, 0)]]
    selected.dropped["more than the mixture wants"] += sum(selected.available.values()) - len(chosen)
    selected.rows = [pool[place] for place in sorted(chosen)]
    return selected


def _find_objection(row: Example, rules: SelectionRules, seen: Collection[bytes], repaired: Collection[str]) -> str:
    if not rules.mixture.get(row.task):
        return "task not wanted"
    if not row.instruction or not row.output:
        return "generator: no usable answer"
    if rules.use_discriminator and row.review.opinion is not Opinion.GOOD:
        return f"discriminator: {row.review.opinion.value}"
    if rules.use_execution and row.execution.fact is Fact.REFUTED:
        return "execution: refuted"
    if rules.use_execution and row.task is TaskType.REPAIR and row.execution.fact is Fact.NOT_JUDGED:
        return "execution: repair has examples and could not be proven"
    if row.task is TaskType.REPAIR and row.function_id in repaired:
        return "another repair of the same function was taken"
    if row.example_id in rules.leaked:
        return "leak"
    return "duplicate row" if _said(row) in seen else ""


def _said(row: Example) -> bytes:
    """Identity of what a row says, whatever function it is of."""
    return hashlib.sha256(json.dumps([row.instruction, row.input, row.output]).encode()).digest()[:16]


def _set_quotas(rules: SelectionRules, available: Mapping[TaskType, int]) -> dict[TaskType, int]:
    """The mixture, or shares of `total` by it; what one task cannot give, the others do, one row at a time."""
    if rules.total is None:
        return {task: min(want, available.get(task, 0)) for task, want in rules.mixture.items()}
    total = rules.total
    weights = {task: want for task, want in rules.mixture.items() if want}
    quotas = {
        task: min(available.get(task, 0), total * weight // sum(weights.values())) for task, weight in weights.items()
    }
    while sum(quotas.values()) < total:
        open_tasks = [task for task in weights if quotas[task] < available.get(task, 0)]
        if not open_tasks:  # the pool is used up: the variant stays smaller
            break
        emptiest = min(open_tasks, key=lambda task: quotas[task] / weights[task])
        quotas[emptiest] += 1
    return quotas
