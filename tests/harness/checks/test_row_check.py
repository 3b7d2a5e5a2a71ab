"""`wavebench tasks --check` finds what is wrong with rows, runs their solutions, and blames no row for the machine."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.docker_engine import NO_ENGINE

Run = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[[str, Sequence[object]], Path]
Sentence = Callable[[subprocess.CompletedProcess[str]], str]

GOOD: dict[str, Any] = {
    "task_id": "own/0",
    "prompt": "def add(a, b):\n",
    "entry_point": "add",
    "canonical_solution": "    return a + b\n",
    "test": "def check(candidate):\n    assert candidate(1, 2) == 3\n",
}
PACK: dict[str, Any] = {
    **GOOD,
    "declaration": GOOD["prompt"],
    "buggy_solution": "    return a - b\n",
    "docstring": "",
    "instruction": "Add.",
    "test": f"{GOOD['test']}\ncheck(add)\n",
}
JS: dict[str, Any] = {
    **PACK,
    "task_id": "JavaScript/0",
    "prompt": "const add = (a, b) => {\n",
    "declaration": "const add = (a, b) => {\n",
    "canonical_solution": "  return a + b;\n}\n",
    "buggy_solution": "  return a - b;\n}\n",
    "test": "const testAdd = () => { console.assert(add(1, 2) === 3) }\ntestAdd()\n",
}


def test_good_rows_pass_the_check(data: Path, wavebench: Run):
    done = wavebench("tasks", "--check", data / "problems.jsonl")
    assert done.returncode == 0, done.stderr
    assert "as humaneval: 4 rows: 0 with faults, 4 whose solution passes." in done.stdout


def test_each_fault_is_named_by_row_id_and_value(write_lines: Write, wavebench: Run):
    rows = [
        GOOD,
        {**GOOD, "task_id": "own/1", "prompt": 7},
        {**GOOD, "task_id": "own/2", "canonical_solution": "    return a - b\n"},
        {**GOOD, "task_id": "own/3", "canonical_solution": ""},
        GOOD,
    ]
    done = wavebench("tasks", "--check", write_lines("mine.jsonl", rows))
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "row 2 ('own/1'): prompt = 7 is not a text: write it in quotes, as JSON has it"
    assert lines[1].startswith(
        "row 3 ('own/2'): canonical_solution = '    return a - b\\n' does not pass its own tests (wr"
    )
    assert lines[2].startswith("row 5 ('own/0'): task_id = 'own/0' is that of row 1, too")
    assert lines[3].endswith("5 rows: 3 with faults, 1 whose solution passes, 1 without a solution to run.")
    assert len(lines) == 4


def test_the_findings_are_json_for_programs(write_lines: Write, wavebench: Run):
    done = wavebench("tasks", "--check", write_lines("mine.jsonl", [{**GOOD, "entry_point": "a b"}, GOOD]), "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert (found["task"], found["rows"], found["passed"], found["faulty"], found["ok"]) == (
        "humaneval",
        2,
        0,
        2,
        False,
    )
    assert found["faults"][0] | {"what": "", "remedy": ""} == {
        "row": 1, "task_id": "own/0", "column": "entry_point", "value": "'a b'", "what": "", "remedy": ""
    }  # fmt: skip


def test_mbpp_rows_and_their_code_are_checked(write_lines: Write, wavebench: Run):
    row = {
        "task_id": 1,
        "text": "Add.",
        "code": "def add(a, b):\n    return a + b\n",
        "test_list": ["assert add(1, 2) == 3"],
    }
    rows = [row, {**row, "task_id": 2, "test_list": ["assert add(1, 2) == 4"]}]
    done = wavebench("tasks", "--check", write_lines("mine.jsonl", rows))
    assert done.returncode == 1
    assert "row 2 ('Mbpp/2'): code = " in done.stdout
    assert "as mbpp: 2 rows: 1 with faults, 1 whose solution passes." in done.stdout


def test_a_buggy_solution_must_not_pass(write_lines: Write, wavebench: Run):
    rows = [PACK, {**PACK, "task_id": "own/1", "buggy_solution": PACK["canonical_solution"]}]
    done = wavebench("tasks", "--check", write_lines("mine.jsonl", rows), "--task", "humanevalpack-fix-python")
    assert done.returncode == 1
    assert "row 2 ('own/1'): buggy_solution = '    return a + b\\n' passes the tests: add a test that" in done.stdout
    assert "2 rows: 1 with faults, 2 whose solution passes." in done.stdout


def test_a_missing_toolchain_is_no_fault_of_a_row(write_lines: Write, environment: dict[str, str], tmp_path: Path):
    line = [sys.executable, "-m", "harness", "tasks", "--check", str(write_lines("mine.jsonl", [JS]))]
    bare = {**environment, "WAVEBENCH_CACHE": str(tmp_path / "without-toolchains")}
    done = subprocess.run(line, capture_output=True, text=True, env=bare)
    assert done.returncode == 0, done.stderr
    assert "not judged: JavaScript/0: The toolchain of JavaScript is not installed" in done.stdout
    assert "1 rows: 0 with faults, 0 whose solution passes, 1 whose solution could not be judged here." in done.stdout


def test_a_sandbox_that_cannot_be_had_is_no_fault_of_a_row(write_lines: Write, wavebench: Run):
    done = wavebench("tasks", "--check", write_lines("mine.jsonl", [GOOD]), "--sandbox", "docker", **NO_ENGINE)
    assert done.returncode == 0, done.stderr
    assert "not judged: own/0: " in done.stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["holds no rows"]),
        ('{"task_id": 1}\n', ["do not say which task", "--task"]),
        ('{"task_id": 1}\n{"task', ["line 2", "cannot be read"]),
    ],
)
def test_a_file_that_cannot_be_checked_is_one_sentence(
    tmp_path: Path, wavebench: Run, one_sentence: Sentence, content: str, words: list[str]
):
    file = tmp_path / "mine.jsonl"
    file.write_text(content)
    said = one_sentence(wavebench("tasks", "--check", file))
    assert all(word in said for word in ["mine.jsonl", *words])
    assert "nothing.jsonl' is no file" in one_sentence(wavebench("tasks", "--check", tmp_path / "nothing.jsonl"))


def test_a_duplicate_id_is_refused_before_anything_is_scored(
    tmp_path: Path, write_lines: Write, wavebench: Run, one_sentence: Sentence
):
    problems = write_lines("mine.jsonl", [GOOD, {**GOOD, "task_id": "own/1"}, GOOD])
    samples = write_lines("s.jsonl", [{"task_id": "own/0", "completion": "    return a + b\n"}])
    done = wavebench("judge", samples, "--task", "humaneval", "--data", problems, "--out", tmp_path / "run")
    assert "row 3 ('own/0'): task_id = 'own/0' is that of row 1, too" in one_sentence(done)
    assert not (tmp_path / "run").exists()
