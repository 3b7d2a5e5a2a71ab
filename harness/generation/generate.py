"""Asks the model for every sample that is still missing; each answer is on disk before the next is awaited."""

from collections.abc import Callable
from dataclasses import asdict

from harness.completion import Completion
from harness.files.progress import progress_bar, warn
from harness.generation.missing import missing_requests
from harness.generation.processes.process_group import join_process_group
from harness.generation.processes.rounds import Coordinator, SingleProcess
from harness.generation.processes.shards import Shards
from harness.generation.spending import read_spending
from harness.model import Model, ModelError, Request
from harness.models.registry import open_model
from harness.runs.manifest import describe_host, describe_versions, now
from harness.runs.run import Run

Told = Callable[[Completion], None]


def generate(run: Run, told: Told = lambda _: None, live: Model | None = None) -> None:
    """Goes on where it stopped. A model is loaded only when something is missing; `told` hears of each new answer.

    `live` is asked in place of the model that the config names, by this process alone.
    A task of several turns is asked in rounds: each next prompt needs the answers before it.
    Raises ModelError when the model cannot answer; what came before is on disk.
    """
    if run.config.made_elsewhere:
        return
    _take_over_leftovers(run, told)
    process_group = None if live else join_process_group()
    processes = Coordinator(run, process_group) if process_group else SingleProcess(run)
    model: Model | None = None
    while (first := next(missing_requests(run), None)) is not None:
        processes.deal_out()
        model = model or _open_model(run, processes.size, live)
        if not _ask(run, model, processes, told):
            raise _silent(model, first)
    processes.part()
    if model is not None:
        run.folder.note({"answered": now()})
        _note_spending(run)


def _note_spending(run: Run) -> None:
    """Of all the times this run went on."""
    spending = read_spending(run.folder.completions.path)
    run.folder.note({"spending": asdict(spending)})
    if spending.cost is not None:
        warn(str(spending))


def _take_over_leftovers(run: Run, told: Told) -> None:
    """What helping processes of an earlier start had answered when that was killed."""
    shards = Shards(run.folder.path)
    shards.refuse_owners()
    for completion in shards.fresh():
        _keep(run, completion, told)
    shards.remove()


def _open_model(run: Run, processes: int, live: Model | None) -> Model:
    model = live or open_model(run.config.model, run.config.model_options)
    section = {"host": describe_host(), "versions": describe_versions(), "processes": processes}
    run.folder.note({"model": dict(model.facts()), "generation": section, "asking": _describe_asking(run)})
    return model


def _describe_asking(run: Run) -> dict[str, object]:
    """What the config leaves unsaid of how answers come about: where they stop, and whence a sample's chance comes."""
    prompts = [prompt for problem in run.problems if (prompt := run.task.prompt(problem, ()))]
    return {
        "samples": run.config.samples,
        "stop": sorted({stop for prompt in prompts for stop in prompt.stop}),
        "stops_after_a_fenced_block_of": sorted({prompt.fence_language for prompt in prompts} - {""}),
        "seed_of_a_sample": "63 bits of sha256(seed/task_id/sample)",
        "penalties": "none",
    }


def _ask(run: Run, model: Model, processes: SingleProcess | Coordinator, told: Told) -> int:
    """One round: one request for every sample that is not whole yet. Returns how many were answered."""
    total, answered = len(run.problems) * run.config.samples, 0
    with progress_bar(f"Asking {run.label}", total) as advance:
        for completion in processes.answer(model, skipped=advance):
            if _keep(run, completion, told):
                answered += 1
                advance()
    return answered


def _keep(run: Run, completion: Completion, told: Told) -> bool:
    """Puts one answer on disk; False when there is one already."""
    if run.folder.completions.next_turn((completion.task_id, completion.sample)) != completion.turn:
        return False
    run.folder.completions.append(completion)
    told(completion)
    return True


def _silent(model: Model, first: Request) -> ModelError:
    """A back end that answers nothing would be asked for ever."""
    return ModelError(
        f"the model {model.name!r} gave no answer to {first.task_id!r}, sample {first.sample}: "
        f"run the same command again, and report its back end if that does not help"
    )
