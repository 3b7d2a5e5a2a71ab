"""Opens a sandbox of the tier asked for; never of another."""

import os

from sandbox.cgroups import sweep_dead_groups
from sandbox.host import ThisMachine
from sandbox.outcome import Tier
from sandbox.pool import Pool
from sandbox.sandbox import Sandbox


def open_sandbox(tier: Tier = Tier.NAMESPACES, workers: int | None = None) -> Sandbox:
    """A sandbox with as many workers as there are processors, unless told otherwise.

    Raises SandboxError when the tier cannot be had here: it never degrades silently.
    """
    count = workers or len(os.sched_getaffinity(0))
    if tier in (Tier.NAMESPACES, Tier.NONE):
        sweep_dead_groups()
        return Pool(ThisMachine(tier), count)
    from sandbox.docker import Container

    return Pool(Container(count), count)
