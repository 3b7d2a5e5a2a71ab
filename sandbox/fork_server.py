"""The fork server: one warm, single-threaded process per worker that forks a walled-in child for every sample.

It never runs a line of a candidate itself. Spoken to by JSON frames over the socket on descriptor 0; started by
`sandbox.pool.lane` as `python -c`, because nothing of the host can be imported once the root is changed.
"""

import atexit
import gc
import importlib
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from sandbox.compiled.split_stages import SplitStages
from sandbox.compiled.stages import Stages
from sandbox.compiled.tester_home import TesterHome
from sandbox.outcome import Tier
from sandbox.program import Limits
from sandbox.python.sample import SampleServer, run_sample
from sandbox.split.tester import Tester
from sandbox.walls.cgroups import Group, make_group
from sandbox.walls.cpu_affinity import stay_on
from sandbox.walls.filesystem import CODE_FOLDER, PACKAGES_FOLDER, leave_code
from sandbox.walls.isolation import StageIsolation, WalledStages, harden_server
from sandbox.walls.namespaces import enter_namespaces
from sandbox.watch.supervisor import HostGoneError
from sandbox.wire.frames import Role, read_frame, receive_with_descriptors, write_frame, write_report
from sandbox.zygote.client import CANDIDATES, WHOLE_PROGRAMS, Zygote
from sandbox.zygote.preload import Demand, settle_memory
from sandbox.zygote.process import Setup

TESTER_LIMITS = Limits(cpu_seconds=10**8, memory_mb=1024)
"""A tester lasts as long as its worker; each sample's tests have a CPU deadline of their own."""

GROUP_PURPOSES = ("compile-server", "tests")
"""What a server has control groups for, besides samples: a compiler that stays (or Python's tests), and other tests."""

_CONTROL = 0
_MOST_PAYLOADS = 3
"""Descriptors that come with one program: the candidate, its tester, and that compiled."""
_COLLECTED_EVERY = 20_000
"""Servers make next to no cycles, and a look for some at every 700 objects costs 2 % of their time."""


@dataclass(frozen=True, slots=True)
class ServerProcesses:
    """Where what a server starts lives."""

    zygote: Zygote
    samples: Group
    """The control group of what the zygote forks."""
    stages: StageIsolation
    compile_servers: StageIsolation
    tests: StageIsolation
    """The home of what tests candidates of languages with commands."""
    protected_pids: set[int]
    """Processes that no sweep may end, nor what is below them: zygote, compile server, home of testers."""


def main() -> None:
    """Serves until the control socket closes."""
    setup = read_frame(_CONTROL)
    if setup is not None:
        serve(setup, [make_group(), *(make_group(purpose) for purpose in GROUP_PURPOSES)])


def serve(setup: dict[str, Any], groups: list[Group]) -> None:
    """Serves over descriptor 0; samples run in the first of `groups`, the others are those of GROUP_PURPOSES."""
    control = _take_control()
    try:
        processes = _move_in(setup, groups, let_go=control.close)
        work = _ready_for_tests if setup["role"] == Role.TESTER else _ready_for_samples
        serve_on = work(setup, control, processes)
        processes.zygote.wait_until_ready()
    except OSError as error:
        write_frame(control.fileno(), {"failed": error.strerror or str(error)})
        return
    gc.set_threshold(_COLLECTED_EVERY)
    held = {"memory_held": groups[0].limits_memory, "processes_held": groups[0].limits_processes}
    write_frame(control.fileno(), held)
    serve_on()


def _ready_for_tests(setup: dict[str, Any], control: socket.socket, processes: ServerProcesses) -> Callable[[], None]:
    home = processes.compile_servers
    if setup["tier"] != Tier.NONE:
        home.group.limit(TESTER_LIMITS.memory_mb, TESTER_LIMITS.processes)
        home.enter(TESTER_LIMITS)
    stay_on(setup["processor"])
    settle_memory()  # what there is need not be collected again and again
    return Tester(control, processes.zygote, processes.samples).serve


def _ready_for_samples(setup: dict[str, Any], control: socket.socket, processes: ServerProcesses) -> Callable[[], None]:
    stages = Stages(control, processes.stages, processes.compile_servers, setup["languages"], processes.protected_pids)
    split = SplitStages(stages, TesterHome(processes.tests, processes.protected_pids))
    settle_memory()  # each stage is a fork of this process
    return partial(_serve_samples, SampleServer(control, processes.samples, processes.zygote), split)


def _serve_samples(server: SampleServer, split: SplitStages) -> None:
    demand = Demand()
    while arrived := receive_with_descriptors(server.control, _MOST_PAYLOADS):
        request, payloads = arrived
        for module in demand.notice(request["names"]):
            server.zygote.take_up(module)
        try:
            write_report(server.control.fileno(), _run(server, split, request, *payloads))
        except (HostGoneError, ConnectionError):
            return


def _run(
    server: SampleServer, split: SplitStages, request: dict[str, Any], payload: int, *tester: int
) -> dict[str, Any]:
    """A whole program; with `tester`, its files and its compiled form, its tests apart from it."""
    if tester:
        try:
            return split.run(request, payload, *tester)
        finally:
            for descriptor in (payload, *tester):
                os.close(descriptor)
    if split.stages.runs(request["language"]):
        try:
            return split.stages.run(request, payload)
        finally:
            os.close(payload)
    return run_sample(server, _limits(*request["limits"].items()), payload)


@lru_cache
def _limits(*fields: tuple[str, Any]) -> Limits:
    return Limits(**dict(fields))


def _move_in(setup: dict[str, Any], groups: list[Group], let_go: Callable[[], None]) -> ServerProcesses:
    """Does everything that needs the host, then moves into the namespaces. Returns in pid 1 inside."""
    kind = CANDIDATES if setup["role"] == Role.TESTER else WHOLE_PROGRAMS
    sys.path.remove(setup["code"])
    os.environ.pop("LD_BIND_NOW", None)  # a server's own; see `sandbox.pool.host`

    group = groups[0]

    def remove_groups() -> None:
        for each in reversed(groups):
            each.remove()

    if setup["tier"] == Tier.NONE:
        atexit.register(remove_groups)
        packages = sorted({str(Path(folder).parent) for folder in setup["packages"].values()})
        zygote = Zygote(
            Setup(kind, False, False, group.limits_memory, setup["code"], packages), group, setup["processor"]
        )
        zygote.wait_until_moved_in()
        protected = {zygote.own_pid}
        # By name, so that servers behind walls do not hold what it imports.
        unwalled = importlib.import_module("sandbox.walls.unisolated").UnwalledStages
        stages, compile_servers, tests = (unwalled(each, protected) for each in groups)
        return ServerProcesses(zygote, group, stages, compile_servers, tests, protected)
    enter_namespaces(
        setup["interpreter"],
        setup["packages"],
        toolchains=setup["toolchains"],
        code=setup["code"],
        split=setup["split_root"] if kind == CANDIDATES else None,
        let_go=let_go,
        clean_up=remove_groups,
    )
    walls = Setup(kind, True, kind == CANDIDATES, group.limits_memory, CODE_FOLDER, [PACKAGES_FOLDER])
    zygote = Zygote(walls, group, setup["processor"])
    zygote.wait_until_moved_in()
    leave_code()
    sys.path.append(PACKAGES_FOLDER)
    harden_server()
    stages, compile_servers, tests = map(WalledStages, groups)
    return ServerProcesses(zygote, group, stages, compile_servers, tests, {zygote.own_pid})


def _take_control() -> socket.socket:
    """Only the server itself may hold the socket: the host process takes its closing for the server's end."""
    control = socket.socket(fileno=os.dup(_CONTROL))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, _CONTROL)
    os.close(nothing)
    return control
