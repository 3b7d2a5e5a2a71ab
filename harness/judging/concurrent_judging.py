"""Judging while the model still answers: verdicts appear beside completions, and nothing hangs on it.

What is judged here would be judged the same afterwards; whatever is left over, `judge` does as ever. So neither a kill
nor a failure in this file can change a score.
"""

import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Thread, get_native_id

from harness.completion import Completion
from harness.files.progress import warn
from harness.generation.missing import next_request
from harness.judging.judge import judge_keys, note_judging, open_judging_sandbox, settled_confirmations, unjudged
from harness.runs.run import Run
from harness.runs.verdict_log import VerdictRecord
from sandbox.errors import WavebenchError
from sandbox.outcome import Ending
from tasks.task import Problem
from tasks.verdict import Verdict

NICER = 10
"""So many steps the judging processes stand back: where both want a core, the model gets nine tenths (sched(7))."""
LEAST_PRIORITY = 19
CORES_PER_WORKER = 4
"""A model that computes on the processor shares it with one judging worker for so many cores."""
STOP_SECONDS = 3.0
"""How long a stopped run waits for the program that is being judged."""
_LATE_ENDINGS = frozenset({Ending.WALL_LIMIT, Ending.SANDBOX_FAILED})

Key = tuple[Problem, int]
Told = Callable[[Completion], None]


@contextmanager
def judging_meanwhile(run: Run) -> Generator[Told]:
    """Yields what to call with each completion once it is on disk.

    When the model is done, what is being judged is finished; the rest is left to `judge`, which has every core.
    """
    judge = _Judge(run)
    try:
        yield judge.take
        judge.finish()
    except BaseException:
        judge.stop()
        raise


class _Judge:
    """One thread with a sandbox of its own, which is opened when there is something to judge."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._problems = {problem.task_id: problem for problem in run.problems}
        self._arrived: SimpleQueue[Key | None] = SimpleQueue()
        self._whole: dict[str, set[int]] = {}
        """Samples that are whole, of problems of which not all are."""
        self._leaving = False
        self._stopped = False
        self._failure = ""
        self._thread = Thread(target=self._work, name="wavebench-judging", daemon=True)
        for key in unjudged(run):
            self._arrived.put(key)
        self._thread.start()

    def take(self, completion: Completion) -> None:
        self._arrived.put((self._problems[completion.task_id], completion.sample))

    def finish(self) -> None:
        """Ends with what is being judged."""
        self._leaving = True
        self._arrived.put(None)
        self._thread.join()
        if self._failure:
            warn(f"Nothing more could be judged beside the model ({self._failure}) It is tried again now.")

    def stop(self) -> None:
        """Ends at once, as far as possible; what is being judged is judged again the next time."""
        self._leaving = self._stopped = True
        self._arrived.put(None)
        self._thread.join(STOP_SECONDS)

    def _work(self) -> None:
        try:
            self._judge_arrivals()
        except WavebenchError as error:
            self._failure = str(error)
        except ValueError:
            if not self._stopped:  # a stopped run has closed its files
                raise

    def _judge_arrivals(self) -> None:
        first = self._arrived.get()
        if first is None:
            return
        _step_back()
        config = self._run.config
        config = config if config.cluster else replace(config, workers=_workers(self._run))
        with open_judging_sandbox(config) as sandbox:
            note_judging(self._run, sandbox)
            settled = settled_confirmations(self._run)
            while first is not None and not self._leaving:
                for judged in judge_keys(self._run, self._available(first), sandbox, settled):
                    self._keep(judged)
                first = self._arrived.get()
            if not self._stopped:
                note_judging(self._run, sandbox)

    def _available(self, first: Key) -> Iterator[Key]:
        """The problems that are answered in full at this moment; judging never waits for the model with one in hand.

        All samples of a problem go together, so that their confirmations are settled before the first of them learns
        its tests; see `sandbox.pool.backlog`.
        """
        key: Key | None = first
        while key is not None and not self._leaving:
            yield from self._completed_by(key)
            try:
                key = self._arrived.get_nowait()
            except Empty:
                return
        self._arrived.put(None)

    def _completed_by(self, key: Key) -> list[Key]:
        problem, number = key
        if next_request(self._run, problem, number):
            return []
        whole = self._whole.setdefault(problem.task_id, set())
        whole.add(number)
        if len(whole) < self._run.config.samples:
            return []
        return [(problem, number) for number in sorted(self._whole.pop(problem.task_id))]

    def _keep(self, judged: VerdictRecord) -> None:
        """What a busy machine can have brought about is judged again when the model is done, its confirmation apart."""
        if self._stopped:
            return
        if judged.ending in _LATE_ENDINGS:
            judged = replace(judged, verdict=Verdict.NOT_JUDGED, confirmed=None)
        self._run.folder.verdicts.append(judged)


def _step_back() -> None:
    """Lowers the priority of this thread and of all that it starts."""
    thread = get_native_id()
    niceness = os.getpriority(os.PRIO_PROCESS, thread) + NICER
    os.setpriority(os.PRIO_PROCESS, thread, min(niceness, LEAST_PRIORITY))


def _workers(run: Run) -> int:
    """All the run's workers beside a model that computes elsewhere, fewer beside one on this processor."""
    workers = run.config.workers or len(os.sched_getaffinity(0))
    device = str(run.folder.manifest().get("model", {}).get("device", ""))
    return max(1, workers // CORES_PER_WORKER) if device.startswith("cpu") else workers
