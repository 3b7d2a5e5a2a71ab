"""One sandbox for many callers: every outcome reaches the one who asked, whatever dies meanwhile."""

import os
import threading
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import pytest

from sandbox.errors import SandboxError
from sandbox.launch import open_sandbox
from sandbox.outcome import Ending, Outcome
from sandbox.pool.shared import SharedSandbox, _Arrivals, _Caller, _Ticket  # pyright: ignore[reportPrivateUsage]
from sandbox.program import Limits, Program, SplitTests
from sandbox.sandbox import Sandbox, as_queue
from tests.sandbox.processes import descendants, killing


def printing(word: object, **limits: float) -> Program:
    return Program("python", {"main.py": f"print({str(word)!r})"}, limits=Limits(**limits))  # type: ignore[arg-type]


@pytest.fixture
def shared(kernel: None) -> Iterator[SharedSandbox]:  # noqa: ARG001
    with SharedSandbox(partial(open_sandbox, workers=2), room=8) as opened:
        yield opened


def call_from_threads(shared: SharedSandbox, callers: int, each: int) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = {}

    def call(caller: int) -> None:
        programs = ((number, printing(f"{caller}.{number}")) for number in range(each))
        found[caller] = {number: outcome.stdout for number, outcome in shared.run(programs)}

    threads = [threading.Thread(target=call, args=(caller,)) for caller in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def expected(callers: int, each: int) -> dict[int, dict[int, str]]:
    return {caller: {number: f"{caller}.{number}\n" for number in range(each)} for caller in range(callers)}


def test_many_threads_get_each_their_own_outcomes(shared: SharedSandbox):
    """More programs than the queue has room for: callers wait, nothing is dropped."""
    assert call_from_threads(shared, callers=24, each=6) == expected(24, 6)
    assert shared.waiting == 0


@pytest.mark.usefixtures("kernel")
def test_a_killed_server_costs_no_outcome():
    before = descendants(os.getpid())
    with (
        SharedSandbox(partial(open_sandbox, workers=2), room=8) as shared,
        killing(lambda: sorted(descendants(os.getpid()) - before)[:1], every_seconds=0.1),
    ):
        found = call_from_threads(shared, callers=8, each=10)
    said = {text for outcomes in found.values() for text in outcomes.values()}
    assert {caller: set(outcomes) for caller, outcomes in found.items()} == {n: set(range(10)) for n in range(8)}
    assert said <= {text for outcomes in expected(8, 10).values() for text in outcomes.values()} | {""}


class Breaking:
    """A sandbox that fails as a whole after some outcomes, as when no server can be started any more."""

    def __init__(self, inner: Sandbox, outcomes: int) -> None:
        self._inner, self._left = inner, outcomes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def run(self, programs: Iterable[tuple[Any, Program]]) -> Iterator[tuple[Any, Outcome]]:
        for keyed in self._inner.run(as_queue(programs)):
            if not self._left:
                raise SandboxError("no server starts")
            self._left -= 1
            yield keyed

    def __exit__(self, *error: Any) -> None:
        self._inner.__exit__(*error)


def test_a_sandbox_that_fails_as_a_whole_is_opened_anew(kernel: None):  # noqa: ARG001
    opened: list[Sandbox] = []

    def open_breaking() -> Sandbox:
        inner = open_sandbox(workers=1)
        opened.append(Breaking(inner, 3) if len(opened) < 2 else inner)  # type: ignore[arg-type]
        return opened[-1]

    with SharedSandbox(open_breaking) as shared:
        found = dict(shared.run((n, printing(n)) for n in range(12)))
    assert len(opened) == 3
    assert sorted(found) == list(range(12))
    for number, outcome in found.items():
        assert outcome.stdout == f"{number}\n" or outcome.ending is Ending.SANDBOX_FAILED


def test_who_waits_for_a_sandbox_that_never_opens_again_is_told(kernel: None):  # noqa: ARG001
    opened: list[Sandbox] = []

    def open_once() -> Sandbox:
        if opened:
            raise SandboxError("no server starts")
        opened.append(Breaking(open_sandbox(workers=1), 0))  # type: ignore[arg-type]
        return opened[-1]

    with SharedSandbox(open_once) as shared:
        outcomes = [outcome for _, outcome in shared.run((n, printing(n)) for n in range(3))]
    assert [outcome.ending for outcome in outcomes] == [Ending.SANDBOX_FAILED] * 3
    assert "no server starts" in outcomes[0].detail


def test_what_cannot_be_opened_at_all_is_an_error_at_once():
    def fail() -> Sandbox:
        raise SandboxError("not here")

    with pytest.raises(SandboxError, match="not here"):
        SharedSandbox(fail)


def test_a_program_that_has_to_run_alone_is_not_put_off_for_ever(shared: SharedSandbox):
    """Others keep coming; it runs once more alone all the same."""
    sleeper = Program("python", {"main.py": "import time; time.sleep(60)"}, limits=Limits(wall_seconds=0.3))
    slow = shared.submit(sleeper)
    steady = 0
    while not slow.done() and steady < 3000:
        [(_, outcome)] = shared.run([(0, printing(steady))])
        assert outcome.stdout == f"{steady}\n"
        steady += 1
    assert slow.done()
    assert slow.result().ending is Ending.WALL_LIMIT


def test_an_event_loop_hands_in_beyond_the_room_and_cannot_break_it_by_giving_up(kernel: None):  # noqa: ARG001
    with SharedSandbox(partial(open_sandbox, workers=1), room=2) as shared:
        later = [shared.submit(printing(number), wait=False) for number in range(8)]
        assert not later[5].cancel()
        assert [each.result().stdout for each in later] == [f"{number}\n" for number in range(8)]


def test_a_slow_program_does_not_hold_back_what_its_caller_has_besides(shared: SharedSandbox):
    """While others wait, outcomes are handed over several at once, but not for ever."""
    sleeper = Program("python", {"main.py": "import time; time.sleep(4)"})
    nap = Program("python", {"main.py": "import time; time.sleep(0.2)"})
    handed_in = threading.Event()

    def programs() -> Iterator[tuple[str, Program]]:
        yield "quick", printing("quick")
        yield "slow", sleeper
        handed_in.set()

    mine = shared.run(programs())
    first: list[tuple[str, Outcome]] = []
    caller = threading.Thread(target=lambda: first.append(next(mine)))
    ahead = [shared.submit(nap, wait=False) for _ in range(4)]
    caller.start()
    handed_in.wait()
    others = [shared.submit(nap, wait=False) for _ in range(24)]
    caller.join()
    assert [(key, outcome.stdout) for key, outcome in first] == [("quick", "quick\n")]
    assert not all(other.done() for other in others)
    assert [key for key, _ in mine] == ["slow"]
    assert all(nap.result().finished for nap in [*ahead, *others])


def test_samples_of_one_problem_stay_together(shared: SharedSandbox):
    """Whole programs of a caller run after all confirmations of the group; both callers get theirs."""
    tests = "assert f(1) == 1\n"
    split = SplitTests("def f(x):\n    return x\n", "", tests, ("f",))
    program = Program("python", {"main.py": f"{split.candidate}\n{tests}"}, split=split)
    found = [outcome for _, outcome in shared.run((n, program) for n in range(20))]
    assert all(outcome.finished and outcome.confirmation == "held" for outcome in found)
    assert len(found) == 20


def test_a_closed_one_takes_nothing(kernel: None):  # noqa: ARG001
    shared = SharedSandbox(partial(open_sandbox, workers=1))
    shared.close()
    with pytest.raises(SandboxError, match="closed"):
        list(shared.run([(0, printing("late"))]))


def test_the_workers_are_told_of_programs_only_when_they_found_none():
    arrivals = _Arrivals(room=8)
    ticket = _Ticket("key", Program("python", {"main.py": ""}), _Caller(lambda _key, _found: None))
    for _ in range(3):
        arrivals.put([ticket])
    assert os.eventfd_read(arrivals.wake_descriptor) == 1
    assert sum(arrivals.take() is not None for _ in range(4)) == 3  # the fourth time in vain
    arrivals.put([ticket])
    assert os.eventfd_read(arrivals.wake_descriptor) == 1
    arrivals.release()
