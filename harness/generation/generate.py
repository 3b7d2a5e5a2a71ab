"""Asks the model for every sample that is still missing; each answer is on disk before the next is awaited."""

from collections.abc import Callable
from dataclasses import asdict

import msgspec

from harness.completion import Completion
from harness.files.progress import progress_bar, warn
from harness.generation.missing import missing_requests
from harness.generation.processes.process_group import join_process_group
from harness.generation.processes.rounds import Coordinator, SingleProcess
from harness.generation.processes.shards import Shards
from harness.generation.same_weights import refuse_other_weights, refuse_swapped_weights
from harness.generation.spending import read_spending
from harness.model import Model, ModelError
from harness.models.registry import open_model
from harness.runs.manifest import describe_host, describe_versions, now
from harness.runs.run import Run

OnCompletion = Callable[[Completion], None]


def generate(run: Run, on_completion: OnCompletion = lambda _: None, live: Model | None = None) -> None:
    """Asks for every sample that is missing, from where an earlier start stopped.

    Loads a model only when something is missing; `live` is asked in place of the one that the config names, by this
    process alone. Calls `on_completion` with each new answer once it is on disk. A task
    of several turns is asked in rounds, as each next prompt needs the answers before it. Raises ModelError when the
    model cannot answer; what came before is on disk.
    """
    if run.config.made_elsewhere:
        return
    # What helping processes had answered when an earlier start was killed.
    shards = Shards(run.folder.path)
    shards.refuse_owners()
    for completion in shards.read_new():
        _keep(run, completion, on_completion)
    shards.remove()
    process_group = None if live else join_process_group()
    processes = Coordinator(run, process_group) if process_group else SingleProcess(run)
    model: Model | None = None
    # Until nothing is missing: a later turn becomes known with the answer before it, and helpers may die.
    while (first := next(missing_requests(run), None)) is not None:
        # Before the model is loaded: the helpers load theirs meanwhile.
        processes.post_round()
        model = model or _open_model(run, processes.size, live)
        if not _ask_once(run, model, processes, on_completion):
            # A back end that answers nothing would be asked for ever.
            raise ModelError(
                f"the model {model.name!r} gave no answer to {first.task_id!r}, sample {first.sample}: "
                f"run the same command again, and report its back end if that does not help"
            )
    processes.dismiss_helpers()
    if model is None and live is None:
        refuse_swapped_weights(run)
    if model is not None:
        # Some facts are known only now: which request fields a server took, and which of its answers are from before.
        run.folder.note({"answered": now(), "model": dict(model.facts())})
        spending = read_spending(run.folder.completions.path)  # of every start of this run
        run.folder.note({"spending": asdict(spending)})
        if spending.cost is not None:
            warn(str(spending))


def _open_model(run: Run, processes: int, live: Model | None) -> Model:
    model = live or open_model(run.config.model, run.config.model_options)
    refuse_other_weights(run, model.facts())
    section = {"host": describe_host(), "versions": describe_versions(), "processes": processes}
    # What the config does not say about answers: where they stop, and where the seed of a sample comes from.
    prompts = [prompt for problem in run.problems if (prompt := run.task.prompt(problem, ()))]
    asking = {
        "samples": run.config.samples,
        "stop": sorted({stop for prompt in prompts for stop in prompt.stop}),
        "seed_of_a_sample": "63 bits of sha256(seed/task_id/sample)",
        "penalties": "none",
    }
    run.folder.note({"model": dict(model.facts()), "generation": section, "asking": asking})
    return model


def _ask_once(run: Run, model: Model, processes: SingleProcess | Coordinator, on_completion: OnCompletion) -> int:
    """One round: one request for every sample that is not complete. Returns how many were answered."""
    total, answered = len(run.problems) * run.config.samples, 0
    with progress_bar(f"Asking {run.label}", total) as advance:
        for completion in processes.answer(model, skipped=advance):
            if _keep(run, completion, on_completion):
                answered += 1
                advance()
    return answered


def _keep(run: Run, completion: Completion, on_completion: OnCompletion) -> bool:
    """Puts one answer on disk; False when there is one already, as of a helper that was thought dead."""
    if run.folder.completions.next_turn((completion.task_id, completion.sample)) != completion.turn:
        return False
    try:
        # A back end of another package may hand over what JSON can hold and this file cannot be read with.
        msgspec.json.decode(msgspec.json.encode(completion), type=Completion)
    except msgspec.ValidationError as error:
        raise ModelError(
            f"the back end of {run.config.model!r} gave an answer to {completion.task_id!r} that is none ({error}): "
            "report that to its makers; what was answered before is on disk"
        ) from None
    except UnicodeEncodeError:
        pass  # half a character: the folder writes it as U+FFFD
    run.folder.completions.append(completion)
    on_completion(completion)
    return True
