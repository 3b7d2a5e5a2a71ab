"""Several processes answer one run: the main one deals out and writes the run folder, the others help.

In rounds: the main process posts the blocks of samples that are missing, every process claims blocks until none is
left, and the main process takes the helpers' shards over as they grow. Who dies leaves its claims to the next round.
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
from tasks.task import Problem

_POLL_SECONDS = 0.2
_LOOK_SECONDS = 1.0
"""How often the main process looks into the shards while it answers itself."""
_PARTING_SECONDS = 10.0


@dataclass(slots=True)
class SingleProcess:
    """One process answers all."""

    run: Run
    size: int = 1

    def deal_out(self) -> None: ...

    def answer(self, model: Model, skipped: Callable[[], None]) -> Iterator[Completion]:
        return model.answer(missing_requests(self.run, skipped), self.run.config.sampling)

    def part(self) -> None: ...


class Coordinator:
    """The main process's part of a round, then of the next."""

    def __init__(self, run: Run, process_group: ProcessGroup) -> None:
        self.size = process_group.size
        self._run = run
        self._board = _Store(process_group, str(run.folder.path))
        self._shards = Shards(run.folder.path)
        self._number = -1
        self._blocks: list[WorkBlock] = []
        self._helped = 0

    def deal_out(self) -> None:
        """Before the model is loaded, so that the helpers load theirs meanwhile."""
        self._number += 1
        keys = [(request.task_id, request.sample) for request in missing_requests(self._run)]
        self._blocks = cut_into_blocks(keys, self.size)
        self._board.post_round(self._number, self._blocks)

    def answer(self, model: Model, skipped: Callable[[], None]) -> Iterator[Completion]:
        """Whatever comes in, of all processes; of a helper that was thought dead perhaps once more."""
        for _ in range(len(self._run.problems) * self._run.config.samples - _count(self._blocks)):
            skipped()
        looked = time.monotonic()
        for completion in self._board.answers(model, self._run, self._number, self._blocks):
            yield completion
            if time.monotonic() - looked > _LOOK_SECONDS:
                yield from self._from_helpers()
                looked = time.monotonic()
        while any(self._is_at_work(rank) for rank in range(1, self.size)):
            time.sleep(_POLL_SECONDS)
            yield from self._from_helpers()
        yield from self._from_helpers()

    def part(self) -> None:
        """Tells the helpers that nothing is missing, and clears their shards away."""
        self._board.post_round(self._number + 1, [])
        patience = time.monotonic() + _PARTING_SECONDS
        while any(self._lives(rank) for rank in range(1, self.size)) and time.monotonic() < patience:
            time.sleep(_POLL_SECONDS)
        self._shards.remove()
        self._run.folder.note({"answered by helpers": self._helped})

    def _from_helpers(self) -> Iterator[Completion]:
        for completion in self._shards.fresh():
            self._helped += 1
            yield completion

    def _is_at_work(self, rank: int) -> bool:
        """A helper that has not come yet has claimed nothing; a dead one answers nothing any more."""
        return self._lives(rank) and not self._board.is_done(self._number, rank)

    def _lives(self, rank: int) -> bool:
        path = shard_path(self._run.folder.path, rank)
        return self._board.is_here(rank) and path.exists() and is_written(path)


def helped(plans: Mapping[Path, RunConfig]) -> bool:
    """Whether this process only helps another one, which leads; then all of its part is done."""
    process_group = join_process_group()
    if process_group is None or process_group.leads:
        return False
    for path, config in plans.items():
        help_out(config, path, process_group)
    return True


def help_out(config: RunConfig, path: Path, process_group: ProcessGroup) -> None:
    """A helping process's part: answers what it can claim, round after round, until nothing is missing."""
    board = _Store(process_group, str(path))
    if not board.wait_for_round(0):
        return
    shard = Shard(path, process_group.rank)
    try:
        board.come()
        model: Model | None = None
        for number in count():
            if not (blocks := board.wait_for_round(number)):
                return
            model = model or open_model(config.model, config.model_options)
            with RunFolder(path, writable=False) as folder:
                run = Run(config, load_task(config), folder)
                for completion in board.answers(model, run, number, blocks):
                    shard.append(completion)
            board.finish(number)
    finally:
        shard.close()


@dataclass(frozen=True, slots=True)
class _Store:
    """The crew's notes about one run."""

    process_group: ProcessGroup
    run: str

    def post_round(self, number: int, blocks: Sequence[WorkBlock]) -> None:
        self.process_group.post(f"{self.run}/round {number}", msgspec.json.encode(blocks).decode())

    def wait_for_round(self, number: int) -> list[WorkBlock]:
        """Its blocks; none when the run is whole."""
        return msgspec.json.decode(self.process_group.wait_for(f"{self.run}/round {number}"), type=list[WorkBlock])

    def answers(self, model: Model, run: Run, number: int, blocks: Sequence[WorkBlock]) -> Iterator[Completion]:
        """What this process answers in a round."""
        claims = WorkQueue(
            blocks,
            partial(self.process_group.claim, f"{self.run}/claims {number}"),
            partial(_request, run, {problem.task_id: problem for problem in run.problems}),
            self.process_group.size,
            run.config.batch_rows,
        )
        for completion in model.answer(claims, run.config.sampling):
            claims.answered()
            yield completion

    def come(self) -> None:
        self.process_group.post(f"{self.run}/here {self.process_group.rank}", "")

    def is_here(self, rank: int) -> bool:
        return self.process_group.read(f"{self.run}/here {rank}") is not None

    def finish(self, number: int) -> None:
        self.process_group.post(f"{self.run}/done {number} {self.process_group.rank}", "")

    def is_done(self, number: int, rank: int) -> bool:
        return self.process_group.read(f"{self.run}/done {number} {rank}") is not None


def _request(run: Run, problems: Mapping[str, Problem], task_id: str, sample: int) -> Request:
    request = next_request(run, problems[task_id], sample)
    if request is None:
        raise ValueError(f"{task_id!r}, sample {sample}, was dealt out and is whole")
    return request


def _count(blocks: Sequence[WorkBlock]) -> int:
    return sum(len(block.samples) for block in blocks)
