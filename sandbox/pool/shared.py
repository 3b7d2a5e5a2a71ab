"""One sandbox for many callers: threads hand in programs at any time, and all of them run on one set of warm workers.

The workers belong to one thread, which opens them, feeds them and opens them again when they fail as a whole. Whoever
calls `run` waits while the queue is full; nothing is dropped.
"""

import os
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

from sandbox.errors import SandboxError
from sandbox.outcome import Outcome, Tier
from sandbox.pool.lane import failed
from sandbox.program import Program
from sandbox.sandbox import JobQueue, Sandbox, as_queue

K = TypeVar("K")

ROOM = 256
"""Programs that wait for a worker before callers have to wait."""
_LARGEST_GROUP = 64
"""Most samples of one problem that a caller hands in at once."""
_MOST_TRIES = 2
"""How often a program is given to a sandbox that fails as a whole."""
_LONE_WAIT_SECONDS = 1.0
"""How long programs that have to run alone wait for the others to end, before no new ones are taken."""
_MOST_GATHERED = 16
"""Outcomes that wake a calling thread at once, while many programs wait: each wake-up costs the workers a core."""
_BUSY_FROM = 4
"""Programs that wait for each worker, from which on outcomes are gathered."""
_GATHERING_SECONDS = 0.5
"""The longest that outcomes of a call are gathered."""


@dataclass(slots=True)
class _Caller:
    """Where the outcomes of one call go."""

    deliver: Callable[[Any, Outcome], None]
    gone: bool = False
    """Nobody wants the outcomes any more."""


@dataclass(slots=True, eq=False)
class _Ticket:
    """One program of one caller."""

    key: Any
    program: Program
    caller: _Caller
    tries: int = 0


class SharedSandbox:
    """A `Sandbox` whose `run` may be called by many threads at once."""

    def __init__(self, open_inner: Callable[[], Sandbox], room: int = ROOM) -> None:
        """Opens a sandbox at once. Raises what `open_inner` raises."""
        self._open_inner = open_inner
        self._arrivals = _Arrivals(room)
        self._opened: Future[Sandbox] = Future()
        # Servers end with the thread that started them: so it is the one that opens them.
        self._thread = threading.Thread(target=self._work, name="wavebench-shared-sandbox", daemon=True)
        self._thread.start()
        try:
            first = self._opened.result()
        except BaseException:
            self.close()
            raise
        self._tier, self._workers, self._facts = first.tier, first.workers, first.facts()

    @property
    def tier(self) -> Tier:
        return self._tier

    @property
    def workers(self) -> int:
        return self._workers

    @property
    def waiting(self) -> int:
        """Programs that no worker has yet."""
        return self._arrivals.waiting

    def has_work_for(self, gathered: int) -> bool:
        """Whether the workers stay busy while callers are not told yet of so many outcomes."""
        return self._arrivals.waiting >= max(_BUSY_FROM * self._workers, 2 * gathered)

    def facts(self) -> Mapping[str, str]:
        return self._facts

    def submit(self, program: Program, *, wait: bool = True) -> Future[Outcome]:
        """The outcome of one program, later. Waits while the queue is full.

        Without `wait` the program is put behind the others however many they are: for an event loop, which must not
        stop and bounds its programs itself.
        """
        outcome: Future[Outcome] = Future()
        outcome.set_running_or_notify_cancel()  # who no longer waits may not cancel what the workers' thread will set
        self.hand_in(program, outcome.set_result, wait=wait)
        return outcome

    def hand_in(self, program: Program, deliver: Callable[[Outcome], None], *, wait: bool = True) -> None:
        """As `submit`, and calls `deliver` with the outcome in the workers' thread, which it must not keep."""
        caller = _Caller(lambda _key, found: deliver(found))
        self._enter([_Ticket(None, program, caller)], wait=wait)

    def run(self, programs: Iterable[tuple[K, Program]] | JobQueue[tuple[K, Program]]) -> Iterator[tuple[K, Outcome]]:
        """See `Sandbox.run`. Samples of one problem that follow each other stay together among those of other callers.

        So their confirmations are settled before one of them meets the tests; see `sandbox.pool.backlog`.
        """
        ended: deque[tuple[Any, Outcome]] = deque()
        wake = threading.Event()
        running = 0

        def deliver(key: Any, outcome: Outcome) -> None:
            ended.append((key, outcome))
            if len(ended) >= min(running, _MOST_GATHERED) or not self.has_work_for(len(ended)):
                wake.set()

        caller = _Caller(deliver)
        groups = _Groups(as_queue(programs), self._arrivals.room)
        try:
            while True:
                while running < self._arrivals.room and (group := groups.take()):
                    running += len(group)  # first, as the outcomes may be there before `_enter` returns
                    self._enter([_Ticket(key, program, caller) for key, program in group])
                if not running:
                    return
                while not ended:
                    wake.wait(_GATHERING_SECONDS)
                    wake.clear()
                yield ended.popleft()
                running -= 1
        finally:
            caller.gone = True

    def close(self) -> None:
        """Ends the workers. Programs without an outcome end as `SANDBOX_FAILED`."""
        self._arrivals.close()
        self._thread.join()
        self._arrivals.fail_all(self._tier if self._opened.done() and not self._opened.exception() else Tier.NONE)
        self._arrivals.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _enter(self, tickets: Sequence[_Ticket], *, wait: bool = True) -> None:
        if not self._arrivals.put(tickets, wait=wait):
            raise SandboxError("The shared sandbox is closed: open another one.")

    def _work(self) -> None:
        """The life of the thread that owns the workers."""
        try:
            inner = self._open_inner()
        except BaseException as error:
            self._opened.set_exception(error)
            return
        self._opened.set_result(inner)
        while self._arrivals.wait():
            try:
                if inner is None:
                    inner = self._open_inner()
                self._arrivals.begin(inner)
                for ticket, outcome in inner.run(self._arrivals):
                    self._arrivals.settle(ticket, outcome)
            except Exception as error:  # whatever broke, a caller waits for its outcomes
                with suppress(Exception):
                    if inner is not None:
                        inner.__exit__(type(error), error, error.__traceback__)
                inner = None
                self._arrivals.give_back(failed(self._tier, f"the sandbox failed as a whole: {error}"))
        if inner is not None:
            inner.__exit__(None, None, None)


class _Groups:
    """Cuts a caller's programs into runs of samples of one problem."""

    def __init__(self, programs: JobQueue[tuple[Any, Program]], most: int) -> None:
        self._programs = programs
        self._most = min(most, _LARGEST_GROUP)
        self._next: tuple[Any, Program] | None = None

    def take(self) -> list[tuple[Any, Program]]:
        """The next group; empty where there is nothing now."""
        group: list[tuple[Any, Program]] = []
        while len(group) < self._most:
            keyed = self._next or self._programs.take()
            self._next = None
            if keyed is None:
                break
            if group and keyed[1].tests_key != group[-1][1].tests_key:
                self._next = keyed
                break
            group.append(keyed)
            if not keyed[1].tests_key:  # alone: it has nobody to wait for
                break
        return group


@dataclass
class _Arrivals:
    """The programs that wait for a worker, by problem, and those that the workers have: the inner sandbox's queue."""

    room: int
    wake_descriptor: int = field(default_factory=lambda: os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC))
    """Readable when programs have arrived after `take` found none."""
    waiting: int = 0
    _groups: OrderedDict[Any, deque[_Ticket]] = field(default_factory=OrderedDict[Any, deque[_Ticket]])
    _current: deque[_Ticket] = field(default_factory=lambda: deque[_Ticket]())
    """The rest of the group that is being taken."""
    _running: set[_Ticket] = field(default_factory=lambda: set[_Ticket]())
    _asked_in_vain: bool = True
    """Whether `take` found none since `wake_descriptor` was written last."""
    _inner: Sandbox | None = None
    _lone_since: float | None = None
    _closed: bool = False

    def __post_init__(self) -> None:
        self._changed = threading.Condition()

    def put(self, tickets: Sequence[_Ticket], *, wait: bool = True) -> bool:
        """Adds a group; waits while there is no room for it, unless told not to. False when the sandbox is closed."""
        tests = tickets[0].program.tests_key
        with self._changed:
            self._changed.wait_for(lambda: self._closed or not wait or self.waiting + len(tickets) <= self.room)
            if self._closed:
                return False
            # Samples of a problem that other callers have handed in, too, are kept together; see `SharedSandbox.run`.
            self._groups.setdefault(tests or object(), deque()).extend(tickets)
            self.waiting += len(tickets)
            self._changed.notify_all()
            tell, self._asked_in_vain = self._asked_in_vain, False
        if tell:
            os.eventfd_write(self.wake_descriptor, 1)
        return True

    def wait(self) -> bool:
        """Returns when a program waits; False when none will come any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self.waiting)
            return not self._closed

    def begin(self, inner: Sandbox) -> None:
        """Notes whose queue this is from now on."""
        self._inner, self._lone_since = inner, None

    def take(self) -> tuple[_Ticket, Program] | None:
        """The next program; None when there is none, or when others have waited long enough to run alone."""
        if self._lone_jobs_are_due():
            return None
        with self._changed:
            while not self._closed:
                if not self._current:
                    if not self._groups:
                        self._asked_in_vain = True
                        return None
                    _, self._current = self._groups.popitem(last=False)
                ticket = self._current.popleft()
                self.waiting -= 1
                self._changed.notify_all()
                if not ticket.caller.gone:
                    self._running.add(ticket)
                    return ticket, ticket.program
        return None

    @property
    def closed(self) -> bool:
        return self._closed

    def settle(self, ticket: _Ticket, outcome: Outcome) -> None:
        """Gives the outcome to the caller."""
        self._running.discard(ticket)
        ticket.caller.deliver(ticket.key, outcome)

    def give_back(self, outcome: Outcome) -> None:
        """After a failure: programs that were running wait again; those that have had their tries end with `outcome`.

        While nothing can be opened, those that wait end so, too: their callers must not wait for ever.
        """
        with self._changed:
            if not self._running:
                self._current.extend(ticket for group in self._groups.values() for ticket in group)
                self._groups.clear()
                self._running.update(self._current)
                self._current.clear()
                self.waiting = 0
            again: list[_Ticket] = []
            over: list[_Ticket] = []
            for ticket in self._running:
                ticket.tries += 1
                (again if ticket.tries < _MOST_TRIES else over).append(ticket)
            self._running.clear()
            self._current.extendleft(again)
            self.waiting += len(again)
            self._changed.notify_all()
        for ticket in over:
            ticket.caller.deliver(ticket.key, outcome)

    def fail_all(self, tier: Tier) -> None:
        """Ends everything that has no outcome."""
        left = [*self._running, *self._current, *(ticket for group in self._groups.values() for ticket in group)]
        for ticket in left:
            ticket.caller.deliver(ticket.key, failed(tier, "the sandbox was closed"))
        self._running.clear()
        self._current.clear()
        self._groups.clear()
        self.waiting = 0

    def close(self) -> None:
        """No program is taken any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        os.eventfd_write(self.wake_descriptor, 1)

    def release(self) -> None:
        """Gives the descriptor back."""
        os.close(self.wake_descriptor)

    def _lone_jobs_are_due(self) -> bool:
        if not getattr(self._inner, "lone_jobs", 0):
            self._lone_since = None
            return False
        now = time.monotonic()
        self._lone_since = self._lone_since or now
        return now - self._lone_since > _LONE_WAIT_SECONDS
