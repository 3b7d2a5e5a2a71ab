"""Who descends from whom, read from /proc: for hosts and tiers where no namespace or control group tells."""

import os
from pathlib import Path


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


def seconds_waiting_for_a_processor(pid: int) -> float:
    """The longest that any thread of `pid` or its descendants was runnable without running.

    That is a busy machine's share of their wall time.
    """
    if not pid:
        return 0.0
    longest = 0
    for task in (task for member in processes_below(pid) for task in _entries(Path("/proc", str(member), "task"))):
        try:
            longest = max(longest, int((task / "schedstat").read_text().split()[1]))
        except (OSError, IndexError):
            continue
    return longest / 1e9


def _stats() -> dict[int, list[str]]:
    """The fields of /proc/PID/stat after the name, by pid."""
    stats: dict[int, list[str]] = {}
    for entry in _entries(Path("/proc")):
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_bytes()  # the name in it is a program's to choose, and need not be text
                stats[int(entry.name)] = stat.rpartition(b")")[2].decode().split()
            except OSError:
                continue
    return stats


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
