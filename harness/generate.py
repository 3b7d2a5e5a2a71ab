"""Asks the model for every sample that is still missing; each answer is on disk before the next is awaited."""

import hashlib
from collections.abc import Callable, Iterator

from harness.completion import Completion
from harness.manifest import describe_host, describe_versions, now
from harness.model import Model, ModelError, Request
from harness.models.registry import open_model
from harness.progress import progress_bar
from harness.run import Run


def generate(run: Run, told: Callable[[Completion], None] = lambda _: None) -> None:
    """Goes on where it stopped. A model is loaded only when something is missing; `told` hears of each new answer.

    A task of several turns is asked in rounds: each next prompt needs the answers before it.
    Raises ModelError when the model cannot answer; what came before is on disk.
    """
    if run.config.made_elsewhere:
        return
    model: Model | None = None
    while (first := next(missing_requests(run), None)) is not None:
        model = model or _open_model(run)
        _ask(run, model, told)
        _refuse_silence(run, model, first)
    if model is not None:
        run.folder.note({"answered": now()})


def missing_requests(run: Run, skipped: Callable[[], None] = lambda: None) -> Iterator[Request]:
    """The next request of every sample that is not whole; `skipped` is called for each sample that is."""
    for problem in run.problems:
        for sample in range(run.config.samples):
            answers = run.folder.completions.answers((problem.task_id, sample))
            prompt = run.task.prompt(problem, answers)
            if prompt is None:
                skipped()
            else:
                seed = sample_seed(run.config.seed, problem.task_id, sample)
                yield Request(problem.task_id, sample, len(answers), prompt, seed)


def sample_seed(seed: int, task_id: str, sample: int) -> int:
    """63 bits from the run's seed, the task id and the sample alone: neither order nor batch nor resuming moves it."""
    digest = hashlib.sha256(f"{seed}/{task_id}/{sample}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _open_model(run: Run) -> Model:
    model = open_model(run.config.model, run.config.model_options)
    run.folder.note(
        {"model": dict(model.facts()), "generation": {"host": describe_host(), "versions": describe_versions()}}
    )
    return model


def _ask(run: Run, model: Model, told: Callable[[Completion], None]) -> None:
    """One round: one request for every sample that is not whole yet."""
    total = len(run.problems) * run.config.samples
    with progress_bar(f"Asking {run.label}", total) as advance:
        for completion in model.answer(missing_requests(run, skipped=advance), run.config.sampling):
            run.folder.completions.append(completion)
            told(completion)
            advance()


def _refuse_silence(run: Run, model: Model, first: Request) -> None:
    """A back end that skips a request would be asked for ever."""
    if len(run.folder.completions.answers((first.task_id, first.sample))) == first.turn:
        raise ModelError(
            f"the model {model.name!r} gave no answer to {first.task_id!r}, sample {first.sample}: "
            f"run the same command again, and report its back end if that does not help"
        )
