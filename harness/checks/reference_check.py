"""The reference check of HumanEvalPack: every canonical solution must pass here, and every buggy one must not.

A language whose references do not pass on this machine has no score to be trusted (OctoPack made the same check).
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tabulate import tabulate

from harness.files.progress import progress_bar
from sandbox.errors import WavebenchError
from sandbox.launch import open_sandbox
from sandbox.outcome import Confirmation, Tier
from sandbox.sandbox import Sandbox
from tasks.humanevalpack.dataset import LANGUAGES
from tasks.humanevalpack.task import HumanEvalPack, load_humanevalpack
from tasks.verdict import Verdict

_HEADER = (
    *("language", "canonical pass", "buggy fail", "canonical held", "buggy not held"),
    *("not judged", "seconds", "gate"),
)


@dataclass(slots=True)
class ReferenceRow:
    """One language's solutions, run right now."""

    language: str
    problems: int
    canonical_passed: int = 0
    buggy_failed: int = 0
    canonical_held: int = 0
    """Whose tests also held in a process that never holds the solution."""
    buggy_not_held: int = 0
    seconds: float = 0.0
    not_judged: Counter[str] = field(default_factory=lambda: Counter[str]())
    """How many programs the environment failed, by its reason."""
    unexpected: list[str] = field(default_factory=lambda: list[str]())
    """Problems whose canonical solution did not pass or hold, or whose buggy one did, each with its verdict."""
    unsound: tuple[str, ...] = ()
    """Those among them that are known to prove nothing, whatever the machine."""

    @property
    def ok(self) -> bool:
        """Whether nothing but known unsound problems was out of order."""
        return not self.not_judged and all(line.split()[0] in self.unsound for line in self.unexpected)


def tier_named(name: str | None) -> Tier:
    """The tier of that name, namespaces without one. Raises WavebenchError."""
    if name is None:
        return Tier.NAMESPACES
    if name not in set(Tier):
        raise WavebenchError(f"There is no sandbox tier {name!r}; use one of {', '.join(Tier)}.")
    return Tier(name)


def check_references(
    data: Path | None, tier: Tier, workers: int | None, limit: int | None = None
) -> Iterator[ReferenceRow]:
    """Every language's row as it is finished; `limit` takes only the first so many problems."""
    with open_sandbox(tier, workers) as sandbox:
        for language in LANGUAGES:
            yield _run_language(load_humanevalpack("fix", language, data_dir=data), language, sandbox, limit)


def _run_language(task: HumanEvalPack, language: str, sandbox: Sandbox, limit: int | None) -> ReferenceRow:
    problems = {problem.task_id: problem for problem in task.problems[:limit]}
    row = ReferenceRow(language, len(problems), unsound=tuple(task.unsound))
    programs = (
        ((task_id, canonical), task.program(problem, task.reference(problem) if canonical else task.buggy(problem)))
        for task_id, problem in problems.items()
        for canonical in (True, False)
    )
    started = time.monotonic()
    with progress_bar(f"Gate {language}", 2 * len(problems)) as advance:
        for (task_id, canonical), outcome in sandbox.run(programs):
            advance()
            judgement = task.verdict(problems[task_id], outcome)
            # What the environment failed says nothing of the solution: it counts for neither column.
            if judgement.verdict is Verdict.NOT_JUDGED:
                row.not_judged[judgement.detail] += 1
                continue
            passed = judgement.verdict is Verdict.PASSED
            row.canonical_passed += canonical and passed
            row.buggy_failed += not canonical and not passed
            held = outcome.confirmation is Confirmation.HELD
            row.canonical_held += canonical and held
            row.buggy_not_held += not canonical and not held
            if passed != canonical:
                row.unexpected.append(f"{task_id} {'canonical' if canonical else 'buggy'}: {judgement.verdict}")
            elif held != canonical:
                said = outcome.confirmation_detail or outcome.confirmation or "its tests cannot run apart"
                row.unexpected.append(f"{task_id} {'canonical not held' if canonical else 'buggy held'}: {said}")
    row.seconds = time.monotonic() - started
    return row


def reference_table(rows: list[ReferenceRow]) -> str:
    """The rows as a table; below it every unexpected verdict, and why programs were not judged."""
    cells = [
        (row.language, f"{row.canonical_passed} of {row.problems}", f"{row.buggy_failed} of {row.problems}",
         f"{row.canonical_held} of {row.problems}", f"{row.buggy_not_held} of {row.problems}",
         row.not_judged.total(), f"{row.seconds:.0f}", "ok" if row.ok else "FAIL")
        for row in rows
    ]  # fmt: skip
    table = tabulate(cells, _HEADER)
    lines = [table]
    for row in rows:
        lines += [
            f"  {line}{' (known to be unsound)' if line.split()[0] in row.unsound else ''}" for line in row.unexpected
        ]
        lines += [
            f"  {row.language}: {programs} not judged: {reason or 'the sandbox failed'}"
            for reason, programs in row.not_judged.most_common()
        ]
    return "\n".join(lines)
