"""A processor for each worker: a sample and its tester take turns on it, many times a sample.

To wake each other across processors costs them more than what they have to say.
"""

import os
import socket
from contextlib import suppress


class CpuReservation:
    """A processor that one worker has for itself among all sandboxes of this machine, if one was free.

    Claimed by a name among the local sockets: it needs no file, holds for every user, and ends with its process.
    """

    def __init__(self) -> None:
        self.processor: int | None = None
        for processor in sorted(os.sched_getaffinity(0)):
            self._claim = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                self._claim.bind(f"\0wavebench-processor-{processor}")
            except OSError:
                self._claim.close()
            else:
                self.processor = processor
                return

    def release(self) -> None:
        """Leaves the processor to others."""
        self._claim.close()


def stay_on(processor: int | None) -> None:
    """Binds this process, and all it forks, to a processor; None, or one barred here, leaves that to the kernel."""
    if processor is not None:
        with suppress(OSError):
            os.sched_setaffinity(0, {processor})
