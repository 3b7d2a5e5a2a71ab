"""Finds the requests that a run still needs an answer to."""

import hashlib
from collections.abc import Callable, Iterator

from harness.model import Request
from harness.runs.run import Run
from tasks.task import Problem


def missing_requests(run: Run, skipped: Callable[[], None] = lambda: None) -> Iterator[Request]:
    """The next request of every sample that is not complete; calls `skipped` for each sample that is."""
    for problem in run.problems:
        for sample in range(run.config.samples):
            # In the order of the problems, so that a problem is complete and can be judged early.
            request = next_request(run, problem, sample)
            if request is None:
                skipped()
            else:
                yield request


def next_request(run: Run, problem: Problem, sample: int) -> Request | None:
    """What the model is asked next for this sample; None when all its turns are answered."""
    answers = run.folder.completions.answers((problem.task_id, sample))
    prompt = run.task.prompt(problem, answers)
    if prompt is None:
        return None
    return Request(problem.task_id, sample, len(answers), prompt, sample_seed(run.config.seed, problem.task_id, sample))


def sample_seed(seed: int, task_id: str, sample: int) -> int:
    """63 bits from the run's seed, the task id and the sample alone.

    Order, batch, process and resuming do not change it.
    """
    digest = hashlib.sha256(f"{seed}/{task_id}/{sample}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
