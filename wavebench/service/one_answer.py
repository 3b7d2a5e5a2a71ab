"""Judges single answers on the server's event loop: with a thread to each, hand-overs cost more than the judging."""

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
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

_LOOK_SECONDS = 0.1
"""How often a busy loop looks for outcomes."""


class SharedWorkers:
    """A sandbox that the requests of one event loop share, of which at most `places` are with it; the others wait.

    While many programs wait, the loop looks for outcomes from time to time: answers then go out together, and the next
    requests come in together. Woken up for each, the loop takes a core away from the workers each time.
    """

    def __init__(self, sandbox: SharedSandbox, places: int) -> None:
        self._sandbox = sandbox
        self._places = asyncio.Semaphore(places)
        self._ended: deque[tuple[asyncio.Future[Outcome], Outcome]] = deque()
        """Filled by the workers' thread, emptied by the loop."""
        self._open = 0
        self._looks = False
        """Whether a look is due: one row of them serves all programs."""

    async def run(self, program: Program) -> Outcome:
        """The outcome of one program."""
        async with self._places:
            loop = asyncio.get_running_loop()
            outcome: asyncio.Future[Outcome] = loop.create_future()
            self._sandbox.hand_in(program, partial(self._note, loop, outcome), wait=False)
            self._open += 1
            if not self._looks:
                self._looks = True
                loop.call_later(_LOOK_SECONDS, self._look_again, loop)
            return await outcome

    def _note(self, loop: asyncio.AbstractEventLoop, outcome: asyncio.Future[Outcome], found: Outcome) -> None:
        self._ended.append((outcome, found))
        if not self._sandbox.has_work_for(len(self._ended)):
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        while self._ended:
            outcome, found = self._ended.popleft()
            self._open -= 1
            if not outcome.done():  # its request may have been cancelled
                outcome.set_result(found)

    def _look_again(self, loop: asyncio.AbstractEventLoop) -> None:
        self._tell()
        self._looks = self._open > 0
        if self._looks:
            loop.call_later(_LOOK_SECONDS, self._look_again, loop)


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
