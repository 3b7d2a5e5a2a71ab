"""Watches one running sample from outside: its clock, its output, its end. Blocks in poll, never polls in a loop."""

import contextlib
import os
import resource
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.outcome import Ending
from sandbox.process_table import cpu_seconds_below, seconds_waiting_for_a_processor
from sandbox.program import Limits

KEPT_BYTES = 64 * 1024
"""How much of each output stream an Outcome keeps."""

_READ_SIZE = 64 * 1024
_SHORTEST_WAIT_SECONDS = 0.02
_LONGEST_STRETCH = 10.0
"""However long it waited for a processor, a sample ends at this many times its wall limit."""


class JudgeGoneError(Exception):
    """The other end of the control socket closed while a sample ran."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What the supervisor saw."""

    limit_hit: Ending | None
    """The limit that made us kill it; None when it ended without us."""
    status: int
    """As waitpid gives it."""
    cpu_seconds: float
    wall_seconds: float
    resident_mb: float
    """Peak of the largest process, as rusage has it."""
    stdout: bytes
    stderr: bytes


@dataclass(slots=True)
class _Stream:
    descriptor: int
    kept: bytearray
    total: int = 0

    def drain(self) -> bool:
        """Reads what is there; False at the end of the stream."""
        data = os.read(self.descriptor, _READ_SIZE)
        self.total += len(data)
        self.kept += data[: KEPT_BYTES - len(self.kept)]
        return bool(data)


def watch(
    pid: int, stdout: int, stderr: int, control: int, limits: Limits, cpu_clock: Callable[[], float | None]
) -> Watched:
    """Waits until `pid` and everything below it has ended, and kills it at its first limit.

    `cpu_clock` gives the CPU seconds used so far by the sample and all it started. Raises JudgeGoneError when
    `control` closes; the sample is dead by then too.
    """
    started = time.monotonic()
    streams = {stdout: _Stream(stdout, bytearray()), stderr: _Stream(stderr, bytearray())}
    pidfd = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.register(control, 0)
    for descriptor in streams:
        poll.register(descriptor, select.POLLIN)
    limit_hit: Ending | None = None
    clock = _Clock(pid, limits, cpu_clock, started)
    try:
        while True:
            ready = poll.poll(None if limit_hit else clock.wait_seconds() * 1000)
            ended = False
            for descriptor, _ in ready:
                if descriptor == pidfd:
                    ended = True
                elif descriptor == control:
                    raise JudgeGoneError
                elif not streams[descriptor].drain():
                    poll.unregister(descriptor)
            if ended:
                break
            limit_hit = limit_hit or _limit_hit(clock, streams, limits)
            if limit_hit:
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
    finally:
        os.close(pidfd)
    _drain_rest(streams)
    _, status, usage = os.wait4(pid, 0)
    return _watched(limit_hit, status, usage, started, streams[stdout], streams[stderr], cpu_clock())


def _limit_hit(clock: "_Clock", streams: dict[int, _Stream], limits: Limits) -> Ending | None:
    if sum(stream.total for stream in streams.values()) > limits.output_kb * 1024:
        return Ending.OUTPUT_LIMIT
    return clock.limit_hit()


def _drain_rest(streams: dict[int, _Stream]) -> None:
    """Takes what is still in the pipes, without waiting for writers that outlived the sample (tier "none" has such)."""
    for stream in streams.values():
        os.set_blocking(stream.descriptor, False)
        with contextlib.suppress(BlockingIOError):
            while stream.drain():
                pass


def _watched(
    limit_hit: Ending | None,
    status: int,
    usage: resource.struct_rusage,
    started: float,
    stdout: _Stream,
    stderr: _Stream,
    group_cpu_seconds: float | None,
) -> Watched:
    own_cpu_seconds = usage.ru_utime + usage.ru_stime
    return Watched(
        limit_hit=limit_hit,
        status=status,
        cpu_seconds=max(own_cpu_seconds, group_cpu_seconds or 0.0),
        wall_seconds=time.monotonic() - started,
        resident_mb=usage.ru_maxrss / 1024,
        stdout=bytes(stdout.kept),
        stderr=bytes(stderr.kept),
    )


@dataclass(slots=True)
class _Clock:
    """Tells when to look next: no sooner than the CPU budget could be spent by all processors together."""

    pid: int
    limits: Limits
    cpu_clock: Callable[[], float | None]
    started: float

    def wait_seconds(self) -> float:
        cpu_left = (self.limits.cpu_seconds - self._cpu_seconds()) / (os.cpu_count() or 1)
        wall_left = self.limits.wall_seconds - (time.monotonic() - self.started)
        return max(min(cpu_left, wall_left), _SHORTEST_WAIT_SECONDS)

    def limit_hit(self) -> Ending | None:
        if self._cpu_seconds() >= self.limits.cpu_seconds:
            return Ending.CPU_LIMIT
        elapsed = time.monotonic() - self.started
        if elapsed < self.limits.wall_seconds:
            return None
        waited = min(seconds_waiting_for_a_processor(self.pid), elapsed * (1 - 1 / _LONGEST_STRETCH))
        return Ending.WALL_LIMIT if elapsed - waited >= self.limits.wall_seconds else None

    def _cpu_seconds(self) -> float:
        measured = self.cpu_clock()
        return cpu_seconds_below(self.pid) if measured is None else measured
