"""Translation: 30 ordered pairs of six languages, with the target's tests."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from sandbox.sandbox import Sandbox
from tasks.errors import DataError
from tasks.facts import known_unsound
from tasks.humanevalpack.dataset import HUMANEVALPACK, ID_PREFIXES, LANGUAGES
from tasks.registry import expand, load
from tasks.task import AnswerForm
from tasks.verdict import Verdict

PAIRS = list(permutations(LANGUAGES, 2))


def test_every_ordered_pair_is_a_task_and_each_target_a_family():
    assert len(PAIRS) == 30
    for target in LANGUAGES:
        members = expand(f"humanevalpack-translate-to-{target}")
        assert members == tuple(f"humanevalpack-translate-{each}-{target}" for each in LANGUAGES if each != target)


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_programs_are_those_of_synthesize_in_the_target(benchmarks: Path, source: str, target: str):
    """So what passes there passes here, the references among it."""
    translate = load(f"humanevalpack-translate-{source}-{target}", data_dir=benchmarks)
    synthesize = load(f"humanevalpack-synthesize-{target}", data_dir=benchmarks)
    for one, other in list(zip(translate.problems, synthesize.problems, strict=True))[::20]:
        for text, form in (
            (other.prompt + other.canonical_solution, AnswerForm.PROGRAM),
            ("x", AnswerForm.CONTINUATION),
        ):
            mine, theirs = (task.extract(each, [text], form) for task, each in ((translate, one), (synthesize, other)))
            assert mine == theirs
            assert translate.program(one, mine.code, form).sha256 == synthesize.program(other, mine.code, form).sha256


@pytest.mark.parametrize("style", ["instruct", "codegeex", "wavecoder", "chat"])
def test_a_prompt_shows_the_source_and_the_targets_declaration(benchmarks: Path, style: str):
    task = load("humanevalpack-translate-cpp-python", style, data_dir=benchmarks)
    problem = task.problems[0]
    prompt = task.prompt(problem, [])
    assert prompt is not None
    said = prompt.as_text
    source = load("humanevalpack-synthesize-cpp", data_dir=benchmarks).problems[0]
    assert source.canonical_solution.strip() in said
    assert (problem.declaration.strip() in said) == (style != "wavecoder")
    assert problem.canonical_solution.strip() not in said
    assert "C++" in said
    assert task.prompt(problem, ["answer"]) is None


def test_codegeex_wording_to_the_byte(benchmarks: Path):
    task = load("humanevalpack-translate-js-go", "codegeex", data_dir=benchmarks)
    source = load("humanevalpack-synthesize-js", data_dir=benchmarks).problems[3]
    prompt = task.prompt(task.problems[3], [])
    theirs = (
        f"code translation\nJavaScript:\n{source.declaration}\n{source.canonical_solution.rstrip()}\n"
        f"Go:\n{task.problems[3].declaration}"
    )
    assert prompt is not None
    assert prompt.text == theirs.strip()


def test_a_translation_is_as_unsound_as_its_source(benchmarks: Path):
    task = load("humanevalpack-translate-cpp-python", data_dir=benchmarks)
    assert list(task.unsound) == ["Python/23"]
    assert task.unsound["Python/23"].startswith("Its source is CPP/23: ")
    known = known_unsound("humanevalpack-translate-cpp-python", HUMANEVALPACK["python"].fingerprint)
    assert known["Python/23"] == task.unsound["Python/23"]
    assert all(task_id.partition("/")[0] in ID_PREFIXES.values() for task_id in known)


def test_the_sources_text_alone_does_not_pass(sandbox: Sandbox, benchmarks: Path):
    for source in ("js", "java", "cpp"):
        task = load(f"humanevalpack-translate-{source}-python", data_dir=benchmarks)
        texts = load(f"humanevalpack-synthesize-{source}", data_dir=benchmarks)
        programs = (
            (problem, task.program(problem, texts.reference(other)))
            for problem, other in list(zip(task.problems, texts.problems, strict=True))[:40]
        )
        assert all(
            task.verdict(problem, outcome).verdict is not Verdict.PASSED for problem, outcome in sandbox.run(programs)
        )


GPT_4O = ("python", "js", "java", "go", "cpp")
"""Targets in which its published answers to HumanEval-X are at hand; they continue the prompt."""


def completions_of_gpt_4o(generations: Path, target: str) -> dict[str, dict[str, Any]]:
    lines = (generations / f"gpt-4o.humaneval-x-{target}.jsonl").read_text().splitlines()
    return {row["task_id"].rpartition("/")[2]: row for row in map(json.loads, lines)}


@pytest.mark.parametrize("target", GPT_4O)
def test_published_answers_are_the_programs_that_they_are_as_synthesized_ones(
    benchmarks: Path, generations: Path, target: str
):
    synthesize = load(f"humanevalpack-synthesize-{target}", data_dir=benchmarks)
    rows = completions_of_gpt_4o(generations, target)
    for source in LANGUAGES:
        if source == target:
            continue
        task = load(f"humanevalpack-translate-{source}-{target}", data_dir=benchmarks)
        for problem, other in list(zip(task.problems, synthesize.problems, strict=True))[::8]:
            answer = [rows[problem.number]["completion"]]
            one, two = (
                each.program(asked, each.extract(asked, answer, AnswerForm.CONTINUATION).code, AnswerForm.CONTINUATION)
                for each, asked in ((task, problem), (synthesize, other))
            )
            assert one.sha256 == two.sha256, problem.task_id


def test_published_answers_get_their_published_verdicts_as_translations(
    sandbox: Sandbox, benchmarks: Path, generations: Path
):
    task = load("humanevalpack-translate-cpp-python", data_dir=benchmarks)
    rows = completions_of_gpt_4o(generations, "python")
    programs = (
        (
            problem,
            task.program(
                problem,
                task.extract(problem, [rows[problem.number]["completion"]], AnswerForm.CONTINUATION).code,
                AnswerForm.CONTINUATION,
            ),
        )
        for problem in task.problems[::16]
    )
    for problem, outcome in sandbox.run(programs):
        judged = task.verdict(problem, outcome)
        assert (judged.verdict is Verdict.PASSED) == rows[problem.number]["passed"], problem.task_id
        assert judged.confirmed or judged.verdict is not Verdict.PASSED


def test_own_rows_cannot_be_translated(tmp_path: Path):
    file = tmp_path / "mine.jsonl"
    file.write_text("{}\n")
    with pytest.raises(DataError):
        load("humanevalpack-translate-js-python", data_file=file)
