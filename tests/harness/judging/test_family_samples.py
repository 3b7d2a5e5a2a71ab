"""`wavebench judge FILE --task FAMILY`: one file for several tasks."""

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from harness.judging.external_samples import SamplesError, open_samples
from harness.judging.family_samples import samples_by_task
from tasks.registry import load

Run = Callable[..., subprocess.CompletedProcess[str]]
Write = Callable[[str, Sequence[object]], Path]
PYTHON = {"task_id": "Python/0", "sample": 0, "completion": "    return 1\n", "form": "continuation"}
HALF = {"task_id": "JavaScript/1", "solution": "const f = '\ud800'"}
IDS = {"in-python": ["Python/0", "Python/1"], "in-js": ["JavaScript/0", "JavaScript/1"], "in-go": ["Go/0"]}


def test_ids_that_tell_tasks_apart_divide_a_file(write_lines: Write, tmp_path: Path):
    file = open_samples(write_lines("s.jsonl", [PYTHON, HALF]))
    found = samples_by_task(file, IDS, tmp_path / "out")
    assert list(found) == ["in-python", "in-js"]
    assert found["in-python"].forms == file.forms - {found["in-js"].form}
    [line] = (tmp_path / "out" / "in-js.samples.jsonl").read_text().splitlines()
    assert json.loads(line)["solution"] == HALF["solution"]


def test_tasks_with_the_same_ids_all_judge_the_whole_file(write_lines: Write, tmp_path: Path):
    file = open_samples(write_lines("s.jsonl", [PYTHON]))
    assert samples_by_task(file, {"a": IDS["in-go"], "b": IDS["in-go"]}, tmp_path / "out") == {"a": file, "b": file}
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("task_id", ["HumanEval/0", "0", 0, "Rust/0"])
def test_an_id_that_tells_no_task_is_refused_with_examples(write_lines: Write, tmp_path: Path, task_id: object):
    file = open_samples(write_lines("s.jsonl", [PYTHON, {**PYTHON, "task_id": task_id}]))
    with pytest.raises(SamplesError, match=r"Line 2 of .* which task of the family .*'Python/0' or 'JavaScript/0'"):
        samples_by_task(file, IDS, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_lists_without_ids_are_refused(tmp_path: Path):
    (tmp_path / "s.json").write_text('[["def f(): pass"]]')
    with pytest.raises(SamplesError, match="lists without ids"):
        samples_by_task(open_samples(tmp_path / "s.json"), IDS, tmp_path)


def test_a_family_is_judged_from_one_file(wavebench: Run, shared_data: Path, write_lines: Write, tmp_path: Path):
    data = shared_data / "benchmarks"
    rows = [
        {"task_id": task.problems[0].task_id, "solution": task.reference(task.problems[0])}
        for task in (load(f"humanevalpack-fix-{code}", data_dir=data) for code in ("python", "js"))
    ]
    common = ["--data", data, "--limit", "1", "--json"]
    for family, given, tasks in (
        ("humanevalpack-fix", rows, ["humanevalpack-fix-python", "humanevalpack-fix-js"]),
        (
            "humanevalpack-translate-to-python",
            rows[:1],
            [f"humanevalpack-translate-{code}-python" for code in ("js", "java", "go", "cpp", "rust")],
        ),
    ):
        out = tmp_path / family
        done = wavebench("judge", write_lines("s.jsonl", given), "--task", family, "--out", out, *common)
        assert done.returncode == 0, done.stderr
        runs = json.loads(done.stdout)
        assert [run["run"] for run in runs] == [str(out / task) for task in tasks]
        assert all('model = "s"' in Path(run["run"], "config.toml").read_text() for run in runs)
        assert ("has no samples of humanevalpack-fix-java" in done.stderr) == (len(given) > 1)
        assert runs[0]["score"]["pass@1"]["value"] == 1.0
        again = wavebench("judge", tmp_path / "s.jsonl", "--task", family, "--out", out, *common)
        assert json.loads(again.stdout) == runs
