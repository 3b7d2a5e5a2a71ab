"""HumanEvalPack in the sandbox: references pass, buggy solutions do not, published verdicts come out again."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.languages import language as row_of
from sandbox.outcome import Ending, Outcome, Tier
from sandbox.program import Program
from sandbox.sandbox import Sandbox
from sandbox.toolchains.installed import ToolchainMissingError, with_paths
from tasks.humanevalpack.judge import judge_pack
from tasks.humanevalpack.language import pack_languages
from tasks.humanevalpack.task import HumanEvalPack, load_humanevalpack
from tasks.task import AnswerForm
from tasks.task_ids import canonical_task_id
from tasks.verdict import Verdict
from tests.benchmark_files import pack_source

EVERY = {"python": 20, "js": 20, "java": 80, "go": 80, "cpp": 80, "rust": 80}
"""One problem in so many is run: `wavebench doctor --full` runs them all."""


CPU_SECONDS = 3.0
"""Ten times what the slowest passing program takes, so that endless ones cost the tests little."""


def quick(program: Program) -> Program:
    return replace(program, limits=replace(program.limits, cpu_seconds=CPU_SECONDS))


def ready(code: str, scenario: str, style: str | None = None) -> HumanEvalPack:
    """The task, if its language can be run here."""
    try:
        with_paths(row_of(pack_languages()[code].sandbox))
    except ToolchainMissingError as error:
        pytest.skip(str(error))
    return load_humanevalpack(scenario, code, style, **pack_source(code))


@pytest.mark.parametrize("code", EVERY)
def test_references_pass_and_buggy_solutions_do_not(sandbox: Sandbox, code: str):
    task = ready(code, "fix")
    problems = [problem for problem in task.problems[:: EVERY[code]] if problem.task_id not in task.unsound]
    answers = {
        True: [f"\n{each.canonical_solution}" for each in problems],
        False: [f"\n{each.buggy_solution}" for each in problems],
    }
    programs = (
        ((problem, right), quick(task.program(problem, task.extract(problem, [answer]).code)))
        for right, texts in answers.items()
        for problem, answer in zip(problems, texts, strict=True)
    )
    judged = {
        (problem.task_id, right): task.verdict(problem, outcome) for (problem, right), outcome in sandbox.run(programs)
    }
    assert {
        key: judgement for key, judgement in judged.items() if key[1] != (judgement.verdict is Verdict.PASSED)
    } == {}
    assert Verdict.NOT_JUDGED not in {judgement.verdict for judgement in judged.values()}


@pytest.mark.usefixtures("benchmarks")
def test_published_verdicts_come_out_again(sandbox: Sandbox, generations: Path):
    task = ready("js", "synthesize")
    row = row_of("javascript")
    lines = (generations / "gpt-4o.humaneval-x-js.jsonl").read_text().splitlines()
    samples = [json.loads(line) for line in lines][::3]
    programs = (
        (each, quick(Program(row.name, {row.main_file: each["program"]}, limits=row.limits))) for each in samples
    )
    ours = [(each, judge_pack(task.pack_language, outcome).verdict) for each, outcome in sandbox.run(programs)]
    assert len(ours) == len(samples)
    assert [each["task_id"] for each, verdict in ours if each["passed"] != (verdict is Verdict.PASSED)] == []


@pytest.mark.usefixtures("benchmarks")
def test_continuations_in_cpp_get_their_published_verdicts_and_fitted_ones_lose_a_second_main(
    sandbox: Sandbox, generations: Path
):
    task = ready("cpp", "synthesize")
    problems = {problem.task_id: problem for problem in task.problems}
    lines = (generations / "gpt-3.5.humaneval-x-cpp.jsonl").read_text().splitlines()
    rows = [row for row in map(json.loads, lines[1::8]) if row["task_id"] != "CPP/22"]  # needs Boost, missing there
    forms = (AnswerForm.CONTINUATION, AnswerForm.FITTED)

    def program(row: dict[str, Any], form: AnswerForm) -> Program:
        problem = problems[canonical_task_id(row["task_id"], problems)]
        found = task.extract(problem, [row["completion"]], form)
        assert found.code == problem.prompt + row["completion"]
        return quick(task.program(problem, found.code, form))

    programs = ((((row["task_id"], row["passed"]), form), program(row, form)) for row in rows for form in forms)
    passed = {form: set[str]() for form in forms}
    for ((task_id, _), form), outcome in sandbox.run(programs):
        if judge_pack(task.pack_language, outcome).verdict is Verdict.PASSED:
            passed[form].add(task_id)
    assert passed[AnswerForm.CONTINUATION] == {row["task_id"] for row in rows if row["passed"]}
    assert passed[AnswerForm.CONTINUATION] < passed[AnswerForm.FITTED]


@pytest.mark.parametrize(("test", "verdict"), [("1 + 1 == 3", Verdict.WRONG), ("1 + 1 == 2", Verdict.PASSED)])
def test_assertions_of_own_java_problems_count(sandbox: Sandbox, test: str, verdict: Verdict):
    task = ready("java", "synthesize")
    own = f"public class Main {{ public static void main(String[] words) {{ assert {test}; }} }}"
    problem = replace(task.problems[0], test=own)
    [(_, outcome)] = sandbox.run([(0, task.program(problem, task.reference(problem)))])
    assert task.verdict(problem, outcome).verdict is verdict


LEAVES_EARLY = {
    "js": "process.exit(0)\n}",
    "java": "System.exit(0); throw new RuntimeException();\n}\n}",
    "go": "os.Exit(0)\n    panic(1)\n}",
    "cpp": "exit(0);\n}",
    "rust": "std::process::exit(0)\n}",
    "python": "    import os\n    os._exit(0)",
}


@pytest.mark.parametrize("code", LEAVES_EARLY)
def test_leaving_early_never_passes(sandbox: Sandbox, code: str):
    task = ready(code, "synthesize")
    problem = task.problems[0]
    whole = f"{problem.prompt}{LEAVES_EARLY[code]}\n"
    program = task.program(problem, f'import "os"\n{whole}' if code == "go" else whole)
    ((_, outcome),) = sandbox.run(iter([(0, program)]))
    assert task.verdict(problem, outcome).verdict is Verdict.WRONG, outcome


def outcome_of(ending: Ending, **facts: object) -> Outcome:
    known = {"finished": False, "exit_code": None, "signal": None, "stdout": "", "stderr": "", "tier": Tier.NAMESPACES}
    return Outcome(ending, cpu_seconds=0.1, wall_seconds=0.1, memory_mb=1.0, **{**known, **facts})  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("code", "outcome", "verdict", "detail"),
    [
        ("js", outcome_of(Ending.EXITED, finished=True, exit_code=0), Verdict.PASSED, ""),
        (
            "js",
            outcome_of(Ending.EXITED, finished=True, exit_code=0, stdout="hi\n"),
            Verdict.WRONG,
            "wrote output, which upstream's protocol fails: hi",
        ),
        ("js", outcome_of(Ending.EXITED, exit_code=1, stderr="Assertion failed\n"), Verdict.WRONG, "Assertion failed"),
        (
            "js",
            outcome_of(Ending.EXITED, exit_code=1, stderr="main.js:3\n  x y\n\nSyntaxError: Unexpected identifier\n"),
            Verdict.NOT_COMPILED,
            "SyntaxError: Unexpected identifier",
        ),
        ("go", outcome_of(Ending.EXITED, finished=True, exit_code=0, stdout="PASS\n"), Verdict.PASSED, ""),
        (
            "go",
            outcome_of(Ending.EXITED, exit_code=2, stderr="panic: runtime error: index out of range [1]\n"),
            Verdict.ERROR,
            "panic: runtime error: index out of range [1]",
        ),
        (
            "java",
            outcome_of(Ending.EXITED, exit_code=1, stderr='Exception in thread "main" java.lang.AssertionError\n'),
            Verdict.WRONG,
            'Exception in thread "main" java.lang.AssertionError',
        ),
        (
            "cpp",
            outcome_of(
                Ending.SIGNALLED, signal=6, stderr="program: main.cpp:30: int main(): Assertion `f()' failed.\n"
            ),
            Verdict.WRONG,
            "program: main.cpp:30: int main(): Assertion `f()' failed.",
        ),
        (
            "cpp",
            outcome_of(Ending.NOT_COMPILED, stderr="main.cpp: In function 'f':\nmain.cpp:9:1: error: no x\n"),
            Verdict.NOT_COMPILED,
            "main.cpp:9:1: error: no x",
        ),
        (
            "rust",
            outcome_of(Ending.EXITED, exit_code=101, stdout="assertion `left == right` failed\n  left: 1\n"),
            Verdict.WRONG,
            "assertion `left == right` failed",
        ),
        (
            "rust",
            outcome_of(
                Ending.EXITED, exit_code=101, stdout="thread 't' panicked at main.rs:9:1:\nindex out of bounds\n"
            ),
            Verdict.ERROR,
            "thread 't' panicked at main.rs:9:1:",
        ),
        ("rust", outcome_of(Ending.EXITED, exit_code=0), Verdict.WRONG, "left early with exit code 0"),
        ("java", outcome_of(Ending.CPU_LIMIT, detail="CPU limit"), Verdict.TIMEOUT, "CPU limit"),
        ("go", outcome_of(Ending.SANDBOX_FAILED, detail="no go"), Verdict.NOT_JUDGED, "no go"),
    ],
)
def test_verdicts_by_language(code: str, outcome: Outcome, verdict: Verdict, detail: str):
    judgement = judge_pack(pack_languages()[code], outcome)
    assert (judgement.verdict, judgement.detail) == (verdict, detail)
