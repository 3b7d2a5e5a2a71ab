"""The only module that uses Ray: a connection, the machines of the cluster, and their answers."""

import os
import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from sandbox.cluster.knock import knock
from sandbox.cluster.node import NodeSandbox, Numbered
from sandbox.errors import SandboxError
from sandbox.extras import install_command
from sandbox.outcome import Tier

_OBJECT_STORE_BYTES = 256 << 20
"""For a cluster of this machine alone: room for the programs and outcomes on their way."""
_TRIES_TO_CONNECT = "3"
"""About a second each, where the address is taken and answers: Ray's own 20 are for a cluster that is just starting."""
_PATIENCE = "RAY_gcs_server_port_wait_time_s"
_REASON_CHARACTERS = 200
NAME_CHARACTERS = 8
"""How much of a machine's random id is shown; no host name and no address leaves this file."""


class Lost(Exception):  # noqa: N818 - a fact, not a defect
    """A machine, or the sandbox on it, is gone. `reason` is a sentence if the sandbox gave one, else empty."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class MachineResources:
    """What a machine has, or what a call needs of one."""

    processors: int = 0
    gpus: int = 0


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
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing about a run leaves the cluster
        os.environ.setdefault("RAY_worker_niceness", "0")  # of a Ray that is started here: as the plain sandbox runs
        import ray

        self._ray: Any = ray
        self._workers = workers
        self._started: list[Machine] = []
        self._remote: dict[Callable[..., Any], Any] = {}
        self._is_ours = not ray.is_initialized()
        if self._is_ours:
            self._connect(address)

    def machines(self) -> dict[str, int]:
        """The machines that are there now: the number of processors by name."""
        return {name: machine.processors for name, machine in self.resources().items()}

    def resources(self) -> dict[str, MachineResources]:
        """The same with their GPUs. Machines without processors take no part."""
        try:
            listed: list[dict[str, Any]] = self._ray.nodes()
        except Exception as error:  # what the client library raises once its connection is gone is not documented
            raise SandboxError(
                f"The connection to the cluster is lost ({_first_line(error)}): run the same command again to go on."
            ) from error
        found = {node["NodeID"]: node["Resources"] for node in listed if node["Alive"]}
        counts = {
            name: MachineResources(int(each.get("CPU", 0)), int(each.get("GPU", 0))) for name, each in found.items()
        }
        return {name: each for name, each in counts.items() if each.processors}

    def share(self, value: object) -> Any:
        """Something that many calls take, sent to each machine once."""
        return self._ray.put(value)

    def call(self, node_id: str, needs: MachineResources, work: Callable[..., Any], *given: object) -> Any:
        """Calls `work` on one machine as soon as what it needs is free there; it must be importable there."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        options = {
            "num_cpus": needs.processors,
            "num_gpus": needs.gpus,
            "max_retries": 0,  # a lost machine is the driver's business, who knows the others
            "scheduling_strategy": NodeAffinitySchedulingStrategy(node_id, soft=False),
        }
        if work not in self._remote:  # every `remote` would send the function to the cluster anew
            self._remote[work] = self._ray.remote(work)
        return self._remote[work].options(**options).remote(*given)

    def cancel(self, calls: Iterable[Any]) -> None:
        """Takes back calls whose results nobody wants any more."""
        for call in calls:
            self._ray.cancel(call)

    def result(self, call: Any) -> Any:
        """What a call returned. Raises what the call raised, or Lost when its process or its machine is gone."""
        try:
            return self._ray.get(call)
        except self._ray.exceptions.RayTaskError as error:
            raise (getattr(error, "cause", None) or error) from None  # Ray's class shows the traceback there
        except self._ray.exceptions.RayError as error:
            raise Lost from error

    def start(self, node_id: str, processors: int) -> Machine:
        """Starts the sandbox's process on a machine; it takes a processor for each worker."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        workers = min(self._workers or processors, processors)
        there = NodeAffinitySchedulingStrategy(node_id, soft=False)  # there or not at all: one sandbox per machine
        actor = self._ray.remote(NodeSandbox).options(num_cpus=workers, scheduling_strategy=there).remote()
        machine = Machine(node_id[:NAME_CHARACTERS], workers, actor, self._ray.kill)
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
        before = os.environ.get(_PATIENCE)
        try:
            if address != "local":
                # Where nobody answers, Ray itself would try for minutes.
                knock(os.environ.get("RAY_ADDRESS", address) if address == "auto" else address)
                os.environ.setdefault(_PATIENCE, _TRIES_TO_CONNECT)
            self._ray.init(**options)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise SandboxError(
                f"No Ray cluster answers at {address!r} ({_first_line(error)}): start one with `ray start --head`, or "
                "name its address."
            ) from error
        finally:
            if before is None:
                os.environ.pop(_PATIENCE, None)
            if handler is not None and threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGTERM, handler)  # Ray replaces it; ours ends a command in order


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:_REASON_CHARACTERS]
