"""Every program of the corpus is contained, ends as it must, and leaves nothing behind."""

import dataclasses
import os
import socket
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.outcome import Tier
from sandbox.program import Program, SplitTests
from sandbox.sandbox import Sandbox
from tests.docker_engine import open_tier
from tests.sandbox.group_tree import groups_named
from tests.sandbox.hostile.corpus import Attack, read_attacks
from tests.sandbox.processes import descendants

PROGRAMS = read_attacks("programs")


@dataclass(frozen=True)
class Traces:
    """What there is of a sandbox on its machine."""

    processes: frozenset[int]
    """The judge's descendants, and servers in its container."""
    descriptors: tuple[tuple[int, int], ...]
    """How many the judge and each server has open."""
    mounts: tuple[int, ...]
    """How many the judge and each server sees."""
    groups: frozenset[str]
    sampled: tuple[int, ...]
    """Processes in the servers' control groups, where samples live; servers themselves are outside, testers are not."""
    temporary: frozenset[str]


def traces() -> Traces:
    processes = descendants(os.getpid()) | container_servers()
    watched = sorted({os.getpid(), *processes})
    groups = frozenset(str(path) for path in groups_named("wavebench-") if _maker(path) in watched)
    return Traces(
        frozenset(processes),
        tuple((pid, len(list(Path(f"/proc/{pid}/fd").iterdir()))) for pid in watched),
        tuple(_mounts(pid) for pid in watched),
        groups,
        tuple(len((Path(group) / "cgroup.procs").read_text().split()) for group in sorted(groups)),
        frozenset(path.name for path in Path(tempfile.gettempdir()).iterdir()),
    )


def _mounts(pid: int) -> int:
    """How many a process sees, but for what a container engine of another test comes and goes with on this machine.

    A process that has ended sees none, though it is listed until its parent has asked for its exit status.
    """
    if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
        return 0
    lines = Path(f"/proc/{pid}/mountinfo").read_text().splitlines()
    return sum("/engine-" not in line and "docker" not in line for line in lines)


def _maker(group: Path) -> int:
    maker = group.name.removeprefix("wavebench-").partition("-")[0]
    return int(maker) if maker.isdigit() else 0


def container_servers() -> set[int]:
    """Whoever connected to a socket of ours: the gate of a container, and all below it."""
    found: set[int] = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        if descriptor.exists() or not os.path.lexists(descriptor) or "socket:" not in str(descriptor.readlink()):
            continue
        with socket.socket(fileno=os.dup(int(descriptor.name))) as held:
            peer = struct.unpack("3i", held.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
        if peer not in (0, os.getpid()):
            found |= {peer} | descendants(peer)
    return found


@pytest.fixture(scope="module", params=[Tier.NAMESPACES, Tier.DOCKER])
def one_worker(
    request: pytest.FixtureRequest,
    kernel: None,  # noqa: ARG001
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Sandbox]:
    """A sandbox whose temporary files nobody else makes; its servers have seen both kinds of program."""
    with pytest.MonkeyPatch.context() as patch, open_tier(request, workers=1) as opened:
        patch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("temporary")))
        warm = Program("python", {"main.py": "f = abs\nf(1)"}, split=SplitTests("f = abs", "", "f(1)", ("f",)))
        list(opened.run([(0, warm), (1, warm)]))
        yield opened


@pytest.mark.parametrize("attack", PROGRAMS, ids=lambda attack: attack.name)
def test_it_is_contained_and_leaves_nothing(one_worker: Sandbox, attack: Attack):
    before = traces()
    [(_, outcome)] = one_worker.run([(0, Program("python", {"main.py": attack.source}, limits=attack.limits))])
    now = traces()
    assert now == before, [
        (a, b) for a, b in zip(dataclasses.astuple(before), dataclasses.astuple(now), strict=True) if a != b
    ]
    assert outcome.ending in attack.endings, outcome
    assert outcome.finished == attack.finished, outcome


@pytest.mark.parametrize("name", ["module_tampering", "disk_fill", "kernel_keys", "priorities"])
def test_the_next_sample_finds_nothing_of_it(one_worker: Sandbox, name: str):
    [attack] = [each for each in PROGRAMS if each.name == name]
    twice = [(n, Program("python", {"main.py": attack.source}, limits=attack.limits)) for n in range(2)]
    assert all(outcome.finished for _, outcome in one_worker.run(twice))
