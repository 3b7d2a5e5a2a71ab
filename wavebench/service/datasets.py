"""SandboxFusion's data sets: the tasks that are served, their prompts, and the judgement over an answer."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.errors import WavebenchError
from sandbox.outcome import Ending
from sandbox.sandbox import Sandbox
from tasks.task import Problem, Task
from tasks.verdict import Verdict
from wavebench.answers import judge
from wavebench.opening import load_task
from wavebench.service.limits import ServiceLimits
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
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """What `/list_datasets` says: SandboxFusion's names and ours."""
        return [*(alias for alias, name in _ALIASES.items() if name in self._names), *self._names]

    def task(self, dataset: str, config: TestConfig) -> Task[Any]:
        """A data set's task; `extra.is_freeform` asks for the style of chats. Raises RequestError."""
        name = _ALIASES.get(dataset, dataset)
        if name not in self._names:
            raise RequestError(f"unknown dataset {dataset!r}: served are {', '.join(self.names())}.")
        style = str(config.extra.get("style") or ("chat" if config.extra.get("is_freeform") else ""))
        with self._lock:
            if (name, style) not in self._loaded:
                self._loaded[name, style] = load_task(name, style, data=self._data)
            return self._loaded[name, style]

    def problem(self, task: Task[Any], wanted: int | str) -> Problem:
        """A problem by its id, or by the number at the id's end. Raises RequestError."""
        for problem in task.problems:
            if problem.task_id == wanted or problem.task_id.rpartition("/")[2] == str(wanted):
                return problem
        raise RequestError(f"{task.name!r} has no problem {wanted!r}: /list_ids lists its {len(task.problems)} ids.")

    def prompt(self, task: Task[Any], problem: Problem) -> DatasetPrompt:
        """The problem in the task's style."""
        asked = task.prompt(problem, [])
        text: str | list[dict[str, str]] = asked.text or "" if asked else ""
        if asked and asked.text is None:
            text = [{"role": message.role, "content": message.content} for message in asked.messages]
        labels = {"task_id": problem.task_id, "programming_language": problem.language}
        return DatasetPrompt(id=problem.task_id, prompt=text, labels=labels)


def submit(request: SubmitRequest, served: ServedTasks, sandbox: Sandbox, limits: ServiceLimits) -> EvalResult:
    """Judges one answer. Raises RequestError, NotJudgedError."""
    task = served.task(request.dataset, request.config)
    problem = served.problem(task, request.id)
    seconds = min(request.config.run_timeout, limits.run_seconds) if request.config.run_timeout else None
    [found] = judge(
        [request.completion], [problem.task_id], task, sandbox=sandbox, cpu_seconds=seconds, wall_seconds=seconds
    )
    if found.verdict is Verdict.NOT_JUDGED:
        raise NotJudgedError(f"{problem.task_id} was not judged: {found.detail}")
    program = task.program(problem, found.code) if found.code.strip() else None
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
        },
    )
