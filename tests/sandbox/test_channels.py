"""What one sample leaves or does, no other can read: each channel as a writer and a reader.

A writer has seen its tests, so it is a whole program; a reader could gain from it only while it is kept apart from its
own. Both belong to sandboxes of their own, as two runs on one machine do; what lasts is also written in the same one.
"""

import fcntl
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.outcome import Confirmation, Outcome, Tier
from sandbox.program import Program, SplitTests
from sandbox.sandbox import Sandbox
from tests.docker_engine import open_tier

HERE = Path(__file__).parent / "hostile" / "channels"
SECONDS_UNTIL_BOTH_RUN = 1.0
TRIES = 10
"""How often a channel may be tried without walls, beside whatever else this machine does."""

WRITE = """
def _write(bits, start, slot):
    if "send" in globals():
        return send(bits)
    for n, bit in enumerate(bits):
        _wait_until(start + n * slot)
        put(n, bit)
    _wait_until(start + len(bits) * slot)
    put(len(bits), 0)

def _wait_until(moment):
    while (left := moment - _time.time()) > 0:
        _time.sleep(left)

import time as _time
"""
READ = """
def _read(count, start, slot):
    try:
        if "receive" in globals():
            return receive(count)
        got = []
        for n in range(count):
            _wait_until(start + (n + 0.6) * slot)
            got.append(get(n))
        return decide(got) if "decide" in globals() else got
    except Exception:
        return None
"""


@dataclass(frozen=True)
class Channel:
    """One file."""

    name: str
    source: str
    lasts: bool
    """Whether it outlives the writer; the reader then comes afterwards."""
    slot: float
    """Seconds a bit, where both run at the same time."""
    bits: int
    user: str
    """Who carries anything without walls: nobody, as root has no limits; or root, who owns the files."""
    kernel: str
    """The first Linux that has it."""

    def message(self) -> list[int]:
        """Half zeros, half ones, so that whoever reads always the same gets half of them right."""
        bits = [n % 2 for n in range(self.bits)]
        random.Random(self.name).shuffle(bits)
        return bits

    def writer(self, start: float, key: str, user: str = "") -> str:
        return f"{self._head(key, user)}{WRITE}\n_write({self.message()}, {start}, {self.slot})\n"

    def reader(self, key: str, user: str = "") -> str:
        return f"{self._head(key, user)}{WRITE}{READ}"

    def _head(self, key: str, user: str) -> str:
        become = "import os; os.setuid(65534)" if user == "nobody" and os.geteuid() == 0 else ""
        return f"KEY = {key!r}\n{self.source}\n{become}\n"

    def got(self, received: list[int] | None) -> bool:
        """Whether that is the message, or nearly; not counting the first, before which there was nothing to compare."""
        if received is None:
            return False
        pairs = list(zip(self.message()[1:], received[1:], strict=True))
        right = sum(sent == bit for sent, bit in pairs)
        return right == len(pairs) if len(pairs) < 16 else not len(pairs) // 6 < right < len(pairs) - len(pairs) // 6


def read_channels() -> list[Channel]:
    channels = []
    for path in sorted(HERE.glob("*.py")):
        head, _, source = path.read_text().partition("\n\n")
        said = dict(line.removeprefix("# ").split(": ", 1) for line in head.splitlines())
        channels.append(
            Channel(
                name=path.stem,
                source=source,
                lasts=said.get("lasts") == "yes",
                slot=float(said.get("slot", 0.03)),
                bits=int(said.get("bits", 33)),
                user=said.get("user", ""),
                kernel=said.get("kernel", "5.12"),
            )
        )
    return channels


CHANNELS = read_channels()


@pytest.fixture(scope="module", params=[Tier.NAMESPACES, Tier.DOCKER])
def sandboxes(request: pytest.FixtureRequest, kernel: None) -> Iterator[tuple[Sandbox, Sandbox]]:  # noqa: ARG001
    """Of the writers, and of the readers."""
    with open_tier(request, workers=1) as writers, open_tier(request, workers=1) as readers:
        yield writers, readers


def python(source: str) -> Program:
    return Program("python", {"main.py": source})


def run(sandbox: Sandbox, program: Program) -> Outcome:
    [(_, outcome)] = sandbox.run([(0, program)])
    return outcome


def received(sandbox: Sandbox, channel: Channel, start: float, key: str) -> list[int] | None:
    """What a reader got while it was kept apart from its tests, of which it has none yet."""
    source = channel.reader(key)
    tests = f"raise ValueError(_read({channel.bits}, {start}, {channel.slot}))"
    outcome = run(sandbox, Program("python", {"main.py": source}, split=SplitTests(source, "", tests, ("_read",))))
    assert outcome.confirmation is Confirmation.REFUTED, outcome
    assert outcome.confirmation_detail.startswith("ValueError: "), outcome
    return json.loads(outcome.confirmation_detail.removeprefix("ValueError: ").replace("None", "null"))


@pytest.fixture
def machine() -> Iterator[None]:
    """Keeps those apart who change something of the whole machine, in whatever process of the tests they are."""
    with Path(tempfile.gettempdir(), "wavebench-channels.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_the_reader_gets_nothing(sandboxes: tuple[Sandbox, Sandbox], channel: Channel):
    writers, readers = sandboxes
    key, start = os.urandom(6).hex(), time.time() + SECONDS_UNTIL_BOTH_RUN
    write = threading.Thread(target=run, args=(writers, python(channel.writer(start, key))))
    write.start()
    if channel.lasts:
        write.join()
        run(readers, python(channel.writer(start, key)))
    got = received(readers, channel, start, key)
    write.join()
    assert not channel.got(got), (got, channel.message())


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_without_walls_it_gets_all(channel: Channel):
    """Else the test above could not fail. What counts the whole machine's doings may need a moment of rest."""
    if channel.user == "root" and os.geteuid() != 0:
        pytest.skip("only the owner of a file can do this to it")
    if tuple(map(int, channel.kernel.split("."))) > tuple(map(int, os.uname().release.split(".")[:2])):
        pytest.skip(f"Linux {channel.kernel} is the first that has it")
    assert any(channel.got(received_without_walls(channel)) for _ in range(TRIES))


def received_without_walls(channel: Channel) -> list[int] | None:
    key, start = os.urandom(6).hex(), time.time() + SECONDS_UNTIL_BOTH_RUN
    reader = f"{channel.reader(key, channel.user)}\nprint(_read({channel.bits}, {start}, {channel.slot}))"
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder, Path(os.devnull).open("r+") as shared:

        def start_program(source: str) -> subprocess.Popen[str]:
            command = [sys.executable, "-c", source]
            return subprocess.Popen(command, cwd=folder, stdin=shared, stdout=subprocess.PIPE, text=True)

        writing = start_program(channel.writer(start, key, channel.user))
        if channel.lasts:
            writing.wait()
        said, _ = start_program(reader).communicate()
        writing.communicate()
    return json.loads(said.replace("None", "null"))


FILE_NUMBER = "import os\nprint(os.fstat(os.open('.', os.O_TMPFILE | os.O_RDWR)).st_ino)"
PROCESS_NUMBERS = """
import os
reader, _ = os.pipe()
if not os.fork():
    os.read(reader, 1)
print(os.readlink("/proc/self"), sorted(os.listdir("/proc")))
"""


@pytest.mark.parametrize(
    ("look", "count_up"),
    [
        (FILE_NUMBER, "import os\nfor n in range(211): os.close(os.open('.', os.O_TMPFILE | os.O_RDWR))"),
        (PROCESS_NUMBERS, "import os\nfor n in range(211): os.fork() or os._exit(0); os.wait()"),
    ],
    ids=["files", "processes"],
)
def test_numbers_start_again_for_every_sample(sandboxes: tuple[Sandbox, Sandbox], look: str, count_up: str):
    sandbox, _ = sandboxes
    touch = python("open('kept', 'w').close()")  # the next one then gets a new folder
    run(sandbox, touch)
    before = run(sandbox, python(look)).stdout
    assert before
    run(sandbox, touch)
    assert run(sandbox, python(count_up)).finished
    assert run(sandbox, python(look)).stdout == before


def test_a_sample_leaves_no_lock(sandboxes: tuple[Sandbox, Sandbox]):
    source = "import fcntl\nfor n in range(20000): fcntl.lockf(0, fcntl.LOCK_SH, 1, 2 * n)"
    before = len(Path("/proc/locks").read_text().splitlines())
    assert run(sandboxes[0], python(source)).finished
    assert len(Path("/proc/locks").read_text().splitlines()) < before + 1000


HIDDEN = {
    "the machine's name": "import os; print(os.uname().nodename)",
    "mounts": "print(open('/proc/self/mountinfo').read(), open('/proc/self/mounts').read())",
    "kernel settings and counters": "import os; print([n for n in os.listdir('/proc') if not n.isdigit()])",
}
SHOWN = {
    "the machine's name": "sandbox\n",
    "mounts": " \n",
    "kernel settings and counters": "['self', 'thread-self']\n",
}


@pytest.mark.parametrize("what", HIDDEN)
def test_the_machine_is_hidden(sandboxes: tuple[Sandbox, Sandbox], what: str):
    assert run(sandboxes[0], python(HIDDEN[what])).stdout == SHOWN[what]


HONEST = {
    "a database": (
        "import sqlite3\n"
        "def f():\n"
        "    with sqlite3.connect('/tmp/a') as base:\n"
        "        base.execute('create table t(n)'), base.execute('insert into t values(7)')\n"
        "    return sqlite3.connect('/tmp/a').execute('select n from t').fetchall()[0][0]"
    ),
    "a lock": (
        "import fcntl\n"
        "def f():\n    with open('/tmp/a', 'w') as file: fcntl.flock(file, 2), fcntl.lockf(file, 2)\n    return 7"
    ),
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "def f():\n    with ThreadPoolExecutor(3) as pool: return sum(pool.map(int, '124'))"
    ),
    "asyncio": "import asyncio\nasync def g(): await asyncio.sleep(0.01); return 7\ndef f(): return asyncio.run(g())",
    "asyncio's programs": (
        "import asyncio\n"
        "async def g():\n"
        "    cat = await asyncio.create_subprocess_exec('cat', stdin=-1, stdout=-1)\n"
        "    return int((await cat.communicate(b'7'))[0])\n"
        "def f(): return asyncio.run(g())"
    ),
    "itself as a program": (
        "import subprocess, sys\n"
        "def f(): return int(subprocess.run([sys.executable, '-c', 'print(7)'], capture_output=True).stdout)"
    ),
    "a shell": "import subprocess\ndef f(): return int(subprocess.getoutput('expr 3 + 4'))",
    "processes": (
        "import multiprocessing\ndef f():\n    with multiprocessing.Pool(2) as pool: return sum(pool.map(int, '124'))"
    ),
    "files": (
        "import tempfile\n"
        "def f():\n    with tempfile.TemporaryFile('w+') as x: x.write('7'); x.seek(0); return int(x.read())"
    ),
    "numpy": "import numpy\ndef f(): return int(numpy.linalg.norm([7.0]))",
    "less used modules": "import decimal, email.message, hashlib, ssl, xml.dom.minidom, zoneinfo\ndef f(): return 7",
    "C functions": "import ctypes\ndef f(): return ctypes.CDLL(None).abs(-7)",
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_candidates_are_confirmed(sandboxes: tuple[Sandbox, Sandbox], name: str):
    source, tests = HONEST[name], "assert f() == 7"
    whole = {"main.py": f"{source}\n{tests}\n"}
    outcome = run(sandboxes[1], Program("python", whole, split=SplitTests(source, "", tests, ("f",))))
    assert outcome.finished, outcome.stderr
    assert outcome.confirmation is Confirmation.HELD, outcome.confirmation_detail
