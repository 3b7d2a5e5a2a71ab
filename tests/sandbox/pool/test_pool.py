"""Many programs at once: nothing lost, nothing left behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.launch import open_sandbox
from sandbox.outcome import Ending, Tier
from sandbox.pool.host import ServerProcess, ThisMachine, _ServerChild
from sandbox.pool.pool import Pool
from sandbox.program import Limits, Program
from sandbox.wire.frames import Role
from tests.sandbox.group_tree import groups_named
from tests.sandbox.processes import descendants, kill_one, wait_until

ROOT = Path(__file__).parents[3]


def python(source: str, **limits: float) -> Program:
    return Program("python", {"main.py": source}, limits=Limits(**limits))  # type: ignore[arg-type]


def groups_of(makers: set[int]) -> set[Path]:
    """The control groups these processes made; other sandboxes on the machine have theirs."""
    return {path for path in groups_named("wavebench-") if int(path.name.split("-")[1]) in makers}


def test_every_program_is_answered_once(sandbox):
    outcomes = dict(sandbox.run((n, python(f"print({n})")) for n in range(200)))
    assert {n: outcome.stdout for n, outcome in outcomes.items()} == {n: f"{n}\n" for n in range(200)}


def test_what_many_programs_import_is_soon_imported_for_all():
    asks = "import sys\nprint('datetime' in sys.modules)\nimport datetime"
    with open_sandbox(workers=1) as sandbox:
        said = [outcome.stdout for _, outcome in sandbox.run((n, python(asks)) for n in range(12))]
    assert (said[0], said[-1]) == ("False\n", "True\n")


def test_programs_are_drawn_only_as_workers_come_free(sandbox):
    drawn = 0

    def programs() -> Iterator[tuple[int, Program]]:
        nonlocal drawn
        for n in range(100):
            drawn += 1
            yield n, python("pass")

    for done, _ in enumerate(sandbox.run(programs()), start=1):
        assert drawn <= done + 2 * sandbox.workers


def test_a_run_that_was_left_answers_nothing_in_the_next(sandbox):
    for _ in sandbox.run((n, python(f"print({n})")) for n in range(9)):
        break
    said = {key: outcome.stdout for key, outcome in sandbox.run((n, python(f"print({n})")) for n in range(100, 104))}
    assert said == {n: f"{n}\n" for n in range(100, 104)}


def test_a_run_that_a_later_one_ended_says_so(sandbox):
    first = sandbox.run((n, python("pass")) for n in range(9))
    next(first)
    assert len(list(sandbox.run([("one", python("pass"))]))) == 1
    with pytest.raises(SandboxError, match="Another run of this sandbox began"):
        list(first)


def test_a_program_larger_than_any_buffer_passes_through(sandbox):
    big = "x" * 3_000_000
    outcomes = dict(sandbox.run((n, python(f"s = '{big}'\nprint(len(s))")) for n in range(6)))
    assert {outcome.stdout for outcome in outcomes.values()} == {"3000000\n"}


def test_a_killed_fork_server_loses_no_program():
    before = descendants(os.getpid())
    with open_sandbox(workers=2) as sandbox:
        outcomes: dict[int, str] = {}
        for n, outcome in sandbox.run((n, python(f"import time; time.sleep(0.01); print({n})")) for n in range(60)):
            outcomes[n] = outcome.stdout
            if n in (5, 25):
                kill_one(lambda: descendants(os.getpid()) - before, max)
        assert outcomes == {n: f"{n}\n" for n in range(60)}
    assert descendants(os.getpid()) == before


def test_servers_that_die_all_at_once_lose_no_program():
    before = descendants(os.getpid())
    with open_sandbox(workers=2) as sandbox:
        outcomes: dict[int, str] = {}
        for n, outcome in sandbox.run((n, python(f"print({n})")) for n in range(60)):
            outcomes[n] = outcome.stdout
            if n in (5, 25):
                for pid in descendants(os.getpid()) - before:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                time.sleep(0.2)
        assert outcomes == {n: f"{n}\n" for n in range(60)}


class KillsAsTheyStart(ThisMachine):
    """A host on which somebody kills the first servers before they have said anything."""

    def __init__(self, kills: int) -> None:
        super().__init__(Tier.NAMESPACES)
        self._kills = kills

    def start(self, role: Role, processor: int | None) -> tuple[socket.socket, ServerProcess]:
        before = descendants(os.getpid())
        started = super().start(role, processor)
        if self._kills:
            self._kills -= 1
            kill_one(lambda: descendants(os.getpid()) - before, min)
        return started


def test_a_server_that_is_killed_as_it_starts_is_started_again():
    before = descendants(os.getpid())
    with Pool(KillsAsTheyStart(2), workers=2) as sandbox:
        assert dict(sandbox.run([(0, python("print(1)"))]))[0].stdout == "1\n"
    assert descendants(os.getpid()) == before


class EndsAsItStarts(ThisMachine):
    """A host whose servers never say anything, however long a busy machine gives them."""

    def start(self, role: Role, processor: int | None) -> tuple[socket.socket, ServerProcess]:  # noqa: ARG002
        judge_end, server_end = socket.socketpair()
        server_end.close()
        return judge_end, _ServerChild(subprocess.Popen(["true"]))


def test_a_server_that_ends_whenever_it_starts_is_a_broken_sandbox():
    before = descendants(os.getpid())
    with pytest.raises(SandboxError, match=r"the fork server ended at once, 3 times"):
        Pool(EndsAsItStarts(Tier.NAMESPACES), workers=1)
    assert descendants(os.getpid()) == before


def test_nothing_is_left_when_the_sandbox_closes():
    before = descendants(os.getpid())
    with open_sandbox(workers=2) as sandbox:
        assert len(list(sandbox.run([(0, python("import os; os.fork()"))]))) == 1
        family = descendants(os.getpid()) - before
    assert descendants(os.getpid()) == before
    assert not groups_of(family)


def test_nothing_is_left_when_the_judge_is_killed():
    source = (
        "from sandbox.launch import open_sandbox\nfrom sandbox.program import Program\n"
        "with open_sandbox(workers=2) as s:\n"
        "    print('up', flush=True)\n"
        "    list(s.run((n, Program('python', {'main.py': 'import time; time.sleep(50)'})) for n in range(2)))"
    )
    judge = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, cwd=ROOT)
    assert judge.stdout
    judge.stdout.readline()
    assert wait_until(lambda: len(descendants(judge.pid)) >= 8), "two servers of three processes, two samples"
    family = descendants(judge.pid)
    judge.kill()
    judge.wait()
    judge.stdout.close()
    assert wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))
    assert wait_until(lambda: not groups_of(family))


def test_what_hits_the_wall_is_run_once_more_alone(sandbox):
    outcomes = dict(sandbox.run((n, python("import time; time.sleep(60)", wall_seconds=0.3)) for n in range(2)))
    assert {outcome.ending for outcome in outcomes.values()} == {Ending.WALL_LIMIT}


@pytest.mark.parametrize("source", ["pass", "import numpy"])
def test_the_tier_without_walls_runs_trusted_code(source: str):
    with open_sandbox(Tier.NONE, workers=1) as sandbox:
        [(_, outcome)] = sandbox.run([(0, python(source))])
    assert outcome.finished, outcome.stderr
    assert outcome.tier is Tier.NONE


def test_the_tier_without_walls_still_sweeps_up():
    daemon = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(50)"
    before = descendants(os.getpid())
    with open_sandbox(Tier.NONE, workers=1) as sandbox:
        [(_, outcome)] = sandbox.run([(0, python(daemon))])
        assert outcome.finished
        assert len(descendants(os.getpid()) - before) == 2, "the fork server and its zygote alone"
