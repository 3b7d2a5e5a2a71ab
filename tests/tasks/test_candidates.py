"""Every extraction can say what it passed over, and why."""

import pickle
from pathlib import Path

import pytest

from tasks.extraction.candidates import MOST_CANDIDATES, MOST_CHARACTERS
from tasks.extraction.chat import extract_braced
from tasks.extraction.python import extract_python
from tasks.policy import ExtractionPolicy, under_policy
from tasks.registry import load
from tasks.task import Candidate

PROMPT = 'from typing import List\n\n\ndef total(xs: List[int]) -> int:\n    """Sum of xs."""\n'
RIGHT = "def total(xs):\n    return add(xs)\n"
JS = "function total(xs) {\n  return xs.length;\n}\n"


def block(code: str, tag: str = "python") -> str:
    return f"```{tag}\n{code}```\n"


ANSWER = (
    "<think>\nperhaps\n</think>\nA draft:\n"
    + block("def total(xs):\n    ...\n")
    + "with\n"
    + block("def add(xs):\n    return sum(xs)\n")
    + "This is wrong:\n"
    + block("def total(xs):\n    return 1\n")
    + "Not\n"
    + block("def total(xs:\n")
    + "but\n"
    + block(RIGHT.replace("add(xs)", "add([])"))
    + "no,\n"
    + block(RIGHT)
    + "Use it:\n"
    + block("total([1])\n", "")
)


def why(candidates: tuple[Candidate, ...]) -> list[str]:
    return [each.why for each in candidates]


def test_every_block_says_why_it_was_passed_over():
    found = extract_python(ANSWER, PROMPT, "total")
    assert why(found.candidates) == [
        "total has no body in it",
        "it lends definitions",
        "it is introduced as wrong",
        "it does not parse",
        "a later block defines total too",
        "fence, with other blocks",
        "it does not define total",
        "it does not parse",
        "it does not parse",
    ]
    assert [each.chosen for each in found.candidates].index(True) == 5
    assert [each.kind for each in found.candidates[-2:]] == ["whole answer", "continuation of the prompt"]
    assert [each.line for each in found.candidates[:3]] == [6, 11, 16]
    assert found.candidates[1].defines == ("add",)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("    return sum(xs)\n", "continuation of the prompt"),
        (f"Here:\n\n{RIGHT}\nDone.", "whole answer"),
        (f"{RIGHT}```\nThat is\n```\nall\n```", "text outside the blocks"),
        (block(RIGHT), "block"),
        ("```python\ndef total(xs):\n    return 1\n", "block"),
    ],
)
def test_one_candidate_is_the_chosen_one(answer: str, kind: str):
    found = extract_python(answer, PROMPT, "total")
    assert [(each.kind, each.why) for each in found.candidates if each.chosen] == [(kind, found.rule)]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (block(JS, "js") + "or\n" + block("const x = 1;\n", "js"), "block"),
        ("  return xs.length;\n}\n", "continuation of the prompt"),
        (f"Well:\n{JS}", "whole answer"),
    ],
)
def test_other_languages_say_it_too(answer: str, kind: str):
    found = extract_braced(answer, "const total = (xs) => {\n", "total", "javascript")
    assert [(each.kind, each.why) for each in found.candidates if each.chosen] == [(kind, found.rule)]


def test_no_candidate_is_chosen_where_no_code_was_found():
    found = extract_python("I cannot do that.", PROMPT, "total")
    assert found.code == ""
    assert why(found.candidates) == ["it does not parse"] * 2
    assert not any(each.chosen for each in found.candidates)


def test_candidates_are_bounded():
    long = block("def total(xs):\n    return 1\n" + "x = 1\n" * 1000)
    found = extract_python(long * 100, PROMPT, "total").candidates
    assert len(found) <= MOST_CANDIDATES
    assert max(len(each.code) for each in found) <= MOST_CHARACTERS


def test_an_extraction_can_be_compared_and_sent():
    found = extract_python(ANSWER, PROMPT, "total")
    again = pickle.loads(pickle.dumps(found))
    assert again == found
    assert again.candidates == found.candidates


def test_a_policy_that_takes_one_block_says_so():
    task = under_policy(load("humaneval", "chat"), ExtractionPolicy.FIRST_BLOCK)
    found = task.extract(task.problems[0], [ANSWER])
    assert why(found.candidates)[:2] == ["first block", "it is not the first block"]


def test_tasks_say_it_under_each_policy(benchmarks: Path):
    for name in ("humaneval", "humanevalpack-synthesize-go", "mbpp"):
        task = load(name, "chat", benchmarks)
        problem = task.problems[0]
        found = task.extract(problem, [block(task.reference(problem), "")])
        assert [each.kind for each in found.candidates if each.chosen] == ["block"]
