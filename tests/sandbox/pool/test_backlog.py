"""No program runs whole while a confirmation of its problem, as far as it is at hand, is still to be settled."""

from collections import Counter, deque
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from sandbox.pool.backlog import Backlog, Job
from sandbox.program import Program, SplitTests
from sandbox.sandbox import MappedQueue, as_queue


def program(tests: str) -> Program:
    return Program("python", {"main.py": tests}, split=SplitTests("", "", tests, ("f",)) if tests else None)


def programs(problems: str) -> list[tuple[int, Program]]:
    """A program for each letter, of the problem with that name; a dash has no split tests."""
    return [(n, program("" if letter == "-" else letter)) for n, letter in enumerate(problems)]


def drain(backlog: Backlog, *, fails: Counter[int]) -> Iterator[tuple[str, Job]]:
    """Runs everything, the split tests of two jobs at a time and one whole; job `n` fails `fails[n]` times first."""
    split: deque[Job] = deque()
    while True:
        if len(split) < 2 and (job := backlog.take_split()):
            split.append(job)
            yield "begun split", job
        if job := backlog.take_whole():
            if fails[job.key + 1000]:
                fails[job.key + 1000] -= 1
                backlog.put_back_whole(job)
            else:
                yield "whole", job
        elif split:
            job = split.popleft()
            if fails[job.key]:
                fails[job.key] -= 1
                backlog.put_back_split(job)
            else:
                backlog.settle(job)
                yield "settled", job
        elif not backlog.has_jobs:
            return


RUNS = st.lists(st.tuples(st.sampled_from("abc-"), st.integers(1, 6)), max_size=8).map(
    lambda runs: "".join(letter * count for letter, count in runs)
)


@given(RUNS, st.integers(1, 4), st.dictionaries(st.integers(0, 20) | st.integers(1000, 1020), st.integers(1, 2)))
def test_confirmations_of_a_problem_at_hand_come_before_its_first_whole_program(problems: str, room: int, fails):
    asked = programs(problems)
    events = list(drain(Backlog(asked, room), fails=Counter(fails)))
    whole = [job.key for what, job in events if what == "whole"]
    assert sorted(whole) == [key for key, _ in asked], "each runs whole once"
    settled: set[int] = set()
    for what, job in events:
        if what == "settled":
            settled.add(job.key)
        elif what == "whole" and job.program.split:
            first = job.key
            while first and problems[first - 1] == problems[job.key]:
                first -= 1
            together = [
                n for n in range(first, len(problems)) if problems[first : n + 1] == problems[first] * (n + 1 - first)
            ]
            assert settled.issuperset(together), "a sample of the same problem was still to be settled"


@given(st.integers(1, 3))
def test_little_is_drawn_ahead(room: int):
    drawn = 0

    def source() -> Iterator[tuple[int, Program]]:
        nonlocal drawn
        for each in programs("abcdefghijklmnopqrstuvwxyz"):
            drawn += 1
            yield each

    done = 0
    for what, _ in drain(Backlog(source(), room), fails=Counter()):
        done += what == "whole"
        assert drawn <= done + 2 * room + 5


class PausingQueue:
    """A queue that a test fills while it is in use."""

    closed = False

    def __init__(self, problems: str) -> None:
        self.waiting = deque(programs(problems))

    def take(self) -> tuple[int, Program] | None:
        return self.waiting.popleft() if self.waiting else None


def test_a_queue_that_has_nothing_now_releases_what_is_at_hand():
    queue = PausingQueue("a")
    backlog = Backlog(queue, 2)
    job = backlog.take_split() or backlog.take_whole() or backlog.take_split()
    assert job
    assert backlog.take_whole() is None, "its confirmation is not settled"
    backlog.settle(job)
    assert backlog.take_whole() is job
    queue.waiting.extend(programs("a"))
    assert backlog.take_whole() is None
    assert backlog.take_split()


def test_only_a_closed_queue_gives_no_more_whole_programs():
    queue = PausingQueue("")
    backlog = Backlog(queue, 2)
    assert backlog.take_whole() is None
    assert backlog.may_give_whole, "more may come"
    queue.closed = True
    assert not backlog.may_give_whole


def test_a_plain_iterable_is_a_queue_that_closes_at_its_end():
    queue = as_queue(iter("ab"))
    assert [queue.take(), queue.take(), queue.closed] == ["a", "b", False]
    assert [queue.take(), queue.closed, queue.take()] == [None, True, None]
    assert as_queue(queue) is queue


def test_a_mapped_queue_pauses_and_closes_with_the_other():
    queue = PausingQueue("a")
    mapped = MappedQueue(queue, lambda keyed: keyed[0] + 1)
    assert [mapped.take(), mapped.take(), mapped.closed] == [1, None, False]
    queue.waiting.extend(programs("b"))
    assert mapped.take() == 1
    queue.closed = True
    assert mapped.closed
