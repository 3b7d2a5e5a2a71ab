"""SandboxFusion's data sets: the tasks that are served, their prompts, and the judgement over an answer."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sandbox.errors import WavebenchError
from sandbox.outcome import Ending
from tasks.task import Problem, Task
from tasks.verdict import Verdict
from wavebench.opening import load_task
from wavebench.service.limits import ServiceLimits
from wavebench.service.one_answer import SharedWorkers, judge_one
from wavebench.service.schemas import (
    CommandRunResult,
    CommandStatus,
    DatasetPrompt,
    EvalResult,
    EvalTestCase,
    RunCodeResponse,
    RunStatus,
    SubmitRequest,
    TestConfig,
)

_ALIASES: Mapping[str, str] = {"humaneval_python": "humaneval"}
"""SandboxFusion's names of our tasks, where they differ."""
_TIME_LIMITS = (Ending.CPU_LIMIT, Ending.WALL_LIMIT)


class RequestError(WavebenchError):
    """A request names something that is not there."""


class NotJudgedError(Exception):
    """The machine failed to judge an answer: SandboxFusion answers such a request with status 500."""


class ServedTasks:
    """Tasks by name, loaded when they are first asked for."""

    def __init__(self, names: Sequence[str], data: str = "") -> None:
        """`data`: folder with the benchmarks' files; empty looks in the usual places."""
        self._names = tuple(names)
        self._data = data
        self._loaded: dict[tuple[str, str], Task[Any]] = {}
        self._problems: dict[tuple[str, str], Mapping[str, Problem]] = {}
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """What `/list_datasets` says: SandboxFusion's names and ours."""
        return [*(alias for alias, name in _ALIASES.items() if name in self._names), *self._names]

    async def task_later(self, dataset: str, config: TestConfig) -> Task[Any]:
        """The same for an event loop: reading a data set's file for the first time takes a second."""
        name, style = self._key(dataset, config)
        return self._loaded.get((name, style)) or await asyncio.to_thread(self.task, dataset, config)

    def task(self, dataset: str, config: TestConfig) -> Task[Any]:
        """A data set's task; `extra.is_freeform` asks for the style of chats. Raises RequestError."""
        name, style = self._key(dataset, config)
        with self._lock:
            if (name, style) not in self._loaded:
                self._loaded[name, style] = load_task(name, style, data=self._data)
            return self._loaded[name, style]

    def _key(self, dataset: str, config: TestConfig) -> tuple[str, str]:
        """Name and style of a data set's task."""
        name = _ALIASES.get(dataset, dataset)
        if name not in self._names:
            raise RequestError(f"unknown dataset {dataset!r}: served are {', '.join(self.names())}.")
        return name, str(config.extra.get("style") or ("chat" if config.extra.get("is_freeform") else ""))

    def problem(self, task: Task[Any], wanted: int | str) -> Problem:
        """A problem by its id, or by the number at the id's end. Raises RequestError."""
        key = task.name, task.style
        if key not in self._problems:
            named = {problem.task_id.rpartition("/")[2]: problem for problem in reversed(task.problems)}
            self._problems[key] = named | {problem.task_id: problem for problem in task.problems}
        if found := self._problems[key].get(str(wanted)):
            return found
        raise RequestError(f"{task.name!r} has no problem {wanted!r}: /list_ids lists its {len(task.problems)} ids.")

    def prompt(self, task: Task[Any], problem: Problem) -> DatasetPrompt:
        """The problem in the task's style."""
        asked = task.prompt(problem, [])
        text: str | list[dict[str, str]] = asked.text or "" if asked else ""
        if asked and asked.text is None:
            text = [{"role": message.role, "content": message.content} for message in asked.messages]
        labels = {"task_id": problem.task_id, "programming_language": problem.language}
        return DatasetPrompt(id=problem.task_id, prompt=text, labels=labels)


async def submit(
    request: SubmitRequest, served: ServedTasks, workers: SharedWorkers, limits: ServiceLimits
) -> EvalResult:
    """Judges one answer. Raises RequestError, NotJudgedError."""
    task = await served.task_later(request.dataset, request.config)
    problem = served.problem(task, request.id)
    if task.prompt(problem, [request.completion]) is not None:
        raise RequestError(f"{problem.task_id!r} of {task.name!r} takes several turns, and a completion is one.")
    seconds = request.config.run_timeout
    if seconds is not None and not seconds > 0:
        raise RequestError(f"run_timeout is a number of seconds above 0, not {seconds!r}.")
    seconds = min(seconds, limits.run_seconds) if seconds else None
    asked = {"cpu_seconds": seconds, "wall_seconds": seconds} if seconds else {}
    found, program = await judge_one(task, problem, request.completion, asked, workers)
    if found.verdict is Verdict.NOT_JUDGED:
        raise NotJudgedError(f"{problem.task_id} was not judged: {found.detail}")
    # Where the tests can run apart from the answer, only a pass that was confirmed so counts.
    accepted = program is not None and found.passed and (found.confirmed is True or program.split is None)
    if not found.code.strip():
        extracted_type = "empty"
    elif "```" not in request.completion:
        extracted_type = "heuristic"
    else:
        extracted_type = "fenced" if request.completion.count("```") % 2 == 0 else "incomplete_fenced"
    late, passed = found.ending in _TIME_LIMITS, found.verdict.passes_upstream
    ran = CommandRunResult(
        status=CommandStatus.TIME_LIMIT_EXCEEDED if late else CommandStatus.FINISHED,
        execution_time=found.wall_seconds,
        return_code=None if late else int(not passed),
        stdout="",
        stderr=found.stderr,
    )
    status = RunStatus.SUCCESS if passed else RunStatus.FAILED
    shown = RunCodeResponse(status=status, message="", run_result=ran)
    return EvalResult(
        id=request.id,
        accepted=accepted,
        extracted_code=found.code,
        full_code=next(iter(program.files.values())) if program else None,
        test_code=program.split.tests if program and program.split else None,
        tests=[EvalTestCase(passed=accepted, exec_info=shown)] if program else [],
        extracted_type=extracted_type,
        extra={
            "verdict": str(found.verdict),
            "detail": found.detail,
            "confirmed": found.confirmed,
            "cpu_seconds": found.cpu_seconds,
            "tests": found.tests,
            "tests_held": found.tests_held,
            "failing": asdict(found.failing) if found.failing else None,
        },
    )
