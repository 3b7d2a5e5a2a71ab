"""Who descends from whom, read from /proc: for hosts and tiers where no namespace or control group tells."""

import os
from pathlib import Path

_LARGEST_SHARE = 0.9


def processes_below(pid: int) -> set[int]:
    """`pid` and its living descendants, as this process's /proc numbers them."""
    parents = {child: fields[1] for child, fields in _stats().items()}
    members = {pid}
    while grown := {child for child, parent in parents.items() if int(parent) in members} - members:
        members |= grown
    return members


def children_of(pid: int) -> set[int]:
    """The living children of `pid`."""
    return {child for child, fields in _stats().items() if int(fields[1]) == pid}


def cpu_seconds_below(pid: int) -> float:
    """CPU time of `pid` and its living and reaped descendants."""
    stats = _stats()
    ticks = sum(int(field) for member in processes_below(pid) & stats.keys() for field in stats[member][11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def queue_seconds(pid: int, elapsed_seconds: float) -> float:
    """How much of its wall time `pid` waited for a processor: a busy machine's share of it.

    The longest that any thread of it or its descendants was runnable without running, and nine tenths of
    `elapsed_seconds` at most, so that even on the busiest machine a wall limit comes one day.
    """
    longest = 0
    members = processes_below(pid) if pid else ()
    for task in (task for member in members for task in _entries(Path("/proc", str(member), "task"))):
        try:
            longest = max(longest, int((task / "schedstat").read_text().split()[1]))
        except (OSError, IndexError):
            continue
    return min(longest / 1e9, elapsed_seconds * _LARGEST_SHARE)


def _stats() -> dict[int, list[bytes]]:
    """The fields of /proc/PID/stat after the name, by pid. A process may call itself what it likes: any bytes."""
    stats: dict[int, list[bytes]] = {}
    for entry in _entries(Path("/proc")):
        if entry.name.isdigit():
            try:
                stats[int(entry.name)] = (entry / "stat").read_bytes().rpartition(b")")[2].split()
            except OSError:
                continue
    return stats


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
