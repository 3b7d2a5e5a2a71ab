"""Judges single answers on the server's event loop: with a thread to each, hand-overs cost more than the judging."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from harness.judging.judge import PreparedSample, Sample, conclude_sample, prepare_sample, settled_by
from harness.runs.verdict_log import VerdictRecord
from sandbox.outcome import Outcome
from sandbox.pool.shared import SharedSandbox
from sandbox.program import Program
from tasks.extraction.watched import UNWATCHED
from tasks.task import Problem, Task
from tasks.verdict import Verdict
from wavebench.answers import AnswerVerdict, answer_verdict


@dataclass(frozen=True)
class SharedWorkers:
    """A sandbox that many requests share, of which at most `places` are with it at once; the others wait."""

    sandbox: SharedSandbox
    places: asyncio.Semaphore

    async def run(self, program: Program) -> Outcome:
        """The outcome of one program."""
        async with self.places:
            return await asyncio.wrap_future(self.sandbox.submit(program, wait=False))


async def judge_one(
    task: Task[Any], problem: Problem, answer: str, limits: Mapping[str, Any], workers: SharedWorkers
) -> tuple[AnswerVerdict, Program | None]:
    """As `wavebench.judge` for one answer, and the program that was built of it; None where it holds none.

    What the machine failed to judge is tried once more.
    """
    sample = Sample(problem, 0, [answer], limits=limits)
    record, prepared = await _tried(task, sample, workers)
    if record.verdict is Verdict.NOT_JUDGED:
        # What a confirmation said stands: by now the answer has met the tests.
        record, prepared = await _tried(task, replace(sample, settled=settled_by(record)), workers)
    if prepared is None:
        return answer_verdict(record, ""), None
    return answer_verdict(record, prepared.code), prepared.program


async def _tried(
    task: Task[Any], sample: Sample, workers: SharedWorkers
) -> tuple[VerdictRecord, PreparedSample | None]:
    prepare = partial(prepare_sample, task, sample)
    # Long answers go to another process, which is waited for.
    is_short = len(sample.answers[-1]) <= UNWATCHED
    prepared = prepare() if is_short else await asyncio.to_thread(prepare)
    if isinstance(prepared, VerdictRecord):
        return prepared, None
    return conclude_sample(task, prepared, await workers.run(prepared.runnable)), prepared
