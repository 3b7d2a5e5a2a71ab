"""Identical programs run once, and nothing that happens to the cache's file costs more than time."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.cache.key import ExecutionKeys
from sandbox.cache.sandbox import CachedSandbox, may_be_kept
from sandbox.cache.store import BlobStore
from sandbox.launch import open_sandbox
from sandbox.outcome import Confirmation, Ending, Outcome, Tier
from sandbox.program import Limits, Program

HELLO = Program("python", {"main.py": "print('hello')"})
PASSED = Outcome(Ending.EXITED, True, 0, None, 0.1, 0.2, 3.0, "out", "err", Tier.NAMESPACES)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "executions.sqlite"


def opened(file: Path) -> CachedSandbox:
    return CachedSandbox(Tier.NAMESPACES, BlobStore(file), lambda: open_sandbox(Tier.NAMESPACES, 2))


def test_identical_programs_run_once_also_while_the_first_still_runs(file: Path):
    slow = Program("python", {"main.py": "import time; time.sleep(0.3); print(1)"})
    with opened(file) as sandbox:
        outcomes = dict(sandbox.run(enumerate([slow, HELLO] * 10)))
        assert (sandbox.executed, sandbox.cache_hits) == (2, 18)
    assert len(outcomes) == 20
    assert {outcomes[number].stdout for number in range(0, 20, 2)} == {"1\n"}
    assert {outcomes[number].stdout for number in range(1, 20, 2)} == {"hello\n"}


def test_a_second_run_opens_no_sandbox_and_says_the_same(file: Path):
    programs = [HELLO, Program("python", {"main.py": "raise ValueError('x')"}), Program("python", {"main.py": "("})]
    with opened(file) as sandbox:
        first = dict(sandbox.run(enumerate(programs)))
    with opened(file) as sandbox:
        assert dict(sandbox.run(enumerate(programs))) == first
        assert (sandbox.executed, sandbox.cache_hits, sandbox.workers) == (0, 3, 0)


def test_whatever_could_end_otherwise_is_another_key():
    keys = ExecutionKeys(Tier.NAMESPACES)
    others = [
        replace(HELLO, files={"main.py": "print('hullo')"}),
        replace(HELLO, stdin="x"),
        replace(HELLO, limits=Limits(cpu_seconds=9)),
        replace(HELLO, language="javascript"),
    ]
    found = {keys.key(HELLO), ExecutionKeys(Tier.NONE).key(HELLO), *map(keys.key, others)}
    assert len(found) == 6
    assert ExecutionKeys(Tier.NAMESPACES).key(replace(HELLO)) == keys.key(HELLO)


def test_limits_of_time_and_memory_are_never_kept(file: Path):
    tight = Limits(cpu_seconds=0.3, wall_seconds=1.0, memory_mb=64)
    texts = ["while True: pass", "import time; time.sleep(9)", "x = [bytearray(1 << 20) for _ in range(900)]"]
    programs = [Program("python", {"main.py": text}, limits=tight) for text in texts]
    for _ in range(2):
        with opened(file) as sandbox:
            endings = {number: outcome.ending for number, outcome in sandbox.run(enumerate(programs))}
            assert sandbox.executed == 3
        assert endings[0] is Ending.CPU_LIMIT
        assert endings[1] is Ending.WALL_LIMIT


def test_what_is_not_kept_runs_for_everyone_who_asks(file: Path):
    endless = Program("python", {"main.py": "while True: pass"}, limits=Limits(cpu_seconds=0.2))
    with opened(file) as sandbox:
        outcomes = dict(sandbox.run(enumerate([endless] * 3)))
        assert sandbox.executed == 3
    assert {outcome.ending for outcome in outcomes.values()} == {Ending.CPU_LIMIT}


@pytest.mark.parametrize(
    ("outcome", "kept"),
    [
        (PASSED, True),
        (replace(PASSED, confirmation=Confirmation.HELD), True),
        (replace(PASSED, confirmation=Confirmation.REFUTED), False),
        (replace(PASSED, confirmation=Confirmation.INEXPRESSIBLE), False),
        (replace(PASSED, finished=False, confirmation=Confirmation.REFUTED), True),
        (replace(PASSED, finished=False, confirmation=Confirmation.HELD), False),
        (replace(PASSED, finished=False, exit_code=1, stderr="MemoryError"), False),
        *((replace(PASSED, ending=ending), True) for ending in (Ending.SIGNALLED, Ending.NOT_COMPILED)),
        (replace(PASSED, ending=Ending.OUT_OF_MEMORY), False),
        (replace(PASSED, ending=Ending.SANDBOX_FAILED), False),
    ],
)
def test_only_what_surely_ends_like_this_again_is_kept(outcome: Outcome, kept: bool):
    assert may_be_kept(outcome) is kept


def test_programs_are_drawn_as_they_are_needed(file: Path):
    drawn = 0

    def programs() -> Iterator[tuple[int, Program]]:
        nonlocal drawn
        for drawn in range(3_000):
            yield drawn, HELLO

    with opened(file) as sandbox:
        ahead = [drawn - number for number, _ in enumerate(sandbox.run(programs()))]
    assert len(ahead) == 3_000
    assert max(ahead) < 300


class Fed:
    """A queue that is filled between two runs, and once while one is under way."""

    closed = False

    def __init__(self) -> None:
        self.waiting: deque[tuple[int, Program]] = deque()

    def take(self) -> tuple[int, Program] | None:
        return self.waiting.popleft() if self.waiting else None


def test_a_queue_that_is_not_closed_is_run_again_and_taken_from_meanwhile(file: Path):
    queue = Fed()
    other = Program("python", {"main.py": "print('other')"})
    with opened(file) as sandbox:
        assert list(sandbox.run(queue)) == []
        queue.waiting.append((0, HELLO))
        seen: list[tuple[int, str]] = []
        for key, outcome in sandbox.run(queue):
            seen.append((key, outcome.stdout))
            if key == 0:
                queue.waiting.extend([(1, other), (2, HELLO)])
        assert sorted(seen) == [(0, "hello\n"), (1, "other\n"), (2, "hello\n")]
        assert (sandbox.executed, sandbox.cache_hits) == (2, 1)


@pytest.mark.parametrize("damage", ["no database", "cut", "flipped"])
def test_a_damaged_file_is_set_aside_with_a_sentence(file: Path, damage: str):
    programs = [Program("python", {"main.py": f"print({number})"}) for number in range(40)]
    with opened(file) as sandbox:
        first = dict(sandbox.run(enumerate(programs)))
    content = file.read_bytes()
    at = content.index(b"\xa6exited")  # how msgpack writes an outcome's ending
    flipped = content[:at] + b"\xa6exitec" + content[at + 7 :]
    file.write_bytes({"no database": b"x" * 5000, "cut": content[: len(content) // 2], "flipped": flipped}[damage])
    with opened(file) as sandbox:
        again = dict(sandbox.run(enumerate(programs)))
        assert "damaged" in sandbox.cache.remark
        assert sandbox.executed >= 1
    assert {key: outcome.stdout for key, outcome in again.items()} == {n: o.stdout for n, o in first.items()}
    assert len(list(file.parent.glob("executions.sqlite.damaged-*"))) == 1
    with opened(file) as sandbox:
        list(sandbox.run(enumerate(programs)))
        assert sandbox.cache.remark == ""


def test_a_file_that_cannot_be_used_is_done_without(tmp_path: Path):
    (tmp_path / "executions.sqlite").mkdir()
    with opened(tmp_path / "executions.sqlite") as sandbox:
        assert [outcome.stdout for _, outcome in sandbox.run([(0, HELLO)])] == ["hello\n"]
        assert "cannot be used" in sandbox.cache.remark


def test_what_was_not_used_for_longest_is_dropped(file: Path):
    bulky = b"x" * 1000
    keys = [number.to_bytes(32, "big") for number in range(3_000)]
    cache = BlobStore(file, most_mb=64)
    for key in keys:
        cache.keep(key, bulky)
    cache.close()
    with closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("UPDATE executions SET used = used - 100000")
    cache = BlobStore(file, most_mb=1)
    assert all(cache.find(key) for key in keys[:200])
    cache.close()
    assert file.stat().st_size <= 1 << 20
    cache = BlobStore(file, most_mb=1)
    left = [key for key in keys if cache.find(key)]
    cache.close()
    assert len(left) > 300
    assert left[:200] == keys[:200]


WRITER = """
import sys
from pathlib import Path
from sandbox.cache.store import BlobStore
content = b"x" * 500
cache = BlobStore(Path(sys.argv[1]))
print("ready", flush=True)
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    cache.keep(number.to_bytes(32, "big"), content)
    assert cache.find((number // 2).to_bytes(32, "big")) in (None, content)
cache.close()
print(cache.remark)
"""


def test_many_processes_share_the_file_and_one_may_be_killed(file: Path):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}

    def write(first: int, last: int) -> subprocess.Popen[str]:
        words = [sys.executable, "-c", WRITER, str(file), str(first), str(last)]
        return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)

    victim = write(1_000_000, 9_000_000)
    writers = [write(400 * number, 400 * number + 500) for number in range(3)]
    assert victim.stdout is not None
    victim.stdout.readline()
    victim.send_signal(signal.SIGKILL)
    assert [(process.communicate()[0], process.returncode) for process in writers] == [("ready\n\n", 0)] * 3
    victim.communicate()
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    cache = BlobStore(file)
    assert all(cache.find(number.to_bytes(32, "big")) for number in range(1300))
    cache.close()
