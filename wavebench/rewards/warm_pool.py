"""The sandboxes that rewards of one process share: opened when first needed, closed when the process ends."""

import atexit
import os
import threading
from functools import partial

from sandbox.launch import open_sandbox
from sandbox.outcome import Tier
from sandbox.pool.shared import SharedSandbox
from wavebench.rewards.scale import RewardError

_lock = threading.Lock()
_open: dict[tuple[int, Tier, int], SharedSandbox] = {}
"""By process, tier and workers: a forked copy of this process has none of its parent's threads."""


def warm_sandbox(tier: str = "namespaces", workers: int | None = None) -> SharedSandbox:
    """The process's sandbox of that tier and size. It stays open and may be used by many threads at once."""
    try:
        wanted = Tier(tier)
    except ValueError:
        raise RewardError(f"unknown tier {tier!r}: take one of {', '.join(Tier)}.") from None
    count = workers or len(os.sched_getaffinity(0))
    key = os.getpid(), wanted, count
    with _lock:
        if key not in _open:
            _open[key] = SharedSandbox(partial(open_sandbox, wanted, count))
        return _open[key]


def close_warm_sandboxes() -> None:
    """Ends all sandboxes that this process has opened for rewards; the next call opens new ones."""
    with _lock:
        own = [key for key in _open if key[0] == os.getpid()]
        closing = [_open.pop(key) for key in own]
    for sandbox in closing:
        sandbox.close()


def _renew_lock() -> None:
    global _lock
    _lock = threading.Lock()


atexit.register(close_warm_sandboxes)
os.register_at_fork(after_in_child=_renew_lock)
