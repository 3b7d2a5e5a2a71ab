"""The trusted side of split mode: one lasting process per worker that runs benchmarks' own tests.

It compiles a candidate but never executes a line of it: it has a zygote fork each candidate into a process of its own,
calls it over a channel of plain values, and watches its limits. Each sample's tests run in a fresh namespace with their
own CPU budget; a tester that stays stuck in one operation is ended by the kernel, and replaced by the worker.
"""

import importlib
import os
import re
import select
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from types import CodeType, FrameType
from typing import Any

from sandbox.outcome import Confirmation, Ending
from sandbox.program import Limits
from sandbox.python.precompile import compile_quietly, compile_tests, whole_code
from sandbox.split.assertions import AssertionRecorder
from sandbox.split.candidate import encode_candidate
from sandbox.split.link import CandidateLink, LimitReachedError, NotStartedError, cpu_limit_words
from sandbox.split.proxies import Channel, FunctionProxy
from sandbox.walls.cgroups import Group, cpu_clock
from sandbox.walls.filesystem import WORK_FOLDER
from sandbox.walls.split_pipes import split_pipe
from sandbox.walls.syscalls import exit_at
from sandbox.watch.supervisor import ForkRefusedError, HostGoneError, SampleEnd
from sandbox.wire.frames import encode_frame, read_frame, receive_with_descriptors
from sandbox.wire.texts import framed, write_all
from sandbox.zygote.client import Zygote
from sandbox.zygote.preload import Demand

_STRETCH, _EXTRA_SECONDS = 1.25, 0.5
"""How much more than its CPU limit a split candidate may use, and its tests likewise: what crosses between them costs
both some time. So whatever stays within the limit in the whole program stays within it here."""
_FEW_CALLS = 1000
"""Beyond, what crosses may cost more than the work itself: its limit then says nothing of the whole program."""
_LAST_SECONDS = 1.0
"""A tester in an operation that no signal handler interrupts is killed so much later."""
_COMPILE_SECONDS = 0.25
"""A tester that compiles a candidate for longer is ended; the candidate's process then does it, within its limits."""
_COUNTED_CPU_SECONDS, _COUNTED_WALL_SECONDS = 0.1, 0.5
"""What a refuted candidate may use, and its tests likewise, for assertions that are only counted."""
_AT_ONCE_SECONDS = 0.001
_GRACE_SECONDS = 0.05
"""How long a candidate may take to end once its tests have."""
_DETAIL_CHARACTERS = 500

_STARTS_PROCESSES = re.compile(r"\b(subprocess|popen|multiprocessing|os\.system)\b")
"""What such a candidate starts finds few programs and no pipes there: that it fails proves nothing."""


@dataclass(frozen=True, slots=True)
class Split:
    """What a confirmation found."""

    confirmation: Confirmation
    detail: str = ""
    limit: Ending | None = None
    """The limit that the candidate reached."""


@dataclass(frozen=True, slots=True)
class _Settled:
    """What decides a sample, as it was when an assertion failed: what is counted behind it moves nothing."""

    found: Split
    calls: int
    cpu_seconds: float
    memory_kills: int


class _TestsTooSlowError(BaseException):
    """The tests themselves used up their CPU seconds, candidate's time not counted."""


class Tester:
    """Tests one candidate after another."""

    def __init__(self, control: socket.socket, zygote: Zygote, group: Group) -> None:
        """`group` is the candidates'."""
        self._control = control
        self._zygote = zygote
        self._group = group
        self._calls = 0
        """How often the last candidate was called."""
        self._asked_ahead = 0
        """How many results it was asked for in vain."""
        self._settled: _Settled | None = None
        """Of the last candidate, where an assertion failed and its tests went on."""
        self._pipe = f"{WORK_FOLDER}/.{os.urandom(8).hex()}"
        """Where a pipe lies while it is made."""
        self._closed = select.poll()
        self._closed.register(control, 0)  # no event but the hang-up, which poll always reports
        signal.signal(signal.SIGPROF, _stop_tests)
        exit_at(signal.SIGVTALRM)

    def serve(self) -> None:
        """Returns when the control socket closes."""
        demand = Demand()
        while arrived := receive_with_descriptors(self._control):
            request, [payload] = arrived
            for module in demand.notice(request["names"]):
                self._zygote.take_up(module)
            try:
                order = read_frame(payload)
            finally:
                os.close(payload)
            assert order
            try:
                code = _compile(order["split"]["candidate"]) if order["first_try"] else None
                found = self._confirm(order, code)
                lines_above: int | None = order["lines_above"]  # None where it has to be compiled as a whole
                whole = b""
                if code is not None and lines_above is not None:
                    whole = whole_code(code, order["split"]["tests"], lines_above)
                # In one piece: the host would wake up for each.
                write_all(self._control.fileno(), encode_frame(found) + framed(whole))
            except (HostGoneError, ConnectionError):
                return

    def _confirm(self, order: dict[str, Any], code: CodeType | None, *, goes_ahead: bool = True) -> dict[str, Any]:
        """Runs one candidate's tests; the fields of a `Split`, or why the sandbox could not."""
        split, limits = order["split"], _stretched(*order["limits"].items())
        candidate = encode_candidate(split["candidate"], code)
        group = self._group
        group.limit(limits.memory_mb, limits.processes)
        kills_before, clock = group.memory_kills(), cpu_clock(group)
        self._settled = None
        try:
            # One that may have killed a tester is not asked for more than its verdict.
            found, told = self._call(split, candidate, limits, clock, counts=order["first_try"], goes_ahead=goes_ahead)
            ended = self._end()
        except NotStartedError as error:
            self._end()
            return {"failed": f"the candidate did not start: {error}"}
        except ForkRefusedError as error:
            return {"failed": f"fork: {error}"}
        cpu_seconds, calls, kills = max(ended.cpu_seconds, clock() or 0.0), self._calls, group.memory_kills()
        if settled := self._settled:
            found, calls, cpu_seconds, kills = settled.found, settled.calls, settled.cpu_seconds, settled.memory_kills
        if cpu_seconds >= limits.cpu_seconds:  # the measured use decides, not whether somebody looked in time
            found = Split(Confirmation.INEXPRESSIBLE, cpu_limit_words(cpu_seconds), Ending.CPU_LIMIT)
        elif found.confirmation is Confirmation.REFUTED and kills > kills_before:
            if self._asked_ahead:  # memory may have run out in a call behind the one that failed
                return self._confirm(order, code, goes_ahead=False)
            found = Split(Confirmation.INEXPRESSIBLE, "the candidate ran out of memory apart from its tests")
        elif found.confirmation is Confirmation.REFUTED and _STARTS_PROCESSES.search(split["candidate"]):
            found = Split(Confirmation.INEXPRESSIBLE, f"the candidate starts processes, and apart: {found.detail}")
        tells = found.confirmation is not Confirmation.INEXPRESSIBLE or found.limit
        return {
            "confirmation": found.confirmation,
            "detail": found.detail[:_DETAIL_CHARACTERS],
            "limit": found.limit if calls <= _FEW_CALLS or split["call_cpu_seconds"] else None,
            "cpu_seconds": cpu_seconds,
            "assertions": told if tells else (),
        }

    def _call(
        self,
        split: dict[str, Any],
        candidate: bytes,
        limits: Limits,
        clock: Callable[[], float | None],
        *,
        counts: bool,
        goes_ahead: bool,
    ) -> tuple[Split, list[dict[str, Any]]]:
        """Has the candidate forked and runs the tests against it; with what they tell of their assertions.

        With `counts` they go on after one that failed. Raises NotStartedError.
        """
        # The tester waits by poll, at both its ends.
        calls_from, calls = split_pipe(self._pipe, writer_blocks=False)
        answers, answers_to = split_pipe(self._pipe, reader_blocks=False)
        channel: Channel | None = None
        try:
            try:
                self._zygote.fork(b"", limits, [answers_to, calls_from])
            finally:
                os.close(answers_to)
                os.close(calls_from)
            link = CandidateLink(calls, answers, self._zygote, limits, clock, self._check_host)
            link.call_cpu_seconds = split["call_cpu_seconds"]
            channel = Channel(link)
            channel.goes_ahead = goes_ahead
            settle = partial(self._settle, split, channel, link) if counts else None
            recorder = AssertionRecorder(channel, settle)
            return _test(split, candidate, channel, limits.cpu_seconds, recorder), recorder.told()
        finally:
            self._calls = channel.calls if channel else 0
            self._asked_ahead = channel.asked_ahead if channel else 0
            os.close(calls)
            os.close(answers)

    def _settle(self, split: dict[str, Any], channel: Channel, link: CandidateLink, error: BaseException) -> None:
        """Called where the first assertion fails, with what made it fail."""
        found = _failure(split, channel, error)
        self._settled = _Settled(found, channel.calls, link.used_seconds(), self._group.memory_kills())
        link.tighten(_COUNTED_CPU_SECONDS, _COUNTED_WALL_SECONDS)
        for timer, most in (
            (signal.ITIMER_VIRTUAL, _COUNTED_CPU_SECONDS + _LAST_SECONDS),
            (signal.ITIMER_PROF, _COUNTED_CPU_SECONDS),
        ):
            signal.setitimer(timer, min(max(signal.getitimer(timer)[0], _AT_ONCE_SECONDS), most))

    def _end(self) -> SampleEnd:
        """Ends the candidate, unless it does so itself as its calls are over. Raises ForkRefusedError."""
        if self._asked_ahead or not self._zygote.ends_within(_GRACE_SECONDS):
            self._zygote.kill()
        return self._zygote.reap()

    def _check_host(self) -> None:
        if self._closed.poll(0):
            raise HostGoneError


@lru_cache
def _stretched(*fields: tuple[str, Any]) -> Limits:
    """What a candidate may use. Samples of one task share their limits."""
    limits = Limits(**dict(fields))
    return replace(limits, cpu_seconds=limits.cpu_seconds * _STRETCH + _EXTRA_SECONDS)


def _compile(candidate: str) -> CodeType | None:
    """See `compile_quietly`: no signal handler of Python's interrupts the compiler, and some text takes it hours."""
    signal.setitimer(signal.ITIMER_VIRTUAL, _COMPILE_SECONDS)
    try:
        return compile_quietly(candidate)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _test(
    split: dict[str, Any], candidate: bytes, channel: Channel, cpu_seconds: float, recorder: AssertionRecorder
) -> Split:
    namespace: dict[str, Any] = {"__name__": "tests"}
    channel.tests = split["helpers"] + split["tests"]
    importlib.import_module("random").seed(0)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, cpu_seconds + _LAST_SECONDS)
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        _start(channel, candidate)
        exec(compile_tests(split["helpers"], "helpers.py"), namespace)
        namespace |= {name: FunctionProxy(channel, name) for name in split["names"]}
        recorder.run(split["tests"], namespace)
    except (HostGoneError, NotStartedError):
        raise
    except _TestsTooSlowError:
        return Split(Confirmation.INEXPRESSIBLE, "the tests themselves ran out of CPU seconds")
    except BaseException as error:
        recorder.note_end(error)
        return _failure(split, channel, error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return _explain(channel) or Split(Confirmation.HELD)


def _failure(split: dict[str, Any], channel: Channel, error: BaseException) -> Split:
    """What a sample is whose tests ended with `error`."""
    if found := _explain(channel):
        # tests may note on what passes through them where they stood
        notes = "".join(f"; {note}" for note in getattr(error, "__notes__", ()))
        return replace(found, detail=f"{found.detail}{notes}")
    if split["replaced"]:
        names = ", ".join(split["replaced"])
        return Split(Confirmation.INEXPRESSIBLE, f"the program replaces {names}, which the tests use")
    return Split(Confirmation.REFUTED, f"{type(error).__name__}: {error}")


def _explain(channel: Channel) -> Split | None:
    """Why the channel ended, whatever the tests made of its exceptions."""
    if channel.inexpressible:
        return Split(Confirmation.INEXPRESSIBLE, channel.inexpressible)
    if isinstance(channel.gone, LimitReachedError):
        return Split(Confirmation.INEXPRESSIBLE, str(channel.gone), channel.gone.ending)
    if channel.gone:
        return Split(Confirmation.REFUTED, str(channel.gone))
    return None


def _start(channel: Channel, candidate: bytes) -> None:
    """Has the program loaded without its tests. One that cannot be says nothing about them: it may end in a stray
    backslash or a bare decorator, which take the tests' first line where they follow."""
    try:
        channel.start(candidate)
    except Exception as error:
        channel.inexpressible = f"the program cannot be loaded without its tests: {type(error).__name__}"
        raise


def _stop_tests(_number: int, _frame: FrameType | None) -> None:
    raise _TestsTooSlowError
