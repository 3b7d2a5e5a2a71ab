"""One whole Python program from request to report: the zygote forks it, this process watches it from outside."""

import os
import socket
from dataclasses import dataclass
from typing import Any

from sandbox.outcome import Ending
from sandbox.program import Limits
from sandbox.python.whole_program import PROOF_BYTES
from sandbox.walls.cgroups import Group, cpu_clock
from sandbox.watch.report import report
from sandbox.watch.supervisor import ForkRefusedError, SamplePipes, watch
from sandbox.zygote.client import Zygote


@dataclass(frozen=True, slots=True)
class SampleServer:
    """What every sample of this server shares."""

    control: socket.socket
    group: Group
    zygote: Zygote


def _one_way() -> tuple[int, int]:
    """Reading and writing end of what, unlike a pipe, its writer cannot open in /proc to read back what it said."""
    reader, writer = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return reader.detach(), writer.detach()


def run_sample(server: SampleServer, limits: Limits, payload: int) -> dict[str, Any]:
    """Has one sample forked, which reads its program from `payload`; watches and reports it. Closes `payload`."""
    group = server.group
    group.limit(limits.memory_mb, limits.processes)
    kills_before, clock = group.memory_kills(), cpu_clock(group)
    proof = os.urandom(PROOF_BYTES)
    pipes = [os.pipe(), os.pipe(), _one_way()]
    try:
        server.zygote.fork(proof, limits, [payload, *(writer for _, writer in pipes)])
    finally:
        for descriptor in (payload, *(writer for _, writer in pipes)):
            os.close(descriptor)
    for reader, _ in pipes:
        os.set_blocking(reader, False)  # a sample can take back what it wrote before we read it
    pipes_of_sample = SamplePipes(*(reader for reader, _ in pipes))
    try:
        watched = watch(server.zygote, pipes_of_sample, server.control.fileno(), limits, clock)
    except ForkRefusedError as error:
        return {"ending": Ending.SANDBOX_FAILED, "detail": f"fork: {error}"}
    finally:
        for reader, _ in pipes:
            os.close(reader)
    kills = group.memory_kills() - kills_before if group.counts_memory_kills else None
    return report(watched, proof, limits, group.peak_mb(), kills)
