"""By how much other extraction rules move published answers, set by set and answer by answer.

python tests/performance/extraction_moves.py --commit REV   the rules of a git revision against those of this tree
python tests/performance/extraction_moves.py --policies     the policy robust against the others, in this tree

Every published answer of ../shared/data/generations is read as what a model said in a chat, or as a continuation where
it is one. Where the programs differ, both are run; each answer whose verdict moves is named.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tabulate import tabulate

from sandbox.launch import open_sandbox
from sandbox.program import Program
from tasks.registry import AnyTask, load
from tasks.task_ids import canonical_task_id

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data"
GENERATIONS = SHARED / "generations"
SETS = (
    ("gpt.humaneval.chat.jsonl.gz", "humaneval", "chat"),
    *(
        (f"{name}.jsonl", "humaneval", style)
        for name in ("wavecoder-ultra-6.7b.humaneval", "evol-teacher.humaneval")
        for style in ("chat", "complete")
    ),
    *(("codegen-16b-mono.humaneval-10-tasks-x-100.jsonl", "humaneval", style) for style in ("chat", "complete")),
    ("wavecoder-ultra-6.7b.mbpp.jsonl", "mbpp-sanitized", "chat"),
    *(
        (f"gpt-4o.humaneval-x-{code}.jsonl", f"humanevalpack-synthesize-{code}", "chat")
        for code in ("js", "cpp", "go", "java", "python")
    ),
    ("gpt-3.5.humaneval-x-cpp.jsonl", "humanevalpack-synthesize-cpp", "chat"),
    ("octocoder.humanevalfix-python-20.jsonl.gz", "humanevalpack-fix-python", "chat"),
)
"""File, task and prompt style."""
Answers = dict[str, tuple[str, str, str]]
"""By set, task id and line: the code, its rule, and the program's main file, which is empty where nothing can run."""


def rows(file: Path) -> list[dict[str, Any]]:
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    return [json.loads(line) for line in content.splitlines()]


def loaded(name: str, style: str, policy: str = "") -> AnyTask:
    task = load(name, style, SHARED / "benchmarks")
    return replace(task, extraction=policy) if policy else task  # pyright: ignore[reportArgumentType]


def extracted(policy: str = "") -> Answers:
    """Of every answer; revisions without policies know `policy` empty alone."""
    found: Answers = {}
    for file, name, style in SETS:
        task = loaded(name, style, policy)
        problems = {problem.task_id: problem for problem in task.problems}
        for number, row in enumerate(rows(GENERATIONS / file)):
            try:
                problem = problems[canonical_task_id(row["task_id"], problems)]
            except Exception:  # a problem that this split does not hold
                continue
            answer = str(row.get("completion", row.get("solution")))
            code = task.extract(problem, [answer])
            files = task.program(problem, code.code).files if code.code.strip() else {}
            key = f"{file}|{name}|{style}|{problem.task_id}|{number}"
            found[key] = (code.code, code.rule, next(iter(files.values()), ""))
    return found


def of_revision(revision: str) -> Answers:
    """The same by the rules of a git revision, in a work tree of its own."""
    with TemporaryDirectory() as folder:
        tree, out = Path(folder, "tree"), Path(folder, "answers.json")
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "--quiet", "--detach", tree, revision], check=True)
        try:
            words = [sys.executable, __file__, "--write", out]
            subprocess.run(words, check=True, env={**os.environ, "PYTHONPATH": str(tree)}, cwd=tree)
            return {key: tuple(value) for key, value in json.loads(out.read_text()).items()}
        finally:
            subprocess.run(["git", "-C", ROOT, "worktree", "remove", "--force", tree], check=True)


def verdicts(answers: Answers, keys: list[str]) -> dict[str, str]:
    """What comes of the programs of these answers."""
    tasks = {(name, style): loaded(name, style) for _, name, style in SETS}

    def programs() -> Iterator[tuple[str, Program]]:
        for key in keys:
            code, _, text = answers[key]
            _, name, style, task_id, _ = key.split("|")
            task = tasks[name, style]
            problem = next(problem for problem in task.problems if problem.task_id == task_id)
            if text:
                program = task.program(problem, code or "pass")
                yield key, replace(program, files={next(iter(program.files)): text}, split=None)

    found = dict.fromkeys(keys, "no code")
    with open_sandbox() as sandbox:
        for key, outcome in sandbox.run(programs()):
            _, name, style, task_id, _ = key.split("|")
            problem = next(each for each in tasks[name, style].problems if each.task_id == task_id)
            found[key] = tasks[name, style].verdict(problem, outcome).verdict.value
    return found


def print_moves(title: str, before: Answers, after: Answers) -> None:
    """A row for each set, then a line for each answer whose verdict moves."""
    other = [key for key in after if key in before and before[key][2] != after[key][2]]
    first, second = verdicts(before, other), verdicts(after, other)
    passed = {key: (first[key] == "passed", second[key] == "passed") for key in other}
    table: list[list[object]] = []
    for file, name, style in SETS:
        begin = f"{file}|{name}|{style}|"
        moved = Counter(passed[key] for key in other if key.startswith(begin))
        total = sum(key.startswith(begin) for key in after)
        table.append([file.partition(".jsonl")[0], style, total, moved.total(), moved[False, True], moved[True, False]])
    table.append(["all", "", *(sum(int(str(row[column])) for row in table) for column in range(2, 6))])
    print(f"\n{title}\n")
    headers = ["answers", "style", "number", "other program", "pass in addition", "no longer pass"]
    print(tabulate(table, headers, tablefmt="github"))
    for key in other:
        if first[key] != second[key]:
            print(f"{key}: {first[key]} ({before[key][1]}), now {second[key]} ({after[key][1]})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--commit", help="git revision whose rules are the earlier ones")
    parser.add_argument("--policies", action="store_true")
    parser.add_argument("--write", type=Path, help="only write what is found to a file")
    options = parser.parse_args()
    if not GENERATIONS.is_dir():
        print(f"skipped: {GENERATIONS} is not there")
        return
    after = extracted()
    if options.write:
        options.write.write_text(json.dumps(after))
        return
    if options.commit:
        print_moves(f"rules of {options.commit}, and now", of_revision(options.commit), after)
    if options.policies:
        for policy in ("upstream", "first-block", "last-block"):
            print_moves(f"policy robust, and {policy}", after, extracted(policy))
    if not options.commit and not options.policies:
        rules = Counter(rule for _, rule, _ in after.values())
        print(tabulate(rules.most_common(), ["rule", "answers"], tablefmt="github"))


if __name__ == "__main__":
    main()
