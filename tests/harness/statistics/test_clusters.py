import json
import subprocess
import sys
from pathlib import Path

import pytest

from harness.statistics.clusters import cluster_of
from tasks.facts import family
from tasks.registry import load, names
from tests.benchmark_files import source_of


def test_variants_of_one_problem_are_one_piece_of_evidence():
    variants = [
        ("humaneval", "HumanEval/7"),
        ("humanevalpack-fix-go", "Go/7"),
        ("humanevalpack-explain-rust", "Rust/7"),
    ]
    assert {cluster_of(*each) for each in variants} == {"humaneval/7"}
    assert cluster_of("mbpp", "Mbpp/11") == cluster_of("mbpp-sanitized", "Mbpp/11") != cluster_of("mbpp", "Mbpp/12")


@pytest.mark.parametrize("task", ["humaneval-mycorp", "humanevalpack-mycorp-go", "mbpp2", "humaneval", "mbpp"])
def test_a_name_or_an_id_of_ones_own_is_no_membership(task: str):
    """Own problems of a built-in task's format have ids of their own, and equal numbers say nothing."""
    assert cluster_of(task, "sorting/7") != cluster_of(task, "graphs/7")
    assert cluster_of(task, "sorting/7") == f"{task}/sorting/7"


def test_a_task_of_another_package_belongs_where_it_says(tmp_path: Path):
    (tmp_path / "outsider.py").write_text(
        "from dataclasses import replace\n"
        "from tasks.humaneval.task import load_humaneval\nfrom tasks.families import HUMANEVAL\n"
        "class Bare:\n"
        "    def __init__(self, task): self.task = task\n"
        "    def __getattr__(self, name):\n"
        "        if name == 'family': raise AttributeError(name)\n"
        "        return getattr(self.task, name)\n"
        "def alone(style, data_dir, split, data_file):\n    return Bare(load_humaneval(style, data_dir, data_file))\n"
        "def twin(style, data_dir, split, data_file):\n"
        "    return replace(load_humaneval(style, data_dir, data_file), family=HUMANEVAL)\n"
    )
    installed = tmp_path / "outsider-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: outsider\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(
        "[wavebench.tasks]\nhumaneval-mycorp = outsider:alone\ntwin = outsider:twin\n"
    )
    code = (
        "import json, sys; sys.path.insert(0, sys.argv[1])\n"
        "from harness.statistics.clusters import cluster_of\n"
        "print(json.dumps([cluster_of(task, 'HumanEval/7') for task in ('humaneval-mycorp', 'twin', 'humaneval')]))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == ["humaneval-mycorp/HumanEval/7", "humaneval/7", "humaneval/7"]


@pytest.mark.parametrize("name", names())
def test_the_family_known_by_name_is_that_of_the_task(name: str):
    task = load(name, **source_of(name))
    assert task.family is family(name)
    if name == "mbpp-pro":  # it numbers its problems from 0, whatever MBPP's ids are: each stands alone
        assert task.family is None
        return
    assert task.family
    assert all(task.family.variant_of(problem.task_id) for problem in task.problems)
