"""A zygote as its supervisor reaches it."""

import json
import os
import select
import signal
import socket
from contextlib import suppress
from functools import lru_cache

from sandbox.cradle import Cradle
from sandbox.kernel import ENDED
from sandbox.process_table import children_of
from sandbox.program import Limits, fields_of
from sandbox.supervise import Ended, ForkRefusedError
from sandbox.zygote import IMPORT, REFUSED, Kind, start_zygote


class Zygote:
    """A zygote and the sample that it forked last."""

    def __init__(self, cradle: Cradle, kind: Kind, control: socket.socket, processor: int | None) -> None:
        """Starts it. Raises OSError naming the wall that it could not put up."""
        self.own_pid, self._channel = start_zygote(cradle, kind, control, processor)

    def take_up(self, module: str) -> None:
        """Has a module imported, for all samples from now on."""
        self._channel.send(IMPORT + module.encode())

    def fork(self, head: bytes, limits: Limits, descriptors: list[int]) -> None:
        """Has a sample forked, which holds `descriptors`; see `Kind` for what they and `head` are."""
        socket.send_fds(self._channel, [head, _encoded(limits)], descriptors)

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

    def reap(self) -> Ended:
        """Waits for the sample's end. Raises ForkRefusedError when there was none."""
        report = self._channel.recv(ENDED.size)
        if not report:
            raise ConnectionResetError("the zygote ended")
        if len(report) == REFUSED.size:
            raise ForkRefusedError(os.strerror(*REFUSED.unpack(report)))
        status, user, user_micro, system, system_micro, resident_kb, *_ = ENDED.unpack(report)
        return Ended(status, user + system + (user_micro + system_micro) / 1e6, resident_kb / 1024)


@lru_cache
def _encoded(limits: Limits) -> bytes:
    """Samples of one task share theirs."""
    return json.dumps(fields_of(limits)).encode()
