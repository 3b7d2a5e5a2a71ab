"""A sandbox in front of another: a program that ran before, or is running already, does not run again."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from sandbox.cache.key import ExecutionKeys
from sandbox.cache.store import BlobStore
from sandbox.outcome import Confirmation, Ending, Outcome, Tier
from sandbox.program import Program
from sandbox.sandbox import JobQueue, Sandbox, as_queue

K = TypeVar("K")

_MOST_AHEAD = 256
"""Most programs that wait for the outcome of an identical one, or whose outcome waits to be yielded."""
_DECODER = msgspec.msgpack.Decoder(Outcome)
_NEVER_KEPT = frozenset({Ending.CPU_LIMIT, Ending.WALL_LIMIT, Ending.OUT_OF_MEMORY, Ending.SANDBOX_FAILED})


class CachedSandbox:
    """A `Sandbox` that opens its inner sandbox only when a program has to run."""

    def __init__(
        self, tier: Tier, cache: BlobStore, open_inner: Callable[[], Sandbox], remote_fingerprint: str = ""
    ) -> None:
        """`remote_fingerprint`: see `ExecutionKeys`."""
        self.executed = 0
        """Programs that ran."""
        self.cache_hits = 0
        """Programs that got the outcome of an identical one."""
        self.cache = cache
        self._tier = tier
        self._keys = ExecutionKeys(tier, remote_fingerprint)
        self._open_inner = open_inner
        self._inner: Sandbox | None = None

    @property
    def tier(self) -> Tier:
        return self._tier

    @property
    def workers(self) -> int:
        return self._inner.workers if self._inner else 0

    def facts(self) -> Mapping[str, str]:
        """Those of the inner sandbox; only the tier while nothing had to run."""
        return self._inner.facts() if self._inner else {"tier": self._tier}

    def run(self, programs: Iterable[tuple[K, Program]] | JobQueue[tuple[K, Program]]) -> Iterator[tuple[K, Outcome]]:
        """See `Sandbox.run`."""
        misses = _MissQueue(as_queue(programs), self.cache, self._keys)
        again: list[tuple[Any, Program]] = []
        while misses.look_ahead():
            yield from self._drain_hits(misses)
            if not misses.has_next:
                continue
            for running, outcome in self._opened().run(misses):
                self.executed += 1
                yield from self._settle(misses, running, outcome, again)
                yield from self._drain_hits(misses)
        # Each of these runs by itself: an outcome that may change says nothing about an identical program.
        for key, outcome in self._opened().run(again) if again else ():
            self.executed += 1
            yield key, outcome

    def _settle(
        self, misses: "_MissQueue", running: "_RunningProgram", outcome: Outcome, again: list[tuple[Any, Program]]
    ) -> Iterator[tuple[Any, Outcome]]:
        """Gives the outcome to all that wait for it; one that may change goes to the first alone."""
        misses.forget(running)
        first, *others = running.keys
        yield first, outcome
        if not may_be_kept(outcome):
            again.extend((key, running.program) for key in others)
            return
        with suppress(UnicodeEncodeError):  # half a character in the output: the program then runs the next time
            self.cache.keep(running.digest, msgspec.msgpack.encode(outcome))
        self.cache_hits += len(others)
        yield from ((key, outcome) for key in others)

    def _drain_hits(self, misses: "_MissQueue") -> Iterator[tuple[Any, Outcome]]:
        while misses.hits:
            self.cache_hits += 1
            yield misses.hits.popleft()

    def open(self) -> Self:
        """Opens the inner sandbox at once."""
        self._opened()
        return self

    def _opened(self) -> Sandbox:
        if self._inner is None:
            self._inner = self._open_inner()
        return self._inner

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._inner:
                self._inner.__exit__(kind, error, trace)
        finally:
            self.cache.close()


def may_be_kept(outcome: Outcome) -> bool:
    """Whether the same program surely ends like this again.

    False for a limit of time or memory, for a failed wall, and where the split tests say otherwise than the program.
    """
    if outcome.ending in _NEVER_KEPT or "MemoryError" in outcome.stderr:
        return False
    held = outcome.confirmation is Confirmation.HELD
    return outcome.confirmation is None or held == outcome.finished


@dataclass(slots=True)
class _RunningProgram:
    """A program that is with the inner sandbox, and the keys under which its outcome is wanted."""

    digest: bytes
    """Its key in the cache."""
    program: Program
    keys: list[Any] = field(default_factory=list[Any])


class _MissQueue:
    """The programs that have to run, each once: a queue for the inner sandbox.

    Has nothing now while `_MOST_AHEAD` programs wait for their turn to be yielded: memory stays flat.
    """

    def __init__(self, programs: JobQueue[tuple[Any, Program]], cache: BlobStore, keys: ExecutionKeys) -> None:
        self.hits: deque[tuple[Any, Outcome]] = deque()
        """Keys with known outcomes."""
        self._programs = programs
        self._cache = cache
        self._keys = keys
        self._running: dict[bytes, _RunningProgram] = {}
        self._duplicates = 0
        """How many programs wait for the outcome of an identical one that runs."""
        self._next: _RunningProgram | None = None

    @property
    def has_next(self) -> bool:
        return self._next is not None

    @property
    def closed(self) -> bool:
        return self._next is None and self._programs.closed

    def take(self) -> tuple[_RunningProgram, Program] | None:
        self.look_ahead()
        running, self._next = self._next, None
        return (running, running.program) if running else None

    def look_ahead(self) -> bool:
        """Looks for the next program that has to run; True when there is one, or a hit on the way to it."""
        while self._next is None and len(self.hits) + self._duplicates < _MOST_AHEAD:
            keyed = self._programs.take()
            if keyed is None:
                break
            key, program = keyed
            digest = self._keys.key(program)
            if running := self._running.get(digest):
                running.keys.append(key)
                self._duplicates += 1
            elif content := self._cache.find(digest):
                self.hits.append((key, _DECODER.decode(content)))
            else:
                self._next = self._running[digest] = _RunningProgram(digest, program, [key])
        return self._next is not None or bool(self.hits)

    def forget(self, running: _RunningProgram) -> None:
        """Notes that the program has run."""
        del self._running[running.digest]
        self._duplicates -= len(running.keys) - 1
