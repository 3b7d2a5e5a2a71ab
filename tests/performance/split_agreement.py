"""Published answers in four languages: where tests apart from a program say something else than upstream's protocol.

    python -m tests.performance.split_agreement [--data FOLDER] [--generations FOLDER] [--workers N] [FILE ...]

Every sample of the published HumanEval-X generations is judged in both ways. Each on which they differ is listed with
the reason: a pass that is not held, and a failure that is. Ends with 1 where a pass is refuted.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sandbox.launch import open_sandbox
from sandbox.outcome import Confirmation
from sandbox.program import Program
from tasks.humanevalpack.problem import PackProblem
from tasks.humanevalpack.task import HumanEvalPack, load_humanevalpack
from tasks.verdict import Verdict
from tests.benchmark_files import WHOLE

GENERATIONS = WHOLE.parent / "generations"
LANGUAGES = ("js", "java", "go", "cpp", "rust")
CPU_SECONDS = 5.0
"""Of one program; published answers hold endless loops."""


def main() -> int:
    """Lists every difference and counts the rest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="generations; without any, all of HumanEval-X")
    parser.add_argument("--data", type=Path, default=WHOLE, help="folder with HumanEvalPack's rows")
    parser.add_argument("--generations", type=Path, default=GENERATIONS, help="folder with published generations")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    files = options.files or sorted(options.generations.glob("*.humaneval-x-*.jsonl"))
    refuted = 0
    for file in files:
        language = file.stem.rpartition("-")[2]
        if language in LANGUAGES:
            task = load_humanevalpack("synthesize", language, data_dir=options.data)
            refuted += compare(file, task, options.workers)
    return 1 if refuted else 0


def compare(file: Path, task: HumanEvalPack, workers: int) -> int:
    """Judges one file; how many passes the tests apart refuted."""
    samples = dict(samples_of(file, task))
    found: Counter[tuple[str, str]] = Counter()
    refuted = 0
    with open_sandbox(workers=workers) as sandbox:
        for key, outcome in sandbox.run((key, program) for key, (_, program) in samples.items()):
            judgement = task.verdict(samples[key][0], outcome)
            upstream = "passed" if judgement.verdict.passes_upstream else "failed"
            apart = outcome.confirmation.value if outcome.confirmation else "not asked"
            found[upstream, apart] += 1
            if (upstream == "passed") != (outcome.confirmation is Confirmation.HELD):
                print(f"{file.stem} {key}: upstream {judgement.verdict}, apart {apart}", end="")
                print(f" ({outcome.confirmation_detail or judgement.detail})")
            refuted += judgement.verdict is Verdict.FORGED
    for (upstream, apart), count in sorted(found.items()):
        print(f"{file.stem}: {count} {upstream} by upstream's protocol, {apart} apart")
    sys.stdout.flush()
    return refuted


def samples_of(file: Path, task: HumanEvalPack) -> Iterator[tuple[str, tuple[PackProblem, Program]]]:
    """Problem and program of each sample; the answers continue HumanEvalPack's own prompt."""
    problems = {problem.task_id.partition("/")[2]: problem for problem in task.problems}
    for number, line in enumerate(file.read_text().splitlines()):
        row = json.loads(line)
        problem = problems.get(row["task_id"].partition("/")[2])
        if problem is not None:
            program = task.program(problem, problem.prompt + row["completion"])
            limits = replace(program.limits, cpu_seconds=CPU_SECONDS)
            yield f"{problem.task_id} sample {number}", (problem, replace(program, limits=limits))


if __name__ == "__main__":
    sys.exit(main())
