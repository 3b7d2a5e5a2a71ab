"""The resource wall: one control group per worker, in the layout of cgroup v1, v2 or both.

Where a host gives us no group, memory and processes are held by rlimits alone and CPU time is read from /proc.
A group lies beside or below the caller's own, never at the top of a hierarchy, so that limits set on us hold on it too.
"""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_PREFIX = "wavebench-"
_ROOT = Path("/sys/fs/cgroup")
_SLACK_BYTES = 1 << 19
"""What the kernel charges ahead and late; a limit need not follow it."""


@dataclass(slots=True)
class Group:
    """Descriptors of one worker's groups, opened while we still may; they go on working after the uid is dropped."""

    name: str = ""
    parent_descriptors: list[int] = field(default_factory=lambda: list[int]())
    """The folders that hold ours; they can be reached after the root has changed."""
    join_descriptors: list[int] = field(default_factory=lambda: list[int]())
    files: dict[str, int] = field(default_factory=lambda: dict[str, int]())
    """Open files by their meaning: memory, swap, processes, peak, usage, events, cpu."""
    guests: int = 0
    """Processes in it that are no sample's: the zygote, once it has moved in."""
    _held: int = 0
    """Bytes charged to it as the sample began."""
    _set: tuple[int, int] = (0, 0)
    """Bytes and processes that it is limited to."""
    _limit_met_before: int = 0
    """How often it had met its memory limit as the sample began; only where no peak is measured."""

    @property
    def limits_memory(self) -> bool:
        """Whether the kernel holds the memory limit; otherwise rlimits have to."""
        return "memory" in self.files

    @property
    def limits_processes(self) -> bool:
        """Whether the kernel holds the process limit."""
        return "processes" in self.files

    @property
    def counts_memory_kills(self) -> bool:
        """Whether `memory_kills` would know of one."""
        return "events" in self.files

    def join(self) -> None:
        """Puts the calling process into the group."""
        self._take_in(0)

    def adopt(self, zygote: int) -> None:
        """Puts a zygote into the group: what it forks is born there, which saves a move for every sample."""
        self._take_in(zygote)
        self.guests += 1

    def _take_in(self, pid: int) -> None:
        for descriptor in self.join_descriptors:
            os.write(descriptor, b"%d" % pid)

    def limit(self, memory_mb: int, processes: int) -> None:
        """Sets the limits of the next sample, on top of what guests hold. The swap limit counts memory too in v1."""
        self._held = int(self._read("usage") or 0) if self.guests else 0
        wanted = (memory_mb << 20) + self._held, processes + self.guests
        if abs(wanted[0] - self._set[0]) > _SLACK_BYTES or wanted[1] != self._set[1]:
            self._write("swap_v1", 1 << 60)  # v1 refuses a memory limit above the one of memory and swap together
            memory_set = self._write("memory", wanted[0])
            self._write("swap_v1", wanted[0])
            self._write("swap_v2", 0)
            processes_set = self._write("processes", wanted[1])
            self._set = wanted if memory_set and processes_set else (0, 0)  # what was refused is tried again
        if "peak" in self.files:
            self._write("peak", 0)
        else:
            self._limit_met_before = self._events("oom")

    def peak_mb(self) -> float:
        """Peak memory since `limit`, in MB; 0 where nothing measured it.

        Linux before 5.19 measures none under control groups v2, but counts how often a limit was met.
        """
        peak = int(self._read("peak") or 0)
        if not peak and self._events("oom") > self._limit_met_before:
            peak = self._set[0]
        return (peak - self._held) / (1 << 20) if peak else 0.0

    def memory_kills(self) -> int:
        """How many processes of the group the kernel has stopped for memory so far."""
        return self._events("oom_kill")

    def _events(self, kind: str) -> int:
        for line in self._read("events").splitlines():
            name, _, count = line.partition(" ")
            if name == kind:
                return int(count)
        return 0

    def cpu_seconds(self) -> float | None:
        """CPU time of everything that ever ran in the group; None where nothing measures it."""
        text = self._read("cpu")
        if not text:
            return None
        if text.startswith("usage_usec"):
            return int(text.split()[1]) / 1e6
        return int(text) / 1e9

    def remove(self) -> None:
        """Removes the group; every process in it must be gone."""
        for parent in self.parent_descriptors:
            with contextlib.suppress(OSError):
                os.rmdir(self.name, dir_fd=parent)

    def _write(self, meaning: str, value: int) -> bool:
        """Whether it is so now, or nothing here could make it so."""
        descriptor = self.files.get(meaning)
        if descriptor is None:
            return True
        try:
            os.pwrite(descriptor, b"%d" % value, 0)
        except OSError:  # peaks cannot be reset on kernels before 6.12
            return False
        return True

    def _read(self, meaning: str) -> str:
        descriptor = self.files.get(meaning)
        return os.pread(descriptor, 4096, 0).decode() if descriptor is not None else ""


_V1_FILES = {
    "memory": {
        "memory": "memory.limit_in_bytes",
        "swap_v1": "memory.memsw.limit_in_bytes",
        "peak": "memory.max_usage_in_bytes",
        "usage": "memory.usage_in_bytes",
        "events": "memory.oom_control",
    },
    "pids": {"processes": "pids.max"},
    "cpuacct": {"cpu": "cpuacct.usage"},
}
_V2_FILES = {
    "memory": "memory.max",
    "swap_v2": "memory.swap.max",
    "peak": "memory.peak",
    "usage": "memory.current",
    "events": "memory.events",
    "processes": "pids.max",
    "cpu": "cpu.stat",
}


def cpu_clock(*groups: Group) -> Callable[[], float | None]:
    """Tells the CPU seconds used in `groups` from now on; None where nothing measures it."""
    before = _used(groups)

    def used() -> float | None:
        now = _used(groups)
        return None if now is None or before is None else now - before

    return used


def _used(groups: tuple[Group, ...]) -> float | None:
    used = [each.cpu_seconds() for each in groups]
    return None if None in used else sum(seconds or 0.0 for seconds in used)


def make_group(purpose: str = "", of_process: int | str = "self") -> Group:
    """The groups this process may make, named after it; an empty Group where it may make none.

    They lie below or beside those that `of_process` is in.
    """
    group = Group(name=f"{_PREFIX}{os.getpid()}{purpose and '-'}{purpose}")
    for controllers, path in _groups_of(of_process):
        if controllers == [""]:
            _add(group, _v2_parent(path), _V2_FILES)
            continue
        for controller in controllers:
            if controller in _V1_FILES:
                _add(group, _ROOT / controller / path.lstrip("/"), _V1_FILES[controller])
    return group


def sweep_dead_groups(of_process: int | str = "self") -> None:
    """Removes groups whose maker was killed before it could; see `make_group` for where they lie."""
    for controllers, path in _groups_of(of_process):
        parents = [_v2_parent(path)] if controllers == [""] else [_ROOT / c / path.lstrip("/") for c in controllers]
        for folder in (f for parent in parents for f in parent.glob(f"{_PREFIX}*")):
            maker = folder.name.removeprefix(_PREFIX).partition("-")[0]
            if not Path("/proc", maker).exists():
                with contextlib.suppress(OSError):
                    folder.rmdir()


def _groups_of(process: int | str) -> list[tuple[list[str], str]]:
    """(controllers, path) of every hierarchy that a process is in; the v2 hierarchy has the controllers [""]."""
    lines = Path(f"/proc/{process}/cgroup").read_text().splitlines()
    return [(line.split(":", 2)[1].split(","), line.split(":", 2)[2]) for line in lines]


def _v2_parent(path: str) -> Path:
    """Where a v2 group may be made: beside our own, as a group that holds processes has no limited children."""
    root = _ROOT / "unified" if (_ROOT / "unified").is_dir() else _ROOT
    own = root / path.lstrip("/")
    return own.parent if own != root else root


def _add(group: Group, parent: Path, files: dict[str, str]) -> None:
    folder = parent / group.name
    try:
        folder.mkdir()
    except OSError:
        return
    offered = {meaning: folder / name for meaning, name in files.items() if meaning not in group.files}
    wanted = {meaning: file for meaning, file in offered.items() if file.exists()}
    if not wanted:  # the other layout does it all already, and every group more is one more to move into
        folder.rmdir()
        return
    group.parent_descriptors.append(os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
    for meaning, file in wanted.items():
        try:
            group.files[meaning] = os.open(file, os.O_RDWR | os.O_CLOEXEC)
        except OSError:  # what only counts may be read-only
            group.files[meaning] = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    group.join_descriptors.append(os.open(folder / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC))
