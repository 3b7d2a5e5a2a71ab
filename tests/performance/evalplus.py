"""EvalPlus 0.3.1 beside ours over the same samples: verdicts row by row, speed, memory, forgeries.

python tests/performance/evalplus.py           a part of the problems, some minutes on two quiet cores
python tests/performance/evalplus.py --all     every problem

The samples are WaveCoder-Ultra's published programs. EvalPlus lives in a virtual environment of its own below .bench
and runs its own `evaluate`; both have the expected values at hand before anything is measured, and run in turns.
Processor seconds are those of all processes that a side started, by a control group (without one only of those that
were waited for); on a busy machine trust them, not the clock's. A
row with two verdicts is judged again by EvalPlus with a minute an input: where it then agrees, its limit by the clock
explains it; any other difference ends the script with an error. "Own" is what the programs that pass use themselves, in
a loop over their inputs without any comparison: neither side can save that. The forgeries of tests/sandbox/hostile run
inside our sandbox alone.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from evalplus_parts.forged import Forgery, forgeries, passed_by_evalplus, passed_here, references
from judging_parts.contestants import EVALPLUS_VENV, install_evalplus
from tabulate import tabulate

from sandbox.launch import open_sandbox
from tasks.evalplus.expected import reference_program
from tasks.evalplus.task import PlusTask
from tasks.registry import load

ROOT = Path(__file__).parents[2]
PARTS = Path(__file__).parent / "evalplus_parts"
SHARED = ROOT.parent / "shared" / "data"
THEIR_NEEDS = (
    *("tree-sitter==0.23.2", "tree-sitter-python==0.23.6"),
    *("wget", "tempdir", "appdirs", "termcolor", "fire", "multipledispatch", "tqdm", "rich"),
)
WORKERS = (1, 2)
_JOINING = """
import os, sys
if sys.argv[1]:
    with open(f"{sys.argv[1]}/cgroup.procs", "w") as processes:
        processes.write(str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""
EVERY = 8
"""Of the problems, how many there are to one that a part takes."""
FORGED_ROWS = {
    "humaneval-plus": ("HumanEval/0", "HumanEval/2", "HumanEval/16", "HumanEval/28"),
    "mbpp-plus": ("Mbpp/3", "Mbpp/8", "Mbpp/9", "Mbpp/17"),
    "mbpp-plus-0.1.0": ("Mbpp/3", "Mbpp/17"),
}
"""Answers that are truth values, numbers, texts and lists, none of which 0 is right for."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One of EvalPlus' two."""

    dataset: str
    task: str
    data: str
    """File of its problems; EvalPlus looks for them, unpacked, under the next."""
    cached: str
    samples: str


BENCHMARKS = (
    Benchmark(
        *("humaneval", "humaneval-plus", "HumanEvalPlus.jsonl.gz", "HumanEvalPlus-v0.1.10.jsonl"),
        "wavecoder-ultra-6.7b.humaneval.jsonl",
    ),
    Benchmark("mbpp", "mbpp-plus", "MbppPlus.jsonl.gz", "MbppPlus-v0.2.0.jsonl", "wavecoder-ultra-6.7b.mbpp.jsonl"),
)


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of one side: what it took, files and start included."""

    cpu_seconds: float
    wall_seconds: float
    largest_mb: float
    """Resident memory of its largest process."""


def run(command: Sequence[object], environment: dict[str, str]) -> Ran:
    with tempfile.TemporaryFile() as said, measured_group() as group:
        began = time.monotonic()
        words = [sys.executable, "-c", _JOINING, str(group or ""), *map(str, command)]
        process = subprocess.Popen(words, env=environment, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall_seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(said.read().decode(errors="replace"))
        cpu_seconds = used_in(group) if group else usage.ru_utime + usage.ru_stime
    return Ran(cpu_seconds, wall_seconds, usage.ru_maxrss / 1024)


@contextmanager
def measured_group() -> Iterator[Path | None]:
    """A group within a new one, so that groups made beside or below it are counted too; None where none can be made."""
    own = [line.split(":", 2)[1:] for line in Path("/proc/self/cgroup").read_text().splitlines()]
    root = Path("/sys/fs/cgroup")
    places = [root / "cpuacct" / path.lstrip("/") for names, path in own if "cpuacct" in names.split(",")]
    outer = [*places, *(root / path.lstrip("/") for names, path in own if not names)][0] / f"measured-{os.getpid()}"
    try:
        (outer / "inner").mkdir(parents=True)
    except OSError:
        yield None
        return
    try:
        yield outer / "inner"
    finally:
        while (outer / "inner").is_dir():  # what was killed may still be about to end
            with suppress(OSError):
                (outer / "inner").rmdir()
            time.sleep(0.1)
        outer.rmdir()


def used_in(group: Path) -> float:
    """CPU seconds of all processes of the group and of those beside it, killed ones included."""
    if (file := group.parent / "cpuacct.usage").is_file():
        return int(file.read_text()) / 1e9
    return int((group.parent / "cpu.stat").read_text().split()[1]) / 1e6


def rows_of(path: Path) -> list[dict[str, Any]]:
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in text.splitlines() if line.strip()]


class Contest:
    """Both sides over the samples of one benchmark, in a folder of their own."""

    def __init__(self, benchmark: Benchmark, shared: Path, every: int, folder: Path) -> None:
        self.benchmark, self._shared, self._folder = benchmark, shared, folder
        problems = rows_of(shared / "benchmarks" / benchmark.data)[::every]
        ids = {row["task_id"] for row in problems}
        given = rows_of(shared / "generations" / benchmark.samples)
        self.samples = [
            {"task_id": row["task_id"], "solution": row["solution"]} for row in given if row["task_id"] in ids
        ]
        answered = {row["task_id"] for row in self.samples}
        self._problems = [row for row in problems if row["task_id"] in answered]
        self._own = {**os.environ, "PYTHONPATH": str(ROOT)}

    def ours(
        self, workers: int, times: int, samples: Sequence[dict[str, Any]] = ()
    ) -> tuple[Ran, dict[str, list[list[Any]]]]:
        """By problem, what is said of each sample: base verdict, the whole one, whether confirmed, and detail."""
        file, out = self._folder / "samples.jsonl", self._folder / "ours.json"
        rows = self._repeated(samples or self.samples, times)
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        task = f"{self.benchmark.task}@0.3.1"
        ran = run([sys.executable, PARTS / "ours.py", task, file, out, workers, self._shared / "benchmarks"], self._own)
        said: dict[str, list[list[Any]]] = {}
        for number, found in sorted(json.loads(out.read_text()).items(), key=lambda item: int(item[0])):
            said.setdefault(rows[int(number)]["task_id"], []).append(found)
        return ran, said

    def theirs(
        self, workers: int, times: int, samples: Sequence[dict[str, Any]] = (), least_seconds: float = 1.0
    ) -> tuple[Ran, dict[str, list[tuple[bool, bool]]]]:
        """By problem, base verdict and base and plus together of each sample. The problems are those of the samples."""
        samples = samples or self.samples
        ids = {row["task_id"] for row in samples}
        cache = self._folder / f"cache-{len(ids)}"
        (cache / "evalplus").mkdir(parents=True, exist_ok=True)
        data = "".join(json.dumps(row) + "\n" for row in self._problems if row["task_id"] in ids)
        (cache / "evalplus" / self.benchmark.cached).write_text(data)
        file, results = cache / "samples.jsonl", cache / "samples_eval_results.json"
        results.unlink(missing_ok=True)
        file.write_text("".join(json.dumps(row) + "\n" for row in self._repeated(samples, times)))
        command = [EVALPLUS_VENV / "bin/python", PARTS / "theirs.py", self.benchmark.dataset, file, workers]
        ran = run([*command, least_seconds], {**os.environ, "XDG_CACHE_HOME": str(cache)})
        found = json.loads(results.read_text())["eval"]
        return ran, {
            task_id: [
                (row["base_status"] == "pass", row["base_status"] == row["plus_status"] == "pass") for row in rows
            ]
            for task_id, rows in found.items()
        }

    @staticmethod
    def _repeated(samples: Sequence[dict[str, Any]], times: int) -> list[dict[str, Any]]:
        """Every sample so often, each a program of its own."""
        return [{**row, "solution": f"{row['solution']}\n# {number}\n"} for row in samples for number in range(times)]

    def own_seconds(self, passed: Collection[str]) -> float:
        """CPU seconds that the samples to those problems use themselves, called with every input and not judged."""
        task = cast(PlusTask, load(self.benchmark.task, data_dir=self._shared / "benchmarks"))
        problems = {problem.task_id: problem for problem in task.problems}
        programs = (
            (
                row["task_id"],
                reference_program(replace(problems[row["task_id"]], prompt=row["solution"], canonical_solution="")),
            )
            for row in self.samples
            if row["task_id"] in passed
        )
        with open_sandbox(workers=1) as sandbox:
            return sum(sum(json.loads(outcome.stdout)["seconds"]) for _, outcome in sandbox.run(programs))

    def differing(self, ours: dict[str, list[list[Any]]], theirs: dict[str, list[tuple[bool, bool]]]) -> list[str]:
        """A sentence for each problem with two verdicts. Raises SystemExit for one that is not explained."""
        same = {
            task_id: all((found[0], found[1]) == said for found, said in zip(rows, theirs[task_id], strict=True))
            for task_id, rows in ours.items()
        }
        rows = [row for row in self.samples if not same[row["task_id"]]]
        if not rows:
            return []
        _, again = self.theirs(1, 1, rows, least_seconds=60.0)
        for row in rows:
            [found, *_], [said] = ours[row["task_id"]], again[row["task_id"]]
            if (found[0], found[1]) != said:
                raise SystemExit(f"Not explained: {row['task_id']}: {found[3] or 'passed'} here, {said} there")
        return [f"{row['task_id']}: failed there by the limit of 1 s by the clock, passes with 60 s" for row in rows]


def compare(benchmark: Benchmark, options: argparse.Namespace, every: int) -> list[list[object]]:
    """Rows of the table, a line for each number of workers."""
    table: list[list[object]] = []
    with tempfile.TemporaryDirectory() as folder:
        contest = Contest(benchmark, options.shared, every, Path(folder))
        contest.theirs(2, 1)  # both compute expected values, and compile themselves
        once, once_found = contest.ours(2, 1)
        held = {task_id for task_id, rows in once_found.items() if rows[0][1]}
        own_ms = 1000 * contest.own_seconds(held) / len(contest.samples)
        for workers in WORKERS:
            starts = [contest.theirs(workers, 1)[0].cpu_seconds, contest.ours(workers, 1)[0].cpu_seconds]
            turns = [
                (contest.theirs(workers, options.samples), contest.ours(workers, options.samples))
                for _ in range(options.rounds)
            ]
            theirs, ours = [turn[0][0] for turn in turns], [turn[1][0] for turn in turns]
            (_, said), (_, found) = turns[-1]
            differing = contest.differing(found, said)
            for line in differing:
                print(f"{benchmark.task}, {workers} workers: {line}", flush=True)
            passes = [row for rows in found.values() for row in rows if row[1]]
            if not all(row[2] for row in passes):
                raise SystemExit("a pass is not confirmed")
            count = len(contest.samples) * options.samples
            cpu = [min(each.cpu_seconds for each in side) for side in (theirs, ours)]
            wall = [min(each.wall_seconds for each in side) for side in (theirs, ours)]
            more = count - len(contest.samples)
            each_ms = [1000 * (used - start) / more for used, start in zip(cpu, starts, strict=True)]
            table.append(
                [
                    *(benchmark.task, workers, count, f"{len(said) - len(differing)} of {len(said)}"),
                    *(f"{count / seconds:.1f}" for seconds in wall),
                    *(f"{milliseconds:.0f}" for milliseconds in (own_ms, *each_ms)),
                    *(f"{pair[0] / pair[1]:.1f}" for pair in (wall, cpu, each_ms)),
                    f"{(each_ms[0] - own_ms) / (each_ms[1] - own_ms):.1f}",
                    *(round(max(each.largest_mb for each in side)) for side in (theirs, ours)),
                ]
            )
            print(tabulate(table[-1:], tablefmt="plain"), flush=True)
        print(
            f"{benchmark.task}: our largest process {once.largest_mb:.0f} MB with one sample a problem, "
            f"{table[-1][-1]} MB with {options.samples}"
        )
    return table


def forge(options: argparse.Namespace) -> None:
    """Every forgery as an answer to rows of each task, by both. Raises SystemExit where one passes here."""
    package = next(EVALPLUS_VENV.glob("lib/python*/site-packages/evalplus"))
    made: list[Forgery] = []
    right: list[Forgery] = []
    for name, rows in FORGED_ROWS.items():
        task = cast(PlusTask, load(name, data_dir=options.shared / "benchmarks"))
        problems = [problem for problem in task.problems if problem.task_id in rows]
        made += forgeries(task, problems)
        right += references(task, problems)
    with open_sandbox(workers=2) as sandbox:
        if any(
            len(passed) < len(right)
            for passed in (passed_here(sandbox, right), passed_by_evalplus(sandbox, right, package))
        ):
            raise SystemExit("references do not pass: nothing can be said of forgeries")
        here = passed_here(sandbox, made)
        there = passed_by_evalplus(sandbox, made, package)
    totals = Counter(each.task.name for each in made)
    counts = [Counter(each.task.name for each in passed) for passed in (there, here)]
    rows = [[name, total, counts[0][name], counts[1][name]] for name, total in totals.items()]
    print(tabulate(rows, ["task", "forged answers", "EvalPlus passes", "wavebench passes"], tablefmt="github"))
    names = sorted({each.attack for each in there})
    print(
        f"{len(names)} of {len({each.attack for each in made})} attacks pass EvalPlus at least once: {', '.join(names)}"
    )
    if here:
        raise SystemExit(f"forged here: {[(each.task.name, each.problem.task_id, each.attack) for each in here]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=SHARED, help="folder with benchmarks/ and generations/")
    parser.add_argument("--all", action="store_true", help=f"every problem, not each {EVERY}th alone")
    parser.add_argument("--samples", type=int, default=4, help="of each program, so that starting counts less")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--part", choices=("compare", "forge"), help="only this one")
    options = parser.parse_args()
    if options.samples < 2:
        parser.error("--samples takes 2 or more: what a sample takes is that of those beyond the first")
    if not options.shared.is_dir():
        print(f"skipped: {options.shared} is not there")
        return
    install_evalplus()
    marker = EVALPLUS_VENV / "evaluate-installed"
    if not marker.exists():
        pip = [EVALPLUS_VENV / "bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        subprocess.run([*pip, "--no-deps", *THEIR_NEEDS], check=True)
        marker.touch()
    if options.part != "compare":
        forge(options)
    if options.part != "forge":
        every = 1 if options.all else EVERY
        table = [row for benchmark in BENCHMARKS for row in compare(benchmark, options, every)]
        headers = ["task", "workers", "samples", "problems alike", "EvalPlus /s", "ours /s", "own ms"]
        headers += ["EvalPlus ms", "ours ms", "clock ratio", "cpu ratio", "ratio of ms", "beyond own"]
        headers += ["EvalPlus MB", "ours MB"]
        print(
            "ms: processor time of a sample, of those beyond a run with one a problem. Ratios: EvalPlus' time to ours."
        )
        print(tabulate(table, headers, tablefmt="github", disable_numparse=True))


if __name__ == "__main__":
    main()
