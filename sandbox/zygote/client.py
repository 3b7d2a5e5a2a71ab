"""A zygote as its supervisor reaches it."""

import marshal
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from functools import lru_cache
from typing import NoReturn

from sandbox.program import Limits
from sandbox.walls.cgroups import Group
from sandbox.walls.cpu_affinity import stay_on
from sandbox.walls.namespaces import ChildNamespaces
from sandbox.walls.process_table import children_of
from sandbox.walls.syscalls import ENDED, die_with_parent
from sandbox.watch.supervisor import ForkRefusedError, SampleEnd
from sandbox.zygote.process import IMPORT, LIMITS, MOVED_IN, READY, REFUSED, REQUEST_BYTES, Setup

CANDIDATES = "sandbox.split.candidate.CANDIDATES"
WHOLE_PROGRAMS = "sandbox.python.whole_program.WHOLE_PROGRAMS"
"""The two kinds of zygotes."""


class Zygote:
    """A zygote and the sample that it forked last."""

    def __init__(self, setup: Setup, group: Group, processor: int | None) -> None:
        """Starts it in `group`, and does not wait for it."""
        self._channel, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        children = ChildNamespaces() if setup.walled else None
        if children:
            children.before_fork()
        self.own_pid = os.fork()
        if self.own_pid == 0:
            _become_zygote(setup.code, its.fileno(), processor)
        if children:
            children.after_fork()
        its.close()
        group.adopt(self.own_pid)  # before it can fork, so that its samples are born there
        self._channel.send(marshal.dumps(tuple(setup)))

    def wait_until_moved_in(self) -> None:
        """Returns once it needs nothing of its server's any more. Raises OSError naming the wall that did not go up."""
        self._expect(MOVED_IN)

    def wait_until_ready(self) -> None:
        """Returns once it can fork, after it has moved in. Raises OSError."""
        self._expect(READY)

    def _expect(self, word: bytes) -> None:
        answer = self._channel.recv(REQUEST_BYTES)
        if answer != word:
            raise OSError(answer.decode() or "the zygote ended at once")

    def take_up(self, module: str) -> None:
        """Has a module imported, for all samples from now on."""
        self._channel.send(IMPORT + module.encode())

    def fork(self, head: bytes, limits: Limits, descriptors: list[int]) -> None:
        """Has a sample forked, which holds `descriptors`; see `Kind` for what they and `head` are."""
        socket.send_fds(self._channel, [head, _encode_limits(limits)], descriptors)

    def fileno(self) -> int:
        """Readable once the sample has ended."""
        return self._channel.fileno()

    def pid(self) -> int:
        """The sample's, as the calling process sees it; 0 when it is gone."""
        return min(children_of(self.own_pid), default=0)

    def kill(self) -> None:
        """Ends the sample, and with its namespace everything that it started."""
        if pid := self.pid():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def ends_within(self, seconds: float) -> bool:
        """Whether the sample ends in that time."""
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def reap(self) -> SampleEnd:
        """Waits for the sample's end. Raises ForkRefusedError when there was none."""
        report = self._channel.recv(ENDED.size)
        if not report:
            raise ConnectionResetError("the zygote ended")
        if len(report) == REFUSED.size:
            raise ForkRefusedError(os.strerror(*REFUSED.unpack(report)))
        status, user, user_micro, system, system_micro, resident_kb, *_ = ENDED.unpack(report)
        return SampleEnd(status, user + system + (user_micro + system_micro) / 1e6, resident_kb / 1024)


def _become_zygote(code: str, channel: int, processor: int | None) -> NoReturn:
    """Becomes an interpreter that shares nothing with this one; all other descriptors close with it."""
    try:
        die_with_parent(signal.SIGKILL)
        stay_on(processor)
        os.dup2(channel, 0)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        # Arenas are gathered before anything fills them.
        first = "from sandbox.zygote.large_pages import enlarge_code, gather_arenas; gather_arenas(); enlarge_code()"
        start = f"import sys; sys.path.insert(0, {code!r}); {first}; from sandbox.zygote.process import main; main()"
        words = [sys.executable, "-s", "-S", "-P", "-c", start]
        # The real path: the link of a virtual environment is not shown inside the root.
        os.execve(os.path.realpath(sys.executable), words, os.environ | {"LD_BIND_NOW": "1"})
    finally:
        os._exit(1)


@lru_cache
def _encode_limits(limits: Limits) -> bytes:
    """Samples of one task share theirs."""
    return LIMITS.pack(limits.cpu_seconds, limits.memory_mb, limits.processes, limits.disk_mb)
