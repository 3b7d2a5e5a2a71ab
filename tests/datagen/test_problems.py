"""Problems out of pure functions: confirmed, told from wrong versions, apart from benchmarks and from each other."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from datagen.code.functions import cut_functions
from datagen.config import LeakageConfig, ProblemsConfig
from datagen.execution.run_programs import open_cached_sandbox
from datagen.leakage.benchmark import BenchmarkProblem, ComparedBenchmark
from datagen.problems.inputs import draw_inputs
from datagen.problems.make import MadeProblems, make_problems
from datagen.problems.wrong_versions import mutants, trivial_versions
from datagen.rows.content_store import write_rows
from datagen.rows.raw_function import Origin, RawFunction
from harness.checks.row_check import check_file
from sandbox.outcome import Tier
from sandbox.sandbox import Sandbox
from tasks.humaneval.task import load_humaneval
from tasks.verdict import Verdict

MODULE = '''
import random
import time
from collections import Counter

def clip(value: int, low=0, high=10):
    """Limits a value to a range that has a low end and a high end."""
    if value > high:
        return high
    if value < low:
        return low
    return value

def weekday_of(day: int) -> str:
    """Tells the name of a weekday by the number of the day, which may be beyond 6."""
    names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    return names[day % 7]

def half(x: float) -> float:
    """Gives the half of x, or x itself where x is negative.

    >>> half(3.0)
    1.5
    """
    return x / 2 if x > 0 else x

def longest_words(text):
    """Returns the longest words of a text in the order of the alphabet."""
    words = text.split()
    return sorted(word for word in set(words) if len(word) == max(map(len, words)))

def word_count(text):
    """Counts how often each word of the text occurs."""
    return dict(Counter(text.split()))

def frequencies(line):
    """Counts how often each word of a line occurs."""
    found = {}
    for word in line.split():
        found[word] = found.get(word, 0) + 1
    return found

def stolen(numbers, threshold):
    """Whether two of the numbers are closer to each other than the threshold."""
    ordered = sorted(numbers)
    return any(right - left < threshold for left, right in zip(ordered, ordered[1:]))

def chance(number: int):
    """Adds some chance to a number that is given."""
    return random.random() + number

def stamp(number: int):
    """Adds the time of the clock to a number that is given."""
    return time.time() + number

def same(text):
    """Returns the text as it was given by the caller."""
    return text

def order_dependent(text):
    """Lists the letters of a text, each of them once."""
    return list(set(text))

def grows(items):
    """Appends an item to the items and returns how many items there are."""
    items.append(0)
    return len(items)

def hidden_branch(text):
    """Returns the text in upper case but for one text."""
    if len(text) == 4017:
        return text
    return text.upper()
'''
GOOD = {"clip", "weekday_of", "half", "longest_words", "word_count"}
STOLEN = BenchmarkProblem(
    benchmark="humaneval",
    task_id="HumanEval/0",
    text="",
    solution="",
    reference="def has_close(numbers, threshold):\n    return any(abs(a - b) < threshold for i, a in enumerate(numbers)"
    " for b in numbers[i + 1:])\n",
    entry_point="has_close",
    tests="assert has_close([1.0, 2.0, 1.1], 0.3)\nassert not has_close([1.0, 2.0, 3.0], 0.3)\n",
    required=2,
    accepted=2,
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_cached_sandbox(workers=1) as opened:
        yield opened


@pytest.fixture(scope="module")
def raw() -> dict[str, RawFunction]:
    return {each.name: each for each in cut_functions(MODULE, "python", Origin("own", "pkg/mod.py", licence="MIT"))}


def make(raw: dict[str, RawFunction], sandbox: Sandbox, seed: int = 7, functions: int = 100) -> MadeProblems:
    compared = [ComparedBenchmark("humaneval", [STOLEN]), ComparedBenchmark("mbpp", missing="no file here")]
    settings = ProblemsConfig(functions=functions)
    return make_problems(raw.values(), settings, seed, compared, LeakageConfig(), sandbox, lambda _: None)


@pytest.fixture(scope="module")
def made(raw: dict[str, RawFunction], sandbox: Sandbox) -> MadeProblems:
    return make(raw, sandbox)


@pytest.fixture(scope="module")
def file(made: MadeProblems, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("problems") / "problems.jsonl"
    write_rows(path, made.problems)
    return path


def test_pure_functions_become_problems_and_all_others_say_why_not(made: MadeProblems):
    assert {each.entry_point for each in made.problems} == GOOD
    assert made.tried == len(GOOD) + made.dropped.total()
    assert made.dropped["it solves a benchmark's problem or shares its words"] == 1
    assert made.dropped["another function passes its tests"] == 1
    assert made.dropped["a faulty version differs on none of the inputs"] == 1
    assert made.dropped["a generic wrong answer is right on all inputs"] == 1
    assert made.not_compared == {"mbpp": "no file here"}


def test_the_file_is_one_of_own_problems_and_its_solutions_are_confirmed(file: Path):
    found = check_file(file, None, Tier.NAMESPACES, 1)
    assert (found.task, found.faults, found.passed, found.unconfirmed) == ("humaneval", [], len(GOOD), {})


@pytest.mark.parametrize("name", ["clip", "longest_words"])
def test_every_wrong_version_fails_when_it_is_judged(
    file: Path, raw: dict[str, RawFunction], sandbox: Sandbox, name: str
):
    task = load_humaneval(data_file=file)
    problem = next(each for each in task.problems if each.entry_point == name)
    versions = [*mutants(raw[name].code), *trivial_versions(name)]
    programs = enumerate(task.program(problem, version) for version in versions)
    verdicts = {number: task.verdict(problem, outcome).verdict for number, outcome in sandbox.run(programs)}
    assert len(verdicts) == len(versions) > 35
    for number in (number for number, verdict in verdicts.items() if verdict is Verdict.PASSED):
        # A comparison's edge was moved, and on the edge both sides are one.
        right, moved = defined(raw[name].code, name), defined(versions[number], name)
        ends = range(-2, 4)
        assert all(right(a, b, c) == moved(a, b, c) for a in ends for b in ends for c in ends), versions[number]


def defined(code: str, name: str) -> Any:
    space: dict[str, Any] = {}
    exec(code, space)
    return space[name]


def test_prompts_show_examples_that_are_no_tests_and_keep_the_authors(made: MadeProblems):
    by_name = {each.entry_point: each for each in made.problems}
    for problem in made.problems:
        namespace: dict[str, object] = {}
        exec(problem.prompt + problem.canonical_solution, namespace)
        shown = [line.split(">>> ")[1] for line in problem.prompt.splitlines() if ">>> " in line]
        assert shown, problem.prompt
        for call in shown:
            assert call.replace(f"{problem.entry_point}(", "candidate(", 1) not in problem.test
    assert by_name["half"].prompt.count(">>>") == 1
    assert "from collections import Counter" in by_name["word_count"].prompt
    assert "abs(candidate(" in by_name["half"].test
    assert {(each.source, each.licence) for each in made.problems} == {("own", "MIT")}
    assert all(each.tests >= 12 and each.mutants for each in made.problems)


def test_the_seed_decides_the_bytes(made: MadeProblems, raw: dict[str, RawFunction], sandbox: Sandbox):
    some = {name: raw[name] for name in ("clip", "weekday_of")}
    again = {each.entry_point: asdict(each) for each in make(some, sandbox).problems}
    assert again == {each.entry_point: asdict(each) for each in made.problems if each.entry_point in some}
    other = {each.entry_point: each for each in make(some, sandbox, seed=8).problems}
    assert json.dumps(again["weekday_of"]["test"]) != json.dumps(other["weekday_of"].test)
    assert make(raw, sandbox, functions=0).problems == []


def test_inputs_are_drawn_apart_from_the_documentations_calls():
    code, text = "def f(s):\n    return s\n", ">>> f('abc')\n'abc'"
    (found,) = draw_inputs(code, text, "f", "1", 50)
    assert found == draw_inputs(code, text, "f", "1", 50)[0] != draw_inputs(code, text, "f", "2", 50)[0]
    assert "'abc'" not in found
    assert all(isinstance(eval(each), str) for each in found)
    assert draw_inputs("def f(*s):\n    return s\n", "", "f", "1", 50) == []
    assert draw_inputs("async def f(s):\n    return s\n", "", "f", "1", 50) == []
    kinds = {type(eval(lists[-1])) for lists in draw_inputs("def f(thing):\n    return thing\n", "", "f", "1", 50)}
    assert kinds == {str, int, list}
