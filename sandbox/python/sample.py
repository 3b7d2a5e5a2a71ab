"""One whole Python program from request to report: the zygote forks it, this process watches it from outside."""

import os
import socket
from dataclasses import dataclass
from typing import Any

from sandbox.program import Limits
from sandbox.walls.cgroups import Group
from sandbox.watch.fork_and_watch import fork_and_watch
from sandbox.zygote.client import Zygote


@dataclass(frozen=True, slots=True)
class SampleServer:
    """What every sample of this server shares."""

    control: socket.socket
    group: Group
    zygote: Zygote


def run_sample(server: SampleServer, limits: Limits, payload: int) -> dict[str, Any]:
    """Has one sample forked, which reads its program from `payload`; watches and reports it. Closes `payload`."""

    def fork(proof: bytes, writers: list[int]) -> Zygote:
        try:
            server.zygote.fork(proof, limits, [payload, *writers])
        finally:
            os.close(payload)
        return server.zygote

    # The proof travels over a socket: whoever writes to a pipe can open it in /proc and read back what it wrote.
    proof_reader, proof_writer = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pipes = [os.pipe(), os.pipe(), (proof_reader.detach(), proof_writer.detach())]
    return fork_and_watch(fork, pipes, server.control.fileno(), [server.group], limits)
