"""One sample from its fork to its report: what whole Python programs and the stages of other languages have in common.

Who forks differs: a whole program's zygote, or this very server for a stage. So that is handed in.
"""

import os
from collections.abc import Callable, Sequence
from typing import Any

from sandbox.outcome import Ending
from sandbox.program import Limits
from sandbox.walls.cgroups import Group, cpu_clock
from sandbox.watch.report import StageReport, report
from sandbox.watch.supervisor import ForkRefusedError, RunningSample, SamplePipes, watch
from sandbox.wire.texts import PROOF_BYTES

Fork = Callable[[bytes, list[int]], RunningSample]
"""Forks a sample, given its completion proof and the writing ends of its pipes. Raises ForkRefusedError."""
Pipe = tuple[int, int]
"""Reading and writing end."""


def fork_and_watch(
    fork: Fork,
    pipes: Sequence[Pipe],
    control: int,
    groups: Sequence[Group],
    limits: Limits,
    finish: Callable[[int], StageReport | None] = lambda _: None,
) -> dict[str, Any]:
    """Has one sample forked, watches it to its end and reports it. Closes `pipes`.

    `pipes` are the sample's stdout, stderr and proof pipe, then what only `finish` reads: it is called with the last
    reading end once the sample has ended. The first of `groups` is the sample's; the CPU time of all counts as its own.
    Raises HostGoneError.
    """
    group = groups[0]
    group.limit(limits.memory_mb, limits.processes)
    kills_before, clock = group.memory_kills(), cpu_clock(*groups)
    proof = os.urandom(PROOF_BYTES)
    readers = [reader for reader, _ in pipes]
    writers = [writer for _, writer in pipes]
    try:
        try:
            sample = fork(proof, writers)
        finally:
            for writer in writers:
                os.close(writer)
        for reader in readers:
            os.set_blocking(reader, False)  # a sample can take back what it wrote before we read it
        watched = watch(sample, SamplePipes(*readers[:3]), control, limits, clock)
        stage = finish(readers[-1])
    except ForkRefusedError as error:
        return {"ending": Ending.SANDBOX_FAILED, "detail": f"fork: {error}"}
    finally:
        for reader in readers:
            os.close(reader)
    kills = group.memory_kills() - kills_before if group.counts_memory_kills else None
    return report(watched, proof, limits, group.peak_mb(), kills, stage)
