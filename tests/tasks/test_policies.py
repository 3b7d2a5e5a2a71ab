"""Each policy finds what it says: `upstream` what bigcode-evaluation-harness finds, byte for byte."""

import importlib
import json
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from tasks.errors import TaskError
from tasks.humanevalpack.task import load_humanevalpack
from tasks.policy import ExtractionPolicy, policy_of, under_policy
from tasks.registry import load
from tasks.task import AnswerForm
from tests.benchmark_files import pack_source
from tests.tasks.pack_completions import completions
from tests.tasks.pack_peer import LANGUAGES, NAMES, Peer, Rows, load_peer, rows_of
from tests.wavebench.small_task import Greetings

UPSTREAM, ROBUST = ExtractionPolicy.UPSTREAM, ExtractionPolicy.ROBUST
BODY = "    return sum(xs)\n"
ANSWERS = (
    f"{BODY}\n\ndef more():\n    pass\n",
    f"{BODY}\nprint(total([]))\n# Done\n",
    f'    """\n# heading\n"""\n{BODY}',
    f"Sure:\n\n```python\ndef f():\n{BODY}```\nand\n```python\nassert f()\n```\n",
    f"```\nimport os\n\ndef f(xs):\n{BODY}```",
    f"def f(xs):\n{BODY}\n\nclass Other:\n    pass\n\nif __name__ == '__main__':\n    f()\n",
    "```python\n\n```",
    "```python\n```\nnothing",
    "",
    "  \n",
)


@pytest.fixture(scope="session")
def peer() -> Peer:
    try:
        return load_peer()
    except ImportError as error:
        pytest.skip(str(error))


def peer_task(name: str, task: str, rows: list[dict[str, Any]], *arguments: object) -> Any:
    """One of the peer's tasks over our rows; its metric is not needed."""
    metric = "bigcode_eval.tasks.custom_metrics.code_eval"
    if metric not in sys.modules:
        sys.modules[metric] = types.ModuleType(metric)
        sys.modules[metric].__dict__["compute_code_eval"] = None
    made = getattr(importlib.import_module(f"bigcode_eval.tasks.{name}"), task)(*arguments)
    made.dataset = {"test": Rows(rows)}
    return made


@pytest.mark.parametrize("scenario", ["fix", "synthesize"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_upstream_finds_what_the_peer_finds_in_humanevalpack(peer: Peer, scenario: str, language: str):
    task = load_humanevalpack(scenario, language, **pack_source(language)).under(UPSTREAM)
    rows = rows_of(language)
    theirs = peer.task(NAMES[scenario], language, "instruct", rows)
    compared = 0
    for number, (problem, row) in list(enumerate(zip(task.problems, rows, strict=True)))[::8]:
        if scenario == "fix" and problem.task_id == "CPP/38":
            continue  # whose bare declaration upstream has wrong
        for text in [*(each.text for each in completions(row, language)), *ANSWERS]:
            if text.strip():
                prompt = theirs.get_prompt(row)
                assert task.extract(problem, [text]).code == theirs.postprocess_generation(prompt + text, number)
                compared += 1
    assert compared


def test_upstream_runs_the_peers_programs_in_python(peer: Peer):
    task = load_humanevalpack("synthesize", "python", **pack_source("python")).under(UPSTREAM)
    rows = rows_of("python")
    answers = [f"\n{row['canonical_solution']}\n\nfrom __future__ import annotations\n" for row in rows]
    codes = [task.extract(problem, [answer]).code for problem, answer in zip(task.problems, answers, strict=True)]
    theirs = peer.programs("synthesize", "python", rows, [[code] for code in codes])
    for problem, code, (their_program,) in zip(task.problems, codes, theirs, strict=True):
        assert task.program(problem, code).files["main.py"] == their_program


@pytest.mark.usefixtures("peer")
@pytest.mark.parametrize(("style", "strip"), [("complete", False), ("complete-stripped", True)])
def test_upstream_finds_what_the_peer_finds_in_humaneval(style: str, strip: bool):
    task = under_policy(load("humaneval", style), UPSTREAM)
    rows = [{"prompt": each.prompt, "entry_point": each.entry_point} for each in task.problems[:3]]
    theirs = peer_task("humaneval", "GeneralHumanEval", rows, strip)
    for number, (problem, row) in enumerate(zip(task.problems, rows, strict=False)):
        for text in filter(str.strip, ANSWERS):
            found = task.extract(problem, [text]).code
            assert found == theirs.postprocess_generation(theirs.get_prompt(row) + text, number)


@pytest.mark.usefixtures("peer")
def test_upstream_finds_what_the_peer_finds_in_chat_answers_to_humaneval():
    task = under_policy(load("humaneval", "chat"), UPSTREAM)
    problem = task.problems[0]
    rows = [{"context": problem.prompt, "entry_point": problem.entry_point}]
    theirs = peer_task("instruct_humaneval", "InstructHumanEvalWithoutContext", rows)
    for text in filter(str.strip, ANSWERS):
        assert task.extract(problem, [text]).code == theirs.postprocess_generation(text, 0)


@pytest.mark.usefixtures("peer")
@pytest.mark.parametrize("style", ["incoder0", "chat"])
def test_upstream_finds_what_the_peer_finds_in_mbpp(benchmarks: Path, style: str):
    task = under_policy(load("mbpp", style, benchmarks), UPSTREAM)
    problem = task.problems[0]
    theirs = peer_task("mbpp", "MBPP", [])
    row = {"text": problem.text, "test_list": list(problem.tests)}
    theirs.get_dataset = lambda: [row]
    theirs.dataset = {"test": Rows([row])}
    for text in filter(str.strip, ANSWERS):
        assert task.extract(problem, [text]).code == theirs.postprocess_generation(theirs.get_prompt(row) + text, 0)


@pytest.mark.parametrize("name", ["humaneval", "humanevalpack-synthesize-go", "mbpp"])
def test_a_block_is_taken_whatever_it_holds(benchmarks: Path, name: str):
    task = load(name, "chat", benchmarks)
    answer = "```\nfirst = 1\n```\nthen\n```\nlast = 2\n```\n"
    first, last = (
        under_policy(task, policy).extract(task.problems[0], [answer]) for policy in list(ExtractionPolicy)[2:]
    )
    assert ("first = 1" in first.code, "last = 2" in first.code) == (True, False)
    assert ("first = 1" in last.code, "last = 2" in last.code) == (False, True)
    assert "plain" in under_policy(task, ExtractionPolicy.LAST_BLOCK).extract(task.problems[0], ["plain"]).code


@pytest.mark.parametrize("policy", ExtractionPolicy)
def test_programs_and_completions_made_elsewhere_follow_no_policy(policy: ExtractionPolicy):
    task = load("humaneval", "chat")
    problem = task.problems[0]
    for form in (AnswerForm.PROGRAM, AnswerForm.CONTINUATION):
        assert under_policy(task, policy).extract(problem, ["x = 1\n\ndef f():"], form) == task.extract(
            problem, ["x = 1\n\ndef f():"], form
        )


def test_a_task_with_rules_of_its_own_alone_says_so():
    assert under_policy(Greetings(), ROBUST) == Greetings()
    assert policy_of(Greetings()) is ROBUST
    with pytest.raises(TaskError, match=r"'upstream': the task 'greetings' finds code by its own rules alone"):
        under_policy(Greetings(), UPSTREAM)


def test_each_policy_is_kept_by_its_task():
    task = load("humaneval")
    assert [policy_of(under_policy(task, policy)) for policy in ExtractionPolicy] == list(ExtractionPolicy)
    assert json.loads(json.dumps(UPSTREAM)) == "upstream"
