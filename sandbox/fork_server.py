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
from pathlib import Path
from typing import Any

from sandbox.cgroups import Group, make_group
from sandbox.filesystem import PACKAGES_FOLDER
from sandbox.frames import Role, read_frame, receive_with_descriptors, write_frame, write_report
from sandbox.namespaces import settle
from sandbox.outcome import Tier
from sandbox.placement import stay_on
from sandbox.preload import Demand, preload
from sandbox.process import Isolation, Walls, harden_server
from sandbox.program import Limits
from sandbox.sample import Server, Zygote, run_sample
from sandbox.stages import Stages
from sandbox.supervise import JudgeGoneError
from sandbox.tester import serve_tests
from sandbox.zygote import start_zygote

TESTER_LIMITS = Limits(cpu_seconds=10**8, memory_mb=1024)
"""A tester lasts as long as its worker; each sample's tests have a CPU deadline of their own."""

_CONTROL = 0


def main() -> None:
    """Serves until the control socket closes."""
    setup = read_frame(_CONTROL)
    if setup is not None:
        serve(setup, make_group(), make_group("resident"))


def serve(setup: dict[str, Any], group: Group, resident_group: Group) -> None:
    """Serves over descriptor 0; samples run in `group`, compilers that stay in `resident_group`."""
    try:
        server, stages = _open_server(setup, group, resident_group)
    except OSError as error:
        write_frame(_CONTROL, {"failed": error.strerror or str(error)})
        return
    write_frame(server.control.fileno(), {"memory_held": group.limits_memory, "processes_held": group.limits_processes})
    if setup["role"] == Role.TESTER:
        stay_on(setup["processor"])
        serve_tests(server.control)
    else:
        _serve_samples(server, stages)


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
    return run_sample(server, Limits(**request["limits"]), delivery, apart=request["apart"])


def _open_server(setup: dict[str, Any], group: Group, resident_group: Group) -> tuple[Server, Stages]:
    """Does everything that needs the host, then moves into the namespaces. Returns in pid 1 inside."""
    sys.path.remove(setup["code"])
    preload()
    site.setquit()  # programs expect exit() and quit(), which -S leaves out
    spared: set[int] = set()

    def remove_groups() -> None:
        resident_group.remove()
        group.remove()

    if setup["tier"] == Tier.NONE:
        atexit.register(remove_groups)
        sys.path += {str(Path(folder).parent) for folder in setup["packages"].values()}
        no_walls = importlib.import_module("sandbox.no_walls").NoWalls
        isolation: Isolation = no_walls(group, spared)
        resident: Isolation = no_walls(resident_group, spared)
    else:
        settle(
            setup["interpreter"],
            setup["packages"],
            toolchains=setup["toolchains"],
            let_go=_leave_control,
            clean_up=remove_groups,
        )
        sys.path.append(PACKAGES_FOLDER)
        harden_server()
        isolation = Walls(group)
        resident = Walls(resident_group)
        if setup["role"] == Role.TESTER:
            group.limit(TESTER_LIMITS.memory_mb, TESTER_LIMITS.processes)
            isolation.enter(TESTER_LIMITS)
    control = socket.socket(fileno=os.dup(_CONTROL))
    _leave_control()
    zygote = _start_zygote(isolation, control, spared, setup["processor"])
    return Server(control, group, zygote), Stages(control, isolation, resident, setup["languages"], spared)


def _start_zygote(isolation: Isolation, control: socket.socket, spared: set[int], processor: int | None) -> Zygote:
    pid, channel = start_zygote(isolation, control, processor)
    spared.add(pid)
    isolation.group.guests = 1
    return Zygote(pid, channel)


def _leave_control() -> None:
    """Only the server itself may hold the socket: the judge takes its closing for the server's end."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, _CONTROL)
    os.close(nothing)
