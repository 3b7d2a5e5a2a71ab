"""A sandbox in front of a sandbox: what ran before, or is running already, does not run again."""

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
from sandbox.sandbox import Sandbox

K = TypeVar("K")

_LOOKED_AHEAD = 256
"""Programs that may wait for an outcome of another one, or with an outcome to be handed out."""
_DECODER = msgspec.msgpack.Decoder(Outcome)
_NEVER_KEPT = frozenset({Ending.CPU_LIMIT, Ending.WALL_LIMIT, Ending.OUT_OF_MEMORY, Ending.SANDBOX_FAILED})


class CachedSandbox:
    """A `Sandbox`. The one behind it is opened when a program has to run."""

    def __init__(self, tier: Tier, cache: BlobStore, behind: Callable[[], Sandbox], elsewhere: str = "") -> None:
        """`elsewhere`: see `ExecutionKeys`."""
        self.executed = 0
        """Programs that ran."""
        self.spared = 0
        """Programs that got the outcome of an identical one."""
        self.cache = cache
        self._tier = tier
        self._keys = ExecutionKeys(tier, elsewhere)
        self._open_behind = behind
        self._behind: Sandbox | None = None

    @property
    def tier(self) -> Tier:
        return self._tier

    @property
    def workers(self) -> int:
        return self._behind.workers if self._behind else 0

    def facts(self) -> Mapping[str, str]:
        """Those of the sandbox behind; while nothing had to run only the tier."""
        return self._behind.facts() if self._behind else {"tier": self._tier}

    def run(self, programs: Iterable[tuple[K, Program]]) -> Iterator[tuple[K, Outcome]]:
        """See `Sandbox.run`."""
        feed = _Feed(programs, self.cache, self._keys)
        again: list[tuple[Any, Program]] = []
        while feed.has_more():
            yield from self._hand_out(feed)
            if feed.has_miss():
                for running, outcome in self._sandbox().run(feed):
                    self.executed += 1
                    yield from self._settle(feed, running, outcome, again)
                    yield from self._hand_out(feed)
        for key, outcome in self._sandbox().run(again) if again else ():
            self.executed += 1
            yield key, outcome

    def _settle(
        self, feed: "_Feed", running: "_Inflight", outcome: Outcome, again: list[tuple[Any, Program]]
    ) -> Iterator[tuple[Any, Outcome]]:
        """Gives the outcome to all who asked for it; what may end otherwise the next time is only the first one's."""
        feed.forget(running)
        first, *others = running.askers
        yield first, outcome
        if may_be_kept(outcome):
            with suppress(UnicodeEncodeError):  # half a character in what it wrote: the next one runs it again
                self.cache.keep(running.key, msgspec.msgpack.encode(outcome))
            self.spared += len(others)
            yield from ((asker, outcome) for asker in others)
        else:
            again.extend((asker, running.program) for asker in others)

    def _hand_out(self, feed: "_Feed") -> Iterator[tuple[Any, Outcome]]:
        while feed.found:
            self.spared += 1
            yield feed.found.popleft()

    def open(self) -> Self:
        """Opens the one behind at once."""
        self._sandbox()
        return self

    def _sandbox(self) -> Sandbox:
        if self._behind is None:
            self._behind = self._open_behind()
        return self._behind

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._behind:
                self._behind.__exit__(kind, error, trace)
        finally:
            self.cache.close()


def may_be_kept(outcome: Outcome) -> bool:
    """Whether the same program surely ends like this again: no limit of time or memory, no failed wall, no dispute."""
    if outcome.ending in _NEVER_KEPT or "MemoryError" in outcome.stderr:
        return False
    held = outcome.confirmation is Confirmation.HELD
    return outcome.confirmation is None or held == outcome.finished


@dataclass(slots=True)
class _Inflight:
    """A program that is with the sandbox behind, and whoever waits for its outcome."""

    key: bytes
    program: Program
    askers: list[Any] = field(default_factory=list[Any])


class _Feed:
    """The programs that have to run, each once.

    It pauses, as an iterator that ends and later goes on, when as many as may be are waiting for their turn.
    """

    def __init__(self, programs: Iterable[tuple[Any, Program]], cache: BlobStore, keys: ExecutionKeys) -> None:
        self.found: deque[tuple[Any, Outcome]] = deque()
        """Whose outcome was known."""
        self._programs = iter(programs)
        self._cache = cache
        self._keys = keys
        self._running: dict[bytes, _Inflight] = {}
        self._waiting = 0
        self._next: _Inflight | None = None
        self._ended = False

    def has_more(self) -> bool:
        return not self._ended or bool(self.found) or self._next is not None

    def has_miss(self) -> bool:
        """Looks ahead for the next program that has to run."""
        while self._next is None and not self._ended and len(self.found) + self._waiting < _LOOKED_AHEAD:
            self._look_at_one()
        return self._next is not None

    def forget(self, running: _Inflight) -> None:
        """Its outcome is there."""
        del self._running[running.key]
        self._waiting -= len(running.askers) - 1

    def __iter__(self) -> Iterator[tuple[_Inflight, Program]]:
        return self

    def __next__(self) -> tuple[_Inflight, Program]:
        if not self.has_miss():
            raise StopIteration
        running, self._next = self._next, None
        assert running
        return running, running.program

    def _look_at_one(self) -> None:
        drawn = next(self._programs, None)
        if drawn is None:
            self._ended = True
            return
        asker, program = drawn
        key = self._keys.key(program)
        if running := self._running.get(key):
            running.askers.append(asker)
            self._waiting += 1
        elif content := self._cache.find(key):
            self.found.append((asker, _DECODER.decode(content)))
        else:
            self._next = self._running[key] = _Inflight(key, program, [asker])
