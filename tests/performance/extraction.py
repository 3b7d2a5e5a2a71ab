"""What reading hostile answers costs, and what ordinary ones cost: processor time, child processes included.

python tests/performance/extraction.py              hostile texts of 1 MB, six languages, every form: half an hour
python tests/performance/extraction.py --every 12   one text in twelve of them
python tests/performance/extraction.py --ordinary   the 10,000 ordinary answers alone

Each hostile text must cost less than a second, finding the code and putting the program together included, and starting
another process where the text killed the one that read it.
"""

import argparse
import json
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

from tasks.errors import TaskError
from tasks.extraction.watched import close_reader
from tasks.registry import AnyTask, load
from tasks.task import AnswerForm, Problem
from tests.tasks.hostile_texts import hostile_texts

SHARED = Path(__file__).parents[3] / "shared" / "data"
MOST_CPU_SECONDS = 1.0
BYTES = 1 << 20
ORDINARY = 10_000
LANGUAGES = ("python", "js", "java", "go", "cpp", "rust")


@dataclass(frozen=True)
class Cost:
    """One hostile text."""

    cpu_seconds: float
    name: str
    refused: bool


def cpu_seconds() -> float:
    """Of this process and all that it started, which have to end for that."""
    close_reader()
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def read(task: AnyTask, problem: Problem, answer: str, form: AnswerForm) -> bool:
    """Finds the code and puts the program together; whether a budget refused that."""
    try:
        found = task.extract(problem, [answer], form)
        if found.code.strip():
            task.program(problem, found.code, form)
    except TaskError:
        return True
    return bool(found.reason)


def hostile_costs(task: AnyTask, form: AnswerForm, every: int) -> Iterator[Cost]:
    problem = task.problems[38]
    for number, (name, text) in enumerate(hostile_texts(BYTES)):
        if number % every:
            continue
        for place, answer in (("alone", text), ("inside", f"{task.reference(problem).rstrip()[:-1]}\n{text}")):
            before = cpu_seconds()
            refused = read(task, problem, answer, form)
            yield Cost(cpu_seconds() - before, f"{name} {place}", refused)


def ordinary_seconds() -> tuple[float, float]:
    """CPU seconds of 10,000 published answers: to find the code alone, and with putting the programs together."""
    jobs: list[tuple[AnyTask, Problem, str]] = []
    for language in LANGUAGES:
        task = load(f"humanevalpack-synthesize-{language}", "chat", data_dir=SHARED / "benchmarks")
        jobs += [(task, each, f"Sure:\n\n```\n{task.reference(each)}```\nDone.") for each in task.problems]
    humaneval = load("humaneval", "complete")
    problems = {problem.task_id: problem for problem in humaneval.problems}
    lines = (SHARED / "generations" / "codegen-16b-mono.humaneval-10-tasks-x-100.jsonl").read_text().splitlines()
    jobs += [(humaneval, problems[row["task_id"]], row["completion"]) for row in map(json.loads, lines)]
    before = cpu_seconds()
    for number in range(ORDINARY):
        task, problem, answer = jobs[number % len(jobs)]
        task.extract(problem, [f"{answer}\n"], AnswerForm.AUTO)
    found = cpu_seconds()
    for number in range(ORDINARY):
        task, problem, answer = jobs[number % len(jobs)]
        read(task, problem, f"{answer}\n", AnswerForm.AUTO)
    return found - before, cpu_seconds() - found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--ordinary", action="store_true")
    options = parser.parse_args()
    if not SHARED.is_dir():
        print(f"skipped: {SHARED} is not there")
        return
    finding, both = ordinary_seconds()
    print(f"{ORDINARY} ordinary answers: {finding:.2f} s of CPU to find the code, {both:.2f} s with the programs")
    if options.ordinary:
        return
    rows: list[list[object]] = []
    for language in LANGUAGES:
        for style, form in (("chat", "program"), ("chat", "auto"), ("instruct", "auto"), ("instruct", "fitted")):
            task = load(f"humanevalpack-synthesize-{language}", style, data_dir=SHARED / "benchmarks")
            begin = time.perf_counter()
            costs = sorted(hostile_costs(task, AnswerForm(form), options.every), key=lambda each: -each.cpu_seconds)
            refused, worst = sum(each.refused for each in costs), costs[0]
            wall = time.perf_counter() - begin
            rows.append([language, style, form, len(costs), refused, worst.cpu_seconds, worst.name, wall])
            print(tabulate(rows[-1:], tablefmt="plain", floatfmt=".2f"), flush=True)
    headers = ["language", "style", "form", "texts", "no code", "most CPU s", "by", "wall s"]
    print(tabulate(rows, headers, floatfmt=".2f", tablefmt="github"))
    if any(float(str(row[5])) > MOST_CPU_SECONDS for row in rows):
        raise SystemExit(f"a text took more than {MOST_CPU_SECONDS} s of CPU")


if __name__ == "__main__":
    main()
