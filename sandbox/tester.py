"""The trusted side of split mode: one lasting process per worker that runs benchmarks' own tests.

It never executes a line of a candidate's code: it has a zygote fork each candidate into a process of its own, calls it
over a channel of plain values, and watches its limits. Each sample's tests run in a fresh namespace with their own CPU
budget; a tester that stays stuck in one operation is ended by the kernel, and replaced by the worker.
"""

import importlib
import os
import select
import signal
import socket
from dataclasses import dataclass, replace
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

from sandbox.cgroups import Group, cpu_clock
from sandbox.frames import read_frame, receive_with_descriptors, write_frame
from sandbox.link import LimitReachedError, Link, NotStartedError
from sandbox.outcome import Confirmation, Ending
from sandbox.preload import Demand
from sandbox.program import Limits
from sandbox.stand_in import Channel, StandIn
from sandbox.supervise import ForkRefusedError, JudgeGoneError
from sandbox.zygote_client import Zygote

_STRETCH, _EXTRA_SECONDS = 1.25, 0.5
"""What a candidate may use apart of its CPU limit, and its tests likewise: what crosses between them costs both some
time. So whatever stays within the limit in the whole program stays within it here."""
_LAST_SECONDS = 1.0
"""A tester in an operation that no signal handler interrupts is killed so much later."""
_GRACE_SECONDS = 0.05
"""How long a candidate may take to end once its tests have."""
_DETAIL_CHARACTERS = 500


@dataclass(frozen=True, slots=True)
class Split:
    """What a confirmation found."""

    confirmation: Confirmation
    detail: str = ""
    limit: Ending | None = None
    """The limit that the candidate reached."""


class _TestsTooSlowError(BaseException):
    """The tests themselves used up their CPU seconds, candidate's time not counted."""


class Tester:
    """Tests one candidate after another."""

    def __init__(self, control: socket.socket, zygote: Zygote, group: Group) -> None:
        """`group` is the candidates'."""
        self._control = control
        self._zygote = zygote
        self._group = group
        self._closed = select.poll()
        self._closed.register(control, 0)
        signal.signal(signal.SIGPROF, _give_up)
        signal.signal(signal.SIGVTALRM, signal.SIG_DFL)

    def serve(self) -> None:
        """Returns when the control socket closes."""
        demand = Demand()
        while arrived := receive_with_descriptors(self._control):
            request, [delivery] = arrived
            for module in demand.notice(request["names"]):
                self._zygote.take_up(module)
            try:
                order = read_frame(delivery)
            finally:
                os.close(delivery)
            assert order
            try:
                write_frame(self._control.fileno(), self._confirm(order))
            except (JudgeGoneError, ConnectionError):
                return

    def _confirm(self, order: dict[str, Any]) -> dict[str, Any]:
        """Runs one candidate's tests apart from it; the fields of a `Split`, or why the sandbox could not."""
        limits = _stretched(Limits(**order["limits"]))
        group = self._group
        group.limit(limits.memory_mb, limits.processes)
        kills_before, clock = group.memory_kills(), cpu_clock(group)
        ours, its = socket.socketpair()
        with ours:
            with its:
                self._zygote.fork(b"", limits, [its.fileno()])
            link = Link(ours, self._zygote, limits, clock, self._check_judge)
            try:
                split = _test(order["apart"], Channel(link), limits.cpu_seconds)
            except NotStartedError as error:
                split = None
                failure = f"the candidate did not start: {error}"
        if not self._zygote.ends_within(_GRACE_SECONDS):
            self._zygote.kill()
        try:
            ended = self._zygote.reap()
        except ForkRefusedError as error:
            return {"failed": f"fork: {error}"}
        if split is None:
            return {"failed": failure}
        if split.confirmation is Confirmation.REFUTED and group.memory_kills() > kills_before:
            split = Split(Confirmation.INEXPRESSIBLE, "the candidate ran out of memory apart from its tests")
        return {
            "confirmation": split.confirmation,
            "detail": split.detail[:_DETAIL_CHARACTERS],
            "limit": split.limit,
            "cpu_seconds": max(ended.cpu_seconds, clock() or 0.0),
        }

    def _check_judge(self) -> None:
        if self._closed.poll(0):
            raise JudgeGoneError


def _stretched(limits: Limits) -> Limits:
    return replace(limits, cpu_seconds=limits.cpu_seconds * _STRETCH + _EXTRA_SECONDS)


def _test(apart: dict[str, Any], channel: Channel, cpu_seconds: float) -> Split:
    namespace: dict[str, Any] = {"__name__": "tests"}
    importlib.import_module("random").seed(0)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, cpu_seconds + _LAST_SECONDS)
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        channel.start(apart["candidate"])
        exec(_compiled(apart["helpers"], "helpers.py"), namespace)
        namespace |= {name: StandIn(channel, name) for name in apart["names"]}
        exec(_compiled(apart["tests"], "tests.py"), namespace)
    except (JudgeGoneError, NotStartedError):
        raise
    except _TestsTooSlowError:
        return Split(Confirmation.INEXPRESSIBLE, "the tests themselves ran out of CPU seconds")
    except BaseException as error:
        return _said_by(channel) or Split(Confirmation.REFUTED, f"{type(error).__name__}: {error}")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return _said_by(channel) or Split(Confirmation.HELD)


def _said_by(channel: Channel) -> Split | None:
    """What the channel knows, whatever the tests made of its exceptions."""
    if channel.inexpressible:
        return Split(Confirmation.INEXPRESSIBLE, channel.inexpressible)
    if isinstance(channel.gone, LimitReachedError):
        return Split(Confirmation.INEXPRESSIBLE, str(channel.gone), channel.gone.ending)
    if channel.gone:
        return Split(Confirmation.REFUTED, str(channel.gone))
    return None


@lru_cache(maxsize=512)
def _compiled(source: str, name: str) -> CodeType:
    """Samples of one problem share their tests."""
    return compile(source, name, "exec", dont_inherit=True)


def _give_up(_number: int, _frame: FrameType | None) -> None:
    raise _TestsTooSlowError
