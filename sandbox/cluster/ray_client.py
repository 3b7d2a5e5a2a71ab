"""The only module that uses Ray: a connection, the machines of the cluster, and their answers."""

import os
import signal
import socket
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from sandbox.cluster.node import NodeSandbox, Numbered
from sandbox.errors import SandboxError
from sandbox.extras import install_command
from sandbox.outcome import Tier

_OBJECT_STORE_BYTES = 256 << 20
"""For a cluster of this machine alone: room for the programs and outcomes on their way."""
_KNOCK_SECONDS = 10.0
_REASON_CHARACTERS = 200
_NAME_CHARACTERS = 8
"""How much of a machine's random id is shown; no host name and no address leaves this file."""


class Lost(Exception):  # noqa: N818 - a fact, not a defect
    """A machine, or the sandbox on it, is gone. `reason` is a sentence if the sandbox gave one, else empty."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class Machine:
    """A sandbox on one machine of the cluster, which may still be starting."""

    def __init__(self, name: str, workers: int, actor: Any, kill: Any) -> None:
        self.name = name
        self.workers = workers
        self._actor = actor
        self._kill = kill

    def open(self, tier: Tier) -> Any:
        """Opens the sandbox; returns a call whose answer is `NodeSandbox.open`'s."""
        return self._actor.open.remote(tier, self.workers)

    def exchange(self, programs: Sequence[Numbered], few: int) -> Any:
        """Returns a call whose answer is `NodeSandbox.exchange`'s."""
        return self._actor.exchange.remote(programs, few)

    def end(self) -> None:
        """Ends the sandbox's process and gives its processors back; its servers end as their sockets close."""
        self._kill(self._actor)


class RayConnection:
    """A connection to a cluster. Uses a connection that this process had opened before, and leaves it open."""

    def __init__(self, address: str, workers: int | None) -> None:
        """Raises SandboxError when Ray is not installed, or when no cluster answers at `address`."""
        if not find_spec("ray"):
            raise SandboxError(f"A cluster needs the extra 'ray': {install_command('ray')}")
        import ray

        self._ray: Any = ray
        self._workers = workers
        self._started: list[Machine] = []
        self._is_ours = not ray.is_initialized()
        if self._is_ours:
            self._connect(address)

    def machines(self) -> dict[str, int]:
        """The machines that are there now: the number of processors by name."""
        try:
            listed: list[dict[str, Any]] = self._ray.nodes()
        except Exception as error:  # what the client library raises once its connection is gone is not documented
            raise SandboxError(
                f"The connection to the cluster is lost ({_first_line(error)}): run the same command again to go on."
            ) from error
        found = {node["NodeID"]: int(node["Resources"].get("CPU", 0)) for node in listed if node["Alive"]}
        return {name: processors for name, processors in found.items() if processors}

    def start(self, node_id: str, processors: int) -> Machine:
        """Starts the sandbox's process on a machine; it takes a processor for each worker."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        workers = min(self._workers or processors, processors)
        there = NodeAffinitySchedulingStrategy(node_id, soft=False)  # there or not at all: one sandbox per machine
        actor = self._ray.remote(NodeSandbox).options(num_cpus=workers, scheduling_strategy=there).remote()
        machine = Machine(node_id[:_NAME_CHARACTERS], workers, actor, self._ray.kill)
        self._started.append(machine)
        return machine

    def answered(self, calls: list[Any], seconds: float) -> list[Any]:
        """The answered ones of these calls; waits until one is, or the time is up."""
        ready: list[Any] = self._ray.wait(calls, num_returns=1, timeout=seconds)[0]
        if ready and len(calls) > 1:  # asked for one, Ray would always name the first of those that are ready
            ready = self._ray.wait(calls, num_returns=len(calls), timeout=0)[0]
        return ready

    def answer(self, call: Any) -> Any:
        """The answer to a call. Raises Lost."""
        try:
            return self._ray.get(call)
        except SandboxError as error:  # Ray's class for it is also of the kind that was raised there
            raise Lost(str(getattr(error, "cause", error))) from error
        except self._ray.exceptions.RayTaskError as error:
            reason = str(error).strip().rpartition("\n")[2][:_REASON_CHARACTERS]  # above it is the traceback there
            raise Lost(f"it does not run this version of wavebench ({reason})") from error
        except self._ray.exceptions.RayError as error:
            raise Lost from error

    def close(self) -> None:
        for machine in self._started:
            machine.end()
        self._started.clear()
        if self._is_ours:
            self._ray.shutdown()

    def _connect(self, address: str) -> None:
        handler = signal.getsignal(signal.SIGTERM)
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        if address == "local":
            processors = self._workers or len(os.sched_getaffinity(0))
            options |= {"address": "local", "num_cpus": processors, "include_dashboard": False}
            options |= {"object_store_memory": _OBJECT_STORE_BYTES}
        else:
            options |= {"address": address}
        try:
            host, _, port = address.rpartition(":")
            if port.isdigit() and "/" not in address:  # where nobody listens Ray itself would try for minutes
                socket.create_connection((host, int(port)), timeout=_KNOCK_SECONDS).close()
            self._ray.init(**options)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise SandboxError(
                f"No Ray cluster answers at {address!r} ({_first_line(error)}): start one with `ray start --head`, or "
                "name its address."
            ) from error
        finally:
            if handler is not None and threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGTERM, handler)  # Ray replaces it; ours ends a command in order


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:_REASON_CHARACTERS]
