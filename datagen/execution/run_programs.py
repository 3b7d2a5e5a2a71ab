"""Runs programs in the sandbox, with one of three results: passed, failed, not judged. Equal programs run once."""

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from enum import StrEnum
from functools import partial
from pathlib import Path

import msgspec

from harness.files.json_lines import JsonLines
from harness.files.progress import warn
from sandbox.cache.sandbox import CachedSandbox
from sandbox.cache.store import BlobStore, default_cache_path
from sandbox.launch import open_sandbox
from sandbox.outcome import Ending, Outcome, Tier
from sandbox.program import Program
from sandbox.sandbox import Sandbox


class Ran(StrEnum):
    """What running one program showed."""

    PASSED = "passed"
    """It reached its last line."""
    FAILED = "failed"
    """It ran and did not."""
    NOT_JUDGED = "not judged"
    """The sandbox or the machine failed, not the program."""


class _ExecutionLine(msgspec.Struct):
    program: str
    ran: Ran


def open_cached_sandbox(tier: Tier = Tier.NAMESPACES, workers: int | None = None) -> Sandbox:
    """A sandbox behind the execution cache that all runs share; it is opened when the first program has to run."""
    return CachedSandbox(tier, open_execution_cache(), partial(open_sandbox, tier, workers))


def open_execution_cache() -> BlobStore:
    """The cache of all runs of this machine."""
    cache = BlobStore(default_cache_path())
    if cache.remark:
        warn(cache.remark)
    return cache


def run_all(
    programs: Iterable[Program], log: Path, sandbox: Sandbox, progress: Callable[[int], None]
) -> dict[str, Ran]:
    """What each program showed, by its sha256.

    Results are appended to `log` as they come, so that a crash costs no more than the programs under way; what could
    not be judged is never kept. Programs that ran before, in any run of this machine, come from the execution cache.
    """
    # The log stays beside the cache: it also keeps what ran into a limit, which could end otherwise the next time, so
    # that a data set that is resumed keeps the rows it had.
    lines = JsonLines(log, _ExecutionLine)
    known = {line.program: line.ran for _, line in lines.read()}
    missing = {program.sha256: program for program in programs if program.sha256 not in known}
    if not missing:
        return known
    with ExitStack() as stack:
        lines.open()
        stack.callback(lines.close)
        for sha256, outcome in sandbox.run(missing.items()):
            known[sha256] = ran = judge(outcome)
            if ran is not Ran.NOT_JUDGED:
                lines.append(_ExecutionLine(sha256, ran))
            progress(1)
    return known


def judge(outcome: Outcome) -> Ran:
    """Passed only if the program reached its end; a failure of the machine is not the program's."""
    if outcome.ending in (Ending.SANDBOX_FAILED, Ending.WALL_LIMIT):
        return Ran.NOT_JUDGED
    return Ran.PASSED if outcome.ending is Ending.EXITED and outcome.finished else Ran.FAILED
