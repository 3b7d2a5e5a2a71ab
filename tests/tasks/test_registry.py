"""Tasks by name, their facts, and ids as others spell them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.errors import TaskError
from tasks.facts import facts
from tasks.registry import expand, load, names
from tasks.task_ids import canonical_task_id
from tests.benchmark_files import DataSource, data_source


def test_a_family_stands_for_its_six_tasks():
    family = expand("humanevalpack-fix")
    assert family == tuple(f"humanevalpack-fix-{code}" for code in ("python", "js", "java", "go", "cpp", "rust"))
    assert set(family) < set(names())
    assert expand("mbpp") == ("mbpp",)
    with pytest.raises(TaskError, match="did you mean 'humanevalpack-fix-"):
        expand("humanevalpack-fix-c")
    with pytest.raises(TaskError, match="is a family of tasks: name one of humanevalpack-fix-python"):
        load("humanevalpack-fix")


def test_an_unknown_task_names_the_closest_and_all():
    with pytest.raises(TaskError, match=r"'humanevl': did you mean 'humaneval'\? Known are humaneval, mbpp, mbpp-san"):
        load("humanevl")


@pytest.mark.parametrize(("name", "split"), [("humaneval", "train"), ("mbpp", "tests")])
def test_an_unknown_split_is_refused(name: str, split: str):
    source: DataSource = data_source("mbpp.jsonl") if name == "mbpp" else {}
    with pytest.raises(TaskError, match=f"split of .* '{split}'"):
        load(name, split=split, **source)


@pytest.mark.parametrize(
    ("name", "split", "count"),
    [
        ("mbpp", None, 500),
        ("mbpp", "all", 974),
        ("mbpp", "prompt", 10),
        ("mbpp", "validation", 90),
        ("mbpp", "train", 374),
        ("mbpp", "challenge", 11),
        ("mbpp-sanitized", None, 257),
        ("mbpp-sanitized", "all", 427),
    ],
)
def test_splits_hold_the_rows_that_are_published(benchmarks: Path, name: str, split: str | None, count: int):
    task = load(name, data_dir=benchmarks, split=split)
    assert len(task.problems) == count
    assert len({problem.task_id for problem in task.problems}) == count


def test_another_split_is_another_fingerprint():
    source = data_source("mbpp.jsonl")
    prints = {load("mbpp", split=split, **source).fingerprint for split in ("test", "all", "train")}
    assert len(prints) == 3


@pytest.mark.parametrize("name", ["humaneval", "mbpp", "mbpp-sanitized", "humanevalpack-fix-go"])
def test_facts_are_those_of_the_loaded_task(benchmarks: Path, name: str):
    known = facts(name, benchmarks)
    task = load(name, data_dir=benchmarks)
    assert (known.name, known.version, known.styles[0]) == (task.name, task.version, task.style)
    assert (known.licence, known.source) == (task.origin.licence, task.origin.source)
    assert str(benchmarks) in known.found


@pytest.mark.parametrize("spelling", ["Mbpp/14", "MBPP/14", "mbpp_14", "14", 14, " Mbpp/014 "])
def test_ids_of_others_are_understood(spelling: str | int):
    assert canonical_task_id(spelling, {"Mbpp/14": None, "Mbpp/114": None}) == "Mbpp/14"


@pytest.mark.parametrize("spelling", ["HumanEval/14", "Go/14", "14"])
def test_translated_problems_answer_to_humanevals_ids(spelling: str):
    assert canonical_task_id(spelling, {"Go/14": None}) == "Go/14"
    with pytest.raises(TaskError, match="ids look like 'Go/14'"):
        canonical_task_id("Java/14", {"Go/14": None})


@pytest.mark.parametrize("spelling", ["HumanEval/14", "Mbpp/15", "fourteen", "", "-14"])
def test_ids_of_another_task_are_refused(spelling: str):
    with pytest.raises(TaskError, match="ids look like 'Mbpp/14'"):
        canonical_task_id(spelling, {"Mbpp/14": None})


def test_another_package_brings_a_task(tmp_path: Path):
    (tmp_path / "outsider.py").write_text(
        "from tasks.humaneval.task import load_humaneval\n"
        "def load(style, data_dir, split, data_file):\n    return load_humaneval('chat', data_dir, data_file)\n"
    )
    installed = tmp_path / "outsider-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: outsider\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text("[wavebench.tasks]\nours = outsider:load\n")
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1])\n"
        "from tasks.registry import load, names\nfrom tasks.facts import facts\n"
        "print(json.dumps([names(), load('ours').style, facts('ours').rows]))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [[*names(), "ours"], "chat", 164]
