"""One sample from request to report: the zygote forks it, this process watches it from outside."""

import json
import os
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sandbox.cgroups import Group, cpu_clock
from sandbox.facts import report
from sandbox.kernel import ENDED
from sandbox.outcome import Ending
from sandbox.process_table import children_of
from sandbox.program import Limits, fields_of
from sandbox.supervise import Ended, ForkRefusedError, Outlets, watch
from sandbox.zygote import APART, IMPORT, PROOF_BYTES, REFUSED, WHOLE


@dataclass(frozen=True, slots=True)
class Server:
    """What every sample of this server shares."""

    control: socket.socket
    group: Group
    zygote: "Zygote"


class Zygote:
    """The zygote as its supervisor reaches it; also the sample that it forked last."""

    def __init__(self, pid: int, channel: socket.socket) -> None:
        self.own_pid = pid
        self._channel = channel

    def take_up(self, module: str) -> None:
        """Has a module imported, for all samples from now on."""
        self._channel.send(IMPORT + module.encode())

    def fork(self, proof: bytes, limits: Limits, descriptors: list[int], *, apart: bool) -> None:
        """Has a sample forked; it holds `descriptors`: its delivery, stdout, stderr and proof pipe."""
        manner = bytes([APART if apart else WHOLE])
        socket.send_fds(self._channel, [proof, manner, _worded(limits)], descriptors)

    def fileno(self) -> int:
        return self._channel.fileno()

    def pid(self) -> int:
        return min(children_of(self.own_pid), default=0)

    def kill(self) -> None:
        if pid := self.pid():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def reap(self) -> Ended:
        told = self._channel.recv(ENDED.size)
        if not told:
            raise ConnectionResetError("the zygote ended")
        if len(told) == REFUSED.size:
            raise ForkRefusedError(os.strerror(*REFUSED.unpack(told)))
        status, user, user_micro, system, system_micro, resident_kb, *_ = ENDED.unpack(told)
        return Ended(status, user + system + (user_micro + system_micro) / 1e6, resident_kb / 1024)


@lru_cache
def _worded(limits: Limits) -> bytes:
    """Samples of one task share theirs."""
    return json.dumps(fields_of(limits)).encode()


def run_sample(server: Server, limits: Limits, delivery: int, *, apart: bool) -> dict[str, Any]:
    """Has one sample forked, which reads its program from `delivery`; watches and reports it. Closes `delivery`."""
    group = server.group
    group.limit(limits.memory_mb, limits.processes)
    kills_before, clock = group.memory_kills(), cpu_clock(group)
    proof = os.urandom(PROOF_BYTES)
    pipes = [os.pipe() for _ in range(3)]
    try:
        server.zygote.fork(proof, limits, [delivery, *(writer for _, writer in pipes)], apart=apart)
    finally:
        for descriptor in (delivery, *(writer for _, writer in pipes)):
            os.close(descriptor)  # at once, so that the tester sees the sample's end
    outlets = Outlets(*(reader for reader, _ in pipes))
    try:
        watched = watch(server.zygote, outlets, server.control.fileno(), limits, clock, restarts=apart)
    except ForkRefusedError as error:
        return {"ending": Ending.SANDBOX_FAILED, "detail": f"fork: {error}"}
    finally:
        for reader, _ in pipes:
            os.close(reader)
    return report(watched, proof, limits, group.peak_mb(), group.memory_kills() - kills_before)
