"""The process on each machine of a cluster: a sandbox of that machine, which the driver fills and empties.

Programs come in and outcomes go out whenever the driver calls, in any order; the sandbox never waits for the driver.
"""

import platform
import re
import sys
from collections import deque
from collections.abc import Sequence
from threading import Condition, Thread

from sandbox.cache.key import sandbox_digest
from sandbox.errors import SandboxError
from sandbox.launch import open_sandbox
from sandbox.outcome import Outcome, Tier
from sandbox.program import Program
from sandbox.sandbox import Sandbox

LOOK_SECONDS = 0.5
"""How long a call waits for news; every answer, empty or not, shows that the machine is alive."""
_FINGERPRINT = re.compile(r" \[[0-9a-f]+\]$")
"""The part of a fact that holds the times of files, which differ between machines that are otherwise the same."""

Numbered = tuple[int, Program]


class NodeSandbox:
    """One machine's sandbox; one driver calls it, one call at a time."""

    _sandbox: Sandbox

    def __init__(self) -> None:
        self._changed = Condition()
        self._waiting: deque[Numbered] = deque()
        self._out = 0
        """Programs whose outcome is not known yet."""
        self._done: list[tuple[int, Outcome]] = []
        self._failure: SandboxError | None = None

    def open(self, tier: Tier, workers: int) -> dict[str, str]:
        """Opens the sandbox; returns all that could make a program end otherwise here than on another machine.

        Raises SandboxError when this machine cannot provide the tier.
        """
        self._sandbox = open_sandbox(tier, workers)
        # In a thread: programs run on while the driver is busy, and every call of the driver is answered in time.
        Thread(target=self._live, name="wavebench-node", daemon=True).start()
        facts = {name: _FINGERPRINT.sub("", text) for name, text in self._sandbox.facts().items() if name != "workers"}
        return {
            **facts,
            "wavebench's sandbox": sandbox_digest()[:16],  # a machine with another version is refused
            "interpreter": sys.version,
            "machine": platform.machine(),
        }

    def exchange(self, programs: Sequence[Numbered], few: int) -> tuple[list[tuple[int, Outcome]], int]:
        """Adds programs; returns the outcomes since the last call, and how many programs still wait for a worker.

        Waits `LOOK_SECONDS` at most, and only until there is an outcome and at most `few` programs wait. Raises
        SandboxError when the sandbox broke down.
        """
        with self._changed:
            self._waiting.extend(programs)
            self._out += len(programs)
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self._failure or (self._done and (len(self._waiting) <= few or not self._out)), LOOK_SECONDS
            )
            if self._failure:
                raise self._failure
            done, self._done = self._done, []
            return done, len(self._waiting)

    def _live(self) -> None:
        """Runs programs for as long as the process lives; sleeps while none waits."""
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._waiting)
                for number, outcome in self._sandbox.run(_NodeQueue(self._waiting)):
                    with self._changed:
                        self._done.append((number, outcome))
                        self._out -= 1
                        self._changed.notify_all()
        except SandboxError as error:
            with self._changed:
                self._failure = error
                self._changed.notify_all()


class _NodeQueue:
    """The programs that the driver has sent, first come first; never closed, as the driver may always send more."""

    closed = False

    def __init__(self, waiting: deque[Numbered]) -> None:
        self._waiting = waiting

    def take(self) -> Numbered | None:
        return self._waiting.popleft() if self._waiting else None
