"""What a passing sample costs in each language by what decides: upstream's protocol, both, the tests apart alone.

python tests/performance/language_prices.py                             all languages: ten minutes on two quiet cores
python tests/performance/language_prices.py --languages java --rounds 1 --samples 4              does it work?

The three ways take turns. Each turn judges several samples of several problems' references, and one of each, with one
worker each; the difference is what one more sample costs, once servers are warm and testers compiled. CPU seconds are
those of a control group with all processes in it, as the children's own leave out what was killed.
"""

import argparse
import json
import statistics
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from humanevalpack import DATA
from tabulate import tabulate

from sandbox.launch import open_sandbox
from sandbox.outcome import Confirmation
from sandbox.program import Program
from sandbox.walls.cgroups import cpu_clock, make_group
from tasks.humanevalpack.task import load_humanevalpack

LANGUAGES = ("js", "java", "go", "cpp", "rust")
PROBLEMS = (0, 2, 12, 28, 53)
WAYS: dict[str, Callable[[Program], Program]] = {
    "upstream": lambda program: replace(program, split=None),
    "both": lambda program: program,
    "split": lambda program: replace(program, split_alone=True),
}


def references(language: str, data: Path, turn: str, count: int) -> Iterator[Program]:
    """`count` samples of each problem, which differ in a last comment only."""
    task = load_humanevalpack("synthesize", language, data_dir=data)
    rows = [json.loads(line) for line in (data / f"humanevalpack_{language}.jsonl").read_text().splitlines()]
    for number in PROBLEMS:
        problem = task.problems[number]
        answer = problem.prompt + rows[number]["canonical_solution"]
        for sample in range(count):
            yield task.program(problem, f"{answer}\n// {turn}, {sample}\n")


def cpu_ms(clock: Callable[[], float | None], language: str, data: Path, way: str, turn: str, count: int) -> float:
    """CPU milliseconds of one more sample."""
    spent: list[float] = []
    for samples in (1, 1 + count):
        before = clock() or 0.0
        with open_sandbox(workers=1) as sandbox:
            programs = map(WAYS[way], references(language, data, f"{turn} {way} {samples}", samples))
            for key, outcome in sandbox.run(enumerate(programs)):
                if way != "upstream" and outcome.confirmation is not Confirmation.HELD:
                    raise SystemExit(f"{language}, program {key}: {outcome.confirmation} {outcome.detail}")
        spent.append((clock() or 0.0) - before)
    return 1000 * (spent[1] - spent[0]) / (count * len(PROBLEMS))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=8, help="of each problem")
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"skipped: {options.data} is not there; --data names the folder with humanevalpack_*.jsonl")
        return
    group = make_group("prices")
    group.join()
    clock = cpu_clock(group)
    if clock() is None:
        print("skipped: no control group measures CPU seconds here")
        return
    rows: list[list[object]] = []
    for language in options.languages.split(","):
        found: dict[str, list[float]] = {way: [] for way in WAYS}
        for turn in range(options.rounds):
            for way in list(WAYS)[:: 1 if turn % 2 == 0 else -1]:
                found[way].append(cpu_ms(clock, language, options.data, way, f"round {turn}", options.samples))
        costs = [statistics.median(found[way]) for way in WAYS]
        rows.append([language, *costs, *(cost / costs[0] for cost in costs[1:])])
        print(tabulate(rows[-1:], tablefmt="plain", floatfmt=".2f"), flush=True)
    headers = ["CPU ms of a passing sample", *WAYS, "both / upstream", "split / upstream"]
    print(tabulate(rows, headers=headers, floatfmt=".2f", tablefmt="github"))


if __name__ == "__main__":
    main()
