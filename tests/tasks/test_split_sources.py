"""The two programs of a problem whose tests run apart: what each holds, and which signatures have none."""

from dataclasses import replace

import pytest

from sandbox.outcome import Assertion, Confirmation, Ending, Outcome, Tier
from sandbox.program import SplitSources
from tasks.counted_tests import counted, share_held
from tasks.humanevalpack.problem import PackProblem
from tasks.humanevalpack.split.sources import split_sources, why_unsplit
from tasks.humanevalpack.task import load_humanevalpack
from tasks.verdict import Verdict
from tests.benchmark_files import pack_source
from tests.tasks.pack_problems import CODES, kinds_of, pack_problem, pack_task

MARK = "a_word_of_the_candidate"
PASSED = Outcome(
    ending=Ending.EXITED,
    finished=True,
    exit_code=0,
    signal=None,
    cpu_seconds=0.1,
    wall_seconds=0.1,
    memory_mb=1.0,
    stdout="",
    stderr="",
    tier=Tier.NAMESPACES,
)


def sources_of(code: str, problem: PackProblem, answer: str) -> SplitSources:
    split = pack_task(code).program(problem, answer).split
    assert isinstance(split, SplitSources)
    return split


@pytest.mark.parametrize("code", CODES)
def test_neither_program_holds_a_line_of_the_other(code: str):
    for kind in kinds_of(code):
        problem = pack_problem(code, kind)
        comment = f"// {MARK}\n"
        answer = problem.prompt + problem.canonical_solution
        split = sources_of(code, problem, answer.replace("fn main(){}", "") + comment)
        wrong = sources_of(code, problem, problem.prompt + problem.canonical_solution.replace("2", "3"))
        assert wrong.tester == split.tester, "the same text for all samples of a problem"
        tester, candidate = "".join(split.tester.values()), "".join(split.candidate.values())
        assert MARK in candidate
        assert MARK not in tester
        solution = problem.canonical_solution.strip()
        assert solution in candidate
        assert solution not in tester
        test_lines = [line for line in problem.test.splitlines() if "assert" in line.lower() and "(" in line]
        assert not [line for line in test_lines if line in candidate]


@pytest.mark.parametrize("code", CODES)
def test_every_problem_of_the_benchmark_has_the_two_programs(code: str):
    task = load_humanevalpack("fix", code, **pack_source(code))
    assert {problem.task_id: why for problem in task.problems if (why := why_unsplit(problem))} == {}
    for problem in task.problems[::20]:
        assert split_sources(problem, task.reference(problem), unsound=False).tester


CANNOT_CROSS = {
    "cpp": (
        ("int count_below(vector<int> &numbers, int bound){", "may be written through"),
        ("int count_below(int *numbers, int bound){", "not a plain value"),
        ("Tree count_below(vector<int> numbers, int bound){", "the type Tree"),
    ),
    "go": (
        ("func CountBelow(numbers *[]int, bound int) int {", "cannot cross"),
        ("func CountBelow(bound int, numbers ...int) int {", "any number of arguments"),
        ("func CountBelow(numbers []int, bound int) error {", "the type error"),
    ),
    "java": (
        ("    public int countBelow(List<Integer> numbers, Tree bound) {", "the type Tree"),
        ("    public <T> int countBelow(List<T> numbers, int bound) {", "any type"),
        ("    public int countBelow(int bound, int... numbers) {", "any number of arguments"),
    ),
    "rust": (
        ("fn count_below(numbers:&mut Vec<i32>, bound: i32) -> i32{", "cannot cross"),
        ("fn count_below<T: Ord>(numbers:Vec<T>, bound: T) -> i32{", "any type"),
        ("fn count_below(numbers:Vec<Node>, bound: i32) -> i32{", "the type Vec<Node>"),
    ),
}


@pytest.mark.parametrize(
    ("code", "head", "why"), [(code, head, why) for code, each in CANNOT_CROSS.items() for head, why in each]
)
def test_a_signature_that_cannot_cross_has_none_and_a_pass_says_why(code: str, head: str, why: str):
    problem = pack_problem(code, "number")
    lines = problem.prompt.rstrip("\n").split("\n")
    problem = replace(problem, prompt="\n".join([*lines[:-1], f"{head}\n"]))
    assert why in why_unsplit(problem)
    assert pack_task(code).program(problem, problem.prompt + problem.canonical_solution).split is None
    judgement = pack_task(code).verdict(problem, PASSED)
    assert (judgement.verdict, judgement.confirmed) == (Verdict.PASSED, None)
    assert judgement.detail.startswith("unconfirmed: ")
    assert why in judgement.detail


def test_tests_that_go_on_after_their_last_line_have_none():
    problem = pack_problem("js", "number")
    problem = replace(problem, test="setTimeout(() => console.assert(countBelow([1], 2) === 1), 5)")
    assert "setTimeout" in why_unsplit(problem)


def test_tests_without_a_test_function_have_none():
    assert "no test function" in why_unsplit(replace(pack_problem("go", "number"), test="func Helper() {}"))
    assert "#[test]" in why_unsplit(replace(pack_problem("rust", "number"), test="fn helper() {}"))


def test_a_share_of_tests_is_what_the_tester_told():
    problem = pack_problem("cpp", "number")
    program = pack_task("cpp").program(problem, problem.prompt + problem.canonical_solution)
    reworded = counted(program)
    assert reworded
    assert reworded.split_alone
    assert reworded.split == program.split
    told = (Assertion(0, held=True), Assertion(1, held=False), Assertion(2, held=False), Assertion(3, held=True))
    told_alone = replace(PASSED, confirmation=Confirmation.REFUTED, assertions=told, split_alone=True)
    assert share_held(told_alone) == 0.5
