"""Watches one running sample from outside: its clock, its output, its end. Blocks in poll, never polls in a loop."""

import os
import select
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from sandbox.outcome import Ending
from sandbox.program import Limits
from sandbox.walls.process_table import cpu_seconds_below, queue_seconds
from sandbox.wire.captured_output import CapturedOutput

CAPTURED_BYTES = 64 * 1024
"""How much of each output stream an Outcome holds."""

_PROCESSORS = os.cpu_count() or 1
_SHORTEST_WAIT_SECONDS = 0.02
_PROOF_OUTPUT_BYTES = 4096


class HostGoneError(Exception):
    """The other end of the control socket closed while a sample ran."""


class ForkRefusedError(Exception):
    """The kernel forked no sample; says why."""


@dataclass(frozen=True, slots=True)
class SampleEnd:
    """What is known of a sample once it is gone."""

    status: int
    """As waitpid gives it."""
    cpu_seconds: float
    resident_mb: float
    """Peak of the largest process, as rusage has it."""


class RunningSample(Protocol):
    """A sample at work, as whoever watches it can reach it."""

    def fileno(self) -> int:
        """Readable once it has ended."""
        ...

    def pid(self) -> int: ...

    def kill(self) -> None:
        """Ends it, and with its namespace everything that it started."""
        ...

    def reap(self) -> SampleEnd:
        """Once it has ended."""
        ...


class Child:
    """A sample that the watching process forked itself."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._descriptor = os.pidfd_open(pid)

    def fileno(self) -> int:
        return self._descriptor

    def pid(self) -> int:
        return self._pid

    def kill(self) -> None:
        signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)  # a number could be another process's by now

    def reap(self) -> SampleEnd:
        os.close(self._descriptor)
        _, status, usage = os.wait4(self._pid, 0)
        return SampleEnd(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


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
    stdout: CapturedOutput
    stderr: CapturedOutput
    proof_output: CapturedOutput
    """What came over the proof pipe."""


@dataclass(frozen=True, slots=True)
class SamplePipes:
    """The reading ends of a sample's three ways out."""

    stdout: int
    stderr: int
    proof: int


def watch(
    sample: RunningSample,
    pipes: SamplePipes,
    control: int,
    limits: Limits,
    cpu_clock: Callable[[], float | None],
) -> Watched:
    """Waits until `sample` and everything below it has ended, and kills it at its first limit.

    `cpu_clock` gives the CPU seconds used so far by the sample and all it started. Raises HostGoneError when `control`
    closes; the sample then ends with its server.
    """
    stdout, stderr = CapturedOutput(CAPTURED_BYTES), CapturedOutput(CAPTURED_BYTES)
    proof_output = CapturedOutput(_PROOF_OUTPUT_BYTES)
    streams = {pipes.stdout: stdout, pipes.stderr: stderr}
    clock = _Clock(sample, limits, cpu_clock)
    end = sample.fileno()
    poll = select.poll()
    poll.register(end, select.POLLIN)
    poll.register(control, 0)  # no event but the hang-up, which poll always reports
    for descriptor in streams:  # the proof is read at the end: each look costs time
        poll.register(descriptor, select.POLLIN)
    limit_hit: Ending | None = None
    while True:
        ready = [descriptor for descriptor, _ in poll.poll(None if limit_hit else clock.wait_seconds() * 1000)]
        if control in ready:
            raise HostGoneError
        if end in ready:
            break
        for descriptor in streams.keys() & set(ready):
            if not streams[descriptor].drain(descriptor):
                poll.unregister(descriptor)
        if stdout.total + stderr.total > limits.output_kb * 1024:
            limit_hit = limit_hit or Ending.OUTPUT_LIMIT
        limit_hit = limit_hit or clock.limit_hit()
        if limit_hit:
            sample.kill()
    _drain_rest(streams)
    proof_output.take(_read_proof(pipes.proof))
    ended = sample.reap()
    return Watched(
        limit_hit=limit_hit,
        status=ended.status,
        cpu_seconds=clock.cpu_seconds(ended.cpu_seconds),
        wall_seconds=clock.wall_seconds(),
        resident_mb=ended.resident_mb,
        stdout=stdout,
        stderr=stderr,
        proof_output=proof_output,
    )


def _drain_rest(streams: dict[int, CapturedOutput]) -> None:
    """Takes what is still in the pipes, without waiting for writers that outlived the sample (tier "none" has such)."""
    poll = select.poll()
    for descriptor in streams:
        poll.register(descriptor, select.POLLIN)
    while any(streams[each].drain(each) for each, event in poll.poll(0) if event & select.POLLIN):
        pass


def _read_proof(descriptor: int) -> bytes:
    """What came over the proof's socket, message by message; a few bytes more than can be kept where it was flooded."""
    messages: list[bytes] = []
    left = _PROOF_OUTPUT_BYTES + 1
    with suppress(BlockingIOError, ConnectionError):  # a writer that outlived the sample; one that left unread data
        while left > 0 and (message := os.read(descriptor, _PROOF_OUTPUT_BYTES)):
            messages.append(message)
            left -= len(message)
    return b"".join(messages)


class _Clock:
    """Tells when to look next: no sooner than the CPU budget could be spent by all processors together.

    Until then it does not look either: most samples are over before.
    """

    def __init__(self, sample: RunningSample, limits: Limits, cpu_clock: Callable[[], float | None]) -> None:
        self._sample = sample
        self._limits = limits
        self._cpu_clock = cpu_clock
        self._started = time.monotonic()
        self._seen = 0.0
        self._seen_at = 0.0

    def wait_seconds(self) -> float:
        cpu_left = (self._limits.cpu_seconds - self._used_at_most()) / _PROCESSORS
        wall_left = self._limits.wall_seconds - self.wall_seconds()
        return max(min(cpu_left, wall_left), _SHORTEST_WAIT_SECONDS)

    def limit_hit(self) -> Ending | None:
        elapsed = self.wall_seconds()
        if self._used_at_most() >= self._limits.cpu_seconds:
            by_group = self._cpu_clock()
            self._seen = cpu_seconds_below(self._sample.pid()) if by_group is None else by_group
            self._seen_at = elapsed
            if self._seen >= self._limits.cpu_seconds:
                return Ending.CPU_LIMIT
        if elapsed < self._limits.wall_seconds:
            return None
        waited = queue_seconds(self._sample.pid(), elapsed)
        return Ending.WALL_LIMIT if elapsed - waited >= self._limits.wall_seconds else None

    def wall_seconds(self) -> float:
        return time.monotonic() - self._started

    def cpu_seconds(self, by_usage: float) -> float:
        """What was used in all, once the sample has ended."""
        return max(by_usage, self._cpu_clock() or 0.0)

    def _used_at_most(self) -> float:
        """Since we last looked, all processors may have worked for it."""
        return self._seen + (self.wall_seconds() - self._seen_at) * _PROCESSORS
