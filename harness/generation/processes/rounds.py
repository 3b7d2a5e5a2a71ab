"""Several processes answer one run: the main process posts the work and writes the run folder, the others help.

In rounds: the main process posts the blocks of samples that are missing, every process claims blocks until none is
left, and the main process reads the helpers' shards as they grow. What a dead process had claimed is missing in the
next round.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import msgspec

from harness.completion import Completion
from harness.generation.missing import missing_requests, next_request
from harness.generation.processes.process_group import ProcessGroup, join_process_group
from harness.generation.processes.shards import Shard, Shards, is_written, shard_path
from harness.generation.processes.work_queue import WorkBlock, WorkQueue, cut_into_blocks
from harness.model import Model, Request
from harness.models.registry import open_model
from harness.runs.config import RunConfig
from harness.runs.run import Run, load_task
from harness.runs.run_folder import RunFolder

_POLL_SECONDS = 0.2
_SHARD_SECONDS = 1.0
"""How often the main process reads the shards while it answers itself."""
_DISMISS_SECONDS = 10.0
"""How long the main process waits for its helpers to end."""


@dataclass(slots=True)
class SingleProcess:
    """The only process: it answers all requests itself."""

    run: Run
    size: int = 1

    def post_round(self) -> None: ...

    def answer(self, model: Model, skipped: Callable[[], None]) -> Iterator[Completion]:
        return model.answer(missing_requests(self.run, skipped), self.run.config.sampling)

    def dismiss_helpers(self) -> None: ...


class Coordinator:
    """What the main process does, round after round."""

    def __init__(self, run: Run, process_group: ProcessGroup) -> None:
        self.size = process_group.size
        self._run = run
        self._store = _Store(process_group, str(run.folder.path))
        self._shards = Shards(run.folder.path)
        self._number = -1
        self._blocks: list[WorkBlock] = []
        self._helped = 0

    def post_round(self) -> None:
        """Posts what is missing; call it before the model is loaded, so that the helpers load theirs meanwhile."""
        self._number += 1
        keys = [(request.task_id, request.sample) for request in missing_requests(self._run)]
        self._blocks = cut_into_blocks(keys, self.size)
        self._store.post_round(self._number, self._blocks)

    def answer(self, model: Model, skipped: Callable[[], None]) -> Iterator[Completion]:
        """The answers of all processes. One from a helper that was thought dead may come twice."""
        posted = sum(len(block.samples) for block in self._blocks)
        for _ in range(len(self._run.problems) * self._run.config.samples - posted):
            skipped()
        last_read = time.monotonic()
        for completion in self._store.answers(model, self._run, self._number, self._blocks):
            yield completion
            if time.monotonic() - last_read > _SHARD_SECONDS:
                yield from self._read_shards()
                last_read = time.monotonic()
        # A helper that has not started yet has claimed nothing, and a dead one's claims come again next round.
        while any(self._lives(rank) and not self._store.is_done(self._number, rank) for rank in range(1, self.size)):
            time.sleep(_POLL_SECONDS)
            yield from self._read_shards()
        yield from self._read_shards()

    def dismiss_helpers(self) -> None:
        """Posts that nothing is missing, waits for the helpers to end, and removes their shards."""
        self._store.post_round(self._number + 1, [])
        deadline = time.monotonic() + _DISMISS_SECONDS
        while any(self._lives(rank) for rank in range(1, self.size)) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        self._shards.remove()
        self._run.folder.note({"answered by helpers": self._helped})

    def _read_shards(self) -> Iterator[Completion]:
        for completion in self._shards.read_new():
            self._helped += 1
            yield completion

    def _lives(self, rank: int) -> bool:
        path = shard_path(self._run.folder.path, rank)
        return self._store.is_announced(rank) and path.exists() and is_written(path)


def help_main_process(plans: Mapping[Path, RunConfig]) -> bool:
    """Helps the main process with all runs when this is a helping process; False when this is the main process."""
    process_group = join_process_group()
    if process_group is None or process_group.leads:
        return False
    for path, config in plans.items():
        help_out(config, path, process_group)
    return True


def help_out(config: RunConfig, path: Path, process_group: ProcessGroup) -> None:
    """What a helping process does: answers what it can claim, round after round, until nothing is missing."""
    store = _Store(process_group, str(path))
    if not store.wait_for_round(0):  # nothing is missing: no file is made
        return
    shard = Shard(path, process_group.rank)
    try:
        store.announce()
        model: Model | None = None
        for number in count():
            if not (blocks := store.wait_for_round(number)):
                return
            model = model or open_model(config.model, config.model_options)
            # Opened in each round: a prompt of a later turn quotes answers that other processes gave before.
            with RunFolder(path, writable=False) as folder:
                run = Run(config, load_task(config), folder)
                for completion in store.answers(model, run, number, blocks):
                    shard.append(completion)
            store.finish(number)
    finally:
        shard.close()


@dataclass(frozen=True, slots=True)
class _Store:
    """What the processes of the group tell each other about one run."""

    process_group: ProcessGroup
    run: str

    def post_round(self, number: int, blocks: Sequence[WorkBlock]) -> None:
        self.process_group.post(f"{self.run}/round {number}", msgspec.json.encode(blocks).decode())

    def wait_for_round(self, number: int) -> list[WorkBlock]:
        """The blocks of a round; none when nothing is missing."""
        return msgspec.json.decode(self.process_group.wait_for(f"{self.run}/round {number}"), type=list[WorkBlock])

    def answers(self, model: Model, run: Run, number: int, blocks: Sequence[WorkBlock]) -> Iterator[Completion]:
        """What this process answers in a round."""
        problems = {problem.task_id: problem for problem in run.problems}

        def build_request(task_id: str, sample: int) -> Request:
            request = next_request(run, problems[task_id], sample)
            if request is None:
                raise ValueError(f"{task_id!r}, sample {sample}, was posted as missing and is complete")
            return request

        claim = partial(self.process_group.claim, f"{self.run}/claims {number}")
        queue = WorkQueue(blocks, claim, build_request, self.process_group.size, run.config.batch_rows)
        for completion in model.answer(queue, run.config.sampling):
            queue.count_answer()
            yield completion

    def announce(self) -> None:
        self.process_group.post(f"{self.run}/here {self.process_group.rank}", "")

    def is_announced(self, rank: int) -> bool:
        return self.process_group.read(f"{self.run}/here {rank}") is not None

    def finish(self, number: int) -> None:
        self.process_group.post(f"{self.run}/done {number} {self.process_group.rank}", "")

    def is_done(self, number: int, rank: int) -> bool:
        return self.process_group.read(f"{self.run}/done {number} {rank}") is not None
