"""Judging in a thread while the model still answers: verdicts appear beside completions.

It is only ever a saving of time. A verdict is the same as after the model, and `harness.evaluate.judge` judges all that
is left over. So neither a kill nor a failure in this file can change a score.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Thread, get_native_id
from types import TracebackType
from typing import Self

from harness.completion import Completion
from harness.files.progress import warn
from harness.generation.missing import next_request
from harness.judging.judge import (
    Key,
    find_unjudged,
    judge_keys,
    note_judging,
    open_judging_sandbox,
    read_settled_confirmations,
)
from harness.runs.run import Run
from sandbox.errors import WavebenchError
from sandbox.outcome import Ending
from tasks.verdict import Verdict

NICER = 10
"""Steps by which the priority of judging is lower: where both want a core, the model gets nine tenths (sched(7))."""
LEAST_PRIORITY = 19
CORES_PER_WORKER = 4
"""A model that computes on the processor shares it with one judging worker for every so many cores."""
STOP_SECONDS = 3.0
"""How long a stopped run waits for the program that is being judged."""
_DOUBTFUL_ENDINGS = frozenset({Ending.WALL_LIMIT, Ending.SANDBOX_FAILED})
"""Endings that a busy machine can bring about."""


class ConcurrentJudging:
    """Judges each problem as soon as all its samples are answered, for as long as the `with` block runs.

    Opens its sandbox when there is something to judge. At the end of the block it finishes what is being judged, and
    leaves the rest to the judging after the model, which has every core. An exception in the block stops it at once;
    what is being judged then is judged again the next time.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._problems = {problem.task_id: problem for problem in run.problems}
        self._arrived: SimpleQueue[Key | None] = SimpleQueue()
        """Answered samples; None wakes the thread up to end."""
        self._complete: dict[str, set[int]] = {}
        """By task id the complete samples of a problem, until all of them are."""
        self._is_ending = False
        """No further problem is begun."""
        self._is_stopped = False
        """Nothing is written any more: the run folder may be closed."""
        self._failure = ""
        # A daemon: a stopped command ends after STOP_SECONDS, whatever the thread waits for.
        self._thread = Thread(target=self._work, name="wavebench-judging", daemon=True)

    def add(self, completion: Completion) -> None:
        """Tells of a completion that is on disk."""
        self._arrived.put((self._problems[completion.task_id], completion.sample))

    def __enter__(self) -> Self:
        for key in find_unjudged(self._run):  # of an earlier start
            self._arrived.put(key)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._stop()
            return
        try:
            self._is_ending = True
            self._arrived.put(None)
            self._thread.join()
        except BaseException:  # Ctrl-C while it waits
            self._stop()
            raise
        if self._failure:
            warn(f"Concurrent judging stopped: {self._failure.rstrip('.')}. Retrying.")

    def _stop(self) -> None:
        self._is_ending = self._is_stopped = True
        self._arrived.put(None)
        self._thread.join(STOP_SECONDS)

    def _work(self) -> None:
        try:
            self._judge_arrivals()
        except WavebenchError as error:
            self._failure = str(error)
        except ValueError:
            if not self._is_stopped:  # a stopped run has closed its files
                raise

    def _judge_arrivals(self) -> None:
        first = self._arrived.get()
        if first is None:
            return
        # The priority of this thread, and so of all that it starts: the servers and their samples.
        thread = get_native_id()
        niceness = os.getpriority(os.PRIO_PROCESS, thread) + NICER
        os.setpriority(os.PRIO_PROCESS, thread, min(niceness, LEAST_PRIORITY))
        config = self._run.config
        # A model that computes on this processor keeps most of its cores; one elsewhere leaves all to judging.
        if not config.cluster:
            workers = config.workers or len(os.sched_getaffinity(0))
            if str(self._run.folder.manifest().get("model", {}).get("device", "")).startswith("cpu"):
                workers = max(1, workers // CORES_PER_WORKER)
            config = replace(config, workers=workers)
        with open_judging_sandbox(config) as sandbox:
            note_judging(self._run, sandbox)
            settled = read_settled_confirmations(self._run)  # once: reading takes longer with every verdict
            while first is not None and not self._is_ending:
                for record in judge_keys(self._run, self._available(first), sandbox, settled):
                    if self._is_stopped:
                        continue
                    if record.ending in _DOUBTFUL_ENDINGS:  # judged again after the model; its confirmation stays
                        record = replace(record, verdict=Verdict.NOT_JUDGED, confirmed=None)
                    self._run.folder.verdicts.append(record)
                first = self._arrived.get()
            if not self._is_stopped:
                note_judging(self._run, sandbox)

    def _available(self, first: Key) -> Iterator[Key]:
        """The samples of all problems that are answered completely now; never waits for the model.

        The samples of a problem go together, so that their confirmations are settled before a program learns its
        tests; see `sandbox.pool.backlog`.
        """
        key: Key | None = first
        while key is not None and not self._is_ending:
            problem, number = key
            if not next_request(self._run, problem, number):
                complete = self._complete.setdefault(problem.task_id, set())
                complete.add(number)
                if len(complete) >= self._run.config.samples:
                    yield from ((problem, each) for each in sorted(self._complete.pop(problem.task_id)))
            try:
                key = self._arrived.get_nowait()
            except Empty:
                return
        self._arrived.put(None)  # the one that was taken here is for `_judge_arrivals`
