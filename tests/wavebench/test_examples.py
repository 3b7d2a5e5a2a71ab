"""docs/python.md and examples/: what a newcomer copies runs, offline, and says what the documentation says."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import wavebench
from tests.harness.models.tiny_model import save_tiny_model

Python = Callable[..., subprocess.CompletedProcess[str]]


def test_score_answers(python: Python, root: Path, tmp_path: Path):
    done = python(root / "examples" / "score_answers.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "HumanEval/53: passed",
        "HumanEval/53: wrong AssertionError",
        "HumanEval/23: passed",
        "HumanEval/23: not compiled SyntaxError: invalid syntax",
        "HumanEval/53: pass@1 = 0.50 of 2 samples",
        "HumanEval/23: pass@1 = 0.50 of 2 samples",
    ]


def test_add_a_task(python: Python, root: Path, tmp_path: Path):
    done = python(root / "examples" / "add_a_task.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "reference solutions: oneliners/0 passed, oneliners/1 passed",
        "pass@1 = 0.50 of 2 problems",
    ]


def test_evaluate_while_training(python: Python, root: Path, tmp_path: Path):
    pytest.importorskip("torch", reason="the extra 'train' is not installed")
    model = save_tiny_model(tmp_path / "model", num_key_value_heads=2, max_position_embeddings=1024)
    done = python(root / "examples" / "evaluate_while_training.py", model, tmp_path / "out", "--limit", 2)
    assert done.returncode == 0, done.stderr
    assert re.findall(r"^step (\d): pass@1 = 0.000", done.stdout, re.MULTILINE) == ["2", "4"]
    assert "from step 2 to 4: +0.000" in done.stdout
    weights = [
        json.loads((tmp_path / "out" / f"step-{step}" / "manifest.json").read_text())["model"]["weights"]
        for step in (2, 4)
    ]
    assert weights[0] != weights[1], "both evaluations saw the same weights"


def test_the_notebook_runs_from_top_to_bottom(python: Python, root: Path, tmp_path: Path):
    notebook = json.loads((root / "examples" / "wavebench.ipynb").read_text())
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    script = tmp_path / "cells.py"
    script.write_text("\n\n".join("".join(cell["source"]) for cell in cells))
    done = python(script, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "pass@1 = 0.3333333333333333  pass@2 = 0.6666666666666666" in done.stdout
    assert "won: ['HumanEval/23', 'HumanEval/53'] lost: []" in done.stdout
    assert "endless cpu limit" in done.stdout
    assert re.search(r"greeting exited .* 'hello\\n'", done.stdout)


def test_what_the_page_shows_is_python_and_names_what_there_is(root: Path):
    page = (root / "docs" / "python.md").read_text()
    for block in re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        compile(block, "docs/python.md", "exec")
    named = set(re.findall(r"wavebench\.(\w+)\(", page))
    assert named >= {"judge", "evaluate", "open_sandbox", "pass_at_k"}
    assert named <= set(wavebench.__all__)
