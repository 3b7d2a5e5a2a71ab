"""The fork server: one warm, single-threaded process per worker that forks a walled-in child for every sample.

It never runs a line of a candidate itself. Spoken to by JSON frames over the socket on descriptor 0; started by
`sandbox.worker` as `python -c`, because nothing of the host can be imported once the root is changed.
"""

import atexit
import importlib
import os
import site
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from sandbox.candidate import CANDIDATES
from sandbox.cgroups import Group, make_group
from sandbox.cradle import Cradle, WalledCradle
from sandbox.filesystem import PACKAGES_FOLDER
from sandbox.frames import Role, read_frame, receive_with_descriptors, write_frame, write_report
from sandbox.namespaces import settle
from sandbox.outcome import Tier
from sandbox.placement import stay_on
from sandbox.preload import Demand, preload
from sandbox.process import Isolation, Walls, harden_server
from sandbox.program import Limits
from sandbox.sample import Server, run_sample
from sandbox.stages import Stages
from sandbox.supervise import JudgeGoneError
from sandbox.tester import Tester
from sandbox.whole_program import WHOLE_PROGRAMS
from sandbox.zygote import Kind
from sandbox.zygote_client import Zygote

TESTER_LIMITS = Limits(cpu_seconds=10**8, memory_mb=1024)
"""A tester lasts as long as its worker; each sample's tests have a CPU deadline of their own."""

_CONTROL = 0


@dataclass(frozen=True, slots=True)
class Housing:
    """Where what a server starts lives."""

    stages: Isolation
    residents: Isolation
    cradle: Cradle
    spared: set[int]
    """Processes that no sweep may end: the zygote and the resident compiler."""


def main() -> None:
    """Serves until the control socket closes."""
    setup = read_frame(_CONTROL)
    if setup is not None:
        serve(setup, make_group(), make_group("resident"))


def serve(setup: dict[str, Any], group: Group, resident_group: Group) -> None:
    """Serves over descriptor 0; samples run in `group`, compilers that stay in `resident_group`."""
    control = _take_control()
    try:
        housing = _move_in(setup, group, resident_group, let_go=control.close)
        work = _ready_for_tests if setup["role"] == Role.TESTER else _ready_for_samples
        serve_on = work(setup, control, housing)
    except OSError as error:
        write_frame(control.fileno(), {"failed": error.strerror or str(error)})
        return
    write_frame(control.fileno(), {"memory_held": group.limits_memory, "processes_held": group.limits_processes})
    serve_on()


def _ready_for_tests(setup: dict[str, Any], control: socket.socket, housing: Housing) -> Callable[[], None]:
    zygote = _start_zygote(setup, control, housing, CANDIDATES)
    home = housing.residents
    if setup["tier"] != Tier.NONE:
        home.group.limit(TESTER_LIMITS.memory_mb, TESTER_LIMITS.processes)
        home.enter(TESTER_LIMITS)
    stay_on(setup["processor"])
    return Tester(control, zygote, housing.stages.group).serve


def _ready_for_samples(setup: dict[str, Any], control: socket.socket, housing: Housing) -> Callable[[], None]:
    zygote = _start_zygote(setup, control, housing, WHOLE_PROGRAMS)
    stages = Stages(control, housing.stages, housing.residents, setup["languages"], housing.spared)
    return partial(_serve_samples, Server(control, housing.stages.group, zygote), stages)


def _start_zygote(setup: dict[str, Any], control: socket.socket, housing: Housing, kind: Kind) -> Zygote:
    zygote = Zygote(housing.cradle, kind, control, setup["processor"])
    housing.spared.add(zygote.own_pid)
    housing.stages.group.guests = 1
    return zygote


def _serve_samples(server: Server, stages: Stages) -> None:
    demand = Demand()
    while arrived := receive_with_descriptors(server.control):
        request, [delivery] = arrived
        for module in demand.notice(request["names"]):
            server.zygote.take_up(module)
        try:
            write_report(server.control.fileno(), _run(server, stages, request, delivery))
        except (JudgeGoneError, ConnectionError):
            return


def _run(server: Server, stages: Stages, request: dict[str, Any], delivery: int) -> dict[str, Any]:
    if stages.runs(request["language"]):
        try:
            return stages.run(request, delivery)
        finally:
            os.close(delivery)
    return run_sample(server, _limits(*request["limits"].items()), delivery)


@lru_cache
def _limits(*fields: tuple[str, Any]) -> Limits:
    return Limits(**dict(fields))


def _move_in(setup: dict[str, Any], group: Group, resident_group: Group, let_go: Callable[[], None]) -> Housing:
    """Does everything that needs the host, then moves into the namespaces. Returns in pid 1 inside."""
    sys.path.remove(setup["code"])
    os.environ.pop("LD_BIND_NOW", None)  # a server's own; see `sandbox.host`
    preload()
    site.setquit()  # programs expect exit() and quit(), which -S leaves out

    def remove_groups() -> None:
        resident_group.remove()
        group.remove()

    if setup["tier"] == Tier.NONE:
        atexit.register(remove_groups)
        sys.path += {str(Path(folder).parent) for folder in setup["packages"].values()}
        spared: set[int] = set()
        no_walls = importlib.import_module("sandbox.no_walls").NoWalls
        own = no_walls(group, spared)
        return Housing(own, no_walls(resident_group, spared), own, spared)
    settle(
        setup["interpreter"], setup["packages"], toolchains=setup["toolchains"], let_go=let_go, clean_up=remove_groups
    )
    sys.path.append(PACKAGES_FOLDER)
    harden_server()
    return Housing(Walls(group), Walls(resident_group), WalledCradle(group), set())


def _take_control() -> socket.socket:
    """Only the server itself may hold the socket: the judge takes its closing for the server's end."""
    control = socket.socket(fileno=os.dup(_CONTROL))
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, _CONTROL)
    os.close(nothing)
    return control
