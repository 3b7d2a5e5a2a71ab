"""HumanEvalPack's 1,968 reference programs: the gate (right ones pass, wrong ones fail), and its time.

python tests/performance/humanevalpack.py      the whole gate, then both ways in turns on every second problem
python tests/performance/humanevalpack.py --limit 8 --step 2    a few problems per language: does it work?

Plain means javac + java, g++ -O0 + run, go test, cargo test, node, python: the same source texts, without walls, in a
folder per worker with warm caches. The comparison leaves out programs that only end at a limit. CPU seconds are those
of all processes, servers and resident compilers included; on a busy machine trust them rather than the wall's.
"""

import argparse
import resource
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from humanevalpack_parts.assemble import FILES, Reference, references
from humanevalpack_parts.plain import PlainWay
from tabulate import tabulate

from sandbox.errors import WavebenchError
from sandbox.languages import language
from sandbox.launch import open_sandbox
from sandbox.outcome import Ending, Outcome
from sandbox.sandbox import Sandbox
from sandbox.toolchains.install import install

DATA = Path(__file__).parents[3] / "shared" / "data" / "benchmarks"
TURN = 10
"""Programs that one way runs before it is the other's turn, so that both see the same machine."""


@dataclass
class Gate:
    """What the gate saw of one language."""

    passed: Counter[bool] = field(default_factory=lambda: Counter[bool]())
    """How many passed, by whether they should."""
    unexpected: list[str] = field(default_factory=lambda: list[str]())
    at_a_limit: set[tuple[str, bool]] = field(default_factory=lambda: set[tuple[str, bool]]())
    seconds: float = 0.0


def passes(name: str, outcome: Outcome) -> bool:
    ended = outcome.ending is Ending.EXITED and outcome.finished and outcome.exit_code == 0
    return ended and not (name == "javascript" and outcome.stdout + outcome.stderr)


def run_gate(sandbox: Sandbox, programs: list[Reference]) -> Gate:
    gate, begin = Gate(), time.perf_counter()
    for reference, outcome in sandbox.run((each, each.program) for each in programs):
        passed = passes(reference.language, outcome)
        gate.passed[reference.right] += passed
        if outcome.ending in (Ending.CPU_LIMIT, Ending.WALL_LIMIT, Ending.OUT_OF_MEMORY):
            gate.at_a_limit.add((reference.task_id, reference.right))
        if passed != reference.right:
            gate.unexpected.append(f"{reference.task_id} {'right' if reference.right else 'wrong'}: {outcome.ending}")
    gate.seconds = time.perf_counter() - begin
    return gate


@dataclass
class Compared:
    """Both ways on the same programs: wall and CPU seconds, and on how many they disagree."""

    programs: int
    ours: float = 0.0
    plain: float = 0.0
    ours_cpu: float = 0.0
    plain_cpu: float = 0.0
    differing: int = 0


def compare(name: str, programs: list[Reference], workers: int) -> Compared:
    """Runs both ways in turns. What our servers used is known once they have ended."""
    told = Compared(len(programs))
    with tempfile.TemporaryDirectory() as folder:
        way = PlainWay.prepare(name, Path(folder), workers)
        before = children_cpu_seconds()
        with open_sandbox(workers=workers) as sandbox:
            dict(sandbox.run((n, each.program) for n, each in enumerate(programs[:workers])))  # both are warm
            for start in range(0, len(programs), TURN):
                _take_turns(told, sandbox, way, programs[start : start + TURN])
        told.ours_cpu = children_cpu_seconds() - before - told.plain_cpu
    return told


def _take_turns(told: Compared, sandbox: Sandbox, way: PlainWay, turn: list[Reference]) -> None:
    begin = time.perf_counter()
    outcomes = dict(sandbox.run((n, each.program) for n, each in enumerate(turn)))
    told.ours += time.perf_counter() - begin
    before = children_cpu_seconds()
    seconds, passed = way.run(turn)
    told.plain += seconds
    told.plain_cpu += children_cpu_seconds() - before
    told.differing += sum(passes(way.name, outcomes[n]) != passed[n] for n in range(len(turn)))


def children_cpu_seconds() -> float:
    """CPU seconds of every process below us that has ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--languages", default=",".join(FILES))
    parser.add_argument("--limit", type=int)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--step", type=int, default=2, help="compare on every so manieth problem")
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"skipped: {options.data} is not there; --data names the folder with humanevalpack_*.jsonl")
        return
    rows: list[list[object]] = []
    for name in options.languages.split(","):
        try:
            if language(name).needs_toolchain:
                install(language(name))
        except WavebenchError as error:
            print(f"{name}: not run: {error}")
            continue
        rows.append(measure(name, list(references(options.data, [name], options.limit)), options.workers, options.step))
        print(tabulate(rows[-1:], tablefmt="plain"), flush=True)
    headers = [
        "language",
        "right pass",
        "wrong pass",
        "gate s",
        "compared",
        "ours s",
        "plain s",
        "plain/ours",
        "differ",
    ]
    print(tabulate(rows, headers=headers, floatfmt=".2f"))
    print(f"whole gate: {sum(float(str(row[3])) for row in rows):.0f} s with {options.workers} workers")


def measure(name: str, programs: list[Reference], workers: int, step: int) -> list[object]:
    with open_sandbox(workers=workers) as sandbox:
        gate = run_gate(sandbox, programs)
    for line in gate.unexpected:
        print(f"  unexpected: {line}")
    ending = [each for each in programs if (each.task_id, each.right) not in gate.at_a_limit]
    told = compare(name, [each for each in ending if int(each.task_id.split("/")[1]) % step == 0], workers)
    totals = f"{gate.passed[True]} of {len(programs) // 2}", f"{gate.passed[False]} of {len(programs) // 2}"
    walls = told.ours, told.plain, told.plain / told.ours
    cpus = told.ours_cpu, told.plain_cpu, told.plain_cpu / told.ours_cpu
    return [name, *totals, round(gate.seconds, 1), told.programs, *walls, *cpus, told.differing]


if __name__ == "__main__":
    main()
