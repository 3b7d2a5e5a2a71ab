"""What is found in completions is what bigcode-evaluation-harness finds, or more of what was meant."""

import json
from collections import Counter
from pathlib import Path

import pytest

from tasks.extraction.outline import outlined
from tasks.extraction.source import parsed
from tasks.humanevalpack.problem import PackProblem
from tasks.humanevalpack.task import HumanEvalPack, load_humanevalpack
from tests.benchmark_files import pack_source
from tests.tasks.pack_completions import completions
from tests.tasks.pack_peer import LANGUAGES, NAMES, Peer, load_peer, rows_of

ENDS_WITH_MORE = {"CPP/94", "Rust/137"}
"""Their references end in what is no function: #undef, and an enum with a derived implementation nothing else names."""
GENERATIONS = {
    "js": ["gpt-4o.humaneval-x-js"],
    "cpp": ["gpt-4o.humaneval-x-cpp", "gpt-3.5.humaneval-x-cpp"],
    "java": ["gpt-4o.humaneval-x-java"],
    "go": ["gpt-4o.humaneval-x-go"],
    "python": ["gpt-4o.humaneval-x-python"],
}


@pytest.fixture(scope="session")
def peer() -> Peer:
    try:
        return load_peer()
    except ImportError as error:
        pytest.skip(str(error))


def meant(task: HumanEvalPack, problem: PackProblem, body: str) -> str:
    base = problem.bare if task.scenario.name == "fix" and problem.task_id != "CPP/38" else problem.prompt
    return f"{base.rstrip()}\n{body}".rstrip()


def is_program(code: str, language: str) -> bool:
    return bool(code) and not (parsed(code) if language == "python" else outlined(code, language)).broken


def is_bare(problem: PackProblem, code: str) -> bool:
    """Whether nothing of the completion was found."""
    return code.strip() in (problem.prompt.strip(), problem.bare.strip())


@pytest.mark.parametrize("scenario", ["fix", "synthesize"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_was_meant_is_found(scenario: str, language: str):
    task = load_humanevalpack(scenario, language, **pack_source(language))
    rows = rows_of(language)
    missed: list[tuple[str, str]] = []
    for problem, row in list(zip(task.problems, rows, strict=True))[::8]:
        for each in completions(row, language):
            found = task.extract(problem, [each.text]).code.rstrip()
            if each.body is not None and found != meant(task, problem, each.body):
                missed.append((problem.task_id, each.kind))
    assert {task_id for task_id, _ in missed} <= ENDS_WITH_MORE


@pytest.mark.parametrize("scenario", ["fix", "synthesize"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_difference_is_in_favour_of_what_was_meant(peer: Peer, scenario: str, language: str):
    task = load_humanevalpack(scenario, language, **pack_source(language))
    rows = rows_of(language)
    theirs = peer.task(NAMES[scenario], language, "instruct", rows)
    lost: list[tuple[str, str]] = []
    compared: Counter[bool] = Counter()
    for number, (problem, row) in enumerate(zip(task.problems, rows, strict=True)):
        prompt = theirs.get_prompt(row)
        for each in completions(row, language):
            our_code = task.extract(problem, [each.text]).code
            their_code = theirs.postprocess_generation(prompt + each.text, number)
            compared[our_code == their_code] += 1
            if our_code == their_code:
                continue
            if each.body is None or problem.task_id in ENDS_WITH_MORE:
                whole = is_program(their_code, problem.language) and not is_bare(problem, their_code)
                worse = whole and not is_program(our_code, problem.language)
            else:
                right = meant(task, problem, each.body)
                worse = our_code.rstrip() != right or their_code.rstrip() == right
            if worse:
                lost.append((problem.task_id, each.kind))
    assert lost == []
    assert compared[True] > len(rows) * 6


@pytest.mark.parametrize("language", GENERATIONS)
def test_no_answer_of_a_real_model_is_cut_shorter(benchmarks: Path, generations: Path, peer: Peer, language: str):
    task = load_humanevalpack("synthesize", language, data_dir=benchmarks)
    theirs = peer.task("synthesize", language, "instruct", rows_of(language))
    for file in GENERATIONS[language]:
        different = 0
        for line in (generations / f"{file}.jsonl").read_text().splitlines():
            row = json.loads(line)
            number = int(row["task_id"].partition("/")[2])
            problem, completion = task.problems[number], f"\n{row['completion']}"
            our_code = task.extract(problem, [completion]).code
            their_code = theirs.postprocess_generation(
                theirs.get_prompt(rows_of(language)[number]) + completion, number
            )
            if our_code != their_code:
                different += 1
                assert our_code.startswith(their_code) or is_bare(problem, their_code), row["task_id"]
        assert different <= 9
