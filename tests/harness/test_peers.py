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
