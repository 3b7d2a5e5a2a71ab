"""No program runs whole while a confirmation of its problem, as far as it is at hand, is still to be settled."""

from collections import Counter, deque
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from sandbox.pool.backlog import Backlog, Job
from sandbox.program import Program, SplitTests


def program(tests: str) -> Program:
    return Program("python", {"main.py": tests}, split=SplitTests("", "", tests, ("f",)) if tests else None)


def programs(problems: str) -> list[tuple[int, Program]]:
    """A program for each letter, of the problem with that name; a dash has no tests apart."""
    return [(n, program("" if letter == "-" else letter)) for n, letter in enumerate(problems)]


def drain(backlog: Backlog, *, fails: Counter[int]) -> Iterator[tuple[str, Job]]:
    """Runs everything, two jobs at a time apart and one whole; job `n` fails `fails[n]` times first."""
    apart: deque[Job] = deque()
    while True:
        if len(apart) < 2 and (job := backlog.next_apart()):
            apart.append(job)
            yield "begun apart", job
        if job := backlog.next_whole():
            if fails[job.key + 1000]:
                fails[job.key + 1000] -= 1
                backlog.again_whole(job)
            else:
                yield "whole", job
        elif apart:
            job = apart.popleft()
            if fails[job.key]:
                fails[job.key] -= 1
                backlog.again_apart(job)
            else:
                backlog.settle(job)
                yield "settled", job
        elif not backlog.holds_jobs:
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


def test_a_source_that_pauses_releases_what_is_at_hand():
    waiting = deque(programs("a"))

    class Source:
        def __iter__(self):
            return self

        def __next__(self):
            if not waiting:
                raise StopIteration
            return waiting.popleft()

    backlog = Backlog(Source(), 2)
    job = backlog.next_apart() or backlog.next_whole() or backlog.next_apart()
    assert job
    assert backlog.next_whole() is None, "its confirmation is not settled"
    backlog.settle(job)
    assert backlog.next_whole() is job
    waiting.extend(programs("a"))
    assert backlog.next_whole() is None
    assert backlog.next_apart()
