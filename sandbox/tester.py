"""The trusted side of split mode: one lasting process per worker that runs benchmarks' own tests.

It never sees a line of a candidate's code: the candidate is called over a channel of plain values. Each sample's tests
run in a fresh namespace with their own CPU deadline; a tester that stays stuck is replaced by the worker.
"""

import importlib
import os
import signal
import socket
from functools import lru_cache
from types import CodeType, FrameType
from typing import Any

from sandbox.candidate import END
from sandbox.frames import read_frame, receive_with_descriptors, write_bytes, write_frame
from sandbox.outcome import Confirmation
from sandbox.stand_in import CandidateGoneError, Channel, InexpressibleError, StandIn

_SENT_AT_ONCE = 1 << 20


class _TestsTooSlowError(BaseException):
    """The tests themselves used up their CPU seconds, candidate's time not counted."""


def serve_tests(control: socket.socket) -> None:
    """Tests one candidate after another until the control socket closes."""
    signal.signal(signal.SIGPROF, _give_up)
    while arrived := receive_with_descriptors(control):
        _, (delivery, channel) = arrived
        try:
            order = read_frame(delivery)
            assert order
            confirmation, detail = _test(order["apart"], Channel(channel), order["cpu_seconds"])
            _hand_over_whole_program(channel, delivery)
            write_frame(control.fileno(), {"confirmation": confirmation, "confirmation_detail": detail[:500]})
        finally:
            os.close(delivery)
            os.close(channel)


def _test(apart: dict[str, Any], channel: Channel, cpu_seconds: float) -> tuple[Confirmation, str]:
    namespace: dict[str, Any] = {"__name__": "tests"}
    importlib.import_module("random").seed(0)
    try:
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        _start(channel, apart["candidate"])
        exec(_compiled(apart["helpers"], "helpers.py"), namespace)
        namespace |= {name: StandIn(channel, name) for name in apart["names"]}
        exec(_compiled(apart["tests"], "tests.py"), namespace)
    except InexpressibleError as error:
        return Confirmation.INEXPRESSIBLE, str(error)
    except _TestsTooSlowError:
        return Confirmation.INEXPRESSIBLE, "the tests themselves ran out of CPU seconds"
    except CandidateGoneError as error:
        return Confirmation.REFUTED, str(error)
    except BaseException as error:
        if channel.inexpressible:
            return Confirmation.INEXPRESSIBLE, channel.inexpressible
        if apart["replaced"]:
            names = ", ".join(apart["replaced"])
            return Confirmation.INEXPRESSIBLE, f"the program replaces {names}, which the tests use"
        return Confirmation.REFUTED, f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    if channel.inexpressible:
        return Confirmation.INEXPRESSIBLE, channel.inexpressible
    if channel.gone:
        return Confirmation.REFUTED, channel.gone
    return Confirmation.HELD, ""


def _start(channel: Channel, candidate: str) -> None:
    """Has the program loaded without its tests. One that cannot be says nothing about them: it may end in a stray
    backslash or a bare decorator, which take the tests' first line where they follow."""
    try:
        channel.start(candidate)
    except Exception as error:
        raise InexpressibleError(f"the program cannot be loaded without its tests: {type(error).__name__}") from error


@lru_cache(maxsize=512)
def _compiled(source: str, name: str) -> CodeType:
    """Samples of one problem share their tests."""
    return compile(source, name, "exec", dont_inherit=True)


def _hand_over_whole_program(channel: int, delivery: int) -> None:
    """Only now, with the confirmation settled, may the sample learn its tests; they pass through unread."""
    try:
        write_bytes(channel, END)
        while os.sendfile(channel, delivery, None, _SENT_AT_ONCE):
            pass
    except OSError:
        return


def _give_up(_number: int, _frame: FrameType | None) -> None:
    raise _TestsTooSlowError
