"""EvalPlus' own files: a folder of samples and eval_results.json are read, and the latter is written."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.judging.evalplus_samples import evalplus_rows, is_sample_folder
from harness.judging.external_samples import Layout, open_samples
from tasks.evalplus.problem import PlusProblem
from tasks.evalplus.results import eval_result
from tasks.verdict import Verdict

Run = Callable[..., subprocess.CompletedProcess[str]]
PROMPT = 'def f(x):\n    """Returns the square of x."""\n'
RIGHT, PLUS, BASE = (f"{PROMPT}    return {body}\n" for body in ("x * x", "x * x if x < 9 else 0", "x"))
ROW = {
    "prompt": PROMPT,
    "entry_point": "f",
    "canonical_solution": "    return x * x\n",
    "base_input": [[2], [3]],
    "plus_input": [[0], [12]],
    "atol": 0,
}


@pytest.fixture
def problems(tmp_path: Path) -> Path:
    file = tmp_path / "problems.jsonl"
    file.write_text("".join(json.dumps({"task_id": f"HumanEval/{number}", **ROW}) + "\n" for number in (0, 1)))
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (
        ("HumanEval_0/0", RIGHT),
        ("HumanEval_0/1", PLUS),
        ("HumanEval_1/0", BASE),
        ("HumanEval_1/1", RIGHT),
    ):
        file = tmp_path / "samples" / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "samples"


def test_a_folder_of_samples_is_judged_and_its_results_are_those_of_evalplus(
    wavebench: Run, tmp_path: Path, problems: Path, folder: Path
):
    out, file = tmp_path / "run", tmp_path / "eval_results.json"
    done = wavebench("judge", folder, "--task", "humaneval-plus", "--data", problems, "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    [run] = json.loads(done.stdout)
    assert (run["score"]["pass@1"]["value"], run["score"]["base_pass@1"]["value"]) == (0.5, 0.75)
    done = wavebench("score", out, "--data", problems, "--eval-results", file)
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(file.read_text())
    assert document["pass_at_k"]["base"] == {"pass@1": 0.75}
    found = {
        task_id: [
            (each["base_status"], each["plus_status"], each["base_fail_tests"], each["plus_fail_tests"])
            for each in entries
        ]
        for task_id, entries in document["eval"].items()
    }
    assert found == {
        "HumanEval/0": [("pass", "pass", [], []), ("pass", "fail", [], [[12]])],
        "HumanEval/1": [("fail", "fail", [[2]], []), ("pass", "pass", [], [])],
    }
    assert evalplus_rows(file) == evalplus_rows(folder)
    assert open_samples(file).layout is Layout.EVALPLUS


def test_a_run_folder_is_no_folder_of_samples(tmp_path: Path, folder: Path):
    assert is_sample_folder(folder)
    assert not is_sample_folder(tmp_path)
    (folder / "config.toml").touch()
    assert not is_sample_folder(folder)


def test_only_evalplus_tasks_have_such_results(wavebench: Run, golden: Path, data: Path, tmp_path: Path):
    done = wavebench("score", golden, "--data", data / "problems.jsonl", "--eval-results", tmp_path / "out.json")
    assert done.returncode != 0
    assert "'humaneval' has no results as EvalPlus writes them" in done.stderr


def test_what_json_lacks_is_written_as_evalplus_does():
    sets = PlusProblem("Mbpp/115", "mbpp", "", "f", "", "[[[[1], [], {}]]]", "[]", 0)
    angles = PlusProblem("Mbpp/124", "mbpp", "", "f", "", "[]", '[["1.5", "1j"]]', 0)
    said = "{} input 1 of 1 (0 of 1 passed): f() gave 1, expected 2"
    base = eval_result(sets, "", Verdict.WRONG, False, said.format("base"))
    plus = eval_result(angles, "", Verdict.TIMEOUT, True, said.format("plus"))
    assert (base["base_fail_tests"], base["plus_status"]) == ([[[[1], [], []]]], "fail")
    assert (plus["plus_fail_tests"], plus["plus_status"]) == ([["1.5", "1j"]], "timeout")
