"""One reward, in the shapes that trainers call."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from harness.runs.config import RunConfig, parse_config
from sandbox.errors import WavebenchError
from sandbox.sandbox import Sandbox
from tasks.task import Task
from tasks.verdict import Verdict
from wavebench.opening import ORIGIN, load_task, whole_path
from wavebench.rewards.grade import Grade, Row
from wavebench.rewards.own.calls import grade_calls
from wavebench.rewards.own.python_rows import OwnRowsTask
from wavebench.rewards.own.rows import own_row
from wavebench.rewards.own.stdio import grade_stdio
from wavebench.rewards.scale import RewardError, Scale, reward_scale
from wavebench.rewards.task_grader import TaskGrader
from wavebench.rewards.trl_columns import Completion, answer_texts, rows_of_columns, tell_trainer
from wavebench.rewards.warm_pool import warm_sandbox


class UnjudgedError(WavebenchError):
    """The machine could not judge an answer, and the caller has no word for that."""


class CodeReward:
    """Judges answers to programming problems and pays for them. May be called by many threads at once.

    A row names a problem by `task_id` (and `task`), or brings checks of its own: `tests`, `calls` with `fn_name`,
    `stdio`, `inputs` with `outputs`, or `tests_ref`. None means that the machine could not judge an answer.
    """

    def __init__(
        self,
        task: str | Task[Any] = "humaneval",
        scale: str = Scale.PASSED,
        *,
        shape: Mapping[str, float] | None = None,
        unconfirmed: float | None = 0.0,
        style: str = "",
        data: str | Path = "",
        form: str = "auto",
        hidden_tests: str | Path = "",
        data_in_rows: bool = True,
        sandbox: Sandbox | None = None,
        tier: str = "namespaces",
        workers: int | None = None,
        cpu_seconds: float | None = None,
        wall_seconds: float | None = None,
        memory_mb: int | None = None,
    ) -> None:
        """`task` is that of rows without a column `task`.

        scale: "passed" (1 for a confirmed pass, else 0), "share" (of the tests that held) or "shaped" (by verdict, see
            `shape`).
        shape: numbers by verdict, in place of the default ones.
        unconfirmed: what a pass earns that nothing could confirm; None leaves it out.
        style, data, form: as in `wavebench.judge`.
        hidden_tests: file of JSON lines with the checks of rows that only name them: {"tests_ref": ..., "tests": ...}.
        data_in_rows: whether a row may name a file of own problems in its column `data`; False where rows come from
            strangers.
        sandbox: one that may be used by many threads; None takes the one that all rewards of this process share, of
            `tier` with `workers`.
        cpu_seconds, wall_seconds, memory_mb: limits of each program in place of the task's own.

        Raises WavebenchError for a setting that cannot be.
        """
        self.__name__ = f"code_reward_{scale}"
        self._scale = reward_scale(scale, shape, unconfirmed)
        config = parse_config(
            {"model": "any", "task": task if isinstance(task, str) else task.name, "style": style, "form": form}
            | {"data": whole_path(data), "tier": tier, "workers": workers}
            | {"cpu_seconds": cpu_seconds, "wall_seconds": wall_seconds, "memory_mb": memory_mb},
            ORIGIN,
        )
        self._config: RunConfig = config
        self._tasks: dict[tuple[str, str], Task[Any]] = {} if isinstance(task, str) else {(task.name, ""): task}
        self._hidden: Mapping[str, Row] = _read_hidden(hidden_tests) if hidden_tests else {}
        self._data_in_rows = data_in_rows
        self._own_sandbox = sandbox
        self._confirmable: dict[tuple[str, str], bool] = {}
        self._references: dict[tuple[str, str], dict[str, bool]] = {}
        """By task and data: which reference solutions are confirmed, as far as somebody asked."""

    @property
    def sandbox(self) -> Sandbox:
        """The sandbox that is used now."""
        return self._own_sandbox or warm_sandbox(self._config.tier, self._config.workers)

    def __call__(self, completions: Sequence[Completion], **columns: Any) -> list[float | None]:
        """TRL's reward function: one number per completion. Columns of the data set come as lists of equal length.

        Where TRL offers them, `log_extra` gets each verdict and `log_metric` the share that could not be judged.
        """
        answers = answer_texts(completions)
        grades = self.grade(answers, rows_of_columns(columns, len(answers)))
        tell_trainer(columns, [str(grade.verdict) for grade in grades], [grade.judged for grade in grades])
        return [self._scale.reward(grade) for grade in grades]

    async def score(self, completions: Sequence[Completion], **columns: Any) -> list[float | None]:
        """The same for asyncio: give TRL `reward.score` and other coroutines go on meanwhile."""
        return await asyncio.to_thread(self, completions, **columns)

    def compute_score(
        self,
        data_source: str,
        solution_str: str,
        ground_truth: object,
        extra_info: Row | None = None,
        *,
        on_unjudged: str = "zero",
        **_: Any,
    ) -> dict[str, Any]:
        """verl's reward function, for one answer.

        ground_truth: JSON of a row, {"task": ..., "task_id": ...}, or of checks, {"inputs": [...], "outputs": [...]}.
        on_unjudged: verl has no word for "not judged". With "zero" such an answer has score 0 and judged 0, with
            "raise" it raises UnjudgedError.

        Returns score, acc, judged, verdict and detail.
        """
        del data_source, extra_info
        row = ground_truth
        if isinstance(ground_truth, str):
            try:
                row = json.loads(ground_truth)
            except ValueError:
                row = {"task_id": ground_truth}
        if not isinstance(row, Mapping):
            raise RewardError(f"ground_truth is a task id or a JSON object of checks, not {row!r}.")
        [grade] = self.grade([solution_str], [cast(Row, row)])
        reward = self._scale.reward(grade)
        if reward is None and on_unjudged == "raise":
            raise UnjudgedError(f"the answer could not be judged: {grade.detail}")
        return {
            "score": reward or 0.0,
            "acc": float(grade.verdict is Verdict.PASSED and grade.confirmed is True),
            "judged": float(reward is not None),
            "verdict": str(grade.verdict),
            "detail": grade.detail,
        }

    async def rollout_reward(self, answer: str, row: Row) -> float:
        """The number for one answer of a rollout, as verifiers and prime-rl want it. Raises where it cannot be judged.

        Their SandboxError where they are imported, else UnjudgedError: the rollout then counts as an error, not as 0.
        """
        [grade] = await asyncio.to_thread(self.grade, [answer], [row])
        reward = self._scale.reward(grade)
        if reward is None:
            error = getattr(sys.modules.get("verifiers.v1"), "SandboxError", UnjudgedError)
            raise error(f"the answer could not be judged: {grade.detail}")
        return reward

    def grade(self, answers: Sequence[str], rows: Sequence[Row]) -> list[Grade]:
        """The judgement over each answer, before the scale pays for it."""
        if len(answers) != len(rows):
            raise RewardError(f"{len(answers)} answers for {len(rows)} rows: give one row per answer.")
        shares = self._scale.kind is Scale.SHARE
        grades: dict[int, Grade] = {}
        for (name, data), places in self._places_by_task(rows).items():
            task = self.task(name, data)
            self._check_confirmable(task, data)
            grader = self._grader(task, self._references.setdefault((name, data), {}))
            texts, ids = [answers[i] for i in places], [str(rows[i]["task_id"]) for i in places]
            grades |= zip(places, grader.grade(texts, ids, shares=shares), strict=True)
        own = {i: own_row(row, self._hidden) for i, row in enumerate(rows) if i not in grades}
        if places := [i for i, row in own.items() if row.stdio]:
            texts, checks = [answers[i] for i in places], [own[i] for i in places]
            found = grade_stdio(self.sandbox, texts, checks, self._config.form, self._config.limit_changes())
            grades |= zip(places, found, strict=True)
        called = [i for i, row in own.items() if row.calls and row.language != "python"]
        if called:
            texts, checks = [answers[i] for i in called], [own[i] for i in called]
            found = grade_calls(self.sandbox, texts, checks, self._config.form, self._config.limit_changes())
            grades |= zip(called, found, strict=True)
        if places := [i for i, row in own.items() if not row.stdio and i not in called]:
            texts, checks = [answers[i] for i in places], [own[i] for i in places]
            problems = {row.task_id: row for row in checks}
            if clashing := next((row for row in checks if problems[row.task_id] != row), None):
                raise RewardError(
                    f"two rows have the task_id {clashing.task_id!r} and other checks: give each its own id."
                )
            grader = self._grader(OwnRowsTask(tuple(problems.values())))
            grades |= zip(places, grader.grade(texts, [row.task_id for row in checks], shares=shares), strict=True)
        return [grades[i] for i in range(len(answers))]

    def task(self, name: str, data: str = "") -> Task[Any]:
        """A task in the reward's style, loaded once; without `data` its problems are those of the reward's own task."""
        if (name, data) not in self._tasks:
            own = name == self._config.task
            style, own_data = (self._config.style, self._config.data) if own else ("", "")
            self._tasks[name, data] = load_task(name, style, data=data or own_data)
        return self._tasks[name, data]

    def _places_by_task(self, rows: Sequence[Row]) -> Mapping[tuple[str, str], list[int]]:
        """The places of rows that are problems of tasks, by the task's name and the file of own problems."""
        places: dict[tuple[str, str], list[int]] = {}
        for place, row in enumerate(rows):
            checks = [
                name for name in ("tests", "calls", "stdio", "inputs", "tests_ref", "assert_case") if row.get(name)
            ]
            if checks:
                continue
            if not row.get("task_id"):
                raise RewardError(
                    f"row {place} has neither a task_id nor checks of its own; its columns are "
                    f"{', '.join(map(str, row)) or 'none'}: keep the column task_id in the data set."
                )
            if row.get("data") and not self._data_in_rows:
                raise RewardError(
                    f"row {place} names the file {row['data']!r}: rows that name files are not taken here."
                )
            key = str(row.get("task") or self._config.task), str(row.get("data") or "")
            places.setdefault(key, []).append(place)
        return places

    def _check_confirmable(self, task: Task[Any], data: str) -> None:
        """Raises where every pass would be unconfirmed, and so earn nothing without anybody having said so."""
        if (task.name, data) not in self._confirmable:
            first = task.problems[0]
            program = task.program(first, task.reference(first))
            self._confirmable[task.name, data] = program.split is not None
        if self._confirmable[task.name, data]:
            return
        if self._scale.kind is Scale.SHARE:
            raise RewardError(f"the tests of {task.name!r} cannot be counted: take the scale passed or shaped.")
        if self._scale.unconfirmed == 0.0:
            raise RewardError(
                f"passes of {task.name!r} cannot be confirmed, so a program may forge them: give unconfirmed=1.0 to "
                f"pay for them all the same."
            )

    def _grader(self, task: Task[Any], references: dict[str, bool] | None = None) -> TaskGrader:
        return TaskGrader(
            task,
            self.sandbox,
            self._config.form,
            self._config.limit_changes(),
            has_references=references is not None,
            confirmed_references={} if references is None else references,
        )


def _read_hidden(path: str | Path) -> Mapping[str, Row]:
    hidden: dict[str, Row] = {}
    for number, line in enumerate(Path(path).expanduser().read_text().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            hidden[str(row["tests_ref"])] = {key: row[key] for key in row if key != "tests_ref"}
        except (ValueError, TypeError, KeyError):
            raise RewardError(
                f"line {number} of {str(path)!r} is no JSON object with the key tests_ref, by which rows name it: "
                f"correct that line."
            ) from None
    return hidden
