"""What each route does. The methods' parameters are the requests' bodies; FastAPI reads them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from sandbox.pool.shared import SharedSandbox
from wavebench.rewards.reward import CodeReward
from wavebench.rewards.scale import reward_scale
from wavebench.service.datasets import ServedTasks, submit
from wavebench.service.limits import ServiceLimits
from wavebench.service.metrics import ServiceMetrics
from wavebench.service.one_answer import SharedWorkers
from wavebench.service.run_code import run_code
from wavebench.service.schemas import (
    DatasetPrompt,
    DatasetRequest,
    EvalResult,
    FirstFailure,
    JudgedAnswer,
    JudgeRequest,
    JudgeResponse,
    MetricsFunction,
    MetricsRequest,
    PromptRequest,
    RunCodeRequest,
    RunCodeResponse,
    SubmitRequest,
    TestConfig,
)

_JUDGES_PER_WORKER = 8
_PLACES_PER_WORKER = 16


@dataclass(frozen=True)
class JudgingService:
    """The routes over one sandbox. Those that are no coroutines run in threads; close it after the last request."""

    sandbox: SharedSandbox
    served: ServedTasks
    limits: ServiceLimits = field(default_factory=ServiceLimits)
    metrics: ServiceMetrics = field(default_factory=ServiceMetrics)

    @cached_property
    def _workers(self) -> SharedWorkers:
        return SharedWorkers(self.sandbox, max(self.limits.threads, _PLACES_PER_WORKER * self.sandbox.workers))

    @cached_property
    def _judges(self) -> ThreadPoolExecutor:
        """The threads of `/judge`. More would fight over the interpreter; fewer would not keep the workers busy."""
        most = min(self.limits.threads, _JUDGES_PER_WORKER * self.sandbox.workers)
        return ThreadPoolExecutor(most, thread_name_prefix="wavebench-judge")

    async def run_code(self, request: RunCodeRequest) -> RunCodeResponse:
        """Runs one program; always answered with status 200."""
        response = await run_code(request, self._workers, self.limits)
        self.metrics.count_verdict(response.status)
        return response

    def list_datasets(self) -> list[str]:
        """The data sets that are served."""
        return self.served.names()

    def list_ids(self, request: DatasetRequest) -> list[int | str]:
        """The ids of a data set's problems."""
        problems = self.served.task(request.dataset, request.config).problems
        return [problem.task_id for problem in problems[request.offset : request.offset + request.limit]]

    def get_prompts(self, request: DatasetRequest) -> list[DatasetPrompt]:
        """The problems of a data set as they are put to a model."""
        task = self.served.task(request.dataset, request.config)
        problems = task.problems[request.offset : request.offset + request.limit]
        return [self.served.prompt(task, problem) for problem in problems]

    def get_prompt_by_id(self, request: PromptRequest) -> DatasetPrompt:
        """One problem, by its id or the number at the id's end."""
        task = self.served.task(request.dataset, request.config)
        return self.served.prompt(task, self.served.problem(task, request.id))

    async def submit(self, request: SubmitRequest) -> EvalResult:
        """Judges an answer to a problem: `accepted` is a confirmed pass, `extra` holds the verdict."""
        result = await submit(request, self.served, self._workers, self.limits)
        self.metrics.count_verdict(str((result.extra or {})["verdict"]))
        return result

    def get_metrics(self, request: MetricsRequest) -> dict[str, Any]:
        """As in SandboxFusion for most data sets: nothing."""
        self.served.task(request.dataset, request.config)
        return {}

    def get_metrics_function(self, request: MetricsRequest) -> MetricsFunction:
        """As in SandboxFusion for most data sets: none."""
        self.served.task(request.dataset, request.config)
        return MetricsFunction()

    async def judge(self, request: JudgeRequest) -> JudgeResponse:
        """Judges a batch of answers, and pays for them as `wavebench.rewards` does."""
        return await asyncio.get_running_loop().run_in_executor(self._judges, self._judged, request)

    def close(self) -> None:
        """Ends the threads, once they have nothing to do."""
        self._judges.shutdown()

    def _judged(self, request: JudgeRequest) -> JudgeResponse:
        task = self.served.task(request.task, TestConfig(extra={"style": request.style}))
        reward = CodeReward(
            task,
            request.scale,
            unconfirmed=request.unconfirmed,
            form=request.form,
            data_in_rows=False,
            sandbox=self.sandbox,
        )
        scale = reward_scale(request.scale, unconfirmed=request.unconfirmed)
        results: list[JudgedAnswer] = []
        for grade in reward.grade(request.answers, request.rows):
            self.metrics.count_verdict(str(grade.verdict))
            results.append(
                JudgedAnswer(
                    verdict=str(grade.verdict),
                    detail=grade.detail,
                    confirmed=grade.confirmed,
                    judged=grade.judged,
                    reward=scale.reward(grade),
                    share=grade.share,
                    tests=grade.tests,
                    tests_held=grade.tests_held,
                    failing=FirstFailure(**asdict(grade.failing)) if grade.failing else None,
                )
            )
        return JudgeResponse(results=results)
