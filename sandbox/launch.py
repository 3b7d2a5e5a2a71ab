"""Opens a sandbox of the tier asked for; never of another."""

import os

from sandbox.outcome import Tier
from sandbox.pool.host import ThisMachine
from sandbox.pool.pool import Pool
from sandbox.sandbox import Sandbox
from sandbox.walls.cgroups import sweep_dead_groups


def open_sandbox(tier: Tier = Tier.NAMESPACES, workers: int | None = None) -> Sandbox:
    """A sandbox with `workers` workers, by default one per processor.

    Raises SandboxError when the tier cannot be had here: it never degrades silently.
    """
    count = workers or len(os.sched_getaffinity(0))
    if tier in (Tier.NAMESPACES, Tier.NONE):
        sweep_dead_groups()
        return Pool(ThisMachine(tier), count)
    from sandbox.docker.container import Container

    return Pool(Container(count), count)
