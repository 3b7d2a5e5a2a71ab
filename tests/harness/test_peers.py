"""Peers' own fixtures, read straight from their formats, give the scores that their projects publish."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


def judged(wavebench: Run, out: Path, *words: object) -> dict[str, dict[str, float]]:
    done = wavebench("judge", *words, "--out", out)
    assert done.returncode == 0, done.stderr
    return json.loads((out / "score.json").read_text())


def test_human_evals_example_gives_one_half(shared_data: Path, tmp_path: Path, wavebench: Run):
    fixtures = shared_data / "peer_fixtures"
    problems = fixtures / "human_eval_example_problem.jsonl"
    words = [fixtures / "human_eval_example_samples.jsonl", "--task", "humaneval", "--data", problems, "--workers", 1]
    assert judged(wavebench, tmp_path / "run", *words)["pass@1"]["value"] == 0.5


@pytest.mark.parametrize("task", ["humaneval", "mbpp"])
def test_bigcodes_generations_give_one_quarter(shared_data: Path, tmp_path: Path, wavebench: Run, task: str):
    file = shared_data / "peer_fixtures" / f"bigcode_{task}_eval_gens.json"
    words = [file, "--task", task, "--data", shared_data / "benchmarks", "--limit", 2]
    assert judged(wavebench, tmp_path / "run", *words)["pass@1"]["value"] == 0.25


def test_whole_programs_that_lean_on_the_prompts_imports_get_their_published_score(
    shared_data: Path, tmp_path: Path, wavebench: Run
):
    file = shared_data / "generations" / "evol-teacher.humaneval.jsonl"
    score = judged(wavebench, tmp_path / "run", file, "--task", "humaneval", "--form", "continuation")
    published = {row["task_id"]: row["passed"] for row in map(json.loads, file.read_text().splitlines())}
    verdicts = map(json.loads, (tmp_path / "run" / "verdicts.jsonl").read_text().splitlines())
    assert {row["task_id"]: row["verdict"] == "passed" for row in verdicts} == published
    assert score["pass@1"]["value"] == pytest.approx(51 / 164)
    assert score["confirmed_pass@1"] == score["pass@1"]
